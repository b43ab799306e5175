// The time of groups as a trace tells it: what each has used, by the turns of its processes, when it was throttled, and
// whether it used more than its quotas. What a call costs that ends a turn is in no event, and so not in here.

import Sim

extension TraceSchema {
  /// `worked`: how long a process had a hart while it was in one group, by the event that ended that; needs `stay`
  /// and `above` (`stays`). Who moves itself runs on in its new group.
  static var groupTurns: String {
    let ends = kinds(.yield, .block, .exit, .groupEnter)
    return """
      step(pid, seq, time, kind, since_seq, since, ran) AS MATERIALIZED (
        SELECT pid, seq, time, kind, lag(seq) OVER life, lag(time) OVER life,
          lag(kind = \(kinds(.dispatch)) OR kind = \(kinds(.groupEnter)) AND \(GroupEnterEvent.by) = pid)
            OVER life
        FROM event WHERE kind IN (\(kinds(.dispatch)), \(ends))
        WINDOW life AS (PARTITION BY pid ORDER BY seq)
      ),
      worked(group_id, seq, time, since) AS (
        SELECT stay.group_id, step.seq, step.time, step.since FROM step JOIN stay
        ON stay.pid = step.pid AND stay.since <= step.since_seq AND step.since_seq < stay.until
        WHERE step.ran AND step.kind IN (\(ends))
      )
      """
  }

  /// From when a group had used its quota to when it might run again, or was gone.
  static var throttleView: String {
    """
    CREATE VIEW throttle AS
    SELECT seq, time, coalesce(until, \(endTime)) - time AS duration, group_id, used, quota, period
    FROM (
      SELECT seq, time, kind, group_id, used, quota, period,
        lead(time) OVER (PARTITION BY group_id ORDER BY seq) AS until
      FROM (
        SELECT seq, time, kind, \(ThrottleEvent.group) AS group_id, \(ThrottleEvent.used) AS used,
          \(ThrottleEvent.quota) AS quota, \(ThrottleEvent.period) AS period
        FROM event WHERE kind IN (\(kinds(.throttle, .unthrottle)))
        UNION ALL
        SELECT seq, time, kind, \(GroupRemoveEvent.group), NULL, NULL, NULL FROM event
        WHERE kind = \(kinds(.groupRemove))
      )
    ) WHERE kind = \(kinds(.throttle))
    """
  }

  /// What was used since a group was first throttled under a quota, when it goes on: more than the periods up to then
  /// allow, and the most that was ever beyond the quota, or owed. Not since the quota was set: a call that was being made
  /// then counts as used before, and how long it took is in no event.
  static var quotaViolations: String {
    """
    WITH RECURSIVE \(stays), \(groupTurns),
    given(group_id, seq, time, quota, period) AS MATERIALIZED (
      SELECT \(GroupLimitEvent.group), seq, time, \(GroupLimitEvent.value), \(GroupLimitEvent.more)
      FROM event WHERE kind = \(kinds(.groupLimit)) AND \(reading(GroupLimitEvent.file)) = 'cpu.max'
    ),
    entry(group_id, seq, time, since, quota, period, over, goes_on) AS (
      SELECT top, worked.seq, worked.time, worked.since, NULL, NULL, NULL, 0
      FROM worked JOIN above USING (group_id) WHERE top IN (SELECT group_id FROM given)
      UNION ALL SELECT group_id, seq, time, NULL, quota, period, NULL, 0 FROM given
      UNION ALL SELECT \(ThrottleEvent.group), seq, time, NULL, NULL, NULL,
        \(ThrottleEvent.used) - CASE kind WHEN \(kinds(.throttle)) THEN \(ThrottleEvent.quota) ELSE 0 END,
        kind = \(kinds(.unthrottle))
      FROM event WHERE kind IN (\(kinds(.throttle, .unthrottle)))
    ),
    dated(group_id, seq, time, since, quota, period, over, goes_on, epoch) AS (
      SELECT *, count(quota) OVER (PARTITION BY group_id ORDER BY seq) FROM entry
    ),
    started(group_id, seq, time, since, goes_on, epoch, start, quota, period, most) AS (
      SELECT group_id, seq, time, since, goes_on, epoch,
        min(CASE WHEN over IS NOT NULL AND NOT goes_on THEN time END) OVER all_of_it,
        max(quota) OVER all_of_it,
        max(period) OVER all_of_it, max(over) OVER all_of_it
      FROM dated WINDOW all_of_it AS (PARTITION BY group_id, epoch)
    ),
    summed(group_id, seq, time, goes_on, start, quota, period, most, used) AS (
      SELECT group_id, seq, time, goes_on, start, quota, period, most,
        sum(max(time - max(since, start), 0)) OVER (PARTITION BY group_id, epoch ORDER BY seq)
      FROM started WHERE epoch > 0
    )
    SELECT event.seq, event.time, event.pid, event.cid,
      summed.used || ' instructions used by group ' || group_id AS found,
      quota || ' in each of ' || period || ', and what calls cost beyond' AS expected
    FROM summed JOIN event USING (seq)
    WHERE goes_on AND quota > 0
      AND summed.used > quota * (summed.time / period - start / period) + most
    """
  }
}
