// What groups might have, what they had of it, and what their limits refused, in one pass over the events.
// A process counts in the group that it is in and in all above, its slot until it is reaped.

import Sim

/// The report on limits.
public struct LimitReport: Report, Sendable {
  /// What was said of one thing: by a file of the group, or by refusals.
  private struct Use: Sendable {
    /// Of the file, or of the resource.
    var name: Int64
    /// What was written last, -1 for `max`, and the second number of the file, if it has one.
    var limit: Int64?
    var per: Int64?
    var refusals: Int64 = 0
    /// How much it was when that was last told.
    var held: Int64?
    /// The most that was told, by a refusal or else.
    var most: Int64?
  }

  private struct Line: Sendable {
    var group: Int32
    /// Where the group above is in the list, before this one; nil for the root.
    var parent: Int?
    var depth = 0
    var name: Int64 = 0
    var owner: Int32 = 0
    var start: Int64 = 0
    var end: Int64?
    var slots: Int64 = 0
    var slotsMost: Int64 = 0
    /// By whoever was in the group itself.
    var ran: Int64 = 0
    var frozen: Int64 = 0
    /// For how long it has been throttled, and since when it is.
    var throttled: Int64 = 0
    var throttledSince: Int64?
    var uses: [Use] = []
    /// Of a container's own group, what `cm_maxproc` has set.
    var budget: Int64?
  }

  private struct Tally: SpanVisitor, Sendable {
    var lines = [Line(group: GroupID.root.raw, parent: nil)]
    /// Where each process is, by the line of its group, and from when on what it does counts there.
    var homes = PIDTable<Int>()
    var since = PIDTable<Int64>()

    mutating func visit(_ span: Span) {
      guard let home = homes[span.pid] else { return }
      let start = max(span.start, since[span.pid] ?? span.start)
      switch span.state {
      case .running: lines[home].ran &+= span.end &- start
      case .blocked where span.isFrozen:
        lines[home].frozen &+= span.end &- start
      case .runnable, .blocked, .zombie: break
      }
    }

    mutating func addSlots(_ count: Int64, from home: Int) {
      var next: Int? = home
      while let place = next {
        lines[place].slots &+= count
        lines[place].slotsMost = max(lines[place].slotsMost, lines[place].slots)
        next = lines[place].parent
      }
    }

    mutating func come(_ pid: Int32, to home: Int) {
      if let before = homes[pid] { addSlots(-1, from: before) }
      homes[pid] = home
      addSlots(1, from: home)
    }
  }

  private var tracker = SpanTracker()
  private var tally = Tally()
  /// The line of each group that there is.
  private var places: [Int32: Int] = [GroupID.root.raw: 0]

  public init() {}

  public mutating func receive(_ event: Event, _ sequence: Int64) {
    let time = Int64(bitPattern: event.time.instructions)
    tracker.receive(event, sequence, &tally)
    switch event.kind {
    case .boot: tally.come(ProcessID.initial.raw, to: 0)
    case .fork:
      tally.come(event[ForkEvent.child].raw, to: tally.homes[event.process.raw] ?? 0)
    case .reap:
      let child = event[ReapEvent.child].raw
      if let home = tally.homes[child] { tally.addSlots(-1, from: home) }
      tally.homes[child] = nil
      tally.since[child] = nil
    case .groupMake:
      let group = event[GroupMakeEvent.group].raw
      // A trace may call a group its own parent; then an earlier group of that number is meant. It may also have more
      // groups below each other than a machine: those are shown at the top.
      var parent = places[event[GroupMakeEvent.parent].raw] ?? 0
      if tally.lines[parent].depth >= TraceSchema.deepest { parent = 0 }
      places[group] = tally.lines.count
      tally.lines.append(
        Line(
          group: group, parent: parent, depth: tally.lines[parent].depth + 1,
          name: event[word: GroupMakeEvent.name],
          owner: event[GroupMakeEvent.owner].raw, start: time))
    case .groupRemove:
      if let place = places[event[GroupRemoveEvent.group].raw], place > 0 {
        tally.lines[place].end = time
        release(place, time)
        for index in tally.lines[place].uses.indices { tally.lines[place].uses[index].held = nil }
      }
    case .groupEnter: enter(event, time)
    case .groupLimit:
      guard let place = places[event[GroupLimitEvent.group].raw] else { break }
      let more = event[GroupLimitEvent.more]
      change(place, event[word: GroupLimitEvent.file]) {
        $0.limit = event[GroupLimitEvent.value]
        $0.per = more == 0 ? nil : more
      }
    case .throttle:
      if let place = places[event[ThrottleEvent.group].raw] {
        tally.lines[place].throttledSince = time
      }
    case .unthrottle:
      if let place = places[event[ThrottleEvent.group].raw] { release(place, time) }
    case .containerBudget:
      let cid = event[ContainerBudgetEvent.cid].raw
      if let place = tally.lines.lastIndex(where: { $0.owner == cid && $0.parent == 0 }) {
        tally.lines[place].budget = event[ContainerBudgetEvent.limit]
      }
    case .refuse:
      guard let place = places[event[RefuseEvent.group].raw], place > 0 else { break }
      let held = event[RefuseEvent.held]
      change(place, event[word: RefuseEvent.resource]) {
        $0.refusals += 1
        $0.most = max(held, $0.most ?? held)
      }
    case .groupUse:
      guard let place = places[event[GroupUseEvent.group].raw], place > 0 else { break }
      let (held, most) = (event[GroupUseEvent.held], event[GroupUseEvent.most])
      change(place, event[word: GroupUseEvent.resource]) {
        $0.held = held
        $0.most = max(most, $0.most ?? most)
      }
    default: break
    }
  }

  /// A process goes into another group: what it does counts there from now on.
  private mutating func enter(_ event: Event, _ time: Int64) {
    guard let place = places[event[GroupEnterEvent.group].raw] else { return }
    let pid = event.process.raw
    if let span = tracker.current(pid) {
      var part = span
      part.end = time
      tally.visit(part)
    }
    tally.since[pid] = time
    tally.come(pid, to: place)
  }

  /// A group is throttled no longer.
  private mutating func release(_ place: Int, _ time: Int64) {
    guard let since = tally.lines[place].throttledSince else { return }
    tally.lines[place].throttled &+= time &- since
    tally.lines[place].throttledSince = nil
  }

  private mutating func change(_ place: Int, _ name: Int64, _ body: (inout Use) -> Void) {
    if let index = tally.lines[place].uses.firstIndex(where: { $0.name == name }) {
      body(&tally.lines[place].uses[index])
    } else {
      var use = Use(name: name)
      body(&use)
      tally.lines[place].uses.append(use)
    }
  }

  // MARK: What it came to

  /// One resource of a group, as it is shown.
  private struct Row {
    var resource: String
    var limit: Int64?
    var per: Int64?
    var use: Int64?
    var peak: Int64?
    var refusals: Int64 = 0
  }

  public mutating func finish(_ session: SessionFacts) -> [ReportTable] {
    tracker.finish(at: session.end, &tally)
    for place in tally.lines.indices { release(place, session.end) }
    // What is below counts above; a group comes after the one that it is in.
    var (ran, frozen) = (tally.lines.map(\.ran), tally.lines.map(\.frozen))
    var paths = [""]
    for line in tally.lines.dropFirst() {
      paths.append("\(paths[line.parent ?? 0])/\(session.text(line.name))")
    }
    for place in tally.lines.indices.reversed() {
      guard let parent = tally.lines[place].parent else { continue }
      ran[parent] &+= ran[place]
      frozen[parent] &+= frozen[place]
    }
    func label(_ place: Int) -> [QueryResult.Value] {
      [
        .text(place == 0 ? "/" : paths[place]),
        tally.lines[place].owner == 0 ? .null : .integer(Int64(tally.lines[place].owner)),
      ]
    }
    var limits: [[QueryResult.Value]] = []
    var groups: [[QueryResult.Value]] = []
    for (place, line) in tally.lines.enumerated() {
      for row in LimitReport.rows(line, isRoot: place == 0, session) {
        limits.append(
          label(place) + [
            .text(row.resource), .optional(row.limit), .optional(row.per), .optional(row.use),
            .optional(row.peak), .integer(row.refusals),
          ])
      }
      groups.append(
        label(place) + [
          .integer(line.start), .optional(line.end), .integer(line.slotsMost),
          .integer(ran[place]), .share(ran[place], of: ran[0]), .integer(frozen[place]),
          .integer(line.throttled),
        ])
    }
    return [
      ReportTable(
        "limits",
        "Limits of groups: what each might have, has and had, with all below it; no number: no limit",
        ["cgroup", "container", "resource", "limit", "per", "use", "peak", "refusals"], limits),
      ReportTable(
        "groups",
        "Groups; ran and frozen are sums over processes in it and below, throttled is its own time",
        [
          "cgroup", "container", "from", "to", "slots_most", "ran", "share_percent", "frozen",
          "throttled",
        ],
        groups),
    ]
  }

  /// Process slots first; what else was limited or refused, in the order in which it was.
  private static func rows(_ line: Line, isRoot: Bool, _ session: SessionFacts) -> [Row] {
    var rows = [
      Row(resource: "pids", limit: line.budget, use: line.slots, peak: line.slotsMost)
    ]
    for use in line.uses {
      let name = session.text(use.name)
      // What is switched or weighed has no limit.
      if name.hasPrefix("cgroup.") || name.hasSuffix(".weight") { continue }
      let resource = GroupLimits.resource(ofFile: name) ?? name
      let place = rows.firstIndex { $0.resource == resource } ?? rows.count
      if place == rows.count { rows.append(Row(resource: resource)) }
      if let limit = use.limit { rows[place].limit = limit < 0 ? nil : limit }
      if let per = use.per { rows[place].per = per }
      rows[place].refusals += use.refusals
      if let held = use.held { rows[place].use = held }
      if let most = use.most { rows[place].peak = max(most, rows[place].peak ?? most) }
    }
    return rows
  }
}
