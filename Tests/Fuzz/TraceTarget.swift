// Traces with bytes, page headers, rows and tables changed. What comes of one is an error, a list of
// alterations, or the very session that was recorded: never another one. Some are replayed as well,
// and some are asked for all reports, which may say anything but has to come to an end.

import Foundation
import GRDB
import Recorder
import Replay
import Sim

struct TraceTarget: FuzzTarget {
  /// A trace and what is in it.
  struct Original {
    let bytes: [UInt8]
    let contents: Contents
  }

  /// All that a reader gets from a trace.
  struct Contents: Equatable {
    var summary: TraceSummary
    var scenario: Scenario
    var inputs: [RecordedInput]
    var names: [[UInt8]]
    var events: [Event]
    var choices: [RecordedChoice]
  }

  let folder: String
  let originals: [Original]

  /// One in so many is replayed.
  private static let replayInterval: UInt64 = 16
  /// One in so many is asked for its reports, which costs a hundred times what reading does.
  private static let reportInterval: UInt64 = 256
  /// One in so many is changed by SQL, which costs more.
  private static let statementInterval = 6
  /// Events in a trace, whatever else it says; more would be rows that nobody put there.
  private static let eventsMax = 50_000

  init(folder: String) throws {
    self.folder = folder
    originals = try [
      TraceTarget.original(TraceTarget.shell(), folder, withViews: false),
      TraceTarget.original(TraceTarget.shell(), folder, withViews: true),
      TraceTarget.original(TraceTarget.manyEvents(), folder, withViews: true),
      TraceTarget.original(TraceTarget.networks(), folder, withViews: true),
    ]
  }

  // MARK: Originals

  /// - Parameter withViews: whether the views stay, which SQLite takes longer to read than all else.
  private static func original(_ scenario: Scenario, _ folder: String, withViews: Bool) throws
    -> Original
  {
    let path = folder + "/original.db"
    try record(scenario, to: path, overwrite: true)
    if !withViews { try dropViews(path) }
    guard let contents = try TraceTarget.contents(path) else {
      throw ScenarioError("a trace that nobody has changed does not read as one")
    }
    return Original(
      bytes: Array(try Data(contentsOf: URL(fileURLWithPath: path))), contents: contents)
  }

  /// Makes a trace one of those whose views are not sealed, and takes them out.
  private static func dropViews(_ path: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { db in
      for view in try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'view'")
      {
        try db.execute(sql: "DROP VIEW \"\(view)\"")
      }
      try db.execute(sql: "DELETE FROM meta WHERE key = 'seal.views'")
      try db.execute(
        sql: "UPDATE meta SET value = ? WHERE key = 'seal.meta'",
        arguments: [try TableSeal.checkOfMeta(db)])
      try db.execute(sql: "VACUUM")
    }
    try queue.close()
  }

  private static func shell() throws -> Scenario {
    var scenario = Scenario()
    scenario.harts = 2
    scenario.seed = 3
    scenario.limits.frames = 256
    scenario.files = try ["init", "sh", "echo", "cat"].map { try guestFile($0) }
    scenario.files.append(GuestFile(path: "/dir", content: .directory))
    scenario.files.append(GuestFile(path: "/dev", content: .device(major: 1, minor: 0)))
    scenario.script = ["echo one | cat &", "echo two > x; cat x", "nothing"].map {
      ScriptLine(bytes: Array("\($0)\n".utf8))
    }
    return scenario
  }

  private static func manyEvents() throws -> Scenario {
    var scenario = Scenario()
    scenario.seed = 1
    scenario.limits.frames = 256
    scenario.program = ["pingpong", "800"]
    scenario.files = try ["init", "pingpong"].map { try guestFile($0) }
    return scenario
  }

  /// Containers with addresses, and a switch that mixes what they send.
  private static func networks() throws -> Scenario {
    var scenario = Scenario()
    scenario.harts = 2
    scenario.seed = 2
    scenario.limits.frames = 512
    scenario.network.spread = 3000
    scenario.program = ["net_switch"]
    scenario.files = try ["init", "net_switch"].map { try guestFile($0) }
    return scenario
  }

  // MARK: One input

  func input(_ seed: UInt64) throws -> ChangedTrace {
    let path = folder + "/input.db"
    var mutator = Mutator(seed: seed, sizeMax: 1 << 22)
    let original = originals[mutator.oneIn(12) ? 1 + mutator.below(3) : 0]
    var bytes = original.bytes
    let isStatement = mutator.oneIn(TraceTarget.statementInterval)
    if !isStatement || mutator.oneIn(8) { TraceTarget.change(&bytes, &mutator) }
    try ChangedTrace(file: bytes).put(at: path)
    if isStatement { TraceTarget.execute(TraceTarget.statements(&mutator), on: path) }
    return ChangedTrace(
      file: try ChangedTrace.bytes(path), log: try? ChangedTrace.bytes(path + "-wal"),
      original: original.bytes, contents: original.contents)
  }

  static func put(_ bytes: [UInt8], at path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    defer { close(file) }
    let count = bytes.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
    guard count == bytes.count else { throw CocoaError(.fileWriteUnknown) }
  }

  func attempt(_ input: ChangedTrace, turn: UInt64?) throws -> Attempt {
    let path = folder + "/t.db"
    try input.put(at: path)
    var outcome = Attempt.refused
    do throws(TraceError) {
      if let contents = try TraceTarget.contents(path) {
        if let original = input.contents,
          let difference = TraceTarget.difference(contents, original)
        {
          return .failed("read as whole, but \(difference)")
        }
        outcome = .taken(events: contents.events.count)
      }
    } catch {
      if let problem = TraceTarget.judge(error, path) { return .failed(problem) }
    }
    if isTurn(turn, oneIn: TraceTarget.replayInterval), let problem = try replay(path, outcome) {
      return .failed(problem)
    }
    if isTurn(turn, oneIn: TraceTarget.reportInterval, at: 1) { TraceTarget.report(path) }
    return outcome
  }

  /// What is read from a trace; nil if it says itself that it was altered.
  static func contents(_ path: String) throws(TraceError) -> Contents? {
    let reader = try TraceReader(path: path)
    guard reader.alterations.isEmpty else { return nil }
    var events: [Event] = []
    let stream = reader.events()
    while let event = try stream.next() {
      events.append(event)
      if events.count > eventsMax { break }
    }
    var choices: [RecordedChoice] = []
    let choiceStream = reader.choices()
    while let choice = choiceStream.peek() {
      choices.append(choice)
      choiceStream.advance()
    }
    if let failure = choiceStream.failure { throw failure }
    return Contents(
      summary: reader.summary, scenario: reader.scenario, inputs: reader.inputs,
      names: reader.names, events: events, choices: choices)
  }

  static func difference(_ found: Contents, _ original: Contents) -> String? {
    if !found.summary.isComplete { return "it was complete" }
    if found.summary != original.summary { return "its summary is another one" }
    if found.scenario != original.scenario { return "its scenario is another one" }
    if found.inputs != original.inputs { return "its input is another one" }
    if found.names != original.names { return "its names are others" }
    if found.choices != original.choices { return "its choices are others" }
    if found.events != original.events { return "its events are others" }
    return nil
  }

  static func judge(_ error: TraceError, _ path: String) -> String? {
    if !error.description.hasPrefix(path) { return "an error that does not say where: \(error)" }
    return error.description.utf8.count > 4000 + path.utf8.count ? "a long error: \(error)" : nil
  }

  /// What is wrong with a replay's verdict; nil if nothing is.
  func replay(_ path: String, _ reading: Attempt) throws -> String? {
    do {
      var session = try CheckedReplay(try TraceReader(path: path))
      while true {
        switch try session.step() {
        case .matched: continue
        case .diverged(let divergence):
          if reading != .refused { return "reads as whole, but \(divergence)" }
          return divergence.description.isEmpty ? "a divergence that says nothing" : nil
        case .finished(let summary):
          return reading == .refused ? "does not read as whole, but \(summary)" : nil
        }
      }
    } catch let error as TraceError {
      return TraceTarget.judge(error, path)
    } catch let error as ScenarioError {
      return "the scenario is not as recorded, and the trace is: \(error)"
    }
  }

  /// Asks for everything. Errors are as good as answers.
  static func report(_ path: String) {
    guard let reader = try? TraceReader(path: path) else { return }
    _ = try? ReportSet.tables(reader)
    _ = try? Timeline(reader)
    _ = try? PageData(reader)
    _ = try? reader.firstGap()
    for view in ["syscall", "sched", "lock", "console"] {
      _ = try? TraceQuery.run("SELECT * FROM \(view) LIMIT 50", on: path)
    }
  }

  func write(_ input: ChangedTrace, named name: String, in folder: String) throws -> String {
    try input.write(named: name, in: folder)
  }

  func read(_ path: String) throws -> ChangedTrace { try ChangedTrace(path) }
}
