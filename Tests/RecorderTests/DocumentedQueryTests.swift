// Queries out of Perfetto's documentation and tests (github.com/google/perfetto), to the letter, on a
// session that is small enough to be followed by hand, and on every session in `traces/`.

import Recorder
import Sim
import TestSupport
import Testing

/// A query as Perfetto has it, and where.
enum DocumentedQuery {
  /// docs/data-sources/cpu-scheduling.md, "SQL"
  static let schedulingSlices = """
    select ts, dur, cpu, end_state, priority, process.name, thread.name
    from sched_slice left join thread using(utid) left join process using(upid)
    """
  /// docs/data-sources/cpu-scheduling.md, "Decoding end_state"
  static let firstSlice = "select * from sched_slice limit 1"
  /// docs/quickstart/trace-analysis.md, "Scheduler slices"
  static let schedulerSlices = "SELECT ts, dur, cpu, utid FROM sched"
  /// docs/analysis/perfetto-sql-getting-started.md, "Basic Queries"
  static let firstTenSlices = "SELECT ts, dur, name FROM slice LIMIT 10;"
  /// docs/analysis/perfetto-sql-getting-started.md, "Thread and process tables"
  static let threadTen = """
    SELECT tid, name
    FROM thread
    WHERE utid = 10
    """
  /// docs/analysis/common-queries.md, "Computing scheduling time by woken threads"
  static let schedulingTimeByWokenThreads = """
    SELECT
      waker_process.name AS process_name,
      waker.name AS thread_name,
      SUM((
        SELECT dur FROM sched
        WHERE
          sched.ts > wakee_runnable.ts AND
          sched.utid = wakee_runnable.utid
        ORDER BY ts
        LIMIT 1
      )) AS scheduled_dur
    FROM thread AS waker
    JOIN process AS waker_process USING (upid)
    JOIN thread_state AS wakee_runnable ON waker.utid = wakee_runnable.waker_utid
    WHERE waker.utid != 0
    GROUP BY 1, 2
    ORDER BY 3 desc
    """
  /// docs/data-sources/syscalls.md, "SQL"
  static let systemCalls = """
    select ts, dur, t.name as thread, s.name, depth from slices as s
    left join thread_track as tt on s.track_id = tt.id
    left join thread as t on tt.utid = t.utid
    where s.name like 'sys_%'
    """
  /// test/trace_processor/smoke/thread_cpu_time_test.sql
  static let threadTime = """
    SELECT
      tid,
      pid,
      thread.name AS threadName,
      process.name AS processName,
      total_dur AS totalDur
    FROM
      thread
    LEFT JOIN process USING(upid)
    LEFT JOIN
      (SELECT upid, sum(dur) AS total_dur
        FROM sched JOIN thread USING(utid)
        WHERE dur != -1
        GROUP BY upid
      ) USING(upid)
    WHERE utid != 0
    ORDER BY total_dur DESC, pid, tid;
    """
  /// test/trace_processor/parsing/sched_waking_instants_test.sql
  static let wakings = """
    SELECT ts, thread.name, thread.tid
    FROM thread_state
    JOIN thread USING (utid)
    WHERE state = 'R'
    ORDER BY ts;
    """
  /// test/trace_processor/process_tracking.sql
  static let processTracking = """
    select tid, pid, process.name as pname, thread.name as tname
    from thread left join process using(upid)
    where tid > 0
    order by utid
    """
  /// test/trace_processor/process_tracking/slice_with_pid_test.sql
  static let sliceWithPid = """
    SELECT s.name, dur, tid, pid
    FROM slice s
    JOIN thread_track t ON s.track_id = t.id
    JOIN thread USING (utid)
    LEFT JOIN process USING (upid);
    """
}

/// Three processes on two harts, in twenty events.
private func smallSession() throws -> String {
  let path = TemporaryFolder.shared.file("documented.db")
  var names = NameTable()
  let shell = Int64(names.intern(Array("sh".utf8)).raw)
  let cat = Int64(names.intern(Array("cat".utf8)).raw)
  var scenario = Scenario()
  scenario.harts = 2
  let writer = try TraceWriter(path: path, scenario: scenario, overwrite: true)
  func event(
    _ time: UInt64, _ hart: UInt8, _ kind: Event.Kind, _ pid: Int32, _ columns: Int64...
  ) {
    let columns = columns + Array(repeating: 0, count: 6 - columns.count)
    writer.receive(
      Event(
        time: Instant(instructions: time), hart: HartID(raw: hart), kind: kind,
        process: ProcessID(raw: pid), container: .outside, columns[0], columns[1], columns[2],
        columns[3], columns[4], columns[5]))
  }
  event(0, 0, .boot, 0, 0, 2)  // 1
  event(10, 0, .dispatch, 1, 0, 1, 0, 0)  // 2: init runs
  event(20, 0, .fork, 1, 2, shell)
  event(30, 0, .call, 1, 3, 0, 0, 0, 0, -1)  // 4: wait, which blocks
  event(30, 0, .block, 1, 1)
  event(40, 1, .dispatch, 2, 0, 1, 8, 0)  // 6: sh runs on the other hart
  event(90, 1, .call, 2, 16, 1, 0x1000, 3, 3)  // 7: write
  event(100, 1, .fork, 2, 10, cat)
  event(110, 0, .dispatch, 10, 1, 1, 8, 0)  // 9: cat runs
  event(140, 1, .yield, 2, 1, 8)
  event(150, 1, .dispatch, 2, 2, 1, 8, 0)  // 11: sh goes on
  event(160, 0, .call, 10, 5, 0, 0x1000, 9, 0, -1)  // 12: read, from the console
  event(160, 0, .block, 10, 3)
  event(200, 1, .call, 2, 2, 0, 0, 0, 0, -1)  // 14: exit
  event(200, 1, .exit, 2)
  event(200, 1, .wake, 1, 2, 1)
  event(210, 0, .dispatch, 1, 10, 1, 0, 0)  // 17: init goes on
  event(210, 0, .callReturn, 1, 3, 0, 0, 0, 2)
  event(210, 0, .reap, 1, 2)
  event(300, 0, .end, 0, 6)
  _ = try writer.finish(names, at: Instant(instructions: 300), .stopped)
  return path
}

@Suite struct DocumentedQueryTests {
  private static let small = Result { try smallSession() }

  @Test(arguments: [
    (
      DocumentedQuery.schedulingSlices,
      """
      10|20|0|S|0|init|init
      40|100|1|R+|8|sh|sh
      110|50|0|S|8|cat|cat
      150|50|1|Z|8|sh|sh
      210|-1|0||0|init|init
      """
    ),
    (DocumentedQuery.firstSlice, "2|10|20|0|1|S|0|0"),
    (
      DocumentedQuery.schedulerSlices,
      """
      10|20|0|1
      40|100|1|2
      110|50|0|10
      150|50|1|2
      210|-1|0|1
      """
    ),
    (
      DocumentedQuery.firstTenSlices,
      """
      30|180|sys_wait
      90|0|sys_write
      160|-1|sys_read
      200|0|sys_exit
      """
    ),
    (DocumentedQuery.threadTen, "10|cat"),
    // Of the two that sh woke, cat ran for 50, and init still runs.
    (
      DocumentedQuery.schedulingTimeByWokenThreads,
      """
      init|init|100
      sh|sh|49
      """
    ),
    (
      DocumentedQuery.systemCalls,
      """
      30|180|init|sys_wait|0
      90|0|sh|sys_write|0
      160|-1|cat|sys_read|0
      200|0|sh|sys_exit|0
      """
    ),
    (
      DocumentedQuery.threadTime,
      """
      2|2|sh|sh|150
      10|10|cat|cat|50
      1|1|init|init|20
      """
    ),
    (
      DocumentedQuery.wakings,
      """
      0|init|1
      20|sh|2
      100|cat|10
      200|init|1
      """
    ),
    (
      DocumentedQuery.processTracking,
      """
      1|1|init|init
      2|2|sh|sh
      10|10|cat|cat
      """
    ),
    (
      DocumentedQuery.sliceWithPid,
      """
      sys_wait|180|1|1
      sys_write|0|2|2
      sys_read|-1|10|10
      sys_exit|0|2|2
      """
    ),
  ]) func itsAnswerIsWhatTheEventsSay(_ sql: String, _ expected: String) throws {
    let rows = try TraceQuery.run(sql, on: DocumentedQueryTests.small.get()).rows.map { row in
      row.map { value in
        switch value {
        case .null: ""
        case .integer(let number): "\(number)"
        case .real(let number): "\(number)"
        case .text(let text): text
        case .blob: "?"
        }
      }.joined(separator: "|")
    }
    #expect(rows == expected.split(separator: "\n").map(String.init))
  }

  @Test func schedulingSlicesHaveTheColumnsOfThePage() throws {
    let result = try TraceQuery.run(
      DocumentedQuery.firstSlice, on: DocumentedQueryTests.small.get())
    #expect(
      result.columns == ["id", "ts", "dur", "cpu", "utid", "end_state", "priority", "ucpu"])
  }

  /// What one pass over the events comes to, without any view.
  private struct Tally {
    var dispatches: Int64 = 0
    var calls: Int64 = 0
    /// The machine's first process is runnable from the start.
    var wakings: Int64 = 1
    var runtime: [Int64: Int64] = [:]

    init(_ reader: TraceReader) throws {
      var since: [Int32: UInt64] = [:]
      _ = try reader.forEachEvent { event, _ in
        let pid = event.process.raw
        switch event.kind {
        case .dispatch:
          dispatches += 1
          since[pid] = event.time.instructions
        case .block, .yield, .exit:
          if let start = since.removeValue(forKey: pid) {
            runtime[Int64(pid), default: 0] += Int64(event.time.instructions - start)
          }
        case .call: calls += 1
        case .wake, .fork: wakings += 1
        default: break
        }
      }
    }
  }

  @Test(arguments: AskedSession.committed)
  func theySayOfASessionInTracesWhatItsEventsSay(_ session: AskedSession) throws {
    let tally = try Tally(TraceReader(path: session.path))
    let queries: [(sql: String, rows: Int64)] = [
      (DocumentedQuery.schedulingSlices, tally.dispatches),
      (DocumentedQuery.schedulerSlices, tally.dispatches),
      (DocumentedQuery.systemCalls, tally.calls), (DocumentedQuery.sliceWithPid, tally.calls),
      (DocumentedQuery.wakings, tally.wakings),
    ]
    let counts = queries.map { "(SELECT count(*) FROM (\($0.sql.filter { $0 != ";" })))" }
    let found = try session.rows("SELECT \(counts.joined(separator: ", "))")
    #expect(found == [queries.map { .integer($0.rows) }])
    for row in try session.rows(DocumentedQuery.threadTime) {
      guard case .integer(let tid) = row[0] else { continue }
      #expect(row[4] == tally.runtime[tid].map { .integer($0) } ?? .null)
    }
  }
}
