// The seam between what a process does with files and the file systems that hold them. A file says in
// which one it is (`FileID.volume`); each function here is a switch over their kinds, without a default,
// so that the compiler names the places where a new kind has to answer. Each kind has a file of its own:
// `DiskVolume.swift`, `ProcVolume.swift`. A bind is none: it is a mount of what is there already.
//
// A kind gives: facts of a file, a directory's entries by name, names made and removed, references
// counted, and where data comes from and goes to. The disk is the first case and as good as inlined.

/// The kinds of file systems.
package enum VolumeKind: Equatable, Sendable {
  case disk
  case proc
}

extension VolumeID {
  @inline(__always)
  package var kind: VolumeKind {
    if self == .disk { return .disk }
    precondition(self == .proc, "a file system that there is not")
    return .proc
  }
}

/// Where a file's bytes come from.
package enum DataSource {
  case disk(InodeNumber)
  /// Bytes that stand in no block.
  case bytes([UInt8])
}

/// The machine's file systems.
package struct Volumes: Sendable {
  package internal(set) var disk: FileSystem
  package internal(set) var proc = ProcVolume()

  init(disk: FileSystem) { self.disk = disk }

  // MARK: Facts

  @inline(__always)
  package func facts(of file: FileID) -> FileFacts {
    switch file.volume.kind {
    case .disk: disk.facts(of: file.inode)
    case .proc: proc.facts(of: file.inode)
    }
  }

  @inline(__always)
  package func isDirectory(_ file: FileID) -> Bool {
    switch file.volume.kind {
    case .disk: disk[file.inode].kind == .directory
    case .proc: proc.facts(of: file.inode).kind == .directory
    }
  }

  /// Whether a directory has been removed, and nothing but itself can be reached from it.
  @inline(__always)
  package func isRemoved(_ directory: FileID) -> Bool {
    switch directory.volume.kind {
    case .disk: disk[directory.inode].links == 0
    case .proc: false
    }
  }

  /// Whether nothing can be changed there, however it is mounted.
  func isReadOnly(_ volume: VolumeID) -> Bool {
    switch volume.kind {
    case .disk: false
    case .proc: true
    }
  }

  func status(of file: FileID) -> FileStatus {
    let facts = facts(of: file)
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
    }
  }

  /// The file called `name`, in a file system that knows its names by itself.
  ///
  /// - Parameter looked: rises by how many directory entries were looked at.
  package mutating func lookUp(_ name: Name, in directory: FileID, looked: inout Int) -> FileID? {
    switch directory.volume.kind {
    case .disk: disk.lookUp(name, in: directory.inode, looked: &looked).map { FileID($0) }
    case .proc:
      if name == .current {
        directory
      } else if name == .parent {
        parent(of: directory)
      } else {
        nil
      }
    }
  }

  /// The directory that a directory's `..` names.
  package func parent(of directory: FileID) -> FileID? {
    switch directory.volume.kind {
    case .disk: disk.find(.parent, in: directory.inode).map { FileID($0.inode) }
    case .proc: FileID(.proc, proc.parent(of: directory.inode))
    }
  }

  /// The name that a file has in a directory.
  func name(of file: FileID, in directory: FileID) -> Name? {
    switch directory.volume.kind {
    case .disk: disk.name(of: file.inode, in: directory.inode)
    case .proc: nil
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
    }
  }

  /// Gives a file one more name in its file system.
  mutating func link(_ file: FileID, as name: Name, in directory: FileID) throws(Refusal) {
    precondition(file.volume == directory.volume, "a name in another file system")
    switch directory.volume.kind {
    case .disk: try disk.link(file.inode, as: name, in: directory.inode)
    case .proc: throw .readOnly
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
    }
  }

  // MARK: References

  mutating func retain(_ file: FileID) {
    switch file.volume.kind {
    case .disk: disk.retain(file.inode)
    case .proc: break
    }
  }

  mutating func release(_ file: FileID) {
    switch file.volume.kind {
    case .disk: disk.release(file.inode)
    case .proc: break
    }
  }

  /// Whether a mount may hide the file: if not, no table needs to be looked at.
  @inline(__always)
  package func canBeMountPoint(_ file: FileID) -> Bool {
    switch file.volume.kind {
    case .disk: disk[file.inode].mountPoints != 0
    case .proc: true
    }
  }

  /// Counts a mount that hides a file.
  mutating func changeMountPoints(of file: FileID, by change: Int) {
    switch file.volume.kind {
    case .disk: disk.changeMountPoints(of: file.inode, by: change)
    case .proc: break
    }
  }

  // MARK: Data

  /// Where reading a file takes its bytes.
  package mutating func source(of file: FileID) -> DataSource {
    switch file.volume.kind {
    case .disk: .disk(file.inode)
    case .proc: .bytes(proc.bytes(of: file.inode))
    }
  }

  /// The inode on the disk that writing a file changes.
  mutating func target(of file: FileID) throws(Refusal) -> InodeNumber {
    switch file.volume.kind {
    case .disk: file.inode
    case .proc: throw .readOnly
    }
  }

  mutating func truncate(_ file: FileID) throws(Refusal) { disk.truncate(try target(of: file)) }

  /// The bytes from `offset` on, `count` at most.
  mutating func read(_ file: FileID, at offset: Int, count: Int) -> [UInt8] {
    switch source(of: file) {
    case .disk(let inode): disk.read(inode, at: offset, count: count)
    case .bytes(let bytes): Array(bytes.dropFirst(offset).prefix(count))
    }
  }
}

extension Volumes: Digestible {
  func combine(into digest: inout Digest) { digest.combine(disk) }
}
