// Who ran on which hart, as text: the whole session in one row of letters a hart, or a window with a
// row for every change.

import Recorder

enum TimelineText {
  private static let width = 72
  private static let letters = Array(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")

  /// The whole session, each letter the process that ran longest in its piece of the time.
  static func overview(_ timeline: Timeline, _ facts: SessionFacts, _ output: OutputBuffer) {
    let end = max(1, facts.end)
    let rows = (0..<facts.harts).map { hart in
      (label: "hart \(hart)", slices: timeline.slices.filter { Int($0.hart) == hart })
    }
    overview(rows, end: end, facts.who, output)
  }

  /// Rows of run slices, in one time.
  static func overview(
    _ rows: [(label: String, slices: [Span])], end: Int64, _ who: (Int32) -> String,
    _ output: OutputBuffer
  ) {
    var totals: [Int32: Int64] = [:]
    for slice in rows.flatMap(\.slices) { totals[slice.pid, default: 0] &+= slice.duration }
    let order = totals.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    let letter = Dictionary(uniqueKeysWithValues: zip(order, letters))
    output.line("From 0 to \(end), \(max(1, end / Int64(width))) instructions a letter")
    let widest = rows.map { displayWidth($0.label) }.max() ?? 0
    for (label, slices) in rows {
      var shares: [[Int32: Int64]] = Array(repeating: [:], count: width)
      for slice in slices { add(slice, to: &shares, end) }
      let row = shares.map { share -> Character in
        guard let most = share.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else {
          return "."
        }
        return letter[most.key] ?? "*"
      }
      let room = String(repeating: " ", count: widest - displayWidth(label) + 2)
      output.line("\(label)\(room)\(String(row))")
    }
    output.line("")
    let legend = order.prefix(letters.count).map { pid in
      "\(letter[pid] ?? "*") \(who(pid))"
    }
    for start in stride(from: 0, to: legend.count, by: 6) {
      output.line("  " + legend[start..<min(legend.count, start + 6)].joined(separator: "   "))
    }
    output.line("  . nobody" + (order.count > letters.count ? "   * somebody else" : ""))
  }

  private static func add(_ slice: Span, to shares: inout [[Int32: Int64]], _ end: Int64) {
    func place(_ time: Int64) -> Int {
      let place = Double(time) / Double(end) * Double(width)
      return Int(min(Double(width - 1), max(0, place)))
    }
    let first = place(slice.start)
    let last = place(slice.end)
    guard first <= last else { return }
    for index in first...last {
      let from = Double(end) / Double(width) * Double(index)
      let until = from + Double(end) / Double(width)
      let part = min(until, Double(slice.end)) - max(from, Double(slice.start))
      shares[index][slice.pid, default: 0] &+= Int64(min(1e18, max(0, part)) + 1)
    }
  }

  /// A row for every time at which a hart changes hands.
  static func window(_ timeline: Timeline, _ facts: SessionFacts, _ output: OutputBuffer) {
    struct Change {
      var time: Int64
      var sequence: Int64
      var hart: Int
      var pid: Int32?
    }
    var changes: [Change] = []
    for slice in timeline.slices {
      changes.append(
        Change(
          time: max(slice.start, timeline.from), sequence: slice.sequence, hart: Int(slice.hart),
          pid: slice.pid))
      if let ended = slice.endSequence {
        changes.append(
          Change(time: slice.end, sequence: ended, hart: Int(slice.hart), pid: nil))
      }
    }
    changes.removeAll { $0.time > timeline.to }
    changes.sort { ($0.time, $0.sequence) < ($1.time, $1.sequence) }
    if changes.isEmpty {
      output.line("nobody ran")
      return
    }
    let column = 22
    func padded(_ text: String) -> String {
      text + String(repeating: " ", count: max(1, column - displayWidth(text)))
    }
    var heading = "        time  "
    for hart in 0..<facts.harts { heading += padded("hart \(hart)") }
    output.line(trimmed(heading))
    var running: [Int: Int32] = [:]
    var index = 0
    while index < changes.count {
      let time = changes[index].time
      var fresh: Set<Int> = []
      while index < changes.count, changes[index].time == time {
        running[changes[index].hart] = changes[index].pid
        fresh.insert(changes[index].hart)
        index += 1
      }
      var line = String(repeating: " ", count: max(0, 12 - "\(time)".count)) + "\(time)  "
      for hart in 0..<facts.harts {
        guard let pid = running[hart] else {
          line += padded(".")
          continue
        }
        line += padded(fresh.contains(hart) ? facts.who(pid) : "|")
      }
      output.line(trimmed(line))
      if output.isBroken { return }
    }
  }

  private static func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }
}
