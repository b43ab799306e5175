// Opens a trace, read-only, and holds what is small about it; the events and choices come as streams.
// Nothing in the file is trusted: what cannot be understood is an error that says where, and what
// can be understood but is not as it was recorded is listed in `alterations`.

import Foundation
import GRDB
import Sim
import Synchronization

/// A trace, opened for reading.
public final class TraceReader: Sendable {
  public let path: String
  /// What is known of the session as a whole.
  public let summary: TraceSummary
  /// What the session started from.
  public let scenario: Scenario
  public let inputs: [RecordedInput]
  /// The texts that events mention; a text's place is its number.
  public let names: [[UInt8]]
  /// Rows that are not as they were recorded, as far as the small tables can tell.
  public let alterations: [Alteration]
  let queue: DatabaseQueue
  private let order: EventOrder
  private let shown = ShownNames()

  /// - Throws: `TraceError` if there is no trace that can be read.
  public init(path: String) throws(TraceError) {
    self.path = path
    var information = stat()
    guard stat(path, &information) == 0 else {
      throw TraceError(.cannotOpen, path, String(cString: strerror(errno)))
    }
    guard information.st_mode & S_IFMT == S_IFREG else {
      throw TraceError(.notATrace, path, "not a trace: expected a file")
    }
    var configuration = Configuration()
    configuration.label = "drydock.reader"
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase { db in
      if let connection = db.sqliteConnection { TraceBounds.apply(to: connection) }
    }
    order = EventOrder(path)
    try KeyScan.check(path)
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      let contents = try queue.writeWithoutTransaction { db in
        try TraceReader.checkFormat(path, db)
        return try TraceContents(path, db)
      }
      summary = contents.summary
      scenario = contents.scenario
      inputs = contents.inputs
      names = contents.names
      alterations = contents.alterations
    } catch {
      throw TraceError.from(error, at: path, while: "reading the trace")
    }
  }

  private static func checkFormat(_ path: String, _ db: Database) throws {
    let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
    if isEmpty {
      throw TraceError(
        .notATrace, path,
        "not a trace: found no table in it, which is what a recorder leaves that is killed before "
          + "it has begun")
    }
    guard application == TraceSchema.applicationID else {
      throw TraceError(
        .notATrace, path,
        "not a trace: found an SQLite database with application id \(application), expected "
          + "\(TraceSchema.applicationID)")
    }
    let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    guard version == TraceSchema.version else {
      let cause = version > TraceSchema.version ? "made by a newer drydock" : "not readable"
      throw TraceError(
        .version, path, "\(cause): found trace format \(version), expected \(TraceSchema.version)")
    }
    var definitions: [String: String] = [:]
    let rows = try Row.fetchCursor(
      db, sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
    while let row = try rows.next() {
      definitions[try row.checked("name")] = try row.optional("sql") ?? ""
    }
    for table in TraceSchema.tableDefinitions where definitions[table.name] != table.sql {
      throw TraceError(
        .damaged, path,
        "damaged: table \(table.name): "
          + (definitions[table.name].map { difference($0, table.sql) }
            ?? "found none, expected one"))
    }
    if let table = try String.fetchOne(db, sql: TraceSchema.nulInText) {
      throw TraceError(
        .damaged, path, "damaged: table \(table): found a NUL in a text, expected none")
    }
  }

  /// Where two definitions of a table part.
  private static func difference(_ found: String, _ expected: String) -> String {
    let found = found.split(whereSeparator: \.isWhitespace)
    let expected = expected.split(whereSeparator: \.isWhitespace)
    let same = zip(found, expected).prefix { $0 == $1 }.count
    func words(_ all: [Substring]) -> String {
      printable(all.dropFirst(same).prefix(4).joined(separator: " ").prefix(80).utf8)
    }
    return "found the definition \"\(words(found))\", expected \"\(words(expected))\""
  }

  /// A text by its number, fit to be shown; unknown numbers as `name#7`.
  public func text(of name: Int64) -> String { TraceReader.text(of: name, in: names) }

  /// A text by its number among all of a session.
  static func text(of name: Int64, in names: [[UInt8]]) -> String {
    guard let index = Int(exactly: name), names.indices.contains(index) else {
      return "name#\(name)"
    }
    return printable(names[index])
  }

  /// All texts that events mention, fit to be shown; made once.
  var shownNames: [String] { shown.all(of: names) }

  /// Reads from the file: whatever that is, it comes to an end.
  ///
  /// - Throws: `TraceError` if the events have no end, or what `body` throws.
  func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try queue.writeWithoutTransaction { db in
      guard let connection = db.sqliteConnection else { return try body(db) }
      return try watching(connection) { try body(db) }
    }
  }

  /// The same on another connection.
  func watching<Result>(_ connection: OpaquePointer, _ body: () throws -> Result) throws -> Result {
    try order.watching(connection, body)
  }

  /// All events in order, read ahead by a second thread.
  public func events(from first: Int64 = 1) -> EventStream { EventStream(self, from: first) }

  /// All choices that were not the first option, in order, read ahead by a second thread.
  public func choices() -> ChoiceStream { ChoiceStream(self) }

  /// Goes once through all events, in order.
  ///
  /// - Returns: the time of the last one.
  /// - Throws: `TraceError` where the trace is not as it was recorded.
  public func forEachEvent(_ body: (Event, _ sequence: Int64) -> Void) throws(TraceError) -> Int64 {
    let stream = events()
    var last: Int64 = 0
    while let event = stream.peek() {
      body(event.pointee, stream.sequence)
      last = Int64(bitPattern: event.pointee.time.instructions)
      stream.advance()
    }
    if let failure = stream.failure { throw failure }
    return last
  }

  /// A few events by their numbers; those that the trace does not have are left out.
  ///
  /// - Throws: `TraceError` if they cannot be read.
  public func events(in range: ClosedRange<Int64>) throws(TraceError) -> [Event] {
    let stream = events(from: max(1, range.lowerBound))
    var found: [Event] = []
    var sequence = max(1, range.lowerBound)
    while sequence <= range.upperBound, let event = try stream.next() {
      found.append(event)
      sequence += 1
    }
    return found
  }
}

/// A session's texts as they are shown, which are made when somebody first asks.
private final class ShownNames: Sendable {
  private let made = Synchronization.Mutex<[String]?>(nil)

  func all(of names: [[UInt8]]) -> [String] {
    made.withLock { made in
      if let made { return made }
      let texts = names.map { printable($0) }
      made = texts
      return texts
    }
  }
}

/// What is known of a session as a whole.
public struct TraceSummary: Equatable, Sendable {
  /// Where a person stopped the machine.
  public struct Stop: Equatable, Sendable {
    /// The number of the last event before it.
    public var after: Int64
    /// Whether the machine had run as far as it could without input.
    public var idle: Bool
  }

  /// Whether the recording was closed properly.
  public var isComplete: Bool
  /// How many events there are, or are said to be.
  public var events: Int64
  /// How many of them are recorded: those that were not the first option.
  public var choices: Int64
  /// How many choices the machine asked for; nil in a trace that is cut short.
  public var choicesMade: Int64?
  /// How the session ended, in words; nil in a trace that is cut short.
  public var end: String?
  /// The status that the program ended with.
  public var status: Int64?
  /// Virtual time at the end.
  public var instructions: Int64
  /// How long the recording took.
  public var hostSeconds: Double?
  /// How often the busy machine had asked for input when it was told that there is no more.
  public var inputEndedAfter: Int64?
  /// Where the session was stopped from outside.
  public var stop: Stop?
  /// The checks of whole tables, by table.
  var seals: [String: Int64]
}

extension TraceReader {
  /// The first place where events are missing, looked for by counting; nil if they are all there.
  ///
  /// - Throws: `TraceError` if they cannot be counted.
  public func firstGap() throws(TraceError) -> TraceError? {
    do {
      return try read { db in
        let count = try Int64.fetchOne(db, sql: "SELECT count(*) FROM event") ?? 0
        if count == summary.events { return nil }
        let found = try Int64.fetchOne(
          db,
          sql: """
            SELECT seq FROM (SELECT seq, row_number() OVER (ORDER BY seq) AS place FROM event)
            WHERE seq <> place LIMIT 1
            """)
        return TraceError(
          .missingEvents, path,
          "events are missing: found \(count), expected \(summary.events)"
            + (found.map { "; the first one after the gap is event \($0)" } ?? ""))
      }
    } catch {
      throw TraceError.from(error, at: path, while: "counting events")
    }
  }
}
