// Processes with a key each, of which the one with the smallest key is wanted: a tournament. Leaf n of
// the tree is slot n; each node has the winner of its two halves. Of equal keys the one that came first
// wins. Keys are virtual times, compared by the sign of their difference, so that they may wrap round.

/// Slots by key, the smallest first.
struct SmallestKey: Sendable {
  private static let nobody: Int32 = -1

  private var keys: [Int64] = [0]
  private var arrivals: [UInt64] = [0]
  /// Node 1 is the final; the leaves follow those of the games.
  private var winners: [Int32] = [nobody, nobody]
  private var lastArrival: UInt64 = 0
  private(set) var count = 0

  /// The one with the smallest key.
  var first: Slot? { winners[1] < 0 ? nil : Int(winners[1]) }

  func key(of slot: Slot) -> Int64 { keys[slot] }

  func contains(_ slot: Slot) -> Bool { slot < keys.count && winners[keys.count + slot] >= 0 }

  mutating func insert(_ slot: Slot, key: Int64) {
    while slot >= keys.count { grow() }
    lastArrival += 1
    keys[slot] = key
    arrivals[slot] = lastArrival
    winners[keys.count + slot] = Int32(slot)
    count += 1
    play(from: slot)
  }

  /// Gives one that is in it another key; of equal ones it comes last.
  mutating func move(_ slot: Slot, to key: Int64) {
    lastArrival += 1
    keys[slot] = key
    arrivals[slot] = lastArrival
    play(from: slot)
  }

  mutating func remove(_ slot: Slot) {
    winners[keys.count + slot] = SmallestKey.nobody
    count -= 1
    play(from: slot)
  }

  private mutating func play(from slot: Slot) {
    var node = (keys.count + slot) / 2
    while node > 0 {
      winners[node] = winner(winners[2 * node], winners[2 * node + 1])
      node /= 2
    }
  }

  private func winner(_ a: Int32, _ b: Int32) -> Int32 {
    if a < 0 { return b }
    if b < 0 { return a }
    let difference = keys[Int(a)] &- keys[Int(b)]
    if difference != 0 { return difference < 0 ? a : b }
    return arrivals[Int(a)] < arrivals[Int(b)] ? a : b
  }

  private mutating func grow() {
    let size = keys.count * 2
    let leaves = winners[keys.count...]
    keys += Array(repeating: 0, count: size - keys.count)
    arrivals += Array(repeating: 0, count: size - arrivals.count)
    winners =
      Array(repeating: SmallestKey.nobody, count: size) + leaves
      + Array(repeating: SmallestKey.nobody, count: size - leaves.count)
    for node in stride(from: size - 1, to: 0, by: -1) {
      winners[node] = winner(winners[2 * node], winners[2 * node + 1])
    }
  }
}

extension SmallestKey: Digestible {
  func combine(into digest: inout Digest) {
    for slot in keys.indices where contains(slot) {
      digest.combine(slot)
      digest.combine(keys[slot])
      digest.combine(arrivals[slot])
    }
  }
}
