// Every defect is caught by the invariant that is there for it, and every invariant has been seen to
// fail. The table in docs/defects.md is what these tests find.

import Foundation
import Recorder
import Replay
import Sim
import TestSupport
import Testing

@Suite struct DefectTests {
  @Test(
    "A kernel with a defect is caught by the invariant that is there for it",
    arguments: ExpectedCatch.all)
  func defectIsCaught(expected: ExpectedCatch) throws {
    let run = try CheckedRun(expected.scenario)
    let first = try #require(run.violations.first, "\(expected.defect.name) was not caught")
    #expect(first.invariant == expected.invariant, "\(first.text(in: nil))")
    for violation in run.violations.dropFirst() {
      #expect(
        expected.consequences.contains(violation.invariant),
        "\(expected.defect.name) also: \(violation.text(in: nil))")
    }
  }

  @Test("A path that leaves the root and comes back in is seen", arguments: ["literal", "machine"])
  func aWayOutAndInIsSeen(dotdot: String) throws {
    var scenario = try TraceReader(path: CommittedTraces.path("two-homes")).scenario
    scenario.defects = [try #require(Defect(name: "dotdot-\(dotdot)"))]
    let run = try CheckedRun(scenario)
    #expect(run.violations.map(\.invariant) == [.root])
    #expect(run.violations.first?.expected == "nothing, for name by name one gets nowhere")
  }

  @Test("A page that comes when it is touched is looked at as one that sbrk gives")
  func aTouchedPageIsLookedAt() throws {
    var scenario = GuestRun.scenario(["call_sbrklazy"])
    scenario.defects = [.heapNotZeroed]
    let first = try #require(try CheckedRun(scenario).violations.first)
    #expect(first.invariant == .memory && first.expected == "zeros")
  }

  @Test("What a group has given back it may not have again beyond its limit")
  func whatWasGivenBackIsGone() throws {
    var scenario = GuestRun.scenario(["bug_shrunk"])
    scenario.defects = [.groupLimitUnchecked]
    let first = try #require(try CheckedRun(scenario).violations.first)
    #expect(first.invariant == .limits && first.found.hasPrefix("3 files"), "\(first)")
  }

  @Test(
    "A kernel with a mistake of the network goes on, whatever programs do",
    arguments: [
      Defect.portsShared, .sourceForged, .loopbackAcross, .fullWindowLosesByte, .endDropsTail,
      .backlogCountsClosed, .crashKeepsPort,
    ], [1, 2])
  func networkDefectsTrapNowhere(defect: Defect, harts: Int) throws {
    var scenario = GuestRun.scenario(["net_hostile"])
    scenario.defects = [defect]
    scenario.harts = harts
    scenario.limitTicks = 500
    #expect(try CheckedRun(scenario).eventCount > 100)
  }

  @Test("Every defect is provoked, and every invariant has a defect")
  func tableIsComplete() {
    #expect(ExpectedCatch.all.map(\.defect) == Defect.allCases)
    for invariant in Invariant.allCases {
      #expect(ExpectedCatch.all.contains { $0.invariant == invariant }, "\(invariant.rawValue)")
    }
  }

  @Test("Names of defects are distinct and lead back to them")
  func namesLeadBack() {
    for defect in Defect.allCases {
      #expect(Defect(name: defect.name) == defect)
      #expect(Defects([defect]).all == [defect])
    }
  }

  @Test("The table in the docs is what the tests find")
  func tableInTheDocsIsCurrent() throws {
    let table = try ExpectedCatch.all.map { expected in
      let run = try CheckedRun(expected.scenario)
      let event = run.violations.first.map { "\($0.sequence)" } ?? "never"
      return "| `\(expected.defect.name)` | \(expected.defect.sentence) | \(expected.place) "
        + "| \(expected.invariant.rawValue) | \(event) |"
    }
    let heading = """
      | defect | what the kernel does | where | caught by | after events |
      |---|---|---|---|---:|
      """
    let text = ([heading] + table).joined(separator: "\n")
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/defects.md").standardized.path
    let page = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let parts = page.components(separatedBy: "<!-- table -->")
    if parts.count == 3, parts[1].trimmingCharacters(in: .newlines) == text { return }
    if parts.count == 3, ProcessInfo.processInfo.environment["DRYDOCK_RECORD"] != nil {
      let new = [parts[0], "\n\(text)\n", parts[2]].joined(separator: "<!-- table -->")
      try new.write(toFile: path, atomically: true, encoding: .utf8)
    }
    Issue.record("docs/defects.md is out of date; DRYDOCK_RECORD=1 writes it anew")
  }
}

/// A defect, what provokes it, and what is to catch it.
struct ExpectedCatch: Sendable, CustomTestStringConvertible {
  var defect: Defect
  var invariant: Invariant
  /// The function of the kernel that makes the mistake.
  var place: String
  /// What may be wrong after it as well.
  var consequences: [Invariant] = []

  var testDescription: String { defect.name }

  var scenario: Scenario {
    var scenario = GuestRun.scenario(["bug_\(subject)"])
    scenario.defects = [defect]
    if defect == .quotaPerHart { scenario.harts = 2 }
    scenario.scheduler = scheduler
    scenario.inheritsPriorities = isAboutInheritance
    scenario.limitTicks = 1000
    if invariant == .network {
      scenario.ports = [PublishedPort("127.0.0.1:8080:10.0.0.9:87")].compactMap { $0 }
      scenario.clients = [HostClient(to: Endpoint(.loopback, 8080), from: HostClient.firstPort)]
    }
    return scenario
  }

  /// What the program that provokes it is about.
  private var subject: String {
    switch defect {
    case .lastUserRepaid, .refusedForkCounts, .sharedPageUncounted, .copyUncounted: "frames"
    case .reserveForgotten: "reserve"
    case _ where isAboutInheritance: "inherit"
    case .quotaForgotten, .quotaPerHart, .debtForgotten: "quotas"
    case .weightIgnored, .timeSavedUp: "shares"
    case .threadUncounted: "threads"
    default: scheduler == .priority ? invariant.rawValue : "policies"
    }
  }

  private var isAboutInheritance: Bool {
    [.inheritanceKept, .chainNotFollowed, .lenderGoneCounts, .forkInherits].contains(defect)
  }

  /// The policy that makes the mistake; strict priorities where it is not about one.
  private var scheduler: SchedulerKind {
    switch defect {
    case .fifoNewestFirst, .fifoSlices: .fifo
    case .boostForgotten, .allotmentRenewed: .mlfq
    case .ticketsEqual, .ticketsStale: .lottery
    case .strideEqual, .passKeptAsleep: .stride
    case .eligibilityIgnored, .virtualTimeKept: .fair
    default: .priority
    }
  }

  /// Whether the rows of a trace show it, without the machine.
  var isToldByTrace: Bool {
    switch defect {
    case .setrootOfParent, .openDirectoryKept, .joinKeepsRoot: false
    case .forkFailureKeepsSlot, .initReapLeaksSlot: false
    case .pageNotZeroed, .heapNotZeroed, .forkLeavesWritable, .writeWithoutCopy, .staleMapping,
      .callWritesShared, .imageNotZeroed:
      false
    case .killLeavesAsleep, .listAcross, .procListsAll: false
    case .noPreemption, .restOfTick: false
    case .boostForgotten, .allotmentRenewed, .passKeptAsleep, .eligibilityIgnored,
      .virtualTimeKept:
      false
    case .lowerWritten, .whiteoutForgotten, .opaqueIgnored, .namesParted: false
    case .childInRoot, .moveKeepsCount: false
    case .closerRepaid, .refusedPipeCounts, .groupLimitUnchecked: false
    case .lastUserRepaid, .refusedForkCounts, .sharedPageUncounted, .copyUncounted: false
    case .writerPays, .unnamedFileFree, .copyUpFree, .tablesFree: false
    case .reserveForgotten: false
    case .quotaForgotten, .quotaPerHart, .weightIgnored, .timeSavedUp, .fallUntold: false
    case .backlogCountsClosed, .crashKeepsPort, .queueHeld: false
    case .futexBlind, .futexNewestFirst, .closeLeavesWaiting: false
    case .pipeFailureKeepsFiles, .execFailureKeepsPages, .exitKeepsPages, .unlinkKeepsInode,
      .exitKeepsDirectory:
      false
    default: true
    }
  }

  /// The families that the rows of a trace show to be violated, in the order of the views.
  var toldByTrace: [String] {
    if !isToldByTrace { return [] }
    switch defect {
    // Who names a process across the wall names one that has no number there.
    case .killAcross, .priorityOfAnyone: return ["pids", invariant.rawValue]
    default: return [invariant.rawValue]
    }
  }

  static let all = Defect.allCases.map { expectation(of: $0) }

  private static func expectation(of defect: Defect) -> ExpectedCatch {
    func caught(_ invariant: Invariant, _ place: String, then: [Invariant] = []) -> ExpectedCatch {
      ExpectedCatch(defect: defect, invariant: invariant, place: place, consequences: then)
    }
    return switch defect {
    case .dotDotLiteral, .dotDotMachine, .slashIsWorkingDirectory: caught(.root, "pathStart")
    case .workingDirectoryOutside: caught(.root, "changeBase")
    case .setrootOfParent: caught(.root, "setRoot")
    case .openDirectoryKept: caught(.root, "requireNoOpenDirectory")
    case .joinKeepsRoot: caught(.root, "joinContainer")
    case .checkThenTake: caught(.budget, "fork")
    case .forkFailureKeepsSlot: caught(.budget, "giveUpFork")
    case .initReapLeaksSlot: caught(.budget, "reap")
    case .limitUnchecked, .limitOffByOne: caught(.budget, "takeBudget")
    case .zombiesUncounted: caught(.budget, "exit")
    case .execResetsBudget: caught(.budget, "exec")
    case .joinUncounted: caught(.budget, "joinContainer")
    case .killAcross: caught(.signals, "kill", then: [.pids])
    case .killLeavesAsleep: caught(.signals, "kill")
    case .orphansToInit: caught(.signals, "fosterParent")
    case .priorityOfAnyone: caught(.signals, "setPriority", then: [.pids])
    case .pageNotZeroed: caught(.memory, "createSharedPage")
    case .mappersMiscounted: caught(.memory, "inheritSharing", then: [.accounting])
    case .heapNotZeroed: caught(.memory, "grow")
    case .forkLeavesWritable: caught(.memory, "forkedSpace")
    case .writeWithoutCopy: caught(.memory, "unshare")
    case .staleMapping: caught(.memory, "unmapShared", then: [.accounting])
    case .callWritesShared: caught(.memory, "writableFrame")
    case .imageNotZeroed: caught(.memory, "extend")
    case .nameAcross: caught(.names, "copyInName")
    case .handleAcross: caught(.names, "mutex")
    case .handlesKeptOnEntering: caught(.names, "enter")
    case .listAcross: caught(.names, "inSight", then: [.pids])
    case .infoAcross: caught(.names, "containerInfo", then: [.pids])
    case .pidAcross: caught(.pids, "target")
    case .pidGivenAgain: caught(.pids, "giveNumber")
    case .forkGivesMachinePID: caught(.pids, "number")
    case .procListsAll: caught(.pids, "procMembers")
    case .unlockByAnyone: caught(.locks, "unlockMutex")
    case .deadHolder: caught(.locks, "dropHandle")
    case .lostWakeup, .waitWithoutSignal, .waitKeepsMutex: caught(.locks, "waitForCondition")
    case .signalWakesNobody: caught(.locks, "signalCondition")
    case .lockNotAtomic: caught(.locks, "lockMutex")
    case .priorityDecays: caught(.schedule, "yield")
    case .priorityAboveOwn: caught(.schedule, "setPriority")
    case .lowestFirst: caught(.schedule, "take")
    case .noPreemption: caught(.schedule, "reschedule")
    case .restOfTick: caught(.schedule, "beginTurn")
    case .inheritanceKept: caught(.schedule, "endLoans")
    case .chainNotFollowed: caught(.schedule, "raiseHolders")
    case .lenderGoneCounts: caught(.schedule, "endLoan")
    case .forkInherits: caught(.schedule, "fork")
    case .consoleDescriptor: caught(.console, "requireOutside")
    case .deviceOpens: caught(.console, "install")
    case .pipeFailureKeepsFiles: caught(.accounting, "pipe")
    case .execFailureKeepsPages: caught(.accounting, "exec")
    case .unlinkKeepsInode: caught(.accounting, "unlink")
    case .exitKeepsPages, .exitKeepsDirectory: caught(.accounting, "exit")
    case .containerOutlivesInit: caught(.accounting, "endContainer", then: [.groups])
    case .lowerWritten: caught(.mounts, "target")
    case .whiteoutForgotten: caught(.mounts, "remove")
    case .opaqueIgnored: caught(.mounts, "entry")
    case .namesParted: caught(.mounts, "copyUp")
    case .mountAcross: caught(.mounts, "addMount", then: [.root])
    case .groupsInSight: caught(.groups, "sees")
    case .ownLimitWritable: caught(.groups, "requireWritable")
    case .freezeForgotten: caught(.groups, "freeze")
    case .freezeOwnOnly: caught(.groups, "holdsBackInGroup")
    case .childInRoot: caught(.groups, "enterGroup", then: [.limits])
    case .moveKeepsCount: caught(.groups, "move")
    case .groupsOutlive: caught(.groups, "removeGroups")
    case .closerRepaid: caught(.limits, "dropFile")
    case .refusedPipeCounts: caught(.limits, "takePipe")
    case .groupLimitUnchecked: caught(.limits, "take")
    case .lastUserRepaid: caught(.limits, "repay")
    case .refusedForkCounts: caught(.limits, "takeForkMemory")
    case .sharedPageUncounted: caught(.limits, "createSharedPage")
    case .copyUncounted: caught(.limits, "takeCopyFrame")
    case .dataWaitForgotten, .dataOwnOnly: caught(.limits, "limit")
    case .writerPays, .tablesFree: caught(.limits, "takeBlock")
    case .unnamedFileFree: caught(.limits, "removeLink")
    case .copyUpFree: caught(.limits, "copyUp")
    case .reserveForgotten: caught(.limits, "require")
    case .quotaForgotten: caught(.limits, "setQuota")
    case .quotaPerHart: caught(.limits, "share")
    case .debtForgotten: caught(.limits, "renewPeriods")
    case .weightIgnored: caught(.schedule, "GroupShares.setWeight")
    case .timeSavedUp: caught(.schedule, "GroupShares.settle")
    case .fallUntold: caught(.limits, "GroupTable.change")
    case .dotDotOfMount: caught(.root, "leaveMounts")
    case .portsShared, .sourceForged: caught(.network, "Network.bind")
    case .loopbackAcross: caught(.network, "Network.receiver")
    case .fullWindowLosesByte: caught(.network, "transmit")
    case .endDropsTail: caught(.network, "end")
    case .backlogCountsClosed: caught(.network, "accept")
    case .crashKeepsPort: caught(.network, "closeSocket")
    case .queueHeld: caught(.network, "arrive")
    case .echoForged: caught(.network, "echo")
    case .publishedOutside: caught(.network, "Kernel.listener")
    case .joinEarly: caught(.threads, "join")
    case .futexBlind: caught(.threads, "wait")
    case .futexAcross: caught(.threads, "futexPlace")
    case .futexNewestFirst: caught(.threads, "firstSleeper")
    case .execKeepsThreads: caught(.threads, "exec")
    case .closeLeavesWaiting: caught(.threads, "close")
    case .threadUncounted: caught(.budget, "clone")
    case .fifoNewestFirst: caught(.schedule, "FirstInFirstOut.take")
    case .fifoSlices: caught(.schedule, "FirstInFirstOut.isWaitedFor")
    case .boostForgotten: caught(.schedule, "MultilevelFeedback.noteTick")
    case .allotmentRenewed: caught(.schedule, "MultilevelFeedback.leave")
    case .ticketsEqual: caught(.schedule, "Lottery.insert")
    case .ticketsStale: caught(.schedule, "Lottery.setPriority")
    case .strideEqual: caught(.schedule, "Stride.weight")
    case .passKeptAsleep: caught(.schedule, "Stride.goAway")
    case .eligibilityIgnored: caught(.schedule, "FairShare.isEligible")
    case .virtualTimeKept: caught(.schedule, "FairShare.goAway")
    }
  }
}
