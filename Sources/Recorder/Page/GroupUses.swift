// What groups have of everything that can be limited, over time: process slots and time of harts by the events of their
// processes, all else as `group_use` tells it; their limits, what these refused, and when a group was throttled. A
// process counts in its group and in all above but the root, which has no limits.

import Algorithms
import Sim

/// The groups of a session, as far as the events have been taken.
struct GroupUses: Sendable {
  /// What there is of something, and the most that there was since that was last known.
  struct Amount: Sendable {
    var held: Int64
    var most: Int64

    static func merge(_ earlier: inout Amount, _ later: Amount) {
      earlier = Amount(held: later.held, most: max(earlier.most, earlier.held, later.most))
    }
  }

  /// What was written to a file of a group, and what else stands in it.
  struct Limit: Sendable {
    var value: Int64
    var more: Int64
  }

  /// Of one resource, or of one file of the group, by the number of its name.
  private struct Line<Value: Sendable>: Sendable {
    var name: Int64
    var list = ThinnedList<Value>()
  }

  private struct Known: Sendable {
    var group: Int32
    /// Where the group above is in the list, before this one; nil for the root.
    var parent: Int?
    var name: Int64
    var owner: Int32
    var start: Int64
    var end: Int64?
    var slots: Int64 = 0
    var slotLine = ThinnedList<Amount>()
    var budget = ThinnedList<Limit>()
    /// Who of it has a hart, what it has used up to a time, and up to which.
    var running: Int64 = 0
    var used: Int64 = 0
    var since: Int64 = 0
    var usedLine = GrowingSum()
    var amounts: [Line<Amount>] = []
    var limits: [Line<Limit>] = []
    var refusals: [Line<Int64>] = []
    /// How long each time lasted in which it was throttled, and since when it is.
    var throttled = ThinnedList<Int64>()
    var throttledSince: Int64?
  }

  /// So many groups are followed; and so many entries there are of all lines, more or less.
  private static let groupsLimit = 10_000
  private static let entriesLimit = 400_000
  private static let linesEach = 8

  private var groups: [Known] = []
  /// The place of each group that is followed.
  private var places: [Int32: Int] = [:]
  /// Where each process is that is in a group other than the root.
  private var homes = PIDTable<Int>()
  /// Who has each hart, 0 for nobody.
  private var occupants: [Int32] = []
  private(set) var leftOut = 0

  private var limit: Int {
    let each = GroupUses.entriesLimit / (GroupUses.linesEach * max(1, groups.count))
    return min(4000, max(64, each))
  }

  mutating func receive(_ event: Event, _ time: Int64) {
    let pid = event.process.raw
    switch event.kind {
    case .dispatch:
      let hart = Int(event.hart.raw)
      while occupants.count <= hart { occupants.append(0) }
      occupants[hart] = pid
      if let home = homes[pid] { run(1, in: home, time) }
    case .yield, .block, .exit: leaveHart(pid, time)
    case .fork:
      if let home = homes[pid] {
        homes[event[ForkEvent.child].raw] = home
        hold(1, in: home, time)
      }
    case .reap:
      let child = event[ReapEvent.child].raw
      if let home = homes[child] { hold(-1, in: home, time) }
      homes[child] = nil
    case .groupMake: make(event, time)
    case .groupRemove:
      if let place = places[event[GroupRemoveEvent.group].raw] {
        release(place, time)
        groups[place].end = time
        places[event[GroupRemoveEvent.group].raw] = nil
      }
    case .groupEnter: enter(event, time)
    case .groupLimit:
      guard let place = places[event[GroupLimitEvent.group].raw] else { return }
      let limit = Limit(value: event[GroupLimitEvent.value], more: event[GroupLimitEvent.more])
      add(limit, event[word: GroupLimitEvent.file], to: \.limits, of: place, time) { $0 = $1 }
    case .containerBudget:
      let cid = event[ContainerBudgetEvent.cid].raw
      if let place = groups.lastIndex(where: { $0.owner == cid && $0.parent == nil }) {
        let limit = Limit(value: event[ContainerBudgetEvent.limit], more: 0)
        groups[place].budget.add(limit, at: time, limit: self.limit) { $0 = $1 }
      }
    case .refuse:
      guard let place = places[event[RefuseEvent.group].raw] else { return }
      add(1, event[word: RefuseEvent.resource], to: \.refusals, of: place, time) { $0 += $1 }
    case .groupUse:
      guard let place = places[event[GroupUseEvent.group].raw] else { return }
      let amount = Amount(held: event[GroupUseEvent.held], most: event[GroupUseEvent.most])
      add(
        amount, event[word: GroupUseEvent.resource], to: \.amounts, of: place, time, Amount.merge)
    case .throttle:
      if let place = places[event[ThrottleEvent.group].raw] {
        groups[place].throttledSince = groups[place].throttledSince ?? time
      }
    case .unthrottle:
      if let place = places[event[ThrottleEvent.group].raw] { release(place, time) }
    default: break
    }
  }

  private mutating func make(_ event: Event, _ time: Int64) {
    guard groups.count < GroupUses.groupsLimit else {
      leftOut += 1
      return
    }
    places[event[GroupMakeEvent.group].raw] = groups.count
    let above = places[event[GroupMakeEvent.parent].raw].flatMap { $0 < groups.count ? $0 : nil }
    groups.append(
      Known(
        group: event[GroupMakeEvent.group].raw, parent: above,
        name: event[word: GroupMakeEvent.name], owner: event[GroupMakeEvent.owner].raw, start: time,
        since: time))
  }

  private mutating func enter(_ event: Event, _ time: Int64) {
    let pid = event.process.raw
    let isRunning = occupants.contains(pid)
    if let home = homes[pid] {
      hold(-1, in: home, time)
      if isRunning { run(-1, in: home, time) }
    }
    homes[pid] = places[event[GroupEnterEvent.group].raw]
    if let home = homes[pid] {
      hold(1, in: home, time)
      if isRunning { run(1, in: home, time) }
    }
  }

  private mutating func leaveHart(_ pid: Int32, _ time: Int64) {
    guard pid != 0, let hart = occupants.firstIndex(of: pid) else { return }
    occupants[hart] = 0
    if let home = homes[pid] { run(-1, in: home, time) }
  }

  private mutating func hold(_ change: Int64, in home: Int, _ time: Int64) {
    var next: Int? = home
    let limit = limit
    while let place = next {
      groups[place].slots += change
      let held = groups[place].slots
      groups[place].slotLine.add(
        Amount(held: held, most: held), at: time, limit: limit, merge: Amount.merge)
      next = groups[place].parent
    }
  }

  private mutating func run(_ change: Int64, in home: Int, _ time: Int64) {
    var next: Int? = home
    let limit = limit
    while let place = next {
      groups[place].used &+= groups[place].running &* (time &- groups[place].since)
      groups[place].since = time
      groups[place].running += change
      groups[place].usedLine.add(groups[place].used, at: time, limit: limit)
      next = groups[place].parent
    }
  }

  private mutating func release(_ place: Int, _ time: Int64) {
    guard let since = groups[place].throttledSince else { return }
    groups[place].throttledSince = nil
    groups[place].throttled.add(time &- since, at: since, limit: limit) { $0 &+= $1 }
  }

  private mutating func add<Value>(
    _ value: Value, _ name: Int64, to lines: WritableKeyPath<Known, [Line<Value>]>, of place: Int,
    _ time: Int64, _ merge: (inout Value, Value) -> Void
  ) {
    let limit = limit
    let index = groups[place][keyPath: lines].firstIndex { $0.name == name }
    if index == nil { groups[place][keyPath: lines].append(Line(name: name)) }
    let last = groups[place][keyPath: lines].count - 1
    groups[place][keyPath: lines][index ?? last].list.add(
      value, at: time, limit: limit, merge: merge)
  }

  // MARK: What can be seen

  /// A window's groups, before the names in it are texts.
  struct Seen: Sendable {
    struct Group: Sendable {
      var id: Int32
      var owner: Int32
      /// The names of the groups above it and its own.
      var path: [Int64]
      var slots: [ThinnedList<Amount>.Entry]
      var budget: [ThinnedList<Limit>.Entry]
      /// By part of the window: thousandths of a hart.
      var used: [Int64]
      var amounts: [(name: Int64, entries: [ThinnedList<Amount>.Entry])]
      var limits: [(name: Int64, entries: [ThinnedList<Limit>.Entry])]
      var refusals: [(name: Int64, entries: [ThinnedList<Int64>.Entry])]
      var throttled: [ThinnedList<Int64>.Entry]
      var end: Int64?
    }

    var groups: [Group] = []
    /// How many more there are.
    var leftOut = 0
    /// From when on, and how long a part of the window is of which it is known what was used.
    var from: Int64 = 0
    var width: Int64 = 1
  }

  func window(_ window: PageWindow, end: Int64) -> Seen {
    var seen = Seen()
    seen.from = window.from
    let to = max(window.from, min(window.to, end))
    let length = to.subtractingReportingOverflow(window.from)
    // Of times that no machine has there is nothing to see.
    guard !length.overflow else { return seen }
    seen.width = length.partialValue / Int64(PageWindow.usedParts) + 1
    let here = groups.indices.filter {
      groups[$0].start <= to && groups[$0].end ?? .max >= window.from
    }
    // What is limited, or was refused something, is looked for first.
    let (limited, others) = (
      here.filter { !groups[$0].limits.isEmpty || !groups[$0].refusals.isEmpty },
      here.filter { groups[$0].limits.isEmpty && groups[$0].refusals.isEmpty }
    )
    let shown = (limited + others).prefix(PageWindow.groupsLimit).sorted()
    seen.leftOut = leftOut + here.count - shown.count
    let steps = PageWindow.groupStepsLimit / (GroupUses.linesEach * max(1, shown.count))
    seen.groups = shown.map { one($0, window, seen, to: to, steps: min(1500, max(60, steps))) }
    return seen
  }

  private func one(_ place: Int, _ window: PageWindow, _ seen: Seen, to: Int64, steps: Int)
    -> Seen.Group
  {
    let group = groups[place]
    func list<Value>(_ list: ThinnedList<Value>, _ merge: (inout Value, Value) -> Void)
      -> [ThinnedList<Value>.Entry]
    {
      list.window(
        from: window.from, to: window.to, spacing: window.shortest,
        limit: steps, merge: merge)
    }
    func named<Value>(_ lines: [Line<Value>], _ merge: (inout Value, Value) -> Void)
      -> [(name: Int64, entries: [ThinnedList<Value>.Entry])]
    {
      lines.map { ($0.name, list($0.list, merge)) }
    }
    var path: [Int64] = []
    var next: Int? = place
    while let here = next {
      path.insert(groups[here].name, at: 0)
      next = groups[here].parent
    }
    var throttled = list(group.throttled) { $0 &+= $1 }
    if let since = group.throttledSince { throttled.append(.init(time: since, value: to &- since)) }
    return Seen.Group(
      id: group.group, owner: group.owner, path: path,
      slots: list(group.slotLine, Amount.merge), budget: list(group.budget) { $0 = $1 },
      used: used(group, seen, to: to),
      amounts: named(group.amounts, Amount.merge), limits: named(group.limits) { $0 = $1 },
      refusals: named(group.refusals) { $0 += $1 }.map { name, entries in
        // The last before the window is of no interest.
        (name, entries.filter { $0.time >= window.from })
      },
      throttled: throttled.filter { $0.time &+ $0.value >= window.from }, end: group.end)
  }

  private func used(_ group: Known, _ seen: Seen, to: Int64) -> [Int64] {
    // Who runs on has used more since.
    func value(_ time: Int64) -> Int64 {
      group.usedLine.value(at: time) &+ group.running &* max(0, time &- group.since)
    }
    var parts: [Int64] = []
    var (start, before) = (seen.from, value(seen.from))
    while start < to {
      let end = to &- start <= seen.width ? to : start &+ seen.width
      let after = value(end)
      parts.append((after &- before) &* 1000 / max(1, end &- start))
      (start, before) = (end, after)
    }
    return parts
  }
}
