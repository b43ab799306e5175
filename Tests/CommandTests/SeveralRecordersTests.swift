import Foundation
import Recorder
import Replay
import Sim
import TestSupport
import Testing

/// Whoever records into a file has it to itself: no other recorder takes what it has made, and what
/// is said to be recorded is in the file.
struct SeveralRecordersTests {
  let folder: TemporaryFolder
  var path: String { folder.file("r.db") }

  init() throws { folder = try TemporaryFolder() }

  /// Started at one moment, so that they meet where the file is made; one that lasts keeps it.
  @Test(arguments: 0..<6)
  func oneOfThemHasTheFile(round: Int) throws {
    let recorders = try (0..<3).map { index in
      try DrydockTool.start(
        ["record", "--force", "--seed", "\(index)", "-o", "r.db", "--", "pingpong", "30000"],
        in: folder.path)
    }
    let runs = try recorders.map { try DrydockTool.finish($0) }
    let winners = runs.indices.filter { runs[$0].status == 0 }
    #expect(winners.count >= 1, "\(runs)")
    for run in runs where run.status != 0 {
      #expect(run.status == 2 && run.errors.contains("is still being recorded"), "\(run)")
    }
    let reader = try TraceReader(path: path)
    #expect(reader.summary.isComplete && reader.alterations.isEmpty)
    #expect(winners.contains { UInt64($0) == reader.scenario.seed })
    #expect(try folder.names == ["r.db"])
  }

  /// Each round kills one of them at some moment; whatever is there afterwards can be read, or was
  /// never begun, and the next recorder has the file.
  @Test(arguments: 0..<4)
  func aKilledOneLeavesTheFileToTheNext(round: Int) throws {
    let first = try DrydockTool.start(
      ["record", "--force", "-o", "r.db", "--", "pingpong", "1000000"], in: folder.path)
    let second = try DrydockTool.start(
      ["record", "--force", "-o", "r.db", "--", "pingpong", "20000"], in: folder.path)
    // At once, when there is a file, when it is a trace, and when there are events in it.
    try waitFor {
      switch round {
      case 0: true
      case 1: FileManager.default.fileExists(atPath: path)
      case 2: (try? TraceReader(path: path)) != nil
      default: ((try? TraceReader(path: path))?.summary.events ?? 0) > 0
      }
    }
    kill(first.process.processIdentifier, SIGKILL)
    _ = try DrydockTool.finish(first)
    let run = try DrydockTool.finish(second)
    if run.status == 0 {
      #expect(try TraceReader(path: path).summary.isComplete)
    } else {
      #expect(run.status == 2 && run.errors.contains("is still being recorded"), "\(run)")
    }
    let next = try DrydockTool.run(
      ["record", "--force", "-o", "r.db", "--", "true"], in: folder.path)
    #expect(next.status == 0, "\(next)")
    #expect(try TraceReader(path: path).summary.isComplete)
    #expect(try folder.names == ["r.db"])
  }

  /// Its log would be removed with a new recording's.
  @Test func aRecordingWhoseFileWasMovedKeepsItsLog() throws {
    let writer = try TraceWriter(path: path, scenario: Scenario())
    let moved = folder.file("moved.db")
    #expect(rename(path, moved) == 0)
    for force in [false, true] {
      let run = try DrydockTool.run(
        ["record", "-o", "r.db"] + (force ? ["--force"] : []) + ["--", "true"], in: folder.path)
      #expect(run.status == 2, "\(run)")
      #expect(
        run.errors.contains(force ? "still being recorded" : "is the log of a session"), "\(run)")
    }
    let error = #expect(throws: TraceError.self) {
      try writer.finish(NameTable(), at: .zero, .inputEnded)
    }
    #expect(error?.reason == .replaced, "\(error?.description ?? "")")
    #expect(try TraceReader(path: moved).summary.isComplete)
  }

  /// As a program does that closes an earlier file of this name.
  @Test func aRecordingWhoseLogIsRemovedLosesNothing() throws {
    let growing = try GrowingSession(path: path)
    try growing.grow(turns: 10)
    #expect(unlink(path + "-wal") == 0)
    try growing.grow(turns: 10)
    let copy = folder.file("copy.db")
    try FileManager.default.copyItem(atPath: path, toPath: copy)
    #expect(try TraceReader(path: copy).summary.events == 40)
    try growing.finish()
    #expect(try TraceReader(path: path).summary.isComplete)
    #expect(try folder.names == ["copy.db", "r.db"])
  }

  /// The log of a session whose file is elsewhere may be all that there is of it.
  @Test func aLogWithoutItsFileIsNotRemovedUnasked() throws {
    _ = try folder.write("what was committed last", to: "r.db-wal")
    let run = try DrydockTool.run(["record", "-o", "r.db", "--", "true"], in: folder.path)
    #expect(run.status == 2 && run.errors.contains("r.db-wal: is the log of a session"), "\(run)")
    #expect(try folder.names == ["r.db-wal"])
    let forced = try DrydockTool.run(
      ["record", "--force", "-o", "r.db", "--", "true"], in: folder.path)
    #expect(forced.status == 0, "\(forced)")
    #expect(try folder.names == ["r.db"])
  }
}
