// The number by which a guest knows a process. Inside a container it is another one than the machine's, so
// it is a type of its own, which only `Kernel+Pids.swift` makes of a process: a `ProcessID` has no other
// way to a register, or to what a call writes for a guest.

/// A process's number as a guest sees it; 0 stands for one that is not in sight.
public struct GuestPID: Hashable, Comparable, Sendable {
  public var raw: Int32
  public init(raw: Int32) { self.raw = raw }

  public static let none = GuestPID(raw: 0)
  /// A container's init, as its own processes see it.
  public static let initial = GuestPID(raw: 1)

  /// The number after this one.
  var next: GuestPID { GuestPID(raw: raw + 1) }

  public static func < (a: Self, b: Self) -> Bool { a.raw < b.raw }
}

extension GuestPID: Digestible {
  func combine(into digest: inout Digest) { digest.combine(raw) }
}
