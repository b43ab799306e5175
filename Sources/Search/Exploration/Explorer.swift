// Has an exploration decide on a machine. A step of the exploration is what a process does from in front
// of one visible operation to in front of the next. Who is in front of none, since it has just begun or
// was woken in the middle of something that nobody sees, goes on first: nothing depends on that.

import Sim

/// Decides in run after run, so that all of them together show all that a program can come to.
struct Explorer: Sendable {
  private enum Next: Sendable {
    /// Not in front of anything that others can see, as far as is known.
    case unknown
    case operation(VisibleOperation)
    /// It was woken in the middle of this.
    case rest(Effect)
  }

  private struct Standing: Sendable {
    var process: ProcessID
    var next = Next.unknown
  }

  private(set) var exploration: Exploration
  /// Whether any run had to do with time.
  private(set) var dependsOnTime = false

  private let start: MachineView
  private var view: MachineView
  private var standings: [Standing] = []
  /// Who makes a step, and what that came to so far.
  private var current: ProcessID?
  private var effect = Effect()
  /// Who has the hart.
  private var running = ProcessID.none

  /// - Parameter start: what is known where all runs begin.
  init(_ start: MachineView, preemptionsAtMost: Int?) {
    exploration = Exploration(preemptionsAtMost: preemptionsAtMost)
    self.start = start
    view = start
  }

  /// Whether the run is to be given up: what it comes to was seen.
  var isGivenUp: Bool { exploration.isGivenUp }

  mutating func beginRun() {
    exploration.beginRun()
    view = start
    standings.removeAll(keepingCapacity: true)
    current = nil
    running = .none
  }

  mutating func endRun() {
    finishStep()
    dependsOnTime = dependsOnTime || view.dependsOnTime
    exploration.endRun()
  }

  // MARK: Deciding

  /// Somebody is in front of an operation.
  ///
  /// - Parameter candidates: who could go on, that one first.
  /// - Returns: who does.
  mutating func decide(
    before operation: VisibleOperation, _ candidates: [ProcessID]
  ) -> ProcessID {
    standings[place(of: candidates[0])].next = .operation(operation)
    running = candidates[0]
    return decide(candidates)
  }

  /// - Returns: who of these goes on.
  mutating func decide(_ candidates: [ProcessID]) -> ProcessID {
    // Who is in the middle of a step goes on with it.
    if let current, candidates.contains(current), isUnknown(current) { return current }
    finishStep()
    if let other = candidates.first(where: isUnknown) { return other }
    var enabled = candidates.filter { !isHeldUp($0) }
    // Nobody can do more than begin to wait, and so all do.
    if enabled.isEmpty { enabled = [candidates[0]] }
    guard let chosen = exploration.choose(among: enabled) else { return candidates[0] }
    begin(chosen)
    return chosen
  }

  private func isUnknown(_ process: ProcessID) -> Bool {
    guard let standing = standings.first(where: { $0.process == process }) else { return true }
    if case .unknown = standing.next { return true }
    return false
  }

  private func isHeldUp(_ process: ProcessID) -> Bool {
    guard let standing = standings.first(where: { $0.process == process }),
      case .operation(let operation) = standing.next
    else { return false }
    return view.isHeldUp(process, before: operation)
  }

  private mutating func place(of process: ProcessID) -> Int {
    if let place = standings.firstIndex(where: { $0.process == process }) { return place }
    standings.append(Standing(process: process))
    return standings.count - 1
  }

  // MARK: Steps

  private mutating func begin(_ process: ProcessID) {
    let place = place(of: process)
    switch standings[place].next {
    case .unknown: effect = view.effect(of: process)
    case .operation(let operation): effect = view.effect(of: operation, by: process)
    case .rest(let rest): effect = rest
    }
    standings[place].next = .unknown
    current = process
  }

  private mutating func finishStep() {
    if current != nil { exploration.did(effect) }
    current = nil
  }

  /// Takes into account what happened.
  mutating func see(_ event: Event) {
    if isGivenUp { return }
    switch event.kind {
    // Nobody else could have got the hart, or all are on their way to their next operation.
    case .dispatch:
      running = event.process
      if current != event.process, !isUnknown(event.process) { _ = decide([event.process]) }
    // Who has not been in front of anything ends all the same.
    case .exit:
      if event.process == running, event.process != current {
        finishStep()
        if exploration.choose(among: [event.process]) != nil { begin(event.process) }
      }
    default: break
    }
    view.see(event, &effect)
    if event.kind == .wake {
      if event[WakeEvent.waker] != .none { effect.wakes.append(event.process) }
      let place = place(of: event.process)
      if let rest = view.effect(ofGoingOnWith: event) {
        standings[place].next = .rest(rest)
      } else {
        standings[place].next = .unknown
      }
    }
  }
}
