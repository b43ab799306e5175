// The order in which runnable processes are taken: strict priorities, rounds within one.

import Testing

@testable import Sim

@Suite struct RunQueueTests {
  private func scheduler(_ slots: [Slot], priority: Int = 5) -> Scheduler {
    var scheduler = Scheduler()
    for slot in slots { scheduler.append(slot, priority: priority) }
    return scheduler
  }

  private func takeAll(_ scheduler: inout Scheduler, choosing index: Int = 0) -> [Slot] {
    var slots: [Slot] = []
    while scheduler.options > 0, let slot = scheduler.take(min(index, scheduler.options - 1)) {
      slots.append(slot)
    }
    return slots
  }

  @Test("Taking the first each time is first come, first served")
  func isFirstComeFirstServed() {
    var scheduler = scheduler([4, 2, 9])
    #expect(scheduler.options == 3 && scheduler.waitingCount == 3 && scheduler.best == 5)
    let taken = takeAll(&scheduler)
    #expect(taken == [4, 2, 9])
    #expect(scheduler.options == 0 && scheduler.waitingCount == 0 && scheduler.best == nil)
    let nobody = scheduler.take(0)
    #expect(nobody == nil)
  }

  @Test("The lowest number goes first, whenever it came")
  func strictPriority() {
    var scheduler = scheduler([1, 2], priority: 7)
    scheduler.append(3, priority: 15)
    scheduler.append(4, priority: 0)
    #expect(scheduler.best == 0)
    let taken = takeAll(&scheduler)
    #expect(taken == [4, 1, 2, 3])
  }

  @Test("Whoever comes after a round began waits for its end, however one chooses")
  func aRoundIsFair() {
    var scheduler = scheduler([0, 1, 2])
    let first = scheduler.take(2)
    scheduler.append(3, priority: 5)
    scheduler.append(2, priority: 5)
    #expect(first == 2 && scheduler.options == 2)
    let second = scheduler.take(1)
    #expect(second == 1 && scheduler.options == 1)
    let third = scheduler.take(0)
    // The next round has those who came meanwhile, in their order.
    #expect(third == 0 && scheduler.options == 2)
    let next = takeAll(&scheduler)
    #expect(next == [3, 2])
  }

  @Test("All who waited when the round began are offered, and the others keep their order")
  func offersAll() {
    var scheduler = scheduler(Array(0..<4000))
    #expect(scheduler.options == 4000)
    let last = scheduler.take(3999)
    scheduler.append(5000, priority: 5)
    #expect(last == 3999 && scheduler.options == 3999)
    #expect((0..<3999).map(scheduler.candidate) == Array(0..<3999))
    let others = takeAll(&scheduler)
    #expect(others == Array(0..<3999) + [5000])
  }

  @Test("Taking from the middle of thousands costs no more than a few looks")
  func takesFromTheMiddle() {
    var random = RandomSource(seed: 1)
    var scheduler = scheduler(Array(0..<4096))
    // Where each take moved those before it, this would be 200 million moves.
    for slot in 0..<100_000 {
      guard let taken = scheduler.take(random.next(below: scheduler.options)) else { return }
      #expect(taken >= 0 || slot < 0)
      scheduler.append(taken, priority: 5)
    }
    #expect(scheduler.waitingCount == 4096)
  }

  @Test("Who is put back to the front is in the round, and first")
  func putsBackToTheFront() {
    var scheduler = scheduler([0, 1])
    let first = scheduler.take(0)
    scheduler.append(2, priority: 5)
    scheduler.prepend(0, priority: 5)
    #expect(first == 0 && scheduler.options == 2)
    let taken = takeAll(&scheduler)
    #expect(taken == [0, 1, 2])
  }

  @Test("Any course of coming and going agrees with a list", arguments: 1...20)
  func agreesWithAList(seed: UInt64) {
    var random = RandomSource(seed: seed)
    var scheduler = Scheduler()
    var waiting: [Slot] = []
    var entitled = 0
    for slot in 0..<500 {
      switch random.next(below: 5) {
      case 0, 1:
        scheduler.append(slot, priority: 3)
        waiting.append(slot)
      case 2:
        guard !waiting.isEmpty else { continue }
        let gone = random.next(below: waiting.count)
        scheduler.remove(waiting[gone], priority: 3)
        waiting.remove(at: gone)
        if gone < entitled { entitled -= 1 }
      default:
        let options = entitled == 0 ? waiting.count : entitled
        #expect(scheduler.options == options)
        #expect((0..<options).map(scheduler.candidate) == Array(waiting.prefix(options)))
        guard options > 0 else { continue }
        let chosen = random.next(below: options)
        if entitled == 0 { entitled = waiting.count }
        let expected = waiting.remove(at: chosen)
        let taken = scheduler.take(chosen)
        #expect(taken == expected)
        entitled -= 1
      }
      #expect(scheduler.waitingCount == waiting.count)
      #expect((scheduler.best == nil) == waiting.isEmpty)
    }
  }
}
