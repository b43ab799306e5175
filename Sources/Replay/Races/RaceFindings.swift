// What a search for races has found: each pair of places once, and orders of locks that could end in a deadlock.

import Sim

/// One of two accesses without order.
public struct RacingAccess: Equatable, Sendable {
  public var process: ProcessID
  /// The path that the process had exec'd, and where the instruction stands.
  public var program: NameID
  public var pc: UInt64
  public var isStore: Bool
  public var isAtomic: Bool
  /// In bytes.
  public var size: Int
  /// The names of the mutexes that the process held.
  public var locks: [NameID]
  /// After how many events of the session it was made.
  public var after: Int64
}

/// Two places in programs whose accesses to the same memory were in no order.
public struct DataRace: Equatable, Sendable {
  /// The first time that it was seen: the one that came first, and the other.
  public var first: RacingAccess
  public var second: RacingAccess
  /// What both accessed: an address in the second one's memory.
  public var address: UInt64
  /// The name of the shared page; nil in memory that threads share.
  public var page: NameID?
  /// How often it was seen.
  public var count: Int
}

/// Mutexes that were taken in a circle: each while the one before it was held.
public struct LockCycle: Equatable, Sendable {
  /// Who took a mutex while it held another, and after how many events.
  public struct Step: Equatable, Sendable {
    public var process: ProcessID
    public var held: NameID
    public var taken: NameID
    public var after: Int64
  }

  public var steps: [Step]
}
