// Dynamic partial-order reduction with source sets and sleep sets (Abdulla, Aronis, Jonsson and Sagonas,
// "Optimal Dynamic Partial Order Reduction", POPL 2014). Runs are equivalent if they differ only in the
// order of operations that do not depend on each other; of each class of these one run is made to its
// end. It knows no machine: it is asked who goes on, and told what that came to.
//
// A run is a path in a tree. What was done on the path that was taken last is kept, with who else is to
// be tried at each of its nodes. Each pair of operations that could have come the other way round (a
// race) has somebody tried who leads there. Whoever was tried sleeps in what is tried after it until
// something happens that depends on what it would do: everything before that has been seen.
//
// Where preemptions are bounded, nobody sleeps, since the run in which it was seen may have had more of
// them, and for each race somebody is also tried where that is no preemption more (Coons, Musuvathi and
// McKinley, "Bounded Partial-Order Reduction", OOPSLA 2013). Then a class may be seen more than once.

import Sim

/// All runs of a program up to equivalence, one after the other.
struct Exploration: Sendable {
  /// Somebody who was tried, and what that came to.
  private struct Tried: Sendable {
    var process: ProcessID
    var effect: Effect
  }

  /// A moment at which somebody goes on.
  private struct Node: Sendable {
    /// Who could.
    var enabled: [ProcessID]
    var chosen: ProcessID
    /// Who does not, since all that begins so was seen already.
    var asleep: [Tried]
    /// Who was tried here before.
    var tried: [Tried] = []
    /// Who was or is to be tried.
    var wanted: [ProcessID]
    /// Preemptions before it.
    var preemptions: Int

    func isAsleep(_ process: ProcessID) -> Bool {
      asleep.contains { $0.process == process } || tried.contains { $0.process == process }
    }
  }

  /// What somebody did at a node.
  private struct Step: Sendable {
    var process: ProcessID
    /// An index of `processes`.
    var place: Int
    var effect: Effect
    /// For each process, how many of its steps come before this one in every equivalent run; its own
    /// number, from 1, in its own place.
    var clock: [Int]
  }

  /// What has become of a thing so far, as indices of steps.
  private struct History: Sendable {
    var change: Int?
    /// Who touched it since then without changing it: for each process the last.
    var looks: [Int] = []
    /// Who took the lock last, and who gave it back after that.
    var take: Int?
    var give: Int?
  }

  /// The most preemptions of a run; nil for any number.
  let preemptionsAtMost: Int?
  /// Runs that came to their end.
  private(set) var complete = 0
  /// Runs that were given up, since everyone who could go on was asleep.
  private(set) var redundant = 0
  /// How often somebody was not tried because of the bound on preemptions.
  private(set) var leftOut = 0
  private(set) var isFinished = false
  /// Whether the run that is being made is to be given up.
  private(set) var isGivenUp = false

  private var nodes: [Node] = []
  private var steps: [Step] = []
  /// How many of the run's steps there are so far; less than `steps.count` where known ones are repeated.
  private var position = 0
  /// From which step on races have not been looked for.
  private var firstNew = 0
  private var processes: [ProcessID] = []
  /// Of each process, its steps in order.
  private var stepsOf: [[Int]] = []
  /// Of each process, which step woke it since its own last one.
  private var wokenBy: [Int?] = []
  private var histories: [Thing: History] = [:]

  init(preemptionsAtMost: Int? = nil) { self.preemptionsAtMost = preemptionsAtMost }

  var runs: Int { complete + redundant }

  // MARK: A run

  mutating func beginRun() {
    precondition(!isFinished, "there is no run that was not made")
    position = 0
    isGivenUp = false
    processes.removeAll(keepingCapacity: true)
    stepsOf.removeAll(keepingCapacity: true)
    wokenBy.removeAll(keepingCapacity: true)
    histories.removeAll(keepingCapacity: true)
  }

  /// - Parameter enabled: who could go on, the one first who would by itself.
  /// - Returns: who goes on; nil if the run is to be given up.
  mutating func choose(among enabled: [ProcessID]) -> ProcessID? {
    if isGivenUp { return nil }
    if position < nodes.count {
      let chosen = nodes[position].chosen
      precondition(enabled.contains(chosen), "a run went another way than before")
      return chosen
    }
    let asleep = sleepersHere
    let preemptions = position == 0 ? 0 : preemptions(after: position - 1)
    let usual = position > 0 ? nodes[position - 1].chosen : .none
    let isFree = !enabled.contains(usual)
    let mayPreempt = preemptionsAtMost.map { preemptions < $0 } ?? true
    let awake = enabled.filter { process in !asleep.contains { $0.process == process } }
    let possible = awake.filter { isFree || mayPreempt || $0 == usual }
    guard let chosen = possible.contains(usual) ? usual : possible.first else {
      if !awake.isEmpty { leftOut += 1 }
      isGivenUp = true
      return nil
    }
    nodes.append(
      Node(
        enabled: enabled, chosen: chosen, asleep: asleep, wanted: [chosen], preemptions: preemptions
      ))
    return chosen
  }

  /// What the one who was chosen last did.
  mutating func did(_ effect: Effect) {
    precondition(position < nodes.count, "somebody was chosen")
    defer { position += 1 }
    if position < steps.count {
      precondition(steps[position].effect == effect, "a run went another way than before")
      note(position)
      return
    }
    let process = nodes[position].chosen
    let place = place(of: process)
    let causes = causes(of: effect, by: place)
    var clock: [Int] = []
    for cause in causes { Exploration.join(&clock, steps[cause.step].clock) }
    Exploration.set(&clock, place, to: stepsOf[place].count + 1)
    steps.append(Step(process: process, place: place, effect: effect, clock: clock))
    if position >= firstNew { lookForRaces(place, effect, causes) }
    note(position)
  }

  /// The run is over.
  mutating func endRun() {
    if isGivenUp { redundant += 1 } else { complete += 1 }
    goBack()
  }

  /// Goes back to the last node at which somebody is to be tried, and tries that.
  private mutating func goBack() {
    // A run that was stopped from outside has a node without a step.
    nodes.removeLast(nodes.count - min(nodes.count, steps.count))
    while let last = nodes.indices.last {
      nodes[last].tried.append(Tried(process: nodes[last].chosen, effect: steps[last].effect))
      steps.removeLast(steps.count - last)
      while let next = nodes[last].wanted.first(where: { !nodes[last].isAsleep($0) }) {
        if isTooMany(next, at: last) {
          leftOut += 1
          nodes[last].wanted.removeAll { $0 == next }
          continue
        }
        nodes[last].chosen = next
        firstNew = last
        return
      }
      nodes.removeLast()
    }
    isFinished = true
  }

  // MARK: Bounds

  private func isPreemption(_ process: ProcessID, at index: Int) -> Bool {
    guard index > 0 else { return false }
    let last = nodes[index - 1].chosen
    return process != last && nodes[index].enabled.contains(last)
  }

  private func preemptions(after index: Int) -> Int {
    nodes[index].preemptions + (isPreemption(nodes[index].chosen, at: index) ? 1 : 0)
  }

  private func isTooMany(_ process: ProcessID, at index: Int) -> Bool {
    guard let preemptionsAtMost else { return false }
    return nodes[index].preemptions + (isPreemption(process, at: index) ? 1 : 0) > preemptionsAtMost
  }

  /// Who sleeps at a node that is new.
  private var sleepersHere: [Tried] {
    guard position > 0, preemptionsAtMost == nil else { return [] }
    let (node, step) = (nodes[position - 1], steps[position - 1])
    return (node.asleep + node.tried).filter {
      $0.process != step.process && !$0.effect.depends(on: step.effect)
    }
  }

  // MARK: What comes before what

  /// A step on which one depends directly.
  private struct Cause {
    var step: Int
    /// By what; nil for the process's own last step, and whoever woke it.
    var thing: Thing?
  }

  private func causes(of effect: Effect, by place: Int) -> [Cause] {
    var causes: [Cause] = []
    if let last = stepsOf[place].last { causes.append(Cause(step: last)) }
    if let waker = wokenBy[place] { causes.append(Cause(step: waker)) }
    for touch in effect.touches {
      guard let history = histories[touch.thing] else { continue }
      var found = touch.changes ? history.looks : []
      if let change = history.change { found.append(change) }
      for step in found where steps[step].place != place {
        causes.append(Cause(step: step, thing: touch.thing))
      }
    }
    return causes
  }

  /// Keeps what a step did for those after it.
  private mutating func note(_ index: Int) {
    let process = steps[index].process
    let place = place(of: process)
    stepsOf[place].append(index)
    wokenBy[place] = nil
    let effect = steps[index].effect
    for touch in effect.touches {
      var history = histories[touch.thing] ?? History()
      if touch.changes {
        history.change = index
        history.looks.removeAll(keepingCapacity: true)
      } else {
        history.looks.removeAll { steps[$0].place == place }
        history.looks.append(index)
      }
      histories[touch.thing] = history
    }
    for lock in effect.gives { histories[lock]?.give = index }
    if let lock = effect.takes {
      histories[lock]?.take = index
      histories[lock]?.give = nil
    }
    for woken in effect.wakes {
      let place = self.place(of: woken)
      wokenBy[place] = index
    }
  }

  private mutating func place(of process: ProcessID) -> Int {
    if let place = processes.firstIndex(of: process) { return place }
    processes.append(process)
    stepsOf.append([])
    wokenBy.append(nil)
    return processes.count - 1
  }

  private static func join(_ clock: inout [Int], _ other: [Int]) {
    while clock.count < other.count { clock.append(0) }
    for index in other.indices where other[index] > clock[index] { clock[index] = other[index] }
  }

  private static func set(_ clock: inout [Int], _ place: Int, to number: Int) {
    while clock.count <= place { clock.append(0) }
    clock[place] = number
  }

  /// Whether a step comes before what has this clock, in every equivalent run.
  private func isBefore(_ step: Int, _ clock: [Int]) -> Bool {
    let place = steps[step].place
    return place < clock.count && clock[place] >= steps[step].clock[place]
  }

  // MARK: Races

  /// Looks for steps that could as well have come after the last one.
  private mutating func lookForRaces(_ place: Int, _ effect: Effect, _ causes: [Cause]) {
    let held = effect.takes ?? effect.wants
    var seen: [Int] = []
    for cause in causes {
      guard let thing = cause.thing, thing != effect.follows else { continue }
      if thing == held, let take = taker(of: thing, effect) {
        // Who wants a lock cannot come between its taker and that one's giving it back, but before both.
        if steps[take].place != place {
          look(take, place, clock(causes) { $0.thing != thing })
        }
        if !effect.linesUp { continue }
      }
      if !seen.contains(cause.step) {
        seen.append(cause.step)
        look(cause.step, place, clock(causes) { $0.step != cause.step })
      }
    }
  }

  /// Who had a lock before, or has it, if that is all that matters of it.
  private func taker(of lock: Thing, _ effect: Effect) -> Int? {
    guard let history = histories[lock] else { return nil }
    if effect.linesUp { return history.take }
    if effect.wants == lock { return history.give == nil ? history.take : nil }
    return history.give != nil && history.give == history.change ? history.take : nil
  }

  private func clock(_ causes: [Cause], _ counts: (Cause) -> Bool) -> [Int] {
    var clock: [Int] = []
    for cause in causes where counts(cause) { Exploration.join(&clock, steps[cause.step].clock) }
    return clock
  }

  /// - Parameter clock: what comes before the process's next step, but for this one.
  private mutating func look(_ step: Int, _ place: Int, _ clock: [Int]) {
    if !isBefore(step, clock) { reverse(step, place, clock) }
  }

  /// Has somebody tried at a step's node who leads to a run in which the next step of a process comes
  /// before it.
  ///
  /// - Parameter clock: what comes before that next step, but for this one.
  private mutating func reverse(_ step: Int, _ place: Int, _ clock: [Int]) {
    let process = processes[place]
    /// How many steps of each process come up to this one.
    let counts = stepsOf.map { $0.partitioningIndex { $0 > step } }
    func isFirst(_ clock: [Int], of place: Int) -> Bool {
      clock.indices.allSatisfy { $0 == place || clock[$0] <= counts[$0] }
    }
    // Where nothing of what comes after the step lets it go on, it cannot come before it.
    let isHelped = clock.indices.contains { clock[$0] > counts[$0] }
    if !isHelped, !nodes[step].enabled.contains(process) { return }
    if preemptionsAtMost != nil {
      want(process, at: step)
      if let start = startOfTurn(step) { want(process, at: start) }
      return
    }
    var firsts: [ProcessID] = []
    for other in processes.indices where other != steps[step].place {
      if counts[other] < stepsOf[other].count {
        let first = stepsOf[other][counts[other]]
        if isBefore(step, steps[first].clock) {
          continue
        }
        if isFirst(steps[first].clock, of: other) { firsts.append(processes[other]) }
      } else if other == place, isFirst(clock, of: other) {
        firsts.append(process)
      }
    }
    firsts.removeAll { !nodes[step].enabled.contains($0) }
    // Where nobody who comes first could have gone on there, all are tried who could.
    let isUnknown = firsts.isEmpty
    if isUnknown { firsts = nodes[step].enabled }
    for first in firsts {
      let isKnown = nodes[step].wanted.contains(first) || nodes[step].isAsleep(first)
      if isKnown, !isUnknown { return }
      if isUnknown, !isKnown { nodes[step].wanted.append(first) }
    }
    if isUnknown { return }
    let best = firsts.contains(process) ? process : firsts[0]
    nodes[step].wanted.append(best)
  }

  /// Has a process tried at a node, or all if it could not go on there.
  private mutating func want(_ process: ProcessID, at index: Int) {
    let added = nodes[index].enabled.contains(process) ? [process] : nodes[index].enabled
    for one in added where !nodes[index].wanted.contains(one) { nodes[index].wanted.append(one) }
  }

  /// Where the one who made a step had got the hart.
  private func startOfTurn(_ step: Int) -> Int? {
    var start = step
    while start > 0, steps[start - 1].place == steps[step].place { start -= 1 }
    return start == step ? nil : start
  }
}

extension Array where Element == Int {
  /// The index of the first element for which something holds that holds for all after it.
  fileprivate func partitioningIndex(_ holds: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
