// What one run comes to for those who ran in it, taken from its events while the machine runs: no file
// is needed, and memory is bounded by how many processes live at a time. What each figure means is said
// at its field in `GroupFigures`.

import Recorder
import Sim

/// Takes a run's events, and comes to its figures.
public struct RunMetrics: EventSink {
  public var interest: EventInterest { .everything }
  private var tracker = SpanTracker()
  private var tally: Tally
  private var sequence: Int64 = 0
  private var end: Int64 = 0
  private var switches: Int64 = 0

  /// - Parameter timeline: how many stretches of who ran where are kept, to be drawn; 0 for none.
  public init(timeline: Int = 0) {
    tally = Tally(lanes: timeline > 0 ? HartLanes(limit: timeline) : nil)
  }

  public mutating func receive(_ event: Event) {
    sequence += 1
    let time = Int64(bitPattern: event.time.instructions)
    end = time
    let pid = event.process.raw
    switch event.kind {
    case .boot: tally.begin(ProcessID.initial.raw, at: time, in: 0, NameID.empty.raw)
    case .fork:
      tally.begin(
        event[ForkEvent.child].raw, at: time, in: event.container.raw, event[ForkEvent.name].raw)
    case .dispatch:
      tally.lives.change(pid) { if $0.firstRun == nil { $0.firstRun = time } }
      if event[DispatchEvent.previous].raw != pid { switches += 1 }
    case .exec: tally.lives.change(pid) { $0.name = event[ExecEvent.path].raw }
    case .containerCreate: tally.lives.change(pid) { $0.cid = event[ContainerEvent.cid].raw }
    case .containerEnter: tally.lives.change(pid) { $0.cid = event[ContainerEnterEvent.cid].raw }
    default: break
    }
    tracker.receive(event, sequence, &tally)
    if event.kind == .exit { tally.conclude(pid, endingAt: time) }
  }

  /// What it all came to.
  ///
  /// - Parameters:
  ///   - names: the machine's, which say what its processes were called.
  ///   - isMeasured: whether processes of this name count among all. The machine's init and the manager's
  ///     own processes never do.
  public mutating func finish(
    _ reason: EndReason, _ names: NameTable, where isMeasured: (String) -> Bool = { _ in true }
  ) -> RunFigures {
    tracker.finish(at: end, &tally)
    for pid in tally.lives.keys { tally.conclude(pid, endingAt: nil) }
    var all = GroupTally()
    var processes: [(name: String, tally: GroupTally)] = []
    var containers = KeyedList<GroupTally>()
    for (key, group) in tally.groups {
      let name = key.shownName(names)
      let isPlumbing = key.cid == 0 && Plumbing.runs(name)
      if !key.isInit, !isPlumbing, isMeasured(name) { all.add(group) }
      if let place = processes.firstIndex(where: { $0.name == name }) {
        processes[place].tally.add(group)
      } else {
        processes.append((name, group))
      }
      var container = containers[key.cid] ?? GroupTally()
      container.add(group)
      containers[key.cid] = container
    }
    var between = FairnessIndex()
    for cid in containers.keys where cid > 0 {
      if let share = containers[cid]?.share { between.add(share) }
    }
    return RunFigures(
      reason: reason, end: end, switches: switches, all: all.figures,
      containerFairness: between.value,
      processes: processes.map { NamedFigures(name: $0.name, figures: $0.tally.figures) },
      containers: containers.keys.map { cid in
        NamedFigures(
          name: cid == 0 ? "outside" : cid < 0 ? GroupKey.othersName : "c\(cid)",
          figures: (containers[cid] ?? GroupTally()).figures)
      },
      lanes: tally.lanes?.stretches ?? [],
      drawn: tally.drawn.map { life in
        DrawnProcess(
          pid: life.pid, name: life.key.shownName(names), cid: life.cid, start: life.start,
          end: life.end ?? end, ran: life.ran)
      })
  }
}

/// Whose figures are kept together: what has one name, in one container.
private struct GroupKey: Equatable, Sendable {
  var name: Int32
  var cid: Int32
  /// The machine's init, which is there as long as the session and waits for others.
  var isInit = false

  static let othersName = "(others)"
  static let others = GroupKey(name: -1, cid: -1)

  func shownName(_ names: NameTable) -> String {
    if name < 0 { return GroupKey.othersName }
    // Made by the machine itself, it has been given no name until it executes another program.
    if isInit, name == NameID.empty.raw { return "init" }
    return shownText(names.string(NameID(raw: name)))
  }
}

/// A process that has not ended, or whose life is drawn.
private struct Life: Sendable {
  var pid: Int32
  var name: Int32
  var cid: Int32
  var start: Int64
  var firstRun: Int64?
  var end: Int64?
  var ran: Int64 = 0
  var waited: Int64 = 0

  var key: GroupKey {
    GroupKey(name: name, cid: cid, isInit: pid == ProcessID.initial.raw)
  }
}

/// Sums of spans.
private struct Tally: SpanVisitor, Sendable {
  /// So many groups are told apart, and the lives of so many processes are kept to be drawn.
  private static let groupsLimit = 400
  private static let drawnLimit = 2000

  var lives = KeyedList<Life>()
  var groups: [(key: GroupKey, tally: GroupTally)] = []
  var lanes: HartLanes?
  var drawn: [Life] = []

  init(lanes: HartLanes?) { self.lanes = lanes }

  mutating func begin(_ pid: Int32, at time: Int64, in cid: Int32, _ name: Int32) {
    lives[pid] = Life(pid: pid, name: name, cid: cid, start: time)
  }

  mutating func visit(_ span: Span) {
    switch span.state {
    case .running:
      lives.change(span.pid) { $0.ran &+= span.duration }
      lanes?.add(span)
    case .runnable: lives.change(span.pid) { $0.waited &+= span.duration }
    case .blocked, .zombie: break
    }
  }

  /// Adds a process to its group; it has ended, or the session has.
  mutating func conclude(_ pid: Int32, endingAt end: Int64?) {
    guard var life = lives[pid] else { return }
    lives[pid] = nil
    life.end = end
    if lanes != nil, drawn.count < Tally.drawnLimit { drawn.append(life) }
    var key = life.key
    var place = groups.firstIndex { $0.key == key }
    if place == nil, groups.count >= Tally.groupsLimit {
      key = .others
      place = groups.firstIndex { $0.key == key }
    }
    if place == nil { groups.append((key, GroupTally())) }
    groups[place ?? groups.count - 1].tally.add(life)
  }
}

/// Processes' figures as they come.
private struct GroupTally: Sendable {
  private var count = 0
  private var ended = 0
  private var turnaround = Distribution()
  private var response = Distribution()
  private var waiting = Distribution()
  private var ran: Int64 = 0
  private var waited: Int64 = 0
  private var fairness = FairnessIndex()

  mutating func add(_ life: Life) {
    count += 1
    if let end = life.end {
      ended += 1
      turnaround.add(end &- life.start)
    }
    if let first = life.firstRun { response.add(first &- life.start) }
    waiting.add(life.waited)
    ran &+= life.ran
    waited &+= life.waited
    if life.ran > 0 || life.waited > 0 {
      fairness.add(Double(life.ran) / Double(life.ran &+ life.waited))
    }
  }

  mutating func add(_ other: GroupTally) {
    count += other.count
    ended += other.ended
    turnaround.add(other.turnaround)
    response.add(other.response)
    waiting.add(other.waiting)
    ran &+= other.ran
    waited &+= other.waited
    fairness.add(other.fairness)
  }

  /// Of the time for which it wanted a hart, the part for which it had one.
  var share: Double? {
    ran > 0 || waited > 0 ? Double(ran) / Double(ran &+ waited) : nil
  }

  var figures: GroupFigures {
    GroupFigures(
      count: count, ended: ended, turnaround: TimeFigures(turnaround),
      response: TimeFigures(response), waiting: TimeFigures(waiting), ran: ran, share: share,
      fairness: fairness.value)
  }
}
