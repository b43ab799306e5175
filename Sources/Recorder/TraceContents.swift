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
  private let path: String

  init(_ path: String, _ db: Database) throws {
    self.path = path
    summary = try TraceContents.readSummary(path, db)
    try readScenario(db)
    try readScript(db)
    try readFiles(db)
    try readInputs(db)
    try readNames(db)
    if summary.isComplete {
      for table in TraceSchema.explaining {
        try compare(try TableSeal.check(of: table, db), with: table)
      }
      try compare(try TableSeal.checkOfMeta(db), with: "meta")
    }
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
    let rows = try Row.fetchCursor(db, sql: "SELECT key, value FROM meta")
    while let row = try rows.next() {
      let values = Array(row.databaseValues)
      guard case .string(let key) = values[0].storage else { continue }
      switch values[1].storage {
      case .int64(let number): numbers[key] = number
      case .string(let text): texts[key] = text
      case .double(let number): seconds = key == "host_seconds" ? number : seconds
      case .null, .blob: break
      }
    }
    var seals: [String: Int64] = [:]
    for table in TraceSchema.Checked.allCases.map(\.rawValue) + TraceSchema.explaining {
      seals[table] = numbers["seal.\(table)"]
    }
    let lastEvent = try Row.fetchOne(
      db, sql: "SELECT seq, time FROM event ORDER BY seq DESC LIMIT 1")
    let lastValues = lastEvent.map { Array($0.databaseValues) } ?? []
    let last = lastValues.first.flatMap { Int64.fromDatabaseValue($0) } ?? 0
    let time = lastValues.last.flatMap { Int64.fromDatabaseValue($0) } ?? 0
    let choices = try Int64.fetchOne(db, sql: "SELECT count(*) FROM choice") ?? 0
    switch texts["state"] {
    case "recording":
      return TraceSummary(
        isComplete: false, events: last, choices: choices, instructions: time, seals: seals)
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
      inputEndedAfter: numbers["input_ended_after"], stop: stop, seals: seals)
  }

  // MARK: What the session started from

  private mutating func readScenario(_ db: Database) throws {
    var chain = CheckChain(.scenario)
    let rows = try Row.fetchCursor(
      db, sql: "SELECT ordinal, key, value, seal FROM scenario ORDER BY ordinal")
    while let row = try rows.next() {
      let values = Array(row.databaseValues)
      let ordinal = Int64.fromDatabaseValue(values[0]) ?? 0
      let key = String.fromDatabaseValue(values[1]) ?? ""
      let value: ScenarioValue
      switch values[2].storage {
      case .int64(let number): value = .number(number)
      case .string(let text): value = .text(text)
      case .null, .double, .blob:
        throw damage("scenario", ordinal, "\(values[2])", "a number or a text")
      }
      chain.combine(ordinal)
      chain.combine(key)
      value.add(to: &chain)
      compare(chain, with: Int64.fromDatabaseValue(values[3]) ?? -1, "scenario", ordinal)
      if !scenario.take(key, value) {
        throw damage(
          "scenario", ordinal, "\(printable(key)) = \(value.description)", "a setting")
      }
    }
    try compare(chain.check, with: "scenario")
  }

  private mutating func readScript(_ db: Database) throws {
    var chain = CheckChain(.script)
    let rows = try Row.fetchCursor(
      db, sql: "SELECT ordinal, at_tick, bytes, seal FROM script ORDER BY ordinal")
    while let row = try rows.next() {
      let values = Array(row.databaseValues)
      let line = ScriptLine(
        bytes: TraceContents.bytes(values[2]) ?? [],
        atTick: Int64.fromDatabaseValue(values[1]).map { UInt64(bitPattern: $0) })
      chain.combine(Int64.fromDatabaseValue(values[0]) ?? 0)
      line.add(to: &chain)
      compare(
        chain, with: Int64.fromDatabaseValue(values[3]) ?? -1, "script",
        Int64.fromDatabaseValue(values[0]) ?? 0)
      scenario.script.append(line)
    }
    try compare(chain.check, with: "script")
  }

  private mutating func readFiles(_ db: Database) throws {
    var chain = CheckChain(.file)
    let rows = try Row.fetchCursor(
      db, sql: "SELECT ordinal, path, kind, content, major, minor, seal FROM file ORDER BY ordinal")
    while let row = try rows.next() {
      let values = Array(row.databaseValues)
      let ordinal = Int64.fromDatabaseValue(values[0]) ?? 0
      let kind = String.fromDatabaseValue(values[2]) ?? ""
      let content: GuestFile.Content
      switch kind {
      case "file": content = .file(TraceContents.bytes(values[3]) ?? [])
      case "directory": content = .directory
      case "device":
        guard let major = Int16.fromDatabaseValue(values[4]),
          let minor = Int16.fromDatabaseValue(values[5])
        else {
          throw damage("file", ordinal, "device \(values[4]), \(values[5])", "two 16-bit numbers")
        }
        content = .device(major: major, minor: minor)
      default:
        throw damage("file", ordinal, "kind \(printable(kind))", "file, directory or device")
      }
      guard kind == "device" || values[4].isNull && values[5].isNull else {
        throw damage("file", ordinal, "a \(kind) with device numbers", "NULL for both")
      }
      let file = GuestFile(path: String.fromDatabaseValue(values[1]) ?? "", content: content)
      chain.combine(ordinal)
      file.add(to: &chain)
      compare(chain, with: Int64.fromDatabaseValue(values[6]) ?? -1, "file", ordinal)
      scenario.files.append(file)
    }
    try compare(chain.check, with: "file")
  }

  // MARK: What came in, and texts

  private mutating func readInputs(_ db: Database) throws {
    var chain = CheckChain(.input)
    let rows = try Row.fetchCursor(
      db, sql: "SELECT ordinal, time, asked, bytes, seal FROM input ORDER BY ordinal")
    while let row = try rows.next() {
      let values = Array(row.databaseValues)
      let input = RecordedInput(
        ordinal: Int64.fromDatabaseValue(values[0]) ?? 0,
        input: TimedInput(
          time: Instant(
            instructions: UInt64(bitPattern: Int64.fromDatabaseValue(values[1]) ?? 0)),
          bytes: TraceContents.bytes(values[3]) ?? []),
        asked: Int64.fromDatabaseValue(values[2]) ?? 0)
      input.add(to: &chain)
      compare(chain, with: Int64.fromDatabaseValue(values[4]) ?? -1, "input", input.ordinal)
      inputs.append(input)
    }
    if summary.isComplete { try compare(chain.check, with: "input") }
  }

  private mutating func readNames(_ db: Database) throws {
    var chain = CheckChain(.name)
    let rows = try Row.fetchCursor(db, sql: "SELECT id, text, bytes, seal FROM name ORDER BY id")
    while let row = try rows.next() {
      let values = Array(row.databaseValues)
      let text = String.fromDatabaseValue(values[1]) ?? ""
      let name = TraceContents.bytes(values[2]) ?? Array(text.utf8)
      let id = Int64.fromDatabaseValue(values[0]) ?? -1
      chain.combine(id)
      chain.combine(name)
      compare(chain, with: Int64.fromDatabaseValue(values[3]) ?? -1, "name", id)
      if printable(name) != text, alterations.allSatisfy({ $0.table != "name" }) {
        alterations.append(
          Alteration(
            table: "name", row: "\(id)", found: "text \"\(printable(text))\"",
            expected: "\"\(printable(name))\""))
      }
      names.append(name)
    }
    if summary.isComplete { try compare(chain.check, with: "name") }
  }

  private static func bytes(_ value: DatabaseValue) -> [UInt8]? {
    guard case .blob(let data) = value.storage else { return nil }
    return Array(data)
  }
}
