// The sums agree: no instruction of a hart and no moment of a process's life is lost or counted twice,
// and the views say the same in SQL as the reports' own pass over the events.

import Recorder
import Sim
import TestSupport
import Testing

/// A recorded session to ask.
struct AskedSession: CustomTestStringConvertible, Sendable {
  var testDescription: String
  var path: String

  /// Sessions with everything that views are about, and all that lie in `traces/`.
  static let all: [AskedSession] = {
    var sessions: [AskedSession] = []
    func record(_ name: String, _ scenario: Scenario) {
      let path = TemporaryFolder.shared.file("\(name).db")
      do {
        try Recorder.record(scenario, to: path)
        sessions.append(AskedSession(testDescription: name, path: path))
      } catch {
        Issue.record("\(name): \(error)")
      }
    }
    record("inversion", GuestRun.scenario(["inversion"]))
    record("from queue to queue", GuestRun.scenario(["call_cv"]))
    var shell = GuestRun.scenario(
      [], typed: ["cat init | wc\n", "primes 20 & sleep 3\n", "crash\n", "forkbomb\n"])
    shell.harts = 3
    shell.seed = 7
    record("shell", shell)
    var limited = GuestRun.scenario(["pingpong", "1000"])
    limited.limitTicks = 2
    record("cut off", limited)
    return sessions + committed
  }()

  /// The sessions that lie in `traces/`.
  static let committed = CommittedTraces.names.map {
    AskedSession(testDescription: $0, path: CommittedTraces.path($0))
  }

  static var inversion: AskedSession { all[0] }

  func rows(_ sql: String) throws -> [[QueryResult.Value]] {
    try TraceQuery.run(sql, on: path).rows
  }

  /// The queries rows that should not be there.
  func expectNone(_ sql: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let rows = try rows(sql)
    #expect(rows.isEmpty, "\(testDescription): \(rows.prefix(3))", sourceLocation: sourceLocation)
  }
}

@Suite struct IntervalTests {
  @Test(arguments: AskedSession.all)
  func everyHartsTimeAddsUpToTheSessions(_ session: AskedSession) throws {
    try session.expectNone(
      """
      SELECT hart, sum(duration) FROM hart_state GROUP BY hart
      HAVING sum(duration) <> (SELECT end_ts FROM trace_bounds) OR min(duration) < 0
      """)
    let harts = try session.rows("SELECT count(DISTINCT hart) FROM hart_state")
    #expect(try harts == session.rows("SELECT value FROM scenario WHERE key = 'harts'"))
    try session.expectNone(
      """
      SELECT h.seq, h.duration, r.duration FROM hart_state h LEFT JOIN run_slice r USING (seq)
      WHERE h.state = 'run' AND (r.seq IS NULL OR h.duration <> r.duration OR h.pid <> r.pid)
      """)
  }

  @Test(arguments: AskedSession.all)
  func everyProcesssStatesAddUpToItsLife(_ session: AskedSession) throws {
    try session.expectNone(
      """
      SELECT upid FROM process LEFT JOIN (
        SELECT pid, sum(duration) AS total FROM process_state WHERE state <> 'zombie' GROUP BY pid
      ) AS states USING (pid)
      WHERE total IS NULL
        OR total <> coalesce(end_ts, (SELECT end_ts FROM trace_bounds)) - start_ts
      """)
    try session.expectNone(
      """
      SELECT seq FROM (SELECT seq, time + duration AS until,
        lead(time) OVER (PARTITION BY pid ORDER BY seq) AS next FROM process_state)
      WHERE until <> next
      """)
    try session.expectNone(
      """
      SELECT s.seq FROM process_state s LEFT JOIN run_slice r USING (seq)
      WHERE s.state = 'running' AND s.duration IS NOT r.duration
      """)
  }

  @Test(arguments: AskedSession.all)
  func perfettosTablesSayTheSame(_ session: AskedSession) throws {
    try session.expectNone(
      """
      SELECT id, s.dur, t.dur FROM sched s JOIN thread_state t USING (id)
      WHERE s.dur <> t.dur OR s.cpu <> t.cpu OR s.utid <> t.utid OR t.state <> 'Running'
      """)
    try session.expectNone("SELECT * FROM process WHERE pid NOT IN (SELECT tid FROM thread)")
  }

  @Test(arguments: AskedSession.all)
  func callsTakeAsLongAsTheyWereBlockedAndWaitedToRun(_ session: AskedSession) throws {
    try session.expectNone(
      "SELECT * FROM syscall WHERE duration < 0 OR blocked_time < 0 OR blocked_time > duration")
    try session.expectNone(
      """
      SELECT count(*) FROM syscall
      HAVING count(*) <> (SELECT count(*) FROM trap WHERE event = 'call')
      """)
  }

  /// One who is signalled while the mutex is held goes from the one queue to the other.
  @Test func aWaitInTwoQueuesIsOneWait() throws {
    let session = AskedSession.all[1]
    let moved = try session.rows(
      """
      SELECT second.seq FROM process_state first JOIN process_state second
        ON second.pid = first.pid AND second.time = first.time + first.duration
      WHERE first.waits_for = 'condition' AND second.waits_for = 'mutex'
      """)
    #expect(!moved.isEmpty)
    try session.expectNone(
      """
      SELECT seq FROM wakeup WHERE reason = 'mutex' AND waited IS NOT (
        SELECT wakeup.time - max(r.time + r.duration) FROM run_slice r
        WHERE r.pid = wakeup.pid AND r.end_seq < wakeup.seq AND r.ended_by = 'block')
      """)
  }

  @Test(arguments: AskedSession.all)
  func thePassOverTheEventsFindsTheSameSpans(_ session: AskedSession) throws {
    let reader = try TraceReader(path: session.path)
    var collector = SpanCollector()
    let tables = try reader.run(&collector)
    #expect(tables.isEmpty)
    let found = collector.spans.sorted { $0.sequence < $1.sequence }.map { span in
      [span.sequence, span.duration, Int64(span.pid)].map { QueryResult.Value.integer($0) }
        + [.text(span.stateName)]
    }
    let expected = try session.rows(
      "SELECT seq, duration, pid, state FROM process_state ORDER BY seq, pid")
    #expect(found == expected)
  }

  @Test(arguments: AskedSession.all)
  func locksAreHeldOneByOneAndWaitsEndWithAHold(_ session: AskedSession) throws {
    try session.expectNone(
      """
      SELECT seq FROM (SELECT seq, time + duration AS until,
        lead(time) OVER (PARTITION BY mutex ORDER BY seq) AS next FROM lock_hold)
      WHERE until > next
      """)
    try session.expectNone(
      """
      SELECT w.seq FROM lock_wait w WHERE granted AND NOT EXISTS (SELECT 1 FROM lock_hold h
        WHERE h.mutex = w.mutex AND h.pid = w.pid AND h.time = w.time + w.duration)
      """)
  }

  @Test(arguments: AskedSession.all)
  func containersNeverHoldMoreThanTheirBudgetAndEndEmpty(_ session: AskedSession) throws {
    try session.expectNone("SELECT * FROM container_usage WHERE slots > allowed OR processes < 0")
    try session.expectNone(
      """
      SELECT cid FROM container JOIN (SELECT cid, processes, max(seq) FROM container_usage GROUP BY cid)
      USING (cid) WHERE end_ts IS NOT NULL AND processes <> 0
      """)
  }

  @Test func aPlantedInversionIsFound() throws {
    let waits = try AskedSession.inversion.rows(
      """
      SELECT name, priority, holder_priority, granted, inverted FROM lock_wait WHERE inverted
      """)
    #expect(
      waits == [[.text("log"), .integer(5), .integer(12), .integer(1), .integer(1)]])
  }

  @Test(arguments: AskedSession.all)
  func theProcessTreeHasEveryProcessOnce(_ session: AskedSession) throws {
    #expect(
      try session.rows("SELECT count(*), count(DISTINCT pid) FROM process_tree")
        == session.rows("SELECT count(*), count(*) FROM process"))
    #expect(
      try session.rows("SELECT pid, line FROM process_tree LIMIT 1") == [
        [.integer(1), .text("init")]
      ])
  }
}

/// Collects all spans.
struct SpanCollector: Report, SpanVisitor {
  struct Collected: SpanVisitor {
    var spans: [Span] = []
    mutating func visit(_ span: Span) { spans.append(span) }
  }
  var tracker = SpanTracker()
  var collected = Collected()
  var spans: [Span] { collected.spans }
  mutating func visit(_ span: Span) { collected.visit(span) }
  mutating func receive(_ event: Event, _ sequence: Int64) {
    tracker.receive(event, sequence, &collected)
  }
  mutating func finish(_ session: SessionFacts) -> [ReportTable] {
    tracker.finish(at: session.end, &collected)
    return []
  }
}
