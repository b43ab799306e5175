// What the page knows of groups' use of limits over time, held against the views.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

struct PageUseTests {
  let folder: TemporaryFolder
  var session: String { folder.file("s.db") }

  init() throws { folder = try TemporaryFolder() }

  private func page(_ program: [String], ticks: UInt64? = nil) throws -> PageData {
    var scenario = GuestRun.scenario(program)
    scenario.tick = 10_000
    if let ticks { scenario.limitTicks = ticks }
    try record(scenario, to: session)
    return try PageData(TraceReader(path: session))
  }

  private func numbers(_ sql: String) throws -> [[Int64]] {
    try TraceQuery.run(sql, on: session).rows.map { row in
      row.map { if case .integer(let number) = $0 { number } else { -1 } }
    }
  }

  private func value(_ times: [Int64], _ values: [Int64], at time: Int64) -> Int64 {
    times.lastIndex { $0 <= time }.map { values[$0] } ?? 0
  }

  @Test(arguments: ["group_memory", "group_misc", "group_disk"])
  func whatGroupsHaveIsWhatTheViewSays(_ program: String) throws {
    let page = try page([program])
    let groups = try TraceQuery.run("SELECT group_id, path FROM cgroup", on: session).rows
    let all = try TraceQuery.run(
      "SELECT group_id, resource, time, held FROM group_usage ORDER BY seq", on: session
    ).rows
    var looked = 0
    for row in groups {
      // A name may have been another group's before.
      guard case .text(let path) = row[1], groups.count(where: { $0[1] == row[1] }) == 1 else {
        continue
      }
      for use in page.uses where use.path == path && use.resource != "cpu" && use.times.count < 90 {
        let told: [(time: Int64, held: Int64)] = all.compactMap {
          guard $0[0] == row[0], $0[1] == .text(use.resource), case .integer(let time) = $0[2],
            case .integer(let held) = $0[3]
          else { return nil }
          return (time, held)
        }
        for time in stride(from: 0, to: use.end ?? page.end, by: Int(page.end / 23)) {
          let held = told.last { $0.time <= time }?.held ?? 0
          #expect(
            value(use.times, use.held, at: time) == held, "\(path) \(use.resource) at \(time)")
          looked += 1
        }
      }
    }
    #expect(looked > 60)
  }

  @Test func timeAndThrottlingAreThoseOfTheViews() throws {
    let page = try page(["group_quota", "2", "200", "20000 100000"], ticks: 220)
    let use = try #require(page.uses.first { $0.path == "/q" && $0.resource == "cpu" })
    // Thousandths of a hart, part by part.
    let width = use.times[1] - use.times[0]
    let used = use.held.reduce(0, +) * width / 1000
    let told = try numbers(
      "SELECT max(held) FROM group_usage WHERE group_id = 2 AND resource = 'cpu'")[0][0]
    #expect(abs(used - told) < 5000, "\(used) \(told)")
    let throttled = try numbers("SELECT count(*), sum(duration) FROM throttle")[0]
    #expect(use.throttled.reduce(0, +) == throttled[1] && throttled[0] > 10)
    // A fifth of a hart.
    #expect(use.limits == [200])
    // Half of its time is that of the group below.
    let inner = try #require(page.uses.first { $0.path == "/q/in" && $0.resource == "cpu" })
    let below = inner.held.reduce(0, +) * width / 1000
    #expect(below > used / 3 && below < used * 2 / 3)
  }

  @Test func everyRefusalIsTold() throws {
    let page = try page(["group_misc"])
    let told = page.uses.reduce(Int64(0)) { $0 + $1.refusals.reduce(0, +) }
    #expect(try numbers("SELECT count(*) FROM group_refusal WHERE group_id > 0")[0][0] == told)
    #expect(told > 5)
    // One line for a resource, whatever its file is called.
    #expect(page.uses.allSatisfy { !$0.resource.contains("max") })
    #expect(page.uses.contains { $0.resource == "files" && $0.limits.contains { $0 >= 0 } })
  }

  @Test func aSessionWithoutGroupsHasNone() throws {
    #expect(try page(["pingpong", "20"]).uses.isEmpty)
  }

  /// Of a window of what has been read, the groups are those of the whole session.
  @Test func aNarrowWindowKnowsWhatWasBeforeIt() throws {
    let page = try page(["group_quota", "2", "200", "20000 100000"], ticks: 220)
    let open = try OpenSession(path: session)
    open.readThrough()
    let middle = page.end / 2
    let window = try open.window(from: middle, to: middle + 3000, pixels: 1000).page
    let pids = try #require(window.uses.first { $0.path == "/q" && $0.resource == "pids" })
    #expect(pids.held.first == 2)
    let cpu = try #require(window.uses.first { $0.path == "/q" && $0.resource == "cpu" })
    #expect(cpu.limits == [200] && cpu.held.allSatisfy { (0...1000).contains($0) })
  }

  @Test func manyGroupsAreNotAllDrawn() throws {
    let page = try page(["call_groups"])
    let groups = Set(page.uses.map(\.path)).count
    #expect(groups <= 24)
    let all = try numbers("SELECT count(*) FROM cgroup")[0][0]
    #expect(Int64(page.usesLeftOut) >= all - 24 && all > 24)
    #expect(page.uses.reduce(0) { $0 + $1.times.count } < 40_000)
  }
}
