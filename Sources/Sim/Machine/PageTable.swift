// An address space: pages from 0 up without gaps in the table, each with a frame and permissions.
// It is data of a process. What a hart remembers of it (its TLBs) is dropped when it changes.

/// A page's place in virtual memory: its address divided by 4096.
public typealias PageNumber = Int

/// The page size, in bytes.
public let pageSize = 4096

/// One page's mapping.
public struct PageEntry: Equatable, Sendable {
  public struct Permissions: OptionSet, Sendable {
    public var rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let read = Permissions(rawValue: 1)
    public static let write = Permissions(rawValue: 2)
    public static let execute = Permissions(rawValue: 4)
    /// Writable as far as the process knows; the first store copies the frame if it is shared.
    /// Excludes `write`.
    public static let copyOnWrite = Permissions(rawValue: 8)
    /// A page shared by name: fork passes the same frame on, for both to write.
    public static let shared = Permissions(rawValue: 16)
  }

  public var frame: PageFrame
  public var permissions: Permissions
  /// False for the guard page, and for a page whose shared mapping was removed.
  public var present: Bool

  public init(frame: PageFrame, permissions: Permissions) {
    self.frame = frame
    self.permissions = permissions
    self.present = true
  }

  /// Whether it is a page that the process alone writes, at once or after copying it.
  package var isOwn: Bool {
    present && !permissions.contains(.shared)
      && (permissions.contains(.write) || permissions.contains(.copyOnWrite))
  }

  /// No frame: every access faults.
  public static let absent: PageEntry = {
    var entry = PageEntry(frame: PageFrame(raw: 0), permissions: [])
    entry.present = false
    return entry
  }()
}

/// Pages by number. Addresses at or above `count * 4096` are not mapped.
public struct PageTable: Sendable {
  public var entries: [PageEntry] = []

  public init() {}

  public var count: Int { entries.count }

  /// The entry that maps `address`, if there is one.
  @inline(__always)
  public func entry(at address: UInt64) -> PageEntry? {
    let page = address >> 12
    guard page < UInt64(entries.count) else { return nil }
    let entry = entries[Int(truncatingIfNeeded: page)]
    return entry.present ? entry : nil
  }
}
