// RV64I arithmetic that is more than one Swift operator, on register values. Shift amounts are
// taken modulo the width, as the masking shifts do.

enum Integer {
  /// The low 32 bits, sign-extended.
  @inline(__always)
  static func signExtendWord(_ a: UInt64) -> UInt64 {
    UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: a)))
  }

  @inline(__always)
  static func less(_ a: UInt64, _ b: UInt64) -> Bool {
    Int64(bitPattern: a) < Int64(bitPattern: b)
  }

  @inline(__always)
  static func slt(_ a: UInt64, _ b: UInt64) -> UInt64 { less(a, b) ? 1 : 0 }

  @inline(__always)
  static func sltu(_ a: UInt64, _ b: UInt64) -> UInt64 { a < b ? 1 : 0 }

  @inline(__always)
  static func sra(_ a: UInt64, _ b: UInt64) -> UInt64 {
    UInt64(bitPattern: Int64(bitPattern: a) &>> Int64(bitPattern: b))
  }

  @inline(__always)
  static func addw(_ a: UInt64, _ b: UInt64) -> UInt64 { signExtendWord(a &+ b) }

  @inline(__always)
  static func subw(_ a: UInt64, _ b: UInt64) -> UInt64 { signExtendWord(a &- b) }

  @inline(__always)
  static func sllw(_ a: UInt64, _ b: UInt64) -> UInt64 {
    signExtendWord(UInt64(UInt32(truncatingIfNeeded: a) &<< UInt32(truncatingIfNeeded: b)))
  }

  @inline(__always)
  static func srlw(_ a: UInt64, _ b: UInt64) -> UInt64 {
    signExtendWord(UInt64(UInt32(truncatingIfNeeded: a) &>> UInt32(truncatingIfNeeded: b)))
  }

  @inline(__always)
  static func sraw(_ a: UInt64, _ b: UInt64) -> UInt64 {
    UInt64(
      bitPattern: Int64(Int32(truncatingIfNeeded: a) &>> Int32(truncatingIfNeeded: b)))
  }
}

/// What fused pairs begin with, and what branches compare. Each of the former moves to the second
/// of the pair, and returns the result, which saves a way through memory where that needs it.
extension HartState {
  @inline(__always) @discardableResult
  func addi(_ p: inout OpPointer) -> UInt64 { step(&p, self[p.rs1] &+ p.immediate) }

  @inline(__always) @discardableResult
  func slli(_ p: inout OpPointer) -> UInt64 { step(&p, self[p.rs1] &<< p.immediate) }

  @inline(__always) @discardableResult
  func srli(_ p: inout OpPointer) -> UInt64 { step(&p, self[p.rs1] &>> p.immediate) }

  @inline(__always) @discardableResult
  func andi(_ p: inout OpPointer) -> UInt64 { step(&p, self[p.rs1] & p.immediate) }

  @inline(__always) @discardableResult
  func addiw(_ p: inout OpPointer) -> UInt64 { step(&p, Integer.addw(self[p.rs1], p.immediate)) }

  @inline(__always) @discardableResult
  func srliw(_ p: inout OpPointer) -> UInt64 { step(&p, Integer.srlw(self[p.rs1], p.immediate)) }

  @inline(__always) @discardableResult
  func add(_ p: inout OpPointer) -> UInt64 { step(&p, self[p.rs1] &+ self[p.rs2]) }

  @inline(__always) @discardableResult
  func xor(_ p: inout OpPointer) -> UInt64 { step(&p, self[p.rs1] ^ self[p.rs2]) }

  @inline(__always) @discardableResult
  func or(_ p: inout OpPointer) -> UInt64 { step(&p, self[p.rs1] | self[p.rs2]) }

  @inline(__always) @discardableResult
  func and(_ p: inout OpPointer) -> UInt64 { step(&p, self[p.rs1] & self[p.rs2]) }

  @inline(__always) @discardableResult
  func mul(_ p: inout OpPointer) -> UInt64 { step(&p, self[p.rs1] &* self[p.rs2]) }

  @inline(__always) @discardableResult
  func loadImmediate(_ p: inout OpPointer) -> UInt64 { step(&p, p.immediate) }

  @inline(__always)
  private func step(_ p: inout OpPointer, _ value: UInt64) -> UInt64 {
    self[p.rd] = value
    p += 1
    return value
  }

  @inline(__always)
  func equal(_ p: OpPointer) -> Bool { self[p.rs1] == self[p.rs2] }

  @inline(__always)
  func less(_ p: OpPointer) -> Bool { Integer.less(self[p.rs1], self[p.rs2]) }

  @inline(__always)
  func lessUnsigned(_ p: OpPointer) -> Bool { self[p.rs1] < self[p.rs2] }
}
