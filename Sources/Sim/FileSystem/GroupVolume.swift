// /cgroup as a file system: it takes nothing of the disk. An inode's number says what it is: so many numbers for
// each group, of which the first is its directory and the others its files, in the order of
// `GroupControlFile.all`. Which of them somebody sees, and what is in them, the kernel says
// (`Kernel+Groups.swift`, `Kernel+GroupFiles.swift`).

/// What an inode of /cgroup is.
package enum GroupNode: Equatable, Sendable {
  case directory(GroupID)
  /// By its place in `GroupControlFile.all`.
  case file(Int, of: GroupID)

  package var group: GroupID {
    switch self {
    case .directory(let group), .file(_, let group): group
    }
  }
}

/// The numbers of what is below /cgroup.
package enum GroupVolume {
  /// How many numbers a group has.
  private static let stride = InodeNumber(GroupTable.inodesEach)
  /// The directory of the root.
  static let root = inode(of: .directory(.root))

  package static func inode(of node: GroupNode) -> InodeNumber {
    switch node {
    case .directory(let group): InodeNumber(group.raw) * stride
    case .file(let place, let group): InodeNumber(group.raw) * stride + 1 + InodeNumber(place)
    }
  }

  /// What an inode that was looked up is.
  package static func node(_ inode: InodeNumber) -> GroupNode {
    let group = GroupID(raw: Int32(inode / stride))
    return inode % stride == 0
      ? .directory(group) : .file(Int(inode % stride) - 1, of: group)
  }

  static func isDirectory(_ inode: InodeNumber) -> Bool { inode % stride == 0 }

  /// As in /proc, nothing has a size before it is read.
  static func facts(of inode: InodeNumber) -> FileFacts {
    FileFacts(kind: isDirectory(inode) ? .directory : .file, links: 1, size: 0)
  }
}

extension GroupTable {
  /// Where `..` leads; a mount's top is left before anybody asks.
  func parent(of inode: InodeNumber) -> InodeNumber {
    let node = GroupVolume.node(inode)
    if case .file(_, let group) = node { return GroupVolume.inode(of: .directory(group)) }
    let parent = self[node.group]?.parent ?? .none
    return GroupVolume.inode(of: .directory(parent == .none ? .root : parent))
  }
}
