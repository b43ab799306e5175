// Queries as people write them for Perfetto's trace processor, unchanged.

import Recorder
import Testing

struct PerfettoQueryTests {
  static let queries = [
    "SELECT ts, dur, cpu, utid, end_state, priority FROM sched WHERE utid != 0 ORDER BY ts LIMIT 10",
    """
    SELECT thread.name AS thread_name, SUM(sched.dur) / 1e6 AS cpu_ms
    FROM sched JOIN thread USING (utid) WHERE dur != -1
    GROUP BY utid ORDER BY cpu_ms DESC LIMIT 10
    """,
    """
    SELECT process.name, process.pid, sum(dur) AS cpu_time
    FROM sched JOIN thread USING (utid) JOIN process USING (upid)
    GROUP BY upid ORDER BY cpu_time DESC
    """,
    """
    SELECT state, COUNT(*) AS count, SUM(dur) AS total FROM thread_state
    JOIN thread USING (utid) WHERE thread.is_main_thread GROUP BY state
    """,
    """
    SELECT r.ts, r.dur AS scheduling_latency, t.name FROM thread_state r JOIN thread t USING (utid)
    WHERE r.state IN ('R', 'R+') ORDER BY r.dur DESC LIMIT 5
    """,
    """
    SELECT w.name AS waker, t.name AS woken, COUNT(*) AS times
    FROM thread_state s JOIN thread t USING (utid) JOIN thread w ON w.utid = s.waker_utid
    WHERE s.state = 'R' GROUP BY 1, 2 ORDER BY times DESC
    """,
    """
    SELECT blocked_function, COUNT(*), SUM(dur) FROM thread_state
    WHERE state = 'S' AND dur > 0 GROUP BY blocked_function
    """,
    """
    SELECT cpu, SUM(dur) * 100.0 / (SELECT end_ts - start_ts FROM trace_bounds) AS utilization
    FROM sched WHERE dur != -1 GROUP BY cpu
    """,
    """
    SELECT slice.name, COUNT(*), MAX(slice.dur) FROM slice
    JOIN thread_track ON slice.track_id = thread_track.id JOIN thread USING (utid)
    WHERE thread.name = 'inversion' GROUP BY slice.name
    """,
    """
    SELECT parent.name AS parent, child.name AS child, child.start_ts
    FROM process child JOIN process parent ON child.parent_upid = parent.upid
    ORDER BY child.start_ts
    """,
    """
    WITH slots AS (
      SELECT utid, ts, dur, LEAD(ts) OVER (PARTITION BY utid ORDER BY ts) - (ts + dur) AS gap
      FROM sched
    )
    SELECT utid, MAX(gap) FROM slots GROUP BY utid
    """,
  ]

  @Test(arguments: queries)
  func aQueryForTheTraceProcessorRunsHere(_ sql: String) throws {
    #expect(try AskedSession.inversion.rows(sql).isEmpty == false)
  }
}
