// What the session knows about a hart besides its registers: whom it runs and what it has to do
// next.

/// A hart's part in the session.
package struct HartContext: Sendable {
  package enum Mode: Equatable, Sendable {
    /// It runs `current`.
    case running
    /// It has no process, and looks for one at its next step.
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
  var nextTick: UInt64 = 0 { didSet { nextStop = min(nextTick, turnEnd, quotaEnd) } }
  /// Instructions it runs at a time while other harts are busy.
  var slice = HartContext.slices[0]
  /// When the turn of `current` is over: at the end of its slice, if anyone of its priority waits.
  package internal(set) var turnEnd: UInt64 = 0 {
    didSet { nextStop = min(nextTick, turnEnd, quotaEnd) }
  }
  /// Up to when `current` may run by the quotas of its groups.
  package internal(set) var quotaEnd: UInt64 = .max {
    didSet { nextStop = min(nextTick, turnEnd, quotaEnd) }
  }
  /// The earliest of these: up to then nothing has to be looked at.
  private(set) var nextStop: UInt64 = 0
  /// Whether that was drawn already: it is when the first comes to wait for the turn's end.
  var isTurnDrawn = false
  /// A trap that is handled when no other hart is further behind.
  var trap: Trap?
  /// A process of higher priority waits: give way at the next step.
  package internal(set) var givesWay = false
  /// Its process may not run any more: let go of it before anything else.
  package internal(set) var isHeldBack = false
  /// It stands in front of a load or store that others can see, and nobody has been asked yet whether
  /// its process makes that now.
  var isBeforeAccess = false
  /// Which one, where sources of decisions are asked there.
  var nextAccess: SharedAccess?

  /// The choices at `ChoicePoint.slice`, in instructions. Harts are never further apart than this
  /// and see each other's stores to shared pages only at its end, so short ones find races.
  static let slices = [5000, 2000, 1000, 500, 250, 128, 64, 10_000]

  /// The choices at `ChoicePoint.turn`, in instructions: how soon a process whose hart others wait
  /// for gives it up. The first is a whole slice, a tick's length; each of the others is a quarter
  /// to a third of the one before, so that a race of a few instructions in a short program is found
  /// about as easily as one of many in a long one.
  static let turns: [UInt64?] = [nil, 20_000, 6000, 2000, 600, 200, 60, 20]
}

extension HartContext: Digestible {
  func combine(into digest: inout Digest) {
    switch mode {
    case .running: digest.combine(1)
    case .seeking: digest.combine(2)
    case .idle: digest.combine(3)
    }
    digest.combine(current)
    digest.combine(previous.raw)
    digest.combine(nextTick)
    digest.combine(slice)
    digest.combine(turnEnd)
    digest.combine(quotaEnd)
    digest.combine(isTurnDrawn)
    digest.combine(isHeldBack)
    digest.combine(givesWay)
    digest.combine(isBeforeAccess)
    switch trap {
    case nil, .budgetSpent, .outOfTurn: digest.combine(0)
    case .call: digest.combine(1)
    case .fault(let fault):
      digest.combine(fault.cause.rawValue)
      digest.combine(fault.pc)
      digest.combine(fault.value)
    }
  }
}
