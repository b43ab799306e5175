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
  /// Rows that are not as they were recorded, as far as the small tables show.
  public let alterations: [Alteration]
  /// What is in the file that its recorder did not make.
  public let strangers: [SchemaObject]
  /// Views that are sealed, but not those of this version.
  let foreignViews: [SchemaObject]
  /// Which session it is, whatever the file's name comes to stand for.
  let identity: SessionIdentity
  let queue: DatabaseQueue
  private let order: EventOrder
  private let shown = ShownNames()
  let heldSources = HeldSourcePlaces()
  private let access: FileAccess
  private let missingLog: String?
  /// What the first and the last event tell that there are not all of them, for whoever does not read
  /// them all; nil if nothing does.
  public let missingEvents: String?

  /// - Throws: `TraceError` if there is no trace that can be read.
  public init(path: String) throws(TraceError) {
    self.path = path
    let file = try TraceFile(path)
    do {
      let opened = try TraceReader.open(file)
      (queue, access) = (opened.queue, opened.access)
      order = EventOrder(path, opening: access.name(of: path))
      let contents = opened.contents
      summary = contents.summary
      scenario = contents.scenario
      inputs = contents.inputs
      names = contents.names
      alterations = contents.alterations
      strangers = contents.strangers
      foreignViews = contents.foreignViews
      missingEvents = contents.missingEvents
      missingLog = file.missingLog(isComplete: summary.isComplete)
      identity = SessionIdentity(file: file.identity, summary)
    } catch {
      throw TraceError.from(error, at: path, while: "reading the trace")
    }
  }

  private static func open(_ file: TraceFile) throws -> (
    queue: DatabaseQueue, access: FileAccess, contents: TraceContents
  ) {
    var access = file.access
    while true {
      do {
        let name = access.name(of: file.path)
        try KeyScan.check(file.path, opening: name)
        let queue = try DatabaseQueue(path: name, configuration: configuration)
        let contents = try queue.writeWithoutTransaction { db in
          // What is read, and what it is compared with, is of one moment.
          try db.execute(sql: "BEGIN")
          defer { try? db.execute(sql: "COMMIT") }
          try file.checkLog(db)
          try checkFormat(file.path, db)
          return try TraceContents(file.path, db)
        }
        return (queue, access, contents)
      } catch let error as DatabaseError
        where access == .shared && file.logSize != nil && mayNotWrite(error)
      {
        if file.log.withFileName({ Foundation.access($0, R_OK) }) != 0 {
          throw TraceError(.cannotOpen, file.log, String(cString: strerror(errno)))
        }
        // Where no index of the log can be put beside it.
        guard !RecorderLock.isHeld(of: file.path) else {
          throw TraceError(
            .cannotOpen, file.path,
            "is still being recorded, and can be read meanwhile only by whoever may write into its "
              + "folder")
        }
        access = .alone
      }
    }
  }

  private static func mayNotWrite(_ error: DatabaseError) -> Bool {
    switch error.resultCode {
    case .SQLITE_CANTOPEN, .SQLITE_PERM: true
    case .SQLITE_READONLY: error.extendedResultCode != .SQLITE_READONLY_ROLLBACK
    default: false
    }
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "drydock.reader"
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    // Transactions are read in several steps.
    configuration.allowsUnsafeTransactions = true
    configuration.prepareDatabase { db in
      guard let connection = db.sqliteConnection else { return }
      TraceBounds.apply(to: connection)
      TemporarySpace.choose(for: connection)
    }
    return configuration
  }

  /// How large it is, with its log, in which there may be what was committed last.
  public var bytes: Int64? {
    guard let file = path.fileStatus() else { return nil }
    let log = summary.isComplete ? nil : RecorderLock.file(of: path).fileStatus()
    return Int64(file.st_size) + Int64(log?.st_size ?? 0)
  }

  /// The name that SQLite opens, for another connection to the same session.
  var databaseName: String { access.name(of: path) }

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
      let maker = version > TraceSchema.version ? "a newer drydock" : "an older drydock"
      throw TraceError(
        .version, path,
        "made by \(maker): found trace format \(version), expected \(TraceSchema.version)")
    }
    var definitions: [String: String] = [:]
    for object in try SchemaObject.all(db) where object.type == "table" {
      definitions[object.name] = object.sql
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

  /// Warnings about the trace, in sentences that begin with its path.
  public var warnings: [String] {
    var warnings: [String] = []
    if let missingLog { warnings.append("\(path): \(missingLog)") }
    if !strangers.isEmpty {
      warnings.append(
        "\(path): \(SchemaObject.list(strangers)), which its recorder did not make; what SQL shows "
          + "may not be what was recorded")
    }
    if !foreignViews.isEmpty {
      warnings.append(
        "\(path): \(SchemaObject.list(foreignViews)), not as this drydock defines views; it asks its own, "
          + "and other programs may be shown something else")
    }
    return warnings
  }

  /// - Throws: `TraceError` if there is anything in the file that its recorder did not make.
  public func refuseStrangers() throws(TraceError) {
    if strangers.isEmpty { return }
    throw TraceError(
      .damaged, path,
      "\(SchemaObject.list(strangers)), expected nothing but what its recorder made")
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

/// A session's texts as shown, made on first use.
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
    /// Whether the machine could not continue without input.
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
  /// Where the session was stopped from outside.
  public var stop: Stop?
  /// Whether the machine asked, before what others can see, who goes on (`ChoicePoint.preempt`).
  public var asksPreemption: Bool
  /// How many rows of input there are said to be; nil in a trace that is cut short.
  var inputs: Int64?
  /// What the recorder has drawn to tell this recording from others; nil if it was an older one.
  var recording: String?
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
        let count = try Int64.fetchOne(db, sql: "SELECT count(*) FROM event NOT INDEXED") ?? 0
        if count == summary.events { return nil }
        let found = try Int64.fetchOne(
          db,
          sql: """
            SELECT seq FROM (SELECT seq, row_number() OVER (ORDER BY seq) AS place
              FROM event NOT INDEXED)
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
