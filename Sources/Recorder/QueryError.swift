// What is wrong with a query, as a person wants to be told: what SQLite says, the line with a caret
// under the place, and the name that may have been meant.

import Foundation
import GRDBSQLite

/// Why a query has no answer.
public struct QueryError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A line of the query, fit to be shown, and how many columns of a terminal come before the
  /// mistake.
  public struct Place: Equatable, Sendable {
    public var line: String
    public var column: Int
  }

  /// SQLite's own, or what was refused and why.
  public var message: String
  /// Where in the query; nil if it is about the query as a whole.
  public var place: Place?
  /// A name that there is, if the query has one that there is not.
  public var nearest: String?

  public init(_ message: String) { self.message = message }

  public var description: String {
    var lines = [message]
    if let place {
      lines += ["  \(place.line)", "  \(String(repeating: " ", count: place.column))^"]
    }
    if let nearest { lines.append("  nearest: \(nearest)") }
    return lines.joined(separator: "\n")
  }
}

extension QueryError {
  /// Puts what SQLite has against a query into words.
  init(_ message: String, in sql: String, at offset: Int, _ connection: OpaquePointer) {
    self.message = printable(message)
    let tokens = SQLToken.all(in: sql)
    let wrong = WrongName(message)
    let byOffset = tokens.first { $0.range.contains(offset) }
    let token = byOffset ?? wrong.flatMap { $0.token(among: tokens) }
    if case .syntax = wrong, let (word, meant) = QueryError.mistypedKeyword(before: offset, tokens)
    {
      place = Place(in: sql, at: word.range.lowerBound)
      nearest = meant
      return
    }
    // Where a query stops too early, SQLite has no offset for what is missing after its end.
    let missing = message == "incomplete input" ? QueryError.end(of: sql) : nil
    if let start = missing ?? (offset >= 0 ? offset : token?.range.lowerBound) {
      place = Place(in: sql, at: start)
    }
    let candidates: [String] =
      switch wrong {
      case .table: Schema.relations(connection)
      case .column: Schema.columns(connection, mentioned: tokens)
      case .function: Schema.functions(connection)
      case .syntax: Schema.keywords
      case nil: []
      }
    nearest = wrong.flatMap { nearestName(to: $0.name, among: candidates) }
  }

  /// The word before a place that SQLite does not understand, if a clause may have been meant to begin
  /// with it: SQLite takes `event WEHRE seq = 1` for a table under another name.
  private static func mistypedKeyword(before offset: Int, _ tokens: [SQLToken])
    -> (SQLToken, meant: String)?
  {
    guard let word = tokens.last(where: { $0.range.upperBound <= offset }), word.name.count > 2,
      let meant = nearestName(to: word.name, among: Schema.clauses)
    else { return nil }
    return (word, meant)
  }
}

extension QueryError {
  /// Behind the last that is no space.
  private static func end(of sql: String) -> Int {
    Array(sql.utf8).lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? 0
  }
}

extension QueryError.Place {
  init?(in sql: String, at offset: Int) {
    let bytes = Array(sql.utf8)
    guard offset >= 0, offset <= bytes.count else { return nil }
    let start = bytes[..<offset].lastIndex(of: 10).map { $0 + 1 } ?? 0
    let end = bytes[offset...].firstIndex(of: 10) ?? bytes.count
    let before = printable(bytes[start..<offset])
    line = before + printable(bytes[offset..<end])
    column = displayWidth(before)
  }
}

/// The name that SQLite's message is about.
private enum WrongName {
  case table(String)
  case column(String)
  case function(String)
  case syntax(String)

  init?(_ message: String) {
    func rest(_ prefix: String) -> String? {
      guard message.hasPrefix(prefix) else { return nil }
      return String(message.dropFirst(prefix.count))
    }
    /// Without what qualifies it: `e.time` is about `time`.
    func last(_ name: String) -> String { String(name.split(separator: ".").last ?? "") }
    if let name = rest("no such table: ") {
      self = .table(last(name))
    } else if let name = rest("no such column: ") {
      self = .column(last(name))
    } else if let name = rest("no such function: ") {
      self = .function(name)
    } else if let name = rest("near \""), name.hasSuffix("\": syntax error") {
      self = .syntax(String(name.dropLast("\": syntax error".count)))
    } else {
      return nil
    }
  }

  var name: String {
    switch self {
    case .table(let name), .column(let name), .function(let name), .syntax(let name): name
    }
  }

  /// Where the query has it; a table's is the one from which it is read.
  func token(among tokens: [SQLToken]) -> SQLToken? {
    let places = tokens.indices.filter { tokens[$0].name == name.lowercased() }
    if case .table = self {
      let read = places.first { index in
        index > 0 && ["from", "join", ","].contains(tokens[index - 1].name)
      }
      if let read { return tokens[read] }
    }
    return places.first.map { tokens[$0] }
  }
}

/// A piece of a query, as far as finding a name in it goes.
private struct SQLToken {
  /// In small letters and without its quotes.
  var name: String
  /// In bytes.
  var range: Range<Int>

  /// All but strings and comments.
  static func all(in sql: String) -> [SQLToken] {
    let bytes = Array(sql.utf8)
    var tokens: [SQLToken] = []
    var index = 0
    /// The end of what begins here and ends with this text, or the query's.
    func end(of text: String, from start: Int) -> Int {
      let wanted = Array(text.utf8)
      var place = start
      while place + wanted.count <= bytes.count {
        if bytes[place..<place + wanted.count].elementsEqual(wanted) { return place + wanted.count }
        place += 1
      }
      return bytes.count
    }
    func isWord(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
        true
      default: false
      }
    }
    while index < bytes.count {
      let start = index
      let pair = String(decoding: bytes[index..<min(bytes.count, index + 2)], as: UTF8.self)
      var isName = true
      switch bytes[index] {
      case UInt8(ascii: "'"):
        index = end(of: "'", from: index + 1)
        isName = false
      case UInt8(ascii: "\""): index = end(of: "\"", from: index + 1)
      case UInt8(ascii: "`"): index = end(of: "`", from: index + 1)
      case UInt8(ascii: "["): index = end(of: "]", from: index + 1)
      case _ where pair == "--":
        index = end(of: "\n", from: index)
        isName = false
      case _ where pair == "/*":
        index = end(of: "*/", from: index + 2)
        isName = false
      case let byte where isWord(byte):
        while index < bytes.count, isWord(bytes[index]) { index += 1 }
      case let byte:
        index += 1
        isName = byte > 0x20
      }
      guard isName else { continue }
      let text = String(decoding: bytes[start..<index], as: UTF8.self).lowercased()
      tokens.append(
        SQLToken(
          name: text.trimmingCharacters(in: CharacterSet(charactersIn: "\"`[]")),
          range: start..<index))
    }
    return tokens
  }
}

/// The names that a trace has.
private enum Schema {
  static func relations(_ connection: OpaquePointer) -> [String] {
    names("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')", connection)
  }

  /// Of the tables and views that the query mentions, or of all.
  static func columns(_ connection: OpaquePointer, mentioned tokens: [SQLToken]) -> [String] {
    let all = relations(connection)
    let read = all.filter { name in tokens.contains { $0.name == name.lowercased() } }
    return (read.isEmpty ? all : read).flatMap { relation in
      names("SELECT name FROM pragma_table_info(\(quoted(relation)))", connection)
    }
  }

  static func functions(_ connection: OpaquePointer) -> [String] {
    names("SELECT DISTINCT name FROM pragma_function_list", connection)
  }

  /// What may stand behind a table's name.
  static let clauses = [
    "WHERE", "GROUP", "ORDER", "LIMIT", "HAVING", "JOIN", "LEFT", "UNION", "WINDOW", "USING",
  ]

  static var keywords: [String] {
    (0..<sqlite3_keyword_count()).compactMap { index in
      var start: UnsafePointer<CChar>?
      var length: Int32 = 0
      guard sqlite3_keyword_name(index, &start, &length) == SQLITE_OK, let start else { return nil }
      let bytes = UnsafeRawBufferPointer(start: start, count: Int(length))
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  private static func quoted(_ text: String) -> String {
    "'\(text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'"
  }

  private static func names(_ sql: String, _ connection: OpaquePointer) -> [String] {
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK else { return [] }
    var found: [String] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      if let text = sqlite3_column_text(statement, 0) {
        found.append(printable(String(cString: text)))
      }
    }
    return found
  }
}
