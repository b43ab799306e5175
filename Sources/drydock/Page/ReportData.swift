// What a page that holds a session is given.

import Recorder
import Sim

/// A session as the page's script reads it.
struct ReportData {
  /// A page with its events in it should not be longer than that; in bytes.
  private static let bytesLimit = 1_400_000

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
      ("end", "\(page.end)"), ("busy_end", "\(page.busyEnd)"),
      ("known", "\(reader.summary.events)"), ("command_file", PageJSON.quoted(shellWord(file))),
    ]
    if from > 0 || to < .max {
      let end = max(page.end, 1)
      fields.append(("window", "[\(min(max(0, from), end)),\(min(max(0, to), end))]"))
    }
    fields += PageJSON.session(facts, page.runtimes)
    fields.append(("timeline", PageJSON.object(PageJSON.timeline(page, reader))))
    fields.append(("groups", PageJSON.groups(try ReportSet.tables(reader))))
    let room = ReportData.bytesLimit - fields.reduce(0) { $0 + $1.json.utf8.count }
    if let events = try events(reader, room: room) { fields.append(("events", events)) }
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
    if !facts.defects.isEmpty {
      text += "; the kernel was told to make mistakes: "
      text += facts.defects.map(\.name).joined(separator: ", ")
    }
    if from > 0 || to < .max {
      text += "; the timeline from \(from) to \(to == .max ? facts.end : to)"
    }
    return text + ". Times are instructions."
  }

  /// Every event's line, without its number: what comes again and again, after the time, is there once.
  ///
  /// - Parameter room: how many bytes it may take.
  /// - Returns: nil if there is no room for them.
  private func events(_ reader: TraceReader, room: Int) throws -> String? {
    let text = EventText(reader)
    let stream = reader.events()
    var places: [String: Int] = [:]
    var words: [String] = []
    var times = ""
    var numbers = ""
    var size = 0
    var before: Int64 = 0
    while true {
      let sequence = stream.sequence
      guard let event = try stream.next() else { break }
      let time = Int64(bitPattern: event.time.instructions)
      let rest = String(
        text.line(event, sequence).drop { $0 == " " }.drop { $0 != " " }
          .drop { $0 == " " }.drop { $0 != " " })
      let place = places[rest] ?? words.count
      if place == words.count {
        places[rest] = place
        words.append(JSONText.quoted(rest))
        size += words[place].utf8.count + 1
      }
      times += "\(time &- before),"
      numbers += "\(place),"
      before = time
      if size + times.utf8.count + numbers.utf8.count > room { return nil }
    }
    return "{\"times\":[\(times.dropLast())],\"words\":[\(numbers.dropLast())],"
      + "\"texts\":[\(words.joined(separator: ","))]}"
  }
}
