// In which order mutexes are taken. Two that are taken in both orders, by two processes that nothing keeps apart, can
// end in a deadlock though this run did not; so can three in a circle. (Havelund, "Using Runtime Analysis to Guide
// Model Checking of Java Programs", SPIN 2000, with its rule that a lock which all hold at the time keeps them apart.)

import Sim

/// The orders seen so far, and the circles in them.
struct LockOrder: Sendable {
  /// A mutex that was taken while others were held.
  struct Taking: Sendable {
    var taken: Int64
    /// All that were held, and the one of them that this is about.
    var among: [Int64]
    var held: Int64
    var names: (held: NameID, taken: NameID)
    var process: ProcessID
    /// When in the lives of processes: what was over before the process began, or had been waited for by then. That one
    /// came after another through a mutex keeps nobody apart.
    var life: VectorClock
    /// The process's own place in that, and its epoch.
    var number: Int
    var after: Int64
  }

  private var takings: [Taking] = []
  private(set) var cycles: [LockCycle] = []
  /// The mutexes of each.
  private var known: [[Int64]] = []

  /// Orders that are kept, and how many mutexes a circle has at most: what is beyond either is not looked at.
  private static let mostTakings = 4096
  private static let longest = 4

  mutating func see(_ new: Taking) {
    let isKnown = takings.contains {
      $0.held == new.held && $0.taken == new.taken && $0.process == new.process
        && $0.among == new.among && $0.life == new.life
    }
    if isKnown || takings.count >= LockOrder.mostTakings { return }
    look(from: [new])
    takings.append(new)
  }

  /// Goes on from the last mutex taken, until that is the first one held.
  private mutating func look(from path: [Taking]) {
    guard let first = path.first, let last = path.last else { return }
    if path.count > 1, last.taken == first.held { return note(path) }
    if path.count == LockOrder.longest { return }
    for next in takings where next.held == last.taken {
      let goesTogether = path.allSatisfy { other in
        other.process != next.process && other.held != next.held
          && !other.among.contains { next.among.contains($0) }
          && !isOver(other, before: next) && !isOver(next, before: other)
      }
      if goesTogether { look(from: path + [next]) }
    }
  }

  private func isOver(_ one: Taking, before other: Taking) -> Bool {
    one.life[one.number] <= other.life[one.number]
  }

  private mutating func note(_ path: [Taking]) {
    let circle = path.flatMap { [$0.held, $0.taken] }.sorted()
    if known.contains(circle) { return }
    known.append(circle)
    cycles.append(
      LockCycle(
        steps: path.map {
          LockCycle.Step(
            process: $0.process, held: $0.names.held, taken: $0.names.taken, after: $0.after)
        }))
  }
}
