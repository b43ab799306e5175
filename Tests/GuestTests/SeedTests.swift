// What a seed changes: who runs, how finely harts interleave, and when a hart is given away. So that
// some of a few seeds show a race, however small it is and however short the program.

import Sim
import TestSupport
import Testing

@Suite struct SeedTests {
  private static func total(seed: UInt64, harts: Int, recording: Bool = false) throws -> Int? {
    let run = try GuestRun(["lost_update"]) {
      $0.seed = seed
      $0.harts = harts
      $0.recordsSharedAccesses = recording
    }
    #expect(run.status == 0)
    return run.console.split(whereSeparator: \.isNewline).last.flatMap { Int($0) }
  }

  @Test(arguments: [1, 2], [false, true])
  func `one of twenty seeds shows an update lost among a few hundred`(
    harts: Int, recording: Bool
  ) throws {
    let totals = try (1...20).map {
      try #require(try Self.total(seed: UInt64($0), harts: harts, recording: recording))
    }
    #expect(totals.contains { $0 < 400 }, "\(totals)")
    // Nor does a seed make it so that all goes wrong all the time.
    #expect(totals.allSatisfy { $0 >= 200 }, "\(totals)")
  }

  @Test func `seed 0 on one hart gives no hart away before a slice is over`() throws {
    #expect(try Self.total(seed: 0, harts: 1) == 400)
  }
}
