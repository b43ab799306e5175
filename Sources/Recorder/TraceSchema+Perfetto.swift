// Views with the names and columns of Perfetto's trace processor, over our own: queries written for
// it run here unchanged as far as its tables have a meaning here. As there, a duration of -1 says
// that something still goes on at the session's end, and `utid` 0 is nobody.

import Sim

extension TraceSchema {
  static var perfettoViews: [String] {
    [
      schedView, sameView("sched_slice", as: "sched"), threadView, threadStateView, sliceView,
      sameView("slices", as: "slice"), threadTrackView, traceBoundsView,
    ]
  }

  /// Another name for a view: queries use both of Perfetto's.
  private static func sameView(_ name: String, as other: String) -> String {
    "CREATE VIEW \(name) AS SELECT * FROM \(other)"
  }

  private static var schedView: String {
    """
    CREATE VIEW sched AS SELECT seq AS id, time AS ts,
      CASE WHEN end_seq IS NULL THEN -1 ELSE duration END AS dur, hart AS cpu, pid AS utid,
      CASE ended_by WHEN 'block' THEN 'S' WHEN 'yield' THEN 'R+' WHEN 'exit' THEN 'Z' END
        AS end_state,
      priority, hart AS ucpu
    FROM run_slice
    """
  }

  /// A process has one thread here, with the process's number.
  private static var threadView: String {
    """
    CREATE VIEW thread AS SELECT upid AS utid, pid AS tid, container_pid, name, start_ts, end_ts,
      1 AS is_main_thread, upid FROM process
    """
  }

  private static var threadStateView: String {
    """
    CREATE VIEW thread_state AS SELECT seq AS id, time AS ts,
      CASE WHEN is_over THEN duration ELSE -1 END AS dur, hart AS cpu, pid AS utid,
      CASE state WHEN 'running' THEN 'Running' WHEN 'blocked' THEN 'S' WHEN 'frozen' THEN 'T'
        WHEN 'throttled' THEN 'P' WHEN 'zombie' THEN 'Z'
        WHEN 'runnable' THEN CASE WHEN why IS NULL THEN 'R' ELSE 'R+' END END AS state,
      CASE state WHEN 'blocked' THEN waits_for IN ('console', 'io') END AS io_wait,
      waits_for AS blocked_function, nullif(waker, 0) AS waker_utid, hart AS ucpu
    FROM process_state
    """
  }

  /// Calls, as slices on their thread's track. A call in which its process ended, ends there.
  /// Perfetto puts `sys_` before a call's name.
  private static var sliceView: String {
    """
    CREATE VIEW slice AS SELECT seq AS id, time AS ts,
      CASE WHEN return_seq IS NULL AND (SELECT end_ts FROM process WHERE upid = syscall.pid) IS NULL
        THEN -1 ELSE duration END AS dur, pid AS track_id,
      'syscall' AS category, 'sys_' || name AS name, 0 AS depth, NULL AS parent_id,
      seq AS slice_id
    FROM syscall
    """
  }

  private static var threadTrackView: String {
    """
    CREATE VIEW thread_track AS SELECT upid AS id, name, upid AS utid FROM process
    """
  }

  private static var traceBoundsView: String {
    """
    CREATE VIEW trace_bounds AS SELECT 0 AS start_ts, \(endTime) AS end_ts
    """
  }
}
