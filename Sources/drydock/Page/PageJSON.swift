// What the page's script is given, as JSON: the same for a page that holds a session and for one that
// asks for it piece by piece. Whatever a guest has named is printable before it gets here.

import Recorder
import Sim

enum PageJSON {
  private static let rowsLimit = 500
  private static let rowsOnTimeline = 300
  private static let processesLimit = 5000

  static func quoted(_ text: String) -> String { JSONText.quoted(shownText(text)) }

  static func optional(_ number: Int64?) -> String { number.map { "\($0)" } ?? "null" }

  /// What is wrong, in words that may hold more than one line.
  static func error(_ words: String) -> String { "{\"error\":\(JSONText.quoted(words))}" }

  /// Fields as an object.
  static func object(_ fields: [(name: String, json: String)]) -> String {
    "{\(fields.map { "\"\($0.name)\":\($0.json)" }.joined(separator: ",\n"))}"
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

  // MARK: The timeline

  /// What is drawn on the timeline.
  static func timeline(_ page: PageData, _ reader: TraceReader) -> [(name: String, json: String)] {
    var words = Words()
    let slices = columns(page.slices, reader, &words)
    let states = columns(page.states, reader, &words)
    let holds = columns(page.holds, reader, &words, areHolds: true)
    let marks = columns(page.marks, &words)
    return [
      ("slices", slices), ("states", states), ("holds", holds),
      ("words", "[\(words.all.map(quoted).joined(separator: ","))]"),
      ("marks", marks),
      ("violations", "\(page.violations)"),
      ("idles", idles(page.idles)), ("cut", optional(page.cut)),
    ]
  }

  private static func idles(_ stretches: [Stretch]) -> String {
    let rows = stretches.map { "[\($0.span.hart),\($0.span.start),\($0.span.end),\($0.merged)]" }
    return "[\(rows.joined(separator: ","))]"
  }

  /// One span, as a timeline of nothing else.
  static func timeline(_ span: Span, _ reader: TraceReader) -> [(name: String, json: String)] {
    var words = Words()
    let slices = columns([Stretch(span)], reader, &words)
    return [
      ("slices", slices), ("words", "[\(words.all.map(quoted).joined(separator: ","))]"),
    ]
  }

  private static func columns(
    _ stretches: [Stretch], _ reader: TraceReader, _ words: inout Words, areHolds: Bool = false
  ) -> String {
    func column(_ name: String, _ value: (Stretch) -> Int64?) -> String {
      let values = stretches.map { value($0).map { "\($0)" } ?? "null" }
      return "\"\(name)\":[\(values.joined(separator: ","))]"
    }
    let whys = stretches.map { stretch in
      let word = areHolds ? reader.text(of: stretch.span.reason) : why(stretch.span)
      return Int64(words.number(of: word))
    }
    let endings = stretches.map { Int64(words.number(of: $0.span.ending?.name ?? "")) }
    return "{"
      + [
        column("seq") { $0.span.sequence }, column("start") { $0.span.start },
        column("dur") { $0.span.duration }, column("pid") { Int64($0.span.pid) },
        column("cid") { Int64($0.span.cid) }, column("state") { number(of: $0.span.state) },
        column("hart") { Int64($0.span.hart) },
        column("priority") { areHolds ? nil : priority($0.span) },
        column("object") { $0.span.object }, column("waker") { Int64($0.span.waker) },
        column("endSeq") { $0.span.endSequence }, column("merged") { Int64($0.merged) },
        column("ran") { $0.running },
        "\"why\":[\(whys.map { "\($0)" }.joined(separator: ","))]",
        "\"ending\":[\(endings.map { "\($0)" }.joined(separator: ","))]",
      ].joined(separator: ",") + "}"
  }

  private static func number(of state: Span.State) -> Int64 {
    switch state {
    case .runnable: 0
    case .running: 1
    case .blocked: 2
    case .zombie: 3
    }
  }

  private static func why(_ span: Span) -> String {
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

  private static func priority(_ span: Span) -> Int64? {
    span.state == .running ? span.knownPriority : span.latestPriority
  }

  private static func columns(_ marks: [PageData.Mark], _ words: inout Words) -> String {
    func column(_ name: String, _ value: (PageData.Mark) -> Int64) -> String {
      "\"\(name)\":[\(marks.map { "\(value($0))" }.joined(separator: ","))]"
    }
    let whats = marks.map { Int64(words.number(of: $0.what)) }
    let sorts = marks.map { Int64(words.number(of: $0.sort.rawValue)) }
    return "{"
      + [
        column("seq") { $0.sequence }, column("time") { $0.time }, column("pid") { Int64($0.pid) },
        column("by") { Int64($0.by) }, column("count") { Int64($0.count) },
        "\"what\":[\(whats.map { "\($0)" }.joined(separator: ","))]",
        "\"sort\":[\(sorts.map { "\($0)" }.joined(separator: ","))]",
      ].joined(separator: ",") + "}"
  }

  // MARK: Who there is

  /// The session's harts, processes and containers.
  static func session(_ facts: SessionFacts, _ runtimes: [Int32: Int64])
    -> [(name: String, json: String)]
  {
    [
      ("harts", "\(facts.harts)"), ("process_count", "\(facts.processes.count)"),
      ("processes", "[\(processes(facts, runtimes))]"),
      ("containers", "[\(containers(facts))]"),
    ]
  }

  /// Parents before their children; the longest runners get a row on the timeline.
  private static func processes(_ facts: SessionFacts, _ runtimes: [Int32: Int64]) -> String {
    let all = facts.processes.values.sorted { $0.pid < $1.pid }
    func runtime(_ process: SessionFacts.ProcessFacts) -> Int64 { runtimes[process.pid] ?? 0 }
    let shown = Set(
      all.sorted { (runtime($1), $0.pid) < (runtime($0), $1.pid) }
        .prefix(PageJSON.rowsOnTimeline).map(\.pid))
    var found: [String] = []
    for node in ProcessTree(facts.processes).nodes {
      guard found.count < PageJSON.processesLimit || shown.contains(node.pid),
        let process = facts.processes[node.pid]
      else { continue }
      found.append(
        "{\"pid\":\(process.pid),\"name\":\(quoted(process.name)),\"cid\":\(process.cid),"
          + "\"parent\":\(node.parent),\"depth\":\(node.depth),\"start\":\(process.start),"
          + "\"end\":\(optional(process.end)),\"status\":\(optional(process.status)),"
          + "\"shown\":\(shown.contains(process.pid))}")
    }
    return found.joined(separator: ",\n")
  }

  private static func containers(_ facts: SessionFacts) -> String {
    facts.containers.map { container in
      "{\"cid\":\(container.cid),\"init\":\(container.initial),"
        + "\"root\":\(container.root.map(quoted) ?? "null"),"
        + "\"allowed\":\(container.allowed.map { "\($0)" } ?? "null")}"
    }.joined(separator: ",")
  }

  // MARK: Tables

  /// The tables of the reports, by their titles.
  static func groups(_ groups: [(title: String, tables: [ReportTable])]) -> String {
    let groups = groups.map { title, tables in
      let tables = tables.map(table).joined(separator: ",\n")
      return "{\"title\":\(quoted(title)),\"tables\":[\(tables)]}"
    }
    return "[\(groups.joined(separator: ",\n"))]"
  }

  private static func table(_ table: ReportTable) -> String {
    "{\"title\":\(quoted(table.title)),\"bars\":\(table.bars.map { "\($0)" } ?? "null"),"
      + "\"total\":\(table.rows.count),"
      + rows(table.columns, table.rows.prefix(PageJSON.rowsLimit)) + "}"
  }

  /// Columns and rows, as two fields of an object.
  static func rows(_ columns: [String], _ rows: some Sequence<[QueryResult.Value]>) -> String {
    self.rows(columns, rows.map(row))
  }

  /// The same of rows that are JSON already.
  static func rows(_ columns: [String], _ rows: [String]) -> String {
    let columns = columns.map(quoted).joined(separator: ",")
    return "\"columns\":[\(columns)],\"rows\":[\(rows.joined(separator: ",\n"))]"
  }

  /// One row.
  static func row(_ values: [QueryResult.Value]) -> String {
    "[\(values.map(value).joined(separator: ","))]"
  }

  /// A number that the page's script would round is a text there.
  private static func value(_ value: QueryResult.Value) -> String {
    switch value {
    case .integer(let number) where !(-exact...exact).contains(number): "\"\(number)\""
    case .text(let text): quoted(text)
    case .integer, .real, .blob, .null: JSONText.value(value)
    }
  }

  /// Up to here a script's numbers are exact.
  private static let exact: Int64 = 1 << 53
}
