// What a trace alone can tell of the limits of groups: a refusal names the limit that was set last, no group is told to
// have got more than its limit, and in no tick is more file data moved than the limit that there then is. Quotas of time are in `TraceSchema+GroupTime.swift`.

import Sim

extension TraceSchema {
  /// Refusals of a group that name another limit than the group had, and file data beyond a limit.
  static var limitViolations: String {
    """
    WITH RECURSIVE given(group_id, control, value, since, until) AS MATERIALIZED (
      SELECT \(GroupLimitEvent.group), \(reading(GroupLimitEvent.file)), \(GroupLimitEvent.value), seq,
        coalesce(lead(seq) OVER (
          PARTITION BY \(GroupLimitEvent.group), \(GroupLimitEvent.file) ORDER BY seq), 9e18)
      FROM event WHERE kind = \(Event.Kind.groupLimit.rawValue)
    ),
    refused(seq, time, pid, cid, group_id, resource, allowed, held) AS MATERIALIZED (
      SELECT seq, time, pid, cid, \(RefuseEvent.group), \(reading(RefuseEvent.resource)),
        \(RefuseEvent.limit), \(RefuseEvent.held)
      FROM event WHERE kind = \(Event.Kind.refuse.rawValue) AND \(RefuseEvent.group) <> 0
        AND \(reading(RefuseEvent.resource)) <> 'pids'
    ),
    \(groupsAbove),
    moved(seq, time, pid, cid, group_id, control, tick, bytes) AS MATERIALIZED (
      SELECT seq, time, pid, cid, top,
        CASE \(TransferEvent.write) WHEN 0 THEN 'io.max rbps' ELSE 'io.max wbps' END,
        time / length.value,
        sum(\(TransferEvent.count)) OVER (
          PARTITION BY top, \(TransferEvent.write), time / length.value ORDER BY seq)
      FROM event JOIN above ON above.group_id = event.\(TransferEvent.group)
        JOIN (SELECT value FROM scenario WHERE key = 'tick') AS length
      -- A sum of numbers that no machine wrote would end the query.
      WHERE kind = \(id(.transfer)) AND \(TransferEvent.count) BETWEEN 0 AND 1 << 40
    )
    SELECT refused.seq, time, pid, cid,
      resource || ' refused with ' || held || ' of ' || allowed || ' in group ' || refused.group_id AS found,
      'a limit of ' || coalesce(nullif(value, -1), 'none') AS expected
    FROM refused LEFT JOIN given ON given.group_id = refused.group_id
      AND control IN ('misc.max ' || resource, resource || '.max')
      AND since < refused.seq AND refused.seq < until
    WHERE allowed IS NOT value
    UNION ALL
    SELECT moved.seq, time, pid, cid,
      bytes || ' bytes of files in tick ' || tick || ' in group ' || moved.group_id, value || ' at most'
    FROM moved JOIN given USING (group_id, control)
    WHERE since < moved.seq AND moved.seq < until AND value >= 0 AND bytes > value
    UNION ALL
    SELECT seq, time, pid, cid, most || ' ' || resource || ' in group ' || group_id, allowed || ' at most'
    FROM (
      SELECT seq, time, pid, cid, \(GroupUseEvent.group) AS group_id,
        \(reading(GroupUseEvent.resource)) AS resource, \(GroupUseEvent.most) AS most,
        \(GroupUseEvent.limit) AS allowed, lag(\(GroupUseEvent.held)) OVER told AS before,
        lag(seq) OVER told AS told_before
      FROM event WHERE kind = \(Event.Kind.groupUse.rawValue)
      WINDOW told AS (
        PARTITION BY \(GroupUseEvent.group), \(GroupUseEvent.resource) ORDER BY seq)
    ) AS uses
    WHERE allowed >= 0 AND most > allowed AND most > coalesce(before, 0) AND NOT EXISTS (
      SELECT 1 FROM given WHERE given.group_id = uses.group_id AND since < uses.seq
        AND since > coalesce(told_before, 0))
    UNION ALL SELECT * FROM (\(quotaViolations))
    """
  }
}
