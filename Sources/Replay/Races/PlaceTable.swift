// Numbers under keys of 64 bits, in an order that is the same in every process: open addressing with linear probing. What a
// dictionary would be for, were it not looked up at each load and store.

/// Which number belongs to a key.
struct PlaceTable: Sendable {
  private static let free = UInt64.max

  private var keys: [UInt64] = Array(repeating: free, count: 64)
  private var numbers: [Int] = Array(repeating: 0, count: 64)
  private(set) var count = 0

  /// The number under a key; nil if there is none.
  func number(of key: UInt64) -> Int? {
    let place = place(of: key)
    return keys[place] == key ? numbers[place] : nil
  }

  /// Gives a key a number, a new one or another.
  ///
  /// - Precondition: the key is not all ones.
  mutating func set(_ key: UInt64, to number: Int) {
    precondition(key != PlaceTable.free, "the key of a free place")
    if 2 * count >= keys.count { grow() }
    let place = place(of: key)
    if keys[place] != key { count += 1 }
    keys[place] = key
    numbers[place] = number
  }

  mutating func removeAll() { self = PlaceTable() }

  /// Where a key is, or would be.
  private func place(of key: UInt64) -> Int {
    let mask = keys.count - 1
    // Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, 6.4).
    var place = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 24) & mask
    while keys[place] != key, keys[place] != PlaceTable.free { place = (place + 1) & mask }
    return place
  }

  private mutating func grow() {
    let old = (keys, numbers)
    keys = Array(repeating: PlaceTable.free, count: old.0.count * 2)
    numbers = Array(repeating: 0, count: keys.count)
    for (key, number) in zip(old.0, old.1) where key != PlaceTable.free {
      let place = place(of: key)
      keys[place] = key
      numbers[place] = number
    }
  }
}
