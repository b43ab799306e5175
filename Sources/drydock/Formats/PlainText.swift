// What the formats have in common: texts that need no escapes, and numbers as `sqlite3` writes them.

/// Whether the text is of printable ASCII alone, none of it among `special`: most texts are, and
/// need no second look.
func isPlain(_ text: String, besides special: [UInt8]) -> Bool {
  text.utf8.allSatisfy { (0x20..<0x7f).contains($0) && !special.contains($0) }
}

/// A floating-point number, infinity as `sqlite3` writes it.
func realText(_ number: Double) -> String {
  number.isInfinite ? (number < 0 ? "-Inf" : "Inf") : "\(number)"
}
