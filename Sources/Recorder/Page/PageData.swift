// What the page draws of a session or of a window of it: stretches of time for harts and processes,
// marks, holds. A long session has more of them than a page can carry, so neighbours too short to be
// seen are put together.

import GRDB
import Sim

/// A piece of a session's time, and how closely it is looked at.
public struct PageWindow: Sendable {
  /// So many marks of each sort are drawn.
  static let marksLimit = 2000
  /// So many of each family are marked.
  static let violationsLimit = 100
  /// So many steps a counter has, and so many counters there are.
  static let stepsLimit = 500
  static let countersLimit = 24
  /// So many groups have their use of resources drawn, all with so many steps together, more or less; and into so many
  /// parts a window is divided of which it is told how much time they used.
  static let groupsLimit = 24
  static let groupStepsLimit = 14_000
  static let usedParts = 500
  /// So many lines of the console there are.
  static let consoleLimit = 400
  /// Into so many parts the time of those who have no row is divided.
  static let restParts: Int64 = 400

  /// The first and the last time that belong to it, in instructions.
  public var from: Int64
  public var to: Int64
  /// What is shorter cannot be seen; in instructions.
  public var shortest: Int64
  /// How many stretches of each sort there may be.
  public var limit: Int
  /// How many processes have their stretches; the others are summed up.
  public var rows: Int
  /// Whose stretches are wanted; nil for those that run longest in the window.
  public var pids: Set<Int32>?

  public init(
    from: Int64 = 0, to: Int64 = .max, shortest: Int64 = 0, limit: Int, rows: Int = 300,
    pids: Set<Int32>? = nil
  ) {
    self.from = from
    self.to = max(from, to)
    self.shortest = shortest
    self.limit = limit
    self.rows = rows
    self.pids = pids
  }
}

/// A session, or a window of it, to be drawn.
public struct PageData: Sendable {
  /// Something to be pointed at.
  public struct Mark: Sendable {
    /// What kind of thing it was, which gives a mark its looks.
    public enum Sort: String, CaseIterable, Sendable {
      /// A call came back with a reason instead of a result.
      case refused
      /// A limit was reached.
      case limited
      /// A process faulted, was killed, can never go on, or lost its mutexes by ending.
      case ended
      /// An invariant did not hold.
      case violation
    }

    /// The number of its event.
    public var sequence: Int64
    /// In instructions.
    public var time: Int64
    /// Whose row it stands in.
    public var pid: Int32
    public var sort: Sort
    /// In words.
    public var what: String
    /// Who did it to the process; 0 for nobody else.
    public var by: Int32 = 0
    /// How many events near each other it stands for.
    public var count = 1
  }

  /// How many there are of something, over time.
  public struct Counter: Sendable {
    /// Whose process slots they are; nil for the processes that wait for a hart.
    public var cid: Int32?
    /// From when on, in instructions, and how many from then on.
    public var times: [Int64]
    public var values: [Int64]
    /// The most there ever were in the session.
    public var most: Int64
  }

  /// How long those ran that have no row, in one part of the window.
  public struct Rest: Sendable {
    public var start: Int64
    public var end: Int64
    public var running: Int64
  }

  /// Who ran on each hart, in order of their beginning.
  public var slices: [Stretch] = []
  /// What each process was doing, in order of their beginning.
  public var states: [Stretch] = []
  /// What a process had of a mutex: the span's object is the mutex, its reason the mutex's name.
  public var holds: [Stretch] = []
  /// When a hart had nothing to run.
  public var idles: [Stretch] = []
  /// How long the processes ran whose states are not there, and how many they are.
  public var rest: [Rest] = []
  public var restCount = 0
  /// Counts of processes that wait for a hart, and of process slots in use.
  public var counters: [Counter] = []
  /// What groups had of everything that can be limited; of how many more there was no room for.
  public var uses: [GroupUse] = []
  public var usesLeftOut = 0
  /// The same, before it has its words.
  var seenGroups = GroupUses.Seen()
  /// What went from process to process over connections and in datagrams.
  public var hops: [PageHop] = []
  /// What stood on the console.
  public var console: [ConsoleEntry] = []
  /// What was refused, and what was wrong; each may stand for several such events.
  public var marks: [Mark] = []
  /// How many times an invariant did not hold, marked or not.
  public var violations = 0
  /// Where the marks are, before they have their words.
  var places: [MarkPlace] = []
  /// How long each process ran.
  public var runtimes: [Int32: Int64] = [:]
  /// The time of the last event, and the last at which a process ran.
  public var end: Int64 = 0
  public var busyEnd: Int64 = 0
  /// What was too short to be told apart.
  public var shortest: Int64 = 0
  /// From when on stretches are left out because there are too many rows; nil if none are.
  public var cut: Int64?

  init() {}

  /// What there is to see in a window: the session is read to its end, so that whatever overlaps the
  /// window has its true beginning and its true end.
  ///
  /// - Parameters:
  ///   - limit: how many stretches of each sort there may be.
  ///   - rows: how many processes have their stretches.
  /// - Throws: `TraceError` if the events cannot be read.
  public init(
    _ reader: TraceReader, from: Int64 = 0, to: Int64 = .max, limit: Int = 30_000,
    rows: Int = 2000
  ) throws(TraceError) {
    var collector = PageCollector(
      window: from...max(from, to), limit: max(limit, OpenSession.stretchesLimit))
    try collector.receive(reader, from: 1, to: .max)
    self = collector.page(
      PageWindow(from: from, to: min(to, max(from, collector.end)), limit: limit, rows: rows))
    addWords(reader)
    let found = PageData.violations(reader, in: from...max(from, to))
    marks += found.marks
    violations = found.count
  }

  /// Says what the marked events were.
  mutating func addWords(_ reader: TraceReader) {
    addUses(reader)
    let text = EventText(reader)
    marks += places.map { place in
      Mark(
        sequence: place.sequence, time: place.time, pid: place.row.pid, sort: place.row.sort,
        what: place.words(text), by: place.event.kind == .kill ? place.event.process.raw : 0,
        count: place.count)
    }
  }

  /// What `drydock verify` would find.
  ///
  /// - Parameter limits: how much each family may take.
  /// - Returns: the first of each family, and how many there are in all.
  static func violations(
    _ reader: TraceReader, in window: ClosedRange<Int64> = .min ... .max,
    limits: QueryLimits = .none
  ) -> (marks: [Mark], count: Int) {
    var marks: [Mark] = []
    var count = 0
    for view in TraceSchema.violationQueries {
      let query = """
        SELECT seq, time, pid, count(*) OVER () FROM (\(view.query))
        WHERE time BETWEEN \(window.lowerBound) AND \(window.upperBound)
        ORDER BY seq LIMIT \(PageWindow.violationsLimit)
        """
      var found: [[QueryResult.Value]] = []
      // What takes too long, or cannot be read, has nothing to show.
      _ = try? TraceQuery.run(
        query, on: reader, limits: limits, columns: { _ in }, row: { found.append($0) })
      var ofView: Int64 = 0
      for row in found {
        guard case .integer(let sequence) = row[0], case .integer(let time) = row[1],
          case .integer(let pid) = row[2]
        else { continue }
        if case .integer(let all) = row[3] { ofView = all }
        marks.append(
          Mark(
            sequence: sequence, time: time, pid: Int32(truncatingIfNeeded: pid),
            sort: .violation, what: view.name))
      }
      count += Int(ofView)
    }
    return (marks, count)
  }
}

extension PageCollector {
  /// Takes the events from one on, up to a time.
  ///
  /// - Parameter beyond: how many later ones may be taken to see how what goes on then ends.
  mutating func receive(
    _ reader: TraceReader, from first: Int64, to: Int64, beyond: Int = 0
  ) throws(TraceError) {
    let stream = reader.events(from: first)
    var taken = 0
    while let event = stream.peek()?.pointee {
      let time = Int64(bitPattern: event.time.instructions)
      if time > to {
        // To look whether anything is open takes longer than to take an event.
        if taken >= beyond || taken % 256 == 0 && !isOpen(at: to) {
          wait(until: time)
          break
        }
        taken += 1
      }
      receive(event, stream.sequence)
      stream.advance()
    }
    if let failure = stream.failure { throw failure }
  }
}
