// What `stat limits` says, held against the views of groups and against sessions whose limits are known.

import Recorder
import Sim
import TestSupport
import Testing

struct LimitReportTests {
  let folder: TemporaryFolder
  var session: String { folder.file("s.db") }

  init() throws { folder = try TemporaryFolder() }

  private func tables(_ program: String) throws -> (limits: ReportTable, groups: ReportTable) {
    try record(GuestRun.scenario([program]), to: session)
    var report = LimitReport()
    let tables = try TraceReader(path: session).run(&report)
    return (tables[0], tables[1])
  }

  private func query(_ sql: String) throws -> [[QueryResult.Value]] {
    try TraceQuery.run(sql, on: session).rows
  }

  private func rows(_ table: ReportTable, _ columns: String...) throws -> [[QueryResult.Value]] {
    let places = try columns.map { try #require(table.columns.firstIndex(of: $0)) }
    return table.rows.map { row in places.map { row[$0] } }
  }

  /// Of every group of `call_groups`, those that containers have included.
  @Test func slotsAndRefusalsAreThoseOfTheViews() throws {
    let limits = try tables("call_groups").limits
    let found = try rows(limits, "cgroup", "resource", "peak", "refusals")
      .filter { $0[0] != .text("/") }
    let expected = try query(
      """
      SELECT path, 'pids', coalesce((SELECT max(peak) FROM group_usage u WHERE u.resource = 'pids' AND u.group_id = g.group_id), 0),
        (SELECT count(*) FROM group_refusal r WHERE r.group_id = g.group_id AND resource = 'pids')
      FROM cgroup g ORDER BY g.group_id
      """)
    #expect(expected.count > 20)
    #expect(found.filter { $0[1] == .text("pids") } == expected)
    #expect(found.contains { $0[3] != .integer(0) })
  }

  @Test func theLimitIsTheLastThatWasSet() throws {
    let limits = try tables("call_groups").limits
    let found = try rows(limits, "cgroup", "resource", "limit")
      .filter { $0[0] != .text("/") && $0[1] == .text("pids") }.map { $0[2] }
    let expected = try query(
      """
      SELECT (SELECT allowed FROM group_usage u WHERE u.resource = 'pids' AND u.group_id = g.group_id ORDER BY seq DESC LIMIT 1)
      FROM cgroup g ORDER BY g.group_id
      """
    ).map { $0[0] }
    #expect(found == expected && Set(expected.map { "\($0)" }).count > 2)
  }

  @Test func frozenTimeIsThatOfTheProcessesInTheGroup() throws {
    let groups = try tables("group_freeze").groups
    let frozen = try query(
      "SELECT sum(duration) FROM process_state WHERE state = 'frozen'")[0][0]
    #expect(try rows(groups, "cgroup", "frozen")[0] == [.text("/"), frozen])
    guard case .integer(let time) = frozen else {
      Issue.record("nobody froze")
      return
    }
    #expect(time > 0)
  }

  /// Of `group_io`: who waits for the next tick waits for `io` and the group, in Perfetto's view as well, and in no tick
  /// is more moved than the group that was last limited may move.
  @Test func whoWaitsForFileDataSaysForWhichGroup() throws {
    try record(GuestRun.scenario(["group_io"]), to: session)
    let waits = try query(
      """
      SELECT count(*) > 50, count(*) = sum(object IN (SELECT group_id FROM cgroup)),
        count(*) = (SELECT count(*) FROM thread_state WHERE blocked_function = 'io' AND io_wait = 1)
      FROM process_state WHERE waits_for = 'io'
      """)
    #expect(waits == [[.integer(1), .integer(1), .integer(1)]])
    let moved = try query(
      """
      SELECT max(bytes) FROM (
        SELECT sum(count) AS bytes FROM file_event WHERE event = 'transfer' AND write = 1
          AND seq > (SELECT max(seq) FROM group_event WHERE control = 'io.max wbps')
        GROUP BY time / 100000)
      """)
    #expect(moved == [[.integer(10)]])
    #expect(try query("SELECT * FROM violation_limits").isEmpty)
  }

  /// The root has all that ran; who moves takes nothing along of what it did before.
  @Test func whatRanIsCountedWhereItRan() throws {
    let groups = try tables("call_groups").groups
    let ran = try rows(groups, "ran").map { row -> Int64 in
      guard case .integer(let time) = row[0] else { return 0 }
      return time
    }
    let all = try query("SELECT sum(duration) FROM run_slice")[0][0]
    #expect(.integer(ran[0]) == all)
    #expect(ran.dropFirst().contains { $0 > 0 } && ran.dropFirst().allSatisfy { $0 < ran[0] })
  }

  /// A file that limits a resource, what is told of its use, and what is refused are of one line.
  @Test func usesAreThoseThatWereTold() throws {
    let limits = try tables("group_misc").limits
    let found = try rows(limits, "cgroup", "resource", "peak")
    #expect(!found.contains { "\($0[1])".contains("misc") })
    for resource in ["files", "pipes", "mutexes", "shared_pages"] {
      let told = try query(
        """
        SELECT max(most) FROM (
          SELECT group_id, peak AS most FROM group_usage WHERE resource = '\(resource)'
          UNION ALL SELECT group_id, held FROM group_refusal WHERE resource = '\(resource)')
        GROUP BY group_id ORDER BY group_id
        """)
      let peaks = found.filter { $0[1] == .text(resource) && $0[2] != .null }.map { [$0[2]] }
      #expect(peaks == told && !told.isEmpty, "\(resource)")
    }
  }

  @Test func aSessionWithoutGroupsHasTheRootAlone() throws {
    let (limits, groups) = try tables("pingpong")
    #expect(limits.rows.count == 1 && groups.rows.count == 1)
    #expect(try rows(limits, "cgroup", "limit") == [[.text("/"), .null]])
  }
}
