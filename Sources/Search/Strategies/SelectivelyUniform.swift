// Selectively uniform random walk (Zhao, Lee and others, "Selectively Uniform Concurrency Testing", ASPLOS
// 2025). Of all operations only those on one object, drawn for the run, are to be ordered evenly. Whose
// such operation is next is drawn in proportion to how many each still has, by the counts of the first
// run; others stop in front of theirs until then. Between these, who goes on is a random walk.

import Sim

/// A random walk that is uniform over the orders of some operations.
struct SelectivelyUniform: Strategy {
  private var random: RandomSource
  /// Which operations count; nil for all.
  private let object: (domain: VisibleOperation.Domain, object: UInt64)?
  private var left: [(process: ProcessID, count: Int)] = []
  /// Whose counted operation is next.
  private var intended: ProcessID?

  init(_ random: RandomSource, _ profile: Profile) {
    self.random = random
    let objects = SelectivelyUniform.contended(profile)
    object = objects.isEmpty ? nil : objects[self.random.next(below: objects.count)]
    for use in profile.uses where counts(use.domain, use.object) {
      if let place = left.firstIndex(where: { $0.process == use.process }) {
        left[place].count += use.count
      } else {
        left.append((use.process, use.count))
      }
    }
  }

  /// Objects that one process changes and another one uses, each once.
  private static func contended(_ profile: Profile) -> [(
    domain: VisibleOperation.Domain, object: UInt64
  )] {
    var found: [(domain: VisibleOperation.Domain, object: UInt64)] = []
    for use in profile.uses where use.changes {
      let isShared = profile.uses.contains {
        $0.domain == use.domain && $0.object == use.object && $0.process != use.process
      }
      let isKnown = found.contains { $0.domain == use.domain && $0.object == use.object }
      if isShared && !isKnown { found.append((use.domain, use.object)) }
    }
    return found
  }

  private func counts(_ domain: VisibleOperation.Domain, _ number: UInt64) -> Bool {
    guard let object else { return true }
    return object.domain == domain && object.object == number
  }

  private func counts(_ operation: VisibleOperation?) -> Bool {
    guard let operation else { return false }
    return counts(operation.domain, operation.object)
  }

  mutating func choose(_ moment: Moment) -> Int {
    let contenders = moment.contenders
    let isThere = contenders.contains { $0.process == intended }
    if intended == nil || !isThere { intended = draw(contenders) }
    // Who is in front of a counted operation that is not its turn waits.
    var free: [Int] = []
    for (index, contender) in contenders.enumerated()
    where contender.process == intended || !counts(contender.next) {
      free.append(index)
    }
    let chosen =
      free.isEmpty
      ? random.next(below: contenders.count) : free[random.next(below: free.count)]
    if counts(contenders[chosen].next) {
      let process = contenders[chosen].process
      if let place = left.firstIndex(where: { $0.process == process }), left[place].count > 0 {
        left[place].count -= 1
      }
      intended = nil
    }
    return chosen
  }

  private mutating func draw(_ contenders: [Contender]) -> ProcessID {
    let weights = contenders.map { contender in
      left.first { $0.process == contender.process }?.count ?? 0
    }
    let total = weights.reduce(0, +)
    if total == 0 { return contenders[random.next(below: contenders.count)].process }
    var ticket = random.next(below: total)
    for (index, weight) in weights.enumerated() {
      if ticket < weight { return contenders[index].process }
      ticket -= weight
    }
    return contenders[0].process
  }
}
