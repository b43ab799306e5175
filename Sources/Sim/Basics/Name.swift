// Names of files and groups, in two words: they are compared and hashed at every step of a path.

/// A file name as a directory entry holds it: cut to 14 bytes, padded with zeros.
package struct Name: Equatable, Comparable, Sendable {
  static let length = 14

  private(set) var low: UInt64 = 0
  private(set) var high: UInt64 = 0

  package init(_ text: some Sequence<UInt8>) {
    var index: UInt64 = 0
    for byte in text {
      if index == UInt64(Name.length) { break }
      if index < 8 {
        low |= UInt64(byte) << (index * 8)
      } else {
        high |= UInt64(byte) << ((index - 8) * 8)
      }
      index += 1
    }
  }

  init(_ text: StaticString) {
    self.init(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// The name in an entry's last 14 bytes.
  init(entry: UnsafeRawBufferPointer) {
    low = UInt64(littleEndian: entry.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
    high = UInt64(littleEndian: entry.loadUnaligned(fromByteOffset: 8, as: UInt64.self)) >> 16
  }

  /// Without the zeros behind it.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for index in 0..<UInt64(Name.length) {
      let word = index < 8 ? low >> (index * 8) : high >> ((index - 8) * 8)
      let byte = UInt8(truncatingIfNeeded: word)
      if byte == 0 { break }
      bytes.append(byte)
    }
    return bytes
  }

  /// The order of their bytes, read backwards: any order that names have.
  package static func < (a: Name, b: Name) -> Bool { (a.high, a.low) < (b.high, b.low) }

  var hash: UInt64 { low ^ (high &* 0xa076_1d64_78bd_642f) }

  package static let current = Name(".")
  package static let parent = Name("..")
}

extension Name: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(low)
    digest.combine(high)
  }
}
