// A hash of a page's 4096 bytes. Each page that was written since the last audit is hashed, so this has to be
// quick.

/// Hashes pages.
enum PageDigest {
  /// As `Digest`, but in four lanes of two words a multiplication: a page takes a sixth of the time.
  static func value(of bytes: UnsafeRawPointer, seed: UInt64) -> UInt64 {
    // No lane begins at 0, at which a word of zeros would hide the word beside it.
    let start = (seed &+ 1) &* 0x9e37_79b9_7f4a_7c15
    var lanes: (UInt64, UInt64, UInt64, UInt64) = (start, ~start, start &* 3, start &+ 7)
    // In bounds: 64 times 64 bytes.
    for offset in stride(from: 0, to: pageSize, by: 64) {
      lanes.0 = fold(bytes + offset, 0xa076_1d64_78bd_642f, lanes.0)
      lanes.1 = fold(bytes + offset + 16, 0xe703_7ed1_a0b4_28db, lanes.1)
      lanes.2 = fold(bytes + offset + 32, 0x8ebc_6af0_9c88_c6e3, lanes.2)
      lanes.3 = fold(bytes + offset + 48, 0x5899_65cc_7537_4cc3, lanes.3)
    }
    var digest = Digest(seed: seed)
    digest.combine(lanes.0)
    digest.combine(lanes.1)
    digest.combine(lanes.2)
    digest.combine(lanes.3)
    return digest.value
  }

  @inline(__always)
  private static func fold(_ words: UnsafeRawPointer, _ secret: UInt64, _ lane: UInt64) -> UInt64 {
    let first = UInt64(littleEndian: words.load(as: UInt64.self))
    let second = UInt64(littleEndian: words.load(fromByteOffset: 8, as: UInt64.self))
    let product = (first ^ secret).multipliedFullWidth(by: second ^ lane)
    return (product.high ^ product.low) &+ lane
  }
}
