// What a trace alone shows of mutexes and of strict priorities: nobody has a mutex that another holds, and no process
// waits for a hart that a lower one has.

import Sim

extension TraceSchema {
  // MARK: locks

  /// Who sleeps matters only where a signal was kept, and is not gone through elsewhere.
  static var locksViolations: String {
    let owning: [Event.Kind] = [
      .lockCreate, .lockAcquire, .lockHandOver, .lockRelease, .lockAbandon, .lockDelete, .cvWait,
    ]
    return """
      WITH owned AS MATERIALIZED (
        SELECT seq, time, kind, pid, cid, \(LockEvent.mutex) AS mutex, owner,
          lag(owner, 1, 0) OVER one AS before, lead(seq, 1, 9e18) OVER one AS until
        FROM (
          SELECT *, CASE kind WHEN \(id(.lockAcquire)) THEN pid WHEN \(id(.cvWait)) THEN pid
            WHEN \(id(.lockHandOver)) THEN \(LockEvent.other) ELSE 0 END AS owner
          FROM event WHERE kind IN (\(list(owning)))
        ) WINDOW one AS (PARTITION BY \(LockEvent.mutex) ORDER BY seq)
      ),
      ending AS MATERIALIZED (
        SELECT seq, time, pid, cid FROM event WHERE kind = \(id(.exit))
      ),
      latch AS MATERIALIZED (
        SELECT seq, time, pid, cid, \(LockEvent.mutex) AS mutex FROM event
        WHERE kind = \(id(.cvLatch))
      ),
      sleep AS MATERIALIZED (
        SELECT seq, pid, \(LockEvent.mutex) AS mutex, kind, \
      lead(seq, 1, 9e18) OVER (PARTITION BY pid ORDER BY seq)
          AS until
        FROM event WHERE EXISTS (SELECT 1 FROM latch) AND (
          kind IN (\(list([.cvWait, .cvWake, .exit, .callReturn])))
          OR kind = \(id(.wake))
          AND \(WakeEvent.reason) IN (\(WaitReason.mutexCode), \(WaitReason.conditionCode)))
      )
      SELECT seq, time, pid, cid,
        \(word("kind", "kind")) || ' of mutex ' || mutex || ' held by '
          || CASE before WHEN 0 THEN 'nobody' ELSE 'pid ' || before END AS found,
        CASE WHEN kind IN (\(list([.lockAcquire, .lockHandOver]))) THEN 'it to be free'
          ELSE 'pid ' || pid || ' to hold it' END AS expected
      FROM owned
      WHERE kind IN (\(list([.lockAcquire, .lockHandOver]))) AND before <> 0
        OR kind IN (\(list([.lockRelease, .lockAbandon, .cvWait]))) AND before <> pid
      UNION ALL
      SELECT ending.seq, ending.time, ending.pid, ending.cid,
        'a process that ended with mutex ' || mutex, 'it to be released'
      FROM owned JOIN ending ON ending.pid = owner AND ending.seq > owned.seq AND ending.seq < until
      WHERE owner <> 0
      UNION ALL
      SELECT seq, time, pid, cid,
        'a signal for mutex ' || mutex || ' kept while ' || sleepers || ' wait for one',
        'one of them to be woken'
      FROM (
        SELECT *, sum(delta) OVER (PARTITION BY mutex ORDER BY seq) AS sleepers FROM (
          SELECT seq, time, pid, cid, mutex, 0 AS delta, 1 AS is_latch FROM latch
          UNION ALL
          SELECT seq, 0, 0, 0, mutex, 1, 0 FROM sleep WHERE kind = \(id(.cvWait))
          UNION ALL
          SELECT until, 0, 0, 0, mutex, -1, 0 FROM sleep
          WHERE kind = \(id(.cvWait)) AND until < 9e18
        )
      ) WHERE is_latch AND sleepers > 0
      UNION ALL
      SELECT seq, time, pid, cid, 'cv_wait on mutex ' || mutex || ' back without a signal', 'to sleep'
      FROM (
        SELECT seq, time, kind, pid, cid, \(LockEvent.mutex) AS mutex,
          lag(kind, 1, 0) OVER (PARTITION BY \(LockEvent.mutex) ORDER BY seq) AS before
        FROM event WHERE kind IN (\(list([.lockCreate, .cvLatch])))
          OR kind = \(id(.cvWake)) AND \(LockEvent.other) = 0
      ) WHERE kind = \(id(.cvWake)) AND before <> \(id(.cvLatch))
      UNION ALL
      SELECT seq, time, pid, cid, 'cv_wait keeping mutex ' || mutex || ' although somebody waits',
        'it to be let go, and taken again in line'
      FROM (
        SELECT seq, time, kind, pid, cid, \(LockEvent.mutex) AS mutex, \
      \(LockEvent.waiters) AS waiters, \(LockEvent.other) AS other,
          lead(seq, 1, 0) OVER (PARTITION BY \(LockEvent.mutex) ORDER BY seq) AS next
        FROM event WHERE kind IN (\(list([.lockRelease, .cvWake])))
      ) WHERE kind = \(id(.cvWake)) AND other = 0 AND waiters > 0 AND next <> seq + 1
      """
  }

  // MARK: schedule

  /// Where all priorities are the same nobody can be passed over, and the many steps have no rows to
  /// go through. A child begins with its parent's own priority, which the first event that told of one, or the last
  /// `priority`, gave; so it is with a setter's own.
  static var scheduleViolations: String {
    let ready: [Event.Kind] = [.wake, .yield]
    let kinds: [Event.Kind] = [.dispatch, .priority, .inherit]
    let giving = list(kinds)
    let given = givenPriority
    let lowest = Scheduler.priorities - 1
    let lower = (0..<lowest).map { priority in
      "sum(CASE WHEN of <= \(priority) THEN delta ELSE 0 END) OVER line AS waiting\(priority)"
    }
    let waiting = (1...lowest).map { "WHEN \($0) THEN waiting\($0 - 1)" }
    return """
      WITH mixed(so) AS MATERIALIZED (
        SELECT min(\(given)) < max(\(given)) FROM event WHERE kind IN (\(giving))
      ),
      policy(name) AS MATERIALIZED (SELECT value FROM scenario WHERE key = 'scheduler'),
      moment AS (
        SELECT seq, kind, pid, CASE kind WHEN \(id(.fork)) THEN \(ForkEvent.child) END AS child,
          CASE WHEN kind IN (\(giving)) THEN \(given) END AS given,
          count(CASE WHEN kind IN (\(giving)) THEN 1 END) OVER life AS gifts,
          count(CASE kind WHEN \(id(.priority)) THEN 1 END) OVER life AS sets
        FROM event WHERE kind IN (\(list(ready + kinds + [.exit, .fork, .block])))
          AND (SELECT so FROM mixed) AND NOT EXISTS (SELECT 1 FROM policy)
        WINDOW life AS (PARTITION BY pid ORDER BY seq)
      ),
      known AS (
        SELECT seq, kind, pid, child, max(given) OVER (PARTITION BY pid, gifts) AS priority,
          CASE kind WHEN \(id(.fork)) THEN first_value(given) OVER (PARTITION BY pid, sets ORDER BY seq)
            END AS own
        FROM moment
      ),
      step AS (
        SELECT seq, kind, pid, priority FROM known WHERE kind <> \(id(.fork))
        UNION ALL
        SELECT seq, kind, child, own FROM known WHERE kind = \(id(.fork))
      ),
      turn AS (
        SELECT seq, kind, priority, lead(kind) OVER life AS next, lead(seq) OVER life AS until,
          lead(priority) OVER life AS later,
          count(CASE WHEN kind NOT IN (\(list([.priority, .inherit]))) THEN 1 END) OVER life AS turns, pid
        FROM step WINDOW life AS (PARTITION BY pid ORDER BY seq)
      ),
      wait AS (
        SELECT * FROM (
          SELECT *, first_value(kind) OVER (PARTITION BY pid, turns ORDER BY seq) AS began FROM turn
        ) WHERE began IN (\(list(ready + [.fork])))
      ),
      change AS (
        SELECT seq, 0 AS runs, priority, priority AS of, 1 AS delta FROM wait
        UNION ALL
        SELECT until, next = \(id(.dispatch)), later, priority, -1 FROM wait WHERE until IS NOT NULL
      ),
      waits AS (
        SELECT seq, runs, priority, \(lower.joined(separator: ",\n          "))
        FROM change WINDOW line AS (ORDER BY seq ROWS UNBOUNDED PRECEDING)
      ),
      asked(seq, setter) AS MATERIALIZED (
        SELECT seq, \(PriorityEvent.by) FROM event WHERE kind = \(id(.priority))
      ),
      setting(seq, told_by) AS MATERIALIZED (
        SELECT seq, told_by FROM (
          SELECT seq, gift, max(gift) OVER (PARTITION BY pid ORDER BY place) AS told_by FROM (
            SELECT seq, 2 * seq + 1 AS place, pid, seq AS gift FROM (
              SELECT seq, pid, kind, row_number() OVER (PARTITION BY pid ORDER BY seq) AS nth
              FROM event WHERE EXISTS (SELECT 1 FROM asked) AND kind IN (\(giving))
                AND pid IN (SELECT setter FROM asked)
            ) WHERE kind = \(id(.priority)) OR nth = 1
            UNION ALL
            SELECT seq, 2 * seq, setter, NULL FROM asked
          )
        ) WHERE gift IS NULL
      ),
      given AS (
        SELECT seq, time, kind, pid, cid,
          \(given) AS priority, lag(\(given)) OVER (PARTITION BY pid ORDER BY seq) AS before
        FROM event WHERE kind IN (\(giving)) AND (SELECT so FROM mixed)
      )
      SELECT event.seq, event.time, event.pid, event.cid,
        'dispatch at priority ' || waits.priority || ' while one of higher priority waits' AS found,
        'that one' AS expected
      FROM waits JOIN event USING (seq)
      WHERE runs AND CASE waits.priority \(waiting.joined(separator: " ")) ELSE 0 END > 0
      UNION ALL
      SELECT seq, time, pid, cid, 'priority ' || priority || ' at dispatch', before || ', as it was set'
      FROM given WHERE kind = \(id(.dispatch)) AND before <> priority
      UNION ALL
      SELECT seq, time, pid, cid, 'priority ' || \(PriorityEvent.new) || ' given by pid ' || \
      \(PriorityEvent.by), 'no higher than its own'
      FROM event JOIN setting USING (seq)
      WHERE \(PriorityEvent.new) < (SELECT \(given) FROM event AS own WHERE own.seq = told_by)
      UNION ALL \(policyViolations)
      UNION ALL SELECT * FROM (\(inheritanceViolations))
      """
  }
}
