// Where in a program's source something happened. The tables are read from a place on backwards, by
// their key, so that a row of a view costs a few steps down a tree, however many events there are: a
// trace has no indexes. So `place` holds what is looked for, and the columns beside it say it again
// for people.

import Sim

extension TraceSchema {
  /// User addresses have fewer bits.
  private static let addressBits: Int64 = 39
  static let programsAtMost: Int64 = 1 << 20

  /// The key of a program's address in `symbol` and `source_line`; nil for one that no process has.
  static func sourcePlace(_ program: Int64, _ address: UInt64) -> Int64? {
    address < 1 << UInt64(addressBits) ? program << addressBits | Int64(address) : nil
  }

  /// The least of a program's keys, in SQL.
  static func places(of program: String) -> String { "(\(program) << \(addressBits))" }

  /// The key in `program_run`.
  static func runPlace(_ process: Int32, _ sequence: Int64) -> Int64 {
    Int64(process) << 32 | min(sequence, 0xffff_ffff)
  }

  static var sourceViews: [String] { [faultView, sharedAccessView] }

  /// Two columns: the function that an event's process was in, and the file and line.
  static func source(of event: String, at pc: String) -> String {
    """
    \(name(of: event, at: pc)) AS function,
      \(line(of: event, at: pc)) AS source
    """
  }

  /// In which function an address is, of the program that an event's process ran then.
  private static func name(of event: String, at pc: String) -> String {
    """
    (SELECT CASE WHEN s.kind = 'function' AND \(pc) - s.address < s.size THEN s.name END
        FROM symbol s WHERE s.place <= \(place(of: event, pc)) \
    AND s.place >= \(places(of: program(of: event))) ORDER BY s.place DESC LIMIT 1)
    """
  }

  private static func line(of event: String, at pc: String) -> String {
    """
    (SELECT CASE WHEN \(pc) - l.address < l.size THEN l.file || ':' || l.line END
        FROM source_line l WHERE l.place <= \(place(of: event, pc)) \
    AND l.place >= \(places(of: program(of: event))) ORDER BY l.place DESC LIMIT 1)
    """
  }

  private static func place(of event: String, _ pc: String) -> String {
    """
    CASE WHEN \(pc) BETWEEN 0 AND \((Int64(1) << addressBits) - 1) \
    THEN \(places(of: program(of: event))) + \(pc) END
    """
  }

  private static func program(of event: String) -> String {
    """
    (SELECT r.program FROM program_run r WHERE r.place BETWEEN \(event).pid << 32 \
    AND (\(event).pid << 32) + min(\(event).seq, 4294967295) ORDER BY r.place DESC LIMIT 1)
    """
  }

  private static var faultView: String {
    """
    CREATE VIEW fault AS
    SELECT e.seq, e.time, e.hart, e.pid, e.cid,
      \(reading(FaultEvent.cause, of: "e")) AS cause,
      \(reading(FaultEvent.address, of: "e")) AS address, \(reading(FaultEvent.pc, of: "e")) AS pc,
      \(source(of: "e", at: "e.\(FaultEvent.pc)"))
    FROM event e WHERE e.kind = \(Event.Kind.fault.rawValue)
    """
  }

  private static var sharedAccessView: String {
    """
    CREATE VIEW shared_access AS
    SELECT e.seq, e.time, e.hart, e.pid, e.cid,
      \(reading(SharedAccessEvent.address, of: "e")) AS address,
      e.\(SharedAccessEvent.size) AS size, e.\(SharedAccessEvent.value) AS value,
      e.\(SharedAccessEvent.store) AS store, \(reading(SharedAccessEvent.pc, of: "e")) AS pc,
      \(source(of: "e", at: "e.\(SharedAccessEvent.pc)"))
    FROM event e WHERE e.kind = \(Event.Kind.shmAccess.rawValue)
    """
  }
}
