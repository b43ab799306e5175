// Views with the names and columns of Perfetto's trace processor, over our own: queries written for
// it run here unchanged as far as its tables have a meaning here. As there, a duration of -1 says
// that something still goes on at the session's end, and `utid` 0 is nobody.

import Sim

extension TraceSchema {
  static var perfettoViews: [String] {
    [schedView, threadView, threadStateView, sliceView, threadTrackView, traceBoundsView]
  }

  private static var schedView: String {
    """
    CREATE VIEW sched AS SELECT seq AS id, time AS ts,
      CASE WHEN end_seq IS NULL THEN -1 ELSE duration END AS dur, hart AS cpu, pid AS utid,
      CASE ended_by WHEN 'block' THEN 'S' WHEN 'yield' THEN 'R+' WHEN 'exit' THEN 'Z' END
        AS end_state,
      priority
    FROM run_slice
    """
  }

  /// A process has one thread here, with the process's number.
  private static var threadView: String {
    """
    CREATE VIEW thread AS SELECT upid AS utid, pid AS tid, name, start_ts, end_ts,
      1 AS is_main_thread, upid FROM process
    """
  }

  private static var threadStateView: String {
    """
    CREATE VIEW thread_state AS SELECT seq AS id, time AS ts,
      CASE WHEN is_over THEN duration ELSE -1 END AS dur, hart AS cpu, pid AS utid,
      CASE state WHEN 'running' THEN 'Running' WHEN 'blocked' THEN 'S' WHEN 'zombie' THEN 'Z'
        WHEN 'runnable' THEN CASE WHEN why IS NULL THEN 'R' ELSE 'R+' END END AS state,
      waits_for AS blocked_function, nullif(waker, 0) AS waker_utid
    FROM process_state
    """
  }

  /// Calls, as slices on their thread's track.
  private static var sliceView: String {
    """
    CREATE VIEW slice AS SELECT seq AS id, time AS ts,
      CASE WHEN return_seq IS NULL THEN -1 ELSE duration END AS dur, pid AS track_id,
      'syscall' AS category, name, 0 AS depth
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
