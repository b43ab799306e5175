// The programs that try to get out, `attack_…`, as the scenarios in traces/ start them, with the
// manager and a neighbour beside them. On a kernel without defects nothing works, on any number of
// harts, and afterwards the machine is as it was. That this says something is seen on kernels with
// defects: there an attack reports that it got through, or an invariant that it did.

import Foundation
import Recorder
import Replay
import Scenarios
import Sim
import TestSupport
import Testing
import Userland

@Suite struct AttackTests {
  @Test(
    "Nothing that an attack tries works, and the machine is as it was", arguments: Attack.all,
    [1, 2, 4])
  func nothingWorks(attack: Attack, harts: Int) throws {
    var scenario = try attack.scenario()
    scenario.harts = harts
    let run = try CheckedRun(scenario)
    #expect(run.violations.isEmpty, "\(run.violations.map { $0.text(in: nil) })")
    #expect(attack.successes(in: run).isEmpty)
    #expect(try attack.ways(in: run) >= 100, "\(run.console)")
    // Its neighbour, the manager, and what lies outside.
    #expect(run.console.contains("guard: unharmed after 40 ticks\n"), "\(run.console)")
    #expect(run.console.contains("served\n") && run.console.contains("not for containers\n"))

    scenario.script = []
    let untouched = try CheckedRun(scenario, checking: [])
    #expect(run.end == .inputEnded && untouched.end == .inputEnded)
    #expect(run.usage == untouched.usage)
  }

  @Test("An attack gets through where the kernel has a defect that it is for", arguments: Bite.all)
  func attackBites(bite: Bite) throws {
    var scenario = try bite.attack.scenario()
    scenario.defects = [bite.defect]
    let run = try CheckedRun(scenario)
    if let invariant = bite.caughtBy {
      #expect(run.violations.contains { $0.invariant == invariant }, "\(run.console)")
    } else {
      #expect(!bite.attack.successes(in: run).isEmpty, "\(run.console)")
    }
  }

  @Test("There are attacks of seventeen families, and each notices itself what it is for")
  func attacksAreThere() {
    #expect(Attack.all.count == 17)
    let programs = Userland.all.map(\.name).filter { $0.hasPrefix("attack_") }
    #expect(Attack.all.map(\.program) == programs)
    for attack in Attack.all {
      #expect(Bite.all.contains { $0.attack == attack && $0.caughtBy == nil }, "\(attack.name)")
    }
    // As docs/what-a-green-replay-means.md has it.
    #expect(Defect.allCases.count { defect in Bite.all.contains { $0.defect == defect } } == 71)
  }
}

/// A program that tries to get out, by the name of its session.
struct Attack: Equatable, Sendable, CustomTestStringConvertible {
  let name: String

  var testDescription: String { name }
  /// The program's own name.
  var program: String { name.replacing("-", with: "_") }

  static let all = CommittedTraces.scenarios.filter { $0.hasPrefix("attack-") }
    .map { Attack(name: $0) }

  /// The scenario that its session is recorded from.
  func scenario() throws -> Scenario {
    var scenario = Scenario()
    let path = CommittedTraces.folder.appending(path: "scenarios/\(name).yaml").path
    try ScenarioFile(path: path).apply(to: &scenario)
    scenario.files = GuestFiles.userland + scenario.files
    scenario.limitTicks = 1000
    return scenario
  }

  /// What the attack, or the neighbour, says has worked.
  func successes(in run: CheckedRun) -> [Substring] {
    run.console.split(separator: "\n").filter {
      $0.hasPrefix("\(program): ") && $0.hasSuffix(" worked") && !$0.hasSuffix(" 0 worked")
        || $0.contains("guard: harmed")
    }
  }

  /// How many ways the verdict says were tried.
  func ways(in run: CheckedRun) throws -> Int {
    let verdict = run.console.split(separator: "\n").last { $0.hasPrefix("\(program): ") } ?? ""
    let words = verdict.split(separator: " ")
    #expect(words.dropFirst(2).elementsEqual(["ways", "tried,", "0", "worked"]), "\(verdict)")
    return words.count > 1 ? Int(words[1]) ?? 0 : 0
  }
}

/// An attack and a defect that lets it through.
struct Bite: Sendable, CustomTestStringConvertible {
  let attack: Attack
  let defect: Defect
  /// The invariant that notices; nil if the attack or its neighbour says so.
  var caughtBy: Invariant?

  var testDescription: String { "\(attack.name), \(defect.name)" }

  static let all: [Bite] =
    bites("paths", [.dotDotLiteral, .dotDotMachine, .slashIsWorkingDirectory])
    + bites("paths", [.workingDirectoryOutside, .setrootOfParent])
    + bites("links", [.deviceOpens, .dotDotLiteral])
    + bites("links", [.unlinkKeepsInode], caughtBy: .accounting)
    + bites("files", [.openDirectoryKept, .consoleDescriptor, .joinKeepsRoot, .joinUncounted])
    + bites("files", [.pipeFailureKeepsFiles, .exitKeepsDirectory], caughtBy: .accounting)
    + bites("exec", [.execResetsBudget, .handleAcross, .setrootOfParent])
    + bites("exec", [.execFailureKeepsPages, .exitKeepsPages], caughtBy: .accounting)
    + bites("guess", [.priorityOfAnyone, .pageNotZeroed, .unlockByAnyone, .nameAcross])
    + bites("guess", [.handleAcross, .listAcross, .infoAcross])
    + bites("guess", [.killAcross], caughtBy: .signals)
    + bites("pids", [.pidGivenAgain, .forkGivesMachinePID, .listAcross])
    + bites("pids", [.pidAcross], caughtBy: .pids)
    + bites("proc", [.procListsAll])
    + bites("groups", [.groupsInSight, .ownLimitWritable])
    + bites("limits", [.groupLimitUnchecked, .refusedPipeCounts, .ownLimitWritable])
    + bites("limits", [.lastUserRepaid, .refusedForkCounts, .sharedPageUncounted, .copyUncounted])
    + bites("limits", [.unnamedFileFree, .copyUpFree, .dataWaitForgotten, .dataOwnOnly])
    + bites("budget", [.limitUnchecked, .limitOffByOne, .zombiesUncounted, .execResetsBudget])
    + bites("budget", [.checkThenTake, .forkFailureKeepsSlot])
    + bites("budget", [.orphansToInit], caughtBy: .signals)
    + bites("memory", [.pageNotZeroed, .heapNotZeroed, .forkLeavesWritable, .writeWithoutCopy])
    + bites("memory", [.staleMapping, .handlesKeptOnEntering, .mappersMiscounted])
    + bites("memory", [.callWritesShared, .imageNotZeroed])
    + bites("args", [.pipeFailureKeepsFiles])
    + bites("prio", [.priorityOfAnyone, .priorityAboveOwn, .priorityDecays])
    + bites("mounts", [.lowerWritten, .whiteoutForgotten, .mountAcross, .dotDotOfMount])
    + bites("mounts", [.opaqueIgnored, .namesParted])
    + bites("network", [.portsShared, .sourceForged, .loopbackAcross, .crashKeepsPort, .queueHeld])
    + bites("threads", [.threadUncounted, .futexAcross])
    + bites("manager", [.priorityOfAnyone, .nameAcross])
    + bites("manager", [.killAcross], caughtBy: .signals)
    + bites("manager", [.deadHolder], caughtBy: .locks)
    + bites("manager", [.containerOutlivesInit], caughtBy: .accounting)

  private static func bites(
    _ family: String, _ defects: [Defect], caughtBy invariant: Invariant? = nil
  ) -> [Bite] {
    defects.map { Bite(attack: Attack(name: "attack-\(family)"), defect: $0, caughtBy: invariant) }
  }
}
