// Turns. A process that gets a hart may run for a slice, a tick's length, before it gives way to one
// of its own priority. The slice is its own: it begins when the process gets the hart, wherever in a
// tick that is, what calls cost counts in it, and a process whose hart was taken by one of higher
// priority goes on with the rest of it. So nobody can take from the time of an equal by sleeping and
// waking at the right moments.
//
// How much of it the process gets is a choice, made when somebody waits for its end.

extension Simulation {
  /// Gives a process that was taken by a hart its slice, or what is left of it.
  mutating func beginTurn(of slot: Slot, on index: Int) {
    let left = kernel.processes[slot].turnLeft
    kernel.processes[slot].turnLeft = nil
    contexts[index].turnEnd = kernel.now.instructions + (left ?? kernel.tick)
    contexts[index].isTurnDrawn = left != nil
    if kernel.defects.contains(.restOfTick) {
      contexts[index].turnEnd = contexts[index].nextTick
    }
  }

  /// Whether somebody waits who has as much right to the hart as the process that runs there.
  private func isWaitedFor(_ slot: Slot) -> Bool {
    guard let best = kernel.scheduler.best else { return false }
    return best <= kernel.processes[slot].priority
  }

  /// The slice is used up: the process goes to the end of the line, or has another one if there is
  /// none.
  mutating func endTurn(of slot: Slot, on index: Int) -> Effects {
    if isWaitedFor(slot) { return yield(slot, on: index, .slice) }
    beginTurn(of: slot, on: index)
    return .none
  }

  /// Draws how much of a turn that was not drawn yet is left, once somebody waits for its end.
  mutating func drawTurn(
    of slot: Slot, on index: Int, _ decisions: inout some Decisions
  ) {
    guard isWaitedFor(slot) else { return }
    contexts[index].isTurnDrawn = true
    let chosen = decisions.choose(.turn(contexts[index].id), options: HartContext.turns.count)
    precondition(HartContext.turns.indices.contains(chosen), "chose turn \(chosen)")
    guard let length = HartContext.turns[chosen] else { return }
    contexts[index].turnEnd = min(contexts[index].turnEnd, kernel.now.instructions + length)
  }
}
