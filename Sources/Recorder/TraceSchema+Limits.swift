// What a trace alone can tell of the limits of groups: a refusal names the limit that was set last.

import Sim

extension TraceSchema {
  /// Refusals of a group that name another limit than the group had.
  static var limitViolations: String {
    """
    WITH given(group_id, control, value, since, until) AS MATERIALIZED (
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
    )
    SELECT refused.seq, time, pid, cid,
      resource || ' refused with ' || held || ' of ' || allowed || ' in group ' || refused.group_id AS found,
      'a limit of ' || coalesce(nullif(value, -1), 'none') AS expected
    FROM refused LEFT JOIN given ON given.group_id = refused.group_id
      AND control IN ('misc.max ' || resource, resource || '.max')
      AND since < refused.seq AND refused.seq < until
    WHERE allowed IS NOT value
    """
  }
}
