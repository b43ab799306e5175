// What containers used of what they were given, and what was refused them.

import Sim

/// The containers' report; container 0 is everything outside.
public struct ContainerReport: Report, Sendable {
  private struct Line: Sendable {
    var slots: Int64 = 0
    var slotsMost: Int64 = 0
    var processes: Int64 = 0
    var budgetRefusals: Int64 = 0
    var refusals: Int64 = 0
    var runtime: Int64 = 0
    var slices: Int64 = 0
    /// What of the disk it had taken and left in use when it ended.
    var inodesLeft: Int64?
    var blocksLeft: Int64?
  }

  private struct RefusalKey: Hashable {
    var cid: Int32
    var call: Int64
    var why: Int64
  }

  private struct Tally: SpanVisitor, Sendable {
    var lines = PIDTable<Line>()

    mutating func visit(_ span: Span) {
      guard span.state == .running else { return }
      change(span.cid) {
        $0.runtime &+= span.duration
        $0.slices += 1
      }
    }

    mutating func change(_ cid: Int32, _ body: (inout Line) -> Void) {
      var line = lines[cid] ?? Line()
      body(&line)
      lines[cid] = line
    }
  }

  private var tracker = SpanTracker()
  private var tally = Tally()
  private var homes = PIDTable<Int32>()
  private var refusals: [RefusalKey: Int64] = [:]

  public init() {}

  public mutating func receive(_ event: Event, _ sequence: Int64) {
    let cid = event.container.raw
    switch event.kind {
    // Nobody forks init.
    case .boot: join(ProcessID.initial.raw, cid)
    case .containerEnter: join(event.process.raw, event[ContainerEnterEvent.cid].raw)
    case .fork: join(event[ForkEvent.child].raw, cid)
    case .reap:
      let child = event[ReapEvent.child].raw
      if let home = homes[child] { tally.change(home) { $0.slots -= 1 } }
      homes[child] = nil
    case .refuse:
      guard event[RefuseEvent.why] == Int64(Refusal.budget.rawValue) else { break }
      tally.change(cid) { $0.budgetRefusals += 1 }
    case .containerEnd:
      tally.change(event[ContainerEndEvent.cid].raw) {
        $0.inodesLeft = event[ContainerEndEvent.inodes]
        $0.blocksLeft = event[ContainerEndEvent.blocks]
      }
    case .call, .callReturn:
      let why = event[CallEvent.why]
      guard why > 0 else { break }
      tally.change(cid) { $0.refusals += 1 }
      guard cid != 0 else { break }
      refusals[RefusalKey(cid: cid, call: event[CallEvent.number], why: why), default: 0] += 1
    default: break
    }
    tracker.receive(event, sequence, &tally)
  }

  private mutating func join(_ pid: Int32, _ cid: Int32) {
    if let old = homes[pid] {
      tally.change(old) {
        $0.slots -= 1
        $0.processes -= 1
      }
    }
    homes[pid] = cid
    tally.change(cid) {
      $0.slots += 1
      $0.processes += 1
      $0.slotsMost = max($0.slotsMost, $0.slots)
    }
  }

  public mutating func finish(_ session: SessionFacts) -> [ReportTable] {
    tracker.finish(at: session.end, &tally)
    var busy: Int64 = 0
    for line in tally.lines.values { busy &+= line.runtime }
    let containers = Dictionary(
      session.containers.map { ($0.cid, $0) }, uniquingKeysWith: { first, _ in first })
    let rows: [[QueryResult.Value]] = tally.lines.entries.map { cid, line in
      let container = containers[cid]
      return [
        .integer(Int64(cid)), .text(cid == 0 ? "outside" : session.who(container?.initial ?? 0)),
        .optional(container?.root), .integer(container?.start ?? 0), .optional(container?.end),
        .integer(line.processes), .integer(line.slotsMost), .optional(container?.allowed),
        .integer(line.budgetRefusals), .integer(line.refusals), .integer(line.runtime),
        .share(line.runtime, of: busy), .integer(line.slices), .optional(container?.status),
        .optional(line.inodesLeft), .optional(line.blocksLeft),
      ]
    }
    let refused: [[QueryResult.Value]] = refusals.sorted {
      ($1.value, $0.key.cid, $0.key.call, $0.key.why)
        < ($0.value, $1.key.cid, $1.key.call, $1.key.why)
    }.map { key, count in
      [
        .integer(Int64(key.cid)),
        .text(EventText.callName(key.call)), .text(EventText.refusalName(key.why)),
        .integer(count),
      ]
    }
    return [
      ReportTable(
        "containers",
        "Containers; slots are processes that live or wait to be reaped, and what is left is on disk",
        [
          "cid", "init", "root", "from", "to", "processes", "slots_most", "allowed",
          "budget_refusals", "refusals", "runtime", "share_percent", "slices", "status",
          "inodes_left", "blocks_left",
        ], rows),
      ReportTable(
        "refusals", "What was refused inside containers", ["cid", "call", "why", "times"], refused),
    ]
  }
}
