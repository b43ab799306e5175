// Who used the harts, and who waited for them, in the manner of `perf sched latency`.

import Sim

/// The scheduler's report.
public struct SchedReport: Report, Sendable {
  private struct Line: Sendable {
    var runtime: Int64 = 0
    var slices: Int64 = 0
    /// Slices before which its hart had run another process.
    var switches: Int64 = 0
    var longest: Int64 = 0
    var gaveWay: Int64 = 0
    var waits = Durations()
    /// How long it has waited at the end for what it did not get.
    var waiting: Int64?
  }

  private struct HartLine: Sendable {
    var run: Int64 = 0
    var slices: Int64 = 0
    var idle: Int64 = 0
    var idleSince: Int64?
  }

  private struct Tally: SpanVisitor, Sendable {
    var lines = PIDTable<Line>()
    var harts: [HartLine] = Array(repeating: HartLine(), count: 256)

    @inline(__always)
    mutating func visit(_ span: Span) {
      switch span.state {
      case .running:
        let duration = span.duration
        var line = lines[span.pid] ?? Line()
        lines[span.pid] = nil
        line.runtime &+= duration
        line.slices += 1
        line.longest = max(line.longest, duration)
        if span.ending == .yield { line.gaveWay += 1 }
        lines[span.pid] = line
        harts[Int(span.hart)].run &+= duration
        harts[Int(span.hart)].slices += 1
      case .runnable:
        if lines[span.pid] == nil { lines[span.pid] = Line() }
        lines[span.pid]?.waits.add(span.duration)
        // Starving is waiting, too.
        if span.ending == nil { lines[span.pid]?.waiting = span.duration }
      case .blocked, .zombie: break
      }
    }
  }

  private var tracker = SpanTracker()
  private var tally = Tally()

  public init() {}

  public mutating func receive(_ event: Event, _ sequence: Int64) {
    if event.kind == .idle || event.kind == .dispatch {
      let time = Int64(bitPattern: event.time.instructions)
      let hart = Int(event.hart.raw)
      if let since = tally.harts[hart].idleSince { tally.harts[hart].idle &+= time &- since }
      tally.harts[hart].idleSince = event.kind == .idle ? time : nil
    }
    if event.kind == .dispatch, event[DispatchEvent.previous] != event.process {
      if tally.lines[event.process.raw] == nil { tally.lines[event.process.raw] = Line() }
      tally.lines[event.process.raw]?.switches += 1
    }
    tracker.receive(event, sequence, &tally)
  }

  public mutating func finish(_ session: SessionFacts) -> [ReportTable] {
    tracker.finish(at: session.end, &tally)
    var busy: Int64 = 0
    for hart in tally.harts { busy &+= hart.run }
    let sorted = tally.lines.entries.sorted {
      ($1.value.runtime, $0.pid) < ($0.value.runtime, $1.pid)
    }
    var all = Durations()
    let rows: [[QueryResult.Value]] = sorted.map { pid, line in
      all.add(line.waits)
      let percentiles = line.waits.percentiles([50, 90, 99])
      return [
        .integer(Int64(pid)), .text(session.name(pid)),
        .integer(Int64(session.processes[pid]?.cid ?? 0)), .integer(line.runtime),
        .share(line.runtime, of: busy), .integer(line.slices), .integer(line.switches),
        .integer(line.longest),
        .integer(line.gaveWay), .integer(line.waits.average), .integer(percentiles[0]),
        .integer(percentiles[1]), .integer(percentiles[2]), .integer(line.waits.longest),
        .optional(line.waiting),
      ]
    }
    return [
      ReportTable(
        "processes",
        "Processes by the time they ran; waits are from runnable to running, or to the end",
        [
          "pid", "name", "cid", "runtime", "share_percent", "slices", "switches", "longest",
          "gave_way",
          "wait_average", "wait_p50", "wait_p90", "wait_p99", "wait_longest", "still_waiting",
        ], rows),
      hartTable(session),
      all.histogram("waits", "How long processes waited for a hart"),
    ]
  }

  private mutating func hartTable(_ session: SessionFacts) -> ReportTable {
    let rows: [[QueryResult.Value]] = (0..<min(256, max(1, session.harts))).map { index in
      var hart = tally.harts[index]
      if let since = hart.idleSince { hart.idle &+= session.end &- since }
      return [
        .count(index), .integer(hart.run), .integer(session.end &- hart.run &- hart.idle),
        .integer(hart.idle), .share(hart.run, of: session.end), .integer(hart.slices),
      ]
    }
    return ReportTable(
      "harts", "Harts; switching is the kernel's time between two processes",
      ["hart", "run", "switching", "idle", "busy_percent", "slices"], rows)
  }
}
