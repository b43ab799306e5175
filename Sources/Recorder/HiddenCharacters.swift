// Characters beyond ASCII that do not show as themselves: they steer a terminal, turn the direction of a
// text, take no room, or mean something to their users alone. What escapes them in Swift and what does so
// in SQL have them from here. What has no meaning yet is none of them, so that a text does not depend
// on the version of Unicode of whoever shows it.

/// Code points of the Unicode categories Cc, Cf, Zl, Zp and Co, and blocks that are set aside for Cf.
enum HiddenCharacters {
  static let ranges: [ClosedRange<UInt32>] = [
    0x80...0x9f, 0xad...0xad, 0x600...0x605, 0x61c...0x61c, 0x6dd...0x6dd, 0x70f...0x70f,
    0x890...0x891, 0x8e2...0x8e2, 0x180e...0x180e, 0x200b...0x200f, 0x2028...0x202e,
    0x2060...0x206f, 0xe000...0xf8ff, 0xfeff...0xfeff, 0xfff0...0xfffb, 0x110bd...0x110bd,
    0x110cd...0x110cd, 0x13430...0x1343f, 0x1bca0...0x1bca3, 0x1d173...0x1d17a, 0xe0000...0xe0fff,
    0xf0000...0x10ffff,
  ]

  static func contains(_ scalar: Unicode.Scalar) -> Bool {
    ranges.contains { $0.contains(scalar.value) }
  }

  /// Whether the code point in an SQL expression is one of them.
  static func contain(_ expression: String) -> String {
    ranges.map { "\(expression) BETWEEN \($0.lowerBound) AND \($0.upperBound)" }
      .joined(separator: " OR ")
  }
}
