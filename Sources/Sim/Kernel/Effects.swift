// What the kernel wants of the session after an entry, besides what a call comes to. A function that can
// want something says so in its signature: it takes the effects of the entry and adds its own. Whoever
// entered the kernel gets them back and hands them to `Simulation.perform`, the one place that acts on
// them.

/// What an entry of the kernel leaves for the session to do.
struct Effects: Equatable, Sendable {
  /// Somebody became runnable, or a priority changed: harts are to look who runs.
  var changesTurns = false
  /// Somebody who runs may not any more, or for less or more time: harts are to ask for how long, and to let go of
  /// those that are held back.
  var holdsBack = false
  /// A container ended, or a process with several threads, and with it some that other harts may be running.
  var endsOthers = false
  /// The machine's init has exited, with this status.
  var halt: Int32?

  static let none = Effects()
}
