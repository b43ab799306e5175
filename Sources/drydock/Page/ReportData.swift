// What a page that holds a session is given.

import Recorder
import Sim

/// A session as the page's script reads it.
struct ReportData {
  /// A page with its events in it should not be longer than that; in bytes.
  private static let bytesLimit = 1_600_000

  /// The JSON object.
  private(set) var json = ""
  /// Processes that are their own ancestors.
  private(set) var circles: [Int32] = []

  /// - Throws: `TraceError` if the session cannot be read.
  init(_ reader: TraceReader, file: String, from: Int64, to: Int64) throws {
    let page = try PageData(reader, from: from, to: to)
    let facts = try SessionFacts(reader, end: page.end)
    circles = ProcessTree(facts.processes).circles
    var fields: [(name: String, json: String)] = [
      ("file", PageJSON.quoted(file)),
      ("summary", PageJSON.quoted(ReportData.summary(reader, facts, from, to))),
      ("end", PageJSON.exact(page.end)), ("busy_end", PageJSON.exact(page.busyEnd)),
      ("known", "\(reader.summary.events)"), ("command_file", PageJSON.quoted(shellWord(file))),
    ]
    if from > 0 || to < .max {
      let end = max(page.end, 1)
      let edges = [from, to].map { PageJSON.exact(min(max(0, $0), end)) }
      fields.append(("window", "[\(edges.joined(separator: ","))]"))
    }
    fields += PageJSON.session(facts, page.runtimes, reader)
    fields.append(("timeline", PageJSON.object(PageJSON.timeline(page, reader))))
    fields.append(("groups", PageJSON.groups(try ReportSet.tables(reader))))
    let room = ReportData.bytesLimit - fields.reduce(0) { $0 + $1.json.utf8.count }
    if let events = try ReportData.events(reader, from, to, room: room) {
      fields.append(("events", events))
    }
    json = PageJSON.object(fields)
  }

  /// The session in a sentence.
  ///
  /// - Parameter saysCondition: whether a recording that has not come to its end is said to be so; a
  ///   page that follows it says it elsewhere, as it changes.
  static func summary(
    _ reader: TraceReader, _ facts: SessionFacts, _ from: Int64 = 0, _ to: Int64 = .max,
    saysCondition: Bool = true
  ) -> String {
    let program = reader.scenario.program
    var text = program.isEmpty ? "A shell" : program.joined(separator: " ")
    text += " on \(facts.harts) hart\(facts.harts == 1 ? "" : "s"), \(reader.summary.events) events"
    if let end = reader.summary.end {
      text += ", ended: \(end)"
    } else if saysCondition {
      text += "; \(reader.condition.clause)"
    }
    if !facts.defects.isEmpty {
      text += "; the kernel was told to make mistakes: "
      text += facts.defects.map(\.name).joined(separator: ", ")
    }
    if from > 0 || to < .max {
      text += "; the timeline from \(from) to \(to == .max ? facts.end : to)"
    }
    return text + ". Times are instructions."
  }

  /// Every event's line if there is room for them, or else those of the window.
  private static func events(_ reader: TraceReader, _ from: Int64, _ to: Int64, room: Int)
    throws(TraceError) -> String?
  {
    let last = max(reader.summary.events, 1)
    // So many can never have room, and need not be tried.
    if last < Int64(room), let all = try PageJSON.events(reader, in: 1...last, room: room) {
      return all
    }
    guard from > 0 || to < .max else { return nil }
    let range = try reader.events(between: from, and: to)
    return try range.flatMap { range throws(TraceError) in
      try PageJSON.events(reader, in: range, room: room)
    }
  }
}
