// What still goes on when a session ends: it lasts to the end, in every report and export.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

struct UnfinishedSessionTests {
  let folder: TemporaryFolder
  var session: String { folder.file("s.db") }

  /// The end comes while `inversion(4)` waits for the mutex of `inversion(3)`, which could run, and
  /// `inversion(5)` of a priority between theirs does.
  init() throws {
    folder = try TemporaryFolder()
    try record(["inversion"], ticks: 17, to: session)
  }

  private func record(
    _ program: [String], ticks: UInt64, harts: Int = 1, to path: String
  ) throws {
    var scenario = GuestRun.scenario(program)
    scenario.limitTicks = ticks
    scenario.harts = harts
    try Recorder.record(scenario, to: path)
  }

  private func drydock(_ arguments: String...) throws -> String {
    let run = try DrydockTool.run(arguments, in: folder.path)
    #expect(run.status == 0 && run.errors.isEmpty, "\(arguments): \(run)")
    return run.output
  }

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func number(_ sql: String) throws -> Int64 {
    let rows = try TraceQuery.run(sql, on: session).rows
    guard rows.count == 1, case .integer(let number) = rows[0][0] else {
      throw CocoaError(.coderInvalidValue)
    }
    return number
  }

  private func inversions(_ path: String) throws -> [[String: Any]] {
    let report = try json(drydock("stat", "locks", path, "--json"))
    return try #require(report["unbounded_inversions"] as? [[String: Any]])
  }

  @Test func anInversionThatHasNotEndedIsFound() throws {
    let found = try inversions(session)
    #expect(found.count == 1)
    #expect(found.first?["waiter"] as? String == "inversion(4 c1:3)")
    #expect(found.first?["ran_between"] as? String == "inversion(5 c1:4)")
    #expect(try found.first?["between"] as? Int64 == number(SQL.ranBetween))
    #expect(try number(SQL.ranBetween) > 1_500_000)
  }

  /// One that had it and one that waits: half of those who wanted it.
  @Test func aWaitWithoutAHoldIsContendedToo() throws {
    let report = try json(drydock("stat", "locks", session, "--json"))
    let locks = try #require(report["locks"] as? [[String: Any]])
    #expect(locks.first?["contended_percent"] as? Double == 50)
  }

  /// With a hart for each of them the holder runs, and who waits does so for it alone.
  @Test func aHolderThatRunsMakesNoInversion() throws {
    let path = folder.file("4.db")
    try record(["inversion"], ticks: 17, harts: 4, to: path)
    let waits = "SELECT count(*) FROM lock_wait WHERE inverted"
    #expect(try TraceQuery.run(waits, on: path).rows != [[.integer(0)]])
    #expect(try inversions(path).isEmpty)
  }

  /// Neither the last to run between the two nor below both when the wait is over.
  @Test func whoRanBetweenIsTheOneThatDidMostOfIt() throws {
    let path = folder.file("between.db")
    try record(["lock_between"], ticks: 5000, to: path)
    let found = try inversions(path)
    #expect(found.count == 1)
    #expect(found.first?["ran_between"] as? String == "lock_between(5)")
    // A slice has the priority that it began with.
    let rows = try TraceQuery.run(
      """
      SELECT (\(SQL.ranBetween)) - (
        SELECT sum(r.time + r.duration - p.time) FROM run_slice r
        JOIN sched_event p USING (pid) WHERE p.event = 'priority' AND p.new = 13
          AND p.time BETWEEN r.time AND r.time + r.duration)
      """, on: path
    ).rows
    #expect(try rows == [[.integer(#require(found.first?["between"] as? Int64))]])
  }

  @Test func foldedStacksHoldAllThatRan() throws {
    let stacks = try drydock("export", session, "--format", "folded").split(separator: "\n")
    let total = stacks.compactMap { Int64($0.split(separator: " ").last ?? "") }.reduce(0, +)
    #expect(try total == number("SELECT sum(duration) FROM run_slice"))
  }

  @Test func chromesCallsThatHaveNotReturnedLastToTheEnd() throws {
    let events = try #require(
      json(drydock("export", session, "--format", "chrome"))["traceEvents"] as? [[String: Any]])
    let calls = events.filter { $0["ph"] as? String == "X" && $0["tid"] as? Int == 4 }
      .filter { $0["name"] as? String == "call mutex_lock" }
    #expect(calls.count == 1)
    let (start, duration) = (calls.first?["ts"] as? Double, calls.first?["dur"] as? Double)
    #expect(try abs(#require(start) + #require(duration) - 1700) < 0.0001)
  }

  @Test func aDifferenceCountsWhatHasNotEnded() throws {
    try record(["true"], ticks: 17, to: folder.file("other.db"))
    let diff = try DrydockTool.run(["diff", "s.db", "other.db"], in: folder.path)
    let blocked = diff.output.split(separator: "\n")
      .first { $0.hasPrefix("time blocked on mutex ") }?.split(separator: " ")
    let expected = try number(
      """
      SELECT sum(duration) FROM process_state WHERE state = 'blocked' AND waits_for = 'mutex'
      """)
    #expect(try #require(blocked)[4] == "\(expected)")
    #expect(expected > 1_500_000)
  }

  /// A hart that has nothing to do to the end is in the picture to the end.
  @Test func aTimelineGoesOnToTheEnd() throws {
    let path = folder.file("sleep.db")
    try record(["sleep", "1000"], ticks: 60, to: path)
    #expect(try drydock("stat", "timeline", path).hasPrefix("From 0 to 6000000, "))
  }

  @Test func nothingAfterAWindowIsInIt() throws {
    let window = try drydock("stat", "timeline", session, "--from", "1000", "--to", "3000")
    let times = window.split(separator: "\n").dropFirst()
      .compactMap { Int64($0.split(separator: " ").first ?? "") }
    #expect(times.count > 3 && times.allSatisfy { 1000...3000 ~= $0 }, "\(window)")
  }

  @Test func aLastLineWithoutAnEndIsTold() throws {
    let path = folder.file("line.db")
    var scenario = GuestRun.scenario(["cat", "text"])
    scenario.files.append(GuestFile(path: "/text", content: .file(Array("one\ntwo".utf8))))
    try Recorder.record(scenario, to: path)
    let story = try drydock("stat", "story", path)
    for line in ["one", "two"] { #expect(story.contains("  The console shows \"\(line)\".\n")) }
  }
}

private enum SQL {
  /// For how long others of a priority between the two ran, while somebody waited for a holder of
  /// lower priority that could have run: question 16 of the cookbook, added up.
  static let ranBetween = """
    SELECT sum(min(r.time + r.duration, w.time + w.duration, h.time + h.duration)
      - max(r.time, w.time, h.time))
    FROM lock_wait w
    JOIN process_state h
      ON h.pid = w.holder AND h.state = 'runnable'
        AND h.time < w.time + w.duration AND h.time + h.duration > w.time
    JOIN run_slice r
      ON r.time < min(w.time + w.duration, h.time + h.duration)
        AND r.time + r.duration > max(w.time, h.time)
    WHERE w.inverted AND r.priority > w.priority AND r.priority < w.holder_priority
    """
}
