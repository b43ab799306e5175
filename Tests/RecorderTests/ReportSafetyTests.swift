// Reports believe nothing: a session that no machine had, with every kind of number in every column,
// gives tables, and so does one that is cut short.

import Recorder
import Sim
import TestSupport
import Testing

struct ReportSafetyTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [true, false])
  func aSessionThatNoMachineHadGivesTables(_ finished: Bool) throws {
    let path = folder.file("t.db")
    let writer = try SyntheticSession(events: 20_000).write(to: path, finishing: finished)
    defer { withExtendedLifetime(writer) {} }
    let reader = try TraceReader(path: path)
    #expect(reader.summary.isComplete == finished)
    let tables = try ReportSet.tables(reader).flatMap(\.tables)
    #expect(tables.count >= 15)
    for table in tables {
      for row in table.rows { #expect(row.count == table.columns.count, "\(table.key)") }
    }
    #expect(try Timeline(reader, from: 1000, to: 90_000).slices.isEmpty == false)
    let page = try PageData(reader, limit: 100)
    #expect(page.states.count <= 100 && page.slices.count <= 100 && !page.slices.isEmpty)
  }

  @Test func aLongSessionsStretchesArePutTogetherWithoutLosingAny() throws {
    let path = folder.file("t.db")
    try record(GuestRun.scenario(["pingpong", "2000"]), to: path)
    let reader = try TraceReader(path: path)
    let all = try PageData(reader, limit: .max / 16)
    let few = try PageData(reader, limit: 200)
    #expect(all.slices.allSatisfy { $0.merged == 0 } && all.slices.count > 4000)
    #expect(few.slices.count <= 200)
    let merged = few.slices.reduce(0) { $0 + max(1, $1.merged) }
    #expect(merged == all.slices.count)
    #expect(few.runtimes == all.runtimes && few.busyEnd == all.busyEnd)
  }

  @Test func aWindowShowsWhatTheWholeTimelineShowsThere() throws {
    let path = folder.file("t.db")
    var scenario = GuestRun.scenario([], typed: ["primes 40 & pingpong 3000\n"])
    scenario.harts = 3
    scenario.seed = 11
    try record(scenario, to: path)
    let reader = try TraceReader(path: path)
    let all = try Timeline(reader).slices
    let end = try #require(all.map(\.end).max())
    for step in 0..<20 {
      let from = end / 20 * Int64(step)
      let window = try Timeline(reader, from: from, to: from + 5000)
      let expected = all.filter { $0.end >= from && $0.start <= from + 5000 }
      #expect(window.slices.map(\.sequence) == expected.map(\.sequence), "from \(from)")
    }
  }

  /// One hart runs the same process for ever, while the other has events by the million: whoever looks
  /// at a moment of that must not read all of them.
  @Test func whoRanIsFoundWithoutReadingFarAround() throws {
    let path = folder.file("far.db")
    var scenario = GuestRun.scenario([], typed: ["spin 100000000 & pingpong 30000\n"])
    scenario.harts = 3
    // Nobody loses its hart.
    scenario.scheduler = .fifo
    scenario.limitTicks = 40
    try record(scenario, to: path)
    let reader = try TraceReader(path: path)
    let end = reader.summary.instructions
    // A tick has some five thousand events here, and the spinning process keeps its hart for many.
    let reach: (Int64, Int64) = (6000, 1000)
    var isOutOfReach = false
    for step in 0..<20 {
      let time = end / 20 * Int64(step) + 50_000
      let whole = try Timeline(reader, from: time, to: time, reach: (.max, .max))
      let near = try Timeline(reader, from: time, to: time, reach: reach)
      #expect(near.slices.map(\.pid) == whole.slices.map(\.pid), "at \(time)")
      #expect(near.slices.map(\.hart) == whole.slices.map(\.hart), "at \(time)")
      for (slice, exact) in zip(near.slices, whole.slices) {
        #expect(slice.start >= exact.start && slice.end <= exact.end)
        #expect(slice.start == exact.start || slice.knownPriority == nil)
        #expect(slice.ending == exact.ending || slice.ending == nil)
        if slice.knownPriority == nil { isOutOfReach = true }
      }
    }
    #expect(isOutOfReach)
  }
}
