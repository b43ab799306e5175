// How a trace begins and how it is completed.

import Foundation
import GRDB
import GRDBSQLite
import Sim

extension TraceInserter {
  /// Lays out the file and writes what the session starts from.
  ///
  /// - Parameter asksPreemption: whether `ChoicePoint.preempt` is asked.
  func begin(_ scenario: Scenario, asksPreemption: Bool, _ db: Database) throws {
    // Until the write-ahead log is there, one write of one page is all that changes the file. With a
    // journal beside it, a kill at such a moment would leave a journal that readers may not be allowed to undo.
    try setJournalMode("memory", db)
    // Larger pages hold more rows for each byte of their own.
    try db.execute(sql: "PRAGMA page_size = \(TraceInserter.pageSize)")
    try db.execute(sql: "PRAGMA application_id = \(TraceSchema.applicationID)")
    try db.execute(sql: "PRAGMA user_version = \(TraceSchema.version)")
    try setJournalMode("wal", db)
    // What a killed process has handed to the system is safe without any of it being forced to the
    // disk; only a power failure could take it.
    try db.execute(sql: "PRAGMA synchronous = OFF")
    try db.execute(sql: "PRAGMA cache_size = -16384")
    try db.execute(sql: "BEGIN IMMEDIATE")
    try db.execute(sql: TraceSchema.tables)
    for view in TraceSchema.views { try db.execute(sql: view) }
    try explain(db)
    try write(scenario, db)
    programs.files = scenario.files
    try setMeta("drydock", "trace", db)
    try setMeta("format", Int64(TraceSchema.version), db)
    try setMeta("state", "recording", db)
    if asksPreemption { try setMeta("preemption", 1, db) }
    try setMeta("recording_id", UUID().uuidString.lowercased(), db)
    try setMeta("seal.views", try TableSeal.checkOfViews(db), db)
    watchLog(db)
    try endTransaction(db)
    // From now on the file itself says which recording it is.
    checkpoint(db)
  }

  private static let pageSize = 4096

  private func explain(_ db: Database) throws {
    for kind in Event.Kind.allCases {
      var names: [String?] = kind.columnNames
      names += Array(repeating: nil, count: 6 - names.count)
      try db.cachedStatement(sql: "INSERT INTO kind VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(
        arguments: [
          Int64(kind.rawValue), kind.name, kind.family.rawValue, names[0], names[1], names[2],
          names[3], names[4], names[5],
        ])
    }
    for (table, rows) in TraceSchema.codes {
      for (id, name) in rows {
        try db.cachedStatement(sql: "INSERT INTO \(table) VALUES (?, ?)")
          .execute(arguments: [id, name])
      }
    }
  }

  private func write(_ scenario: Scenario, _ db: Database) throws {
    var chain = CheckChain(.scenario)
    for (index, row) in scenario.rows.enumerated() {
      chain.combine(Int64(index + 1))
      chain.combine(row.key)
      row.value.add(to: &chain)
      let value: any DatabaseValueConvertible =
        switch row.value {
        case .number(let number): number
        case .text(let text): text
        }
      try db.cachedStatement(sql: "INSERT INTO scenario VALUES (?, ?, ?, ?)")
        .execute(arguments: [index + 1, row.key, value, chain.check])
    }
    try setMeta("seal.scenario", chain.check, db)

    chain = CheckChain(.script)
    for (index, line) in scenario.script.enumerated() {
      chain.combine(Int64(index + 1))
      line.add(to: &chain)
      let tick = line.atTick.map { Int64(bitPattern: $0) }
      try db.cachedStatement(sql: "INSERT INTO script VALUES (?, ?, ?, ?)")
        .execute(arguments: [index + 1, tick, Data(line.bytes), chain.check])
    }
    try setMeta("seal.script", chain.check, db)

    chain = CheckChain(.file)
    for (index, file) in scenario.files.enumerated() {
      chain.combine(Int64(index + 1))
      file.add(to: &chain)
      var content: Data?
      var numbers: (major: Int64?, minor: Int64?)
      switch file.content {
      case .file(let bytes): content = Data(bytes)
      case .directory: break
      case .device(let major, let minor): numbers = (Int64(major), Int64(minor))
      }
      try db.cachedStatement(sql: "INSERT INTO file VALUES (?, ?, ?, ?, ?, ?, ?)").execute(
        arguments: [
          index + 1, file.path, file.kindName, content, numbers.major, numbers.minor, chain.check,
        ])
    }
    try setMeta("seal.file", chain.check, db)
  }

  /// How the file is left.
  enum Closing: Sendable {
    /// Everything is in it, and it is in no need of anything else.
    case plainFile
    /// Everything is in it, but others have it open, so that it says that there is a log.
    case inWAL
    /// Others read what it was before, so that some of it is still in the log.
    case withLog
  }

  /// Seals the trace and folds everything into one file.
  ///
  /// - Parameter byItself: whether the log may be removed by its name.
  func complete(
    _ ending: TraceEnding, byItself: Bool, _ db: Database
  ) throws -> Closing {
    try writeLives(db)
    try setMeta("state", "complete", db)
    try setMeta("events", eventCount, db)
    try setMeta("inputs", inputCount, db)
    try setMeta("choices", choiceCount, db)
    try setMeta("choices_made", ending.choicesMade, db)
    try setMeta("end", EndReason.names[Int(ending.end.code) - 1], db)
    if case .halted(let status) = ending.end { try setMeta("status", Int64(status), db) }
    try setMeta("instructions", Int64(bitPattern: ending.time.instructions), db)
    try setMeta("host_seconds", ending.hostSeconds, db)
    if let stop = ending.stop {
      try setMeta("stop_after", stop.after, db)
      try setMeta("stop_idle", stop.idle ? 1 : 0, db)
    }
    try setMeta("seal.event", events.check, db)
    try setMeta("seal.input", inputs.check, db)
    try setMeta("seal.choice", choices.check, db)
    try setMeta("seal.name", names.check, db)
    for table in TraceSchema.explaining {
      try setMeta("seal.\(table)", try TableSeal.check(of: table, db), db)
    }
    try setMeta("seal.views", try TableSeal.checkOfViews(db), db)
    try writeCommit(db)
    try setMeta("seal.meta", try TableSeal.checkOfMeta(db), db)
    try db.execute(sql: "COMMIT")
    releaseStatements()
    guard byItself else {
      keepLog(db)
      return try foldLog(db) ? .inWAL : .withLog
    }
    // Leaving WAL checkpoints everything and removes its two files.
    if try leaveWAL(db) { return .plainFile }
    return try foldLog(db) ? .inWAL : .withLog
  }

  /// How long readers of the file may delay its conversion to a plain one, in seconds.
  private static let patience = 2.0

  /// Makes it a plain file; false if others keep it open.
  private func leaveWAL(_ db: Database) throws -> Bool {
    sqlite3_busy_timeout(db.sqliteConnection, 10)
    let end = Date.timeIntervalSinceReferenceDate + TraceInserter.patience
    while true {
      do {
        if try String.fetchOne(db, sql: "PRAGMA journal_mode = memory") == "memory" { return true }
      } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
        // Whoever looks at it is soon done.
      }
      if Date.timeIntervalSinceReferenceDate > end { return false }
      Thread.sleep(forTimeInterval: 0.01)
    }
  }

  /// Checkpoints the whole log into the file; false while a reader still uses an earlier state.
  private func foldLog(_ db: Database) throws -> Bool {
    var (length, folded): (CInt, CInt) = (0, 0)
    let connection = db.sqliteConnection
    sqlite3_wal_checkpoint_v2(connection, "main", SQLITE_CHECKPOINT_PASSIVE, &length, &folded)
    guard length == folded else { return false }
    // That it is empty then is for tidiness only.
    sqlite3_wal_checkpoint_v2(connection, "main", SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    return true
  }

  /// Has SQLite leave the log where it is: what has its name is something else.
  private func keepLog(_ db: Database) {
    var isKept: CInt = 1
    sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_PERSIST_WAL, &isKept)
  }

  /// Changes the journal's mode. Nobody else may have the file open just then, and SQLite does not
  /// wait for that by itself.
  private func setJournalMode(_ mode: String, _ db: Database) throws {
    for _ in 0..<1000 {
      do {
        if try String.fetchOne(db, sql: "PRAGMA journal_mode = \(mode)") == mode { return }
      } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
        // Whoever looks at it is soon done.
      }
      Thread.sleep(forTimeInterval: 0.01)
    }
    throw TraceError(.storage, path, "another process has kept the file open for ten seconds")
  }

  /// Puts a failure into words, and gives up what was not committed.
  func fail(_ error: any Error, _ db: Database) -> TraceError {
    var failure = TraceError.from(error, at: path, while: "recording")
    let code = sqlite3_system_errno(db.sqliteConnection)
    if failure.reason == .storage, code != 0 {
      failure.description += " (\(String(cString: strerror(code))))"
    }
    if db.isInsideTransaction {
      do { try db.execute(sql: "ROLLBACK") } catch { failure.description += "; \(error)" }
    }
    failure.description += "; the trace ends with event \(committedCount)"
    return failure
  }
}

/// The check of a whole table that is small.
package enum TableSeal {
  /// - Throws: `DatabaseError` if the table cannot be read.
  static func check(of table: String, _ db: Database) throws -> Int64 {
    try check(db, sql: "SELECT * FROM \(table) ORDER BY 1")
  }

  /// Of all rows but the seal itself.
  package static func checkOfMeta(_ db: Database) throws -> Int64 {
    try check(db, sql: "SELECT key, value FROM meta ORDER BY key") { values in
      values[0].storage != .string("seal.meta")
    }
  }

  /// Of the views, through which people look at a trace.
  package static func checkOfViews(_ db: Database) throws -> Int64 {
    try check(db, sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'view' ORDER BY name")
  }

  private static func check(
    _ db: Database, sql: String, where counts: ([DatabaseValue]) -> Bool = { _ in true }
  ) throws -> Int64 {
    var chain = CheckChain(.meta)
    let rows = try Row.fetchCursor(db, sql: sql)
    while let row = try rows.next() {
      let values = Array(row.databaseValues)
      guard counts(values) else { continue }
      for value in values {
        switch value.storage {
        case .null: chain.combine(0)
        case .int64(let number):
          chain.combine(1)
          chain.combine(number)
        case .double(let number):
          chain.combine(2)
          chain.combine(Int64(bitPattern: number.bitPattern))
        case .string(let text):
          chain.combine(3)
          chain.combine(text)
        case .blob(let data):
          chain.combine(4)
          chain.combine(Array(data))
        }
      }
    }
    return chain.check
  }
}
