// Texts that events mention: paths, program names, names of shared pages and mutexes. A text keeps
// its number for the machine's life, so that an event can carry the number.
//
// A guest can make up new names with every call. So they lie in one row of bytes, a few more than
// their own each, and the kernel charges the bytes of every name as work: what a session keeps is
// bounded by the virtual time that it is given.

/// Interns byte strings; the same text always has the same `NameID`.
public struct NameTable: Sendable {
  /// The texts one behind the other.
  private var bytes: [UInt8] = []
  /// Where each text ends; it begins where the one before ends.
  private var ends: [Int] = [0]
  /// Open addressing over the texts, 0 where free; its size is a power of two.
  private var slots: [Int32] = Array(repeating: 0, count: 256)
  /// Folds each text as it comes.
  private var digest = Digest()

  public init() {}

  /// How many texts there are, the empty one included.
  public var count: Int { ends.count }

  public subscript(_ name: NameID) -> [UInt8] { Array(bytes[range(Int(name.raw))]) }

  private func range(_ index: Int) -> Range<Int> {
    (index == 0 ? 0 : ends[index - 1])..<ends[index]
  }

  /// The text as a string, with invalid UTF-8 replaced.
  public func string(_ name: NameID) -> String { String(decoding: self[name], as: UTF8.self) }

  public mutating func intern(_ text: [UInt8]) -> NameID {
    if text.isEmpty { return .empty }
    var slot = firstSlot(of: text)
    while slots[slot] != 0 {
      if bytes[range(Int(slots[slot]))].elementsEqual(text) { return NameID(raw: slots[slot]) }
      slot = (slot + 1) & (slots.count - 1)
    }
    let name = NameID(raw: Int32(ends.count))
    bytes += text
    digest.combine(text)
    ends.append(bytes.count)
    slots[slot] = name.raw
    if ends.count * 2 > slots.count { grow() }
    return name
  }

  private func firstSlot(of text: [UInt8]) -> Int {
    var digest = Digest()
    digest.combine(text)
    return Int(truncatingIfNeeded: digest.value) & (slots.count - 1)
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 2)
    for index in 1..<ends.count {
      var slot = firstSlot(of: self[NameID(raw: Int32(index))])
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(index)
    }
  }
}

extension NameTable: Digestible {
  func combine(into digest: inout Digest) { digest.combine(self.digest.value) }
}
