// Whose turn it is, seen from outside: in the events.

import Sim
import TestSupport
import Testing

@Suite struct SchedulingTests {
  @Test("Processes of one priority go round in order, a tick each")
  func roundRobin() throws {
    let run = try GuestRun(["sched_turns"])
    let spinners: [Int32] = [3, 4, 5]
    let turns = run.events.filter { $0.kind == .dispatch && spinners.contains($0.process.raw) }
    try #require(turns.count > 25)
    for (turn, next) in zip(turns, turns.dropFirst()).prefix(25) {
      #expect(next.process.raw == (turn.process.raw - 3 + 1) % 3 + 3)
      let length = next.time.instructions - turn.time.instructions
      #expect(length <= 101_000, "a turn of \(length) instructions")
    }
  }

  @Test(
    "A tick comes after exactly as many instructions as the scenario says",
    arguments: [1000, 5000, 100_000] as [UInt64])
  func ticksAreExact(tick: UInt64) throws {
    let run = try GuestRun(["spin", "100000"]) { $0.tick = tick }
    let ticks = run.events.filter { $0.kind == .tick }
    try #require(!ticks.isEmpty)
    for event in ticks { #expect(event.time.instructions % tick == 0) }
  }
}
