// The timeline as JSON: stretches, marks, counters, the console, and events line by line. All come as
// columns; words that come again and again are there once.

import Recorder
import Sim

extension PageJSON {
  /// What is drawn on the timeline.
  static func timeline(_ page: PageData, _ reader: TraceReader) -> [(name: String, json: String)] {
    var words = Words()
    let slices = columns(page.slices, &words)
    let states = columns(page.states, &words)
    let holds = columns(page.holds, &words) { reader.text(of: $0.reason) }
    let marks = columns(page.marks, &words)
    let hops = columns(page.hops, &words)
    return [
      ("slices", slices), ("states", states), ("holds", holds), ("words", words.json),
      ("marks", marks), ("hops", hops), ("violations", "\(page.violations)"),
      ("idles", idles(page.idles)),
      ("rest", rest(page)), ("counters", counters(page.counters)),
      ("uses", uses(page.uses)), ("uses_left_out", "\(page.usesLeftOut)"),
      ("console", console(page.console)), ("cut", exact(page.cut)),
    ]
  }

  private static func idles(_ stretches: [Stretch]) -> String {
    let rows = stretches.map {
      "[\($0.span.hart),\(exact($0.span.start)),\(exact($0.span.end)),\($0.merged)]"
    }
    return "[\(rows.joined(separator: ","))]"
  }

  private static func rest(_ page: PageData) -> String {
    object([
      ("count", "\(page.restCount)"),
      ("start", list(page.rest.map(\.start))), ("end", list(page.rest.map(\.end))),
      ("ran", list(page.rest.map(\.running))),
    ])
  }

  private static func list(_ numbers: [Int64]) -> String {
    "[\(numbers.map(exact).joined(separator: ","))]"
  }

  private static func counters(_ counters: [PageData.Counter]) -> String {
    let all = counters.map { counter in
      object([
        ("cid", counter.cid.map { "\($0)" } ?? "null"), ("most", "\(counter.most)"),
        ("times", list(counter.times)), ("values", list(counter.values)),
      ])
    }
    return "[\(all.joined(separator: ","))]"
  }

  private static func columns(_ hops: [PageHop], _ words: inout Words) -> String {
    let sorts = hops.map { "\(words.number(of: $0.sort.rawValue))" }
    func column(_ name: String, _ value: (PageHop) -> Int64) -> (String, [String]) {
      (name, hops.map { exact(value($0)) })
    }
    return columns([
      column("seq") { $0.sequence }, column("endSeq") { $0.endSequence },
      column("flow") { $0.flow }, ("sort", sorts), column("start") { $0.start },
      column("end") { $0.end }, column("from") { Int64($0.from) }, column("to") { Int64($0.to) },
      column("bytes") { $0.bytes }, column("count") { Int64($0.count) },
    ])
  }

  private static func uses(_ uses: [PageData.GroupUse]) -> String {
    let all = uses.map { use in
      object([
        ("path", quoted(use.path)), ("owner", "\(use.owner)"), ("resource", quoted(use.resource)),
        ("times", list(use.times)), ("held", list(use.held)), ("most", list(use.most)),
        ("limit_times", list(use.limitTimes)), ("limits", list(use.limits)),
        ("refusal_times", list(use.refusalTimes)), ("refusals", list(use.refusals)),
        ("throttled_times", list(use.throttledTimes)), ("throttled", list(use.throttled)),
        ("end", exact(use.end)),
      ])
    }
    return "[\(all.joined(separator: ","))]"
  }

  private static func console(_ entries: [ConsoleEntry]) -> String {
    columns([
      ("seq", entries.map { "\($0.sequence)" }), ("time", entries.map { exact($0.time) }),
      ("end", entries.map { exact($0.end) }), ("pid", entries.map { "\($0.pid)" }),
      ("typed", entries.map { $0.isTyped ? "1" : "0" }), ("count", entries.map { "\($0.count)" }),
      ("text", entries.map { JSONText.quoted(printable($0.bytes)) }),
    ])
  }

  /// One span, as a timeline of nothing else.
  static func timeline(_ span: Span, _ reader: TraceReader) -> [(name: String, json: String)] {
    timeline([Stretch(span)])
  }

  /// Stretches, as a timeline of nothing else.
  static func timeline(_ stretches: [Stretch]) -> [(name: String, json: String)] {
    var words = Words()
    let slices = columns(stretches, &words)
    return [("slices", slices), ("words", words.json)]
  }

  private static func columns(
    _ stretches: [Stretch], _ words: inout Words, heldBy name: ((Span) -> String)? = nil
  ) -> String {
    func column(_ name: String, _ value: (Stretch) -> Int64?) -> (String, [String]) {
      (name, stretches.map { exact(value($0)) })
    }
    let whys = stretches.map { words.number(of: name?($0.span) ?? why($0.span)) }
    let endings = stretches.map { words.number(of: $0.span.ending?.name ?? "") }
    return columns([
      column("seq") { $0.span.sequence }, column("start") { $0.span.start },
      column("dur") { $0.span.duration }, column("pid") { Int64($0.span.pid) },
      column("cid") { Int64($0.span.cid) }, column("state") { number(of: $0.span.state) },
      column("hart") { Int64($0.span.hart) },
      column("priority") { name == nil ? priority($0.span) : nil },
      column("object") { $0.span.object }, column("waker") { Int64($0.span.waker) },
      column("endSeq") { $0.span.endSequence }, column("merged") { Int64($0.merged) },
      // Of one by itself it is its length.
      column("ran") { $0.merged > 0 ? $0.running : nil },
      column("waited") { $0.merged > 0 ? $0.waiting : nil }, column("calls") { $0.calls },
      ("why", whys.map { "\($0)" }), ("ending", endings.map { "\($0)" }),
    ])
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
    let whats = marks.map { words.number(of: $0.what) }
    let sorts = marks.map { words.number(of: $0.sort.rawValue) }
    return columns([
      ("seq", marks.map { "\($0.sequence)" }), ("time", marks.map { exact($0.time) }),
      ("pid", marks.map { "\($0.pid)" }), ("by", marks.map { "\($0.by)" }),
      ("count", marks.map { "\($0.count)" }), ("what", whats.map { "\($0)" }),
      ("sort", sorts.map { "\($0)" }),
    ])
  }

  /// Events line by line, without their numbers: times as differences, and what follows the time in two
  /// parts, each of which is there once.
  ///
  /// - Parameter room: how many bytes they may take.
  /// - Returns: nil if there is no room for them.
  /// - Throws: `TraceError` if they cannot be read.
  static func events(_ reader: TraceReader, in range: ClosedRange<Int64>, room: Int = .max)
    throws(TraceError) -> String?
  {
    let text = EventText(reader)
    let stream = reader.events(from: range.lowerBound)
    var words = LinePart()
    var values = LinePart()
    var times = ""
    var before: Int64 = 0
    while stream.sequence <= range.upperBound, let event = try stream.next() {
      let time = Int64(bitPattern: event.time.instructions)
      let parts = text.parts(event)
      words.add(parts.words)
      // A line has no tab, for what does not print is escaped.
      values.add(parts.values.joined(separator: "\t"))
      times += "\(exact(time &- before)),"
      before = time
      if words.size + values.size + times.utf8.count > room { return nil }
    }
    return "{\"first\":\(range.lowerBound),\"times\":[\(times.dropLast())],"
      + "\"words\":\(words.json),\"values\":\(values.json)}"
  }

  /// Texts in an order, each of them there once.
  private struct LinePart {
    private var places: [String: Int] = [:]
    private var texts: [String] = []
    private var order = ""
    private var textSize = 0

    var size: Int { textSize + order.utf8.count }
    var json: String {
      "{\"texts\":[\(texts.joined(separator: ","))],\"order\":[\(order.dropLast())]}"
    }

    mutating func add(_ text: String) {
      let place = places[text] ?? texts.count
      if place == texts.count {
        places[text] = place
        texts.append(JSONText.quoted(text))
        textSize += texts[place].utf8.count + 1
      }
      order += "\(place),"
    }
  }
}
