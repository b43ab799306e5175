// The identities that cross file borders. Each is a type of its own, so that a pid can never be
// taken for a container, nor an instant for a count of ticks.

/// A process's number, unique over the machine's life; 0 stands for "no process".
public struct ProcessID: Hashable, Comparable, Sendable {
  public var raw: Int32
  public init(raw: Int32) { self.raw = raw }

  public static let none = ProcessID(raw: 0)
  /// The machine's init, whose end halts the machine.
  public static let initial = ProcessID(raw: 1)

  public static func < (a: Self, b: Self) -> Bool { a.raw < b.raw }
}

/// A container's number, never used twice; 0 is the world outside any container.
public struct ContainerID: Hashable, Comparable, Sendable {
  public var raw: Int32
  public init(raw: Int32) { self.raw = raw }

  public static let outside = ContainerID(raw: 0)

  public static func < (a: Self, b: Self) -> Bool { a.raw < b.raw }
}

/// A group's number, never used twice; 0 stands for "no group".
public struct GroupID: Hashable, Comparable, Sendable {
  public var raw: Int32
  public init(raw: Int32) { self.raw = raw }

  public static let none = GroupID(raw: 0)
  /// The root of the tree: the machine.
  public static let root = GroupID(raw: 1)

  public static func < (a: Self, b: Self) -> Bool { a.raw < b.raw }
}

/// A hardware thread, counted from 0.
public struct HartID: Hashable, Comparable, Sendable {
  public var raw: UInt8
  public init(raw: UInt8) { self.raw = raw }

  public static func < (a: Self, b: Self) -> Bool { a.raw < b.raw }
}

/// A point in virtual time, in instructions since the machine was switched on.
public struct Instant: Hashable, Comparable, Sendable {
  public var instructions: UInt64
  public init(instructions: UInt64) { self.instructions = instructions }

  public static let zero = Instant(instructions: 0)
  /// No session goes on after this, so that no sum of a time and a period overflows, and every time is
  /// a number in SQL.
  public static let end = Instant(instructions: 1 << 62)

  /// The beginning of a tick of so many instructions; `end` if that is later.
  public init(tick number: UInt64, of length: UInt64) {
    let (instructions, overflow) = number.multipliedReportingOverflow(by: length)
    self = overflow ? .end : min(Instant(instructions: instructions), .end)
  }

  public static func < (a: Self, b: Self) -> Bool { a.instructions < b.instructions }
}

/// A text interned in the machine's `NameTable`; 0 is the empty text.
public struct NameID: Hashable, Sendable {
  public var raw: Int32
  public init(raw: Int32) { self.raw = raw }

  public static let empty = NameID(raw: 0)
}

/// A process's place in the process table.
package typealias Slot = Int
