// Partial order sampling (Yuan, Yang and Gu, "Partial Order Aware Concurrency Sampling", CAV 2018). Each
// operation that could come next has a random priority, and the highest comes first; those that depend on
// the order with it then draw anew, and all others keep theirs. So orders that make no difference do not
// take away from those that do.

import Sim

/// Random priorities of operations.
struct PartialOrderSampling: Strategy {
  private var random: RandomSource
  private var priorities: [(process: ProcessID, priority: UInt64)] = []

  init(_ random: RandomSource) { self.random = random }

  mutating func choose(_ moment: Moment) -> Int {
    var best = 0
    var highest: UInt64 = 0
    for (index, contender) in moment.contenders.enumerated() {
      let priority = priorities[place(of: contender.process)].priority
      if priority >= highest { (best, highest) = (index, priority) }
    }
    let chosen = moment.contenders[best]
    draw(chosen.process)
    guard let operation = chosen.next else { return best }
    for other in moment.contenders where other.process != chosen.process {
      if let next = other.next, next.conflicts(with: operation) { draw(other.process) }
    }
    return best
  }

  private mutating func draw(_ process: ProcessID) {
    let place = place(of: process)
    priorities[place].priority = random.next()
  }

  private mutating func place(of process: ProcessID) -> Int {
    if let place = priorities.firstIndex(where: { $0.process == process }) { return place }
    priorities.append((process, random.next()))
    return priorities.count - 1
  }
}
