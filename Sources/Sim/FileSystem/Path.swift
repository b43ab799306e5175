// Paths: from text to inode, inside a root. Every call that takes a path comes through `walk`, so
// that there is one place where `..` at a root stays at that root, in every spelling.

/// Where paths start: a process's root and working directory.
struct PathBase: Equatable, Sendable {
  var root: InodeNumber
  var workingDirectory: InodeNumber
}

/// The directory in which a path's last name stands or would stand.
struct PathParent {
  var directory: InodeNumber
  var name: Name
}

extension FileSystem {
  /// The inode that `path` leads to. The empty path leads to the working directory.
  func resolve(_ path: [UInt8], from base: PathBase) throws(Refusal) -> InodeNumber {
    var walker = PathWalker(path)
    return try walk(&walker, from: base, leavesLast: false)
  }

  /// The directory of the path's last name, and that name.
  func resolveParent(_ path: [UInt8], from base: PathBase) throws(Refusal) -> PathParent {
    var walker = PathWalker(path)
    let directory = try walk(&walker, from: base, leavesLast: true)
    guard self[directory].kind == .directory else { throw .notDirectory }
    // A path of slashes alone names something that is there, the empty path nothing.
    guard let name = walker.next() else { throw path.isEmpty ? .emptyPath : .exists }
    return PathParent(directory: directory, name: name)
  }

  /// Follows the names of a path, all of them or all but the last.
  private func walk(_ walker: inout PathWalker, from base: PathBase, leavesLast: Bool)
    throws(Refusal) -> InodeNumber
  {
    var here = walker.isAbsolute ? base.root : base.workingDirectory
    while !(leavesLast && walker.isAtLast), let name = walker.next() {
      guard self[here].kind == .directory else { throw .notDirectory }
      if name == .parent && here == base.root { continue }
      // A removed directory keeps its `..` entry, but what that names may be gone as well.
      if self[here].links == 0 && name != .current { throw .notFound }
      guard let entry = find(name, in: here) else { throw .notFound }
      here = entry.inode
    }
    return here
  }

  /// Whether a directory's chain of parents reaches `root`.
  func isInside(_ root: InodeNumber, directory: InodeNumber) -> Bool {
    var here = directory
    for _ in 0..<inodes.count {
      if here == root { return true }
      guard self[here].kind == .directory, let entry = find(.parent, in: here),
        entry.inode != here
      else { return false }
      here = entry.inode
    }
    return false
  }
}

/// Splits a path into names; repeated slashes count as one.
private struct PathWalker {
  private let path: [UInt8]
  private var position = 0
  let isAbsolute: Bool

  private static let slash = UInt8(ascii: "/")

  init(_ path: [UInt8]) {
    self.path = path
    isAbsolute = path.first == PathWalker.slash
    skipSlashes()
  }

  private var hasNext: Bool { position < path.count }

  /// Whether exactly one name is left.
  var isAtLast: Bool {
    var rest = self
    return rest.next() != nil && !rest.hasNext
  }

  mutating func next() -> Name? {
    guard hasNext else { return nil }
    let start = position
    while position < path.count && path[position] != PathWalker.slash { position += 1 }
    let name = Name(path[start..<position])
    skipSlashes()
    return name
  }

  private mutating func skipSlashes() {
    while position < path.count && path[position] == PathWalker.slash { position += 1 }
  }
}
