// A report takes a session's events once, in order, and comes to a few tables. The terminal, JSON and
// the page show the same tables.

import GRDB
import Sim

/// A table of a report.
public struct ReportTable: Equatable, Sendable {
  /// What it is called in JSON.
  public var key: String
  /// What it says, for people.
  public var title: String
  public var columns: [String]
  public var rows: [[QueryResult.Value]]
  /// Which column is drawn as bars as well.
  public var bars: Int?

  public init(
    _ key: String, _ title: String, _ columns: [String], _ rows: [[QueryResult.Value]],
    bars: Int? = nil
  ) {
    self.key = key
    self.title = title
    self.columns = columns
    self.rows = rows
    self.bars = bars
  }
}

/// A report on a session, made in one pass over its events.
public protocol Report {
  mutating func receive(_ event: Event, _ sequence: Int64)
  /// What it came to.
  mutating func finish(_ session: SessionFacts) -> [ReportTable]
}

extension TraceReader {
  /// Runs a report over all events.
  ///
  /// - Throws: `TraceError` where the trace is not as it was recorded.
  public func run(_ report: inout some Report) throws(TraceError) -> [ReportTable] {
    let last = try forEachEvent { report.receive($0, $1) }
    return report.finish(try SessionFacts(self, end: last))
  }
}

/// All reports in one pass.
public struct ReportSet: Sendable {
  public var sched = SchedReport()
  public var locks = LockReport()
  public var calls = CallReport()
  public var containers = ContainerReport()
  public var sharedPages = SharedPageReport()
  public var story = StoryReport()

  public init() {}

  /// Gives an event to every report.
  public mutating func receive(_ event: Event, _ sequence: Int64) {
    sched.receive(event, sequence)
    locks.receive(event, sequence)
    calls.receive(event, sequence)
    containers.receive(event, sequence)
    sharedPages.receive(event, sequence)
    story.receive(event, sequence)
  }

  /// What they came to, by a title for people.
  public mutating func finish(_ facts: SessionFacts) -> [(title: String, tables: [ReportTable])] {
    [
      ("Scheduling", sched.finish(facts)), ("Locks", locks.finish(facts)),
      ("System calls", calls.finish(facts)), ("Containers", containers.finish(facts)),
      ("Shared pages", sharedPages.finish(facts)), ("Story", story.finish(facts)),
    ]
  }

  /// The tables of every report over all events.
  ///
  /// - Throws: `TraceError` where the trace is not as it was recorded.
  public static func tables(_ reader: TraceReader) throws(TraceError)
    -> [(title: String, tables: [ReportTable])]
  {
    var set = ReportSet()
    let last = try reader.forEachEvent { event, sequence in set.receive(event, sequence) }
    return set.finish(try SessionFacts(reader, end: last))
  }
}

/// What reports want to know beside the events: names, and when it was all over.
public struct SessionFacts: Sendable {
  /// The time of the last event.
  public var end: Int64
  public var harts: Int
  /// Mistakes that the kernel was told to make.
  public var defects: [Defect]
  public var processes: [Int32: ProcessFacts] = [:]
  public var containers: [ContainerFacts] = []
  let names: [[UInt8]]
  /// Where in their source processes were; nil where no program says.
  let sources: SourcePlaces?

  public struct ProcessFacts: Sendable {
    public var pid: Int32
    /// Its number in its container; nil outside any.
    public var containerPID: Int32?
    /// As its last exec has it, fit to be shown.
    public var name: String
    /// From its fork to its exit, in instructions; no end if it has not exited.
    public var start: Int64
    public var end: Int64?
    /// Who forked it; nil for init.
    public var parent: Int32?
    /// The container it was in at last; 0 outside.
    public var cid: Int32
    /// What it exited with.
    public var status: Int64?

    public init(
      pid: Int32, containerPID: Int32? = nil, name: String, start: Int64, end: Int64?,
      parent: Int32?, cid: Int32, status: Int64?
    ) {
      self.pid = pid
      self.containerPID = containerPID
      self.name = name
      self.start = start
      self.end = end
      self.parent = parent
      self.cid = cid
      self.status = status
    }

    /// Its number in its container, as everything that names a process for people writes it: `c2:1`.
    public var place: String? { containerPID.map { "c\(cid):\($0)" } }
  }

  public struct ContainerFacts: Sendable {
    public var cid: Int32
    /// The pid of its init.
    public var initial: Int32
    /// The path that became its root, fit to be shown; nil if it has the machine's.
    public var root: String?
    /// How many processes it may have; nil for no limit of its own.
    public var allowed: Int64?
    /// From its creation to its last process's end, in instructions.
    public var start: Int64
    public var end: Int64?
    /// What its init exited with.
    public var status: Int64?
  }

  public init(_ reader: TraceReader, end: Int64) throws(TraceError) {
    self.end = end
    harts = reader.scenario.harts
    defects = reader.scenario.defects
    names = reader.names
    sources = reader.sourcePlaces
    do {
      (processes, containers) = try reader.read { db in
        // A damaged trace may have numbers here that are none of a process.
        func short(_ number: Int64) -> Int32 { Int32(truncatingIfNeeded: number) }
        var processes: [Int32: ProcessFacts] = [:]
        let processRows = try Row.fetchCursor(db, sql: "SELECT * FROM process")
        while let row = try processRows.next() {
          let parent: Int64? = try row.optional("parent_upid")
          let pid = short(try row.checked("pid"))
          processes[pid] = ProcessFacts(
            pid: pid, containerPID: (try row.optional("container_pid") as Int64?).map(short),
            name: shownText(try row.checked("name")), start: try row.checked("start_ts"),
            end: try row.optional("end_ts"), parent: parent.map(short),
            cid: short(try row.checked("cid")), status: try row.optional("status"))
        }
        let rows = try Row.fetchAll(db, sql: "SELECT * FROM container ORDER BY cid")
        let containers = try rows.map { row in
          let root: String? = try row.optional("root")
          return ContainerFacts(
            cid: short(try row.checked("cid")), initial: short(try row.checked("init")),
            root: root.map(shownText), allowed: try row.optional("allowed"),
            start: try row.checked("start_ts"), end: try row.optional("end_ts"),
            status: try row.optional("status"))
        }
        return (processes, containers)
      }
    } catch {
      throw TraceError.from(error, at: reader.path, while: "reading the processes")
    }
  }

  /// A process's name, fit to be shown; the machine's for 0.
  public func name(_ pid: Int32) -> String {
    pid == 0 ? "the machine" : processes[pid]?.name ?? "?"
  }

  /// A process as sentences have it: `sh(2)`, or `sh(9 c2:1)` for the first in container 2.
  public func who(_ pid: Int32) -> String {
    if pid == 0 { return "the machine" }
    return "\(name(pid))(\(pid)\(processes[pid]?.place.map { " \($0)" } ?? ""))"
  }

  /// A text by its number, fit to be shown.
  public func text(_ id: Int64) -> String { TraceReader.text(of: id, in: names) }
}

/// A few numbers, and how they are distributed.
struct Durations: Sendable {
  private(set) var values: [Int64] = []
  private(set) var total: Int64 = 0
  private(set) var longest: Int64 = 0

  mutating func add(_ value: Int64) {
    values.append(value)
    total &+= value
    longest = max(longest, value)
  }

  mutating func add(_ other: Durations) {
    values += other.values
    total &+= other.total
    longest = max(longest, other.longest)
  }

  var count: Int { values.count }
  var average: Int64 { values.isEmpty ? 0 : total / Int64(values.count) }

  /// The lowest values that so many of a hundred do not exceed (nearest rank).
  func percentiles(_ wanted: [Int]) -> [Int64] {
    guard !values.isEmpty else { return wanted.map { _ in 0 } }
    let sorted = values.sorted()
    return wanted.map { sorted[max(0, (sorted.count * $0 + 99) / 100 - 1)] }
  }

  /// How many lie in each power of two, from the first to the last that any lie in.
  func histogram(_ key: String, _ title: String) -> ReportTable {
    var counts = [Int64](repeating: 0, count: 65)
    for value in values { counts[value <= 0 ? 0 : 64 - value.leadingZeroBitCount] += 1 }
    guard let first = counts.firstIndex(where: { $0 > 0 }),
      let last = counts.lastIndex(where: { $0 > 0 })
    else { return ReportTable(key, title, ["from", "to", "count"], [], bars: 2) }
    let rows: [[QueryResult.Value]] = (first...last).map { power in
      let low: Int64 = power == 0 ? 0 : 1 << Int64(power - 1)
      let high: Int64 = power == 0 ? 0 : (low &* 2) &- 1
      return [.integer(low), .integer(high), .integer(counts[power])]
    }
    return ReportTable(key, title, ["from", "to", "count"], rows, bars: 2)
  }
}

extension QueryResult.Value {
  static func optional(_ number: Int64?) -> Self { number.map { .integer($0) } ?? .null }
  static func optional(_ text: String?) -> Self { text.map { .text($0) } ?? .null }
  static func count(_ number: Int) -> Self { .integer(Int64(number)) }

  /// A share of a whole in percent, to a tenth.
  static func share(_ part: Int64, of whole: Int64) -> Self {
    guard whole > 0 else { return .real(0) }
    return .real((Double(part) / Double(whole) * 1000).rounded() / 10)
  }
}
