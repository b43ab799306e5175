// What a trace alone can tell of pids: which numbers containers gave, and which ones calls took and gave, and whose
// files in /proc were opened. What ps, cm_info and /proc itself wrote for a guest is not in it.

import Sim

extension TraceSchema {
  /// An int argument: the kernel takes the lower half of the register. No process has a number below 1.
  private static let argument = "\(CallEvent.arg0) & 4294967295"

  /// `seen` has the events that this is about, so that the table is gone through once. `given` has each
  /// number with who had it, from which event to which; `told` what the event right before a call's
  /// return says of the process that the call gives.
  static var pidsViolations: String {
    func calls(_ calls: [CallNumber]) -> String {
      calls.map { "\($0.rawValue)" }.joined(separator: ", ")
    }
    let columns = kindColumns.joined(separator: ", ")
    let asking: [CallNumber] = [.kill, .prioritySet, .priorityGet]
    let giving: [CallNumber] = [.getpid, .fork, .wait]
    return """
      WITH seen(seq, time, pid, cid, kind, \(columns)) AS MATERIALIZED (
        SELECT seq, time, pid, cid, kind, \(columns) FROM event
        WHERE kind IN (\(kinds(.fork, .containerEnter, .reap, .open)))
          OR kind IN (\(kinds(.call, .callReturn))) AND \(CallEvent.why) = 0
            AND \(CallEvent.number) IN (\(calls(asking + giving)))
      ),
      number(seq, time, cid, pid, number) AS MATERIALIZED (
        SELECT seq, time, cid, \(ForkEvent.child), \(ForkEvent.number) FROM seen
        WHERE kind = \(kinds(.fork))
        UNION ALL
        SELECT seq, time, \(ContainerEnterEvent.cid), pid, \(ContainerEnterEvent.number)
        FROM seen WHERE kind = \(kinds(.containerEnter))
      ),
      gone(pid, seq) AS MATERIALIZED (
        SELECT \(ReapEvent.child), seq FROM seen WHERE kind = \(kinds(.reap))
      ),
      due AS (
        SELECT *, CASE cid WHEN 0 THEN 0
          ELSE row_number() OVER (PARTITION BY cid ORDER BY seq) END AS due FROM number
      ),
      given(cid, number, pid, since, until) AS MATERIALIZED (
        SELECT number.cid, number.number, number.pid, number.seq, coalesce(gone.seq, 9e18)
        FROM number LEFT JOIN gone ON gone.pid = number.pid WHERE number.cid <> 0
      ),
      asked AS MATERIALIZED (
        SELECT seq, time, pid, cid, \(word("call", "\(CallEvent.number)")) AS call,
          \(argument) AS number
        FROM seen WHERE kind IN (\(kinds(.call, .callReturn)))
          AND \(CallEvent.number) IN (\(calls(asking))) AND cid <> 0
      ),
      answered AS MATERIALIZED (
        SELECT seq, time, pid, cid, \(CallEvent.number) AS call, \(CallEvent.value) AS value
        FROM seen WHERE kind IN (\(kinds(.call, .callReturn)))
          AND \(CallEvent.number) IN (\(calls(giving)))
      ),
      thread(pid, leader) AS MATERIALIZED (
        SELECT \(ForkEvent.child), \(ForkEvent.leader) FROM seen
        WHERE kind = \(kinds(.fork)) AND \(ForkEvent.leader) <> 0
      ),
      told AS (
        SELECT answered.*, CASE call
          WHEN \(CallNumber.getpid.rawValue)
          THEN coalesce((SELECT leader FROM thread WHERE thread.pid = answered.pid), answered.pid)
          WHEN \(CallNumber.fork.rawValue) THEN before.\(ForkEvent.child)
          ELSE before.\(ReapEvent.child) END AS whom
        FROM answered LEFT JOIN event AS before ON before.seq = answered.seq - 1
          AND before.pid = answered.pid
          AND before.kind = CASE call WHEN \(CallNumber.fork.rawValue) \
      THEN \(kinds(.fork)) ELSE \(kinds(.reap)) END
      ),
      opened AS MATERIALIZED (
        SELECT seq, time, pid, cid, (\(OpenEvent.inode) & 4294967295) / (\(ProcVolume.firstDescriptor) +
          (SELECT value FROM scenario WHERE key = 'descriptors')) AS whom
        FROM seen WHERE kind = \(kinds(.open)) AND cid <> 0
          AND \(OpenEvent.inode) >> \(FileID.volumeShift) = \(VolumeID.proc.raw)
          AND \(OpenEvent.call) = \(CallNumber.open.rawValue)
      )
      SELECT seq, time, pid, cid, 'number ' || number || ' given to pid ' || pid || ' in container '
          || cid AS found,
        CASE due WHEN 0 THEN 'none' ELSE due || ', the next' END AS expected
      FROM due WHERE number <> due
      UNION ALL
      SELECT opened.seq, opened.time, opened.pid, opened.cid, '/proc showing pid ' || whom
          || ', which is not in container ' || opened.cid, 'only processes of that container'
      FROM opened LEFT JOIN given ON given.cid = opened.cid AND given.pid = whom
          AND given.since < opened.seq
        LEFT JOIN gone ON gone.pid = whom AND gone.seq < opened.seq
      WHERE whom > 0 AND given.pid IS NULL AND gone.pid IS NULL
      UNION ALL
      SELECT asked.seq, asked.time, asked.pid, asked.cid, call || ' of pid ' || asked.number
          || ', which is nobody''s in container ' || asked.cid, 'a refusal'
      FROM asked LEFT JOIN given ON given.cid = asked.cid AND given.number = asked.number
        AND given.since < asked.seq AND given.until > asked.seq
      WHERE given.pid IS NULL
      UNION ALL
      SELECT told.seq, told.time, told.pid, told.cid, \(word("call", "call")) || ' giving pid '
          || value || ' for process ' || whom,
        'its number there, ' || CASE told.cid WHEN 0 THEN whom ELSE coalesce(given.number, 0) END
      FROM told LEFT JOIN given ON given.pid = whom AND given.cid = told.cid
        AND given.since < told.seq
      WHERE whom IS NOT NULL
        AND value <> CASE told.cid WHEN 0 THEN whom ELSE coalesce(given.number, 0) END
      """
  }
}
