// The views of the time of groups, held against sessions of which it is known.

import Recorder
import Sim
import TestSupport
import Testing

struct GroupTimeViewTests {
  private func query(_ sql: String, _ program: [String], ticks: UInt64) throws -> [[QueryResult
    .Value]]
  {
    let folder = try TemporaryFolder()
    var scenario = GuestRun.scenario(program)
    scenario.tick = 10_000
    scenario.limitTicks = ticks
    try record(scenario, to: folder.file("s.db"))
    return try TraceQuery.run(sql, on: folder.file("s.db")).rows
  }

  /// Two processes of a group that may run a fifth of the time.
  private let program = ["group_quota", "2", "200", "20000 100000"]

  @Test func aGroupIsThrottledOnceInEachPeriodThatItUsesUp() throws {
    let found = try query(
      "SELECT count(*), min(used), min(quota), max(period), sum(duration) > 1500000 FROM throttle",
      program, ticks: 220)
    #expect(
      found == [[.integer(20), .integer(20000), .integer(20000), .integer(100_000), .integer(1)]])
  }

  @Test func itsProcessesAreThrottledMeanwhile() throws {
    let states = try query(
      """
      SELECT count(*) > 30, (SELECT count(*) FROM thread_state WHERE state = 'P') > 30,
        sum(state = 'throttled') = sum(waits_for = 'throttled')
      FROM process_state WHERE state = 'throttled'
      """, program, ticks: 220)
    #expect(states == [[.integer(1), .integer(1), .integer(1)]])
  }

  @Test func whatAGroupHasUsedIsTheTurnsOfItsProcesses() throws {
    let found = try query(
      """
      SELECT (SELECT max(held) FROM group_usage WHERE group_id = 2 AND resource = 'cpu'),
        (SELECT count(*) FROM group_usage WHERE group_id = 2 AND resource = 'cpu') > 20
      """, program, ticks: 220)
    guard case .integer(let used) = found[0][0] else {
      Issue.record("\(found)")
      return
    }
    #expect(abs(used - 20 * 20_000) < 2000 && found[0][1] == .integer(1))
  }
}
