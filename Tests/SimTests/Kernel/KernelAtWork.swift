// A kernel for tests of single calls: no session is around it, and each call is an entry of its own.

import TestSupport
import Testing

@testable import Sim

extension Kernel {
  /// One whose first process has hart 0.
  static func atWork() throws -> (kernel: Kernel, initial: Slot) {
    var kernel = try Kernel(GuestRun.scenario(["true"]))
    let waiting = kernel.scheduler.take(0)
    let initial = try #require(waiting)
    kernel.enter(at: .zero, on: HartID(raw: 0), as: initial)
    return (kernel, initial)
  }

  mutating func call(
    _ number: CallNumber, _ first: UInt64 = 0, _ second: UInt64 = 0, as slot: Slot
  ) -> (outcome: CallOutcome, effects: Effects) {
    enter(at: now, on: HartID(raw: 0), as: slot)
    processes[slot].state = .running(on: HartID(raw: 0))
    return handle(number.rawValue, CallArguments([first, second, 0, 0, 0, 0]), for: slot)
  }

  /// The child that a process gets by `fork`.
  mutating func child(of parent: Slot) throws -> Slot {
    let outcome = call(.fork, as: parent).outcome
    guard case .forked(let child) = outcome else { throw ScenarioError("\(outcome)") }
    return child
  }
}
