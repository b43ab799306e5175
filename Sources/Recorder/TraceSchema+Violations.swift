// The invariants once more, as far as a trace alone can tell: a view for each family that is empty
// on a session in which nothing was wrong. Nothing here knows the kernel; what these views find has
// to agree with what `Replay/Invariants` finds in the machine itself.

import Sim

extension TraceSchema {
  /// A family of invariants and the rows that violate it: seq, time, pid, cid, found, expected.
  public struct ViolationView: Sendable {
    public var family: String
    /// A SELECT without a view around it, which reads any trace of the format.
    public var query: String
    /// The view's name in a trace.
    public var name: String { "violation_\(family)" }
  }

  /// What can be told of each family, in the order in which replay checks them.
  public static let violationQueries: [ViolationView] = [
    ViolationView(family: "root", query: rootViolations),
    ViolationView(family: "budget", query: budgetViolations),
    ViolationView(family: "memory", query: memoryViolations),
    ViolationView(family: "names", query: namesViolations),
    ViolationView(family: "signals", query: signalsViolations),
    ViolationView(family: "locks", query: locksViolations),
    ViolationView(family: "schedule", query: scheduleViolations),
    ViolationView(family: "console", query: consoleViolations),
    ViolationView(family: "accounting", query: accountingViolations),
  ]

  static var violationViews: [String] {
    violationQueries.map { "CREATE VIEW \($0.name) AS \($0.query)" }
  }

  private static func id(_ kind: Event.Kind) -> String { "\(kind.rawValue)" }
  private static func number(_ call: CallNumber) -> String { "\(call.rawValue)" }

  // MARK: root

  private static var rootViolations: String {
    """
    SELECT seq, time, pid, cid, 'path "' || path || '" leading to inode ' || found AS found,
      'an inode inside the root, inode ' || root AS expected
    FROM (
      SELECT seq, time, pid, cid, (SELECT text FROM name WHERE id = a0) AS path, a1 AS root,
        a2 AS found, a3 AS inside
      FROM event WHERE kind = \(id(.resolve)) AND a2 <> 0
    ) WHERE inside = 0 OR path <> '' AND trim(path, '/') = '' AND found <> root
    """
  }

  // MARK: budget

  /// For each limit, whoever counts in it and from when on; then the running count.
  private static var budgetViolations: String {
    """
    WITH RECURSIVE
    bound(id, owner, allowed, container) AS (
      SELECT seq, CASE a0 WHEN \(number(.maxproc)) THEN pid ELSE (
          SELECT made.a1 FROM event AS made
          WHERE made.kind = \(id(.containerCreate)) AND made.a0 = event.cid) END,
        a1, CASE a0 WHEN \(number(.maxproc)) THEN -1 ELSE cid END
      FROM event
      WHERE kind = \(id(.call)) AND a0 IN (\(number(.maxproc)), \(number(.containerMaxProc))) AND a5 = 0
    ),
    gone(pid, seq) AS MATERIALIZED (
      SELECT a0, seq FROM event WHERE kind = \(id(.reap))
    ),
    moved(pid, seq) AS MATERIALIZED (
      SELECT pid, min(seq) FROM event WHERE kind = \(id(.adopt)) GROUP BY pid
    ),
    life(pid, parent, born, reaped, adopted) AS MATERIALIZED (
      SELECT a0, event.pid, event.seq, gone.seq, moved.seq FROM event
      LEFT JOIN gone ON gone.pid = a0 LEFT JOIN moved ON moved.pid = a0
      WHERE kind = \(id(.fork))
    ),
    member(id, pid, since) AS (
      SELECT id, owner, id FROM bound
      UNION
      SELECT id, pid, max(id, seq) FROM bound
      JOIN event ON kind = \(id(.containerEnter)) AND a0 = container AND pid <> owner
      UNION
      SELECT id, life.pid, max(born, id) FROM member JOIN life ON life.parent = member.pid
      WHERE born > since
        OR since = id AND born < id AND (reaped IS NULL OR reaped > id)
          AND (adopted IS NULL OR adopted > id)
    ),
    change(id, seq, pid, delta) AS (
      SELECT id, since, pid, 1 FROM member
      UNION ALL
      SELECT id, gone.seq, pid, -1 FROM member JOIN gone USING (pid) WHERE gone.seq > since
    ),
    running(id, seq, delta, held) AS (
      SELECT id, seq, delta, sum(delta) OVER (PARTITION BY id ORDER BY seq) FROM change
    )
    SELECT event.seq, event.time, event.pid, event.cid,
      held || ' processes under the limit of pid ' || owner AS found,
      'at most ' || allowed AS expected
    FROM running JOIN bound USING (id) JOIN event ON event.seq = running.seq
    WHERE delta > 0 AND held > allowed
    """
  }

  // MARK: memory

  private static var memoryViolations: String {
    """
    SELECT seq, time, pid, cid, counted || ' mappers counted of the page in frame ' || frame AS found,
      mapped || ', the processes that map it' AS expected
    FROM (
      SELECT seq, time, pid, cid, a1 AS frame, a3 AS counted,
        sum(CASE kind WHEN \(id(.shmUnmap)) THEN -1 ELSE 1 END)
          OVER (PARTITION BY a1 ORDER BY seq) AS mapped
      FROM event WHERE kind IN (\(list([.shmMap, .shmInherit, .shmUnmap])))
    ) WHERE counted <> mapped
    """
  }

  // MARK: names

  private static func foreignUses(
    of what: String, _ object: String, made create: Event.Kind, by kinds: [Event.Kind]
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
    foreignUses(
      of: "frame", "a1", made: .shmCreate, by: [.shmMap, .shmInherit, .shmUnmap]) + "\nUNION ALL\n"
      + foreignUses(
        of: "mutex", "a0", made: .lockCreate,
        by: [.lockAcquire, .lockContend, .lockHandOver, .lockRelease, .cvWait, .cvSignal, .cvLatch])
  }

  // MARK: signals

  private static var signalsViolations: String {
    """
    SELECT seq, time, event.pid, event.cid,
      CASE kind WHEN \(id(.kill)) THEN 'kill' ELSE 'reaping' END || ' of pid ' || a0
        || ', which is in container ' || target.cid AS found,
      'only processes of container ' || event.cid AS expected
    FROM event JOIN process AS target ON target.upid = a0
    WHERE kind IN (\(list([.kill, .reap]))) AND event.cid <> 0 AND target.cid <> event.cid
    UNION ALL
    SELECT seq, time, event.pid, event.cid, 'prio_set by pid ' || a2 || ' of container ' || setter.cid,
      'a process of the same container'
    FROM event JOIN process AS setter ON setter.upid = a2
    WHERE kind = \(id(.priority)) AND setter.cid <> 0 AND setter.cid <> event.cid
    UNION ALL
    SELECT event.seq, event.time, event.pid, event.cid, 'adoption by pid ' || event.a1,
      'pid ' || made.a1 || ', the init of container ' || event.cid
    FROM event JOIN event AS made
      ON made.kind = \(id(.containerCreate)) AND made.a0 = event.cid
    LEFT JOIN event AS ended ON ended.kind = \(id(.containerEnd)) AND ended.a0 = event.cid
    WHERE event.kind = \(id(.adopt)) AND event.cid <> 0 AND event.a1 <> made.a1
      AND event.pid <> made.a1
      AND NOT EXISTS (
        SELECT 1 FROM process WHERE upid = made.a1 AND parent_upid = event.pid)
      AND (ended.seq IS NULL OR ended.seq > event.seq)
    """
  }

  // MARK: locks

  private static var locksViolations: String {
    let owning: [Event.Kind] = [
      .lockCreate, .lockAcquire, .lockHandOver, .lockRelease, .lockAbandon, .lockDelete, .cvWait,
    ]
    return """
      WITH owned AS MATERIALIZED (
        SELECT seq, time, kind, pid, cid, a0 AS mutex, owner,
          lag(owner, 1, 0) OVER one AS before, lead(seq, 1, 9e18) OVER one AS until
        FROM (
          SELECT *, CASE kind WHEN \(id(.lockAcquire)) THEN pid WHEN \(id(.cvWait)) THEN pid
            WHEN \(id(.lockHandOver)) THEN a4 ELSE 0 END AS owner
          FROM event WHERE kind IN (\(list(owning)))
        ) WINDOW one AS (PARTITION BY a0 ORDER BY seq)
      ),
      ending AS MATERIALIZED (
        SELECT seq, time, pid, cid FROM event WHERE kind = \(id(.exit))
      ),
      sleep AS MATERIALIZED (
        SELECT seq, pid, a0 AS mutex, kind, lead(seq, 1, 9e18) OVER (PARTITION BY pid ORDER BY seq)
          AS until
        FROM event WHERE kind IN (\(list([.cvWait, .cvWake, .exit, .callReturn])))
          OR kind = \(id(.wake)) AND a1 IN (6, 7)
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
      SELECT latch.seq, latch.time, latch.pid, latch.cid,
        'a signal for mutex ' || mutex || ' kept while pid ' || sleep.pid || ' waits for one',
        'pid ' || sleep.pid || ' to be woken'
      FROM event AS latch JOIN sleep
        ON sleep.mutex = latch.a0 AND sleep.kind = \(id(.cvWait)) AND latch.seq > sleep.seq
          AND latch.seq < until
      WHERE latch.kind = \(id(.cvLatch))
      UNION ALL
      SELECT seq, time, pid, cid, 'cv_wait on mutex ' || mutex || ' back without a signal', 'to sleep'
      FROM (
        SELECT seq, time, kind, pid, cid, a0 AS mutex,
          lag(kind, 1, 0) OVER (PARTITION BY a0 ORDER BY seq) AS before
        FROM event WHERE kind IN (\(list([.lockCreate, .cvLatch])))
          OR kind = \(id(.cvWake)) AND a4 = 0
      ) WHERE kind = \(id(.cvWake)) AND before <> \(id(.cvLatch))
      """
  }

  // MARK: schedule

  private static var scheduleViolations: String {
    let ready: [Event.Kind] = [.wake, .yield]
    let lower = (0..<15).map { priority in
      "sum(CASE WHEN priority <= \(priority) THEN delta ELSE 0 END) OVER line AS waiting\(priority)"
    }
    let waiting = (1...15).map { "WHEN \($0) THEN waiting\($0 - 1)" }
    return """
      WITH turn AS (
        SELECT seq, kind, pid, a2 AS priority,
          lead(kind) OVER life AS next, lead(seq) OVER life AS until, lead(a2) OVER life AS later
        FROM (
          SELECT seq, kind, pid, a2 FROM event
          WHERE kind IN (\(list(ready + [.dispatch, .priority, .exit])))
          UNION ALL
          SELECT seq, kind, a0, 0 FROM event WHERE kind = \(id(.fork))
        ) WINDOW life AS (PARTITION BY pid ORDER BY seq)
      ),
      change AS (
        SELECT seq, 0 AS runs, later AS priority, 1 AS delta FROM turn
        WHERE kind IN (\(list(ready + [.fork]))) AND next = \(id(.dispatch))
        UNION ALL
        SELECT until, 1, later, -1 FROM turn
        WHERE kind IN (\(list(ready + [.fork]))) AND next = \(id(.dispatch))
      ),
      waits AS (
        SELECT seq, runs, priority, \(lower.joined(separator: ",\n          "))
        FROM change WINDOW line AS (ORDER BY seq ROWS UNBOUNDED PRECEDING)
      ),
      given AS (
        SELECT seq, time, kind, pid, cid,
          CASE kind WHEN \(id(.dispatch)) THEN a2 ELSE a1 END AS priority,
          lag(CASE kind WHEN \(id(.dispatch)) THEN a2 ELSE a1 END)
            OVER (PARTITION BY pid ORDER BY seq) AS before
        FROM event WHERE kind IN (\(list([.dispatch, .priority])))
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
      SELECT seq, time, pid, cid, 'priority ' || a1 || ' given by pid ' || a2, 'no higher than its own'
      FROM event AS given
      WHERE kind = \(id(.priority)) AND a1 < (
        SELECT CASE own.kind WHEN \(id(.dispatch)) THEN own.a2 ELSE own.a1 END FROM event AS own
        WHERE own.pid = given.a2 AND own.kind IN (\(list([.dispatch, .priority])))
          AND own.seq < given.seq
        ORDER BY own.seq DESC LIMIT 1)
      """
  }

  // MARK: console

  private static var consoleViolations: String {
    """
    SELECT seq, time, pid, cid, 'device ' || a1 || ', ' || a2 || ' opened' AS found,
      'no device in a container' AS expected
    FROM event WHERE kind = \(id(.device)) AND cid <> 0
    UNION ALL
    SELECT seq, time, pid, cid, 'a process that waits for the console', 'nobody there'
    FROM event WHERE kind = \(id(.block)) AND a0 = \(WaitReason.console.code) AND cid <> 0
    UNION ALL
    SELECT seq, time, pid, cid, 'a device node made', 'no device in a container'
    FROM event WHERE kind = \(id(.call)) AND a0 = \(number(.mknod)) AND a5 = 0 AND cid <> 0
    UNION ALL
    SELECT call.seq, call.time, call.pid, call.cid, 'write on a device', 'a refusal'
    FROM event AS call JOIN event AS shown ON shown.seq = call.seq - 1
    WHERE call.kind = \(id(.call)) AND call.a0 = \(number(.write)) AND call.a5 = 0 AND call.cid <> 0
      AND shown.kind = \(id(.output)) AND shown.pid = call.pid
    """
  }

  // MARK: accounting

  private static var accountingViolations: String {
    """
    SELECT seq, time, process.pid, process.cid,
      'a process alive in container ' || a0 || ', which has ended' AS found,
      'it to have ended as well' AS expected
    FROM event JOIN process ON process.cid = a0
    WHERE kind = \(id(.containerEnd)) AND NOT EXISTS (
      SELECT 1 FROM event AS ended
      WHERE ended.kind = \(id(.exit)) AND ended.pid = process.pid AND ended.seq < event.seq
    ) AND EXISTS (
      SELECT 1 FROM event AS begun
      WHERE begun.kind = \(id(.fork)) AND begun.a0 = process.pid AND begun.seq < event.seq
    )
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
}

extension TraceQuery {
  /// What the trace alone can tell of the invariants, without running anything; the first rows of
  /// each family.
  ///
  /// - Throws: as `run`.
  public static func violations(in path: String, atMost limit: Int = 3) throws -> [TraceViolation] {
    var violations: [TraceViolation] = []
    for view in TraceSchema.violationQueries {
      let rows = try run("SELECT * FROM (\(view.query)) ORDER BY seq LIMIT \(limit)", on: path).rows
      for row in rows {
        guard case .integer(let sequence) = row[0], case .integer(let time) = row[1],
          case .integer(let pid) = row[2], case .integer(let cid) = row[3],
          case .text(let found) = row[4], case .text(let expected) = row[5]
        else { continue }
        violations.append(
          TraceViolation(
            family: view.family, sequence: sequence, time: time, pid: pid, cid: cid,
            found: found, expected: expected))
      }
    }
    return violations
  }
}
