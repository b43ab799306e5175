// What a trace tells of scheduling policies that break their own rules, as a part of the view
// `violation_schedule`; what each rule is stands in `Replay/Invariants/Policies.swift`. A trace of strict
// priorities has no row in `policy`, and nothing is gone through. Where there are groups, each counts its own
// arrivals, which only the machine's invariants tell apart.

import Sim

extension TraceSchema {
  /// Rows as the view has them, given the table `policy` with the name of the one in force.
  static var policyViolations: String {
    let lowest = Scheduler.priorities - 1
    let weights = (0...lowest).map { "WHEN \($0) THEN \(Weight.of(priority: $0))" }
    let weight = "CASE \(DispatchEvent.priority) \(weights.joined(separator: " ")) END"
    return """
      SELECT seq, time, pid, cid, \(DispatchEvent.rank) || ' tickets', \(weight) || ', by its priority'
      FROM policy CROSS JOIN event
      WHERE policy.name = 'lottery' AND kind = \(id(.dispatch)) AND \(DispatchEvent.rank) <> \(weight)
      UNION ALL
      SELECT seq, time, pid, cid, 'a process that loses its hart', 'it to keep it, by fifo'
      FROM policy CROSS JOIN event WHERE policy.name = 'fifo' AND kind = \(id(.yield))
      UNION ALL
      SELECT seq, time, pid, cid, 'a process that came before the one taken last',
        'them in order of arrival'
      FROM (
        SELECT seq, time, pid, cid, \(DispatchEvent.rank) AS arrival,
          max(\(DispatchEvent.rank)) OVER (ORDER BY seq ROWS UNBOUNDED PRECEDING) AS last
        FROM policy CROSS JOIN event WHERE policy.name = 'fifo' AND kind = \(id(.dispatch))
          AND seq < coalesce((SELECT min(seq) FROM event WHERE kind = \(id(.groupMake))), 9e18)
      ) WHERE arrival < last
      UNION ALL
      SELECT seq, time, pid, cid, 'a pass that rose by ' || rise || ' in ' || service || ' instructions',
        due || ', by its weight'
      FROM (
        SELECT *, service * \(1 << Weight.scale) / weight AS due FROM (
          SELECT seq, time, kind, pid, cid, \(weight) AS weight,
            lag(kind, 1) OVER turn AS before, lag(kind, 2) OVER turn AS first,
            lag(time, 1) OVER turn - lag(time, 2) OVER turn AS service,
            \(DispatchEvent.rank) - lag(\(DispatchEvent.rank), 2) OVER turn AS rise
          FROM policy CROSS JOIN event WHERE policy.name = 'stride'
            AND kind IN (\(list([.dispatch, .yield, .block, .priority, .inherit, .groupEnter])))
          WINDOW turn AS (PARTITION BY pid ORDER BY seq)
        ) WHERE kind = \(id(.dispatch)) AND before = \(id(.yield)) AND first = \(id(.dispatch))
      ) WHERE rise < due - due / 64 - \(1 << Weight.scale)
        OR rise > due + due / 64 + \(1 << Weight.scale)
          AND (SELECT value FROM scenario WHERE key = 'harts') = 1
      """
  }
}
