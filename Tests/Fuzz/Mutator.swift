// What is done to an input that was right, so that it is nearly right.

import Sim

/// Changes bytes, drawing all it does from one seed.
struct Mutator {
  var random: RandomSource
  /// Words of the format, to be put where they do not belong.
  let words: [[UInt8]]
  private let sizeMax: Int

  init(seed: UInt64, words: [[UInt8]] = [], sizeMax: Int = 1 << 16) {
    random = RandomSource(seed: seed)
    self.words = words
    self.sizeMax = sizeMax
  }

  static let edges: [UInt64] = [
    0, 1, 2, 7, 8, 15, 16, 31, 32, 55, 56, 57, 63, 64, 65, 127, 128, 255, 256, 511, 4095, 4096,
    4097, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x1_0000_0000,
    0x3f_ffff_f000, 0x40_0000_0000, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000,
    0xffff_ffff_ffff_f000, 0xffff_ffff_ffff_ffff,
  ]

  mutating func below(_ bound: Int) -> Int { bound > 0 ? random.next(below: bound) : 0 }
  mutating func pick<Element>(_ all: [Element]) -> Element { all[below(all.count)] }

  /// One in so many times.
  mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

  /// A number that somebody has forgotten to think of, or any other.
  mutating func number() -> UInt64 {
    switch below(4) {
    case 0: random.next()
    case 1: random.next() >> UInt64(below(64))
    default: pick(Mutator.edges) &+ UInt64(below(3)) &- 1
    }
  }

  /// A place within an input, sometimes behind its end.
  private mutating func place(_ bytes: [UInt8]) -> Int { below(bytes.count + 1) }

  private mutating func range(_ bytes: [UInt8]) -> Range<Int> {
    let start = place(bytes)
    let most = oneIn(4) ? bytes.count - start : min(16, bytes.count - start)
    return start..<start + below(most + 1)
  }

  /// Makes a few changes, most often one or two.
  ///
  /// - Parameter corpus: where pieces to put in are taken from.
  mutating func mutate(_ bytes: inout [UInt8], _ corpus: [[UInt8]]) {
    var changes = 1 + below(3)
    if oneIn(8) { changes += below(30) }
    for _ in 0..<changes { mutateOnce(&bytes, corpus) }
    if bytes.count > sizeMax { bytes.removeLast(bytes.count - sizeMax) }
  }

  private mutating func mutateOnce(_ bytes: inout [UInt8], _ corpus: [[UInt8]]) {
    switch below(12) {
    case 0, 1:
      guard !bytes.isEmpty else { return }
      bytes[below(bytes.count)] ^= UInt8(1 << below(8))
    case 2:
      guard !bytes.isEmpty else { return }
      bytes[below(bytes.count)] = UInt8(truncatingIfNeeded: number())
    case 3:
      put(number(), size: pick([2, 4, 8]), bigEndian: oneIn(4), at: place(bytes), in: &bytes)
    case 4: bytes.removeSubrange(range(bytes))
    case 5:
      let copied = Array(bytes[range(bytes)])
      let count = oneIn(10) ? below(200) : 1
      for _ in 0..<count where bytes.count < sizeMax {
        bytes.insert(contentsOf: copied, at: place(bytes))
      }
    case 6:
      // The same over and over at one place: nesting, or a number with many digits.
      let copied = words.isEmpty || oneIn(2) ? Array(bytes[range(bytes)]) : pick(words)
      guard !copied.isEmpty, copied.count < 64 else { return }
      let repeated = Array(repeatElement(copied, count: 1 + below(oneIn(8) ? 4000 : 40)).joined())
      bytes.insert(contentsOf: repeated.prefix(sizeMax), at: place(bytes))
    case 7: bytes.removeLast(bytes.count - place(bytes))
    case 8:
      let other = pick(corpus)
      bytes.replaceSubrange(range(bytes), with: other[range(other)])
    case 9:
      let other = pick(corpus)
      bytes = Array(bytes.prefix(place(bytes)) + other.suffix(place(other)))
    default:
      guard !words.isEmpty else {
        bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place(bytes))
        return
      }
      bytes.replaceSubrange(oneIn(2) ? range(bytes) : emptyRange(bytes), with: pick(words))
    }
  }

  private mutating func emptyRange(_ bytes: [UInt8]) -> Range<Int> {
    let start = place(bytes)
    return start..<start
  }

  /// Writes a number over what is there.
  func put(
    _ number: UInt64, size: Int, bigEndian: Bool = false, at place: Int, in bytes: inout [UInt8]
  ) {
    for index in 0..<size where place + index < bytes.count {
      let shift = UInt64(8 * (bigEndian ? size - 1 - index : index))
      bytes[place + index] = UInt8(truncatingIfNeeded: number >> shift)
    }
  }
}
