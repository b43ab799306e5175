// Windows of a session that is being looked at, single events, and the slice around one. A wide window
// comes from what the reading in the background keeps in memory; a narrow one from the file, since
// the marks and the checkpoints lead to it.

import GRDB
import Sim

extension OpenSession {
  /// So many events are read from the file within some hundredths of a second.
  private static let eventsLimit: Int64 = 60_000
  /// A checkpoint, which has the states of processes, is worth reading this many more events.
  private static let detour: Int64 = 30_000
  /// So many events after a window are read to see how what goes on at its end ends.
  private static let eventsBeyond = 20_000
  private static let stretchesInPage = 2500
  /// A window with so few events has them all, line by line.
  private static let linesLimit: Int64 = 4000

  /// A window, and how far it can be believed.
  public struct Window: Sendable {
    public var page: PageData
    /// Up to where the session has been read; what comes later is not there yet.
    public var readTo: Int64
    /// Whether the events themselves were read, or what is kept of them.
    public var isExact: Bool
    /// The numbers of its events, where they are few.
    public var events: ClosedRange<Int64>?
  }

  /// What there is to see in a window.
  ///
  /// - Parameters:
  ///   - pixels: how many pixels it is going to be wide.
  ///   - pids: whose stretches are wanted; nil for those that run longest in it.
  /// - Throws: `TraceError` if the events cannot be read.
  public func window(from: Int64, to: Int64, pixels: Int, pids: Set<Int32>? = nil)
    throws(TraceError) -> Window
  {
    let to = max(from, to)
    let pixel = to.subtractingReportingOverflow(from).partialValue / Int64(max(1, pixels))
    let wanted = PageWindow(
      from: from, to: to, shortest: pixel, limit: OpenSession.stretchesInPage, pids: pids)
    let reader = try reader()
    let near = try reader.firstEvent(near: from)
    let (readTo, isFinished, shortest, checkpoint) = look { reading in
      (
        reading.collector.end, reading.isFinished, reading.collector.shortest,
        reading.checkpoints.last { $0.time < from && $0.sequence > near - OpenSession.detour }
      )
    }
    let isRead = isFinished || to <= readTo
    let first = checkpoint?.sequence ?? near
    let last = try reader.lastEvent(near: to)
    var window: Window
    if isRead && shortest <= pixel || last - first > OpenSession.eventsLimit {
      window = Window(
        page: look { $0.collector.page(wanted) }, readTo: isFinished ? .max : readTo,
        isExact: shortest == 0 && isRead)
    } else {
      var collector = PageCollector(window: from...to, limit: Int(OpenSession.eventsLimit))
      if let checkpoint {
        collector.resume(from: checkpoint)
      } else {
        for (event, sequence) in try reader.whoRan(at: first) {
          collector.receive(event, sequence)
        }
      }
      try collector.receive(reader, from: first, to: to, beyond: OpenSession.eventsBeyond)
      window = Window(
        page: collector.page(wanted), readTo: isRead ? .max : readTo, isExact: true)
      // What came before the window is known where it has been read.
      if isRead {
        let known = look { $0.collector.surroundings(wanted) }
        // Of what was sent before the window only whoever has read that knows.
        let hops = look { $0.collector.allHops(wanted) }
        if hops.spacing <= pixel { window.page.hops = hops.hops }
        window.page.console = known.console
        window.page.seenGroups = known.groups
        if checkpoint == nil { window.page.counters = known.counters }
      } else {
        // Of groups only whoever has seen them being made knows.
        window.page.seenGroups = GroupUses.Seen()
        if checkpoint == nil { window.page.counters = [] }
      }
    }
    if last - first <= OpenSession.linesLimit + 2 * TraceSchema.markInterval {
      let range = try reader.events(between: from, and: to)
      if let range, range.count <= OpenSession.linesLimit { window.events = range }
    }
    window.page.addWords(reader)
    let violations = look { $0.violations }
    window.page.marks += violations.marks.filter { (from...to).contains($0.time) }
    window.page.violations = violations.count
    return window
  }

  /// An event with everything that the file says of it.
  public struct EventFacts: Sendable {
    /// In instructions.
    public var time: Int64
    /// As `drydock dump` has it.
    public var line: String
    /// Its row, and the row that the view of its family makes of it, each after its query.
    public var rows: [(query: String, result: QueryResult)]
  }

  /// - Returns: nil if there is no such event.
  /// - Throws: `TraceError` or `QueryError` if it cannot be read.
  public func event(_ sequence: Int64) throws -> EventFacts? {
    let reader = try reader()
    guard let event = try reader.event(sequence) else { return nil }
    let tables = ["event", TraceSchema.viewName(event.kind.family)]
    let rows = try tables.map { table in
      let query = "SELECT * FROM \(table) WHERE seq = \(sequence)"
      return (query, try TraceQuery.run(query, on: reader))
    }
    return EventFacts(
      time: Int64(bitPattern: event.time.instructions),
      line: EventText(reader).line(event, sequence), rows: rows)
  }

  /// The slice that begins there, the last before it, or the first after it.
  public enum Direction: Sendable { case at, before, after }
  /// The number of an event, or a time in instructions.
  public enum Place: Sendable {
    case event(Int64)
    case time(Int64)
  }

  /// The run slice that begins with an event, or the nearest before or after it.
  ///
  /// - Returns: nil if there is none.
  /// - Throws: `TraceError` if the events cannot be read.
  public func slice(_ direction: Direction, _ place: Place) throws(TraceError) -> Span? {
    let reader = try reader()
    let sequence: Int64
    switch place {
    case .event(let number): sequence = number
    case .time(let time): sequence = try reader.firstEvent(at: time)
    }
    guard let begun = try reader.dispatch(direction, sequence) else { return nil }
    struct Catcher: SpanVisitor {
      let begun: Int64
      var found: Span?
      mutating func visit(_ span: Span) { if span.sequence == begun { found = span } }
    }
    var catcher = Catcher(begun: begun)
    var tracker = SpanTracker()
    let stream = reader.events(from: begun)
    var left = OpenSession.eventsLimit
    var end: Int64 = 0
    while catcher.found == nil, left > 0, let event = stream.peek()?.pointee {
      end = Int64(bitPattern: event.time.instructions)
      tracker.receive(event, stream.sequence, &catcher)
      stream.advance()
      left -= 1
    }
    if let failure = stream.failure { throw failure }
    if catcher.found == nil { tracker.finish(at: end, &catcher) }
    return catcher.found
  }
}

extension TraceReader {
  /// The number of an event up to which everything at `time` and earlier can be read.
  fileprivate func lastEvent(near time: Int64) throws(TraceError) -> Int64 {
    do {
      return try read { db in
        try Int64.fetchOne(
          db, sql: "SELECT min(seq) FROM mark WHERE time > ?", arguments: [time])
      } ?? summary.events
    } catch {
      throw TraceError.from(error, at: path, while: "reading the marks")
    }
  }

  /// The numbers of the events between two times, those at the times themselves included; nil for none.
  ///
  /// - Throws: `TraceError` if they cannot be read.
  public func events(between from: Int64, and to: Int64) throws(TraceError) -> ClosedRange<Int64>? {
    let first = try firstEvent(at: from)
    let last = to < .max ? try firstEvent(at: to + 1) - 1 : summary.events
    return first <= last ? first...last : nil
  }

  /// The number of the first event at a time or later, or of none after the last.
  fileprivate func firstEvent(at time: Int64) throws(TraceError) -> Int64 {
    let near = try firstEvent(near: time)
    do {
      return try read { db in
        try Int64.fetchOne(
          db, sql: "SELECT seq FROM event WHERE seq >= ? AND time >= ? ORDER BY seq LIMIT 1",
          arguments: [near, time])
      } ?? summary.events + 1
    } catch {
      throw TraceError.from(error, at: path, while: "looking for an event")
    }
  }

  fileprivate func dispatch(_ direction: OpenSession.Direction, _ sequence: Int64)
    throws(TraceError) -> Int64?
  {
    let (condition, order) =
      switch direction {
      case .at: ("=", "ASC")
      case .before: ("<", "DESC")
      case .after: (">", "ASC")
      }
    do {
      return try read { db in
        try Int64.fetchOne(
          db,
          sql: """
            SELECT seq FROM event WHERE seq \(condition) ? AND kind = ? ORDER BY seq \(order) LIMIT 1
            """, arguments: [sequence, Int64(Event.Kind.dispatch.rawValue)])
      }
    } catch {
      throw TraceError.from(error, at: path, while: "looking for a dispatch")
    }
  }
}
