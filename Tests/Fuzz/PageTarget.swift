// Traces whose pages are put together wrongly: trees that lead in circles, pages in two places, values
// that go on for ever, logs that say something else than the file. Each is taken through what
// every command does with a trace, all of which has to come to an end, and none of which may take one
// session for another.

import Foundation
import GRDB
import Recorder
import Replay
import Sim
import TestGuests
import TestSupport

struct PageTarget: FuzzTarget {
  private let traces: TraceTarget
  /// The first pages of the trees of each of the originals.
  private let roots: [[Int]]
  /// A session whose recorder was stopped: the file, and its log.
  private let cut: (file: [UInt8], log: [UInt8])

  /// One in so many has a log beside the file.
  private static let logInterval = 5
  /// One in so many has a table that is another table's tree.
  private static let statementInterval = 12

  init(folder: String) throws {
    traces = try TraceTarget(folder: folder)
    roots = try traces.originals.map { original in
      let path = folder + "/roots.db"
      try DatabasePages(original.bytes).write(to: path)
      let sql = "SELECT CAST(rootpage AS TEXT) FROM sqlite_schema WHERE rootpage > 0"
      return [1] + (try TraceSurgery.strings(sql, on: path).compactMap { Int($0) })
    }
    cut = try PageTarget.cutSession(folder)
  }

  private static func cutSession(_ folder: String) throws -> ([UInt8], [UInt8]) {
    var scenario = Scenario()
    scenario.limits.frames = 256
    scenario.program = ["pingpong", "200"]
    scenario.files = try ["init", "pingpong"].map { try guestFile($0) }
    let path = folder + "/cut.db"
    var session = try RecordingSession(
      scenario, ScriptedDecisions(scenario), to: path, overwrite: true, alsoTo: IgnoringSink())
    for _ in 0..<400 { _ = try session.step() }
    try session.commit()
    // A second time, for that waits until the first has been written.
    try session.commit()
    let files = try ["", "-wal"].map { Array(try Data(contentsOf: URL(filePath: path + $0))) }
    _ = try session.finish()
    return (files[0], files[1])
  }

  // MARK: One input

  func input(_ seed: UInt64) throws -> ChangedTrace {
    var mutator = Mutator(seed: seed, sizeMax: 1 << 22)
    if mutator.oneIn(PageTarget.logInterval) { return cutInput(&mutator) }
    let path = traces.folder + "/input.db"
    let number = mutator.oneIn(4) ? 1 + mutator.below(3) : 0
    var pages = DatabasePages(traces.originals[number].bytes)
    if mutator.oneIn(PageTarget.statementInterval) {
      // Before the pages are changed, for SQLite might not come to an end afterwards.
      try ChangedTrace(file: pages.bytes).put(at: path)
      TraceTarget.execute(
        [
          "PRAGMA writable_schema = ON",
          "UPDATE sqlite_schema SET rootpage = \(mutator.pick(roots[number])) "
            + "WHERE rootpage = \(mutator.pick(roots[number]))",
        ], on: path)
      pages = try DatabasePages(path: path)
    }
    for _ in 0...mutator.below(mutator.oneIn(4) ? 6 : 2) {
      PageTarget.change(&pages, roots[number], &mutator)
    }
    let original = traces.originals[number]
    return ChangedTrace(
      file: pages.bytes, original: original.bytes, contents: original.contents)
  }

  private func cutInput(_ mutator: inout Mutator) -> ChangedTrace {
    var file = DatabasePages(cut.file)
    var log = cut.log
    for _ in 0...mutator.below(3) {
      if mutator.oneIn(4), file.count > 1 {
        PageTarget.change(&file, [1, 2], &mutator)
      } else {
        PageTarget.change(log: &log, &mutator)
      }
    }
    if !mutator.oneIn(3) { PageTarget.sum(log: &log) }
    return ChangedTrace(file: file.bytes, log: log)
  }

  func attempt(_ input: ChangedTrace, turn: UInt64?) throws -> Attempt {
    let path = traces.folder + "/p.db"
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
    if let problem = try PageTarget.ask(path) { return .failed(problem) }
    TraceTarget.report(path)
    // What was cut short has no end that could be compared.
    if input.original != nil, let problem = try traces.replay(path, outcome) {
      return .failed(problem)
    }
    return outcome
  }

  /// Does what `info`, `query` and `verify` do.
  ///
  /// - Returns: what is wrong with their errors; nil if nothing is.
  private static func ask(_ path: String) throws -> String? {
    do throws(TraceError) {
      let reader = try TraceReader(path: path)
      _ = try reader.firstGap()
      for sql in ["SELECT count(*), sum(a0) FROM event", "SELECT count(*) FROM syscall"] {
        do {
          try TraceQuery.run(sql, on: reader, columns: { _ in }, row: { _ in })
        } catch let error as TraceError {
          throw error
        } catch {
          // What SQLite has against the file is told by its own words.
          if "\(error)".isEmpty { return "an error that says nothing" }
        }
      }
      do {
        _ = try reader.violations()
      } catch {
        return TraceTarget.judge(error, path)
      }
    } catch {
      return TraceTarget.judge(error, path)
    }
    return nil
  }

  func write(_ input: ChangedTrace, named name: String, in folder: String) throws -> String {
    try input.write(named: name, in: folder)
  }

  func read(_ path: String) throws -> ChangedTrace { try ChangedTrace(path) }
}
