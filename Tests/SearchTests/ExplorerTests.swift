// The reduction on real programs: as many runs as there are orders that make a difference, and nothing that a
// search by drawing shows is missing.

import Foundation
import Sim
import TestSupport
import Testing

@testable import Search

struct ExplorerTests {
  private static func scenario(_ program: [String]) -> Scenario {
    var scenario = GuestRun.scenario(program)
    scenario.recordsSharedAccesses = true
    scenario.limitTicks = 500
    return scenario
  }

  /// All runs of a program.
  private func explore(
    _ program: [String], preemptions: Int? = nil, atMost: Int = 20_000
  ) throws -> (outcomes: [RunOutcome], exploration: Exploration) {
    let machine = try SearchMachine(Self.scenario(program), FailureRules(), explores: true)
    var explorer: Explorer? = machine.makeExplorer(preemptions: preemptions)
    var outcomes: [RunOutcome] = []
    while explorer?.exploration.isFinished == false, outcomes.count < atMost {
      if let outcome = try machine.explore(&explorer) { outcomes.append(outcome) }
    }
    return (outcomes, try #require(explorer).exploration)
  }

  @Test(arguments: [
    (["orders", "own", "2"], 1),
    (["orders", "own", "6"], 1),
    // Two times a number of additions, half of which are of one.
    (["orders", "add", "1"], 2),
    (["orders", "add", "3"], 20),
    (["orders", "add", "5"], 252),
    (["orders", "lock", "2"], 2),
    (["orders", "lock", "4"], 24),
    // The first of two children is waited for before the second exits, or the other way round, or both have.
    (["orders", "fork", "1"], 1),
    (["orders", "fork", "2"], 3),
    // Who reads comes first, and waits, or not.
    (["orders", "pipe"], 2),
  ])
  func asManyRunsAsOrdersThatMakeADifference(_ program: [String], _ runs: Int) throws {
    let (outcomes, exploration) = try explore(program)
    #expect(
      exploration.isFinished && exploration.complete == runs, "\(exploration.redundant) in vain")
    #expect(outcomes.count == runs && outcomes.allSatisfy { $0.failure == nil })
  }

  /// Whatever a drawn run shows, one of these shows.
  @Test(arguments: [
    ["lostupdate", "1"], ["lostupdate", "2"], ["lostupdate", "safe", "1"], ["check_late"], ["abba"],
    ["orders", "fork", "3"], ["orders", "pipe"], ["orders", "lock", "3"], ["orders", "readers"],
    ["orders", "signal"], ["orders", "futex"], ["orders", "kill"],
  ])
  func nothingThatIsDrawnIsMissing(_ program: [String]) throws {
    let (outcomes, exploration) = try explore(program)
    #expect(exploration.isFinished)
    let shown = Set(outcomes.map(\.behaviour))
    let failures = Set(outcomes.map(\.failure))
    let machine = try SearchMachine(Self.scenario(program), FailureRules())
    let profile = try machine.usualRun().profile
    for seed in 1...400 {
      let kind = StrategyKind.drawn[seed % 4]
      let drawn = try machine.run(kind.make(seed: UInt64(seed), profile, depth: 3))
      #expect(shown.contains(drawn.behaviour), "\(kind) \(seed)")
      #expect(failures.contains(drawn.failure))
    }
  }

  @Test func itsSwitchesAloneSayHowARunGoes() throws {
    let program = ["lostupdate", "2"]
    let machine = try SearchMachine(Self.scenario(program), FailureRules())
    let (outcomes, _) = try explore(program)
    for outcome in outcomes.prefix(40) {
      let again = try machine.run(outcome.switches)
      #expect(again.behaviour == outcome.behaviour && again.choices == outcome.choices)
    }
  }

  @Test func aDeadlockIsAmongThem() throws {
    let (outcomes, _) = try explore(["abba"])
    let deadlocks = outcomes.filter { $0.failure?.description.hasPrefix("deadlock: ") == true }
    #expect(!deadlocks.isEmpty && deadlocks.count < outcomes.count)
  }

  @Test func fewPreemptionsShowLess() throws {
    var counts: [Int] = []
    for bound in 0...3 {
      let (outcomes, exploration) = try explore(["orders", "add", "3"], preemptions: bound)
      #expect(exploration.isFinished)
      counts.append(outcomes.count)
    }
    #expect(counts == counts.sorted() && counts[0] < counts[3], "\(counts)")
  }

  // MARK: As a search

  private func search(
    _ plan: SearchPlan, _ path: String, resuming: Bool = false
  ) throws -> (campaign: Campaign, rows: [RunRow]) {
    let file = try SearchFile(path, plan: plan.words, resuming: resuming)
    let campaign = try Campaign(plan, file)
    try campaign.run(isStopped: { false }, tell: { _ in })
    var rows: [RunRow] = []
    try file.readRows { rows.append($0) }
    return (campaign, rows)
  }

  @Test func aSearchSaysThatNothingIsLeft() throws {
    let folder = try TemporaryFolder()
    var plan = SearchPlan(Self.scenario(["orders", "add", "3"]))
    plan.strategy = .dpor
    let (campaign, rows) = try search(plan, folder.file("search.db"))
    let coverage = try #require(campaign.coverage)
    #expect(coverage.isComplete && coverage.runs == 20 && !coverage.dependsOnTime)
    // The usual run is one besides.
    #expect(rows.count == 21)
  }

  @Test func aSearchGoesOnWhereItWas() throws {
    let folder = try TemporaryFolder()
    var plan = SearchPlan(Self.scenario(["orders", "add", "3"]))
    plan.strategy = .dpor
    let whole = try search(plan, folder.file("whole.db"))
    plan.runs = 8
    let part = try search(plan, folder.file("part.db"))
    #expect(part.rows.count == 8 && part.campaign.coverage?.isComplete == false)
    plan.runs = nil
    let rest = try search(plan, folder.file("part.db"), resuming: true)
    #expect(rest.rows == whole.rows && rest.campaign.coverage == whole.campaign.coverage)
  }

  @Test func aFailureIsShrunkAndRecorded() throws {
    let folder = try TemporaryFolder()
    var plan = SearchPlan(Self.scenario(["lostupdate", "3"]))
    plan.strategy = .dpor
    plan.rules.text = " 1 of 6 updates lost"
    let (campaign, rows) = try search(plan, folder.file("search.db"))
    #expect(rows.last?.outcome == "the console shows \" 1 of 6 updates lost\"")
    var found: [FoundFailure] = []
    try campaign.writeFailures(to: folder.path, isStopped: { false }, tell: { found.append($0) })
    #expect(found.first?.preemptions == 2, "\(found)")
  }

  @Test func whoSleepsDependsOnTime() throws {
    let folder = try TemporaryFolder()
    var plan = SearchPlan(Self.scenario(["lostwakeup", "1"]))
    plan.strategy = .dpor
    plan.runs = 4
    plan.findsAll = true
    let (campaign, rows) = try search(plan, folder.file("search.db"))
    #expect(rows.count > 1 && campaign.coverage?.dependsOnTime == true)
  }
}
