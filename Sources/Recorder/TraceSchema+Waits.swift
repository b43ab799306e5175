// Views of what may take long to come back: calls, and waits for mutexes. With few processes, each row
// looks for its end from its beginning on, so that a few rows of a long session cost no more than those
// of a short one. That would take each row through most of the session where thousands of processes
// wait at once; so with many, one pass over the session finds the ends of all.

import Sim

extension TraceSchema {
  /// Whether there are so few processes that each may look for itself.
  private static let fewProcesses =
    "(SELECT coalesce(max(upid), 0) <= \(Limits().processes) FROM process)"

  /// What is looked for from each row on, or taken from the pass over all.
  private static func found(near: String, far: String) -> String {
    """
    CASE WHEN \(fewProcesses) THEN \(near)
          ELSE \(far) END
    """
  }

  /// A call that came back at once is one event; one that blocked has a return later on, unless its
  /// process ended in it. Only for the latter is anything looked for, so the condition is within what
  /// `r` is found by: beside it, SQLite would look first, through half the session for some calls.
  static var syscallView: String {
    let ends: [Event.Kind] = [.callReturn, .exit]
    let isBack = "c.\(CallEvent.why) <> \(Event.unreturned)"
    let blocked = """
      (SELECT sum(CASE s.kind WHEN \(id(.block)) THEN
              coalesce((SELECT w.time FROM event w WHERE w.seq > s.seq AND w.pid = s.pid
                AND w.kind IN (\(list([.wake, .block, .exit]))) ORDER BY w.seq LIMIT 1), \(endTime)) - s.time END)
            FROM event s WHERE s.pid = c.pid AND s.kind = \(id(.block))
              AND s.seq > c.seq AND s.seq < coalesce(r.seq, 9223372036854775807))
      """
    return """
      CREATE VIEW syscall AS
      WITH step AS (
        SELECT seq, time, kind, max(CASE kind WHEN \(id(.call)) THEN seq END) OVER life AS call,
          max(CASE WHEN kind IN (\(list(ends))) THEN seq END) OVER life AS ended,
          lead(time) OVER life AS until
        FROM event WHERE kind IN (\(list(ends + [.block, .wake])))
          OR kind = \(id(.call)) AND \(CallEvent.why) = \(Event.unreturned)
        WINDOW life AS (PARTITION BY pid ORDER BY seq)
      ), late(call, ending, blocked) AS MATERIALIZED (
        SELECT CAST(call AS INTEGER), min(CASE WHEN kind IN (\(list(ends))) THEN seq END),
          -- Held back with its group, a process is blocked between its calls as well.
          sum(CASE WHEN kind = \(id(.block)) AND coalesce(ended, 0) < call
            THEN coalesce(until, \(endTime)) - time END)
        FROM step WHERE call IS NOT NULL GROUP BY call
      )
      SELECT c.seq, c.time,
        CASE WHEN \(isBack) THEN 0 ELSE coalesce(r.time, \(endTime)) - c.time END AS duration,
        CASE WHEN \(isBack) THEN 0 ELSE coalesce(\(found(
          near: blocked, far: "(SELECT blocked FROM late WHERE late.call = c.seq)")), 0) END
          AS blocked_time,
        c.hart, c.pid, c.cid, \(reading(CallEvent.number, of: "c")) AS name,
        c.\(CallEvent.arg0) AS arg0, c.\(CallEvent.arg1) AS arg1, c.\(CallEvent.arg2) AS arg2,
        CASE WHEN \(isBack) THEN c.\(CallEvent.value) WHEN r.kind = \(id(.callReturn)) \
      THEN r.\(CallEvent.value) END AS value,
        CASE WHEN \(isBack) THEN \(reading(CallEvent.why, of: "c"))
          WHEN r.kind = \(id(.callReturn)) THEN \(reading(CallEvent.why, of: "r")) END AS why,
        CASE WHEN \(isBack) THEN c.seq WHEN r.kind = \(id(.callReturn)) THEN r.seq END AS return_seq
      FROM event c LEFT JOIN event r
        ON r.seq = CASE c.\(CallEvent.why) WHEN \(Event.unreturned) THEN \(found(
          near: next(after: "c", ends), far: "(SELECT ending FROM late WHERE late.call = c.seq)")) END
      WHERE c.kind = \(id(.call))
      """
  }

  /// The number of the event that told the priority that a process had before `row`: when it was last
  /// given a hart, or was given a priority since.
  private static func giving(to pid: String, before row: String) -> String {
    """
    (SELECT p.seq FROM event p WHERE p.seq < \(row).seq AND p.pid = \(pid)
            AND p.kind IN (\(list([.dispatch, .priority, .inherit]))) ORDER BY p.seq DESC LIMIT 1)
    """
  }

  private static func priority(of event: String) -> String {
    """
    (SELECT CASE p.kind WHEN \(id(.priority)) THEN p.\(PriorityEvent.new) \
    WHEN \(id(.inherit)) THEN p.\(InheritEvent.new) ELSE p.\(DispatchEvent.priority) END FROM event p
          WHERE p.seq = \(event))
    """
  }

  /// A priority is inherited from one event that says so to the next that says anything of the process's.
  static var inheritanceView: String {
    """
    CREATE VIEW inheritance AS
    SELECT seq, time, coalesce(until, \(endTime)) - time AS duration, pid, cid, old, priority, donor, mutex,
      \(reading(.name, "name_id")) AS name, \(word("kind", "ending")) AS ended_by
    FROM (
      SELECT seq, time, pid, cid, kind, \(InheritEvent.old) AS old, \(InheritEvent.new) AS priority,
        \(InheritEvent.donor) AS donor, \(InheritEvent.mutex) AS mutex, \(InheritEvent.name) AS name_id,
        lead(time) OVER life AS until, lead(kind) OVER life AS ending
      FROM event WHERE kind IN (\(list([.inherit, .priority, .exit])))
      WINDOW life AS (PARTITION BY pid ORDER BY seq)
    ) WHERE kind = \(id(.inherit)) AND donor > 0
    """
  }

  /// A wait for a mutex ends when the process is woken: as its holder, or to be killed.
  static var lockWaitView: String {
    let ends: [Event.Kind] = [.wake, .exit]
    func far(_ column: String) -> String { "(SELECT \(column) FROM late WHERE late.seq = c.seq)" }
    return """
      CREATE VIEW lock_wait AS
      WITH contended(seq, pid, holder) AS MATERIALIZED (
        SELECT seq, pid, \(LockEvent.holder) FROM event WHERE kind = \(id(.lockContend))
      ), told AS (
        SELECT seq, role, max(gift) OVER (PARTITION BY pid ORDER BY seq) AS gift FROM (
          SELECT seq, pid, seq AS gift, 0 AS role FROM event
          WHERE kind IN (\(list([.dispatch, .priority, .inherit])))
          UNION ALL SELECT seq, pid, NULL, 1 FROM contended
          UNION ALL SELECT seq, holder, NULL, 2 FROM contended
        )
      ), ended AS (
        SELECT seq, kind, lead(seq) OVER (PARTITION BY pid ORDER BY seq) AS ending FROM event
        WHERE kind IN (\(list(ends + [.lockContend])))
      ), late(seq, ending, own, others) AS MATERIALIZED (
        SELECT seq, max(ending), max(own), max(others) FROM (
          SELECT seq, NULL AS ending, CASE role WHEN 1 THEN gift END AS own,
            CASE role WHEN 2 THEN gift END AS others
          FROM told WHERE role > 0
          UNION ALL SELECT seq, ending, NULL, NULL FROM ended WHERE kind = \(id(.lockContend))
        ) GROUP BY seq
      )
      SELECT *, holder_priority > priority AS inverted FROM (
        SELECT c.seq, c.time, coalesce(w.time, \(endTime)) - c.time AS duration, \
      c.\(LockEvent.mutex) AS mutex,
          \(reading(LockEvent.name, of: "c")) AS name, c.pid, c.cid,
          \(priority(of: found(near: giving(to: "c.pid", before: "c"), far: far("own")))) AS priority,
          c.\(LockEvent.holder) AS holder,
          \(priority(of: found(
            near: giving(to: "c.\(LockEvent.holder)", before: "c"), far: far("others"))))
            AS holder_priority,
          c.\(LockEvent.waiters) AS waiters_before,
          EXISTS (SELECT 1 FROM event h WHERE h.seq = w.seq - 1
            AND h.kind = \(id(.lockHandOver)) AND h.\(LockEvent.other) = c.pid) AS granted
        FROM event c LEFT JOIN event w
          ON w.seq = \(found(near: next(after: "c", ends), far: far("ending")))
        WHERE c.kind = \(id(.lockContend))
      )
      """
  }
}
