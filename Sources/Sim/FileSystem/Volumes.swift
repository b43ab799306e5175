// The seam between what a process does with files and the file systems that hold them. A file says in
// which one it is (`FileID.volume`); each function here is a switch over their kinds, without a default,
// so that the compiler names the places where a new kind has to answer. Each kind has a file of its own:
// `DiskVolume.swift`, `ProcVolume.swift`, `GroupVolume.swift`, `Union.swift`. A bind is none: it is a mount of what is there already.
//
// A kind gives: facts of a file, a directory's entries by name, names made and removed, references
// counted, and where data comes from and goes to. The disk is the first case and as good as inlined.

/// The kinds of file systems.
package enum VolumeKind: Equatable, Sendable {
  case disk
  case proc
  case groups
  /// By its place in `Volumes.unions`.
  case union(Int)
}

extension VolumeID {
  @inline(__always)
  package var kind: VolumeKind {
    if self == .disk { return .disk }
    if raw >= VolumeID.firstUnion { return .union(Int(raw - VolumeID.firstUnion)) }
    if self == .proc { return .proc }
    precondition(self == .groups, "a file system that there is not")
    return .groups
  }

  static func union(_ index: Int) -> VolumeID {
    VolumeID(raw: VolumeID.firstUnion + UInt16(index))
  }
}

/// Where a file's bytes come from.
package enum DataSource {
  case disk(InodeNumber)
  /// They stand in no block; `Volumes.bytes` makes them.
  case made
  /// They were made when it was opened, and the open file keeps them.
  case kept
}

/// The machine's file systems.
package struct Volumes: Sendable {
  package internal(set) var disk: FileSystem
  package let proc: ProcVolume
  /// The tree of groups, in which the disk counts.
  package internal(set) var groups: GroupTable {
    _read { yield disk.groups }
    _modify { yield &disk.groups }
  }
  /// A place whose union is no longer mounted has an empty one.
  package internal(set) var unions: [Union] = []
  /// What unions have done since the kernel last asked.
  var journal = UnionJournal()

  /// - Parameter descriptors: how many a process can have.
  init(disk: FileSystem, descriptors: Int) {
    self.disk = disk
    proc = ProcVolume(descriptors: descriptors)
  }

  /// The files of a union, from where it stands: the array's subscript would copy the whole union first.
  @inline(__always)
  private func files(of union: Int) -> [UnionFile] {
    unions.withUnsafeBufferPointer { unions in
      guard let first = unions.baseAddress, union < unions.count else {
        preconditionFailure("a union that there is not")
      }
      // In bounds: it comes from a number that is not negative, and is less than the count.
      return (first + union).pointee.files
    }
  }

  // MARK: Facts

  @inline(__always)
  package func facts(of file: FileID) -> FileFacts {
    switch file.volume.kind {
    case .disk: disk.facts(of: file.inode)
    case .proc: proc.facts(of: file.inode)
    case .groups: GroupVolume.facts(of: file.inode)
    case .union(let index): files(of: index).facts(of: file.inode, on: disk)
    }
  }

  @inline(__always)
  package func isDirectory(_ file: FileID) -> Bool {
    switch file.volume.kind {
    case .disk: disk[file.inode].kind == .directory
    case .proc: proc.facts(of: file.inode).kind == .directory
    case .groups: GroupVolume.isDirectory(file.inode)
    case .union(let index): files(of: index).kind(of: file.inode) == .directory
    }
  }

  /// Whether a directory has been removed, and nothing but itself can be reached from it.
  @inline(__always)
  package func isRemoved(_ directory: FileID) -> Bool {
    switch directory.volume.kind {
    case .disk: disk[directory.inode].links == 0
    case .proc: false
    case .groups: groups[GroupVolume.node(directory.inode).group] == nil
    case .union(let index):
      files(of: index).isRemoved(directory.inode, on: disk)
    }
  }

  /// Whether nothing can be changed there, however it is mounted.
  func isReadOnly(_ volume: VolumeID) -> Bool {
    switch volume.kind {
    case .disk, .groups: false
    case .proc: true
    case .union(let index): !unions[index].isWritable
    }
  }

  /// The layer of a union that a file is in, the upper one 0; nil in any other file system.
  func layer(of file: FileID) -> Int? {
    switch file.volume.kind {
    case .disk, .proc, .groups: nil
    case .union(let index): files(of: index).layer(of: file.inode)
    }
  }

  mutating func status(of file: FileID) -> FileStatus {
    var facts = facts(of: file)
    if case .union(let index) = file.volume.kind {
      facts = unions[index].countedFacts(of: file.inode, on: &disk, &journal)
    }
    return FileStatus(
      device: file.volume.device, inode: file.inode, type: facts.kind.rawValue,
      links: facts.links, size: UInt64(facts.size))
  }

  // MARK: Directories

  /// Entries, free ones too, that a directory has: what looking for one takes at most.
  func entryCount(of directory: FileID) -> Int {
    switch directory.volume.kind {
    case .disk: disk.entryCount(of: directory.inode)
    case .proc: 2
    case .groups: groups.groups.count
    case .union(let index):
      unions[index].entryCount(of: directory.inode, on: disk)
    }
  }

  /// The file called `name`, in a file system that knows its names by itself.
  ///
  /// - Parameter looked: rises by how many directory entries were looked at.
  package mutating func lookUp(_ name: Name, in directory: FileID, looked: inout Int) -> FileID? {
    switch directory.volume.kind {
    case .disk: disk.lookUp(name, in: directory.inode, looked: &looked).map { FileID($0) }
    // What there is depends on who looks.
    case .proc, .groups: nil
    case .union(let index):
      unions[index].lookUp(
        name, in: directory.inode, on: &disk, &looked, journal.mistakes
      ).map { FileID(directory.volume, $0) }
    }
  }

  /// The directory that a directory's `..` names.
  package func parent(of directory: FileID) -> FileID? {
    switch directory.volume.kind {
    case .disk: disk.find(.parent, in: directory.inode).map { FileID($0.inode) }
    case .proc: FileID(.proc, proc.parent(of: directory.inode))
    case .groups: FileID(.groups, groups.parent(of: directory.inode))
    case .union(let index):
      FileID(directory.volume, files(of: index).parent(of: directory.inode))
    }
  }

  /// The name that a file has in a directory.
  func name(of file: FileID, in directory: FileID) -> Name? {
    switch directory.volume.kind {
    case .disk: disk.name(of: file.inode, in: directory.inode)
    case .proc: nil
    case .groups: groups[GroupVolume.node(file.inode).group]?.name
    case .union(let index): files(of: index).name(of: file.inode)
    }
  }

  /// Makes a file, directory or device under a new name.
  ///
  /// - Returns: the file, with a reference for the caller.
  mutating func create(
    _ kind: Inode.Kind, major: Int16, minor: Int16, as name: Name, in directory: FileID
  ) throws(Refusal) -> FileID {
    switch directory.volume.kind {
    case .disk:
      FileID(
        try disk.create(kind, major: major, minor: minor, as: name, in: directory.inode))
    case .proc: throw .readOnly
    // Groups are made and removed by the kernel.
    case .groups: throw .notAGroup
    case .union(let index):
      FileID(
        directory.volume,
        try unions[index].create(
          kind, major: major, minor: minor, as: name, in: directory.inode, on: &disk, &journal))
    }
  }

  /// Gives a file one more name in its file system.
  mutating func link(_ file: FileID, as name: Name, in directory: FileID) throws(Refusal) {
    precondition(file.volume == directory.volume, "a name in another file system")
    switch directory.volume.kind {
    case .disk: try disk.link(file.inode, as: name, in: directory.inode)
    case .proc: throw .readOnly
    // Groups are made and removed by the kernel.
    case .groups: throw .notAGroup
    case .union(let index):
      try unions[index].link(file.inode, as: name, in: directory.inode, on: &disk, &journal)
    }
  }

  /// Removes a name.
  ///
  /// - Parameter looked: rises by how many directory entries were looked at.
  /// - Returns: what had the name, with a reference for the caller.
  mutating func remove(_ name: Name, from directory: FileID, looked: inout Int)
    throws(Refusal) -> FileID
  {
    switch directory.volume.kind {
    case .disk:
      FileID(try disk.remove(name, from: directory.inode, looked: &looked))
    case .proc: throw .readOnly
    // Groups are made and removed by the kernel.
    case .groups: throw .notAGroup
    case .union(let index):
      FileID(
        directory.volume,
        try unions[index].remove(name, from: directory.inode, on: &disk, &journal))
    }
  }

  // MARK: References

  mutating func retain(_ file: FileID) {
    switch file.volume.kind {
    case .disk: disk.retain(file.inode)
    case .proc, .groups: break
    case .union(let index): unions[index].retain(file.inode)
    }
  }

  mutating func release(_ file: FileID) {
    switch file.volume.kind {
    case .disk: disk.release(file.inode)
    case .proc, .groups: break
    case .union(let index):
      unions[index].release(file.inode, on: &disk)
      if unions[index].references == 0 { removeUnion(index) }
    }
  }

  /// A new union, which is there for as long as something refers to a file of it.
  ///
  /// - Returns: its root, to which nothing refers so far.
  mutating func makeUnion(upper: InodeNumber, lowers: [InodeNumber]) -> FileID {
    let index = unions.firstIndex { $0.isClosed } ?? unions.count
    let union = Union(.union(index), upper: upper, lowers: lowers, on: &disk)
    if index == unions.count { unions.append(union) } else { unions[index] = union }
    return FileID(.union(index), Union.root)
  }

  /// A union that nothing refers to any more.
  private mutating func removeUnion(_ index: Int) {
    unions[index].close(on: &disk)
    while unions.last?.isClosed ?? false { unions.removeLast() }
  }

  /// Whether a mount may hide the file: if not, no table needs to be looked at.
  @inline(__always)
  package func canBeMountPoint(_ file: FileID) -> Bool {
    switch file.volume.kind {
    case .disk: disk[file.inode].mountPoints != 0
    case .proc, .groups: true
    case .union(let index): files(of: index).isMountPoint(file.inode)
    }
  }

  /// Counts a mount that hides a file.
  mutating func changeMountPoints(of file: FileID, by change: Int) {
    switch file.volume.kind {
    case .disk: disk.changeMountPoints(of: file.inode, by: change)
    case .proc, .groups: break
    case .union(let index): unions[index][file.inode].mountPoints += change
    }
  }

  // MARK: Data

  /// Where reading a file takes its bytes.
  package func source(of file: FileID) -> DataSource {
    switch file.volume.kind {
    case .disk: .disk(file.inode)
    case .proc, .groups: .kept
    case .union(let index): files(of: index).source(of: file.inode)
    }
  }

  /// Bytes of what stands in no block, from `offset` on, `count` at most.
  mutating func bytes(of file: FileID, at offset: Int, count: Int) -> [UInt8] {
    switch file.volume.kind {
    case .disk, .proc, .groups: []
    case .union(let index):
      unions[index].list(file.inode, on: &disk, &journal).bytes(from: offset, count: count)
    }
  }

  /// The names that a directory of a union lists.
  package mutating func names(in directory: FileID) -> [Name] {
    guard case .union(let index) = directory.volume.kind else { return [] }
    let entries = unions[index].list(directory.inode, on: &disk, &journal).entries
    return entries.dropFirst(2).filter { $0.file != 0 }.map(\.name)
  }

  /// The inode on the disk that writing a file changes.
  mutating func target(of file: FileID) throws(Refusal) -> InodeNumber {
    switch file.volume.kind {
    case .disk: file.inode
    case .proc: throw .readOnly
    // Groups are made and removed by the kernel.
    case .groups: throw .notAGroup
    case .union(let index): try unions[index].target(of: file.inode, on: &disk, &journal)
    }
  }

  mutating func truncate(_ file: FileID) throws(Refusal) {
    if file.volume == .groups { return }
    if case .union(let index) = file.volume.kind, !journal.mistakes.contains(.writesLower) {
      // What would be thrown away is not copied.
      try unions[index].copyUp(file.inode, keepingData: false, on: &disk, &journal)
    }
    disk.truncate(try target(of: file))
  }
}

extension Volumes: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(disk)
    digest.combine(unions)
    digest.combine(groups)
  }
}
