// What the session knows about a hart besides its registers: whom it runs and what it has to do
// next.

/// A hart's part in the session.
package struct HartContext: Sendable {
  package enum Mode: Equatable, Sendable {
    /// It runs `current`.
    case running
    /// It has nobody, and looks for somebody at its next step.
    case seeking
    /// It has nobody, and nobody waits.
    case idle
  }

  package let id: HartID
  package internal(set) var mode = Mode.seeking
  /// Whom it runs.
  package internal(set) var current: Slot?
  /// Whom it ran last.
  var previous = ProcessID.none
  /// Virtual time of its next tick.
  var nextTick: UInt64 = 0
  /// Instructions it runs at a time while other harts are busy.
  var slice = HartContext.slices[0]
  /// A trap that is handled when no other hart is further behind.
  var trap: Trap?
  /// A process of higher priority waits: give way at the next step.
  package internal(set) var givesWay = false

  /// The choices at `ChoicePoint.slice`, in instructions. Harts are never further apart than this
  /// and see each other's stores to shared pages only at its end, so short ones find races.
  static let slices = [5000, 2000, 1000, 500, 250, 128, 64, 10_000]
}
