// The invariants once more, as far as a trace alone shows them: a view for each family that is empty
// on a session in which nothing was wrong. Nothing here knows the kernel; what these views find has
// to agree with what `Replay/Invariants` finds in the machine itself.

import Sim

extension TraceSchema {
  /// What can be checked of each family, in the order in which replay checks them.
  public static let violationQueries: [ViolationView] = [
    ViolationView(family: "root", query: rootViolations),
    ViolationView(family: "budget", query: budgetViolations),
    ViolationView(family: "memory", query: memoryViolations),
    ViolationView(family: "names", query: namesViolations),
    ViolationView(family: "pids", query: pidsViolations),
    ViolationView(family: "signals", query: signalsViolations),
    ViolationView(family: "locks", query: locksViolations),
    ViolationView(family: "schedule", query: scheduleViolations),
    ViolationView(family: "console", query: consoleViolations),
    ViolationView(family: "accounting", query: accountingViolations),
    ViolationView(family: "mounts", query: mountViolations),
    ViolationView(family: "groups", query: groupViolations),
    ViolationView(family: "limits", query: limitViolations),
    ViolationView(family: "network", query: networkViolations),
    ViolationView(family: "threads", query: threadViolations),
  ]

  static var violationViews: [String] {
    violationQueries.map { "CREATE VIEW \($0.name) AS \($0.query)" }
  }

  static func id(_ kind: Event.Kind) -> String { "\(kind.rawValue)" }
  static func kinds(_ kinds: Event.Kind...) -> String { list(kinds) }
  static func number(_ call: CallNumber) -> String { "\(call.rawValue)" }
  /// Whether an event is such a call, done at once.
  static func done(_ call: CallNumber) -> String {
    "kind = \(id(.call)) AND \(CallEvent.number) = \(number(call)) AND \(CallEvent.why) = 0"
  }

  // MARK: root

  private static var rootViolations: String {
    // In which layer it was found is no part of what a file is.
    let file = "\(ResolveEvent.inode) & \(Int64(1) << ResolveEvent.layerShift - 1)"
    let groups = Int64(VolumeID.groups.raw) << FileID.volumeShift
    return """
      WITH top(seq, file) AS MATERIALIZED (
        SELECT seq, \(MountEvent.inode) FROM event WHERE kind = \(id(.mount))
      ),
      -- A container sees its own group where the tree of groups is mounted.
      own(cid, file) AS MATERIALIZED (
        SELECT \(GroupMakeEvent.owner), \(groups) + \(GroupMakeEvent.group) * \(GroupTable.inodesEach)
        FROM event WHERE kind = \(id(.groupMake)) AND \(GroupMakeEvent.parent) = \(GroupID.root.raw)
      )
      SELECT seq, time, pid, cid, 'path "' || path || '" leading to inode ' || found AS found,
        'an inode inside the root, inode ' || root AS expected
      FROM (
        SELECT seq, time, pid, cid, \(reading(ResolveEvent.path)) AS path,
          \(ResolveEvent.root) AS root, \(file) AS found, \(ResolveEvent.inside) AS inside
        FROM event WHERE kind = \(id(.resolve)) AND \(ResolveEvent.inode) <> 0
      ) AS r WHERE inside = 0 OR path <> '' AND trim(path, '/') = '' AND found <> root
        -- What is mounted over the root hides it.
        AND NOT EXISTS (SELECT 1 FROM top WHERE top.seq < r.seq AND (top.file = r.found
          OR top.file >= \(groups) AND top.file < \(groups) + (1 << \(FileID.volumeShift))
            AND EXISTS (SELECT 1 FROM own WHERE own.cid = r.cid AND own.file = r.found)))
      """
  }

  // MARK: mounts

  /// A path that led into a union which the process's container has not mounted, and which was not
  /// mounted outside when the container was made.
  private static var mountViolations: String {
    let union = Int64(VolumeID.firstUnion) << FileID.volumeShift
    func volume(_ column: String) -> String { "(\(column) >> \(FileID.volumeShift)) & 65535" }
    return """
      WITH mounted(seq, cid, volume) AS MATERIALIZED (
        SELECT seq, cid, \(volume("\(MountEvent.inode)")) FROM event WHERE kind = \(id(.mount))
      ),
      made(cid, seq) AS MATERIALIZED (
        SELECT \(ContainerEvent.cid), seq FROM event WHERE kind = \(id(.containerCreate))
      ),
      entered(seq, time, pid, cid, path, volume) AS (
        SELECT seq, time, pid, cid, \(reading(ResolveEvent.path)),
          \(volume("\(ResolveEvent.inode)"))
        FROM event WHERE kind = \(id(.resolve)) AND \(ResolveEvent.inode) >= \(union)
      )
      SELECT seq, time, pid, cid, 'path "' || path || '" leading into a union, dev ' || (volume + 1)
          AS found, 'only unions that its container has mounted' AS expected
      FROM entered AS e WHERE volume >= \(VolumeID.firstUnion) AND NOT EXISTS (
        SELECT 1 FROM mounted AS m WHERE m.seq < e.seq AND m.volume = e.volume
          AND (m.cid = e.cid
            OR m.cid = 0 AND m.seq < (SELECT seq FROM made WHERE made.cid = e.cid))
      )
      """
  }

  // MARK: budget

  /// For each limit, whoever counts in it and from when on; then the running count. Limits that the same
  /// process sets with nobody adopted in between are one, that of the moment: the same processes count
  /// in them. Those that the machine as a whole never got to are left out.
  private static var budgetViolations: String {
    """
    WITH RECURSIVE
    made(cid, init) AS MATERIALIZED (
      SELECT \(ContainerEvent.cid), \(ContainerEvent.initial) FROM event
      WHERE kind = \(id(.containerCreate))
    ),
    entered(container, pid, seq) AS MATERIALIZED (
      SELECT \(ContainerEnterEvent.cid), pid, seq FROM event WHERE kind = \(id(.containerEnter))
    ),
    raised(owner) AS MATERIALIZED (
      SELECT made.\(GroupMakeEvent.owner) FROM event AS made JOIN event AS limited
      ON made.\(GroupMakeEvent.group) = limited.\(GroupLimitEvent.group)
      WHERE made.kind = \(id(.groupMake)) AND limited.kind = \(id(.groupLimit)) AND \(reading(GroupLimitEvent.file, of: "limited")) = 'pids.max'
    ),
    alive(most) AS MATERIALIZED (
      SELECT max(held) FROM (
        SELECT 1 + sum(CASE kind WHEN \(id(.fork)) THEN 1 ELSE -1 END) OVER (ORDER BY seq) AS held
        FROM event WHERE kind IN (\(list([.fork, .reap])))
      )
    ),
    asked AS (
      SELECT seq, kind, pid, CASE kind WHEN \(id(.processBudget)) THEN \(ProcessBudgetEvent.limit)
          WHEN \(id(.containerBudget)) THEN \(ContainerBudgetEvent.limit) END AS allowed,
        CASE kind WHEN \(id(.containerBudget)) THEN \(ContainerBudgetEvent.cid) END AS container,
        sum(kind NOT IN (\(list([.processBudget, .containerBudget])))) OVER (ORDER BY seq) AS epoch
      FROM event
      WHERE kind IN (\(list([.adopt, .containerEnter, .processBudget, .containerBudget])))
    ),
    told(seq, epoch, allowed, container, owner) AS (
      SELECT seq, epoch, allowed, -1, pid FROM asked WHERE kind = \(id(.processBudget))
      UNION ALL
      SELECT seq, epoch, allowed, container, made.init
      FROM asked LEFT JOIN made ON made.cid = container
      WHERE kind = \(id(.containerBudget)) AND container NOT IN (SELECT owner FROM raised)
    ),
    step(id, owner, container, seq, allowed) AS MATERIALIZED (
      SELECT first_value(seq) OVER same, owner, container, seq, min(allowed) OVER same
      FROM told WHERE allowed < (SELECT most FROM alive)
      WINDOW same AS (PARTITION BY owner, container, epoch ORDER BY seq)
    ),
    bound(id, owner, allowed, container) AS MATERIALIZED (
      SELECT id, owner, allowed, container FROM step WHERE id = seq
    ),
    gone(pid, seq) AS MATERIALIZED (
      SELECT \(ReapEvent.child), seq FROM event WHERE kind = \(id(.reap))
    ),
    kin(pid, parent, since, forked) AS (
      SELECT \(ForkEvent.child), pid, seq, 1 FROM event WHERE kind = \(id(.fork))
      UNION ALL
      SELECT pid, \(AdoptEvent.to), seq, 0 FROM event WHERE kind = \(id(.adopt))
    ),
    life(pid, parent, since, until, forked, reaped) AS MATERIALIZED (
      SELECT kin.pid, parent, since, lead(since) OVER (PARTITION BY kin.pid ORDER BY since), forked,
        gone.seq
      FROM kin LEFT JOIN gone USING (pid)
    ),
    member(id, pid, since) AS (
      SELECT id, owner, id FROM bound
      UNION
      SELECT id, pid, max(id, seq) FROM bound JOIN entered USING (container) WHERE pid <> owner
      UNION
      SELECT id, life.pid, max(life.since, id) FROM member JOIN life ON life.parent = member.pid
      WHERE forked AND life.since > member.since
        OR member.since = id AND life.since < id AND (until IS NULL OR until > id)
          AND (reaped IS NULL OR reaped > id)
    ),
    change(id, seq, delta, allowed) AS (
      SELECT id, since, 1, allowed FROM member JOIN bound USING (id)
      UNION ALL
      SELECT id, gone.seq, -1, NULL FROM member JOIN gone USING (pid) WHERE gone.seq > since
      UNION ALL
      SELECT id, seq, 0, allowed FROM step WHERE seq > id
    ),
    running(id, seq, delta, held, allowed) AS (
      SELECT id, seq, delta, sum(delta) OVER before, min(allowed) OVER before
      FROM change WINDOW before AS (PARTITION BY id ORDER BY seq)
    )
    SELECT event.seq, event.time, event.pid, event.cid,
      held || ' processes under the limit of pid ' || owner AS found,
      'at most ' || running.allowed AS expected
    FROM running JOIN bound USING (id) JOIN event ON event.seq = running.seq
    WHERE delta >= 0 AND held > running.allowed
    UNION ALL SELECT * FROM (\(groupBudgetViolations))
    """
  }

  // MARK: memory

  private static var memoryViolations: String {
    """
    SELECT seq, time, pid, cid, counted || ' mappers counted of the page in frame ' || frame AS found,
      mapped || ', the processes that map it' AS expected
    FROM (
      SELECT seq, time, pid, cid, \(SharedPageEvent.frame) AS frame, \
    \(SharedPageEvent.mappers) AS counted,
        sum(CASE kind WHEN \(id(.shmUnmap)) THEN -1 ELSE 1 END)
          OVER (PARTITION BY \(SharedPageEvent.frame) ORDER BY seq) AS mapped
      FROM event WHERE kind IN (\(list([.shmMap, .shmInherit, .shmUnmap])))
    ) WHERE counted <> mapped
    """
  }

  // MARK: names

  private static func foreignUses<Columns, Value>(
    of what: String, _ object: ColumnKey<Columns, Value>, made create: Event.Kind,
    by kinds: [Event.Kind]
  ) -> String {
    """
    SELECT seq, time, pid, cid,
      '\(what) ' || object || ' used, which was made in container ' || maker AS found,
      'one made in container ' || cid AS expected
    FROM (
      SELECT seq, time, pid, cid, object,
        first_value(cid) OVER (PARTITION BY object, life ORDER BY seq) AS maker
      FROM (
        SELECT seq, time, pid, cid, \(object) AS object,
          sum(kind = \(id(create))) OVER (PARTITION BY \(object) ORDER BY seq) AS life
        FROM event WHERE kind IN (\(list([create] + kinds)))
      )
    ) WHERE maker <> cid
    """
  }

  private static var namesViolations: String {
    [
      foreignUses(
        of: "frame", SharedPageEvent.frame, made: .shmCreate,
        by: [.shmMap, .shmInherit, .shmUnmap]),
      foreignUses(
        of: "mutex", LockEvent.mutex, made: .lockCreate,
        by: [.lockAcquire, .lockContend, .lockHandOver, .lockRelease, .cvWait, .cvSignal, .cvLatch]),
      """
      SELECT seq, time, pid, cid, 'container ' || \(CallEvent.value) || ' described', \
      'only container ' || cid
      FROM event WHERE \(done(.containerInfo)) AND cid <> 0 AND \(CallEvent.value) <> cid
      """,
    ].joined(separator: "\nUNION ALL\n")
  }

  // MARK: signals

  /// The container that a process was in at an event, 0 for none: what it entered before, or else the
  /// one that it was forked in.
  private static func container(of pid: String, at event: String) -> String {
    """
    coalesce((SELECT entered.cid FROM entered WHERE entered.pid = \(pid) AND entered.seq < \(event).seq),
            (SELECT born.cid FROM born WHERE born.pid = \(pid)), 0)
    """
  }

  /// Nobody is adopted by who is below them: `above` has who was above an init, in one line of parents,
  /// and from which event to which.
  private static var signalsViolations: String {
    """
    WITH made(cid, init) AS MATERIALIZED (
      SELECT \(ContainerEvent.cid), \(ContainerEvent.initial) FROM event
      WHERE kind = \(id(.containerCreate))
    ),
    ended(cid, seq) AS MATERIALIZED (
      SELECT \(ContainerEndEvent.cid), seq FROM event WHERE kind = \(id(.containerEnd))
    ),
    entered(pid, cid, seq) AS MATERIALIZED (
      SELECT pid, \(ContainerEnterEvent.cid), seq FROM event WHERE kind = \(id(.containerEnter))
    ),
    born(pid, cid) AS MATERIALIZED (
      SELECT \(ForkEvent.child), cid FROM event WHERE kind = \(id(.fork)) AND cid <> 0
    ),
    aimed AS (
      SELECT seq, time, kind, pid, cid, CASE kind WHEN \(id(.kill)) THEN \(KillEvent.target)
        ELSE \(ReapEvent.child) END AS target
      FROM event WHERE kind IN (\(list([.kill, .reap]))) AND cid <> 0
    ),
    reached AS (
      SELECT seq, time, kind, pid, cid, target, \(container(of: "target", at: "aimed")) AS home
      FROM aimed
    ),
    given AS (
      SELECT event.seq, time, pid, cid, \(PriorityEvent.by) AS setter, \
    \(container(of: "\(PriorityEvent.by)", at: "event")) AS home
      FROM event WHERE kind = \(id(.priority))
    ),
    adopted AS MATERIALIZED (
      SELECT event.seq, event.time, event.pid, event.cid, \
    event.\(AdoptEvent.to) AS foster, made.init
      FROM event JOIN made ON made.cid = event.cid LEFT JOIN ended ON ended.cid = event.cid
      WHERE event.kind = \(id(.adopt)) AND event.cid <> 0 \
    AND event.\(AdoptEvent.to) <> made.init
        AND event.pid <> made.init AND (ended.seq IS NULL OR ended.seq > event.seq)
    ),
    life(pid, parent, since, until) AS MATERIALIZED (
      SELECT pid, parent, since, lead(since, 1, 9e18) OVER (PARTITION BY pid ORDER BY since) FROM (
        SELECT \(ForkEvent.child) AS pid, pid AS parent, seq AS since FROM event
        WHERE kind = \(id(.fork))
        UNION ALL
        SELECT pid, \(AdoptEvent.to), seq FROM event WHERE kind = \(id(.adopt))
      ) WHERE EXISTS (SELECT 1 FROM adopted)
    ),
    above(init, pid, since, until) AS MATERIALIZED (
      SELECT init, init, 0, 9e18 FROM adopted
      UNION
      SELECT init, life.parent, max(above.since, life.since), min(above.until, life.until)
      FROM above JOIN life ON life.pid = above.pid
      WHERE life.since < above.until AND life.until > above.since
    )
    SELECT seq, time, pid, cid,
      CASE kind WHEN \(id(.kill)) THEN 'kill' ELSE 'reaping' END || ' of pid ' || target
        || ', which is in container ' || home AS found,
      'only processes of container ' || cid AS expected
    FROM reached WHERE home <> cid
    UNION ALL
    SELECT seq, time, pid, cid, 'prio_set by pid ' || setter || ' of container ' || home,
      'a process of the same container'
    FROM given WHERE home <> 0 AND home <> cid
    UNION ALL
    SELECT adopted.seq, adopted.time, adopted.pid, adopted.cid, 'adoption by pid ' || foster,
      'pid ' || adopted.init || ', the init of container ' || adopted.cid
    FROM adopted LEFT JOIN above ON above.init = adopted.init AND above.pid = adopted.pid
      AND above.since < adopted.seq AND above.until > adopted.seq
    WHERE above.pid IS NULL
    """
  }

  // MARK: console

  private static var consoleViolations: String {
    """
    SELECT seq, time, pid, cid, 'device ' || \(DeviceEvent.major) || ', ' || \(DeviceEvent.minor) \
    || ' opened' AS found,
      'no device in a container' AS expected
    FROM event WHERE kind = \(id(.device)) AND cid <> 0
    UNION ALL
    SELECT seq, time, pid, cid, 'a process that waits for the console', 'nobody there'
    FROM event WHERE kind = \(id(.block)) AND \(BlockEvent.reason) = \(WaitReason.console.code) AND cid <> 0
    UNION ALL
    SELECT seq, time, pid, cid, 'a device node made', 'no device in a container'
    FROM event WHERE \(done(.mknod)) AND cid <> 0
    UNION ALL
    SELECT seq, time, pid, cid, 'write on a device', 'a refusal'
    FROM event WHERE kind = \(id(.output)) AND \(OutputEvent.call) = \(number(.write)) AND cid <> 0
    """
  }

  // MARK: accounting

  private static var accountingViolations: String {
    """
    WITH closed(cid, seq, time) AS MATERIALIZED (
      SELECT \(ContainerEndEvent.cid), seq, time FROM event WHERE kind = \(id(.containerEnd))
    ),
    member(cid, pid, seq) AS MATERIALIZED (
      SELECT cid, \(ForkEvent.child), seq FROM event WHERE kind = \(id(.fork)) AND cid <> 0
      UNION ALL
      SELECT \(ContainerEnterEvent.cid), pid, seq FROM event WHERE kind = \(id(.containerEnter))
    ),
    ended(pid, seq) AS MATERIALIZED (
      SELECT pid, min(seq) FROM event WHERE kind = \(id(.exit)) GROUP BY pid
    )
    SELECT closed.seq, closed.time, member.pid, member.cid,
      'a process alive in container ' || closed.cid || ', which has ended' AS found,
      'it to have ended as well' AS expected
    FROM closed CROSS JOIN member ON member.cid = closed.cid AND member.seq < closed.seq
      LEFT JOIN ended ON ended.pid = member.pid
    WHERE ended.seq IS NULL OR ended.seq >= closed.seq
    """
  }
}

/// Something that a trace's own rows say was wrong.
public struct TraceViolation: Equatable, Sendable {
  /// The invariant, by its name.
  public var family: String
  /// The number of the event that shows it.
  public var sequence: Int64
  /// In instructions.
  public var time: Int64
  /// Who it is about; 0 for the machine.
  public var pid: Int64
  public var cid: Int64
  public var found: String
  public var expected: String
  /// How often the trace shows that its family does not hold.
  public var familyCount: Int64
}

extension TraceReader {
  /// What the trace alone can tell of the invariants, without running anything; the first rows of
  /// each family.
  ///
  /// - Throws: `TraceError` if a table cannot be read.
  public func violations(atMost limit: Int = 3) throws(TraceError) -> [TraceViolation] {
    do {
      return try TraceQuery.violations(self, atMost: limit)
    } catch {
      throw TraceError.from(error, at: path, while: "asking for violations")
    }
  }
}

extension TraceQuery {
  fileprivate static func violations(_ reader: TraceReader, atMost limit: Int) throws
    -> [TraceViolation]
  {
    var violations: [TraceViolation] = []
    for view in TraceSchema.violationQueries {
      let rows = try run(
        "SELECT *, count(*) OVER () FROM (\(view.query)) ORDER BY seq LIMIT \(limit)", on: reader
      ).rows
      for row in rows {
        func number(_ column: Int) -> Int64 {
          if case .integer(let number) = row[column] { number } else { 0 }
        }
        // A sentence about something that the trace does not name is NULL, but no less true.
        func words(_ column: Int) -> String {
          if case .text(let words) = row[column] { words } else { "?" }
        }
        violations.append(
          TraceViolation(
            family: view.family, sequence: number(0), time: number(1), pid: number(2),
            cid: number(3), found: words(4), expected: words(5), familyCount: number(6)))
      }
    }
    return violations
  }
}
