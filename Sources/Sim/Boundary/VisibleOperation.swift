// What a process is about to do at a point of preemption: whether others can see it, what it is about,
// and whether that is changed by it. A source of decisions tells by it which operations depend on one
// another: two on one object, of which one changes it.

/// Something that a process does between two moments at which it could lose its hart.
public struct VisibleOperation: Hashable, Sendable {
  public enum Kind: UInt8, Sendable {
    case load, store, call
  }

  /// What sort of thing an operation is about.
  public enum Domain: UInt8, Sendable, CaseIterable {
    /// Nothing that anybody else could notice.
    case own
    /// A word of memory: of a shared page by its place in the machine's memory, otherwise by its address
    /// and whose that is.
    case memory
    case mutex
    /// What is found by name: shared pages and mutexes.
    case names
    case pipe
    case console
    /// Files, directories, mounts.
    case disk
    /// Who lives, and whose child that is.
    case processes
    case network
    /// Containers and their limits.
    case containers
    /// Whatever is called by a number that is no call's.
    case unknown
  }

  public var kind: Kind
  /// The call's number; 0 for a load or store.
  public var call: Int32 = 0
  public var domain: Domain
  /// Which one of its domain; 0 where there is only one.
  public var object: UInt64 = 0
  /// A call's first argument; 0 for a load or store.
  public var argument: UInt64 = 0
  /// Whether it may change what it is about.
  public var changes: Bool
  /// Where the instruction stands.
  public var pc: UInt64

  public init(
    _ kind: Kind, call: Int32 = 0, on domain: Domain, _ object: UInt64 = 0, changes: Bool,
    pc: UInt64
  ) {
    self.kind = kind
    self.call = call
    self.domain = domain
    self.object = object
    self.changes = changes
    self.pc = pc
  }

  /// In the object of memory that is not shared by name, but by the threads of a process.
  static let ownMemory: UInt64 = 1 << 63

  /// Whether it is about a page that is shared by name.
  public var isInSharedPage: Bool { domain == .memory && object & Self.ownMemory == 0 }

  /// Whether anybody else could notice it.
  public var isVisible: Bool { domain != .own }

  /// Whether both are about one thing.
  public func isOnSame(as other: VisibleOperation) -> Bool {
    domain == other.domain && object == other.object && isVisible
  }

  /// Whether it makes a difference which of the two comes first.
  public func conflicts(with other: VisibleOperation) -> Bool {
    isOnSame(as: other) && (changes || other.changes)
  }
}
