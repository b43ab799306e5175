import Foundation
import Recorder
import Sim
import TestSupport
import Testing

/// Scheduling policies and inheritance as the command line, scenarios and traces name them, and the
/// what-if of `replay` under each, through the real binary.
struct SchedulerCommandTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func drydock(_ arguments: String...) throws -> ToolRun {
    try DrydockTool.run(arguments, in: folder.path)
  }

  private func expectRefusal(_ arguments: [String], _ words: String) throws {
    let run = try DrydockTool.run(arguments, in: folder.path)
    #expect(run.status == 2 && run.output.isEmpty, "\(run)")
    #expect(run.errorLines.count == 1 && run.errors.contains(words), "\(run)")
  }

  private static let all = "priority, mlfq, lottery, stride, fair, fifo"

  @Test(arguments: [
    ("strid", "found \"strid\", expected one of \(all); did you mean stride?"),
    ("Fair", "found \"Fair\", expected one of \(all)"),
    ("", "found \"\", expected one of \(all)"), ("rr", "found \"rr\", expected one of \(all)"),
    ("fair,fifo", "found \"fair,fifo\", expected one of \(all)"),
  ])
  func aPolicyThatThereIsNotIsRefused(word: String, words: String) throws {
    try Recorder.record(GuestRun.scenario(["true"]), to: folder.file("s.db"))
    for arguments in [["run", "--", "true"], ["record", "-o", "x.db", "--", "true"]] {
      try expectRefusal(
        [arguments[0], "--scheduler", word] + arguments.dropFirst(), "--scheduler: \(words)")
    }
    try expectRefusal(["replay", "s.db", "--scheduler", word], "--scheduler: \(words)")
    #expect(try folder.names == ["s.db"])
    let scenario = try folder.write("harts: 1\nscheduler: \"\(word)\"\n", to: "s.yaml")
    try expectRefusal(["run", "--scenario", scenario], "s.yaml:2:12: scheduler: \(words)")
  }

  @Test(arguments: [
    ("schedular: fair", "s.yaml:1:1: found unknown key \"schedular\""),
    ("schedular: fair", "did you mean scheduler?"), ("scheduler: [fair]", "s.yaml:1:12: "),
    ("scheduler: {}", "s.yaml:1:12: "),
    ("scheduler: fair\nscheduler: fifo", "found scheduler twice"),
    ("priority_inheritance: maybe", "s.yaml:1:23: "),
    ("priorityInheritence: true", "did you mean priorityInheritance?"),
  ])
  func keysAndValuesThatMakeNoSenseAreRefused(text: String, words: String) throws {
    let scenario = try folder.write(text + "\n", to: "s.yaml")
    try expectRefusal(["run", "--scenario", scenario], words)
  }

  @Test func aTraceOfAnUnknownPolicyIsRefused() throws {
    var scenario = GuestRun.scenario(["true"])
    scenario.scheduler = .fair
    try Recorder.record(scenario, to: folder.file("s.db"))
    try TraceSurgery.alter(
      folder.file("s.db"), "UPDATE scenario SET value = 'fare' WHERE key = 'scheduler'",
      into: folder.file("b.db"))
    for otherwise in [[], ["--scheduler", "stride"]] {
      try expectRefusal(["replay", "b.db"] + otherwise, "b.db: ")
    }
  }

  /// Where nobody ever has to wait for anybody, no policy makes a difference.
  @Test(arguments: SchedulerKind.allCases)
  func withoutACompetitorEveryPolicyGivesTheSameSession(recorded: SchedulerKind) throws {
    var scenario = GuestRun.scenario(["true"])
    scenario.scheduler = recorded
    try Recorder.record(scenario, to: folder.file("s.db"))
    for kind in SchedulerKind.allCases {
      let run = try drydock("replay", "s.db", "--scheduler", kind.name)
      #expect(run.status == 0, "\(run)")
      #expect(
        run.output.hasSuffix("15 invariants hold; halted; every event as recorded\n"), "\(run)")
    }
  }

  /// The first event that differs is told, and the invariants are checked to the end; nothing else is compared.
  @Test func everyPolicyIsAWhatIfOfARecording() throws {
    var scenario = GuestRun.scenario(["bug_policies"])
    scenario.seed = 3
    try Recorder.record(scenario, to: folder.file("s.db"))
    let recorded = try TraceReader(path: folder.file("s.db")).summary
    for kind in SchedulerKind.allCases {
      let run = try drydock("replay", "s.db", "--scheduler", kind.name)
      let lines = run.output.split(separator: "\n")
      if kind == .priority {
        #expect(run.status == 0 && lines.count == 1, "\(run)")
        #expect(run.output.hasPrefix("\(recorded.events) events; 15 invariants hold; "), "\(run)")
        continue
      }
      #expect(run.status == 1 && lines.count == 4, "\(kind.name): \(run)")
      #expect(lines.first?.hasPrefix("parts from the recording at event ") == true, "\(run)")
      #expect(lines.dropFirst().first?.hasPrefix("  recorded ") == true, "\(run)")
      #expect(lines.last?.hasSuffix(" events; 15 invariants hold; halted") == true, "\(run)")
    }
  }

  @Test func inheritanceIsAWhatIfOfARecording() throws {
    let scenario = GuestRun.scenario(["prioinversion"])
    try Recorder.record(scenario, to: folder.file("s.db"))
    let on = try drydock("replay", "s.db", "--priority-inheritance", "on")
    #expect(on.status == 1 && on.output.contains("inherit"), "\(on)")
    #expect(on.output.contains("; 15 invariants hold; halted"), "\(on)")
    let off = try drydock("replay", "s.db", "--priority-inheritance", "off")
    #expect(off.status == 0 && off.output.contains("every event as recorded"), "\(off)")
    try expectRefusal(["replay", "s.db", "--priority-inheritance", "maybe"], "maybe")
  }

  /// A recording keeps that priorities were inherited, and is the same session again.
  @Test func aRecordingWithInheritanceIsReplayed() throws {
    let record = try drydock(
      "record", "--priority-inheritance", "-o", "s.db", "--", "prioinversion")
    #expect(record.status == 0, "\(record)")
    let replay = try drydock("replay", "s.db")
    #expect(replay.status == 0 && replay.output.contains("; 15 invariants hold"), "\(replay)")
    #expect(try drydock("verify", "s.db").status == 0)
    #expect(try drydock("info", "s.db").output.contains("\ninheritance   yes\n"))
    let view = try drydock(
      "query", "s.db", "SELECT count(*) > 0, min(priority), max(old) FROM inheritance", "--csv")
    #expect(view.output.hasSuffix("1,5,12\n"), "\(view)")
    let story = try drydock("stat", "story", "s.db").output
    #expect(
      story.contains(" inherits priority 5 from ")
        && story.contains(" has its own priority again, 12."),
      "\(story)")
  }
}
