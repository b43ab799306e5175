// Whose turn it is, seen from outside: in the events.

import Sim
import TestSupport
import Testing

@Suite struct SchedulingTests {
  @Test("A process dispatched late in a tick has a whole slice of its own", arguments: [1, 2])
  func aSliceIsOnesOwn(harts: Int) throws {
    let run = try GuestRun(["sched_share"]) { $0.harts = harts }
    #expect(run.status == 0, "\(run.console)")
    guard harts == 1 else { return }
    // A process gives way to its equals only when it has had its slice.
    var begun: [Int32: UInt64] = [:]
    for event in run.events {
      let time = event.time.instructions
      if event.kind == .dispatch { begun[event.process.raw] = time }
      guard event.kind == .yield, event[YieldEvent.why] == Int64(YieldReason.slice.rawValue),
        let began = begun[event.process.raw]
      else { continue }
      #expect(time - began >= 100_000)
    }
  }

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
    // One that comes in a call is told when the call is over; in the loop there is none.
    let loop = try #require(run.events.lastIndex { $0.kind == .exec })
    let ticks = run.events[loop...].filter { $0.kind == .tick }.dropFirst()
    try #require(!ticks.isEmpty)
    for event in ticks { #expect(event.time.instructions % tick == 0) }
  }
}
