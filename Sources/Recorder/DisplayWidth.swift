// How many columns of a terminal a text takes, so that what stands below it or beside it is in its
// place. Unicode's East Asian Width (UAX #11) is not among the properties that Swift knows; the ranges
// are its wide and fullwidth ones, put together where only unassigned characters lie between.

/// How many columns a text takes, of which everything prints.
public func displayWidth(_ text: String) -> Int {
  // Most texts are of ASCII alone.
  if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
  return text.unicodeScalars.reduce(0) { $0 + $1.displayWidth }
}

extension Unicode.Scalar {
  /// Two for what is wide in East Asia and for emoji, none for marks that are put onto what is before.
  fileprivate var displayWidth: Int {
    if value < 0x300 { return 1 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    // The vowels and final consonants of Hangul join the consonant before them.
    if (0x1160...0x11ff).contains(value) { return 0 }
    let isWide = properties.isEmojiPresentation || wideRanges.contains { $0.contains(value) }
    return isWide ? 2 : 1
  }
}

private let wideRanges: [ClosedRange<UInt32>] = [
  0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x4dbf, 0x4e00...0xa4cf, 0xa960...0xa97f,
  0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f, 0xff01...0xff60,
  0xffe0...0xffe6, 0x16fe0...0x18dff, 0x1aff0...0x1b2ff, 0x1f200...0x1f2ff, 0x20000...0x3fffd,
]
