// Which file. An inode's number says it only within one file system, so whatever is kept of a file, by a
// process, a descriptor or a container, says in which it is. There is one so far, the disk; where there
// are more, `FileSystem.inode(of:)` is where their ways part.

/// A file system of the machine.
package struct VolumeID: Hashable, Sendable {
  package let raw: UInt16

  package static let disk = VolumeID(raw: 0)
}

/// A file, directory or device.
package struct FileID: Hashable, Sendable, CustomStringConvertible {
  package let volume: VolumeID
  package let inode: InodeNumber

  /// A file on the disk.
  package init(_ inode: InodeNumber) {
    volume = .disk
    self.inode = inode
  }

  package var description: String { "\(inode)" }
}

extension FileSystem {
  package static let rootFile = FileID(FileSystem.root)

  /// The inode of a file on the disk.
  @inline(__always)
  private func inode(of file: FileID) -> InodeNumber {
    precondition(file.volume == .disk, "a file system that there is not")
    return file.inode
  }

  package subscript(_ file: FileID) -> Inode { self[inode(of: file)] }

  mutating func retain(_ file: FileID) { retain(inode(of: file)) }
  mutating func release(_ file: FileID) { release(inode(of: file)) }
  mutating func truncate(_ file: FileID) { truncate(inode(of: file)) }
  mutating func addLink(_ file: FileID) { addLink(inode(of: file)) }
  mutating func removeLink(_ file: FileID) { removeLink(inode(of: file)) }
  func status(of file: FileID) -> FileStatus { status(of: inode(of: file)) }

  /// A new file with no links and one reference in the file system of another, or nil when that has
  /// no inode left.
  mutating func allocate(beside other: FileID, _ kind: Inode.Kind, major: Int16, minor: Int16)
    -> FileID?
  {
    precondition(other.volume == .disk, "a file system that there is not")
    return allocate(kind, major: major, minor: minor).map { FileID($0) }
  }

  // MARK: Directories

  func entryCount(of directory: FileID) -> Int { entryCount(of: inode(of: directory)) }
  func isEmpty(_ directory: FileID) -> Bool { isEmpty(inode(of: directory)) }

  package func find(_ name: Name, in directory: FileID) -> (file: FileID, offset: Int)? {
    find(name, in: inode(of: directory)).map { (FileID($0.inode), $0.offset) }
  }

  /// Adds an entry for a file of the same file system.
  mutating func addEntry(_ name: Name, _ file: FileID, to directory: FileID) throws(Refusal) {
    try addEntry(name, inode(of: file), to: inode(of: directory))
  }

  mutating func clearEntry(at offset: Int, of directory: FileID) {
    clearEntry(at: offset, of: inode(of: directory))
  }

  // MARK: Data

  func read(
    _ file: FileID, at offset: Int, count: Int, _ consume: (UnsafeRawBufferPointer) -> Bool
  ) -> Int? {
    read(inode(of: file), at: offset, count: count, consume)
  }

  package func read(_ file: FileID, at offset: Int, count: Int) -> [UInt8] {
    read(inode(of: file), at: offset, count: count)
  }

  mutating func write(
    _ file: FileID, at offset: Int, _ bytes: UnsafeRawBufferPointer, grows: Bool = true
  ) -> WriteResult {
    write(inode(of: file), at: offset, bytes, grows: grows)
  }
}

extension FileID: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(Int(volume.raw))
    digest.combine(inode)
  }
}
