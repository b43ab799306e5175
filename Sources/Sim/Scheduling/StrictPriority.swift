// Strict priorities, round robin within one. Of the processes that wait at the highest priority,
// those that were there when the present round began are equally entitled to the next hart: each
// of them runs before anyone who came later runs. Taking always the first is plain first come,
// first served; any other choice is fair as well. (Silberschatz, Galvin and Gagne, "Operating System
// Concepts", priority scheduling with round robin; POSIX's SCHED_RR.)

/// The waiting processes by priority; `MultilevelFeedback` has its levels in the same way.
struct StrictPriority: Sendable {
  private var queues: [RunQueue] = Array(repeating: RunQueue(), count: Scheduler.priorities)
  /// Bit p is set when a process waits at priority p.
  private var occupied: UInt32 = 0

  /// The highest priority (lowest number) at which a process waits.
  var best: Int? { occupied == 0 ? nil : occupied.trailingZeroBitCount }

  /// Has everyone who waits at a priority be as entitled as the others, however long they wait.
  mutating func forgetRounds() {
    for priority in queues.indices { queues[priority].hasRounds = false }
  }

  /// Serves the lowest priority first instead of the highest.
  var takesLowest = false

  /// The priority that is served next.
  private var served: Int? {
    takesLowest && occupied != 0 ? 31 - occupied.leadingZeroBitCount : best
  }

  /// How many wait, at any priority.
  private(set) var waitingCount = 0

  /// How many processes are equally entitled to the next hart; 0 when none waits.
  var options: Int {
    guard let served else { return 0 }
    return queues[served].options
  }

  /// The one at `index` of those who are equally entitled.
  func candidate(_ index: Int) -> Slot {
    guard let served else { preconditionFailure("nobody waits") }
    return queues[served].candidate(index)
  }

  mutating func append(_ slot: Slot, priority: Int) {
    queues[priority].append(slot)
    waitingCount += 1
    occupied |= 1 << UInt32(priority)
  }

  /// Puts a process that did not use up its turn back to the front.
  mutating func prepend(_ slot: Slot, priority: Int) {
    queues[priority].prepend(slot)
    waitingCount += 1
    occupied |= 1 << UInt32(priority)
  }

  /// Takes the one at `index` of those entitled at the best priority.
  mutating func take(_ index: Int) -> Slot? {
    guard let served else { return nil }
    let slot = queues[served].take(index)
    waitingCount -= 1
    if queues[served].count == 0 { occupied &= ~(1 << UInt32(served)) }
    return slot
  }

  /// Takes a waiting process out, wherever it stands.
  mutating func remove(_ slot: Slot, priority: Int) {
    queues[priority].remove(slot)
    waitingCount -= 1
    if queues[priority].count == 0 { occupied &= ~(1 << UInt32(priority)) }
  }

  /// Puts all who wait in line at priority 0, in the order in which they would come, and begins its round anew.
  ///
  /// - Returns: those who did not wait there before.
  mutating func raiseAll() -> [Slot] {
    queues[0].endRound()
    var raised: [Slot] = []
    for priority in 1..<queues.count where queues[priority].count > 0 {
      raised += queues[priority].takeAll()
    }
    for slot in raised { queues[0].append(slot) }
    occupied = waitingCount > 0 ? 1 : 0
    return raised
  }

  /// Takes many out in one go, wherever they stand.
  mutating func removeAll(where isTaken: (Slot) -> Bool) {
    for priority in queues.indices where queues[priority].count > 0 {
      waitingCount -= queues[priority].removeAll(where: isTaken)
      if queues[priority].count == 0 { occupied &= ~(1 << UInt32(priority)) }
    }
  }
}

extension StrictPriority: Digestible {
  func combine(into digest: inout Digest) {
    for priority in queues.indices where queues[priority].count > 0 {
      digest.combine(priority)
      digest.combine(queues[priority])
    }
  }
}
