// Futexes: what processes and threads build locks of. An int in memory is compared and waited on in one step, by its
// place (`FutexPlace`).

/// Who waits, by place.
struct FutexTable: Sendable {
  private var queues: [(place: FutexPlace, queue: WaitQueue)] = []

  private func index(_ place: FutexPlace) -> Int {
    queues.partitioningIndex { $0.place >= place }
  }

  /// Who waits at a place, in order of arrival.
  func waiting(at place: FutexPlace) -> [Slot] {
    let index = index(place)
    return index < queues.count && queues[index].place == place ? queues[index].queue.waiting : []
  }

  mutating func append(_ slot: Slot, at place: FutexPlace) {
    let index = index(place)
    if index == queues.count || queues[index].place != place {
      queues.insert((place, WaitQueue()), at: index)
    }
    queues[index].queue.append(slot)
  }

  mutating func remove(_ slot: Slot, at place: FutexPlace) {
    let index = index(place)
    guard index < queues.count, queues[index].place == place else { return }
    queues[index].queue.remove(slot)
    if queues[index].queue.isEmpty { queues.remove(at: index) }
  }

  /// Everybody who waits anywhere.
  var count: Int { queues.reduce(0) { $0 + $1.queue.waiting.count } }
}

extension Kernel {
  /// futex: op 0 sleeps while the int is as expected, op 1 wakes sleepers.
  mutating func futex(
    _ slot: Slot, _ address: UInt64, operation: Int32, value: Int32, ticks count: Int32,
    _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    switch operation {
    case 0: return try wait(slot, onIntAt: address, while: value, ticks: count)
    case 1:
      let place = try futexPlace(slot, address)
      var woken: Int64 = 0
      while woken < Int64(value), let next = firstSleeper(at: place) {
        processes[next].pending = .futexWoken
        wake(next, &effects)
        woken += 1
      }
      return .value(woken)
    default: throw .outOfRange
    }
  }

  private mutating func wait(
    _ slot: Slot, onIntAt address: UInt64, while expected: Int32, ticks count: Int32
  ) throws(Refusal) -> CallOutcome {
    switch processes[slot].pending {
    case .futexWoken: return .value(0)
    case .futex: throw processes[slot].isKilled ? .killed : .timedOut
    default: break
    }
    guard count >= 0 else { throw .outOfRange }
    guard address & 3 == 0, let bytes = copyIn(slot, address, count: 4) else { throw .badAddress }
    let found = bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    if Int32(bitPattern: found) != expected, !defects.contains(.futexBlind) { throw .intDiffers }
    if processes[slot].isKilled { throw .killed }
    let until = count == 0 ? nil : Instant(tick: ticks + UInt64(count), of: tick)
    let place = try futexPlace(slot, address)
    return .blocked(on: .futex(place, until: until), .futex)
  }

  /// Where an int is, whoever asks; nothing is read.
  private mutating func futexPlace(_ slot: Slot, _ address: UInt64) throws(Refusal) -> FutexPlace {
    let space = space(of: slot)
    guard address & 3 == 0, let entry = addressSpaces[space].table.entry(at: address),
      entry.isUntouched || entry.permissions.contains(.read)
    else { throw .badAddress }
    if defects.contains(.futexAcross) { return FutexPlace(number: address) }
    guard entry.permissions.contains(.shared) else {
      return FutexPlace(space: space, number: address)
    }
    let page = PageNumber(address >> 12)
    guard let mapping = addressSpaces[space].sharedMappings.first(where: { $0.page == page }),
      sharedPages.isUsed(mapping.shared)
    else { throw .badAddress }
    charge(.places, addressSpaces[space].sharedMappings.count)
    return FutexPlace(number: sharedPages[mapping.shared].serial << 12 | address & 4095)
  }

  /// The sleeper of the highest priority, the first of several.
  private mutating func firstSleeper(at place: FutexPlace) -> Slot? {
    let waiting = futexes.waiting(at: place)
    charge(.places, waiting.count)
    if defects.contains(.futexNewestFirst) { return waiting.last }
    return waiting.min { processes[$0].priority < processes[$1].priority }
  }

  /// Takes a process out of the queue of a futex, woken or not.
  mutating func leaveFutex(_ slot: Slot, _ place: FutexPlace, until: Instant?) {
    futexes.remove(slot, at: place)
    if until != nil { timers.remove(slot, processes[slot].pid) }
  }
}

extension FutexTable: Digestible {
  func combine(into digest: inout Digest) {
    for (place, queue) in queues {
      digest.combine(place.space)
      digest.combine(place.number)
      digest.combine(queue)
    }
  }
}
