// The reports' numbers, each counted once more by the views.

import Recorder
import Sim
import TestGuests
import TestSupport
import Testing

struct ReportNumbersTests {
  private func rows(_ key: String, of tables: [ReportTable]) throws -> ReportTable {
    try #require(tables.first { $0.key == key })
  }

  /// Some columns of a table, in the order asked for.
  private func columns(_ names: [String], of table: ReportTable) throws -> [[QueryResult.Value]] {
    let places = try names.map { try #require(table.columns.firstIndex(of: $0)) }
    return table.rows.map { row in places.map { row[$0] } }
  }

  /// Waits that have not ended count for as long as they have lasted; a percentile is the lowest wait
  /// that so many of a hundred do not exceed.
  @Test(arguments: AskedSession.all)
  func theSchedulersAreThoseOfTheViews(_ session: AskedSession) throws {
    let tables = try TraceReader(path: session.path).report(SchedReport())
    let found = try columns(
      [
        "pid", "runtime", "slices", "switches", "longest", "wait_average", "wait_p50", "wait_p90",
        "wait_p99",
        "wait_longest", "still_waiting",
      ], of: rows("processes", of: tables))
    let expected = try session.rows(
      """
      WITH run AS (
        SELECT pid, sum(duration) AS runtime, count(*) AS slices, max(duration) AS longest
        FROM run_slice GROUP BY pid
      ), other AS (
        SELECT pid, count(*) AS switches FROM sched_event
        WHERE event = 'dispatch' AND previous <> pid GROUP BY pid
      ), state AS (
        SELECT *, lead(seq) OVER (PARTITION BY pid ORDER BY seq) AS next FROM process_state
      ), wait AS (
        SELECT pid, duration, next, row_number() OVER (PARTITION BY pid ORDER BY duration) AS place,
          count(*) OVER (PARTITION BY pid) AS waits
        FROM state WHERE state = 'runnable'
      ), waited AS (
        SELECT pid, sum(duration) / count(*) AS average, max(duration) AS longest,
          max(CASE WHEN place = (waits * 50 + 99) / 100 THEN duration END) AS p50,
          max(CASE WHEN place = (waits * 90 + 99) / 100 THEN duration END) AS p90,
          max(CASE WHEN place = (waits * 99 + 99) / 100 THEN duration END) AS p99,
          max(CASE WHEN next IS NULL THEN duration END) AS waiting
        FROM wait GROUP BY pid
      )
      SELECT pid, coalesce(run.runtime, 0), coalesce(slices, 0), coalesce(switches, 0),
        coalesce(run.longest, 0),
        coalesce(average, 0), coalesce(p50, 0), coalesce(p90, 0), coalesce(p99, 0),
        coalesce(waited.longest, 0), waiting
      FROM (SELECT pid FROM run UNION SELECT pid FROM waited)
        LEFT JOIN run USING (pid) LEFT JOIN waited USING (pid) LEFT JOIN other USING (pid)
      ORDER BY 2 DESC, pid
      """)
    #expect(found == expected)
  }

  @Test(arguments: AskedSession.all)
  func theContainersAreThoseOfTheViews(_ session: AskedSession) throws {
    let tables = try TraceReader(path: session.path).report(ContainerReport())
    let found = try columns(
      ["cid", "processes", "runtime", "slices"], of: rows("containers", of: tables))
    let expected = try session.rows(
      """
      SELECT cid, coalesce(processes, 0), coalesce(runtime, 0), coalesce(slices, 0)
      FROM (SELECT 0 AS cid UNION SELECT cid FROM container)
      LEFT JOIN (SELECT cid, count(*) AS processes FROM process GROUP BY cid) USING (cid)
      LEFT JOIN (SELECT cid, sum(duration) AS runtime, count(*) AS slices FROM run_slice GROUP BY cid)
        USING (cid)
      ORDER BY cid
      """)
    #expect(found == expected)
  }

  /// A sentence that there is no room for leaves the others as they are: the programs that the shell
  /// starts at the end are none of the bomb's children.
  @Test func aStoryThatIsTooLongStaysTrue() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("s.db")
    var scenario = GuestRun.scenario([], typed: ["forkbomb\n", "true\n", "false\n"])
    scenario.limits.processes = 12
    try record(scenario, to: path)
    let reader = try TraceReader(path: path)
    let whole = try #require(try reader.report(StoryReport()).first).rows
    for limit in 1..<whole.count {
      let rows = try #require(try reader.report(StoryReport(limit: limit)).first).rows
      #expect(rows.count == limit + 1)
      let isSame = rows.dropLast().allSatisfy { whole.contains($0) }
      #expect(isSame, "\(limit)")
    }
  }

  /// Who never gets a hart waits all the same.
  @Test func whoStarvesIsAmongThem() throws {
    let folder = try TemporaryFolder()
    var scenario = GuestRun.scenario(["sched_starve"])
    scenario.defects = [.lowestFirst]
    scenario.limitTicks = 4
    let path = folder.file("s.db")
    try record(scenario, to: path)
    let tables = try TraceReader(path: path).report(SchedReport())
    let starved = try columns(
      ["pid", "slices", "still_waiting"], of: rows("processes", of: tables))
    let child = try #require(starved.first { $0[0] == .integer(3) }, "\(starved)")
    #expect(child[1] == .integer(0))
    guard case .integer(let waited) = child[2] else {
      Issue.record("\(child)")
      return
    }
    #expect(waited > 300_000)
  }
}

extension TraceReader {
  fileprivate func report(_ report: some Report) throws -> [ReportTable] {
    var report = report
    return try run(&report)
  }
}
