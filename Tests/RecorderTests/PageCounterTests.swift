// What a page counts and prints over a session's time, held against the views.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

struct PageCounterTests {
  private func rows(_ sql: String, _ name: String) throws -> [[Int64]] {
    try TraceQuery.run(sql, on: CommittedTraces.path(name)).rows.map { row in
      row.map { if case .integer(let number) = $0 { number } else { -1 } }
    }
  }

  private func value(_ counter: PageData.Counter?, at time: Int64) -> Int64 {
    guard let counter, let index = counter.times.lastIndex(where: { $0 <= time }) else { return 0 }
    return counter.values[index]
  }

  @Test(arguments: ["two-containers", "inversion", "killed-client", "forty"])
  func slotsAreHeldByThoseWhoWereForkedAndNotReaped(_ name: String) throws {
    let page = try PageData(TraceReader(path: CommittedTraces.path(name)))
    let forks = Event.Kind.fork.rawValue
    let reaps = Event.Kind.reap.rawValue
    let end = page.end
    for time in stride(from: end / 17, to: end, by: Int(max(1, end / 17))) {
      let held = try rows(
        """
        SELECT 1 + (SELECT count(*) FROM event WHERE kind = \(forks) AND time <= \(time))
          - (SELECT count(*) FROM event WHERE kind = \(reaps) AND time <= \(time))
        """, name)[0][0]
      let slots = page.counters.filter { $0.cid != nil }
      guard slots.allSatisfy({ $0.times.count < 400 }) else { continue }
      let told = slots.map { value($0, at: time) }.reduce(Int64(0), +)
      #expect(told == held, "\(name) at \(time)")
    }
  }

  @Test(arguments: ["inversion", "shell", "shared-memory"])
  func whoWaitsForAHartIsWhoIsRunnable(_ name: String) throws {
    let reader = try TraceReader(path: CommittedTraces.path(name))
    let session = try OpenSession(path: CommittedTraces.path(name))
    session.readThrough()
    for part in 1..<12 {
      let time = reader.summary.instructions / 12 * Int64(part)
      // A window this narrow has every step.
      let window = try session.window(from: time, to: time + 50, pixels: 50).page
      let waiting = try rows(
        """
        SELECT count(*) FROM process_state WHERE state = 'runnable' AND time <= \(time)
          AND time + duration > \(time)
        """, name)[0][0]
      let queue = window.counters.first { $0.cid == nil }
      #expect(value(queue, at: time) == waiting, "\(name) at \(time)")
    }
  }

  @Test func manyStepsBecomeFewAndKeepTheirLargest() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("t.db")
    try record(GuestRun.scenario(["pingpong", "2000"]), to: path)
    let page = try PageData(TraceReader(path: path))
    let queue = try #require(page.counters.first { $0.cid == nil })
    #expect(queue.times.count <= 500 && queue.times == queue.times.sorted())
    #expect(queue.values.max() == queue.most && queue.most >= 1)
  }

  @Test func theConsoleIsThereLineByLine() throws {
    let name = "shell"
    let page = try PageData(TraceReader(path: CommittedTraces.path(name)))
    let bytes = page.console.filter { !$0.isTyped }.flatMap(\.bytes)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.hasPrefix("init: starting sh\n$ "))
    let typed = page.console.filter(\.isTyped)
    #expect(
      typed.first.map { String(decoding: $0.bytes, as: UTF8.self) }
        == "cat poem | grep wa | wc\n")
    #expect(page.console.map(\.time) == page.console.map(\.time).sorted())
    // A long line comes in events of forty bytes each and is one all the same.
    #expect(typed.contains { $0.bytes.count > 40 && $0.count == 1 })
  }

  @Test func callsAreCountedInTheStretchesThatMadeThem() throws {
    for (name, limit) in [("lecture", 1_000_000), ("lecture", 300), ("inversion", 1_000_000)] {
      let page = try PageData(TraceReader(path: CommittedTraces.path(name)), limit: limit)
      let calls = try rows(
        "SELECT count(*) FROM event WHERE kind = \(Event.Kind.call.rawValue)", name)[0][0]
      #expect(page.slices.reduce(Int64(0)) { $0 + $1.calls } == calls, "\(name) \(limit)")
      #expect(page.states.reduce(Int64(0)) { $0 + $1.calls } == calls, "\(name) \(limit)")
    }
  }

  @Test func theManagerAndItsHelpersAreTold() throws {
    let reader = try TraceReader(path: CommittedTraces.path("two-containers"))
    let facts = try SessionFacts(reader, end: reader.summary.instructions)
    let plumbing = facts.managerProcesses
    #expect(plumbing.count > 5)
    for process in facts.processes.values {
      if process.cid != 0 { #expect(!plumbing.contains(process.pid), "\(process)") }
      if process.name == "cm" || process.name == "dockv6", process.cid == 0 {
        #expect(plumbing.contains(process.pid), "\(process)")
      }
      if process.name == "sh" { #expect(!plumbing.contains(process.pid), "\(process)") }
    }
  }
}
