// How often an invariant may look at all processes because of one event. On a machine of the usual size
// always; on a larger one it has to be earned by events, or checking would cost the square of what is
// checked. What is not looked at then is left to the audits.

import Sim

/// Looks at processes that have been earned and not been spent.
struct LookAllowance: Sendable {
  /// On a machine of so many slots a look at all of them is like one at a few.
  private static let slotsForNothing = 256
  private static let looksForEvent = 16
  private static let mostSaved = 1 << 16

  private var saved = 0

  mutating func earn(_ events: Int) {
    saved = min(saved + events * LookAllowance.looksForEvent, LookAllowance.mostSaved)
  }

  /// Whether all processes may be looked at now; then that is paid for, afterwards if need be.
  ///
  /// - Parameter more: what is to be looked at besides one thing a process.
  mutating func affords(
    _ machine: borrowing Simulation, besides more: @autoclosure () -> Int = 0
  ) -> Bool {
    let slots = machine.kernel.processes.slotCount
    if slots <= LookAllowance.slotsForNothing { return true }
    return affords(looks: slots + more())
  }

  /// Whether so many things may be looked at now.
  mutating func affords(looks: Int) -> Bool {
    if looks <= LookAllowance.slotsForNothing { return true }
    if saved < 0 { return false }
    saved -= looks
    return true
  }
}
