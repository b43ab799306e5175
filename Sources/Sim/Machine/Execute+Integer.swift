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
