// What a page is given of a window, held against the views, which know nothing of windows.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

struct PageWindowTests {
  static let names = ["lecture", "inversion", "forty", "shared-memory", "killed-client"]

  /// What a view says, by the number of its first event: from when to when.
  private func intervals(_ sql: String, _ path: String) throws -> [(Int64, Int64, Int64)] {
    try TraceQuery.run(sql, on: path).rows.map { row in
      guard case .integer(let sequence) = row[0], case .integer(let time) = row[1],
        case .integer(let duration) = row[2]
      else { throw CocoaError(.coderInvalidValue) }
      return (sequence, time, time + duration)
    }
  }

  private func windows(_ end: Int64, _ name: String) -> [ClosedRange<Int64>] {
    var random = RandomSource(seed: UInt64(name.utf8.count))
    return (0..<40).map { round in
      let from = Int64(random.next(below: Int(end)))
      let length = [0, 100, 1000, 100_000][round % 4]
      return from...(from + Int64(length))
    }
  }

  /// A small memory has the windows read from the file, after a checkpoint.
  @Test(arguments: names, [50, OpenSession.stretchesLimit])
  func aServedWindowHasEveryMutexThatIsHeldInIt(_ name: String, _ stretches: Int) throws {
    let session = try OpenSession(path: CommittedTraces.path(name), stretches: stretches)
    session.readThrough()
    let holds = try intervals(
      "SELECT seq, time, duration FROM lock_hold", CommittedTraces.path(name))
    let slices = try intervals(
      "SELECT seq, time, duration FROM run_slice", CommittedTraces.path(name))
    for window in windows(session.progress.time, name) {
      let page = try session.window(
        from: window.lowerBound, to: window.upperBound, pixels: 20_000
      )
      guard page.isExact else { continue }
      for (found, all) in [(page.page.holds, holds), (page.page.slices, slices)] {
        let expected = all.filter { $0.1 <= window.upperBound && $0.2 >= window.lowerBound }
        #expect(
          found.reduce(0) { $0 + max(1, $1.merged) } == expected.count, "\(name) \(window)")
        for stretch in found where stretch.merged == 0 {
          let known = expected.first { $0.0 == stretch.span.sequence }
          #expect(known?.1 == stretch.span.start, "\(name) \(window)")
          // What goes on for long after the window may be cut.
          #expect(
            known?.2 == stretch.span.end
              || stretch.span.ending == nil && stretch.span.endSequence == nil
                && stretch.span.end > window.upperBound,
            "\(name) \(window)")
        }
      }
    }
  }

  @Test func theMutexesHeldThroughoutANarrowWindowAreThere() throws {
    let path = CommittedTraces.path("lecture")
    let holds = try intervals("SELECT seq, time, duration FROM lock_hold", path)
    let longest = try #require(holds.max { $0.2 - $0.1 < $1.2 - $1.1 })
    let from = (longest.1 + longest.2) / 2
    let held = holds.filter { $0.1 <= from + 1000 && $0.2 >= from }
    #expect(held.count { $0.1 < from && $0.2 > from + 1000 } > 1)
    let session = try OpenSession(path: path)
    session.readThrough()
    let window = try session.window(from: from, to: from + 1000, pixels: 1200)
    #expect(window.page.holds.map(\.span.sequence).sorted() == held.map(\.0).sorted())
  }

  @Test(arguments: names)
  func aReportsWindowHasWhateverOverlapsItWithItsTrueEnds(_ name: String) throws {
    let reader = try TraceReader(path: CommittedTraces.path(name))
    let views = [
      "SELECT seq, time, duration FROM lock_hold", "SELECT seq, time, duration FROM run_slice",
      "SELECT seq, time, duration FROM process_state",
    ]
    let all = try views.map { try intervals($0, CommittedTraces.path(name)) }
    for window in windows(reader.summary.instructions, name).prefix(8) {
      let page = try PageData(reader, from: window.lowerBound, to: window.upperBound)
      for (found, all) in zip([page.holds, page.slices, page.states], all) {
        let expected = all.filter { $0.1 <= window.upperBound && $0.2 >= window.lowerBound }
          .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
        #expect(found.map(\.span.sequence).sorted() == expected.map(\.0).sorted())
        #expect(found.map(\.span.start).sorted() == expected.map(\.1).sorted())
        #expect(found.map(\.span.end).sorted() == expected.map(\.2).sorted(), "\(name) \(window)")
      }
      let timeline = try Timeline(reader, from: window.lowerBound, to: window.upperBound)
      let slices = all[1].filter { $0.1 <= window.upperBound && $0.2 >= window.lowerBound }
      #expect(timeline.slices.map(\.sequence).sorted() == slices.map(\.0).sorted())
      #expect(timeline.slices.map(\.end).sorted() == slices.map(\.2).sorted(), "\(name) \(window)")
    }
  }

  @Test func aSliceThatGoesOnPastTheWindowSaysHowItEnds() throws {
    let path = CommittedTraces.path("lecture")
    let slices = try intervals("SELECT seq, time, duration FROM run_slice", path)
    let longest = try #require(slices.max { $0.2 - $0.1 < $1.2 - $1.1 })
    let middle = (longest.1 + longest.2) / 2
    let timeline = try Timeline(TraceReader(path: path), from: middle, to: middle + 100)
    let slice = try #require(timeline.slices.first)
    #expect(timeline.slices.count == 1 && slice.sequence == longest.0)
    #expect(slice.start == longest.1 && slice.end == longest.2 && slice.ending == .exit)
  }

  @Test func marksAreThinnedOutOverTheWholeSession() throws {
    let reader = try TraceReader(path: CommittedTraces.path("lecture"))
    let page = try PageData(reader)
    let seen = page.marks.filter { $0.sort != .violation }
    for sort in PageData.Mark.Sort.allCases {
      #expect(seen.filter { $0.sort == sort }.count <= 2000)
    }
    let kinds: [Event.Kind] = [.refuse, .fault, .kill, .shmExhausted, .deadlock, .lockAbandon]
    let list = kinds.map { "\($0.rawValue)" }.joined(separator: ",")
    let rows = try TraceQuery.run(
      "SELECT count(*), max(time) FROM event WHERE kind IN (\(list))",
      on: CommittedTraces.path("lecture")
    ).rows
    guard case .integer(let wrong) = rows[0][0] else { throw CocoaError(.coderInvalidValue) }
    let marked = seen.reduce(0) { $0 + $1.count }
    #expect(try marked == Int(wrong) + refusedCalls("lecture").count && marked > 2000)
    guard case .integer(let last) = rows[0][1] else { throw CocoaError(.coderInvalidValue) }
    #expect((seen.map(\.time).max() ?? 0) > last - 200_000)
  }

  /// Calls that came back refused, but for those that have another mark: whose, when, why, and which
  /// path they were given.
  private func refusedCalls(_ name: String) throws -> [[QueryResult.Value]] {
    let limits = [Event.Kind.refuse, .shmExhausted].map { "\($0.rawValue)" }.joined(separator: ",")
    return try TraceQuery.run(
      """
      SELECT s.return_seq, s.pid, s.name, s.why, p.path FROM syscall s
      LEFT JOIN event before ON before.seq = s.return_seq - 1
      LEFT JOIN path p ON p.seq = before.seq AND p.pid = s.pid
      WHERE s.why IS NOT NULL AND s.return_seq IS NOT NULL
        AND NOT (before.kind IN (\(limits)) AND before.pid = s.pid) ORDER BY s.return_seq
      """, on: CommittedTraces.path(name)
    ).rows
  }

  /// Ten attacks on the walls of containers, none of which may go unseen.
  @Test(arguments: ["attack-paths", "attack-links", "attack-guess", "attack-prio"])
  func everyRefusedCallIsMarkedInTheRowOfWhoeverMadeIt(_ name: String) throws {
    let calls = try refusedCalls(name)
    let session = try OpenSession(path: CommittedTraces.path(name))
    session.readThrough()
    let served = try session.window(from: 0, to: session.progress.time, pixels: 10_000_000).page
    for page in [try PageData(TraceReader(path: CommittedTraces.path(name))), served] {
      let marks = page.marks.filter { $0.sort == .refused }.sorted { $0.sequence < $1.sequence }
      #expect(marks.reduce(0) { $0 + $1.count } == calls.count && calls.count > 20)
      for (mark, call) in zip(marks, calls) where marks.count == calls.count {
        #expect(call[0] == .integer(mark.sequence) && call[1] == .integer(Int64(mark.pid)))
        guard case .text(let number) = call[2], case .text(let why) = call[3] else { continue }
        let path = if case .text(let path) = call[4] { " of \"\(path)\"" } else { "" }
        #expect(mark.what == "\(number)\(path) refused: \(why)")
      }
    }
  }

  @Test func aKillIsMarkedInTheRowOfWhoeverIsKilled() throws {
    let page = try PageData(TraceReader(path: CommittedTraces.path("killed-client")))
    let kills = page.marks.filter { $0.what == "killed" }
    let rows = try TraceQuery.run(
      "SELECT target, pid FROM process_event WHERE event = 'kill' ORDER BY seq",
      on: CommittedTraces.path("killed-client")
    ).rows
    #expect(kills.map { [.integer(Int64($0.pid)), .integer(Int64($0.by))] } == rows)
    #expect(kills.allSatisfy { $0.sort == .ended } && !kills.isEmpty)
  }

  /// A flood of budgets that are used up leaves the few calls that met a wall as they are.
  @Test func aFloodOfOneSortOfMarksLeavesTheOthersApart() throws {
    let page = try PageData(TraceReader(path: CommittedTraces.path("lecture")))
    #expect(page.marks.contains { $0.sort == .limited && $0.count > 1 })
    #expect(page.marks.filter { $0.sort == .refused }.allSatisfy { $0.count == 1 })
  }

  @Test func whoHasNoRowIsSummedUpWithoutLosingAnInstruction() throws {
    let reader = try TraceReader(path: CommittedTraces.path("forty"))
    let whole = try PageData(reader)
    let page = try PageData(reader, rows: 5)
    #expect(whole.restCount == 0 && whole.rest.isEmpty)
    let kept = Set(page.states.map(\.span.pid))
    let longest = whole.runtimes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5)
    #expect(kept == Set(longest.map(\.key)))
    #expect(page.restCount == Set(whole.states.map(\.span.pid)).count - 5)
    let others = whole.runtimes.filter { !kept.contains($0.key) }.reduce(0) { $0 + $1.value }
    #expect(page.rest.reduce(0) { $0 + $1.running } == others && others > 0)
    #expect(page.rest.count > 100)
    #expect(page.slices.map(\.span) == whole.slices.map(\.span))
  }

  @Test func aServedWindowHasTheProcessesThatAreAskedFor() throws {
    let session = try OpenSession(path: CommittedTraces.path("forty"))
    session.readThrough()
    let page = try session.window(from: 0, to: session.progress.time, pixels: 1000, pids: [7, 9])
      .page
    #expect(Set(page.states.map(\.span.pid)) == [7, 9] && page.cut == nil)
  }

  @Test(arguments: names)
  func everyStretchKnowsThePriorityThatWasLastGivenToItsProcess(_ name: String) throws {
    let given = try TraceQuery.run(
      """
      SELECT seq, CASE kind WHEN \(Event.Kind.dispatch.rawValue) THEN \(DispatchEvent.priority)
        ELSE \(PriorityEvent.new) END, pid
      FROM event WHERE kind IN (\(Event.Kind.dispatch.rawValue), \(Event.Kind.priority.rawValue))
      ORDER BY seq
      """, on: CommittedTraces.path(name)
    ).rows
    let page = try PageData(TraceReader(path: CommittedTraces.path(name)), limit: 1_000_000)
    var last: [Int32: [(Int64, Int64)]] = [:]
    for row in given {
      guard case .integer(let sequence) = row[0], case .integer(let priority) = row[1],
        case .integer(let pid) = row[2]
      else { throw CocoaError(.coderInvalidValue) }
      last[Int32(pid), default: []].append((sequence, priority))
    }
    for stretch in page.states where stretch.merged == 0 && stretch.span.state == .blocked {
      let span = stretch.span
      let known = last[span.pid]?.last { $0.0 < span.endSequence ?? .max }
      #expect(span.latestPriority == known?.1, "\(name) \(span)")
    }
  }

  @Test func idleHartsAreThoseOfTheView() throws {
    for name in PageWindowTests.names {
      let page = try PageData(TraceReader(path: CommittedTraces.path(name)))
      let told = try intervals(
        "SELECT hart, time, duration FROM hart_state WHERE state = 'idle' ORDER BY time, seq",
        CommittedTraces.path(name))
      #expect(page.idles.map { Int64($0.span.hart) } == told.map(\.0), "\(name)")
      #expect(page.idles.map(\.span.start) == told.map(\.1), "\(name)")
      #expect(page.idles.map(\.span.end) == told.map(\.2), "\(name)")
    }
  }

  @Test func aFilesNameIsOneWordOfAShell() {
    #expect(shellWord("traces/lecture.db") == "traces/lecture.db")
    #expect(shellWord("w/a b';id;'.db") == #"'w/a b'\'';id;'\''.db'"#)
    #expect(shellWord("-o.db") == "./-o.db")
    #expect(shellWord("a\u{1b}[31m.db") == #"'a\x1b[31m.db'"#)
    #expect(shellWord(#"a\b.db"#) == #"'a\b.db'"#)
  }
}
