// Tar archives as programs write them today: ustar, pax, and GNU's long names. Entry by entry, from a
// file of any size, with nothing of it in memory but a header. Whatever is not as the format has it ends
// the reading, with a word on which entry it was; nothing is guessed.
//
// POSIX describes ustar and pax (XCU pax), GNU's manual what GNU tar adds.

import Foundation
import Recorder

/// The bytes of an archive, wherever they are.
package struct TarSource {
  /// What messages call it.
  package let name: String
  package let count: UInt64
  private let reader: (_ offset: UInt64, _ count: Int) throws -> [UInt8]

  package init(name: String, bytes: [UInt8]) {
    self.name = name
    count = UInt64(bytes.count)
    reader = { offset, count in
      Array(bytes[Int(offset)..<min(bytes.count, Int(offset) + count)])
    }
  }

  /// A host's file.
  ///
  /// - Throws: `ToolError` if it cannot be read, or is no file: what is needed of it is read where it is.
  package init(host: String) throws {
    guard try HostCopy.status(of: host).st_mode & S_IFMT == S_IFREG else {
      throw ToolError("\(host): found no plain file, expected a tar archive")
    }
    let descriptor = host.withFileName { Foundation.open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else {
      throw ToolError("\(host): cannot be read: \(String(cString: strerror(errno)))")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    name = host
    count = try file.seekToEnd()
    reader = { offset, count in
      try file.seek(toOffset: offset)
      return try [UInt8](file.read(upToCount: count) ?? Data())
    }
  }

  /// These bytes, all of them.
  package func bytes(_ range: Range<UInt64>) throws -> [UInt8] {
    let bytes = range.isEmpty ? [] : try reader(range.lowerBound, range.count)
    guard bytes.count == range.count else {
      throw ToolError(
        "\(name): found \(bytes.count) bytes at \(range.lowerBound), expected \(range.count)")
    }
    return bytes
  }
}

/// A file, folder or link of an archive.
package struct TarEntry {
  package enum Kind: Equatable {
    case file
    case folder
    /// One more name of an entry that came before.
    case hardLink([UInt8])
    case symbolicLink([UInt8])
    /// What no archive of an image should have, and what it is.
    case special(String)
  }

  /// As it stands in the archive.
  package var name: [UInt8]
  package var kind: Kind
  /// Where a file's bytes are.
  package var data: Range<UInt64>
}

/// Reads an archive, or an archive in an archive.
package struct TarReader {
  private static let blockSize: UInt64 = 512
  /// Of names and pax records before an entry.
  private static let extensionLimit = 1 << 20

  private let source: TarSource
  /// What messages call it.
  private let title: String
  private let range: Range<UInt64>
  private var offset: UInt64
  /// What extensions say of the next entry.
  private var next = Extension()

  private struct Extension {
    var path: [UInt8]?
    var link: [UInt8]?
    var size: UInt64?
  }

  package init(_ source: TarSource, title: String, range: Range<UInt64>) {
    self.source = source
    self.title = title
    self.range = range
    offset = range.lowerBound
  }

  /// The next entry; nil at the end.
  ///
  /// - Throws: `ToolError` if it is none.
  package mutating func nextEntry() throws -> TarEntry? {
    while true {
      let header = try block()
      if header.allSatisfy({ $0 == 0 }) {
        try checkEnd()
        return nil
      }
      guard TarHeader.hasRightSum(header) else { throw notATar(header) }
      let fields = TarHeader(header)
      let name = next.path ?? fields.path
      guard let size = next.size ?? fields.size else {
        throw wrong(name, "a size that is no number", "one in octal")
      }
      let hasData = !TarHeader.kindsWithoutData.contains(fields.type)
      let data = try take(hasData ? size : 0, of: name)
      switch fields.type {
      case "x":
        try readRecords(extensionBytes(data, name), name)
        continue
      case "g":
        _ = try records(extensionBytes(data, name), name)
        continue
      case "L":
        next.path = try extensionBytes(data, name).prefix { $0 != 0 }.map { $0 }
        continue
      case "K":
        next.link = try extensionBytes(data, name).prefix { $0 != 0 }.map { $0 }
        continue
      case "V": continue  // the archive's own label
      default: break
      }
      let link = next.link ?? fields.link
      next = Extension()
      return TarEntry(name: name, kind: try kind(fields.type, name, link), data: data)
    }
  }

  private func kind(_ type: Character, _ name: [UInt8], _ link: [UInt8]) throws -> TarEntry.Kind {
    switch type {
    case "0", "\0", "7": return name.last == UInt8(ascii: "/") ? .folder : .file
    case "5": return .folder
    case "1": return .hardLink(link)
    case "2": return .symbolicLink(link)
    case "3", "4": return .special("a device")
    case "6": return .special("a named pipe")
    case "S": return .special("a sparse file")
    default:
      throw wrong(name, "an entry of type \"\(printable(String(type)))\"", "a file, folder or link")
    }
  }

  // MARK: Blocks

  private mutating func block() throws -> [UInt8] {
    guard range.upperBound - offset >= TarReader.blockSize else {
      guard offset == range.lowerBound, !range.isEmpty else { throw endMissing() }
      throw notATar(try source.bytes(range))
    }
    defer { offset += TarReader.blockSize }
    return try source.bytes(offset..<offset + TarReader.blockSize)
  }

  /// Two blocks of zeros are an archive's end; what follows them is padding.
  private mutating func checkEnd() throws {
    guard try block().allSatisfy({ $0 == 0 }) else {
      throw ToolError("\(title): found one block of zeros, expected two at the end, or none before")
    }
    if next.path != nil || next.size != nil || next.link != nil {
      throw ToolError("\(title): found the end behind a long name, expected the entry that has it")
    }
  }

  private func endMissing() -> ToolError {
    let count = range.count
    return ToolError(
      "\(title): found \(count) bytes and no end, expected two blocks of zeros there")
  }

  /// Goes over an entry's bytes.
  private mutating func take(_ size: UInt64, of name: [UInt8]) throws -> Range<UInt64> {
    let left = range.upperBound - offset
    guard size <= left else {
      throw wrong(name, "a size of \(size) bytes", "at most the \(left) that follow")
    }
    let data = offset..<offset + size
    let padding = (TarReader.blockSize - size % TarReader.blockSize) % TarReader.blockSize
    guard padding <= left - size else { throw endMissing() }
    offset += size + padding
    return data
  }

  private func extensionBytes(_ data: Range<UInt64>, _ name: [UInt8]) throws -> [UInt8] {
    guard data.count <= TarReader.extensionLimit else {
      throw wrong(name, "\(data.count) bytes of names", "at most \(TarReader.extensionLimit)")
    }
    return try source.bytes(data)
  }

  // MARK: Pax records

  private mutating func readRecords(_ bytes: [UInt8], _ name: [UInt8]) throws {
    for (key, value) in try records(bytes, name) {
      switch key {
      case "path": next.path = value
      case "linkpath": next.link = value
      case "size":
        guard let size = UInt64(String(decoding: value, as: UTF8.self)) else {
          throw wrong(name, "a size that is no number", "one in decimal")
        }
        next.size = size
      default: break
      }
    }
  }

  /// `LENGTH KEY=VALUE\n`, where the length is the whole record's.
  private func records(
    _ bytes: [UInt8], _ name: [UInt8]
  ) throws -> [(key: String, value: [UInt8])] {
    var records: [(String, [UInt8])] = []
    var rest = bytes[...]
    while !rest.isEmpty, rest.first != 0 {
      let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
      guard let length = Int(String(decoding: digits, as: UTF8.self)), length > digits.count + 2,
        length <= rest.count, rest.dropFirst(digits.count).first == UInt8(ascii: " "),
        rest[rest.startIndex + length - 1] == UInt8(ascii: "\n"),
        case let record = rest.prefix(length - 1).dropFirst(digits.count + 1),
        let equals = record.firstIndex(of: UInt8(ascii: "="))
      else {
        throw wrong(name, "a pax record that makes no sense", "LENGTH KEY=VALUE")
      }
      let key = String(decoding: record[..<equals], as: UTF8.self)
      if key.hasPrefix("GNU.sparse.") { throw wrong(name, "a sparse file", "a whole one") }
      records.append((key, Array(record[record.index(after: equals)...])))
      rest = rest.dropFirst(length)
    }
    return records
  }

  // MARK: What is wrong

  private func wrong(_ name: [UInt8], _ found: String, _ expected: String) -> ToolError {
    ToolError("\(title): \(printableEntry(name)): found \(found), expected \(expected)")
  }

  private func notATar(_ header: [UInt8]) -> ToolError {
    guard offset - range.lowerBound <= TarReader.blockSize else {
      let place = offset - TarReader.blockSize - range.lowerBound
      return ToolError("\(title): found no entry at byte \(place), expected one whose sum is right")
    }
    for (magic, name, way) in TarReader.compressions where header.starts(with: magic) {
      return ToolError("\(title): found \(name), expected a plain tar archive (first \(way))")
    }
    return ToolError("\(title): found no tar archive, expected one")
  }

  private static let compressions: [(magic: [UInt8], name: String, way: String)] = [
    ([0x1f, 0x8b], "gzip", "gunzip"), ([0x28, 0xb5, 0x2f, 0xfd], "zstd", "unzstd"),
    ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "xz", "unxz"), ([0x42, 0x5a, 0x68], "bzip2", "bunzip2"),
  ]
}

/// An entry's name as it can be shown in a message.
func printableEntry(_ name: [UInt8]) -> String {
  let longest = 200
  return printable(name.prefix(longest)) + (name.count > longest ? "…" : "")
}

/// The fields of a header block (ustar).
private struct TarHeader {
  /// Entries of these types have no bytes, whatever their size says.
  static let kindsWithoutData: [Character] = ["1", "2", "3", "4", "5", "6"]

  let path: [UInt8]
  let link: [UInt8]
  /// nil if it is no number.
  let size: UInt64?
  let type: Character

  init(_ block: [UInt8]) {
    let name = TarHeader.text(block[0..<100])
    let isPosix = block[257..<265].elementsEqual(Array("ustar\u{0}00".utf8))
    let prefix = isPosix ? TarHeader.text(block[345..<500]) : []
    path = prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
    link = TarHeader.text(block[157..<257])
    size = TarHeader.number(block[124..<136])
    type = Character(Unicode.Scalar(block[156]))
  }

  /// Whether the block is a header: its sum, with spaces in place of the sum.
  static func hasRightSum(_ block: [UInt8]) -> Bool {
    guard let written = number(block[148..<156]) else { return false }
    var unsigned: UInt64 = 0
    var signed: Int64 = 0
    for (index, byte) in block.enumerated() {
      let byte = (148..<156).contains(index) ? UInt8(ascii: " ") : byte
      unsigned += UInt64(byte)
      signed += Int64(Int8(bitPattern: byte))
    }
    return written == unsigned || Int64(exactly: written) == signed
  }

  private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] {
    Array(field.prefix { $0 != 0 })
  }

  /// Octal digits with spaces or zeros around, or GNU's form: base 256 behind a byte of 128.
  private static func number(_ field: ArraySlice<UInt8>) -> UInt64? {
    if let first = field.first, first & 0x80 != 0 {
      guard first == 0x80, field.dropLast(8).dropFirst().allSatisfy({ $0 == 0 }) else { return nil }
      let value = field.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return value < 1 << 62 ? value : nil
    }
    let digits = field.drop { $0 == UInt8(ascii: " ") }
      .prefix { $0 != 0 && $0 != UInt8(ascii: " ") }
    return digits.isEmpty ? 0 : UInt64(String(decoding: digits, as: UTF8.self), radix: 8)
  }
}
