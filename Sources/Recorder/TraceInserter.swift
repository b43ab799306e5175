// The writer's second half, on the database's own thread: batches of events become rows. The hot
// insert binds 32 rows at a time through SQLite's C API on GRDB's connection; everything else is
// GRDB's. Whatever is committed is consistent: the inputs, choices and names that an event depends
// on are in its transaction or in an earlier one.

import Foundation
import GRDB
import GRDBSQLite
import Sim

/// What the machine's side hands over at once.
final class TraceBatch: @unchecked Sendable {
  // Filled by one thread, emptied by the other, never touched by both: the writer's semaphore
  // says whose it is.
  static let capacity = 16_384

  private(set) var base: UnsafeMutablePointer<Event>
  private(set) var room: Int
  var count = 0
  var inputs: [RecordedInput] = []
  var choices: [RecordedChoice] = []
  var names: [[UInt8]] = []
  var failure: TraceError?

  init() {
    // A step is never split, so a batch may grow a little over its nominal size.
    room = TraceBatch.capacity + 1024
    base = .allocate(capacity: room)
  }

  deinit { base.deallocate() }

  func grow() {
    let larger = UnsafeMutablePointer<Event>.allocate(capacity: room * 2)
    larger.moveInitialize(from: base, count: room)
    base.deallocate()
    base = larger
    room *= 2
  }

  func empty() {
    count = 0
    inputs.removeAll(keepingCapacity: true)
    choices.removeAll(keepingCapacity: true)
    names.removeAll(keepingCapacity: true)
  }
}

/// Turns batches into rows and knows what has been written so far. Used on the queue's thread only.
final class TraceInserter: @unchecked Sendable {
  private static let rowsPerInsert = 32
  private static let commitInterval = 100_000

  let path: String
  private(set) var eventCount: Int64 = 0
  private(set) var committedCount: Int64 = 0
  private(set) var inputCount: Int64 = 0
  private(set) var choiceCount: Int64 = 0
  private var nameCount: Int64 = 0
  private(set) var events = EventChain()
  private(set) var inputs = CheckChain(.input)
  private(set) var choices = CheckChain(.choice)
  private(set) var names = CheckChain(.name)
  private var ledger = ProcessLedger()
  /// Which programs with symbols there are, and who runs them.
  var programs = ProgramLedger()
  private var manyRows: Statement?
  private var oneRow: Statement?
  private var choiceRow: Statement?
  private let commits = CommitCounter()
  /// Set before the first batch.
  var lock: RecorderLock?

  init(path: String) { self.path = path }

  /// When a batch is to be committed.
  enum Commit {
    case now
    /// When enough has come together.
    case whenDue
    /// Together with what comes after it.
    case later
  }

  /// Inserts a batch and commits if it is time.
  func insert(_ batch: TraceBatch, _ commit: Commit, _ db: Database) throws {
    if !db.isInsideTransaction { try db.execute(sql: "BEGIN IMMEDIATE") }
    for name in batch.names { try insert(name: name, db) }
    for input in batch.inputs { try insert(input: input, db) }
    for choice in batch.choices { try insert(choice: choice, db) }
    try insertEvents(UnsafeBufferPointer(start: batch.base, count: batch.count), db)
    let waiting = Int(eventCount - committedCount)
    switch commit {
    case .now: try self.commit(db)
    case .whenDue:
      if waiting + TraceBatch.capacity > TraceInserter.commitInterval { try self.commit(db) }
    case .later: break
    }
  }

  func commit(_ db: Database) throws {
    guard db.isInsideTransaction else { return }
    try writeLives(db)
    try endTransaction(db)
    committedCount = eventCount
  }

  /// Commits what has been written, together with which commit it is.
  func endTransaction(_ db: Database) throws {
    try writeCommit(db)
    try db.execute(sql: "COMMIT")
    // A program that has had an earlier file of this name open removes the log when it closes that;
    // from then on everything is put into the file at once.
    if commits.isLogLong || lock?.isLog(of: path) == false { checkpoint(db) }
  }

  /// Which commit the next one is, so that a file and a log that do not belong together are told.
  func writeCommit(_ db: Database) throws {
    commits.current += 1
    try setMeta("commits", commits.current, db)
    try setMeta("commits_in_file", commits.inFile, db)
  }

  /// Puts what is in the log into the file, as far as nobody still reads what is there.
  func checkpoint(_ db: Database) { commits.checkpoint(db) }

  /// Has a look at the log's length after each commit.
  func watchLog(_ db: Database) { commits.watch(db) }

  func setMeta(_ key: String, _ value: any DatabaseValueConvertible, _ db: Database) throws {
    try db.cachedStatement(sql: "INSERT OR REPLACE INTO meta VALUES (?, ?)")
      .execute(arguments: [key, value])
  }

  /// Lets go of the statements kept ready, so that the connection can close.
  func releaseStatements() {
    manyRows = nil
    oneRow = nil
    choiceRow = nil
  }

  // MARK: Events

  private func insertEvents(_ batch: UnsafeBufferPointer<Event>, _ db: Database) throws {
    var index = 0
    if batch.count >= TraceInserter.rowsPerInsert {
      let statement = try manyRows ?? prepareInsert(rows: TraceInserter.rowsPerInsert, db)
      manyRows = statement
      while index + TraceInserter.rowsPerInsert <= batch.count {
        try insertRows(batch, from: index, TraceInserter.rowsPerInsert, statement, db)
        index += TraceInserter.rowsPerInsert
      }
    }
    if index < batch.count {
      let statement = try oneRow ?? prepareInsert(rows: 1, db)
      oneRow = statement
      while index < batch.count {
        try insertRows(batch, from: index, 1, statement, db)
        index += 1
      }
    }
  }

  private func prepareInsert(rows: Int, _ db: Database) throws -> Statement {
    let row = "(?,?,?,?,?,?,?,?,?,?,?,?)"
    return try db.makeStatement(
      sql: "INSERT INTO event VALUES \(Array(repeating: row, count: rows).joined(separator: ","))")
  }

  private func insertRows(
    _ batch: UnsafeBufferPointer<Event>, from first: Int, _ count: Int, _ statement: Statement,
    _ db: Database
  ) throws {
    let raw = statement.sqliteStatement
    var parameter: Int32 = 1
    for index in first..<first + count {
      let event = batch[index]
      eventCount += 1
      let time = Int64(bitPattern: event.time.instructions)
      sqlite3_bind_int64(raw, parameter, eventCount)
      sqlite3_bind_int64(raw, parameter + 1, time)
      sqlite3_bind_int64(raw, parameter + 2, Int64(event.hart.raw))
      sqlite3_bind_int64(raw, parameter + 3, Int64(event.kind.rawValue))
      sqlite3_bind_int64(raw, parameter + 4, Int64(event.process.raw))
      sqlite3_bind_int64(raw, parameter + 5, Int64(event.container.raw))
      let words = event.words
      sqlite3_bind_int64(raw, parameter + 6, words.0)
      sqlite3_bind_int64(raw, parameter + 7, words.1)
      sqlite3_bind_int64(raw, parameter + 8, words.2)
      sqlite3_bind_int64(raw, parameter + 9, words.3)
      sqlite3_bind_int64(raw, parameter + 10, words.4)
      sqlite3_bind_int64(raw, parameter + 11, words.5)
      parameter += 12
      events.combine(event)
      ledger.receive(event)
      if programs.concerns(event) { try write(programs.receive(event, eventCount), of: event, db) }
      if eventCount % TraceSchema.markInterval == 0 {
        try db.execute(
          sql: "INSERT INTO mark VALUES (?, ?, ?)", arguments: [eventCount, time, events.check])
      }
    }
    try db.run(statement)
  }

  // MARK: The small tables

  private func insert(name: [UInt8], _ db: Database) throws {
    names.combine(nameCount)
    names.combine(name)
    let text = printable(name)
    let bytes = Array(text.utf8) == name ? nil : Data(name)
    try db.cachedStatement(sql: "INSERT INTO name VALUES (?, ?, ?, ?)")
      .execute(arguments: [nameCount, text, bytes, names.check])
    nameCount += 1
  }

  private func insert(input: RecordedInput, _ db: Database) throws {
    inputs.combine(input.ordinal)
    input.add(to: &inputs)
    inputCount += 1
    try db.cachedStatement(sql: "INSERT INTO input VALUES (?, ?, ?, ?, ?)").execute(
      arguments: [
        input.ordinal, Int64(bitPattern: input.input.time.instructions),
        Int64(input.input.channel.rawValue), Data(input.input.bytes), inputs.check,
      ])
  }

  private func insert(choice: RecordedChoice, _ db: Database) throws {
    choice.add(to: &choices)
    choiceCount += 1
    let statement =
      try choiceRow
      ?? db.makeStatement(sql: "INSERT INTO choice VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
    choiceRow = statement
    let raw = statement.sqliteStatement
    sqlite3_bind_int64(raw, 1, choice.ordinal)
    sqlite3_bind_int64(raw, 2, Int64(choice.point))
    sqlite3_bind_int64(raw, 3, Int64(choice.hart))
    sqlite3_bind_int64(raw, 4, Int64(choice.options))
    sqlite3_bind_int64(raw, 5, Int64(choice.chosen))
    sqlite3_bind_int64(raw, 6, choice.sequence)
    sqlite3_bind_int64(raw, 7, choice.candidate)
    sqlite3_bind_int64(raw, 8, choices.check)
    try db.run(statement)
  }

  func writeLives(_ db: Database) throws {
    for pid in ledger.changedProcesses {
      guard let row = ledger.process(pid) else { continue }
      // The machine's first process is there before any name is.
      try db.cachedStatement(
        sql: """
          INSERT OR REPLACE INTO process
          VALUES (?1, ?1, ?8,
            CASE WHEN ?1 = \(ProcessID.initial.raw) AND ?2 = 0 THEN 'init'
              ELSE coalesce((SELECT text FROM name WHERE id = ?2), '') END,
            ?3, ?4, ?5, ?6, ?7)
          """
      ).execute(
        arguments: [
          row.pid, row.name, row.start, row.end, row.parent, row.cid, row.status,
          row.containerPID,
        ])
    }
    for cid in ledger.changedContainers {
      guard let row = ledger.container(cid) else { continue }
      try db.cachedStatement(
        sql: """
          INSERT OR REPLACE INTO container
          VALUES (?, ?, (SELECT text FROM name WHERE id = ?), ?, ?, ?, ?)
          """
      ).execute(
        arguments: [
          row.cid, row.initial, row.root, row.allowed, row.start, row.end, row.status,
        ])
    }
    ledger.written()
  }
}
