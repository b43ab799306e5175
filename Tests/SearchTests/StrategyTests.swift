// The strategies alone, on a model in which each process only does operations: what a closed form says,
// they do.

import Sim
import Testing

@testable import Search

/// Processes that do operations one after the other.
private struct Model {
  /// What each process does, in order.
  var programs: [[VisibleOperation]]

  /// Processes that each change an object so many times.
  static func writers(_ counts: [Int], objects: [UInt64]? = nil) -> Model {
    Model(
      programs: counts.enumerated().map { writer, count in
        let object = objects?[writer] ?? 0
        return Array(
          repeating: VisibleOperation(.store, on: .memory, object, changes: true, pc: 0),
          count: count)
      })
  }

  var profile: Profile {
    var profile = Profile()
    for (number, program) in programs.enumerated() {
      for operation in program { profile.note(ProcessID(raw: Int32(number)), operation) }
    }
    return profile
  }

  /// Who did the operations, in order.
  func run(_ kind: StrategyKind, seed: UInt64, depth: Int = 2) -> [Int] {
    var strategy = kind.make(seed: seed, profile, depth: depth)
    var done = programs.map { _ in 0 }
    var order: [Int] = []
    var current: Int?
    while true {
      var enabled = programs.indices.filter { done[$0] < programs[$0].count }
      if enabled.isEmpty { return order }
      let isPreemption = current.map { enabled.contains($0) } ?? false
      if let current, isPreemption {
        enabled.removeAll { $0 == current }
        enabled.insert(current, at: 0)
      }
      var chosen = enabled[0]
      if enabled.count > 1 {
        let contenders = enabled.map {
          Contender(process: ProcessID(raw: Int32($0)), next: programs[$0][done[$0]])
        }
        chosen = enabled[strategy.choose(Moment(contenders, isPreemption: isPreemption))]
      }
      order.append(chosen)
      done[chosen] += 1
      current = chosen
    }
  }

  /// How often each order came in so many runs.
  func orders(_ kind: StrategyKind, runs: Int, depth: Int = 2) -> [[Int]: Int] {
    var found: [[Int]: Int] = [:]
    for seed in 0..<runs { found[run(kind, seed: UInt64(seed), depth: depth), default: 0] += 1 }
    return found
  }
}

struct StrategyTests {
  @Test(arguments: StrategyKind.drawn)
  func everyOrderOfFewOperationsComes(_ kind: StrategyKind) {
    // Four over two.
    #expect(Model.writers([2, 2]).orders(kind, runs: 2000, depth: 4).count == 6)
  }

  @Test(arguments: StrategyKind.drawn)
  func oneSeedIsOneRun(_ kind: StrategyKind) {
    let model = Model.writers([3, 4, 2])
    for seed in 0..<20 {
      #expect(model.run(kind, seed: UInt64(seed)) == model.run(kind, seed: UInt64(seed)))
    }
    #expect(model.orders(kind, runs: 100).count > 5)
  }

  /// By a random walk, the order in which each of n writers goes on to its end has the chance of its choices.
  @Test func aRandomWalkTakesEachWayAsOften() {
    let runs = 8000
    let found = Model.writers([2, 2]).orders(.random, runs: runs)
    // Two choices between two, and then nobody is left; or three.
    let expected = [[0, 0, 1, 1]: runs / 4, [0, 1, 0, 1]: runs / 8]
    for (order, count) in expected {
      #expect(abs((found[order] ?? 0) - count) < count / 5, "\(order): \(found)")
    }
  }

  /// Ten over five orders, each as likely as the others.
  @Test func aWeightedWalkIsUniformOverTheOrders() {
    let runs = 50_400
    let found = Model.writers([5, 5]).orders(.surw, runs: runs)
    #expect(found.count == 252)
    // Each 200 times, with a deviation of 14.
    #expect((found.values.min() ?? 0) > 120 && (found.values.max() ?? 0) < 280)
    // A plain walk is far from that.
    #expect((Model.writers([5, 5]).orders(.random, runs: runs).values.min() ?? 0) < 120)
  }

  @Test func withoutAChangeOfPriorityOneProcessComesAfterTheOther() {
    let found = Model.writers([4, 4]).orders(.pct, runs: 200, depth: 1)
    #expect(Set(found.keys) == [[0, 0, 0, 0, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0, 0, 0]])
    #expect(found.values.allSatisfy { $0 > 70 })
  }

  /// A bug of depth 2, the second process between two given operations of the first, comes as often as is
  /// promised, and one of depth 1 as well.
  @Test(arguments: [1, 4, 7])
  func aBugComesAsOftenAsItsDepthPromises(_ place: Int) {
    let model = Model.writers([8, 1])
    let runs = 4000
    let found = model.orders(.pct, runs: runs, depth: 2)
    let order = Array(repeating: 0, count: place) + [1] + Array(repeating: 0, count: 8 - place)
    let (processes, length) = (2, 9)
    #expect((found[order] ?? 0) >= runs * 8 / (processes * length * 10), "\(found)")
  }

  /// Where the order makes no difference, it takes nothing away from where it does.
  @Test func independentOperationsKeepTheirPriorities() {
    let runs = 4000
    // One write each to one object, and many to objects of each one's own before it.
    let own = (1...2).map {
      VisibleOperation(.store, on: .memory, UInt64($0), changes: true, pc: 0)
    }
    let shared = VisibleOperation(.store, on: .memory, 9, changes: true, pc: 0)
    let model = Model(
      programs: [Array(repeating: own[0], count: 6) + [shared], [own[1], shared]])
    var first = 0
    for seed in 0..<runs {
      let order = model.run(.pos, seed: UInt64(seed))
      if order.last == 0 { first += 1 }
    }
    // The longer process still comes first at times.
    #expect(first < runs && runs - first > runs / 50, "\(first)")
  }

  @Test func theChanceOfSomethingNewIsThatOfWhatWasSeenOnce() {
    var novelty = Novelty()
    #expect(novelty.chance == nil)
    for behaviour: UInt64 in [1, 2, 2, 3] { novelty.note(behaviour) }
    #expect(novelty.chance == 0.5 && novelty.distinct == 3)
  }

  @Test(arguments: [("1/1", 1, 1), ("3/8", 3, 8)])
  func aShardHasEveryNthRun(_ text: String, number: Int, count: Int) throws {
    let shard = try #require(Shard(text))
    #expect(shard.number == number && shard.count == count)
    #expect(shard.description == text)
    #expect((0...2).map { shard.run($0) } == [0, number, number + count])
  }

  @Test(arguments: ["", "1", "0/2", "3/2", "1/0", "1/2/3", "a/b", "-1/2", "1/999999999"])
  func whatIsNoShardIsRefused(_ text: String) { #expect(Shard(text) == nil) }
}
