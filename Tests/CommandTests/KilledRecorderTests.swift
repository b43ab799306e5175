import Foundation
import Recorder
import Replay
import Sim
import TestSupport
import Testing

/// Recorders that are killed, and disks that are full: whatever is left is a clear error or replays
/// as far as it goes, and no event that was committed is lost.
struct KilledRecorderTests {
  let folder: TemporaryFolder
  var path: String { folder.file("t.db") }

  init() throws { folder = try TemporaryFolder() }

  /// Most moments are when the file is made and the first events come; some are later, when
  /// transactions follow each other. Nothing is waited for here: whatever the moment finds is right.
  @Test(arguments: 0..<50)
  func aRecorderKilledAtAnyMomentLosesNothingCommitted(round: Int) throws {
    var random = RandomSource(seed: UInt64(round))
    let milliseconds = round % 5 == 4 ? 150 + random.next(below: 700) : 1 + random.next(below: 150)
    let running = try DrydockTool.start(
      ["record", "--harts", "\(1 + round % 3)", "--seed", "\(round)", "-o", path, "--", "pingpong"]
        + ["10000000"], in: folder.path)
    Thread.sleep(forTimeInterval: Double(milliseconds) / 1000)
    let committed = (try? TraceReader(path: path))?.summary.events ?? 0
    kill(running.process.processIdentifier, SIGKILL)
    #expect(try DrydockTool.finish(running).status == 128 + SIGKILL)
    try expectClearRemains(atLeast: committed)
  }

  /// A reader, here this process, has locks of its own on what a killed recorder left.
  @Test func whoOnlyReadsIsNotTakenForTheRecorder() throws {
    let running = try DrydockTool.start(
      ["record", "-o", path, "--", "pingpong", "10000000"], in: folder.path)
    var reader: TraceReader?
    try waitFor {
      reader = try? TraceReader(path: path)
      return reader != nil
    }
    #expect(try #require(reader).condition == .recording)
    // By whatever name: the locks are the file's.
    let link = folder.file("link.db")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    for name in [path, link] {
      #expect(try DrydockTool.run(["info", name]).output.contains("still"))
    }
    kill(running.process.processIdentifier, SIGKILL)
    _ = try DrydockTool.finish(running)
    #expect(reader?.condition == .cut)
    _ = try reader?.events(in: 1...10)
    for name in [path, link] {
      #expect(try !DrydockTool.run(["info", name]).output.contains("still"))
    }
    withExtendedLifetime(reader) {}
  }

  /// A program that computes and says nothing makes events by the tick alone.
  @Test func whatHappensSlowlyIsSafeAfterASecond() throws {
    let running = try DrydockTool.start(
      ["record", "-o", path, "--", "spin", "100000000000"], in: folder.path)
    func committed() -> Int64 { (try? TraceReader(path: path))?.summary.events ?? 0 }
    try waitFor { committed() > 0 }
    let events = committed()
    kill(running.process.processIdentifier, SIGKILL)
    _ = try DrydockTool.finish(running)
    #expect(events < 100_000)
    try expectClearRemains(atLeast: events)
  }

  /// Not at random: at one change to a file after the other where a trace begins and where it ends,
  /// at every ninth between.
  @Test func aRecorderKilledAtAnyChangeLosesNothingCommitted() throws {
    var last = 1
    while try !endsUnlessKilled(at: last) { last += last < 24 ? 1 : 9 }
    #expect(last > 100)
    for change in (last - 45)..<last { _ = try endsUnlessKilled(at: change) }
  }

  /// Records and kills the recorder when it makes that change.
  ///
  /// - Returns: whether it had made all its changes before.
  private func endsUnlessKilled(at change: Int) throws -> Bool {
    for name in try folder.names { try FileManager.default.removeItem(atPath: folder.file(name)) }
    let run = try DrydockTool.shell(
      "LD_PRELOAD=\(DrydockTool.path(of: "libKillAt.so")) KILL_AT=\(change) "
        + "exec $DRYDOCK record -o t.db -- true", in: folder.path)
    if run.status == 0 {
      #expect(try folder.names == ["t.db"])
      return true
    }
    #expect(run.status == 128 + SIGKILL, "\(change): \(run)")
    try expectClearRemains(atLeast: 0, canBeComplete: true)
    return false
  }

  /// What is left of a recording replays up to its last committed event, or says why it does not.
  private func expectClearRemains(atLeast committed: Int64, canBeComplete: Bool = false) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      #expect(committed == 0)
      return
    }
    do {
      let reader = try TraceReader(path: path)
      #expect(canBeComplete || !reader.summary.isComplete)
      #expect(reader.alterations.isEmpty)
      #expect(reader.summary.events >= committed)
      var session = try ReplaySession(reader)
      while true {
        switch try session.step() {
        case .matched: continue
        case .diverged(let divergence):
          Issue.record("\(divergence)")
          return
        case .finished(let summary):
          #expect(
            summary
              == ReplaySummary(
                events: reader.summary.events, isComplete: reader.summary.isComplete))
          return
        }
      }
    } catch let error as TraceError {
      // Killed before the first transaction, in which the whole scenario is.
      #expect(committed == 0)
      #expect(error.reason == .notATrace && error.description.hasPrefix("\(path): "), "\(error)")
      #expect(error.description.contains("killed"), "\(error)")
    }
  }

  /// How much the file may grow, in blocks of 512 bytes: from nothing, over less than the scenario
  /// takes, to some transactions.
  @Test(arguments: [0, 1, 7, 60, 200, 350, 500, 800, 1500, 5000, 6000, 9000])
  func aFileThatMayNotGrowIsOneClearLine(blocks: Int) throws {
    let run = try DrydockTool.shell(
      "ulimit -f \(blocks); exec $DRYDOCK record -o t.db -- pingpong 10000000", in: folder.path)
    try expectClearEnd(run)
  }

  /// What did not hold has been seen, whether or not it can be recorded.
  @Test(arguments: [0, 1600])
  func whatDidNotHoldIsToldThoughTheDiskIsFull(blocks: Int) throws {
    let run = try DrydockTool.shell(
      "ulimit -f \(blocks); exec $DRYDOCK record --check --defect fork-leaves-writable -o t.db "
        + "-- pingpong 10000000", in: folder.path)
    #expect(run.status == 2, "\(run)")
    #expect(run.errorLines.last?.contains("(ulimit -f)") == true, "\(run.errors)")
    if blocks > 0 {
      #expect(run.errors.hasPrefix("drydock: violated memory at event "), "\(run.errors)")
    }
  }

  @Test func aFullDiskIsOneClearLine() throws {
    // Who may not mount anything has the limits above.
    let run = try DrydockTool.shell(
      """
      mkdir disk && mount -t tmpfs -o size=900k none disk 2>/dev/null || exit 99
      $DRYDOCK record -o disk/t.db -- pingpong 10000000; status=$?
      cp disk/t.db* . ; umount disk; exit $status
      """, in: folder.path)
    if run.status != 99 { try expectClearEnd(run) }
  }

  private func expectClearEnd(_ run: ToolRun) throws {
    #expect(run.status == 2 && run.output.isEmpty, "\(run)")
    #expect(run.errorLines.count == 1, "\(run.errors)")
    #expect(run.errors.hasPrefix("drydock: ") && run.errors.contains("t.db: "), "\(run.errors)")
    let says = ["the disk is full", "(ulimit -f)"]
    #expect(says.contains { run.errors.contains($0) }, "\(run.errors)")
    let words = run.errors.split(separator: " ")
    let committed = words.last.flatMap { Int64($0.filter(\.isNumber)) } ?? 0
    try expectClearRemains(atLeast: committed)
  }
}
