// What is done to a trace: to its bytes, knowing how SQLite lays out a page, and to its rows.

import Foundation
import GRDB

extension TraceTarget {
  private static let pageSize = 4096
  /// Fields of the database's header (the SQLite file format, 1.3).
  private static let headerFields = [
    (16, 2), (18, 1), (19, 1), (20, 1), (24, 4), (28, 4), (32, 4), (36, 4), (40, 4), (44, 4),
    (52, 4), (56, 4), (60, 4), (64, 4), (68, 4), (92, 4), (96, 4),
  ]
  /// Fields of a page's header (1.6), and the first of its cells' places.
  private static let pageFields = [
    (0, 1), (1, 2), (3, 2), (5, 2), (7, 1), (8, 2), (10, 2), (12, 2),
  ]

  /// Changes bytes.
  static func change(_ bytes: inout [UInt8], _ mutator: inout Mutator) {
    let pages = bytes.count / pageSize
    for _ in 0...mutator.below(mutator.oneIn(4) ? 8 : 2) {
      let page = mutator.below(pages) * pageSize
      switch mutator.below(12) {
      case 0...3: bytes[mutator.below(bytes.count)] ^= UInt8(1 << mutator.below(8))
      case 4: bytes[mutator.below(bytes.count)] = UInt8(truncatingIfNeeded: mutator.number())
      case 5, 6:
        let field = mutator.pick(pageFields)
        mutator.put(
          mutator.number() & 0x1fff, size: field.1, bigEndian: true, at: page + field.0, in: &bytes)
      case 7:
        // One of the places of a page's cells, or one row more or less.
        let place = page + 8 + 2 * mutator.below(60)
        mutator.put(
          UInt64(mutator.below(pageSize)), size: 2, bigEndian: true, at: place, in: &bytes)
        if mutator.oneIn(3) { bytes[page + 4] &+= UInt8(truncatingIfNeeded: mutator.below(3)) &- 1 }
      case 8:
        let field = mutator.pick(headerFields)
        mutator.put(mutator.number(), size: field.1, bigEndian: true, at: field.0, in: &bytes)
      case 9:
        let other = mutator.below(pages) * pageSize
        bytes.replaceSubrange(page..<page + pageSize, with: bytes[other..<other + pageSize])
      case 10:
        // A number of a page, where an inner page of a tree names another.
        mutator.put(
          UInt64(1 + mutator.below(pages)), size: 4, bigEndian: true,
          at: page + mutator.pick([8, 4096 - 8, 4096 - 16, 12]), in: &bytes)
      default:
        guard mutator.oneIn(4) else { continue }
        bytes.removeLast(bytes.count - mutator.below(bytes.count))
        return
      }
    }
  }

  private static let tables: [(name: String, columns: [String])] = [
    ("meta", ["key", "value"]), ("scenario", ["ordinal", "key", "value", "seal"]),
    ("script", ["ordinal", "at_tick", "bytes", "seal"]),
    ("file", ["ordinal", "path", "kind", "content", "major", "minor", "seal"]),
    ("input", ["ordinal", "time", "channel", "bytes", "seal"]),
    ("choice", ["ordinal", "point", "hart", "options", "chosen", "seq", "candidate", "seal"]),
    ("name", ["id", "text", "bytes", "seal"]),
    (
      "event",
      ["seq", "time", "hart", "kind", "pid", "cid", "a0", "a1", "a2", "a3", "a4", "a5"]
    ),
    ("mark", ["seq", "time", "seal"]),
    (
      "process",
      ["upid", "pid", "name", "start_ts", "end_ts", "parent_upid", "cid", "status"]
    ),
    ("container", ["cid", "init", "root", "allowed", "start_ts", "end_ts", "status"]),
    ("program", ["id", "path", "image", "problem"]),
    ("program_run", ["place", "pid", "seq", "program"]),
    ("symbol", ["place", "program", "address", "size", "name", "kind"]),
    ("source_line", ["place", "program", "address", "size", "file", "line"]),
    ("kind", ["id", "name", "family", "a0", "a1", "a2", "a3", "a4", "a5"]),
    ("call", ["id", "name"]), ("refusal", ["id", "name"]), ("end_reason", ["id", "name"]),
  ]

  /// SQL that changes rows, or tables, in a way of its own.
  static func statements(_ mutator: inout Mutator) -> [String] {
    var statements: [String] = []
    if mutator.oneIn(6) {
      statements.append("PRAGMA writable_schema = ON")
      let master = "sqlite_master WHERE rowid = \(1 + mutator.below(60))"
      switch mutator.below(3) {
      case 0: statements.append("DELETE FROM \(master)")
      case 1:
        statements.append(
          "UPDATE sqlite_master SET rootpage = \(mutator.below(60)) "
            + "WHERE rowid = \(1 + mutator.below(60))")
      default:
        let words = [
          ("STRICT", ""), ("NOT NULL", ""), ("INTEGER", "TEXT"), ("BLOB", "INTEGER"),
          (", WITHOUT ROWID", ""), ("PRIMARY KEY", ""), ("seal INTEGER", "seal TEXT"),
        ]
        let word = mutator.pick(words)
        statements.append(
          "UPDATE sqlite_master SET sql = replace(sql, '\(word.0)', '\(word.1)') "
            + "WHERE rowid = \(1 + mutator.below(25))")
      }
    }
    for _ in 0...mutator.below(2) {
      let table = mutator.pick(tables)
      let key = table.columns[0]
      let row =
        "\(key) = (SELECT \(key) FROM \(table.name) LIMIT 1 OFFSET \(mutator.below(40)))"
      let column = mutator.pick(table.columns)
      switch mutator.below(8) {
      case 0: statements.append("DELETE FROM \(table.name) WHERE \(row)")
      case 1: statements.append("DELETE FROM \(table.name) WHERE \(key) > \(mutator.below(40))")
      case 2:
        let values = table.columns.map { $0 == column ? value(&mutator) : $0 }
        statements.append(
          "INSERT OR REPLACE INTO \(table.name) SELECT \(values.joined(separator: ", ")) "
            + "FROM \(table.name) WHERE \(row)")
      case 3:
        statements.append(
          "UPDATE OR IGNORE \(table.name) SET \(column) = \(value(&mutator))")
      default:
        statements.append(
          "UPDATE OR REPLACE \(table.name) SET \(column) = \(value(&mutator)) WHERE \(row)")
      }
    }
    if mutator.oneIn(20) {
      statements.append(
        mutator.pick([
          "PRAGMA user_version = 2", "PRAGMA application_id = 1", "DROP VIEW syscall",
          "CREATE TABLE extra (x)", "PRAGMA journal_mode = wal", "VACUUM",
          "PRAGMA page_size = 1024; VACUUM", "CREATE INDEX i ON event (pid)",
          "PRAGMA encoding = 'UTF-16'", "ALTER TABLE event ADD COLUMN a6 INTEGER",
        ]))
    }
    return statements
  }

  private static func value(_ mutator: inout Mutator) -> String {
    let number = Int64(bitPattern: mutator.number())
    return switch mutator.below(10) {
    case 0: "NULL"
    case 1: "'\(mutator.pick(["", "file", "harts", "complete", "recording", "1", "-0", "x"]))'"
    case 2: "x'\(mutator.pick(["", "00", "ff0a", "7f454c46"]))'"
    case 3: "zeroblob(\(mutator.below(100_000)))"
    case 4: "\(Double(mutator.below(10)) + 0.5)"
    case 5: "rowid + \(mutator.pick([1, -1, 256, 65_536, 1 << 32]))"
    case 6: "\(mutator.below(64) - 1)"
    // SQL has no literal of the lowest number.
    default: number == .min ? "(\(Int64.min + 1) - 1)" : "\(number)"
    }
  }

  /// Executes what can be executed.
  static func execute(_ statements: [String], on path: String) {
    guard let queue = try? DatabaseQueue(path: path) else { return }
    for sql in statements {
      try? queue.writeWithoutTransaction { db in try db.execute(sql: sql) }
    }
    try? queue.close()
  }
}
