// What guest and kernel agree on: flags and the layouts of structures that calls fill in.

/// Flags of `open` (xv6 kernel/fcntl.h).
public struct OpenFlags: OptionSet, Sendable {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let writeOnly = OpenFlags(rawValue: 1)
  public static let readWrite = OpenFlags(rawValue: 2)
  public static let create = OpenFlags(rawValue: 0x200)
  public static let truncate = OpenFlags(rawValue: 0x400)

  var readable: Bool { !contains(.writeOnly) }
  var writable: Bool { contains(.writeOnly) || contains(.readWrite) }
}

/// Flags of `mount` (Linux uapi/linux/mount.h).
package struct MountFlags: OptionSet, Sendable {
  package var rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let readOnly = MountFlags(rawValue: 1)
  /// The flags of what is mounted are changed.
  package static let remount = MountFlags(rawValue: 32)
}

/// `struct stat`, 24 bytes (xv6 kernel/stat.h).
struct FileStatus {
  /// Which file system it is in; 1 is the disk.
  var device: UInt32
  var inode: UInt32
  var type: Int16
  var links: Int16
  var size: UInt64

  var bytes: [UInt8] {
    var writer = LayoutWriter()
    writer.append(device)
    writer.append(inode)
    writer.append(UInt16(bitPattern: type))
    writer.append(UInt16(bitPattern: links))
    writer.append(UInt32(0))
    writer.append(size)
    return writer.bytes
  }
}

/// `struct cm_info`, 32 bytes.
package struct ContainerDescription {
  var container: Int32
  var initial: GuestPID
  var processes, limit: Int32
  /// As far as it fits into 16 bytes.
  var root: [UInt8]

  package static let byteCount = 32

  /// The init in what 32 bytes say.
  package static func initial(in bytes: [UInt8]) -> GuestPID {
    GuestPID(raw: Int32(bitPattern: LayoutReader(bytes: bytes).unsigned32(4)))
  }

  var bytes: [UInt8] {
    var writer = LayoutWriter()
    for word in [container, initial.raw, processes, limit] {
      writer.append(UInt32(bitPattern: word))
    }
    writer.append(root, padded: 16)
    return writer.bytes
  }
}

/// `struct proc_info`, 48 bytes.
package struct ProcessDescription {
  package var pid, parent: GuestPID
  package var container, priority, state: Int32
  var instructions: UInt64
  /// At most 15 bytes; the rest of the field is 0.
  var name: [UInt8]

  package static let byteCount = 48

  var bytes: [UInt8] {
    var writer = LayoutWriter()
    for word in [pid.raw, parent.raw, container, priority, state, 0] {
      writer.append(UInt32(bitPattern: word))
    }
    writer.append(instructions)
    writer.append(name, padded: 16)
    return writer.bytes
  }
}

extension ProcessDescription {
  /// What 48 bytes say.
  package init(_ bytes: [UInt8]) {
    let reader = LayoutReader(bytes: bytes)
    func word(_ index: Int) -> Int32 { Int32(bitPattern: reader.unsigned32(index * 4)) }
    self.init(
      pid: GuestPID(raw: word(0)), parent: GuestPID(raw: word(1)), container: word(2),
      priority: word(3), state: word(4),
      instructions: reader.unsigned64(24), name: Array(bytes[32..<48].prefix { $0 != 0 }))
  }
}

/// Lays integers out in memory, little-endian.
struct LayoutWriter {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ value: some FixedWidthInteger & UnsignedInteger) {
    for shift in stride(from: 0, to: value.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  /// As much of `text` as fits into `width` bytes, then zeros.
  mutating func append(_ text: [UInt8], padded width: Int) {
    bytes += text.prefix(width)
    for _ in text.count..<max(text.count, width) { bytes.append(0) }
  }
}

/// Reads little-endian integers out of bytes.
struct LayoutReader {
  let bytes: [UInt8]

  func unsigned16(_ offset: Int) -> UInt16 { UInt16(load(offset, 2)) }
  func unsigned32(_ offset: Int) -> UInt32 { UInt32(load(offset, 4)) }
  func unsigned64(_ offset: Int) -> UInt64 { load(offset, 8) }

  private func load(_ offset: Int, _ count: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in (0..<count).reversed() { value = value << 8 | UInt64(bytes[offset + index]) }
    return value
  }
}

/// A number as C writes it in base 16.
package func hexadecimal(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
