// Two names of one process. The machine knows it by its `ProcessID`, and so do events and the kernel's own
// words; a guest knows it by a number, which is for whoever asks to see or say. Every call that takes or
// gives a pid translates here and nowhere else. So far the two are the same number.

/// A process's number as a guest sees it.
struct GuestPID: Hashable, Sendable {
  var raw: Int32

  /// What stands for a process that is not in sight.
  static let none = GuestPID(raw: 0)
}

extension Kernel {
  /// The number by which `viewer` knows a process.
  func number(of process: ProcessID, for viewer: Slot) -> GuestPID { GuestPID(raw: process.raw) }

  /// The process that `viewer` knows by a number, or would if it were in sight.
  func process(_ number: GuestPID, for viewer: Slot) -> ProcessID { ProcessID(raw: number.raw) }
}
