// Views of groups: which there were, how many process slots each had at every change and how many it might, and
// which refused; and what a trace alone can tell of a group's rules being broken. A process is in the group of
// its parent from its fork on, and in another from a `group_enter` on.

import Sim

extension TraceSchema {
  static var groupViews: [String] { [groupView, groupUsageView, groupRefusalView, throttleView] }

  /// How far a group can be below the root: all that a container can make, each in the one before. A trace that no
  /// machine wrote may have longer ways, and circles.
  static let deepest = GroupTable.madeAtMost + 1

  /// Named after cgroups: GROUP is a word of SQL's.
  private static var groupView: String {
    """
    CREATE VIEW cgroup AS
    WITH RECURSIVE made AS MATERIALIZED (
      SELECT \(GroupMakeEvent.group) AS group_id, \(GroupMakeEvent.parent) AS parent_group,
        \(reading(GroupMakeEvent.name)) AS name, \(GroupMakeEvent.owner) AS container, time, pid,
        min(seq)
      FROM event WHERE kind = \(kinds(.groupMake)) GROUP BY 1
    ), tree(group_id, path, depth) AS (
      SELECT \(GroupID.root.raw), '', 0
      UNION ALL
      SELECT made.group_id, tree.path || '/' || made.name, depth + 1
      FROM tree JOIN made ON made.parent_group = tree.group_id
      WHERE made.group_id > tree.group_id AND depth < \(deepest)
    ), gone(group_id, time) AS MATERIALIZED (
      SELECT \(GroupRemoveEvent.group), time FROM event WHERE kind = \(kinds(.groupRemove))
    )
    SELECT made.group_id, parent_group, name, path, container, pid, made.time AS start_ts,
      gone.time AS end_ts
    FROM made JOIN tree USING (group_id) LEFT JOIN gone USING (group_id)
    """
  }

  /// `made`: the groups that there were; `above`: each with itself and those whose limits hold for it.
  static var groupsAbove: String {
    """
    made(group_id, parent, owner, seq) AS MATERIALIZED (
      SELECT \(GroupMakeEvent.group), \(GroupMakeEvent.parent), \(GroupMakeEvent.owner), min(seq)
      FROM event WHERE kind = \(kinds(.groupMake)) GROUP BY 1
    ),
    above(group_id, top, distance) AS (
      SELECT group_id, group_id, 1 FROM made
      UNION ALL
      SELECT above.group_id, made.parent, distance + 1
      FROM above JOIN made ON made.group_id = above.top
      WHERE made.parent <> \(GroupID.root.raw) AND made.parent < above.top AND distance < \(deepest)
    )
    """
  }

  /// `stay`, besides: which process was in which group, from which event to which.
  static var stays: String {
    """
    \(groupsAbove),
    entered(pid, group_id, since, until) AS MATERIALIZED (
      SELECT pid, \(GroupEnterEvent.group), seq,
        coalesce(lead(seq) OVER (PARTITION BY pid ORDER BY seq), 9e18)
      FROM event WHERE kind = \(kinds(.groupEnter))
    ),
    left_home(pid, seq) AS MATERIALIZED (SELECT pid, min(since) FROM entered GROUP BY pid),
    born(pid, parent, since, until) AS MATERIALIZED (
      SELECT \(ForkEvent.child), event.pid, min(event.seq), coalesce(left_home.seq, 9e18)
      FROM event LEFT JOIN left_home ON left_home.pid = \(ForkEvent.child)
      WHERE kind = \(kinds(.fork)) GROUP BY 1
    ),
    stay(pid, group_id, since, until) AS (
      SELECT pid, group_id, since, until FROM entered
      UNION ALL
      SELECT born.pid, stay.group_id, born.since, born.until FROM stay JOIN born
      ON born.parent = stay.pid AND born.since > stay.since AND born.since < stay.until
    )
    """
  }

  /// How many slots were held in each group, at each event that changed it, and how many might be.
  private static var slotCounts: String {
    """
    gone(pid, seq) AS MATERIALIZED (
      SELECT \(ReapEvent.child), seq FROM event WHERE kind = \(kinds(.reap))
    ),
    change(group_id, seq, delta, allowed) AS (
      SELECT top, since, 1, NULL FROM stay JOIN above USING (group_id)
      UNION ALL
      SELECT top, min(until, coalesce(gone.seq, 9e18)), -1, NULL
      FROM stay JOIN above USING (group_id) LEFT JOIN gone USING (pid)
      UNION ALL
      SELECT \(GroupLimitEvent.group), seq, 0, \(GroupLimitEvent.value) FROM event
      WHERE kind = \(kinds(.groupLimit)) AND \(reading(GroupLimitEvent.file)) = 'pids.max'
      UNION ALL
      SELECT made.group_id, event.seq, 0, \(ContainerBudgetEvent.limit) FROM event JOIN made
      ON made.owner = event.\(ContainerBudgetEvent.cid) AND made.parent = \(GroupID.root.raw)
      WHERE kind = \(kinds(.containerBudget))
    ),
    summed(group_id, seq, delta, allowed) AS (
      SELECT group_id, seq, sum(delta), max(allowed) FROM change WHERE seq < 9e18
      GROUP BY group_id, seq
    ),
    counted(group_id, seq, delta, held, epoch, given) AS (
      SELECT group_id, seq, delta, sum(delta) OVER so_far, count(allowed) OVER so_far, allowed
      FROM summed WINDOW so_far AS (PARTITION BY group_id ORDER BY seq)
    ),
    usage(group_id, seq, delta, held, allowed) AS (
      SELECT group_id, seq, delta, held,
        nullif(max(given) OVER (PARTITION BY group_id, epoch), -1) FROM counted
    )
    """
  }

  private static var groupUsageView: String {
    """
    CREATE VIEW group_usage AS
    WITH RECURSIVE \(stays), \(slotCounts), \(groupTurns)
    SELECT event.seq, event.time, group_id, \(word("kind", "event.kind")) AS event,
      'pids' AS resource, held, max(held) OVER so_far AS peak, allowed
    FROM usage JOIN event USING (seq)
    WINDOW so_far AS (PARTITION BY group_id ORDER BY event.seq)
    UNION ALL
    SELECT event.seq, event.time, top, \(word("kind", "event.kind")), 'cpu',
      sum(worked.time - worked.since) OVER so_far, sum(worked.time - worked.since) OVER so_far, NULL
    FROM worked JOIN above USING (group_id) JOIN event USING (seq)
    WINDOW so_far AS (PARTITION BY top ORDER BY event.seq)
    UNION ALL
    SELECT seq, time, \(GroupUseEvent.group), \(word("kind", "kind")), \(reading(GroupUseEvent.resource)),
      \(GroupUseEvent.held), max(\(GroupUseEvent.most)) OVER so_far,
      nullif(\(GroupUseEvent.limit), -1)
    FROM event WHERE kind = \(kinds(.groupUse))
    WINDOW so_far AS (
      PARTITION BY \(GroupUseEvent.group), \(GroupUseEvent.resource) ORDER BY seq)
    """
  }

  private static var groupRefusalView: String {
    """
    CREATE VIEW group_refusal AS
    SELECT seq, time, pid, cid, nullif(\(RefuseEvent.group), 0) AS group_id,
      \(reading(RefuseEvent.resource)) AS resource, \(reading(RefuseEvent.call)) AS call,
      \(reading(RefuseEvent.why)) AS why, \(RefuseEvent.limit) AS allowed,
      \(RefuseEvent.held) AS held
    FROM event WHERE kind = \(kinds(.refuse)) AND (\(RefuseEvent.group) <> 0
      OR \(RefuseEvent.why) = \(Refusal.reserved.rawValue))
    """
  }

  // MARK: What was wrong

  /// Who came beyond what was written to a `pids.max`: of the family of budgets.
  static var groupBudgetViolations: String {
    """
    WITH RECURSIVE \(stays), \(slotCounts)
    SELECT event.seq, event.time, event.pid, event.cid,
      held || ' processes in group ' || group_id AS found, 'at most ' || allowed AS expected
    FROM usage JOIN event USING (seq) WHERE delta > 0 AND held > allowed AND group_id IN (
      SELECT \(GroupLimitEvent.group) FROM event WHERE kind = \(kinds(.groupLimit))
        AND \(reading(GroupLimitEvent.file)) = 'pids.max')
    """
  }

  /// Limits set from inside what they limit; processes in another's part of the
  /// tree; frozen ones that got a hart without having been killed; groups that outlived their container.
  static var groupViolations: String {
    """
    WITH RECURSIVE \(stays),
    removed(group_id, seq) AS MATERIALIZED (
      SELECT \(GroupRemoveEvent.group), seq FROM event WHERE kind = \(kinds(.groupRemove))
    ),
    frozen(group_id, since, until, value, state) AS MATERIALIZED (
      SELECT \(GroupLimitEvent.group), seq,
        coalesce(lead(seq) OVER (PARTITION BY \(GroupLimitEvent.group) ORDER BY seq), 9e18),
        \(GroupLimitEvent.value), 'frozen'
      FROM event WHERE kind = \(kinds(.groupLimit))
        AND \(reading(GroupLimitEvent.file)) = 'cgroup.freeze'
      UNION ALL
      SELECT \(ThrottleEvent.group), seq,
        coalesce(lead(seq) OVER (PARTITION BY \(ThrottleEvent.group) ORDER BY seq), 9e18),
        kind = \(kinds(.throttle)), 'throttled'
      FROM event WHERE kind IN (\(kinds(.throttle, .unthrottle)))
    ),
    doomed(pid, seq) AS MATERIALIZED (
      SELECT \(KillEvent.target), min(seq) FROM event WHERE kind = \(kinds(.kill)) GROUP BY 1
    )
    SELECT event.seq, event.time, event.pid, event.cid, 'a limit of group '
      || made.group_id || ' set in container ' || event.cid AS found,
      'that to be refused, for the group is not below its own' AS expected
    FROM event JOIN made ON made.group_id = event.\(GroupLimitEvent.group)
    WHERE event.kind = \(kinds(.groupLimit)) AND event.cid <> 0
      AND (made.owner <> event.cid OR made.parent = \(GroupID.root.raw))
    UNION ALL
    SELECT event.seq, event.time, event.pid, event.cid, 'a process of container '
      || event.cid || ' in group ' || event.\(GroupEnterEvent.group),
      'one of its own part of the tree'
    FROM event LEFT JOIN made ON made.group_id = event.\(GroupEnterEvent.group)
    WHERE event.kind = \(kinds(.groupEnter)) AND coalesce(made.owner, 0) <> event.cid
      AND event.\(GroupEnterEvent.call) NOT IN
        (\(CallNumber.containerCreateAndEnter.rawValue), \(CallNumber.containerJoin.rawValue))
    UNION ALL
    SELECT event.seq, event.time, event.pid, event.cid, 'a hart given to a process of group '
      || frozen.group_id || ', which is ' || frozen.state, 'it to be held back'
    FROM frozen JOIN above ON above.top = frozen.group_id JOIN stay ON stay.group_id = above.group_id
      JOIN event ON event.pid = stay.pid AND event.kind = \(kinds(.dispatch))
        AND event.seq > max(stay.since, frozen.since) AND event.seq < min(stay.until, frozen.until)
      LEFT JOIN doomed ON doomed.pid = event.pid AND doomed.seq < event.seq
    WHERE frozen.value = 1 AND doomed.pid IS NULL
    UNION ALL
    SELECT event.seq, event.time, event.pid, event.cid, 'group ' || made.group_id
      || ' of container ' || made.owner || ', which has ended', 'its groups to go with it'
    FROM made JOIN event ON event.kind = \(kinds(.containerEnd))
      AND event.\(ContainerEndEvent.cid) = made.owner
      LEFT JOIN removed ON removed.group_id = made.group_id
    WHERE removed.seq IS NULL
    """
  }
}
