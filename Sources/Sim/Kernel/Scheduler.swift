// Strict priorities, round robin within one. Of the processes that wait at the highest priority,
// those that were there when the present round began are equally entitled to the next hart: each
// of them runs before anyone who came later runs. Taking always the first is plain first come,
// first served; any other choice is fair as well.

/// The runnable processes that no hart runs.
package struct Scheduler: Sendable {
  package static let priorities = 16
  /// At most this many of those entitled are offered to choose from.
  static let choices = 8

  private var queues: [RunQueue] = Array(repeating: RunQueue(), count: priorities)
  /// Bit p is set when somebody waits at priority p.
  private var occupied: UInt32 = 0

  /// The highest priority (lowest number) at which somebody waits.
  package var best: Int? { occupied == 0 ? nil : occupied.trailingZeroBitCount }

  /// Serves the lowest priority first instead of the highest.
  var takesLowest = false

  /// The priority that is served next.
  private var served: Int? {
    takesLowest && occupied != 0 ? 31 - occupied.leadingZeroBitCount : best
  }

  /// How many wait, at any priority.
  package private(set) var waitingCount = 0

  /// How many processes are equally entitled to the next hart; 0 when none waits.
  var options: Int {
    guard let served else { return 0 }
    return queues[served].options
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

  /// Takes many out in one go, wherever they stand.
  mutating func removeAll(where isTaken: (Slot) -> Bool) {
    for priority in queues.indices where queues[priority].count > 0 {
      waitingCount -= queues[priority].removeAll(where: isTaken)
      if queues[priority].count == 0 { occupied &= ~(1 << UInt32(priority)) }
    }
  }
}

/// The processes that wait at one priority, in order of arrival, as a ring that grows.
private struct RunQueue: Sendable {
  private var ring: [Slot] = Array(repeating: 0, count: 8)
  private var head = 0
  private(set) var count = 0
  /// How many from the head on belong to the present round.
  private var entitled = 0

  var options: Int { min(entitled == 0 ? count : entitled, Scheduler.choices) }

  mutating func append(_ slot: Slot) {
    if count == ring.count { grow() }
    ring[(head + count) & (ring.count - 1)] = slot
    count += 1
  }

  mutating func prepend(_ slot: Slot) {
    if count == ring.count { grow() }
    head = (head - 1) & (ring.count - 1)
    ring[head] = slot
    count += 1
    if entitled > 0 { entitled += 1 }
  }

  mutating func take(_ index: Int) -> Slot {
    if entitled == 0 { entitled = count }
    precondition(index < entitled, "choice \(index) of \(entitled)")
    let slot = ring[(head + index) & (ring.count - 1)]
    // Those before it move up by one, so that their order stays.
    for position in stride(from: index, to: 0, by: -1) {
      ring[(head + position) & (ring.count - 1)] = ring[(head + position - 1) & (ring.count - 1)]
    }
    head = (head + 1) & (ring.count - 1)
    count -= 1
    entitled -= 1
    return slot
  }

  mutating func remove(_ slot: Slot) {
    for position in 0..<count where ring[(head + position) & (ring.count - 1)] == slot {
      for later in position + 1..<max(count, position + 1) {
        ring[(head + later - 1) & (ring.count - 1)] = ring[(head + later) & (ring.count - 1)]
      }
      count -= 1
      if position < entitled { entitled -= 1 }
      return
    }
    preconditionFailure("slot \(slot) does not wait here")
  }

  /// - Returns: how many there were.
  mutating func removeAll(where isTaken: (Slot) -> Bool) -> Int {
    var kept = 0
    var keptEntitled = 0
    for position in 0..<count {
      let slot = ring[(head + position) & (ring.count - 1)]
      if isTaken(slot) { continue }
      ring[(head + kept) & (ring.count - 1)] = slot
      kept += 1
      if position < entitled { keptEntitled += 1 }
    }
    defer { (count, entitled) = (kept, keptEntitled) }
    return count - kept
  }

  private mutating func grow() {
    var larger: [Slot] = Array(repeating: 0, count: ring.count * 2)
    for position in 0..<count { larger[position] = ring[(head + position) & (ring.count - 1)] }
    ring = larger
    head = 0
  }
}

extension Scheduler: Digestible {
  func combine(into digest: inout Digest) {
    for priority in queues.indices where queues[priority].count > 0 {
      digest.combine(priority)
      digest.combine(queues[priority])
    }
  }
}

extension RunQueue: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(entitled)
    for position in 0..<count { digest.combine(ring[(head + position) & (ring.count - 1)]) }
  }
}
