// The M extension on register values. Division never traps: by zero it gives all ones and the
// remainder is the dividend; the one overflow gives the dividend and remainder 0 (table 7.1).

enum Multiply {
  @inline(__always)
  static func mulh(_ a: UInt64, _ b: UInt64) -> UInt64 {
    UInt64(
      bitPattern: Int64(bitPattern: a).multipliedFullWidth(by: Int64(bitPattern: b)).high)
  }

  /// Signed by unsigned: a negative `a` counts 2^64 too much.
  @inline(__always)
  static func mulhsu(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let sign = UInt64(bitPattern: Int64(bitPattern: a) &>> 63)
    return a.multipliedFullWidth(by: b).high &- (sign & b)
  }

  @inline(__always)
  static func mulhu(_ a: UInt64, _ b: UInt64) -> UInt64 { a.multipliedFullWidth(by: b).high }

  @inline(__always)
  static func div(_ a: UInt64, _ b: UInt64) -> UInt64 {
    if b == 0 { return ~0 }
    if b == ~0 { return 0 &- a }
    return UInt64(bitPattern: Int64(bitPattern: a) / Int64(bitPattern: b))
  }

  @inline(__always)
  static func divu(_ a: UInt64, _ b: UInt64) -> UInt64 { b == 0 ? ~0 : a / b }

  @inline(__always)
  static func rem(_ a: UInt64, _ b: UInt64) -> UInt64 {
    if b == 0 { return a }
    if b == ~0 { return 0 }
    return UInt64(bitPattern: Int64(bitPattern: a) % Int64(bitPattern: b))
  }

  @inline(__always)
  static func remu(_ a: UInt64, _ b: UInt64) -> UInt64 { b == 0 ? a : a % b }

  @inline(__always)
  static func mulw(_ a: UInt64, _ b: UInt64) -> UInt64 { Integer.signExtendWord(a &* b) }

  /// On sign-extended words the overflow of the doubleword cannot happen.
  @inline(__always)
  static func divw(_ a: UInt64, _ b: UInt64) -> UInt64 {
    Integer.signExtendWord(div(Integer.signExtendWord(a), Integer.signExtendWord(b)))
  }

  @inline(__always)
  static func divuw(_ a: UInt64, _ b: UInt64) -> UInt64 {
    Integer.signExtendWord(divu(a & 0xffff_ffff, b & 0xffff_ffff))
  }

  @inline(__always)
  static func remw(_ a: UInt64, _ b: UInt64) -> UInt64 {
    Integer.signExtendWord(rem(Integer.signExtendWord(a), Integer.signExtendWord(b)))
  }

  @inline(__always)
  static func remuw(_ a: UInt64, _ b: UInt64) -> UInt64 {
    Integer.signExtendWord(remu(a & 0xffff_ffff, b & 0xffff_ffff))
  }
}
