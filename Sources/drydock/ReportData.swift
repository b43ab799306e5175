// What the page is given, as JSON.

import Recorder
import Sim

/// A session as the page's script reads it.
struct ReportData {
  private static let rowsLimit = 500
  private static let rowsOnTimeline = 300
  private static let eventsLimit: Int64 = 8000

  /// The JSON object.
  private(set) var json = ""

  /// - Throws: `TraceError` if the session cannot be read.
  init(_ reader: TraceReader, file: String, from: Int64, to: Int64) throws {
    let page = try PageData(reader, from: from, to: to)
    let facts = try SessionFacts(reader, end: page.end)
    var words = Words()
    let slices = columns(page.slices, &words)
    let states = columns(page.states, &words)
    json = "{"
    json += "\"file\":\(quoted(file)),\"summary\":\(quoted(summary(reader, facts, from, to)))"
    json += ",\"harts\":\(facts.harts),\"end\":\(page.end),\"busy_end\":\(page.busyEnd)"
    json += ",\n\"slices\":\(slices),\n\"states\":\(states)"
    json += ",\n\"words\":[\(words.all.map(quoted).joined(separator: ","))]"
    json += ",\n\"marks\":[\(page.marks.map(mark).joined(separator: ","))]"
    json += ",\n\"holds\":[\(page.holds.map(hold).joined(separator: ","))]"
    json += ",\n\"processes\":[\(processes(facts, page.runtimes))]"
    json += ",\n\"containers\":[\(containers(facts))]"
    json += ",\n\"groups\":[\(try groups(reader))]"
    if reader.summary.events <= ReportData.eventsLimit {
      json += ",\n\"first_event\":1,\"events\":[\(try events(reader))]"
    }
    json += "}"
  }

  private func quoted(_ text: String) -> String { JSONText.quoted(printable(text)) }

  private func summary(
    _ reader: TraceReader, _ facts: SessionFacts, _ from: Int64, _ to: Int64
  ) -> String {
    let program = reader.scenario.program
    var text = program.isEmpty ? "A shell" : program.joined(separator: " ")
    text += " on \(facts.harts) hart\(facts.harts == 1 ? "" : "s"), \(reader.summary.events) events"
    text += reader.summary.end.map { ", ended: \($0)" } ?? "; the recording was cut short"
    if from > 0 || to < .max {
      text += "; the timeline from \(from) to \(to == .max ? facts.end : to)"
    }
    return text + ". Times are instructions."
  }

  /// Texts that come again and again, by number.
  private struct Words {
    var all: [String] = [""]
    private var numbers: [String: Int] = ["": 0]

    mutating func number(of word: String) -> Int {
      if let number = numbers[word] { return number }
      numbers[word] = all.count
      all.append(word)
      return all.count - 1
    }
  }

  private func columns(_ stretches: [PageData.Stretch], _ words: inout Words) -> String {
    func column(_ name: String, _ value: (PageData.Stretch) -> Int64?) -> String {
      let values = stretches.map { value($0).map { "\($0)" } ?? "null" }
      return "\"\(name)\":[\(values.joined(separator: ","))]"
    }
    let whys = stretches.map { Int64(words.number(of: why($0.span))) }
    let endings = stretches.map { Int64(words.number(of: $0.span.ending?.name ?? "")) }
    return "{"
      + [
        column("seq") { $0.span.sequence }, column("start") { $0.span.start },
        column("dur") { $0.span.duration }, column("pid") { Int64($0.span.pid) },
        column("cid") { Int64($0.span.cid) }, column("state") { number(of: $0.span.state) },
        column("hart") { Int64($0.span.hart) }, column("priority") { $0.span.priority },
        column("object") { $0.span.object }, column("waker") { Int64($0.span.waker) },
        column("endSeq") { $0.span.endSequence }, column("merged") { Int64($0.merged) },
        "\"why\":[\(whys.map { "\($0)" }.joined(separator: ","))]",
        "\"ending\":[\(endings.map { "\($0)" }.joined(separator: ","))]",
      ].joined(separator: ",") + "}"
  }

  private func number(of state: Span.State) -> Int64 {
    switch state {
    case .runnable: 0
    case .running: 1
    case .blocked: 2
    case .zombie: 3
    }
  }

  private func why(_ span: Span) -> String {
    switch span.state {
    case .blocked:
      guard let index = Int(exactly: span.reason), WaitReason.names.indices.contains(index &- 1)
      else { return "\(span.reason)" }
      return WaitReason.names[index - 1]
    case .runnable:
      return UInt8(exactly: span.reason).flatMap(YieldReason.init(rawValue:))?.name ?? ""
    case .running, .zombie: return ""
    }
  }

  private func mark(_ mark: PageData.Mark) -> String {
    "{\"seq\":\(mark.sequence),\"time\":\(mark.time),\"pid\":\(mark.pid),"
      + "\"what\":\(quoted(mark.what)),\"violation\":\(mark.isViolation)}"
  }

  private func hold(_ hold: PageData.Hold) -> String {
    "{\"seq\":\(hold.sequence),\"start\":\(hold.start),\"dur\":\(hold.end &- hold.start),"
      + "\"pid\":\(hold.pid),\"name\":\(quoted(hold.name))}"
  }

  /// Parents before their children; the longest runners get a row on the timeline.
  private func processes(_ facts: SessionFacts, _ runtimes: [Int32: Int64]) -> String {
    let shown = Set(
      runtimes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .prefix(ReportData.rowsOnTimeline).map(\.key))
    var children: [Int32: [SessionFacts.ProcessFacts]] = [:]
    for process in facts.processes.values.sorted(by: { $0.pid < $1.pid }) {
      let parent = process.parent.flatMap { facts.processes[$0] == nil ? nil : $0 } ?? 0
      children[parent == process.pid ? 0 : parent, default: []].append(process)
    }
    var found: [String] = []
    var stack = (children[0] ?? []).reversed().map { ($0, 0) }
    while let (process, depth) = stack.popLast() {
      func optional(_ number: Int64?) -> String { number.map { "\($0)" } ?? "null" }
      found.append(
        "{\"pid\":\(process.pid),\"name\":\(quoted(process.name)),\"cid\":\(process.cid),"
          + "\"parent\":\(process.parent ?? 0),\"depth\":\(depth),\"start\":\(process.start),"
          + "\"end\":\(optional(process.end)),\"status\":\(optional(process.status)),"
          + "\"shown\":\(shown.contains(process.pid))}")
      stack += (children[process.pid] ?? []).reversed().map { ($0, depth + 1) }
    }
    return found.joined(separator: ",\n")
  }

  private func containers(_ facts: SessionFacts) -> String {
    facts.containers.map { container in
      "{\"cid\":\(container.cid),\"init\":\(container.initial),"
        + "\"root\":\(container.root.map(quoted) ?? "null"),"
        + "\"allowed\":\(container.allowed.map { "\($0)" } ?? "null")}"
    }.joined(separator: ",")
  }

  private func groups(_ reader: TraceReader) throws -> String {
    try ReportSet.tables(reader).map { title, tables in
      let tables = tables.map(table).joined(separator: ",\n")
      return "{\"title\":\(quoted(title)),\"tables\":[\(tables)]}"
    }.joined(separator: ",\n")
  }

  private func table(_ table: ReportTable) -> String {
    let columns = table.columns.map(quoted).joined(separator: ",")
    let rows = table.rows.prefix(ReportData.rowsLimit).map { row in
      "[\(row.map(JSONText.value).joined(separator: ","))]"
    }
    return "{\"title\":\(quoted(table.title)),\"columns\":[\(columns)],"
      + "\"bars\":\(table.bars.map { "\($0)" } ?? "null"),\"total\":\(table.rows.count),"
      + "\"rows\":[\(rows.joined(separator: ","))]}"
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
