// Threads in a trace: each with who made it, how it ended and who joined it; and what a trace alone can tell of the rules
// of threads being broken. What an int was, and in which order its sleepers were woken, is not in it.

import Sim

extension TraceSchema {
  static var threadLifeView: String {
    """
    CREATE VIEW thread_life AS
    WITH made AS MATERIALIZED (
      SELECT seq, time, pid AS maker, cid, \(ForkEvent.child) AS pid, \(ForkEvent.leader) AS leader
      FROM event WHERE kind = \(kinds(.fork)) AND \(ForkEvent.leader) <> 0
    ), ended(pid, time, status) AS MATERIALIZED (
      SELECT pid, time, \(ExitEvent.status) FROM event
      WHERE kind = \(kinds(.exit)) AND pid IN (SELECT pid FROM made)
    ), joined(pid, by, time) AS MATERIALIZED (
      SELECT \(ReapEvent.child), pid, time FROM event
      WHERE kind = \(kinds(.reap)) AND \(ReapEvent.call) = \(number(.join))
    )
    SELECT made.pid, made.leader, made.cid, made.seq, made.maker, made.time AS start_ts,
      ended.time AS end_ts, ended.status, joined.by AS joiner, joined.time AS join_ts
    FROM made LEFT JOIN ended USING (pid) LEFT JOIN joined USING (pid)
    """
  }

  /// Threads that go on after their process or its program; joins and futexes that came back though nothing had happened;
  /// sleepers that were woken from another container.
  static var threadViolations: String {
    """
    WITH made(seq, pid, leader) AS MATERIALIZED (
      SELECT seq, \(ForkEvent.child), \(ForkEvent.leader) FROM event
      WHERE kind = \(kinds(.fork)) AND \(ForkEvent.leader) <> 0
    ), ended(pid, seq) AS MATERIALIZED (
      SELECT pid, seq FROM event WHERE kind = \(kinds(.exit)) AND pid IN (SELECT pid FROM made)
    ), back(seq, time, pid, cid, call, number) AS MATERIALIZED (
      SELECT seq, time, pid, cid, \(CallEvent.number), \(CallEvent.arg0) FROM event
      WHERE kind IN (\(kinds(.call, .callReturn))) AND \(CallEvent.why) = 0
        AND (\(CallEvent.number) = \(number(.join)) OR \(CallEvent.number) = \(number(.futex))
          AND \(CallEvent.arg1) & 4294967295 = 0)
    ), woken(seq, time, pid, cid, call, waker) AS MATERIALIZED (
      SELECT seq, time, pid, cid, \(WakeEvent.call), \(WakeEvent.waker) FROM event
      WHERE kind = \(kinds(.wake)) AND \(WakeEvent.reason) = \(WaitReason.futexCode)
    )
    SELECT event.seq, event.time, event.pid, event.cid, 'thread ' || made.pid || ' going on after '
        || CASE kind WHEN \(kinds(.exit)) THEN 'the exit' ELSE 'an exec' END AS found,
      'all threads of pid ' || event.pid || ' to end with it' AS expected
    FROM event JOIN made ON made.leader = event.pid AND made.seq < event.seq
      LEFT JOIN ended ON ended.pid = made.pid AND ended.seq < event.seq
    WHERE kind IN (\(kinds(.exit, .exec))) AND ended.pid IS NULL
    UNION ALL
    SELECT back.seq, back.time, back.pid, back.cid,
      'join of ' || back.number || ' back before that thread has exited', 'it to wait'
    FROM back LEFT JOIN event before ON before.seq = back.seq - 1 AND before.pid = back.pid
        AND before.kind = \(kinds(.reap))
      LEFT JOIN ended ON ended.pid = before.\(ReapEvent.child)
    WHERE back.call = \(number(.join)) AND ended.pid IS NULL
    UNION ALL
    SELECT back.seq, back.time, back.pid, back.cid, 'futex back without a wake', 'it to sleep'
    FROM back WHERE back.call = \(number(.futex)) AND \(number(.futex)) IS NOT (
      SELECT woken.call FROM woken WHERE woken.pid = back.pid AND woken.seq < back.seq
      ORDER BY woken.seq DESC LIMIT 1)
    UNION ALL
    SELECT caller.seq, caller.time, caller.pid, caller.cid,
      'pid ' || woken.pid || ' woken, which sleeps on another int',
      'who sleeps on an int of container ' || caller.cid
    FROM woken JOIN event caller ON caller.seq = (
      SELECT min(seq) FROM event WHERE event.seq > woken.seq AND event.pid = woken.waker
        AND event.kind IN (\(kinds(.call, .callReturn))))
    WHERE woken.call = \(number(.futex)) AND caller.cid <> woken.cid
    """
  }
}
