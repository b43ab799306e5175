// How many wanted to run, on average.

import Testing

@testable import Sim

@Suite("Load averages") struct LoadAverageTests {
  private let tick: UInt64 = 1000

  private func after(_ moments: UInt64, _ active: Int) -> LoadAverage {
    var load = LoadAverage(tick: tick)
    load.note(active, until: Instant(instructions: moments * 5 * tick))
    return load
  }

  @Test("Are looked at every five ticks, and not before")
  func everyFiveTicks() {
    var load = LoadAverage(tick: tick)
    #expect(load.due == 5000)
    load.note(3, until: Instant(instructions: 4999))
    #expect(load == LoadAverage(tick: tick))
    load.note(3, until: Instant(instructions: 5000))
    #expect(load.due == 10_000)
    // 1884/2048 of nothing, and the rest of three.
    #expect(load.values[0] == (3 * 2048 * (2048 - 1884) + 2047) / 2048)
  }

  @Test("Come to what there is, and leave it again, as Linux's sums do", arguments: 0..<3)
  func comeAndGo(place: Int) {
    #expect(after(5000, 2).values[place] == 2 * 2048)
    var load = after(5000, 2)
    load.note(0, until: Instant(instructions: 50_000 * tick))
    #expect(load.values[place] == 0)
  }

  @Test("Are the same whether one looks at each moment or at many at once")
  func manyAtOnce() {
    var step = LoadAverage(tick: tick)
    for moment in 1...700 { step.note(1, until: Instant(instructions: UInt64(moment) * 5000)) }
    #expect(step == after(700, 1))
  }

  @Test("Of a machine that sleeps to the end of time take no longer")
  func endOfTime() {
    var load = LoadAverage(tick: tick)
    load.note(0, until: .end)
    #expect(load.due > Instant.end.instructions)
    var long = LoadAverage(tick: .max / 4)
    long.note(1, until: .end)
    #expect(long.due == .max)
  }
}
