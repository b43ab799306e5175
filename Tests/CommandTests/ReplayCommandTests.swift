import Foundation
import Recorder
import Sim
import TestSupport
import Testing

/// `replay` of sessions in which something is wrong, or under other conditions, through the real
/// binary.
struct ReplayCommandTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func drydock(_ arguments: String...) throws -> ToolRun {
    try DrydockTool.run(arguments, in: folder.path)
  }

  /// Records a guest test on a kernel that makes a mistake.
  private func record(_ program: String, _ defects: [Defect], to name: String) throws {
    var scenario = GuestRun.scenario([program])
    scenario.defects = defects
    scenario.limitTicks = 1000
    try Recorder.record(scenario, to: folder.file(name))
  }

  /// The lines that tell of violations.
  private func violations(_ run: ToolRun) -> [String] {
    run.output.split(separator: "\n").map(String.init).filter { $0.hasPrefix("violated ") }
  }

  /// Seen in a step that makes no event, at an event, and by the audit behind the last event.
  @Test(arguments: [
    ("bug_memory", Defect.writeWithoutCopy), ("bug_memory", .forkLeavesWritable),
    ("bug_accounting", .pipeFailureKeepsFiles), ("bug_accounting", .exitKeepsDirectory),
    ("bug_budget", .limitUnchecked), ("bug_accounting", .unlinkKeepsInode),
  ])
  func theCommandThatShowsAViolationAgainShowsIt(program: String, defect: Defect) throws {
    try record(program, [defect], to: "s.db")
    let replay = try drydock("replay", "s.db")
    #expect(replay.status == 1)
    try expectShownAgain(replay)
  }

  private func expectShownAgain(_ run: ToolRun) throws {
    #expect(!violations(run).isEmpty, "\(run)")
    let commands = run.output.matches(of: /again: drydock (.*)/).map { $0.1.split(separator: " ") }
    #expect(commands.count == violations(run).count, "\(run)")
    for (violation, command) in zip(violations(run), commands) {
      let again = try DrydockTool.run(command.map(String.init), in: folder.path)
      #expect(again.status == 1, "\(command)")
      #expect(violations(again).contains(violation), "\(again)")
    }
  }

  @Test func whatComesAfterThePlaceIsNotShown() throws {
    try record("bug_memory", [.writeWithoutCopy], to: "s.db")
    let found = try violations(drydock("replay", "s.db")).first ?? ""
    let event = Int64(found.firstMatch(of: /at event ([0-9]+)/)?.1 ?? "") ?? 0
    #expect(event > 1)
    let before = try drydock("replay", "s.db", "--until", "\(event - 1)")
    #expect(before.status == 0 && violations(before).isEmpty, "\(before)")
    #expect(before.output.hasPrefix("stopped after event \(event - 1), all as recorded; 15 inv"))
    #expect(before.output.contains("\n  pid 1 "))

    #expect(try drydock("replay", "s.db", "--until", "0").status == 2)
    let events = try TraceReader(path: folder.file("s.db")).summary.events
    for options in [[], ["--seed", "0"]] {
      let beyond = try DrydockTool.run(
        ["replay", "s.db", "--until", "1000000"] + options, in: folder.path)
      #expect(beyond.status == 1 && !violations(beyond).isEmpty)
      #expect(
        beyond.errors
          == "drydock: --until: the session ended after \(events) events, and has no event 1000000\n"
      )
    }

    try TraceSurgery.alter(
      folder.file("s.db"), "UPDATE event SET a0 = a0 + 1 WHERE seq = 30", into: folder.file("b.db"))
    #expect(try drydock("replay", "b.db", "--until", "8").status == 0)
    #expect(try drydock("replay", "b.db", "--until", "30").status == 1)
  }

  /// What a replay under other conditions finds is shown again under the same ones.
  @Test func whatWouldHaveHappenedStopsAtAPlaceToo() throws {
    try record("bug_memory", [], to: "s.db")
    let otherwise = ["replay", "s.db", "--defect", "write-without-copy", "--harts", "2"]
    let run = try DrydockTool.run(otherwise + ["--seed", "3"], in: folder.path)
    #expect(run.status == 1)
    #expect(
      run.output.contains(
        "again: drydock replay s.db --defect write-without-copy --harts 2 --seed 3 --until "))
    try expectShownAgain(run)

    let early = try DrydockTool.run(otherwise + ["--until", "1"], in: folder.path)
    #expect(early.status == 0, "\(early)")
    #expect(early.output.hasPrefix("stopped after event 2; 15 invariants hold; every event as"))
  }

  /// A green line says what was looked at.
  @Test func whatWasCheckedIsSaid() throws {
    try record("bug_memory", [], to: "s.db")
    try record("bug_memory", [.writeWithoutCopy], to: "wrong.db")
    for (arguments, says) in [
      (["s.db"], "; 15 invariants hold"),
      (["s.db", "--invariants", "root"], "; 1 invariant holds"),
      (["s.db", "--invariants", "root,budget,root"], "; 2 invariants hold"),
      (["wrong.db"], "; 14 of 15 invariants hold"), (["s.db", "--no-invariants"], nil),
      (["s.db", "--no-invariants", "--seed", "0"], nil),
      (["s.db", "--seed", "0"], "; 15 invariants hold"),
    ] as [([String], String?)] {
      let run = try DrydockTool.run(["replay"] + arguments, in: folder.path)
      let last = run.output.split(separator: "\n").last ?? ""
      if let says {
        #expect(last.contains(says), "\(arguments): \(run)")
      } else {
        #expect(!last.contains("invariant"), "\(arguments): \(run)")
      }
    }
  }

  // MARK: Recordings without an end

  @Test func underItsOwnConditionsACutRecordingPartsNowhere() throws {
    let path = folder.file("cut.db")
    let running = try DrydockTool.start(
      ["record", "--harts", "2", "--seed", "2", "-o", path, "--", "pingpong", "10000000"],
      in: folder.path)
    try waitFor {
      FileManager.default.fileExists(atPath: path)
        && ((try? TraceReader(path: path))?.summary.events ?? 0) > 0
    }
    kill(running.process.processIdentifier, SIGKILL)
    _ = try DrydockTool.finish(running)
    let run = try drydock("replay", path, "--seed", "2")
    #expect(run.status == 0, "\(run)")
    #expect(!run.output.contains("parts from"))
    #expect(run.output.hasSuffix("as recorded up to where the recording was cut short\n"))
  }

  @Test func whatWouldNeverEndIsSaidToHaveBeenStopped() throws {
    let record = try drydock(
      "record", "--tick", "1000", "--seed", "1", "-o", "s.db", "--", "prodcons", "50")
    #expect(record.status == 0)
    let run = try drydock(
      "replay", "s.db", "--defect", "wait-without-signal", "--defect", "wait-keeps-mutex")
    #expect(run.status == 1)
    #expect(
      run.output.hasSuffix(" hold; stopped, for it went on for twice as long as the recording\n"))
  }

  @Test func underItsOwnConditionsAStoppedRecordingPartsNowhere() throws {
    let path = folder.file("stopped.db")
    let running = try DrydockTool.start(
      ["record", "--harts", "2", "--seed", "2", "-o", path, "--", "pingpong", "10000000"],
      in: folder.path)
    try waitFor { (try? TraceReader(path: path))?.summary.events ?? 0 > 0 }
    kill(running.process.processIdentifier, SIGTERM)
    #expect(try DrydockTool.finish(running).status == 128 + SIGTERM)
    try expectAsRecordedUpToTheStop(path)
  }

  /// Nobody had closed the input when the session was stopped.
  @Test func norDoesOneThatWasStoppedWhileItWaited() throws {
    let scenario = GuestRun.scenario([])
    let path = folder.file("stopped.db")
    var session = try RecordingSession(
      scenario, SilentDecisions(), to: path, alsoTo: IgnoringSink())
    while try session.step() == .ran {}
    _ = try session.finish()
    try expectAsRecordedUpToTheStop(path)
  }

  private struct SilentDecisions: Decisions {
    func choose(_ choice: Choice, candidate: (Int) -> Candidate) -> Int { 0 }
    func input(_ request: InputRequest) -> InputAnswer { .nothingYet }
  }

  private func expectAsRecordedUpToTheStop(_ path: String) throws {
    let reader = try TraceReader(path: path)
    #expect(reader.summary.end == "stopped")
    let run = try drydock("replay", path, "--seed", "\(reader.scenario.seed)")
    #expect(run.status == 0, "\(run)")
    #expect(!run.output.contains("parts from"))
    #expect(run.output.hasSuffix("as recorded up to where the session was stopped\n"), "\(run)")
  }

  /// Damage is no difference between two sessions.
  @Test(arguments: [
    "DELETE FROM event WHERE seq = 26", "UPDATE event SET kind = 255 WHERE seq = 26",
    "DELETE FROM event WHERE seq > 26",
  ])
  func aDamagedTraceIsAnErrorUnderAnyConditions(sql: String) throws {
    try record("bug_memory", [], to: "s.db")
    try TraceSurgery.alter(folder.file("s.db"), sql, into: folder.file("b.db"))
    for otherwise in [[], ["--seed", "0"]] {
      let run = try DrydockTool.run(["replay", "b.db"] + otherwise, in: folder.path)
      #expect(run.status == 2, "\(run)")
      #expect(run.errors.hasPrefix("drydock: b.db: ") && run.errorLines.count == 1, "\(run)")
      #expect(run.output.isEmpty)
    }
  }
}
