// What a trace tells of priorities that are not inherited as they should be, as a part of the view
// `violation_schedule`. Whoever gets a hart has the best of its own priority and of those that are lent to it
// then: everything that a step brings is settled before the next dispatch. A trace of a machine without inheritance
// has no row in `lends`, and nothing is gone through.

import Sim

extension TraceSchema {
  /// The priority that a `dispatch`, `priority` or `inherit` told of its process.
  static var givenPriority: String {
    """
    CASE kind WHEN \(id(.dispatch)) THEN \(DispatchEvent.priority) \
    WHEN \(id(.priority)) THEN \(PriorityEvent.new) WHEN \(id(.inherit)) THEN \(InheritEvent.new) END
    """
  }

  /// For each priority, how many of those that come and go are at least as high by then.
  private static var sums: String {
    (0..<Scheduler.priorities).map {
      "sum(CASE WHEN of <= \($0) THEN delta ELSE 0 END) OVER line AS up_to_\($0)"
    }.joined(separator: ",\n        ")
  }

  /// The highest of those that are there; one more than the lowest if none is.
  private static var best: String {
    let cases = (0..<Scheduler.priorities).map { "WHEN up_to_\($0) > 0 THEN \($0)" }
    return "CASE \(cases.joined(separator: " ")) ELSE \(Scheduler.priorities) END"
  }

  static var inheritanceViolations: String {
    let giving: [Event.Kind] = [.dispatch, .priority, .inherit]
    let ending: [Event.Kind] = [.dispatch, .wake, .exit]
    let leaving: [Event.Kind] = [
      .lockCreate, .lockRelease, .lockAbandon, .lockDelete, .cvWait,
    ]
    return """
      WITH lends AS MATERIALIZED (SELECT 1 FROM scenario WHERE key = 'priorityInheritance' AND value <> 0),
      life AS (
        SELECT seq, time, pid, cid, kind, given, mutex, child, count(given) OVER one AS gifts,
          count(mutex) OVER one AS places,
          count(CASE kind WHEN \(id(.priority)) THEN 1 END) OVER one AS sets
        FROM (
          SELECT seq, time, pid, cid, kind, \(givenPriority) AS given,
            CASE WHEN kind IN (\(list(ending))) THEN -1 WHEN kind = \(id(.block))
              THEN CASE \(BlockEvent.reason) WHEN \(WaitReason.mutexCode) THEN \(BlockEvent.object)
              ELSE -1 END END AS mutex,
            CASE kind WHEN \(id(.fork)) THEN \(ForkEvent.child) END AS child
          FROM lends CROSS JOIN event WHERE kind IN (\(list(giving + [.wake, .exit, .block, .fork])))
        ) WINDOW one AS (PARTITION BY pid ORDER BY seq)
      ),
      known AS MATERIALIZED (
        SELECT seq, time, pid, cid, kind, child, max(given) OVER (PARTITION BY pid, gifts) AS priority,
          max(mutex) OVER (PARTITION BY pid, places) AS mutex,
          first_value(given) OVER (PARTITION BY pid, sets ORDER BY seq) AS own,
          row_number() OVER (PARTITION BY pid ORDER BY seq) AS place
        FROM life
      ),
      stay AS (
        SELECT seq, mutex, priority, lead(seq) OVER (PARTITION BY pid ORDER BY seq) AS until FROM known
      ),
      owned AS (
        SELECT seq, \(LockEvent.mutex) AS mutex, CASE kind WHEN \(id(.lockAcquire)) THEN pid
          WHEN \(id(.lockHandOver)) THEN \(LockEvent.other) ELSE 0 END AS owner
        FROM lends CROSS JOIN event
        WHERE kind IN (\(list(leaving + [.lockAcquire, .lockHandOver])))
      ),
      queued AS (
        SELECT seq, mutex, count(owner) OVER line AS owners, owner, \(sums)
        FROM (
          SELECT seq, mutex, owner, NULL AS of, 0 AS delta FROM owned
          UNION ALL SELECT seq, mutex, NULL, priority, 1 FROM stay WHERE mutex >= 0
          UNION ALL SELECT until, mutex, NULL, priority, -1 FROM stay
            WHERE mutex >= 0 AND until IS NOT NULL
        ) WINDOW line AS (PARTITION BY mutex ORDER BY seq)
      ),
      loan AS (
        SELECT seq, max(owner) OVER (PARTITION BY mutex, owners) AS owner, \(best) AS best,
          lead(seq) OVER (PARTITION BY mutex ORDER BY seq) AS until
        FROM queued
      ),
      heir AS (
        SELECT seq, time, pid, cid, own, priority, \(sums)
        FROM (
          SELECT seq, time, pid, cid, own, priority, NULL AS of, 0 AS delta FROM known
          WHERE kind = \(id(.dispatch))
          UNION ALL SELECT seq, NULL, owner, NULL, NULL, NULL, best, 1 FROM loan WHERE owner > 0
          UNION ALL SELECT until, NULL, owner, NULL, NULL, NULL, best, -1 FROM loan
            WHERE owner > 0 AND until IS NOT NULL
        ) WINDOW line AS (PARTITION BY pid ORDER BY seq)
      )
      SELECT seq, time, pid, cid, 'priority ' || priority || ' at dispatch',
        due || ', by its own and those of who waits for its mutexes'
      FROM (SELECT *, min(own, \(best)) AS due FROM heir WHERE time IS NOT NULL) WHERE priority <> due
      UNION ALL
      SELECT first.seq, first.time, first.pid, first.cid, 'priority ' || first.priority || ' of a child',
        born.own || ', as its parent''s own'
      FROM known AS born JOIN known AS first ON first.pid = born.child AND first.place = 1
      WHERE born.kind = \(id(.fork)) AND first.kind = \(id(.dispatch)) AND first.priority <> born.own
      """
  }
}
