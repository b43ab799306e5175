// The ordinary sources of decisions: choices drawn from a seed, input from a scenario's script.

/// A small generator of random numbers with the same sequence everywhere (SplitMix64, Steele,
/// Lea and Flood, 2014).
public struct RandomSource: Equatable, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to but not including `bound`.
  public mutating func next(below bound: Int) -> Int {
    Int(truncatingIfNeeded: next(below: UInt64(bound)))
  }

  /// A number from 0 up to but not including `bound`.
  public mutating func next(below bound: UInt64) -> UInt64 {
    next().multipliedFullWidth(by: bound).high
  }
}

/// Draws choices from a seed; of options that are as good as one another seed 0 takes the first. What is
/// a drawing by policy is drawn from seed 0 as well.
public struct SeededChoices: Sendable {
  private var random: RandomSource
  private let takesFirst: Bool

  public init(seed: UInt64) {
    random = RandomSource(seed: seed)
    takesFirst = seed == 0
  }

  public mutating func choose(_ choice: Choice) -> Int {
    guard let tickets = choice.tickets else {
      return takesFirst ? 0 : random.next(below: choice.options)
    }
    precondition(tickets.count == choice.options, "tickets of \(tickets.count) options")
    precondition(tickets.total > 0, "no option has any ticket")
    return tickets.option(holding: random.next(below: tickets.total))
  }
}

/// Choices from the scenario's seed, and input from its script and its clients.
public struct ScriptedDecisions: Decisions {
  private var choices: SeededChoices
  private var script: ArraySlice<ScriptLine>
  private var clients: ClientScript
  private let tick: UInt64
  /// When the line before arrives. Lines are typed in their order, so that the next one waits for that.
  private var last: Instant?

  public init(_ scenario: Scenario) {
    choices = SeededChoices(seed: scenario.seed)
    script = scenario.script[...]
    clients = ClientScript(scenario)
    tick = scenario.tick
  }

  public mutating func choose(_ choice: Choice, candidate: (Int) -> Candidate) -> Int {
    choices.choose(choice)
  }

  public mutating func input(_ request: InputRequest) -> InputAnswer {
    clients.input(request, typed: typedInput(request))
  }

  /// What the script has, without the clients.
  public mutating func typedInput(_ request: InputRequest) -> InputAnswer {
    guard let line = script.first else { return .ended }
    if !request.hasRoom { return .nothingYet }
    if let last, request.earliest <= last { return .nothingYet }
    let time: Instant
    if let atTick = line.atTick {
      time = max(request.earliest, Instant(tick: atTick, of: tick))
    } else {
      guard request.idle && request.wanted else { return .nothingYet }
      time = request.earliest
    }
    script.removeFirst()
    last = time
    return .bytes(TimedInput(time: time, bytes: line.bytes))
  }
}
