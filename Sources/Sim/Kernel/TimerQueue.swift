// What is due: processes that wait for a time, who sleep and whom `io.max` makes wait, groups that have used their quota
// until a period is over, and what arrives over the network. A binary heap by that time, then by order of arrival.

/// Processes by the time at which they wake, groups by that at which they may run again, and the times at which
/// something is delivered.
struct TimerQueue: Sendable {
  struct Entry: Sendable {
    var time: Instant
    var order: UInt64
    /// Who wakes; nil where it is a group's, or something is to be taken off the wire.
    var slot: Slot?
    var pid: ProcessID
    /// Not none where it is a group's.
    var group = GroupID.none
  }

  private var heap: [Entry] = []
  private var arrivals: UInt64 = 0

  /// When the first entry is due.
  var first: Instant? { heap.first?.time }

  mutating func insert(_ slot: Slot, _ pid: ProcessID, at time: Instant) {
    insert(slot, pid, at: time, keeping: 0)
  }

  /// Inserts an entry where another one was, or as the last if that is 0.
  ///
  /// - Returns: its order among those of the same time.
  @discardableResult
  mutating func insert(_ slot: Slot, _ pid: ProcessID, at time: Instant, keeping order: UInt64)
    -> UInt64
  {
    if order == 0 { arrivals += 1 }
    let order = order == 0 ? arrivals : order
    heap.append(Entry(time: time, order: order, slot: slot, pid: pid))
    rise(heap.count - 1)
    return order
  }

  mutating func insert(_ group: GroupID, at time: Instant) {
    arrivals += 1
    heap.append(Entry(time: time, order: arrivals, slot: nil, pid: .none, group: group))
    rise(heap.count - 1)
  }

  mutating func remove(_ group: GroupID) {
    if let index = heap.firstIndex(where: { $0.group == group }) { _ = remove(at: index) }
  }

  mutating func insertDelivery(at time: Instant) {
    arrivals += 1
    heap.append(Entry(time: time, order: arrivals, slot: nil, pid: .none))
    rise(heap.count - 1)
  }

  /// Takes the first entry.
  mutating func removeFirst() -> Entry? {
    heap.isEmpty ? nil : remove(at: 0)
  }

  /// Takes the entry of a process that is woken otherwise: time must not pass for its sake.
  mutating func remove(_ slot: Slot, _ pid: ProcessID) {
    if let index = heap.firstIndex(where: { $0.slot == slot && $0.pid == pid }) {
      _ = remove(at: index)
    }
  }

  /// Takes out many in one go.
  mutating func removeAll(where isTaken: (Slot) -> Bool) {
    heap.removeAll { $0.slot.map(isTaken) ?? false }
    for index in (0..<heap.count / 2).reversed() { sink(index) }
  }

  private mutating func remove(at index: Int) -> Entry {
    let last = heap.removeLast()
    guard index < heap.count else { return last }
    let removed = heap[index]
    heap[index] = last
    sink(index)
    rise(index)
    return removed
  }

  private mutating func rise(_ start: Int) {
    var index = start
    while index > 0, precedes(index, (index - 1) / 2) {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  private mutating func sink(_ start: Int) {
    var index = start
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
        if precedes(child, least) { least = child }
      }
      if least == index { return }
      heap.swapAt(index, least)
      index = least
    }
  }

  private func precedes(_ a: Int, _ b: Int) -> Bool {
    (heap[a].time, heap[a].order) < (heap[b].time, heap[b].order)
  }
}

extension TimerQueue: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(arrivals)
    digest.combine(heap.count)
    for entry in heap {
      digest.combine(entry.time.instructions)
      digest.combine(entry.order)
      digest.combine(entry.slot ?? -1)
      digest.combine(entry.group.raw)
    }
  }
}
