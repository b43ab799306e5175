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
    #expect(before.output.hasPrefix("stopped after event \(event - 1), all as recorded"))
    #expect(before.output.contains("\n  pid 1 "))

    try TraceSurgery.alter(
      folder.file("s.db"), "UPDATE event SET a0 = a0 + 1 WHERE seq = 30", into: folder.file("b.db"))
    #expect(try drydock("replay", "b.db", "--until", "8").status == 0)
    #expect(try drydock("replay", "b.db", "--until", "30").status == 1)
  }
}
