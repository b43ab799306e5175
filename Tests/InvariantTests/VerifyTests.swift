// What the trace alone tells agrees with what the machine showed.

import Recorder
import Replay
import Sim
import TestGuests
import TestSupport
import Testing

@Suite struct VerifyTests {
  /// Runs the scenario and asks its recording; the families that its rows violate.
  private func families(_ scenario: Scenario) throws -> [String] {
    let folder = try TemporaryFolder()
    let path = folder.file("verify.db")
    try record(scenario, to: path)
    var families: [String] = []
    for violation in try TraceReader(path: path).violations()
    where !families.contains(violation.family) {
      families.append(violation.family)
    }
    return families
  }

  @Test(
    "What SQL finds on a kernel with a defect is what the machine showed",
    arguments: ExpectedCatch.all)
  func agreesOnDefects(expected: ExpectedCatch) throws {
    let found = try families(expected.scenario)
    #expect(found == expected.toldByTrace)
  }

  @Test("SQL sees who waits and never runs")
  func findsWhoStarves() throws {
    var scenario = GuestRun.scenario(["sched_starve"])
    scenario.defects = [.lowestFirst]
    scenario.limitTicks = 4
    #expect(try families(scenario) == ["schedule"])
  }

  @Test("SQL counts those who were adopted before the limit")
  func findsWhoWasAdopted() throws {
    var scenario = GuestRun.scenario(["limit_adopted"])
    scenario.defects = [.limitOffByOne]
    #expect(try families(scenario) == ["budget"])
  }

  /// Who is seen about need not be who made the event.
  @Test("Replay and SQL name the same process and container", arguments: ExpectedCatch.all)
  func agreeOnWhoItWas(expected: ExpectedCatch) throws {
    guard expected.isToldByTrace else { return }
    let folder = try TemporaryFolder()
    let path = folder.file("verify.db")
    try record(expected.scenario, to: path)
    let shown = try #require(try CheckedRun(expected.scenario).violations.first)
    let told = try TraceReader(path: path).violations().filter {
      $0.family == shown.invariant.rawValue
    }
    let same = told.filter { $0.sequence == shown.sequence && $0.pid == Int64(shown.process.raw) }
    for violation in same {
      #expect(violation.cid == Int64(shown.container.raw), "\(shown.text(in: nil))")
    }
    if expected.defect == .containerOutlivesInit { #expect(shown.container.raw == 1) }
  }

  private static let programs = TestGuests.all.map(\.name).filter { !$0.hasPrefix("console_") }

  @Test("SQL finds nothing wrong with a kernel without defects", arguments: programs)
  func findsNothingOnGuestTests(name: String) throws {
    for (harts, seed) in [(1, 0), (3, 7)] as [(Int, UInt64)] {
      var scenario = GuestRun.scenario([name])
      scenario.harts = harts
      scenario.seed = seed
      #expect(try families(scenario).isEmpty)
    }
  }

  @Test("Every family has a view")
  func everyFamilyHasAView() {
    #expect(TraceSchema.violationQueries.map(\.family) == Invariant.allCases.map(\.rawValue))
  }
}
