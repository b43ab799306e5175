// What each hart has done so far, for those who ask the machine inside (`/proc/stat`, `schedstat`).

/// A hart's time, in instructions, and turns.
struct HartUse: Equatable, Sendable {
  /// Retired for processes, and charged for the kernel's work.
  var user: UInt64 = 0
  var system: UInt64 = 0
  var dispatches: UInt64 = 0
  var yields: UInt64 = 0
  /// How often it found nobody to run.
  var idles: UInt64 = 0
  /// Whom the kernel made runnable on it.
  var wakes: UInt64 = 0
  /// How long those whom it took had waited for a hart.
  var waited: UInt64 = 0
  /// Whom it ran last, until the time that it used there is settled.
  var occupant: Slot?

  /// What is left of the time so far. A hart may have run a little ahead of it.
  func idle(at now: Instant) -> UInt64 {
    let used = user + system
    return now.instructions > used ? now.instructions - used : 0
  }
}

extension Kernel {
  /// A process has a hart.
  mutating func noteDispatch(_ slot: Slot) {
    let since = processes[slot].runnableSince
    hartUses[Int(hart.raw)].dispatches += 1
    hartUses[Int(hart.raw)].occupant = slot
    hartUses[Int(hart.raw)].waited += now > since ? now.instructions - since.instructions : 0
  }
}

extension HartUse: Digestible {
  func combine(into digest: inout Digest) {
    for number in [user, system, dispatches, yields, idles, wakes, waited] {
      digest.combine(number)
    }
    digest.combine(occupant)
  }
}
