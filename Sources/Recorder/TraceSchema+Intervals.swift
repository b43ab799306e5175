// Views that put events together to intervals: a dispatch with whatever ended the run, a lock's holder
// with the release; calls and waits for mutexes are in `TraceSchema+Waits.swift`. Where the other end of
// an interval is near, it is looked for from its beginning on, row by row, so that a few rows of a long
// session cost no more than those of a short one; where it may be far away, one pass over the session
// finds all at once.
//
// The session's time is from 0 to its last event. What still goes on then lasts until then.

import Sim

extension TraceSchema {
  static var intervalViews: [String] {
    [
      runSliceView, hartStateView, processStateView, wakeupView, syscallView, lockHoldView,
      lockWaitView, inheritanceView, containerUsageView, processTreeView,
    ]
  }

  /// The time of the last event.
  static let endTime = "(SELECT time FROM event ORDER BY seq DESC LIMIT 1)"

  /// The number of the first event of these kinds after `row` that happened to the same process.
  static func next(after row: String, _ kinds: [Event.Kind]) -> String {
    """
    (SELECT n.seq FROM event n WHERE n.seq > \(row).seq AND n.pid = \(row).pid
          AND n.kind IN (\(list(kinds))) ORDER BY n.seq LIMIT 1)
    """
  }

  /// A run begins with a dispatch and ends when its process blocks, yields or exits; the hart on
  /// which that is noted may be another one, when a container ends.
  private static var runSliceView: String {
    """
    CREATE VIEW run_slice AS
    SELECT d.seq, d.time, coalesce(e.time, \(endTime)) - d.time AS duration, d.hart, d.pid, d.cid,
      (SELECT name FROM process WHERE upid = d.pid) AS name, \
    d.\(DispatchEvent.priority) AS priority, d.\(DispatchEvent.options) AS options,
      \(word("kind", "e.kind")) AS ended_by,
      CASE e.kind WHEN \(id(.block)) THEN \(word("wait_reason", "e.\(BlockEvent.reason)"))
        WHEN \(id(.yield)) THEN \(word("yield_reason", "e.\(YieldEvent.why)")) END AS why,
      e.seq AS end_seq
    FROM event d LEFT JOIN event e ON e.seq = \(next(after: "d", [.block, .yield, .exit]))
    WHERE d.kind = \(id(.dispatch))
    """
  }

  /// Every hart's whole time. `switch` is what the kernel takes between two processes.
  private static var hartStateView: String {
    """
    CREATE VIEW hart_state AS
    WITH RECURSIVE machine(hart, harts, time, seq) AS (
      SELECT 0, \(BootEvent.harts), time, seq FROM event WHERE kind = \(id(.boot)) AND seq = 1
      UNION ALL SELECT hart + 1, harts, time, seq FROM machine WHERE hart + 1 < harts
    ), change AS (
      SELECT seq, time, hart, 'switch' AS state, NULL AS pid, NULL AS cid FROM machine
      UNION ALL
      SELECT seq, time, hart, 'run', pid, cid FROM event WHERE kind = \(id(.dispatch))
      UNION ALL
      SELECT end_seq, time + duration, hart, 'switch', NULL, NULL FROM run_slice
      WHERE end_seq IS NOT NULL
      UNION ALL
      SELECT seq, time, hart, 'idle', NULL, NULL FROM event WHERE kind = \(id(.idle))
    )
    SELECT seq, time,
      coalesce(lead(time) OVER (PARTITION BY hart ORDER BY seq), \(endTime)) - time AS duration,
      hart, state, pid, cid
    FROM change
    """
  }

  /// A process is runnable from its fork on. One that waits on a condition comes to wait for the
  /// mutex when it is signalled, without running in between: it blocks twice. A zombie is one until it
  /// is reaped.
  private static var processStateView: String {
    let states: [(Event.Kind, String)] = [
      (.dispatch, "running"), (.wake, "runnable"), (.yield, "runnable"), (.block, "blocked"),
      (.exit, "zombie"),
    ]
    let cases = states.map { kind, state in
      kind == .block
        ? "WHEN \(id(kind)) THEN CASE \(BlockEvent.reason) WHEN \(WaitReason.frozenCode) "
          + "THEN 'frozen' WHEN \(WaitReason.throttledCode) THEN 'throttled' ELSE '\(state)' END"
        : "WHEN \(id(kind)) THEN '\(state)'"
    }.joined(separator: " ")
    return """
      CREATE VIEW process_state AS
      WITH change AS (
        SELECT seq, time, pid, cid, kind, hart,
          CASE kind WHEN \(id(.block)) THEN \(BlockEvent.reason)
            WHEN \(id(.yield)) THEN \(YieldEvent.why) END AS reason,
          CASE kind WHEN \(id(.block)) THEN \(BlockEvent.object)
            WHEN \(id(.lockContend)) THEN \(LockEvent.mutex) END AS object,
          CASE kind WHEN \(id(.wake)) THEN \(WakeEvent.waker) END AS waker,
          CASE kind \(cases) END AS state
        FROM event WHERE kind IN (\(list(states.map(\.0))))
        UNION ALL
        SELECT seq, time, \(ForkEvent.child), cid, kind, hart, NULL, NULL, pid, 'runnable' FROM event
        WHERE kind = \(id(.fork))
        UNION ALL
        SELECT seq, time, \(ProcessID.initial.raw), cid, kind, hart, NULL, NULL, NULL, 'runnable'
        FROM event WHERE kind = \(id(.boot))
        UNION ALL
        SELECT seq, time, \(ReapEvent.child), cid, kind, hart, NULL, NULL, NULL, NULL FROM event
        WHERE kind = \(id(.reap))
      ), lasting AS (
        SELECT seq, time, pid, cid, kind, hart, reason, object, waker, state,
          lead(time) OVER life AS until
        FROM change WINDOW life AS (PARTITION BY pid ORDER BY seq)
      )
      SELECT seq, time, coalesce(until, \(endTime)) - time AS duration, pid, state,
        CASE kind WHEN \(id(.dispatch)) THEN hart END AS hart,
        CASE kind WHEN \(id(.block)) THEN \(word("wait_reason", "reason")) END AS waits_for,
        object, waker,
        CASE kind WHEN \(id(.yield)) THEN \(word("yield_reason", "reason")) END AS why,
        until IS NOT NULL AS is_over, cid
      FROM lasting WHERE state IS NOT NULL
      """
  }

  /// A process that goes from one queue to another has been blocked since it came into the first.
  private static var wakeupView: String {
    """
    CREATE VIEW wakeup AS
    SELECT seq, time, pid, cid, waker, reason, object, time - since AS waited, ran - time AS latency
    FROM (
      SELECT seq, time, kind, pid, cid, \(WakeEvent.waker) AS waker, \
    \(word("wait_reason", "\(WakeEvent.reason)")) AS reason,
        \(WakeEvent.object) AS object,
        CASE lag(kind) OVER life WHEN \(id(.block)) THEN lag(time) OVER life END AS since,
        CASE lead(kind) OVER life WHEN \(id(.dispatch)) THEN lead(time) OVER life END AS ran
      FROM (
        SELECT *, lag(kind) OVER (PARTITION BY pid ORDER BY seq) AS before
        FROM event WHERE kind IN (\(list([.dispatch, .wake, .block])))
      ) WHERE kind <> \(id(.block)) OR before IS NOT \(id(.block))
      WINDOW life AS (PARTITION BY pid ORDER BY seq)
    ) WHERE kind = \(id(.wake))
    """
  }

  /// A mutex is held from an acquire, or a hand-over to a waiter, to the release. The waiter is woken
  /// right after it.
  private static var lockHoldView: String {
    """
    CREATE VIEW lock_hold AS
    SELECT seq, time, coalesce(until, \(endTime)) - time AS duration, mutex,
      \(reading(.name, "name_id")) AS name, pid,
      CASE kind WHEN \(id(.lockHandOver)) THEN coalesce((SELECT woken.cid FROM event AS woken
        WHERE woken.seq = held.seq + 1 AND woken.pid = held.pid), cid) ELSE cid END AS cid,
      CASE kind WHEN \(id(.lockHandOver)) THEN previous END AS handed_over_by,
      \(word("kind", "ending")) AS ended_by, waiters
    FROM (
      SELECT seq, time, kind, cid, \(LockEvent.mutex) AS mutex, \(LockEvent.name) AS name_id, \
    pid AS previous,
        CASE kind WHEN \(id(.lockHandOver)) THEN \(LockEvent.other) ELSE pid END AS pid,
        lead(time) OVER life AS until, lead(kind) OVER life AS ending, \
    lead(\(LockEvent.waiters)) OVER life AS waiters
      FROM event
      WHERE kind IN (\(list([.lockAcquire, .lockHandOver, .lockRelease, .lockAbandon])))
      WINDOW life AS (PARTITION BY \(LockEvent.mutex) ORDER BY seq)
    ) AS held WHERE kind IN (\(list([.lockAcquire, .lockHandOver])))
    """
  }

  /// How many processes a container has, and how many slots they hold: a zombie holds its own.
  private static var containerUsageView: String {
    let home = "(SELECT p.cid FROM process p WHERE p.upid = \(ReapEvent.child))"
    return """
      CREATE VIEW container_usage AS
      SELECT seq, time, cid, \(word("kind", "kind")) AS event,
        sum(alive) OVER so_far AS processes, sum(slot) OVER so_far AS slots,
        max(given) OVER so_far AS allowed
      FROM (
        SELECT seq, time, \(ContainerEnterEvent.cid) AS cid, kind, NULL AS given, 1 AS alive, 1 AS slot
        FROM event WHERE kind = \(id(.containerEnter))
        UNION ALL
        SELECT seq, time, \(ContainerBudgetEvent.cid), kind, \(ContainerBudgetEvent.limit), 0, 0
        FROM event WHERE kind = \(id(.containerBudget))
        UNION ALL
        SELECT seq, time, cid, kind, NULL, 1, 1 FROM event WHERE kind = \(id(.fork)) AND cid > 0
        UNION ALL
        SELECT seq, time, cid, kind, NULL, -1, 0 FROM event WHERE kind = \(id(.exit)) AND cid > 0
        UNION ALL
        SELECT seq, time, \(home), kind, NULL, 0, -1 FROM event
        WHERE kind = \(id(.reap)) AND \(home) > 0
      )
      WINDOW so_far AS (PARTITION BY cid ORDER BY seq)
      """
  }

  /// Depth first, siblings in order of their numbers: of what the recursion has found, the deepest is
  /// taken next; without a limit SQLite may take that order for of no use. A path is cut in the middle
  /// where it is long, for those of a chain of processes would grow with the square of its length.
  private static var processTreeView: String {
    """
    CREATE VIEW process_tree AS
    WITH RECURSIVE tree(upid, depth, path) AS (
      SELECT upid, 0, name FROM process
      WHERE parent_upid IS NULL OR parent_upid NOT IN (SELECT upid FROM process)
      UNION ALL
      SELECT p.upid, tree.depth + 1, CASE WHEN length(tree.path) < 2000 THEN tree.path
        ELSE substr(tree.path, 1, 500) || '…' || substr(tree.path, -500) END || '/' || p.name
      FROM tree JOIN process p ON p.parent_upid = tree.upid
      ORDER BY 2 DESC, 1 LIMIT -1
    )
    SELECT p.pid, p.container_pid, p.parent_upid AS parent, tree.depth, substr(
        '                                                                ', 1, 2 * tree.depth)
        || p.name AS line, tree.path, p.name, p.cid, p.start_ts, p.end_ts, p.status
    FROM tree CROSS JOIN process p USING (upid)
    """
  }
}
