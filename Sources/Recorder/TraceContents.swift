// The small tables of a trace, read and held against their seals.

import Foundation
import GRDB
import Sim

/// What `TraceReader` holds, as it is read from the file.
struct TraceContents: Sendable {
  var summary: TraceSummary
  var scenario = Scenario()
  var inputs: [RecordedInput] = []
  var names: [[UInt8]] = []
  var alterations: [Alteration] = []
  var strangers: [SchemaObject] = []
  var foreignViews: [SchemaObject] = []
  /// What is wrong with the numbers of the first and the last event.
  var missingEvents: String?
  private let path: String

  init(_ path: String, _ db: Database) throws {
    self.path = path
    summary = try TraceContents.readSummary(path, db)
    try readScenario(db)
    try readScript(db)
    try readFiles(db)
    try checkScenario()
    try readInputs(db)
    try readNames(db)
    if summary.isComplete {
      for table in TraceSchema.explaining {
        try compare(try TableSeal.check(of: table, db), with: table)
      }
      try compare(try TableSeal.checkOfMeta(db), with: "meta")
      try compareCounts(db)
    }
    try checkSchema(db)
  }

  /// Names what the recorder did not make, and says whether its views are as it made them.
  private mutating func checkSchema(_ db: Database) throws {
    let objects = try SchemaObject.all(db)
    // A trace may do without its views, and without their seal; those that it has are ours then.
    let check = try TableSeal.checkOfViews(db)
    let areSealed = summary.seals["views"].map { $0 == check }
    strangers = SchemaObject.strangers(among: objects, viewsAreSealed: areSealed ?? false)
    foreignViews = SchemaObject.foreignViews(among: objects).filter { !strangers.contains($0) }
    if areSealed ?? SchemaObject.viewsAreOurs(objects) { return }
    // If nothing but views were put in, they are named.
    let remaining = objects.filter { object in
      object.type == "view" && !strangers.contains(object)
    }
    if remaining.map(\.sql) == TraceSchema.views { return }
    alterations.append(
      Alteration(
        table: "views", found: "definitions with check \(check)",
        expected: summary.seals["views"].map { "check \($0)" } ?? "this drydock's"))
  }

  /// Holds what `meta` says there is against what there is; events are counted as they are read.
  private mutating func compareCounts(_ db: Database) throws {
    let choices = try Int64.fetchOne(db, sql: "SELECT count(*) FROM choice NOT INDEXED") ?? 0
    let counts: [(table: String, found: Int64, said: Int64?)] = [
      ("choice", choices, summary.choices), ("input", Int64(inputs.count), summary.inputs),
    ]
    for count in counts where count.found != count.said {
      guard alterations.allSatisfy({ $0.table != count.table }) else { continue }
      alterations.append(
        Alteration(
          table: count.table, found: "\(count.found) rows",
          expected: "\(count.said ?? 0), which meta says"))
    }
    // The first one and the last one; gaps between them are found where events are read.
    let ends = try Row.fetchOne(
      db,
      sql: """
        SELECT (SELECT min(seq) FROM event NOT INDEXED), (SELECT max(seq) FROM event NOT INDEXED)
        """)
    let found = ends.map { Array($0.databaseValues).map { Int64.fromDatabaseValue($0) } } ?? []
    let expected: [Int64?] = summary.events == 0 ? [nil, nil] : [1, summary.events]
    guard found != expected else { return }
    let numbers = found.map { number in number.map { "\($0)" } ?? "none" }
    missingEvents =
      "events are missing: found \(numbers.joined(separator: " to ")), expected 1 to "
      + "\(summary.events)"
  }

  /// A value that cannot be what was recorded.
  private func damage(_ table: String, _ row: Int64, _ found: String, _ expected: String)
    -> TraceError
  {
    TraceError(
      .damaged, path, "damaged: \(table) \(row): found \(found), expected \(expected)")
  }

  private mutating func compare(_ check: Int64, with table: String) throws {
    guard alterations.allSatisfy({ $0.table != table }) else { return }
    guard let seal = summary.seals[table] else {
      throw TraceError(.damaged, path, "damaged: found no seal of table \(table), expected one")
    }
    if check != seal {
      alterations.append(
        Alteration(
          table: table, found: "rows with check \(check)", expected: "check \(seal)"))
    }
  }

  /// Holds a row's check against its seal; only a table's first wrong row is listed.
  private mutating func compare(
    _ chain: CheckChain, with seal: Int64, _ table: String, _ row: Int64
  ) {
    guard chain.check != seal, alterations.allSatisfy({ $0.table != table }) else { return }
    alterations.append(
      Alteration(
        table: table, row: "\(row)", found: "a row with check \(chain.check)",
        expected: "check \(seal)"))
  }

  // MARK: meta

  private static func readSummary(_ path: String, _ db: Database) throws -> TraceSummary {
    var numbers: [String: Int64] = [:]
    var texts: [String: String] = [:]
    var seconds: Double?
    let rows = try Row.fetchCursor(db, sql: "SELECT key, value FROM meta ORDER BY key")
    while let row = try rows.next() {
      let values = Array(row.databaseValues)
      guard case .string(let key) = values[0].storage else {
        throw TraceError(
          .damaged, path, "damaged: meta: found the key \(values[0]), expected a text")
      }
      switch values[1].storage {
      case .int64(let number): numbers[key] = number
      case .string(let text): texts[key] = text
      case .double(let number): seconds = key == "host_seconds" ? number : seconds
      case .null, .blob:
        throw TraceError(
          .damaged, path,
          "damaged: meta: found \(printable(key)) without a value, expected a number or a text")
      }
    }
    var seals: [String: Int64] = [:]
    for table in TraceSchema.Checked.allCases.map(\.rawValue) + TraceSchema.explaining
      + ["views"]
    {
      seals[table] = numbers["seal.\(table)"]
    }
    let lastEvent = try Row.fetchOne(
      db, sql: "SELECT seq, time FROM event NOT INDEXED ORDER BY seq DESC LIMIT 1")
    let lastValues = lastEvent.map { Array($0.databaseValues) } ?? []
    let last = lastValues.first.flatMap { Int64.fromDatabaseValue($0) } ?? 0
    try checkNumbers(path, db, said: numbers)
    let time = lastValues.last.flatMap { Int64.fromDatabaseValue($0) } ?? 0
    let asksPreemption = numbers["preemption"] == 1
    switch texts["state"] {
    case "recording":
      guard numbers["events"] == nil, numbers["seal.meta"] == nil else {
        throw TraceError(
          .damaged, path,
          "damaged: meta: found state recording and the seals of an end, expected complete")
      }
      let choices = try Int64.fetchOne(db, sql: "SELECT count(*) FROM choice NOT INDEXED") ?? 0
      return TraceSummary(
        isComplete: false, events: last, choices: choices, instructions: time,
        asksPreemption: asksPreemption, recording: texts["recording_id"], seals: seals)
    case "complete":
      break
    default:
      throw TraceError(
        .damaged, path,
        "damaged: meta: found state \(texts["state"].map(printable) ?? "none"), expected "
          + "recording or complete")
    }
    func number(_ key: String) throws -> Int64 {
      guard let number = numbers[key] else {
        throw TraceError(.damaged, path, "damaged: meta: found no \(key), expected a number")
      }
      return number
    }
    var stop: TraceSummary.Stop?
    if let after = numbers["stop_after"] {
      stop = TraceSummary.Stop(after: after, idle: numbers["stop_idle"] == 1)
    }
    return TraceSummary(
      isComplete: true, events: try number("events"), choices: try number("choices"),
      choicesMade: try number("choices_made"), end: texts["end"], status: numbers["status"],
      instructions: try number("instructions"), hostSeconds: seconds,
      stop: stop, asksPreemption: asksPreemption, inputs: try number("inputs"),
      recording: texts["recording_id"], seals: seals)
  }

  /// Numbers of events, choices and marks from which one may count on without care.
  private static func checkNumbers(_ path: String, _ db: Database, said: [String: Int64]) throws {
    let most = Int64.max / 2
    for (table, column) in [("event", "seq"), ("choice", "ordinal"), ("mark", "seq")] {
      // Asked for both at once, SQLite would go through the whole table.
      let ends = try Row.fetchOne(
        db,
        sql: """
          SELECT (SELECT min(\(column)) FROM \(table) NOT INDEXED),
            (SELECT max(\(column)) FROM \(table) NOT INDEXED)
          """)
      for value in ends.map({ Array($0.databaseValues) }) ?? [] {
        guard let number = Int64.fromDatabaseValue(value), !(-most...most).contains(number) else {
          continue
        }
        throw TraceError(
          .damaged, path,
          "damaged: \(table): found row \(number), expected a number from 1 to \(most)")
      }
    }
    for key in ["events", "inputs", "choices"] {
      guard let number = said[key], !(0...most).contains(number) else { continue }
      throw TraceError(
        .damaged, path,
        "damaged: meta: found \(number) as \(key), expected a number from 0 to \(most)")
    }
  }

  // MARK: What the session started from

  private mutating func readScenario(_ db: Database) throws {
    var chain = CheckChain(.scenario)
    try rows("scenario", "ordinal, key, value, seal", db) { contents, row in
      let key = try row.text(1)
      let value: ScenarioValue
      switch row.values[2].storage {
      case .int64(let number): value = .number(number)
      case .string(let text): value = .text(text)
      case .null, .double, .blob: throw row.wrong(2, "a number or a text")
      }
      chain.combine(row.key)
      chain.combine(key)
      value.add(to: &chain)
      contents.compare(chain, with: try row.number(3), "scenario", row.key)
      if !contents.scenario.take(key, value) {
        throw contents.damage(
          "scenario", row.key, "\(printable(key)) = \(value.description)", "a setting")
      }
    }
    try compare(chain.check, with: "scenario")
  }

  /// What no machine can be made of was not recorded; whoever counts harts or frames may rely on it.
  private func checkScenario() throws {
    do {
      try scenario.validate()
    } catch {
      throw TraceError(.damaged, path, "damaged: scenario: \(printable(error.description))")
    }
  }

  private mutating func readScript(_ db: Database) throws {
    var chain = CheckChain(.script)
    try rows("script", "ordinal, at_tick, bytes, seal", db) { contents, row in
      let line = ScriptLine(
        bytes: try row.bytes(2), atTick: try row.optionalNumber(1).map { UInt64(bitPattern: $0) })
      chain.combine(row.key)
      line.add(to: &chain)
      contents.compare(chain, with: try row.number(3), "script", row.key)
      contents.scenario.script.append(line)
    }
    try compare(chain.check, with: "script")
  }

  private mutating func readFiles(_ db: Database) throws {
    var chain = CheckChain(.file)
    try rows("file", "ordinal, path, kind, content, major, minor, seal", db) { contents, row in
      let kind = try row.text(2)
      let content: GuestFile.Content
      switch kind {
      case "file": content = .file(try row.bytes(3))
      case "directory": content = .directory
      case "device":
        guard let major = Int16(exactly: try row.number(4)),
          let minor = Int16(exactly: try row.number(5))
        else {
          throw contents.damage(
            "file", row.key, "device \(row.values[4]), \(row.values[5])", "two 16-bit numbers")
        }
        content = .device(major: major, minor: minor)
      default:
        throw contents.damage(
          "file", row.key, "kind \(printable(kind))", "file, directory or device")
      }
      if kind != "file" { try row.expectNull(3) }
      if kind != "device" {
        try row.expectNull(4)
        try row.expectNull(5)
      }
      let file = GuestFile(path: try row.text(1), content: content)
      chain.combine(row.key)
      file.add(to: &chain)
      contents.compare(chain, with: try row.number(6), "file", row.key)
      contents.scenario.files.append(file)
    }
    try compare(chain.check, with: "file")
  }

  // MARK: What came in, and texts

  private mutating func readInputs(_ db: Database) throws {
    var chain = CheckChain(.input)
    try rows("input", "ordinal, time, channel, bytes, seal", db) { contents, row in
      let number = try row.number(2)
      guard let channel = UInt8(exactly: number).flatMap(InputChannel.init(rawValue:)) else {
        let channels = InputChannel.allCases.map { "\($0.rawValue) (\($0.name))" }
        throw row.wrong(2, channels.joined(separator: " or "))
      }
      let input = RecordedInput(
        ordinal: row.key,
        input: TimedInput(
          time: Instant(instructions: UInt64(bitPattern: try row.number(1))), channel: channel,
          bytes: try row.bytes(3)))
      if channel == .network, HostMessage(bytes: input.input.bytes) == nil {
        throw row.wrong(3, "a message of the host, as docs/trace-format.md says")
      }
      chain.combine(row.key)
      input.add(to: &chain)
      contents.compare(chain, with: try row.number(4), "input", row.key)
      contents.inputs.append(input)
    }
    if summary.isComplete { try compare(chain.check, with: "input") }
  }

  private mutating func readNames(_ db: Database) throws {
    var chain = CheckChain(.name)
    try rows("name", "id, text, bytes, seal", db) { contents, row in
      let text = try row.text(1)
      let name = try row.optionalBytes(2) ?? Array(text.utf8)
      chain.combine(row.key)
      chain.combine(name)
      contents.compare(chain, with: try row.number(3), "name", row.key)
      let shown = printable(name)
      // The bytes are there for texts that cannot be shown as they are, and only for them.
      let hasBytes = Array(shown.utf8) != name
      let isAsWritten = shown == text && hasBytes == !row.values[2].isNull
      if !isAsWritten, contents.alterations.allSatisfy({ $0.table != "name" }) {
        contents.alterations.append(
          Alteration(
            table: "name", row: "\(row.key)", found: "text \"\(printable(text))\"",
            expected: "\"\(shown)\""))
      }
      contents.names.append(name)
    }
    if summary.isComplete { try compare(chain.check, with: "name") }
  }

  // MARK: Rows

  /// Goes through a table's rows by their keys.
  ///
  /// - Throws: what `body` throws, and `TraceError` if the keys do not ascend: in a damaged file one
  ///   page of rows may be found again and again.
  private mutating func rows(
    _ table: String, _ columns: String, _ db: Database,
    _ body: (inout TraceContents, RecordedRow) throws -> Void
  ) throws {
    let key = columns.prefix { $0 != "," }
    let cursor = try Row.fetchCursor(
      db, sql: "SELECT \(columns) FROM \(table) NOT INDEXED ORDER BY \(key)")
    var last: Int64?
    while let row = try cursor.next() {
      let row = try RecordedRow(path, table, columns, Array(row.databaseValues))
      if let last, row.key <= last {
        throw damage(table, row.key, "a row behind row \(last)", "rows in ascending order")
      }
      last = row.key
      try body(&self, row)
    }
  }
}

/// A row in which every value has the type that the recorder gives it.
private struct RecordedRow {
  let path: String
  let table: String
  let columns: [Substring]
  let values: [DatabaseValue]
  /// The first column.
  let key: Int64

  init(_ path: String, _ table: String, _ columns: String, _ values: [DatabaseValue]) throws {
    self.path = path
    self.table = table
    self.columns = columns.split(separator: ", ")
    self.values = values
    guard case .int64(let key) = values[0].storage else {
      throw TraceError(
        .damaged, path, "damaged: \(table): found the key \(values[0]), expected a number")
    }
    self.key = key
  }

  func wrong(_ index: Int, _ expected: String) -> TraceError {
    let found: String =
      switch values[index].storage {
      case .null: "NULL"
      case .int64(let number): "\(number)"
      case .double(let number): "\(number)"
      case .string(let text): "\"\(printable(text.prefix(40).utf8))\""
      case .blob(let data): "\(data.count) bytes"
      }
    return TraceError(
      .damaged, path,
      "damaged: \(table) \(key): found \(found) as \(columns[index]), expected \(expected)")
  }

  func number(_ index: Int) throws -> Int64 {
    guard case .int64(let number) = values[index].storage else { throw wrong(index, "a number") }
    return number
  }

  func optionalNumber(_ index: Int) throws -> Int64? {
    values[index].isNull ? nil : try number(index)
  }

  func text(_ index: Int) throws -> String {
    guard case .string(let text) = values[index].storage else { throw wrong(index, "a text") }
    return text
  }

  func bytes(_ index: Int) throws -> [UInt8] {
    guard case .blob(let data) = values[index].storage else { throw wrong(index, "bytes") }
    return Array(data)
  }

  func optionalBytes(_ index: Int) throws -> [UInt8]? {
    values[index].isNull ? nil : try bytes(index)
  }

  func expectNull(_ index: Int) throws {
    guard values[index].isNull else { throw wrong(index, "NULL") }
  }
}
