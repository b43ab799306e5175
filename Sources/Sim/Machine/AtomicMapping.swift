// How plain loads and stores are told from atomic ones. RISC-V has no instruction for an atomic load or store by itself:
// compilers put a fence beside a plain one (The RISC-V Instruction Set Manual, volume I, "Mappings from C/C++ primitives
// to RISC-V primitives"). A load that acquires has `fence r,rw` after it, a store that releases `fence rw,w` before it, and
// between the two there may be what only computes.

package enum AtomicMapping {
  /// How many bytes of code before a store, and from a load on, are looked at.
  package static let reach = 24

  /// Whether the code that ends where a store stands has a fence for it.
  package static func hasFence(beforeStore code: [UInt8]) -> Bool {
    for start in stride(from: code.count - 4, through: 0, by: -2) {
      guard let fence = Fence(code, at: start), fence.letsNoWriteGoFirst else { continue }
      var place = start + 4
      while place < code.count, let length = lengthOfComputation(code, at: place) {
        place += length
      }
      if place == code.count { return true }
    }
    return false
  }

  /// Whether the code that begins with a load has a fence for it.
  package static func hasFence(afterLoad code: [UInt8]) -> Bool {
    guard let load = instruction(in: code, at: 0) else { return false }
    var place = Int(load.length)
    while place < code.count {
      if let fence = Fence(code, at: place) { return fence.waitsForReads }
      guard let length = lengthOfComputation(code, at: place) else { return false }
      place += length
    }
    return false
  }

  private struct Fence {
    private let bits: UInt32

    init?(_ code: [UInt8], at place: Int) {
      guard place + 4 <= code.count else { return nil }
      bits = (0..<4).reduce(0) { $0 | UInt32(code[place + $1]) << UInt32(8 * $1) }
      guard Decoder.decode(bits).operation == .fence else { return nil }
    }

    /// Whether what was read before it comes before it.
    var waitsForReads: Bool { bits >> 25 & 1 == 1 }
    /// Whether what is written after it comes after it.
    var letsNoWriteGoFirst: Bool { bits >> 20 & 1 == 1 }
  }

  private static func instruction(in code: [UInt8], at place: Int) -> Instruction? {
    guard place + 2 <= code.count else { return nil }
    var bits = UInt32(code[place]) | UInt32(code[place + 1]) << 8
    if Decoder.isLong(UInt16(truncatingIfNeeded: bits)) {
      guard place + 4 <= code.count else { return nil }
      bits |= UInt32(code[place + 2]) << 16 | UInt32(code[place + 3]) << 24
    }
    return Decoder.decode(bits)
  }

  /// How long the instruction is, if it is one that only computes.
  private static func lengthOfComputation(_ code: [UInt8], at place: Int) -> Int? {
    guard let instruction = instruction(in: code, at: place) else { return nil }
    switch instruction.operation.family {
    case .constant, .computation: return Int(instruction.length)
    default: return nil
    }
  }
}
