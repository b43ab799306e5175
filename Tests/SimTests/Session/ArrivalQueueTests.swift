// Input that is on its way: in the order of its times, however it was told.

import Testing

@testable import Sim

@Suite struct ArrivalQueueTests {
  private func input(_ time: UInt64, _ byte: UInt8) -> TimedInput {
    TimedInput(time: Instant(instructions: time), bytes: [byte])
  }

  private func takeAll(_ queue: inout ArrivalQueue) -> [UInt8] {
    var bytes: [UInt8] = []
    while let input = queue.takeFirst(by: .end) { bytes += input.bytes }
    return bytes
  }

  @Test("The first to arrive is the first out, and of several at one time the first told")
  func ordersByTime() {
    var queue = ArrivalQueue()
    for (time, byte) in [(50, 5), (10, 1), (50, 6), (30, 3), (10, 2), (40, 4)] {
      queue.insert(input(UInt64(time), UInt8(byte)))
    }
    #expect(queue.firstTime == Instant(instructions: 10) && queue.byteCount == 6)
    let all = takeAll(&queue)
    #expect(all == [1, 2, 3, 4, 5, 6])
    #expect(queue.isEmpty && queue.firstTime == nil && queue.byteCount == 0)
  }

  @Test("Nothing arrives before its time")
  func waits() {
    var queue = ArrivalQueue()
    queue.insert(input(20, 1))
    let early = queue.takeFirst(by: Instant(instructions: 19))
    let due = queue.takeFirst(by: Instant(instructions: 20))
    #expect(early == nil && due?.bytes == [1])
  }

  @Test("Any course of coming and going agrees with a sorted list", arguments: 1...10)
  func agreesWithAList(seed: UInt64) {
    var random = RandomSource(seed: seed)
    var queue = ArrivalQueue()
    var list: [TimedInput] = []
    for byte in 0..<200 {
      if random.next(below: 3) > 0 {
        let new = input(UInt64(random.next(below: 40)), UInt8(byte))
        queue.insert(new)
        list.insert(new, at: list.firstIndex { $0.time > new.time } ?? list.count)
      } else {
        let taken = queue.takeFirst(by: .end)
        let expected = list.isEmpty ? nil : list.removeFirst()
        #expect(taken == expected)
      }
      #expect(queue.firstTime == list.first?.time && queue.byteCount == list.count)
    }
  }
}
