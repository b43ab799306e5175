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
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}

/// Draws choices from a seed; seed 0 always takes the first option.
public struct SeededChoices: Sendable {
  private var random: RandomSource?

  public init(seed: UInt64) { random = seed == 0 ? nil : RandomSource(seed: seed) }

  public mutating func choose(options: Int) -> Int { random?.next(below: options) ?? 0 }
}

/// Choices from the scenario's seed and input from its script.
public struct ScriptedDecisions: Decisions {
  private var choices: SeededChoices
  private var script: ArraySlice<ScriptLine>
  private let tick: UInt64

  public init(_ scenario: Scenario) {
    choices = SeededChoices(seed: scenario.seed)
    script = scenario.script[...]
    tick = scenario.tick
  }

  public mutating func choose(_ point: ChoicePoint, options: Int) -> Int {
    choices.choose(options: options)
  }

  public mutating func input(_ request: InputRequest) -> InputAnswer {
    guard let line = script.first else { return .ended }
    let time: Instant
    if let atTick = line.atTick {
      time = max(request.earliest, Instant(tick: atTick, of: tick))
    } else {
      guard request.idle && request.wanted else { return .nothingYet }
      time = request.earliest
    }
    script.removeFirst()
    return .bytes(TimedInput(time: time, bytes: line.bytes))
  }
}
