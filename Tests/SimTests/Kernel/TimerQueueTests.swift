// Who is woken when: by time, then in order of arrival, against a list that is searched.

import Testing

@testable import Sim

@Suite struct TimerQueueTests {
  private func instant(_ time: UInt64) -> Instant { Instant(instructions: time) }

  @Test("Sleepers come out by time, and those of one time in the order in which they came")
  func comesOutInOrder() {
    var queue = TimerQueue()
    let nobody = queue.removeFirst()
    #expect(queue.first == nil && nobody == nil)
    for (slot, time) in [50, 20, 50, 10, 20, 20, 90].enumerated() {
      queue.insert(slot, ProcessID(raw: Int32(slot + 1)), at: instant(UInt64(time)))
    }
    #expect(queue.first == instant(10))
    var slots: [Slot?] = []
    while let entry = queue.removeFirst() { slots.append(entry.slot) }
    #expect(slots == [3, 1, 4, 5, 0, 2, 6])
  }

  @Test("Who keeps its place comes before those who came later, whenever it is put in again")
  func keepsAPlace() {
    var queue = TimerQueue()
    let first = queue.insert(0, ProcessID(raw: 1), at: instant(10), keeping: 0)
    let second = queue.insert(1, ProcessID(raw: 2), at: instant(10), keeping: 0)
    while queue.removeFirst() != nil {}
    // The first has got something and begins anew; the second has got nothing.
    let third = queue.insert(0, ProcessID(raw: 1), at: instant(20), keeping: 0)
    let kept = queue.insert(1, ProcessID(raw: 2), at: instant(20), keeping: second)
    #expect(kept == second && first < second && second < third)
    let next = queue.removeFirst()
    #expect(next?.slot == 1)
  }

  @Test("Who is woken otherwise is gone from wherever it stands, and only it")
  func removesWhoeverItIs() {
    var queue = TimerQueue()
    for slot in 0..<8 {
      queue.insert(slot, ProcessID(raw: Int32(slot)), at: instant(UInt64(80 - slot * 10)))
    }
    queue.remove(7, ProcessID(raw: 7))
    queue.remove(3, ProcessID(raw: 3))
    queue.remove(0, ProcessID(raw: 0))
    // A slot's next process is another one.
    queue.remove(4, ProcessID(raw: 99))
    #expect(queue.first == instant(20))
    var slots: [Slot?] = []
    while let entry = queue.removeFirst() { slots.append(entry.slot) }
    #expect(slots == [6, 5, 4, 2, 1])
  }

  @Test("What is delivered comes out in its turn, and stays when sleepers are taken out")
  func deliversInTurn() {
    var queue = TimerQueue()
    queue.insert(1, ProcessID(raw: 1), at: instant(20))
    queue.insertDelivery(at: instant(20))
    queue.insert(2, ProcessID(raw: 2), at: instant(20))
    queue.insertDelivery(at: instant(10))
    queue.removeAll { $0 == 1 }
    var slots: [Slot?] = []
    while let entry = queue.removeFirst() { slots.append(entry.slot) }
    #expect(slots == [nil, nil, 2])
  }

  @Test("Any course of coming and going agrees with a list that is searched", arguments: 1...20)
  func agreesWithAList(seed: UInt64) {
    var random = RandomSource(seed: seed)
    var queue = TimerQueue()
    var list: [(time: UInt64, order: Int, slot: Slot)] = []
    for order in 0..<400 {
      if random.next(below: 3) > 0 {
        let time = UInt64(random.next(below: 40))
        queue.insert(order, ProcessID(raw: Int32(order)), at: instant(time))
        list.append((time, order, order))
      } else if random.next(below: 2) == 0, !list.isEmpty {
        let gone = list.remove(at: random.next(below: list.count))
        queue.remove(gone.slot, ProcessID(raw: Int32(gone.slot)))
      } else {
        let first = list.indices.min {
          (list[$0].time, list[$0].order) < (list[$1].time, list[$1].order)
        }
        #expect(queue.first?.instructions == first.map { list[$0].time })
        let removed = queue.removeFirst()?.slot
        let expected = first.map { list.remove(at: $0).slot }
        #expect(removed == expected)
      }
    }
  }
}
