// /proc: a file system that takes nothing of the disk. So far it is an empty directory.

/// What is below /proc.
package struct ProcVolume: Sendable {
  /// The directory that is mounted.
  static let root: InodeNumber = 1

  func facts(of number: InodeNumber) -> FileFacts {
    FileFacts(kind: .directory, links: 1, size: UInt32(2 * FileSystem.entrySize))
  }

  /// Where `..` leads; a mount's top is left before anybody asks.
  func parent(of number: InodeNumber) -> InodeNumber { ProcVolume.root }

  /// What a reader of a file or directory gets.
  func bytes(of number: InodeNumber) -> [UInt8] {
    Name.current.entry(number) + Name.parent.entry(parent(of: number))
  }
}
