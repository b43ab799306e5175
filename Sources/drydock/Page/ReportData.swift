// What a page that holds a session is given.

import Recorder
import Sim

/// A session as the page's script reads it.
struct ReportData {
  private static let eventsLimit: Int64 = 8000

  /// The JSON object.
  private(set) var json = ""

  /// - Throws: `TraceError` if the session cannot be read.
  init(_ reader: TraceReader, file: String, from: Int64, to: Int64) throws {
    let page = try PageData(reader, from: from, to: to)
    let facts = try SessionFacts(reader, end: page.end)
    var fields: [(name: String, json: String)] = [
      ("file", PageJSON.quoted(file)),
      ("summary", PageJSON.quoted(ReportData.summary(reader, facts, from, to))),
      ("end", "\(page.end)"), ("busy_end", "\(page.busyEnd)"),
    ]
    fields += PageJSON.session(facts, page.runtimes)
    fields.append(("timeline", PageJSON.object(PageJSON.timeline(page, reader))))
    fields.append(("groups", PageJSON.groups(try ReportSet.tables(reader))))
    if reader.summary.events <= ReportData.eventsLimit {
      fields.append(("events", "[\(try events(reader))]"))
    }
    json = PageJSON.object(fields)
  }

  /// The session in a sentence.
  static func summary(
    _ reader: TraceReader, _ facts: SessionFacts, _ from: Int64 = 0, _ to: Int64 = .max
  ) -> String {
    let program = reader.scenario.program
    var text = program.isEmpty ? "A shell" : program.joined(separator: " ")
    text += " on \(facts.harts) hart\(facts.harts == 1 ? "" : "s"), \(reader.summary.events) events"
    text += reader.summary.end.map { ", ended: \($0)" } ?? "; \(reader.condition.clause)"
    if from > 0 || to < .max {
      text += "; the timeline from \(from) to \(to == .max ? facts.end : to)"
    }
    return text + ". Times are instructions."
  }

  private func events(_ reader: TraceReader) throws -> String {
    let text = EventText(reader)
    let stream = reader.events()
    var lines: [String] = []
    while true {
      let sequence = stream.sequence
      guard let event = try stream.next() else { break }
      lines.append(JSONText.quoted(text.line(event, sequence)))
    }
    return lines.joined(separator: ",\n")
  }
}
