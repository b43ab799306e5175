// Which file. An inode's number says it only within one file system, so whatever is kept of a file, by a
// process, a descriptor, a mount or an event, says in which it is as well.

/// An inode's number; 0 is none.
public typealias InodeNumber = UInt32

/// A file system of the machine. Unions come and go; their numbers are used again.
public struct VolumeID: Hashable, Sendable {
  public let raw: UInt16
  public init(raw: UInt16) { self.raw = raw }

  public static let disk = VolumeID(raw: 0)
  public static let proc = VolumeID(raw: 1)
  public static let groups = VolumeID(raw: 2)
  /// Numbers below this one are of file systems of which there is one each.
  package static let firstUnion: UInt16 = 8

  /// What `stat` shows as dev: 1 is the disk.
  public var device: UInt32 { UInt32(raw) + 1 }
}

/// A file, directory or device.
public struct FileID: Hashable, Sendable, CustomStringConvertible {
  public let volume: VolumeID
  public let inode: InodeNumber

  public init(_ volume: VolumeID, _ inode: InodeNumber) {
    self.volume = volume
    self.inode = inode
  }

  /// A file on the disk.
  public init(_ inode: InodeNumber) { self.init(.disk, inode) }

  /// What stands for no file.
  public static let none = FileID(0)

  /// The inode's number; of a file that is not on the disk, dev and a colon before it.
  public var description: String {
    volume == .disk ? "\(inode)" : "\(volume.device):\(inode)"
  }
}

extension FileID: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(Int(volume.raw))
    digest.combine(inode)
  }
}
