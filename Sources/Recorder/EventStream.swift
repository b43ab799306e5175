// The events of a trace, in order, each held against the seals on the way.

import GRDB
import GRDBSQLite
import Sim

/// Events in order, from some number on.
public final class EventStream {
  private struct Lane {
    var next: UnsafeMutablePointer<Event>
    var end: UnsafeMutablePointer<Event>
  }

  private let lane: UnsafeMutablePointer<Lane>
  private let rows: ReadAhead<EventLoader>
  /// The number of the first event in the present buffer.
  private var base: Int64

  init(_ reader: TraceReader, from first: Int64) {
    let loader = EventLoader(
      path: reader.path, from: first,
      expected: reader.summary.isComplete ? reader.summary.events : nil,
      seal: reader.summary.seals["event"])
    rows = ReadAhead(loader, reader.queue)
    base = first
    lane = .allocate(capacity: 1)
    lane.initialize(to: Lane(next: rows.current.base, end: rows.current.base))
  }

  deinit { lane.deallocate() }

  /// The number of the event that `peek` shows.
  public var sequence: Int64 { base + Int64(lane.pointee.next - rows.current.base) }

  /// The next event without going past it; nil at the end, or where `failure` is.
  @inline(__always)
  public func peek() -> UnsafePointer<Event>? {
    if lane.pointee.next != lane.pointee.end { return UnsafePointer(lane.pointee.next) }
    return refill()
  }

  /// Goes past the event that `peek` has shown.
  @inline(__always)
  public func advance() { lane.pointee.next += 1 }

  /// What is wrong with the trace here; nil while there are events, and at a proper end.
  public var failure: TraceError? { rows.failure }

  /// The next event; nil at the end.
  ///
  /// - Throws: `TraceError` where the trace is not as it was recorded.
  public func next() throws(TraceError) -> Event? {
    guard let event = peek() else {
      if let failure { throw failure }
      return nil
    }
    advance()
    return event.pointee
  }

  @inline(never)
  private func refill() -> UnsafePointer<Event>? {
    base = sequence
    let found = rows.refill()
    let chunk = rows.current
    lane.pointee = Lane(next: chunk.base, end: chunk.base + (found ? chunk.count : 0))
    return found ? UnsafePointer(chunk.base) : nil
  }
}

/// A buffer's worth of events.
final class EventChunk: RowChunk, @unchecked Sendable {
  static let capacity = 16_384

  let base = UnsafeMutablePointer<Event>.allocate(capacity: EventChunk.capacity)
  var count = 0
  var isLast = false
  var failure: TraceError?

  deinit { base.deallocate() }

  func empty() { count = 0 }
}

/// Reads events and checks them.
final class EventLoader: RowLoader, @unchecked Sendable {
  private let path: String
  private var next: Int64
  private let expected: Int64?
  private let seal: Int64?
  /// nil when reading began somewhere in the middle.
  private var chain: EventChain?

  init(path: String, from first: Int64, expected: Int64?, seal: Int64?) {
    self.path = path
    self.expected = expected
    self.seal = seal
    next = first
    chain = first == 1 ? EventChain() : nil
  }

  func failure(_ error: any Error) -> TraceError {
    TraceError.from(error, at: path, while: "reading event \(next)")
  }

  func read(into chunk: EventChunk, _ db: Database) throws {
    let columns = TraceSchema.eventColumns.joined(separator: ", ")
    // The connection's own statement: this one's would be finalized by whichever thread drops it.
    let statement = try db.cachedStatement(
      sql: """
        SELECT \(columns) FROM event NOT INDEXED WHERE seq >= ? ORDER BY seq
        LIMIT \(EventChunk.capacity)
        """)
    // Reading from the beginning shows rows that were inserted before it.
    sqlite3_bind_int64(statement.sqliteStatement, 1, next == 1 && chain != nil ? .min : next)
    try db.run(statement) { row in
      let found = sqlite3_column_int64(row, 0)
      guard found == next else {
        throw TraceError(
          .missingEvents, path, "events are missing: found event \(found), expected \(next)")
      }
      let event = try event(row)
      (chunk.base + chunk.count).initialize(to: event)
      chunk.count += 1
      next += 1
      chain?.combine(event)
      if found % TraceSchema.markInterval == 0 { try checkMark(event, found, db) }
    }
    if chunk.count < EventChunk.capacity {
      chunk.isLast = true
      try checkEnd(db)
    }
  }

  /// One event by its number; nil if there is none.
  func one(_ sequence: Int64, _ db: Database) throws -> Event? {
    let columns = TraceSchema.eventColumns.joined(separator: ", ")
    let statement = try db.cachedStatement(
      sql: "SELECT \(columns) FROM event NOT INDEXED WHERE seq = ?")
    sqlite3_bind_int64(statement.sqliteStatement, 1, sequence)
    var found: Event?
    try db.run(statement) { row in found = try event(row) }
    return found
  }

  private func event(_ row: SQLiteStatement) throws -> Event {
    let time = try number(row, 1)
    let hart = try number(row, 2)
    let kind = try number(row, 3)
    let pid = try number(row, 4)
    let cid = try number(row, 5)
    guard let hart = UInt8(exactly: hart), let code = UInt8(exactly: kind),
      let kind = Event.Kind(rawValue: code), let pid = Int32(exactly: pid),
      let cid = Int32(exactly: cid)
    else {
      throw TraceError(
        .damaged, path,
        "damaged: event \(next): found hart \(hart), kind \(kind), pid \(pid), cid \(cid), "
          + "expected a hart below 256, a known kind and 32-bit numbers")
    }
    return Event(
      time: Instant(instructions: UInt64(bitPattern: time)), hart: HartID(raw: hart), kind: kind,
      process: ProcessID(raw: pid), container: ContainerID(raw: cid), try number(row, 6),
      try number(row, 7), try number(row, 8), try number(row, 9), try number(row, 10),
      try number(row, 11))
  }

  /// A column, which is a number unless the file was altered.
  @inline(__always)
  private func number(_ row: SQLiteStatement, _ column: Int32) throws -> Int64 {
    // The value rather than the column: asking for a column costs more than what is asked of it.
    let value = sqlite3_column_value(row, column)
    guard sqlite3_value_type(value) == SQLITE_INTEGER else { throw wrongType(column) }
    return sqlite3_value_int64(value)
  }

  @inline(never)
  private func wrongType(_ column: Int32) -> TraceError {
    TraceError(
      .damaged, path,
      "damaged: event \(next): found \(TraceSchema.eventColumns[Int(column)]) of another type, "
        + "expected a number")
  }

  private func checkMark(_ event: Event, _ sequence: Int64, _ db: Database) throws {
    guard let chain else { return }
    let mark = try Row.fetchOne(
      db, sql: "SELECT time, seal FROM mark NOT INDEXED WHERE seq = ?", arguments: [sequence])
    let found = mark.map { Array($0.databaseValues) }
    let time = Int64(bitPattern: event.time.instructions)
    guard found?[1].storage != .int64(chain.check) || found?[0].storage != .int64(time) else {
      return
    }
    throw TraceError.altered(
      Alteration(
        table: "event",
        row: "\(sequence - TraceSchema.markInterval + 1) to \(sequence), or their mark,",
        found: "check \(chain.check) at \(time)",
        expected: found.map { "\($0[1]) at \($0[0])" } ?? "a mark"),
      in: path)
  }

  private func checkEnd(_ db: Database) throws {
    guard let expected else { return }
    guard next - 1 == expected else {
      throw TraceError(
        .missingEvents, path,
        "events are missing: found \(next - 1) events, expected \(expected)")
    }
    guard let chain else { return }
    let marks = try Int64.fetchOne(db, sql: "SELECT count(*) FROM mark NOT INDEXED") ?? 0
    guard marks == expected / TraceSchema.markInterval else {
      throw TraceError.altered(
        Alteration(
          table: "mark", found: "\(marks) rows",
          expected: "\(expected / TraceSchema.markInterval)"), in: path)
    }
    guard seal != chain.check else { return }
    throw TraceError.altered(
      Alteration(
        table: "event", row: "\(expected - expected % TraceSchema.markInterval + 1) to \(expected)",
        found: "check \(chain.check)", expected: seal.map { "\($0)" } ?? "a seal"),
      in: path)
  }
}
