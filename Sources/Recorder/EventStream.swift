// The events of a trace, in order, through two buffers: while one is consumed a second thread fills
// the other, so that reading costs the replay little more than a load. Every event is held against
// the seals on the way; what is wrong comes as an error exactly where it is, after all events before.

import Dispatch
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
  private let loader: EventLoader
  private let queue: DatabaseQueue
  private var current = EventChunk()
  private var ahead = EventChunk()
  private let aheadIsReady = DispatchSemaphore(value: 0)
  /// The number of the first event in `current`.
  private var base: Int64
  private var finished = false
  private var started = false

  init(_ reader: TraceReader, from first: Int64) {
    queue = reader.queue
    loader = EventLoader(
      path: reader.path, from: first,
      expected: reader.summary.isComplete ? reader.summary.events : nil,
      seal: reader.summary.seals["event"])
    base = first
    lane = .allocate(capacity: 1)
    lane.initialize(to: Lane(next: current.base, end: current.base))
  }

  deinit { lane.deallocate() }

  /// The number of the event that `peek` shows.
  public var sequence: Int64 { base + Int64(lane.pointee.next - current.base) }

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
  public private(set) var failure: TraceError?

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
    if finished { return nil }
    if !started {
      started = true
      load()
    }
    base += Int64(current.count)
    aheadIsReady.wait()
    swap(&current, &ahead)
    lane.pointee = Lane(next: current.base, end: current.base + current.count)
    if current.isLast || current.failure != nil {
      // The failure shows only when the events before it are used up.
      if current.count == 0 {
        finished = true
        failure = current.failure
        return nil
      }
      ahead.count = 0
      ahead.isLast = true
      ahead.failure = current.failure
      current.failure = nil
      aheadIsReady.signal()
    } else {
      load()
    }
    return UnsafePointer(lane.pointee.next)
  }

  private func load() {
    queue.asyncWriteWithoutTransaction { [chunk = ahead, loader, aheadIsReady] db in
      loader.fill(chunk, db)
      aheadIsReady.signal()
    }
  }
}

/// A buffer's worth of events.
final class EventChunk: @unchecked Sendable {
  // Filled by one thread and read by the other; the stream's semaphore says whose it is.
  static let capacity = 16_384

  let base = UnsafeMutablePointer<Event>.allocate(capacity: EventChunk.capacity)
  var count = 0
  /// No events come after these.
  var isLast = false
  /// What was found after these.
  var failure: TraceError?

  deinit { base.deallocate() }
}

/// Reads events and checks them. Used on the queue's thread only.
final class EventLoader: @unchecked Sendable {
  private let path: String
  private var next: Int64
  private let expected: Int64?
  private let seal: Int64?
  /// nil when reading began somewhere in the middle.
  private var chain: EventChain?
  private var statement: Statement?

  init(path: String, from first: Int64, expected: Int64?, seal: Int64?) {
    self.path = path
    self.expected = expected
    self.seal = seal
    next = first
    chain = first == 1 ? EventChain() : nil
  }

  func fill(_ chunk: EventChunk, _ db: Database) {
    chunk.count = 0
    chunk.isLast = false
    chunk.failure = nil
    do {
      try read(into: chunk, db)
    } catch {
      chunk.failure = TraceError.from(error, at: path, while: "reading event \(next)")
    }
  }

  private func read(into chunk: EventChunk, _ db: Database) throws {
    let columns = TraceSchema.eventColumns.joined(separator: ", ")
    let statement =
      try self.statement
      ?? db.makeStatement(
        sql: """
          SELECT \(columns) FROM event WHERE seq >= ? ORDER BY seq LIMIT \(EventChunk.capacity)
          """)
    self.statement = statement
    let raw = statement.sqliteStatement
    // Whoever reads from the beginning sees rows that somebody has put before it.
    sqlite3_bind_int64(raw, 1, next == 1 && chain != nil ? .min : next)
    defer { sqlite3_reset(raw) }
    while true {
      let code = sqlite3_step(raw)
      if code == SQLITE_DONE { break }
      guard code == SQLITE_ROW else {
        throw DatabaseError(
          resultCode: ResultCode(rawValue: code),
          message: String(cString: sqlite3_errmsg(db.sqliteConnection)))
      }
      let found = sqlite3_column_int64(raw, 0)
      guard found == next else {
        throw TraceError(
          .missingEvents, path, "events are missing: found event \(found), expected \(next)")
      }
      let event = try event(raw)
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
    let statement = try db.cachedStatement(sql: "SELECT \(columns) FROM event WHERE seq = ?")
    let raw = statement.sqliteStatement
    sqlite3_bind_int64(raw, 1, sequence)
    defer { sqlite3_reset(raw) }
    return sqlite3_step(raw) == SQLITE_ROW ? try event(raw) : nil
  }

  private func event(_ row: SQLiteStatement) throws -> Event {
    let hart = sqlite3_column_int64(row, 2)
    let kind = sqlite3_column_int64(row, 3)
    let pid = sqlite3_column_int64(row, 4)
    let cid = sqlite3_column_int64(row, 5)
    for column: Int32 in 1...11 where sqlite3_column_type(row, column) != SQLITE_INTEGER {
      throw TraceError(
        .damaged, path,
        "damaged: event \(next): found \(TraceSchema.eventColumns[Int(column)]) of another type, "
          + "expected a number")
    }
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
      time: Instant(instructions: UInt64(bitPattern: sqlite3_column_int64(row, 1))),
      hart: HartID(raw: hart), kind: kind, process: ProcessID(raw: pid),
      container: ContainerID(raw: cid), sqlite3_column_int64(row, 6),
      sqlite3_column_int64(row, 7), sqlite3_column_int64(row, 8), sqlite3_column_int64(row, 9),
      sqlite3_column_int64(row, 10), sqlite3_column_int64(row, 11))
  }

  private func checkMark(_ event: Event, _ sequence: Int64, _ db: Database) throws {
    guard let chain else { return }
    let mark = try Row.fetchOne(
      db, sql: "SELECT time, seal FROM mark WHERE seq = ?", arguments: [sequence])
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
    let marks = try Int64.fetchOne(db, sql: "SELECT count(*) FROM mark") ?? 0
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
