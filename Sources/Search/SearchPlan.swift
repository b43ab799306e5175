// What is to be searched, and how.

import Sim

/// A part of a search's runs, counted from 1.
public struct Shard: Equatable, Sendable, CustomStringConvertible {
  public var number = 1
  public var count = 1

  public init() {}

  /// - Parameter text: such as `2/8`.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1], count >= 1,
      count <= 100_000, (1...count).contains(number)
    else { return nil }
    self.number = number
    self.count = count
  }

  public var description: String { "\(number)/\(count)" }

  /// The number of a shard's run among all; the first of each shard is the run without preemptions.
  func run(_ place: Int) -> Int { place == 0 ? 0 : (place - 1) * count + number }
}

/// A search.
public struct SearchPlan: Sendable {
  public var scenario: Scenario
  public var rules = FailureRules()
  public var strategy = StrategyKind.random
  public var depth = 3
  /// Runs of this shard at most; nil for any number.
  public var runs: Int?
  /// Seconds at most; nil for any number.
  public var seconds: Double?
  public var preemptions: Int?
  public var jobs = 1
  /// Whether it goes on after a failure.
  public var findsAll = false
  public var shard = Shard()

  public init(_ scenario: Scenario) { self.scenario = scenario }

  /// What tells it from others: runs of two with equal words are the same. How long it goes on, and with how
  /// many jobs, is not part of it.
  public var words: [(name: String, value: String)] {
    [
      ("scenario", String(scenario.digest, radix: 16)),
      ("seed", "\(scenario.seed)"),
      ("strategy", strategy.rawValue),
      ("depth", strategy == .pct ? "\(depth)" : "none"),
      ("preemptions", preemptions.map { "\($0)" } ?? "any"),
      ("status", "\(rules.status)"),
      ("text", rules.text ?? ""),
      ("query", rules.query ?? ""),
      ("invariants", rules.checksInvariants ? "checked" : "unchecked"),
      ("shard", shard.description),
    ]
  }

  /// The seed of a run, far from those of its neighbours.
  func seed(ofRun run: Int) -> UInt64 {
    var random = RandomSource(seed: scenario.seed &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(run))
    return random.next()
  }
}

/// A failure that was found, shrunk and recorded.
public struct FoundFailure: Equatable, Sendable {
  public var number: Int
  /// How it failed, in words.
  public var outcome: String
  /// The first run that failed so.
  public var run: Int
  public var preemptions: Int
  public var switches: Int
  /// The session's file name in the folder.
  public var file: String
  /// The account, in lines.
  public var account: [String]
}
