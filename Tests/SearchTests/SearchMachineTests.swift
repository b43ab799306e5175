// Runs from one state, and what is found with them in real programs: each run can be made again, and what
// failed is recorded as a session like any other.

import Foundation
import Recorder
import Replay
import Search
import Sim
import TestSupport
import Testing

struct SearchMachineTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static func scenario(_ program: String...) -> Scenario {
    var scenario = GuestRun.scenario(program)
    scenario.recordsSharedAccesses = true
    scenario.limitTicks = 500
    return scenario
  }

  private func campaign(
    _ plan: SearchPlan, _ name: String = "search.db", resuming: Bool = false
  ) throws -> (campaign: Campaign, file: SearchFile) {
    let file = try SearchFile(folder.file(name), plan: plan.words, resuming: resuming)
    return (try Campaign(plan, file), file)
  }

  private func search(_ plan: SearchPlan, _ name: String = "search.db") throws -> (
    campaign: Campaign, rows: [RunRow]
  ) {
    let (campaign, file) = try campaign(plan, name)
    try campaign.run(isStopped: { false }, tell: { _ in })
    var rows: [RunRow] = []
    try file.readRows { rows.append($0) }
    return (campaign, rows)
  }

  // MARK: Runs

  @Test(arguments: StrategyKind.drawn)
  func aRunComesToTheSameWheneverItIsMade(_ kind: StrategyKind) throws {
    let machine = try SearchMachine(Self.scenario("lostupdate", "4"), FailureRules())
    let profile = try machine.usualRun().profile
    #expect(profile.processes.count == 3 && profile.length > 15)
    var behaviours: [UInt64] = []
    for seed in 1...10 as ClosedRange<UInt64> {
      let first = try machine.run(kind.make(seed: seed, profile, depth: 3))
      let second = try machine.run(kind.make(seed: seed, profile, depth: 3))
      #expect(first.choices == second.choices && first.behaviour == second.behaviour)
      // Its switches alone say how it goes.
      let again = try machine.run(first.switches)
      #expect(again.choices == first.choices && again.behaviour == first.behaviour)
      behaviours.append(first.behaviour)
    }
    #expect(Set(behaviours).count > 3)
  }

  @Test func callsThatNobodySeesAreNoChoices() throws {
    let machine = try SearchMachine(Self.scenario("lostupdate", "safe", "2"), FailureRules())
    let profile = try machine.usualRun().profile
    #expect(profile.uses.allSatisfy { $0.domain != .own })
    #expect(profile.uses.contains { $0.domain == .mutex })
    #expect(profile.uses.contains { $0.domain == .memory && $0.changes })
  }

  // MARK: Finding

  @Test(arguments: StrategyKind.allCases)
  func aDeadlockIsFoundWithOnePreemption(_ kind: StrategyKind) throws {
    var plan = SearchPlan(Self.scenario("abba"))
    plan.strategy = kind
    plan.runs = 500
    let (campaign, rows) = try search(plan)
    #expect(rows.last?.outcome?.hasPrefix("deadlock: ") == true, "\(rows.count)")
    #expect(rows.dropLast().allSatisfy { $0.outcome == nil })
    var found: [FoundFailure] = []
    try campaign.writeFailures(to: folder.path, isStopped: { false }, tell: { found.append($0) })
    let failure = try #require(found.first)
    #expect(failure.preemptions == 1, "\(failure.account)")
    #expect(failure.account[0].contains("is interrupted before mutex_lock"), "\(failure.account)")
    // It is a session like any other, and shows just that.
    let session = folder.file(failure.file)
    var replay = try CheckedReplay(try TraceReader(path: session))
    var step = try replay.step()
    while step == .matched { step = try replay.step() }
    guard case .finished(let summary) = step else {
      Issue.record("\(step)")
      return
    }
    #expect(summary.isComplete && replay.violations.isEmpty)
    let events = try TraceReader(path: session).events()
    var waiting = 0
    while let event = try events.next() { if event.kind == .deadlock { waiting += 1 } }
    #expect(waiting == 4)
    let account = try String(
      contentsOfFile: folder.file("failure-1.md"), encoding: .utf8)
    #expect(account.hasPrefix("# deadlock: "))
  }

  @Test(arguments: StrategyKind.allCases)
  func aRaceOnWhatAFunctionPassedOnIsFound(_ kind: StrategyKind) throws {
    var plan = SearchPlan(Self.scenario("passed_local"))
    plan.strategy = kind
    plan.runs = 500
    let rows = try search(plan).rows
    #expect(rows.last?.outcome == "exit status 1, expected 0", "\(rows.count)")
  }

  @Test(arguments: [
    (["check_late"], "exit status 7, expected 0"),
    (["check_late", "crash"], "fault in check_late: load page at pc 0x"),
  ])
  func whoBelievesTooEarlyIsFound(_ program: [String], _ words: String) throws {
    var scenario = GuestRun.scenario(program)
    scenario.recordsSharedAccesses = true
    scenario.limitTicks = 500
    var plan = SearchPlan(scenario)
    plan.runs = 1000
    let (campaign, rows) = try search(plan)
    #expect(rows.last?.outcome?.hasPrefix(words) == true, "\(rows.suffix(1))")
    var found: [FoundFailure] = []
    try campaign.writeFailures(to: folder.path, isStopped: { false }, tell: { found.append($0) })
    #expect(
      found.first?.preemptions == 2 && found.first?.outcome.hasPrefix(words) == true)
  }

  @Test func aTextOnTheConsoleIsAFailureWhereThatIsSaid() throws {
    var plan = SearchPlan(Self.scenario("lostupdate", "3"))
    plan.runs = 2000
    plan.rules.text = " 1 of 6 updates lost"
    let (campaign, rows) = try search(plan)
    #expect(rows.last?.outcome == "the console shows \" 1 of 6 updates lost\"")
    var found: [FoundFailure] = []
    try campaign.writeFailures(to: folder.path, isStopped: { false }, tell: { found.append($0) })
    // To lose just one of three needs a second one.
    #expect(found.first?.preemptions == 2, "\(found)")
    #expect(found.first?.account.contains { $0.contains("stores ") } == true)
  }

  @Test func rowsOfAQueryAreAFailureWhereThatIsSaid() throws {
    var plan = SearchPlan(Self.scenario("check_late"))
    plan.runs = 300
    plan.rules.query = "SELECT 1 FROM exit WHERE status = 7"
    plan.rules.status = 7
    let (campaign, rows) = try search(plan)
    // Every other run has the wrong status.
    #expect(rows.count == 1 && rows[0].outcome == "exit status 0, expected 7")
    plan.rules.status = 0
    plan.rules.query = "SELECT value FROM syscall WHERE name = 'wait' AND value < 0"
    let all = try search(plan, "all.db").rows
    #expect(
      all.map(\.outcome) == ["rows of SELECT value FROM syscall WHERE name = 'wait' AND value < 0"])
    plan.rules.query = "SELECT nothing FROM nowhere"
    #expect(throws: QueryError.self) { try self.search(plan, "bad.db") }
    #expect(campaign.progress.failures.count == 1)
  }

  @Test func aProgramThatIsRightDoesNotFail() throws {
    var plan = SearchPlan(Self.scenario("lostupdate", "safe", "3"))
    plan.runs = 300
    plan.jobs = 2
    let (campaign, rows) = try search(plan)
    #expect(rows.count == 300 && rows.allSatisfy { $0.outcome == nil })
    // Of 20 orders of the additions.
    #expect(campaign.progress.novelty.distinct > 10)
    try campaign.writeFailures(
      to: folder.path, isStopped: { false }, tell: { _ in Issue.record("something was written") })
  }

  @Test func aRunWithoutAnEndReachesItsLimit() throws {
    var scenario = Self.scenario("spin")
    scenario.limitTicks = 20
    var plan = SearchPlan(scenario)
    plan.runs = 5
    let (campaign, rows) = try search(plan)
    #expect(rows.map(\.outcome) == ["no end within 20 ticks"])
    #expect(!campaign.hasChoices)
  }

  @Test func aDefectOfTheKernelIsFoundByItsInvariant() throws {
    var scenario = Self.scenario("lostupdate", "safe", "2")
    scenario.defects = [.lockNotAtomic]
    var plan = SearchPlan(scenario)
    plan.runs = 500
    plan.rules.checksInvariants = true
    let (_, rows) = try search(plan)
    #expect(rows.last?.outcome?.hasPrefix("invariant ") == true, "\(rows.suffix(1))")
  }

  @Test func preemptionsAreBounded() throws {
    let machine = try SearchMachine(Self.scenario("lostupdate", "4"), FailureRules())
    let profile = try machine.usualRun().profile
    for seed in 1...5 as ClosedRange<UInt64> {
      let strategy = StrategyKind.random.make(seed: seed, profile, depth: 1)
      #expect(try machine.run(strategy, preemptions: 2).preemptions == 2)
    }
  }

  // MARK: Rows

  @Test func whatIsFoundDoesNotDependOnTheJobs() throws {
    var plan = SearchPlan(Self.scenario("lostupdate", "3"))
    plan.runs = 60
    plan.findsAll = true
    plan.rules.text = " 1 of 6 updates lost"
    let alone = try search(plan, "a.db").rows
    plan.jobs = 3
    let together = try search(plan, "b.db").rows
    #expect(alone == together && alone.count == 60)
    plan.findsAll = false
    plan.runs = 2000
    let ended = try search(plan, "c.db").rows
    plan.jobs = 1
    #expect(try search(plan, "d.db").rows == ended)
  }

  @Test func aSearchGoesOnWhereItWas() throws {
    var plan = SearchPlan(Self.scenario("lostupdate", "3"))
    plan.runs = 40
    let whole = try search(plan, "whole.db").rows
    plan.runs = 15
    _ = try search(plan, "part.db")
    plan.runs = 40
    let (campaign, file) = try campaign(plan, "part.db", resuming: true)
    #expect(campaign.progress.runs == 15)
    try campaign.run(isStopped: { false }, tell: { _ in })
    var rows: [RunRow] = []
    try file.readRows { rows.append($0) }
    #expect(rows == whole)
    plan.strategy = .pos
    #expect(throws: SearchError.self) { try self.campaign(plan, "part.db", resuming: true) }
    #expect(throws: SearchError.self) { try self.campaign(plan, "none.db", resuming: true) }
  }

  @Test func shardsAreMergedIfTheyFitTogether() throws {
    var plan = SearchPlan(Self.scenario("lostupdate", "3"))
    plan.rules.text = " 1 of 6 updates lost"
    plan.findsAll = true
    plan.runs = 40
    var folders: [String] = []
    for number in 1...2 {
      plan.shard = try #require(Shard("\(number)/2"))
      let shard = folder.file("shard\(number)")
      folders.append(shard)
      try FileManager.default.createDirectory(atPath: shard, withIntermediateDirectories: false)
      let (campaign, _) = try search(plan, "shard\(number)/search.db")
      try campaign.writeFailures(to: shard, isStopped: { false }, tell: { _ in })
    }
    let merged = folder.file("merged")
    try FileManager.default.createDirectory(atPath: merged, withIntermediateDirectories: false)
    var all = try MergedSearch(folders)
    try all.write(to: merged)
    #expect(all.progress.runs == 79)
    var runs: [Int] = []
    try SearchFile(reading: merged + "/search.db").readRows { runs.append($0.run) }
    #expect(runs == Array(0...78))
    _ = try TraceReader(path: merged + "/failure-1.db")
    #expect(throws: SearchError.self) { try MergedSearch([folders[0]]) }
    #expect(throws: SearchError.self) { try MergedSearch([folders[0], folders[0]]) }
    #expect(throws: SearchError.self) { try MergedSearch([folders[0], merged]) }
    #expect(throws: SearchError.self) { try MergedSearch([folder.path]) }
  }

  @Test func shardsTogetherMakeEveryRunOnce() throws {
    var plan = SearchPlan(Self.scenario("lostupdate", "2"))
    plan.runs = 13
    let whole = try search(plan, "whole.db").rows
    var parts: [RunRow] = []
    for number in 1...3 {
      plan.shard = try #require(Shard("\(number)/3"))
      plan.runs = 5
      parts += try search(plan, "part\(number).db").rows.dropFirst()
    }
    #expect(parts.sorted { $0.run < $1.run } == Array(whole.dropFirst()))
  }
}
