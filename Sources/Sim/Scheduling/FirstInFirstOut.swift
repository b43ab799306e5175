// First come, first served: whoever has waited longest gets the hart and keeps it until it blocks or ends.
// Priorities mean nothing. (Arpaci-Dusseau, "Operating Systems: Three Easy Pieces", chapter 7; as
// POSIX's SCHED_FIFO with one priority for all.)

struct FirstInFirstOut: SchedulingPolicy {
  private var queue = RunQueue()
  /// By slot, the number in order of arrival.
  private var arrivals: [Int64] = []
  private var lastArrival: Int64 = 0
  private let tick: UInt64
  private let mistakes: SchedulerMistakes

  init(tick: UInt64, _ mistakes: SchedulerMistakes) {
    self.tick = tick
    self.mistakes = mistakes
  }

  var waitingCount: Int { queue.count }
  var options: Int { min(queue.count, 1) }

  private var next: Int { mistakes.contains(.newestFirst) ? queue.count - 1 : 0 }

  func candidate(_ index: Int) -> Slot { queue.candidate(next) }

  func standing(of slot: Slot) -> Standing {
    Standing(rank: arrivals[slot], measure: Int64(queue.count))
  }

  mutating func insert(_ slot: Slot, priority: Int, used: UInt64, keepsTurn: Bool) {
    while arrivals.count <= slot { arrivals.append(0) }
    lastArrival += 1
    arrivals[slot] = lastArrival
    queue.append(slot)
  }

  mutating func take(_ index: Int) -> Slot {
    guard mistakes.contains(.newestFirst) else { return queue.take(0) }
    let slot = candidate(index)
    queue.remove(slot)
    return slot
  }

  mutating func remove(_ slot: Slot) { queue.remove(slot) }
  mutating func removeAll(where isTaken: (Slot) -> Bool) { _ = queue.removeAll(where: isTaken) }
  mutating func leave(_ slot: Slot, used: UInt64) {}
  mutating func forget(_ slot: Slot, used: UInt64, parent: Slot?) {}
  mutating func setPriority(_ slot: Slot, to priority: Int, used: UInt64) {}

  /// Nothing ends a turn but the process itself; where the machine asks again is of no consequence.
  func slice(of slot: Slot, used: UInt64) -> UInt64 { tick }
  func isWaitedFor(_ slot: Slot, used: UInt64) -> Bool {
    mistakes.contains(.fifoSlices) && queue.count > 0
  }
}

extension FirstInFirstOut: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(queue)
    digest.combine(lastArrival)
  }
}
