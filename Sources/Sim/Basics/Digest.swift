// A 64-bit hash for comparing machine states, the same in every build and on every host.
// It guards against mistakes and damage, not against an adversary.

/// Folds words and bytes into 64 bits by widening multiplication.
public struct Digest: Equatable, Sendable {
  private var state: UInt64

  public init(seed: UInt64 = 0) { state = seed ^ 0x9e37_79b9_7f4a_7c15 }

  /// The hash of all that was combined so far, never 0.
  public var value: UInt64 {
    let mixed = Digest.fold(state ^ 0xe703_7ed1_a0b4_28db, 0x8ebc_6af0_9c88_c6e3)
    return mixed == 0 ? 1 : mixed
  }

  @inline(__always)
  public mutating func combine(_ word: UInt64) {
    state = Digest.fold(state ^ word, 0xa076_1d64_78bd_642f)
  }

  public mutating func combine(_ bytes: UnsafeRawBufferPointer) {
    combine(UInt64(bytes.count))
    var offset = 0
    while offset + 8 <= bytes.count {
      combine(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset += 8
    }
    var last: UInt64 = 0
    while offset < bytes.count {
      last = last << 8 | UInt64(bytes[offset])
      offset += 1
    }
    combine(last)
  }

  public mutating func combine(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { combine($0) }
  }

  /// Folds a part of a machine's state.
  @inline(__always)
  mutating func combine(_ part: some Digestible) { part.combine(into: &self) }

  @inline(__always)
  private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return (product.high ^ product.low ^ a) &+ 0x2d35_8dcc_aa6c_78a5
  }
}

/// State that the machine's digest covers. What is put together of such parts folds each of them.
protocol Digestible {
  func combine(into digest: inout Digest)
}

extension Digestible where Self: FixedWidthInteger {
  @inline(__always)
  func combine(into digest: inout Digest) { digest.combine(UInt64(truncatingIfNeeded: self)) }
}

extension Int: Digestible {}
extension Int64: Digestible {}
extension Int32: Digestible {}
extension Int16: Digestible {}
extension UInt32: Digestible {}
extension UInt64: Digestible {}
extension UInt8: Digestible {}

extension Bool: Digestible {
  func combine(into digest: inout Digest) { digest.combine(self ? 1 : 0 as UInt64) }
}

extension Optional: Digestible where Wrapped: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(self == nil ? 0 : 1 as UInt64)
    if let value = self { digest.combine(value) }
  }
}

extension Array: Digestible where Element: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(count)
    for element in self { digest.combine(element) }
  }
}
