// The manager's plumbing: who makes containers, asks for them and carries their input and output, seen
// from those who want to know what their own programs did. `story`, `diff` and `dump` leave it out
// unless they are asked for all.

/// Which processes belong to the container manager, and not to anybody's program.
public struct Plumbing: Sendable {
  /// The manager and its client; their helpers are forks of them, and are called the same.
  private static let programs = ["cm", "dockv6"]
  private var pids: Set<Int32> = []

  /// Nobody.
  public static let none = Plumbing()

  private init() {}

  public init(_ session: SessionFacts) {
    for process in session.processes.values where process.cid == 0 {
      if Plumbing.runs(process.name) { pids.insert(process.pid) }
    }
  }

  /// - Throws: `TraceError` if the processes cannot be read.
  public init(_ reader: TraceReader) throws(TraceError) {
    self.init(try SessionFacts(reader, end: 0))
  }

  /// Whether a process of this name is, outside of containers, the manager's own.
  public static func runs(_ name: String) -> Bool {
    programs.contains(name.split(separator: "/").last.map(String.init) ?? "")
  }

  public func contains(_ pid: Int32) -> Bool { pids.contains(pid) }
  public var isEmpty: Bool { pids.isEmpty }
}
