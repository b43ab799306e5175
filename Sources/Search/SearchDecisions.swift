// What decides in a run of a search: up to where the search begins, the usual; from there on a strategy,
// or a list of places where to go another way. Keeps who was how far, and where the run went another way.

import Sim

/// Decides by a strategy, or as a list says.
struct SearchDecisions: Decisions {
  enum Guide: Sendable {
    /// The first option everywhere.
    case usual
    /// As `strategy` says.
    case strategy
    /// As `explorer` says.
    case exploring
    /// At these places only, another one.
    case switches([Switch])
  }

  private struct Standing: Sendable {
    var process: ProcessID
    var steps = 0
    var next: VisibleOperation?
  }

  var guide = Guide.usual
  var strategy: (any Strategy)?
  var explorer: Explorer?
  /// Which choice is the first that is the search's own, counted from 0.
  var begin: Int64
  /// Preemptions that may still be made; nil for any number.
  var preemptionsLeft: Int?
  /// Where somebody could have been preempted, where that is wanted: a switch for each who could have got
  /// the hart.
  var places: [Switch]?
  /// Words of memory that are somebody's own: its loads and stores of them are no places to go another way.
  var ownWords: [UInt64: ProcessID] = [:]
  /// What is found out about the operations, where that is wanted.
  var profile: Profile?
  /// How many choices there were.
  private(set) var asked: Int64 = 0
  /// How many of these a search would look at.
  private(set) var relevant = 0
  /// How many were in front of visible operations.
  private(set) var length = 0
  private(set) var switches: [Switch] = []
  private(set) var choices: [UInt8] = []

  private var script: ScriptedDecisions
  private var standings: [Standing] = []
  /// Who was asked about or got a hart last, as an index of `standings`.
  private var runner: Int?
  /// Dispatches since then.
  private var turns = 0
  /// Who is to get the hart that another one is about to lose.
  private var target: ProcessID?
  /// Where in `asked` the last choice in `choices` was.
  private var lastWritten: Int64 = 0

  var wantsPreemption: Bool { true }

  var wantsOperations: Bool {
    if case .exploring = guide { true } else { false }
  }

  init(_ scenario: Scenario, begin: Int64 = .max) {
    script = ScriptedDecisions(scenario)
    self.begin = begin
  }

  mutating func input(_ request: InputRequest) -> InputAnswer { script.input(request) }

  mutating func choose(_ choice: Choice, candidate: (Int) -> Candidate) -> Int {
    asked += 1
    if isRelevant(choice) { relevant += 1 }
    guard asked > begin else { return 0 }
    let chosen: Int
    switch choice.point {
    case .preempt: chosen = preempts(choice, candidate) ? 1 : 0
    case .dispatch: chosen = dispatch(choice.options, candidate)
    case .slice, .turn, .fault, .loss, .delay: chosen = 0
    }
    if chosen != 0 { write(chosen) }
    return chosen
  }

  mutating func goesOn(_ process: ProcessID, with operation: VisibleOperation) {
    if operation.isVisible { _ = explorer?.decide(before: operation, [process]) }
  }

  private func isRelevant(_ choice: Choice) -> Bool {
    switch choice.point {
    case .preempt: choice.preemption?.operation.isVisible ?? false
    case .dispatch: true
    case .slice, .turn, .fault, .loss, .delay: false
    }
  }

  private mutating func write(_ chosen: Int) {
    for number in [UInt64(asked - lastWritten), UInt64(chosen)] {
      var rest = number
      while rest > 0x7f {
        choices.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      choices.append(UInt8(rest))
    }
    lastWritten = asked
  }

  // MARK: The two kinds of choices

  private mutating func preempts(_ choice: Choice, _ candidate: (Int) -> Candidate) -> Bool {
    guard let preemption = choice.preemption, preemption.operation.isVisible else { return false }
    let process = SearchDecisions.process(candidate(0))
    if isOwn(preemption.operation, of: process) { return false }
    let place = place(of: process)
    length += 1
    standings[place].steps += 1
    standings[place].next = preemption.operation
    runner = place
    turns = 0
    profile?.note(process, preemption.operation)
    if places != nil {
      for index in 1...preemption.waiting {
        places?.append(
          Switch(
            kind: .preemption, process: process, step: standings[place].steps, turn: 0,
            target: SearchDecisions.process(candidate(index)), operation: preemption.operation))
      }
    }
    let target = preemptionsLeft == 0 ? nil : preemptor(of: place, preemption.waiting, candidate)
    guard let target else {
      standings[place].next = nil
      return false
    }
    self.target = target
    preemptionsLeft = preemptionsLeft.map { $0 - 1 }
    switches.append(
      Switch(
        kind: .preemption, process: process, step: standings[place].steps, turn: 0,
        target: target, operation: preemption.operation))
    return true
  }

  /// Whether it is a load or store that is nobody else's business. A word that somebody else uses all the same
  /// is nobody's own from then on.
  private mutating func isOwn(_ operation: VisibleOperation, of process: ProcessID) -> Bool {
    guard operation.domain == .memory, operation.kind != .call,
      let owner = ownWords[operation.object]
    else { return false }
    if owner != process { ownWords[operation.object] = nil }
    return owner == process
  }

  /// Who gets the hart of somebody; nil if it keeps that.
  private mutating func preemptor(
    of place: Int, _ waiting: Int, _ candidate: (Int) -> Candidate
  ) -> ProcessID? {
    switch guide {
    case .usual: return nil
    case .switches(let list):
      let (process, step) = (standings[place].process, standings[place].steps)
      guard
        let found = list.first(where: {
          $0.kind == .preemption && $0.process == process && $0.step == step
        })
      else { return nil }
      let isWaiting = (1...waiting).contains {
        SearchDecisions.process(candidate($0)) == found.target
      }
      return isWaiting ? found.target : SearchDecisions.process(candidate(1))
    case .exploring:
      guard let operation = standings[place].next else { return nil }
      let candidates = (0...waiting).map { SearchDecisions.process(candidate($0)) }
      let chosen = explorer?.decide(before: operation, candidates)
      return chosen == candidates[0] ? nil : chosen
    case .strategy:
      let contenders = contenders(0...waiting, candidate)
      let chosen = strategy?.choose(Moment(contenders, isPreemption: true)) ?? 0
      return chosen == 0 ? nil : contenders[chosen].process
    }
  }

  private mutating func dispatch(_ options: Int, _ candidate: (Int) -> Candidate) -> Int {
    turns += 1
    var chosen = 0
    if let target {
      // The one who was preempted is in line as well.
      self.target = nil
      chosen =
        (0..<options).first { SearchDecisions.process(candidate($0)) == target } ?? 0
    } else {
      chosen = successor(options, candidate)
      if chosen != 0, let runner {
        switches.append(
          Switch(
            kind: .dispatch, process: standings[runner].process, step: standings[runner].steps,
            turn: turns, target: SearchDecisions.process(candidate(chosen)), operation: nil))
      }
    }
    let place = place(of: SearchDecisions.process(candidate(chosen)))
    // What it was in front of it does now.
    standings[place].next = nil
    if runner == nil { runner = place }
    return chosen
  }

  private mutating func successor(_ options: Int, _ candidate: (Int) -> Candidate) -> Int {
    switch guide {
    case .usual: return 0
    case .switches(let list):
      guard let runner else { return 0 }
      let standing = standings[runner]
      guard
        let found = list.first(where: {
          $0.kind == .dispatch && $0.process == standing.process && $0.step == standing.steps
            && $0.turn == turns
        })
      else { return 0 }
      return (0..<options).first { SearchDecisions.process(candidate($0)) == found.target } ?? 0
    case .exploring:
      guard runner != nil else { return 0 }
      let candidates = (0..<options).map { SearchDecisions.process(candidate($0)) }
      let chosen = explorer?.decide(candidates)
      return candidates.firstIndex { $0 == chosen } ?? 0
    case .strategy:
      // Without a runner there is no place by which the choice could be found again.
      guard let runner else { return 0 }
      let contenders = contenders(0...(options - 1), candidate)
      let last = standings[runner].process
      let isStillThere = turns == 1 && contenders.contains { $0.process == last }
      let moment = Moment(
        contenders, isPreemption: false, yielded: isStillThere ? last : nil)
      return strategy?.choose(moment) ?? 0
    }
  }

  // MARK: Who is how far

  private mutating func contenders(
    _ indices: ClosedRange<Int>, _ candidate: (Int) -> Candidate
  ) -> [Contender] {
    var found: [Contender] = []
    found.reserveCapacity(indices.count)
    for index in indices {
      let process = SearchDecisions.process(candidate(index))
      found.append(Contender(process: process, next: standings[place(of: process)].next))
    }
    return found
  }

  private mutating func place(of process: ProcessID) -> Int {
    if let place = standings.firstIndex(where: { $0.process == process }) { return place }
    standings.append(Standing(process: process))
    return standings.count - 1
  }

  private static func process(_ candidate: Candidate) -> ProcessID {
    if case .process(let process) = candidate { process } else { .none }
  }
}
