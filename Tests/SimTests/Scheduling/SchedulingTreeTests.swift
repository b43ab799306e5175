// The trees that find the next process among thousands, against plain lists.

import Testing

@testable import Sim

@Suite struct SchedulingTreeTests {
  @Test("A line of tickets finds the holder of each, whoever comes and goes", arguments: 1...5)
  func ticketsFindTheirHolder(seed: UInt64) {
    var random = RandomSource(seed: seed)
    var line = Tickets(room: 64)
    var expected: [(place: Int, weight: UInt64)] = []
    for _ in 0..<2000 {
      switch random.next(below: 4) {
      case 0, 1:
        guard !line.isFull else { continue }
        let weight = random.next(below: 9 as UInt64)
        expected.append((line.append(weight), weight))
      case 2:
        guard !expected.isEmpty else { continue }
        line.remove(at: expected.remove(at: random.next(below: expected.count)).place)
      default:
        guard !expected.isEmpty else { continue }
        let index = random.next(below: expected.count)
        expected[index].weight = random.next(below: 9 as UInt64)
        line.setWeight(expected[index].weight, at: expected[index].place)
      }
      let total = expected.reduce(0) { $0 + $1.weight }
      #expect(line.count == expected.count && line.total == total)
      #expect((0..<line.count).map { line.place(of: $0) } == expected.map(\.place))
      var held = Array(repeating: 0 as UInt64, count: expected.count)
      for ticket in 0..<total { held[line.option(holding: ticket)] += 1 }
      #expect(held == expected.map(\.weight))
    }
  }

  @Test("The smallest key wins, and of equals the first to come", arguments: 1...5)
  func theSmallestKeyWins(seed: UInt64) {
    var random = RandomSource(seed: seed)
    var tree = SmallestKey()
    var expected: [(slot: Slot, key: Int64)] = []
    for _ in 0..<3000 {
      let slot = random.next(below: 100)
      if let index = expected.firstIndex(where: { $0.slot == slot }) {
        tree.remove(slot)
        expected.remove(at: index)
      } else {
        // Keys go round at the end of the numbers.
        let key = Int64.max &+ Int64(random.next(below: 20))
        tree.insert(slot, key: key)
        expected.append((slot, key))
      }
      var best: (slot: Slot, key: Int64)?
      for one in expected {
        if let found = best, one.key &- found.key >= 0 { continue }
        best = one
      }
      #expect(tree.count == expected.count && tree.first == best?.slot)
    }
  }
}
