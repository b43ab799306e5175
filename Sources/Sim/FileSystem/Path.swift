// Paths: from text to inode, inside a root. Every call that takes a path comes through `walk`, so
// that there is one place where `..` at a root stays at that root, in every spelling.

/// Where paths start: a process's root and working directory.
package struct PathBase: Equatable, Sendable {
  package internal(set) var root: FileID
  package internal(set) var workingDirectory: FileID
}

/// Where a path starts, and where `..` stays: at the root, unless the kernel is told otherwise.
struct PathStart: Equatable, Sendable {
  var absolute: FileID
  var relative: FileID
  /// Nil where `..` stays nowhere, which takes a defect.
  var barrier: FileID?

  init(_ base: PathBase) {
    absolute = base.root
    relative = base.workingDirectory
    barrier = base.root
  }
}

/// What a path leads to.
struct PathTarget {
  var file: FileID
  /// The directory that it was found in; for a directory, that one itself.
  var directory: FileID
}

/// The directory in which a path's last name stands or would stand.
struct PathParent {
  var directory: FileID
  var name: Name
}

extension FileSystem {
  /// What `path` leads to. The empty path leads to the working directory.
  ///
  /// - Parameter looked: rises by how many directory entries were looked at.
  func resolve(_ path: [UInt8], from start: PathStart, looked: inout Int) throws(Refusal)
    -> PathTarget
  {
    var walker = PathWalker(path)
    return try walk(&walker, from: start, leavesLast: false, &looked)
  }

  /// The directory of the path's last name, and that name.
  func resolveParent(_ path: [UInt8], from start: PathStart, looked: inout Int) throws(Refusal)
    -> PathParent
  {
    var walker = PathWalker(path)
    let directory = try walk(&walker, from: start, leavesLast: true, &looked).file
    guard self[directory].kind == .directory else { throw .notDirectory }
    // A path of slashes alone names something that is there, the empty path nothing.
    guard let name = walker.next() else { throw path.isEmpty ? .emptyPath : .exists }
    return PathParent(directory: directory, name: name)
  }

  /// Follows the names of a path, all of them or all but the last.
  private func walk(
    _ walker: inout PathWalker, from start: PathStart, leavesLast: Bool, _ looked: inout Int
  ) throws(Refusal) -> PathTarget {
    var here = walker.isAbsolute ? start.absolute : start.relative
    var directory = here
    while !(leavesLast && walker.isAtLast), let name = walker.next() {
      guard self[here].kind == .directory else { throw .notDirectory }
      directory = here
      if name == .parent && here == start.barrier { continue }
      // A removed directory keeps its `..` entry, but what that names may be gone as well.
      if self[here].links == 0 && name != .current { throw .notFound }
      guard let entry = find(name, in: here) else {
        looked += entryCount(of: here)
        throw .notFound
      }
      looked += entry.offset / FileSystem.entrySize + 1
      here = entry.file
    }
    return PathTarget(file: here, directory: self[here].kind == .directory ? here : directory)
  }

  /// Whether a directory's chain of parents reaches `root`.
  package func isInside(_ root: FileID, directory: FileID) -> Bool {
    var looked = 0
    return isInside(root, directory: directory, looked: &looked)
  }

  /// The same.
  ///
  /// - Parameter looked: rises by how many directory entries were looked at.
  func isInside(_ root: FileID, directory: FileID, looked: inout Int) -> Bool {
    var here = directory
    for _ in 0..<inodes.count {
      if here == root { return true }
      guard self[here].kind == .directory, let entry = find(.parent, in: here),
        entry.file != here
      else { return false }
      looked += entry.offset / FileSystem.entrySize + 1
      here = entry.file
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
