// A lottery: each waiting process has as many tickets as it weighs, and whoever holds the one drawn gets
// the hart for a slice. (Waldspurger and Weihl, "Lottery Scheduling: Flexible Proportional-Share
// Resource Management", OSDI 1994; without its compensation tickets and currencies.) The drawing is a
// choice: a source of decisions makes it, and a trace keeps what came of it.

struct Lottery: SchedulingPolicy {
  private var line = Tickets()
  /// By place in the line, who stands there.
  private var holders: [Slot] = Array(repeating: -1, count: 8)
  /// By slot: its place, or -1 when it does not wait.
  private var places: [Int] = []
  private let tick: UInt64
  private let mistakes: SchedulerMistakes

  init(tick: UInt64, _ mistakes: SchedulerMistakes) {
    self.tick = tick
    self.mistakes = mistakes
  }

  var waitingCount: Int { line.count }
  var options: Int { line.count }
  func candidate(_ index: Int) -> Slot { holders[line.place(of: index)] }
  var tickets: Tickets? { line }

  func standing(of slot: Slot) -> Standing {
    Standing(
      rank: Int64(line.weight(at: places[slot])), measure: Int64(line.total))
  }

  mutating func insert(_ slot: Slot, priority: Int, used: UInt64, keepsTurn: Bool) {
    while places.count <= slot { places.append(-1) }
    if line.isFull { makeRoom() }
    let weight = mistakes.contains(.ticketsEqual) ? 1 : Weight.of(priority: priority)
    places[slot] = line.append(weight)
    holders[places[slot]] = slot
  }

  /// Closes the gaps, and takes a larger ring if few of the places are vacant.
  private mutating func makeRoom() {
    let waiting = (0..<line.count).map { line.place(of: $0) }.map {
      (holders[$0], line.weight(at: $0))
    }
    let size = waiting.count > holders.count / 2 ? holders.count * 2 : holders.count
    line = Tickets(room: size)
    holders = Array(repeating: -1, count: size)
    for (slot, weight) in waiting {
      places[slot] = line.append(weight)
      holders[places[slot]] = slot
    }
  }

  mutating func take(_ index: Int) -> Slot {
    let slot = candidate(index)
    remove(slot)
    return slot
  }

  mutating func remove(_ slot: Slot) {
    line.remove(at: places[slot])
    holders[places[slot]] = -1
    places[slot] = -1
  }

  mutating func removeAll(where isTaken: (Slot) -> Bool) {
    for slot in places.indices where places[slot] >= 0 && isTaken(slot) { remove(slot) }
  }

  mutating func leave(_ slot: Slot, used: UInt64) {}
  mutating func forget(_ slot: Slot, used: UInt64, parent: Slot?) {}

  mutating func setPriority(_ slot: Slot, to priority: Int, used: UInt64) {
    guard places.indices.contains(slot), places[slot] >= 0, !mistakes.contains(.ticketsStale)
    else { return }
    line.setWeight(Weight.of(priority: priority), at: places[slot])
  }

  func slice(of slot: Slot, used: UInt64) -> UInt64 { tick }
}

extension Lottery: Digestible {
  func combine(into digest: inout Digest) {
    for index in 0..<line.count {
      let place = line.place(of: index)
      digest.combine(holders[place])
      digest.combine(line.weight(at: place))
    }
  }
}
