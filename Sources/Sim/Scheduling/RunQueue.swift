// The processes that wait at one priority, in order of arrival. Any of those in the present round may be
// taken, out of thousands, and the others keep their order. So a place in the ring that is given up stays
// vacant, and a tree of counts finds the one who is at an index in as many steps as the ring's size has bits.
// Where always the first is taken there is no such place, and no tree.

/// The processes that wait at one priority, as a ring that grows.
struct RunQueue: Sendable {
  private static let vacant: Slot = -1
  private static let initialSize = 8

  private var ring: [Slot] = Array(repeating: vacant, count: initialSize)
  /// Where the first one is.
  private var head = 0
  /// How many places from there on are not free: up to the last one, vacant ones included.
  private var span = 0
  private(set) var count = 0
  /// How many from the head on belong to the present round; 0 before it begins.
  private var entitled = 0
  /// Whether everyone who waits is next before anyone comes again; else all are always entitled.
  var hasRounds = true
  /// How many wait in each half of the ring, each quarter and so on: node 1 is the whole ring, node n has
  /// the halves 2n and 2n + 1, and the last level is the places. Empty before anybody has left the middle.
  private var counts: [Int32] = []

  /// How many are equally entitled to be next.
  var options: Int { entitled == 0 ? count : entitled }

  /// The one at `index` of those.
  func candidate(_ index: Int) -> Slot { ring[place(at: index)] }

  mutating func append(_ slot: Slot) {
    if span == ring.count { makeRoom() }
    fill((head + span) & (ring.count - 1), with: slot)
    span += 1
  }

  mutating func prepend(_ slot: Slot) {
    if span == ring.count { makeRoom() }
    head = (head - 1) & (ring.count - 1)
    fill(head, with: slot)
    span += 1
    if entitled > 0 { entitled += 1 }
  }

  mutating func take(_ index: Int) -> Slot {
    if entitled == 0 { entitled = count }
    precondition(index < entitled, "choice \(index) of \(entitled)")
    let place = place(at: index)
    let slot = ring[place]
    vacate(place)
    entitled = hasRounds ? entitled - 1 : 0
    return slot
  }

  mutating func remove(_ slot: Slot) {
    var index = 0
    for position in 0..<span {
      let place = (head + position) & (ring.count - 1)
      if ring[place] == RunQueue.vacant { continue }
      if ring[place] == slot {
        vacate(place)
        if index < entitled { entitled -= 1 }
        return
      }
      index += 1
    }
    preconditionFailure("slot \(slot) does not wait here")
  }

  /// - Returns: how many there were.
  mutating func removeAll(where isTaken: (Slot) -> Bool) -> Int {
    let before = count
    let inRound = entitled
    var index = 0
    for place in places where ring[place] != RunQueue.vacant {
      if isTaken(ring[place]) {
        vacate(place)
        if index < inRound { entitled -= 1 }
      }
      index += 1
    }
    return before - count
  }

  /// Takes out all, in order.
  mutating func takeAll() -> [Slot] {
    let waiting = places.compactMap { ring[$0] == RunQueue.vacant ? nil : ring[$0] }
    self = RunQueue()
    return waiting
  }

  /// Whoever waits now is equally entitled to be next.
  mutating func endRound() { entitled = 0 }

  // MARK: Places

  /// All places that are not free, in order.
  private var places: [Int] { (0..<span).map { (head + $0) & (ring.count - 1) } }

  /// The place of the one at `index` from the head on.
  private func place(at index: Int) -> Int {
    precondition(index >= 0 && index < count, "index \(index) of \(count)")
    if span == count { return (head + index) & (ring.count - 1) }
    // The ring's places are counted from its beginning, and it may begin in the middle of the queue.
    var rank = index + countBefore(head)
    if rank >= count { rank -= count }
    var node = 1
    while node < ring.count {
      node *= 2
      let left = Int(counts[node])
      if rank >= left {
        rank -= left
        node += 1
      }
    }
    return node - ring.count
  }

  /// How many wait in places with lower numbers.
  private func countBefore(_ place: Int) -> Int {
    var sum = 0
    var node = ring.count + place
    while node > 1 {
      if node & 1 == 1 { sum += Int(counts[node - 1]) }
      node >>= 1
    }
    return sum
  }

  private mutating func fill(_ place: Int, with slot: Slot) {
    ring[place] = slot
    count += 1
    tally(place, 1)
  }

  private mutating func vacate(_ place: Int) {
    if counts.isEmpty, place != head { beginCounting() }
    ring[place] = RunQueue.vacant
    count -= 1
    tally(place, -1)
    while span > 0, ring[head] == RunQueue.vacant {
      head = (head + 1) & (ring.count - 1)
      span -= 1
    }
    while span > 0, ring[(head + span - 1) & (ring.count - 1)] == RunQueue.vacant { span -= 1 }
  }

  private mutating func beginCounting() {
    counts = Array(repeating: 0, count: ring.count * 2)
    for place in places where ring[place] != RunQueue.vacant { tally(place, 1) }
  }

  private mutating func tally(_ place: Int, _ change: Int32) {
    if counts.isEmpty { return }
    var node = ring.count + place
    while node > 0 {
      counts[node] += change
      node >>= 1
    }
  }

  /// Closes the gaps, and takes a larger ring if few of the places are vacant.
  private mutating func makeRoom() {
    let waiting = places.compactMap { ring[$0] == RunQueue.vacant ? nil : ring[$0] }
    let size = waiting.count > ring.count / 2 ? ring.count * 2 : ring.count
    ring = Array(repeating: RunQueue.vacant, count: size)
    if !counts.isEmpty { counts = Array(repeating: 0, count: size * 2) }
    (head, span, count) = (0, waiting.count, 0)
    for (place, slot) in waiting.enumerated() { fill(place, with: slot) }
  }
}

extension RunQueue: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(entitled)
    for position in 0..<span {
      let slot = ring[(head + position) & (ring.count - 1)]
      if slot != RunQueue.vacant { digest.combine(slot) }
    }
  }
}
