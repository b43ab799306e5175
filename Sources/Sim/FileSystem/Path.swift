// Paths: from text to a place in the tree, inside a root. Every call that takes a path comes through
// `PathWalk`, so that there is one place where `..` at a root stays at that root, in every spelling, and
// where mounts are entered and left.

/// Where paths start: a process's root and working directory.
package struct PathBase: Equatable, Sendable {
  package internal(set) var root: Location
  package internal(set) var workingDirectory: Location
}

/// Where a path starts, and where `..` stays: at the root, unless a defect changes that.
struct PathStart: Equatable, Sendable {
  var absolute: Location
  var relative: Location
  /// Nil where `..` stays nowhere, which takes a defect.
  var barrier: Location?
  /// False where `..` at a mount's top is the file system's own, which takes a defect.
  var leavesMounts = true

  init(_ base: PathBase) {
    absolute = base.root
    relative = base.workingDirectory
    barrier = base.root
  }
}

/// What a path leads to.
struct PathTarget: Equatable {
  var place: Location
  /// The directory that it was found in; for a directory, that one itself.
  var directory: Location
}

/// The directory in which a path's last name stands or would stand.
struct PathParent {
  var directory: Location
  var name: Name
}

/// A name to be looked up in a directory that is not on the disk, by the file system that has it.
struct NameQuestion {
  var name: Name
  var directory: FileID
}

/// Follows the names of a path, all of them or all but the last. It stops at each name in a directory
/// whose names the kernel makes up, and goes on when it has been told what that is.
struct PathWalk {
  private var names: PathNames
  private let barrier: Location?
  private let leavesLast: Bool
  private let leavesMounts: Bool
  private var here: Location
  private var directory: Location
  /// How many directory entries were looked at.
  private(set) var looked = 0

  init(_ path: [UInt8], from start: PathStart, leavesLast: Bool) {
    names = PathNames(path)
    barrier = start.barrier
    self.leavesLast = leavesLast
    leavesMounts = start.leavesMounts
    here = names.isAbsolute ? start.absolute : start.relative
    directory = here
  }

  /// Goes on to the path's end, or to a name that another file system has to look up.
  mutating func advance(_ volumes: inout Volumes, _ mounts: MountTable) throws(Refusal)
    -> NameQuestion?
  {
    // What is mounted at a process's root hides it.
    if names.isAtStart, names.isAbsolute { enterMounts(volumes, mounts) }
    while !(leavesLast && names.isAtLast), let name = names.next() {
      guard volumes.isDirectory(here.file) else { throw .notDirectory }
      directory = here
      if name == .parent {
        guard leaveMounts(mounts) else { continue }
      }
      // A removed directory keeps its `..` entry, but what that names may be gone as well.
      if volumes.isRemoved(here.file) && name != .current { throw .notFound }
      switch here.file.volume.kind {
      case .disk, .union:
        guard let file = volumes.lookUp(name, in: here.file, looked: &looked) else {
          throw .notFound
        }
        here.file = file
        if name != .current { enterMounts(volumes, mounts) }
      case .proc, .groups:
        // What is mounted over a directory that one is in is not entered by its own name.
        if name == .current { continue }
        return NameQuestion(name: name, directory: here.file)
      }
    }
    return nil
  }

  /// Says what the name that was asked for stands for.
  mutating func take(_ file: FileID?, _ volumes: Volumes, _ mounts: MountTable) throws(Refusal) {
    guard let file else { throw .notFound }
    here.file = file
    enterMounts(volumes, mounts)
  }

  /// Where the path led, when it has come to its end.
  func target(_ volumes: Volumes) -> PathTarget {
    PathTarget(place: here, directory: volumes.isDirectory(here.file) ? here : directory)
  }

  /// The directory that it led to, and the name that is left.
  mutating func parent(_ volumes: Volumes) throws(Refusal) -> PathParent {
    guard volumes.isDirectory(here.file) else { throw .notDirectory }
    // A path of slashes alone names something that is there, the empty path nothing.
    guard let name = names.next() else { throw names.isEmpty ? .emptyPath : .exists }
    return PathParent(directory: here, name: name)
  }

  private mutating func enterMounts(_ volumes: Volumes, _ mounts: MountTable) {
    here = mounts.entered(here, volumes)
  }

  /// Goes from a mount's top to where it is mounted, for `..` to be looked up there.
  ///
  /// - Returns: false at the root, where `..` stays.
  private mutating func leaveMounts(_ mounts: MountTable) -> Bool {
    guard let point = mounts.left(here, barrier: barrier) else { return false }
    if leavesMounts { here = point }
    return true
  }
}

extension MountTable {
  /// What is seen at a place: the top of what is mounted there, if anything is.
  @inline(__always)
  package func entered(_ place: Location, _ volumes: Volumes) -> Location {
    volumes.canBeMountPoint(place.file) ? topmost(place) : place
  }

  private func topmost(_ place: Location) -> Location {
    var here = place
    while let id = mount(at: here), let mount = self[id] {
      here = Location(mount: id, mount.top)
    }
    return here
  }

  /// The place whose own `..` is what `..` means at a place; nil where that is the barrier.
  package func left(_ place: Location, barrier: Location?) -> Location? {
    var here = place
    while here != barrier {
      guard isTop(here), let mount = self[here.mount] else { return here }
      here = mount.point
    }
    return nil
  }

  /// Whether a directory's chain of parents, across mounts, reaches `root`.
  package func isInside(_ root: Location, directory: Location, _ volumes: Volumes) -> Bool {
    var looked = 0
    return isInside(root, directory: directory, volumes, looked: &looked)
  }

  /// The same.
  ///
  /// - Parameter looked: rises by how many directories were looked at.
  func isInside(
    _ root: Location, directory: Location, _ volumes: Volumes, looked: inout Int
  ) -> Bool {
    var here = directory
    // No chain is longer than there are directories in each mount.
    for _ in 0..<volumes.disk.inodes.count * (MountTable.capacity + 1) {
      guard let place = left(here, barrier: root) else { return true }
      guard volumes.isDirectory(place.file), let parent = volumes.parent(of: place.file),
        parent != place.file
      else { return false }
      looked += 2
      here = Location(mount: place.mount, parent)
    }
    return false
  }
}

/// Splits a path into names; repeated slashes count as one.
private struct PathNames {
  private let path: [UInt8]
  private var position = 0
  let isAbsolute: Bool
  private(set) var isAtStart = true

  private static let slash = UInt8(ascii: "/")

  init(_ path: [UInt8]) {
    self.path = path
    isAbsolute = path.first == PathNames.slash
    skipSlashes()
  }

  var isEmpty: Bool { path.isEmpty }
  private var hasNext: Bool { position < path.count }

  /// Whether exactly one name is left.
  var isAtLast: Bool {
    var rest = self
    return rest.next() != nil && !rest.hasNext
  }

  mutating func next() -> Name? {
    isAtStart = false
    guard hasNext else { return nil }
    let start = position
    while position < path.count && path[position] != PathNames.slash { position += 1 }
    let name = Name(path[start..<position])
    skipSlashes()
    return name
  }

  private mutating func skipSlashes() {
    while position < path.count && path[position] == PathNames.slash { position += 1 }
  }
}
