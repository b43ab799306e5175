// Texts that events mention: paths, program names, names of shared pages and mutexes.
// A text keeps its number for the machine's life, so that an event can carry the number.

/// Interns byte strings; the same text always has the same `NameID`.
public struct NameTable: Sendable {
  private var texts: [[UInt8]] = [[]]
  /// Open addressing over `texts`, 0 where free; its size is a power of two.
  private var slots: [Int32] = Array(repeating: 0, count: 256)

  public init() {}

  /// How many texts there are, the empty one included.
  public var count: Int { texts.count }

  public subscript(_ name: NameID) -> [UInt8] { texts[Int(name.raw)] }

  /// The text as a string, with invalid UTF-8 replaced.
  public func string(_ name: NameID) -> String { String(decoding: self[name], as: UTF8.self) }

  public mutating func intern(_ text: [UInt8]) -> NameID {
    if text.isEmpty { return .empty }
    var digest = Digest()
    digest.combine(text)
    var slot = Int(truncatingIfNeeded: digest.value) & (slots.count - 1)
    while slots[slot] != 0 {
      if texts[Int(slots[slot])] == text { return NameID(raw: slots[slot]) }
      slot = (slot + 1) & (slots.count - 1)
    }
    let name = NameID(raw: Int32(texts.count))
    texts.append(text)
    slots[slot] = name.raw
    if texts.count * 2 > slots.count { grow() }
    return name
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 2)
    for index in 1..<texts.count {
      var digest = Digest()
      digest.combine(texts[index])
      var slot = Int(truncatingIfNeeded: digest.value) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(index)
    }
  }
}
