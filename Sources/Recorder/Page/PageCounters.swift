// How many there are of something, over time: processes that could run and have no hart, and process
// slots by container. A counter keeps steps; when there are too many, those of one stretch of time
// become one, which has the largest of their values.

import Algorithms
import Sim

/// A number that changes at times.
struct StepLine: Sendable {
  struct Step: Equatable, Sendable {
    /// From when on, in instructions.
    var time: Int64
    var value: Int64
  }

  private static let limit = 20_000
  private(set) var steps: [Step] = []
  /// Steps nearer to each other than that have been put together.
  private var spacing: Int64 = 0

  mutating func add(_ time: Int64, _ value: Int64) {
    StepLine.append(Step(time: time, value: value), to: &steps, spacing)
    guard steps.count > StepLine.limit else { return }
    while steps.count > StepLine.limit / 2, spacing <= .max / 4 {
      spacing = max(16, spacing * 2)
      steps = StepLine.joined(steps, spacing)
    }
  }

  /// The steps of a window, the first of which says how many there were at its beginning.
  func window(from: Int64, to: Int64, spacing: Int64) -> [Step] {
    let first = steps.partitioningIndex { $0.time > from }
    var seen = Array(steps[first...].prefix { $0.time <= to })
    if first > 0 { seen.insert(Step(time: from, value: steps[first - 1].value), at: 0) }
    return StepLine.joined(seen, spacing)
  }

  private static func joined(_ all: [Step], _ spacing: Int64) -> [Step] {
    var seen: [Step] = []
    for (index, step) in all.enumerated() {
      append(step, to: &seen, spacing)
      // The last value is the one that holds on.
      if index + 1 == all.count, let last = seen.last, last.value != step.value {
        seen.append(step)
      }
    }
    return seen
  }

  private static func append(_ step: Step, to steps: inout [Step], _ spacing: Int64) {
    guard let last = steps.last, step.time &- last.time < max(1, spacing) else {
      if steps.last?.value != step.value { steps.append(step) }
      return
    }
    if step.time == last.time, spacing == 0 {
      steps[steps.count - 1].value = step.value
    } else {
      steps[steps.count - 1].value = max(last.value, step.value)
    }
  }
}

/// Counts of runnable processes, and of process slots in use.
struct PageCounters: Sendable {
  /// Whom a process counts for.
  struct Member: Sendable {
    var pid: Int32
    var cid: Int32
    var isRunnable: Bool
  }

  private var members = PIDTable<Member>()
  private var runnable: Int64 = 0
  private var held = PIDTable<Int64>()
  private var queue = StepLine()
  private var slots = PIDTable<StepLine>()

  init() {}

  /// Goes on from where others have been followed to.
  init(_ members: [Member], at time: Int64) {
    for member in members {
      self.members[member.pid] = member
      held[member.cid] = (held[member.cid] ?? 0) + 1
      if member.isRunnable { runnable += 1 }
    }
    queue.add(time, runnable)
    for (cid, count) in held.entries { tell(cid, count, time) }
  }

  var all: [Member] { members.values }

  mutating func receive(_ event: Event, _ time: Int64) {
    let pid = event.process.raw
    if let member = members[pid], member.cid != event.container.raw {
      count(member.cid, -1, time)
      count(event.container.raw, 1, time)
      members[pid]?.cid = event.container.raw
    }
    switch event.kind {
    case .boot: begin(ProcessID.initial.raw, event, time)
    case .fork: begin(event[ForkEvent.child].raw, event, time)
    case .wake, .yield: change(pid, true, time)
    case .dispatch, .block, .exit: change(pid, false, time)
    case .reap:
      let child = event[ReapEvent.child].raw
      change(child, false, time)
      guard let member = members[child] else { return }
      members[child] = nil
      count(member.cid, -1, time)
    default: break
    }
  }

  private mutating func begin(_ pid: Int32, _ event: Event, _ time: Int64) {
    guard members[pid] == nil else { return }
    members[pid] = Member(pid: pid, cid: event.container.raw, isRunnable: false)
    count(event.container.raw, 1, time)
    change(pid, true, time)
  }

  private mutating func change(_ pid: Int32, _ isRunnable: Bool, _ time: Int64) {
    guard let member = members[pid], member.isRunnable != isRunnable else { return }
    members[pid]?.isRunnable = isRunnable
    runnable += isRunnable ? 1 : -1
    queue.add(time, runnable)
  }

  private mutating func count(_ cid: Int32, _ change: Int64, _ time: Int64) {
    let count = (held[cid] ?? 0) + change
    held[cid] = count
    tell(cid, count, time)
  }

  private mutating func tell(_ cid: Int32, _ count: Int64, _ time: Int64) {
    if slots[cid] == nil { slots[cid] = StepLine() }
    slots[cid]?.add(time, count)
  }

  /// The counters of a window: the run queue, and the slots of each container that has any in it.
  func window(_ window: PageWindow, limit: Int) -> [PageData.Counter] {
    func counter(_ cid: Int32?, _ line: StepLine) -> PageData.Counter {
      var spacing = window.shortest
      var steps = line.window(from: window.from, to: window.to, spacing: spacing)
      while steps.count > limit, spacing <= .max / 4 {
        spacing = max(16, spacing * 2)
        steps = line.window(from: window.from, to: window.to, spacing: spacing)
      }
      return PageData.Counter(
        cid: cid, times: steps.map(\.time), values: steps.map(\.value),
        most: line.steps.reduce(0) { max($0, $1.value) })
    }
    let containers = slots.entries.map { counter($0.pid, $0.value) }
      .filter { $0.values.contains { $0 != 0 } }
    // More than that cannot be told apart.
    let shown = containers.prefix(PageWindow.countersLimit)
    return [counter(nil, queue)] + shown
  }
}
