// Whoever could go on is as likely to as anybody else, before each visible operation.

import Sim

/// A random walk.
struct RandomWalk: Strategy {
  private var random: RandomSource

  init(_ random: RandomSource) { self.random = random }

  mutating func choose(_ moment: Moment) -> Int {
    random.next(below: moment.contenders.count)
  }
}
