// Makes a failing run simple: as few preemptions as still make it fail the same way, then as few other
// choices. Parts of the list of switches are left out, halves first, single ones last (delta debugging:
// Zeller and Hildebrandt, 2002); what a run really did counts, since places that are never reached are
// left out with the others. Last, several are replaced by one elsewhere.

import Sim

extension SearchMachine {
  /// Runs that shrinking makes at most.
  public static let shrinkingRuns = 2000

  /// The simplest run found that fails as this one does.
  ///
  /// - Parameter isStopped: asked before each run.
  public func shrink(_ outcome: RunOutcome, isStopped: () -> Bool = { false }) throws
    -> RunOutcome
  {
    guard let failure = outcome.failure else { return outcome }
    var runsLeft = SearchMachine.shrinkingRuns
    var best = outcome
    func tries(_ switches: [Switch]) throws -> Bool {
      guard runsLeft > 0, !isStopped() else { return false }
      runsLeft -= 1
      let found = try run(switches)
      guard found.failure == failure, found.isSimpler(than: best) else { return false }
      best = found
      return true
    }
    if try tries([]) { return best }
    // First without any of the choices of one sort, then piece by piece.
    _ = try tries(best.switches.filter { $0.kind == .preemption })
    var isSmaller = true
    while isSmaller {
      try leaveOut(of: { best }, tries)
      isSmaller = try endSooner(than: { best }, tries)
    }
    return best
  }

  /// Leaves out parts as long as it fails without them.
  private func leaveOut(of best: () -> RunOutcome, _ tries: ([Switch]) throws -> Bool) throws {
    var size = max(1, best().switches.count / 2)
    while !best().switches.isEmpty {
      var hasShrunk = false
      var start = 0
      while start < best().switches.count {
        var switches = best().switches
        switches.removeSubrange(start..<min(start + size, switches.count))
        if try tries(switches) { hasShrunk = true } else { start += size }
      }
      if hasShrunk { continue }
      if size == 1 { return }
      size = max(1, size / 2)
    }
  }

  /// Goes the run's way for a while, the shorter the better, and then makes a single preemption, anywhere:
  /// several may have done what one does elsewhere.
  ///
  /// - Returns: whether that was simpler.
  private func endSooner(than best: () -> RunOutcome, _ tries: ([Switch]) throws -> Bool) throws
    -> Bool
  {
    let known = best()
    for kept in 0..<max(0, known.switches.count - 1) {
      let base = Array(known.switches.prefix(kept))
      let preemptions = base.count { $0.kind == .preemption }
      // What is not simpler than what is known need not be run.
      if (preemptions + 1, kept + 1) >= (known.preemptions, known.switches.count) { continue }
      for place in try places(base) where !base.contains(place) {
        if try tries(base + [place]) { return true }
      }
    }
    return false
  }
}

extension RunOutcome {
  func isSimpler(than other: RunOutcome) -> Bool {
    (preemptions, switches.count) < (other.preemptions, other.switches.count)
  }
}
