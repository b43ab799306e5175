// What an entry of the kernel gives back: what the call comes to, and what the session is to do besides.
// Nothing of it stays in the kernel.

import Testing

@testable import Sim

@Suite struct EffectsTests {
  private var kernel: Kernel
  private let initial: Slot

  init() throws { (kernel, initial) = try Kernel.atWork() }

  @Test(
    "A child is what fork comes to; it is not in line before the session has given it registers")
  mutating func forkGivesTheChild() throws {
    let result = kernel.call(.fork, as: initial)
    guard case .forked(let child) = result.outcome else {
      Issue.record("\(result.outcome)")
      return
    }
    #expect(result.effects == .none && kernel.processes[child].parent == initial)
    #expect(kernel.scheduler.waitingCount == 0)
  }

  @Test("A call that wakes somebody says so, and the next one does not")
  mutating func wakingIsSaid() throws {
    let child = try kernel.child(of: initial)
    kernel.block(child, on: .sleep(until: Instant(instructions: 1000)))
    let pid = UInt64(UInt32(kernel.processes[child].pid.raw))
    let result = kernel.call(.kill, pid, as: initial)
    #expect(result.outcome == .value(0) && result.effects == Effects(changesTurns: true))
    #expect(kernel.processes[child].state == .runnable)
    let next = kernel.call(.getpid, as: initial)
    #expect(next.effects == .none)
  }

  @Test("Whoever is woken by time is said by whoever has the time go by")
  mutating func timeWakes() throws {
    let child = try kernel.child(of: initial)
    kernel.block(child, on: .sleep(until: Instant(instructions: 1000)))
    var effects = Effects.none
    kernel.enter(at: Instant(instructions: 999), on: HartID(raw: 0), as: nil)
    kernel.wakeSleepers(&effects)
    #expect(effects == .none)
    kernel.enter(at: Instant(instructions: 1000), on: HartID(raw: 0), as: nil)
    kernel.wakeSleepers(&effects)
    #expect(effects == Effects(changesTurns: true))
  }

  @Test("The end of init halts the machine, with its status")
  mutating func initHalts() {
    var effects = Effects.none
    kernel.exit(initial, status: 7, cause: .call, &effects)
    #expect(effects.halt == 7)
  }

  @Test("The end of a container's init ends what other harts may be running")
  mutating func containersEnd() throws {
    let child = try kernel.child(of: initial)
    let entered = kernel.call(.containerCreateAndEnter, as: child)
    #expect(entered.outcome == .value(0))
    let member = try kernel.child(of: child)
    var effects = Effects.none
    kernel.exit(child, status: 0, cause: .call, &effects)
    #expect(effects.endsOthers && effects.halt == nil)
    #expect(!kernel.processes.isUsed(member))
  }

  @Test("What a call has done so far is given back with it, for the session to keep")
  mutating func progressIsGivenBack() {
    let until = Instant(instructions: 3 * kernel.tick)
    let first = kernel.call(.sleep, 3, as: initial).outcome
    #expect(first == .blocked(on: .sleep(until: until), .sleep(until: until)))
    #expect(kernel.processes[initial].pending == nil)
    // Handled again, it goes by what was kept, not by the time that it is now.
    kernel.processes[initial].pending = .sleep(until: until)
    kernel.enter(at: Instant(instructions: kernel.tick), on: HartID(raw: 0), as: initial)
    let second = kernel.call(.sleep, 3, as: initial).outcome
    #expect(second == first)
    kernel.enter(at: until, on: HartID(raw: 0), as: initial)
    let last = kernel.call(.sleep, 3, as: initial).outcome
    #expect(last == .value(0))
  }

  @Test("A refusal gives back what happened before it")
  mutating func refusalsHaveEffects() {
    let waited = kernel.call(.wait, as: initial)
    #expect(waited.outcome == .refused(.noChildren) && waited.effects == .none)
  }
}
