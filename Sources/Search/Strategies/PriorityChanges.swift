// Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi and Nagarakatte, "A Randomized
// Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010). Everyone has a random priority,
// and the highest always goes on; at d - 1 random operations, whoever runs gets a priority below all of
// these. Who uses up its slice waits in vain for somebody else, so it too goes below all.

import Sim

/// Random priorities that change at a few random places.
struct PriorityChanges: Strategy {
  private var random: RandomSource
  /// Higher goes first; those from a change on are negative.
  private var priorities: [(process: ProcessID, priority: Int64)] = []
  /// The operations at which one changes, counted from 1, in order, with the priority that is given.
  private var changes: [(step: Int, priority: Int64)]
  private var step = 0
  private var lowest: Int64

  init(_ random: RandomSource, length: Int, depth: Int) {
    self.random = random
    changes = []
    lowest = -Int64(depth)
    for change in 1..<max(1, depth) {
      changes.append((1 + self.random.next(below: max(1, length)), -Int64(change)))
    }
    changes.sort { $0.step < $1.step }
  }

  mutating func choose(_ moment: Moment) -> Int {
    if let yielded = moment.yielded {
      lowest -= 1
      priorities[place(of: yielded)].priority = lowest
    }
    if moment.isPreemption {
      step += 1
      // A change at the place where another one was is the next operation's.
      if let change = changes.first, change.step <= step {
        changes.removeFirst()
        priorities[place(of: moment.contenders[0].process)].priority = change.priority
      }
    }
    var best = 0
    var highest = Int64.min
    for (index, contender) in moment.contenders.enumerated() {
      let priority = priorities[place(of: contender.process)].priority
      if priority > highest { (best, highest) = (index, priority) }
    }
    return best
  }

  private mutating func place(of process: ProcessID) -> Int {
    if let place = priorities.firstIndex(where: { $0.process == process }) { return place }
    priorities.append((process, Int64(random.next() >> 2) + 1))
    return priorities.count - 1
  }
}
