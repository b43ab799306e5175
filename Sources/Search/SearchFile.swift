// search.db: every run of a search as a row, in the folder that has what was found. It is an ordinary SQLite
// file, committed once a second, so that a search that was killed goes on where it was.

import Foundation
import GRDB

/// Why a search cannot be kept or gone on with, as one line.
public struct SearchError: Error, Equatable, Sendable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}

/// A run as it is kept.
public struct RunRow: Equatable, Sendable {
  /// The number of the run; 0 is the one without any preemption.
  public var run: Int
  public var seed: UInt64
  public var length: Int
  public var choices: [UInt8]
  public var behaviour: UInt64
  /// How it failed; nil if it did not.
  public var outcome: String?
}

/// The file of a search.
public final class SearchFile {
  public let path: String
  private let queue: DatabaseQueue

  private static let version = "1"

  /// Makes the file for a search, or opens it to go on with one.
  ///
  /// - Parameters:
  ///   - plan: what tells this search from others, by name; a search is only gone on with if all of it is
  ///     the same.
  /// - Throws: `SearchError` if it cannot be made, or is the file of another search.
  public init(_ path: String, plan: [(name: String, value: String)], resuming: Bool) throws {
    self.path = path
    if resuming, !FileManager.default.fileExists(atPath: path) {
      throw SearchError("\(path): found no file, expected the one of a search to go on with")
    }
    var configuration = Configuration()
    configuration.label = "drydock.search"
    configuration.busyMode = .timeout(10)
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      if !resuming { try SearchFile.make(plan, queue) }
    } catch {
      throw SearchFile.told(error, path)
    }
    if resuming { try check(plan) }
  }

  /// Opens the file of a search to read it.
  ///
  /// - Throws: `SearchError` if it is none.
  public init(reading path: String) throws {
    self.path = path
    guard FileManager.default.fileExists(atPath: path) else {
      throw SearchError("\(path): found no file, expected that of a search")
    }
    var configuration = Configuration()
    configuration.readonly = true
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      let version = try queue.read {
        try String.fetchOne($0, sql: "SELECT value FROM plan WHERE name = 'version'")
      }
      guard version == SearchFile.version else {
        throw SearchError(
          "\(path): found version \(version ?? "none"), expected \(SearchFile.version)")
      }
    } catch {
      throw SearchFile.told(error, path)
    }
  }

  private static func make(_ plan: [(name: String, value: String)], _ queue: DatabaseQueue) throws {
    try queue.write { db in
      try db.execute(
        sql: """
          CREATE TABLE plan (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
          CREATE TABLE run (
            run INTEGER PRIMARY KEY, seed INTEGER NOT NULL, length INTEGER NOT NULL,
            choices BLOB NOT NULL, behaviour INTEGER NOT NULL, outcome TEXT);
          CREATE TABLE failure (
            failure INTEGER PRIMARY KEY, outcome TEXT NOT NULL UNIQUE, run INTEGER NOT NULL,
            preemptions INTEGER NOT NULL, switches INTEGER NOT NULL, file TEXT NOT NULL);
          """)
      for (name, value) in [("version", version)] + plan {
        try db.execute(sql: "INSERT INTO plan VALUES (?, ?)", arguments: [name, value])
      }
    }
  }

  private func check(_ plan: [(name: String, value: String)]) throws {
    do {
      for (name, value) in [("version", SearchFile.version)] + plan {
        let found = try queue.read {
          try String.fetchOne($0, sql: "SELECT value FROM plan WHERE name = ?", arguments: [name])
        }
        guard found == value else {
          throw SearchError(
            "\(path): another search: found \(name) \(found ?? "missing"), expected \(value)")
        }
      }
    } catch {
      throw SearchFile.told(error, path)
    }
  }

  /// What was planned, by name.
  public func plan() throws -> [(name: String, value: String)] {
    do {
      return try queue.read {
        try Row.fetchAll($0, sql: "SELECT name, value FROM plan ORDER BY name").map { row in
          (row[0], row[1])
        }
      }
    } catch {
      throw SearchFile.told(error, path)
    }
  }

  // MARK: Rows

  /// Commits rows.
  public func append(_ rows: [RunRow]) throws {
    if rows.isEmpty { return }
    do {
      try queue.write { db in
        let statement = try db.cachedStatement(sql: "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?)")
        for row in rows {
          try statement.execute(arguments: [
            row.run, Int64(bitPattern: row.seed), row.length, Data(row.choices),
            Int64(bitPattern: row.behaviour), row.outcome,
          ])
        }
      }
    } catch {
      throw SearchFile.told(error, path)
    }
  }

  /// All rows, in order of the runs.
  public func readRows(_ body: (RunRow) throws -> Void) throws {
    do {
      try queue.read { db in
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM run ORDER BY run")
        while let row = try rows.next() {
          try body(
            RunRow(
              run: row[0], seed: UInt64(bitPattern: row[1]), length: row[2],
              choices: Array(row[3] as Data), behaviour: UInt64(bitPattern: row[4]),
              outcome: row[5]))
        }
      }
    } catch {
      throw SearchFile.told(error, path)
    }
  }

  /// Notes what a failure was shrunk to, and where that is.
  public func note(_ found: FoundFailure) throws {
    do {
      try queue.write { db in
        try db.execute(
          sql: "INSERT INTO failure VALUES (?, ?, ?, ?, ?, ?)",
          arguments: [
            found.number, found.outcome, found.run, found.preemptions, found.switches,
            found.file,
          ])
      }
    } catch {
      throw SearchFile.told(error, path)
    }
  }

  /// The failures that were written already, as their outcomes.
  public func writtenFailures() throws -> [String] {
    do {
      return try queue.read {
        try String.fetchAll($0, sql: "SELECT outcome FROM failure ORDER BY failure")
      }
    } catch {
      throw SearchFile.told(error, path)
    }
  }

  /// The failures that were written, without their accounts, by their outcomes.
  func failures() throws -> [(outcome: String, found: FoundFailure)] {
    do {
      return try queue.read {
        try Row.fetchAll($0, sql: "SELECT * FROM failure ORDER BY failure").map { row in
          (
            row[1],
            FoundFailure(
              number: row[0], outcome: row[1], run: row[2], preemptions: row[3], switches: row[4],
              file: row[5], account: [])
          )
        }
      }
    } catch {
      throw SearchFile.told(error, path)
    }
  }

  public func close() throws {
    do { try queue.close() } catch { throw SearchFile.told(error, path) }
  }

  private static func told(_ error: any Error, _ path: String) -> SearchError {
    if let error = error as? SearchError { return error }
    guard let error = error as? DatabaseError else { return SearchError("\(path): \(error)") }
    return SearchError("\(path): \(error.message ?? "\(error.resultCode)")")
  }
}
