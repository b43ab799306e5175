// What a seed draws: all options alike, or by their weights.

import Sim
import Testing

@Suite struct SeededChoicesTests {
  private func counts(seed: UInt64, draws: Int, _ choice: Choice) -> [Int] {
    var choices = SeededChoices(seed: seed)
    var counts = Array(repeating: 0, count: choice.options)
    for _ in 0..<draws { counts[choices.choose(choice)] += 1 }
    return counts
  }

  private func choice(_ options: Int, weights: [UInt64]? = nil) -> Choice {
    Choice(
      .dispatch(HartID(raw: 0)), options: options, sequence: 1, tickets: weights.map { Tickets($0) }
    )
  }

  @Test("Without weights each of thousands is drawn as often as another", arguments: 1...3)
  func drawsAmongAll(seed: UInt64) {
    let counts = counts(seed: seed, draws: 400_000, choice(4000))
    #expect(counts.allSatisfy { (40...180).contains($0) }, "100 are expected of each")
  }

  @Test("Weights say how often each is drawn", arguments: 1...3)
  func drawsByWeight(seed: UInt64) {
    let counts = counts(seed: seed, draws: 100_000, choice(4, weights: [1, 0, 3, 6]))
    for (count, expected) in zip(counts, [10_000, 0, 30_000, 60_000]) {
      #expect(abs(count - expected) <= expected / 20, "\(counts)")
    }
  }

  @Test("Seed 0 takes the first where all are alike, and draws where that is the policy")
  func seedZero() {
    let drawn = counts(seed: 0, draws: 10_000, choice(3, weights: [0, 5, 5]))
    #expect(drawn[0] == 0 && abs(drawn[1] - 5000) < 250, "\(drawn)")
    #expect(counts(seed: 0, draws: 50, choice(3)) == [50, 0, 0])
  }
}
