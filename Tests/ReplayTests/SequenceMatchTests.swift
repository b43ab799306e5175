import Sim
import Testing

@testable import Replay

struct SequenceMatchTests {
  /// Numbers below a bound, the same for every run.
  private struct Numbers {
    var state: UInt64

    mutating func next(below bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
  }

  private func requireSound(_ match: SequenceMatch, _ first: [UInt64], _ second: [UInt64]) {
    var last = (-1, -1)
    for pair in match.pairs {
      #expect(first[pair.first] == second[pair.second])
      #expect(pair.first > last.0 && pair.second > last.1)
      last = (pair.first, pair.second)
    }
  }

  @Test("As many pairs as the standard library's difference leaves", arguments: 1...40)
  func findsALongestCommonSubsequence(seed: UInt64) {
    var numbers = Numbers(state: seed)
    for letters in [2, 4, 30] as [UInt64] {
      let first = (0..<numbers.next(below: 60)).map { _ in numbers.next(below: letters) }
      let second = (0..<numbers.next(below: 60)).map { _ in numbers.next(below: letters) }
      let match = SequenceMatch(first, second)
      requireSound(match, first, second)
      let edits = second.difference(from: first).count
      #expect(first.count + second.count - 2 * match.pairs.count == edits)
    }
  }

  @Test("Long sequences with nothing in common end soon, and common stretches are still found")
  func settlesForLess() {
    var numbers = Numbers(state: 9)
    let shared = (0..<2000).map { _ in numbers.next(below: 1 << 30) }
    let first = (0..<6000).map { _ in numbers.next(below: 1 << 30) } + shared
    let second = (0..<6000).map { _ in (1 << 31) + numbers.next(below: 1 << 30) } + shared
    let match = SequenceMatch(first, second)
    requireSound(match, first, second)
    #expect(match.pairs.count == shared.count)
  }
}
