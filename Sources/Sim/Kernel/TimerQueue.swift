// Who is to be woken when: a binary heap by time, then by order of arrival. An entry whose
// process was woken otherwise is stale; whoever takes it sees that and ignores it.

/// Sleeping processes by the time at which they wake.
struct TimerQueue: Sendable {
  struct Entry: Sendable {
    var time: Instant
    var order: UInt64
    var slot: Slot
    var pid: ProcessID
  }

  private var heap: [Entry] = []
  private var arrivals: UInt64 = 0

  /// When the first entry is due.
  var first: Instant? { heap.first?.time }

  mutating func insert(_ slot: Slot, _ pid: ProcessID, at time: Instant) {
    arrivals += 1
    heap.append(Entry(time: time, order: arrivals, slot: slot, pid: pid))
    var index = heap.count - 1
    while index > 0, precedes(index, (index - 1) / 2) {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  /// Takes the first entry.
  mutating func removeFirst() -> Entry? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      var index = 0
      while true {
        var least = index
        for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
          if precedes(child, least) { least = child }
        }
        if least == index { break }
        heap.swapAt(index, least)
        index = least
      }
    }
    return first
  }

  private func precedes(_ a: Int, _ b: Int) -> Bool {
    (heap[a].time, heap[a].order) < (heap[b].time, heap[b].order)
  }
}
