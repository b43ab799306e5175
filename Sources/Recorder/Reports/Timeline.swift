// Who ran on which hart, in a window of time. The marks lead from a time to the events around it, so
// that a window of a long session costs no more than one of a short one.

import GRDB
import Sim

/// Run slices, all of a session's or those of a window.
public struct Timeline: Sendable {
  /// The window, in instructions; slices may begin before it and end after it.
  public var from: Int64
  public var to: Int64
  /// In order of their beginning.
  public var slices: [Span]
  /// The time of the last event looked at: the session's end, if the window has none.
  public private(set) var end: Int64

  private struct Collector: SpanVisitor, Sendable {
    var slices: [Span] = []
    var from: Int64
    var to: Int64

    mutating func visit(_ span: Span) {
      guard span.state == .running, span.end >= from, span.start <= to else { return }
      slices.append(span)
    }
  }

  /// How many events before a window are searched for what began there, and how many after it are read
  /// for how that ends, which takes longer.
  public static let reach: (before: Int64, after: Int64) = (65_536, 20_000)

  /// Reads on after the window until everything that began in it has ended, or the reach has: what
  /// goes on for longer has no `ending`. What began further before it than that begins with its hart's
  /// last tick, at an unknown priority.
  ///
  /// - Throws: `TraceError` if the events cannot be read.
  public init(
    _ reader: TraceReader, from: Int64 = 0, to: Int64 = .max,
    reach: (before: Int64, after: Int64) = Timeline.reach
  ) throws(TraceError) {
    self.from = from
    self.to = to
    var tracker = SpanTracker()
    var collector = Collector(from: from, to: to)
    let first = try reader.firstEvent(near: from)
    for (event, sequence) in try reader.whoRan(at: first, reach: reach.before) {
      tracker.receive(event, sequence, &collector)
    }
    let stream = reader.events(from: first)
    var last = from
    var running: Set<Int32>?
    var farthest = Int64.max
    while let event = stream.peek() {
      last = Int64(bitPattern: event.pointee.time.instructions)
      if last > to {
        var left = running ?? Set(tracker.live.filter { $0.state == .running }.map(\.pid))
        if running == nil {
          let (end, overflow) = stream.sequence.addingReportingOverflow(reach.after)
          farthest = overflow ? .max : end
        }
        if left.isEmpty || stream.sequence > farthest { break }
        switch event.pointee.kind {
        case .block, .yield, .exit: left.remove(event.pointee.process.raw)
        default: break
        }
        running = left
      }
      tracker.receive(event.pointee, stream.sequence, &collector)
      stream.advance()
    }
    if let failure = stream.failure { throw failure }
    tracker.finish(at: last, &collector)
    end = last
    slices = collector.slices.sorted { ($0.start, $0.sequence) < ($1.start, $1.sequence) }
  }

  /// The slices as a table.
  public func table(_ session: SessionFacts) -> ReportTable {
    ReportTable(
      "slices", "Who ran where",
      ["seq", "time", "duration", "hart", "pid", "name", "cid", "priority", "ended_by"],
      slices.map { span in
        [
          .integer(span.sequence), .integer(span.start), .integer(span.duration),
          .integer(Int64(span.hart)), .integer(Int64(span.pid)), .text(session.name(span.pid)),
          .integer(Int64(span.cid)), .optional(span.knownPriority), .optional(span.ending?.name),
        ]
      })
  }
}

extension TraceReader {
  /// The number of an event from which on everything at `time` and later can be read.
  func firstEvent(near time: Int64) throws(TraceError) -> Int64 {
    do {
      return try read { db in
        try Int64.fetchOne(
          db, sql: "SELECT max(seq) FROM mark WHERE time < ?", arguments: [time]) ?? 1
      }
    } catch {
      throw TraceError.from(error, at: path, while: "reading the marks")
    }
  }

  /// The dispatches of the processes that have a hart just before an event, and where a hart is idle,
  /// what says so. Of a process whose dispatch is out of reach, its last tick, as a dispatch of unknown
  /// priority.
  ///
  /// - Parameter reach: how many events before are looked at.
  func whoRan(at sequence: Int64, reach: Int64 = Timeline.reach.before) throws(TraceError)
    -> [(Event, Int64)]
  {
    let leaving = [Event.Kind.block, .yield, .exit].map { "\($0.rawValue)" }
    let first = sequence.subtractingReportingOverflow(reach).partialValue
    var found: [(Event, Int64)] = []
    for hart in 0..<min(256, scenario.harts) {
      let dispatch: Int64?
      do {
        dispatch = try read { db -> Int64? in
          func last(_ kinds: Event.Kind...) throws -> Row? {
            try Row.fetchOne(
              db,
              sql: """
                SELECT seq, kind, pid FROM event WHERE seq < ? AND seq >= ? AND hart = ?
                  AND kind IN (\(kinds.map { "\($0.rawValue)" }.joined(separator: ", ")))
                ORDER BY seq DESC LIMIT 1
                """, arguments: [sequence, first, hart])
          }
          guard let row = try last(.dispatch, .idle) ?? last(.tick) else { return nil }
          let begun: Int64 = try row.checked("seq")
          if try row.checked("kind") == Int64(Event.Kind.idle.rawValue) { return begun }
          let pid: Int64 = try row.checked("pid")
          let hasLeft = try Bool.fetchOne(
            db,
            sql: """
              SELECT EXISTS (SELECT 1 FROM event WHERE seq > ? AND seq < ? AND pid = ?
                AND kind IN (\(leaving.joined(separator: ", "))))
              """, arguments: [begun, sequence, pid])
          return hasLeft == true ? nil : begun
        }
      } catch {
        throw TraceError.from(error, at: path, while: "looking for who ran")
      }
      guard let dispatch, var event = try event(dispatch) else { continue }
      if event.kind == .tick {
        event.kind = .dispatch
        event[DispatchEvent.priority] = Span.unknownPriority
      }
      found.append((event, dispatch))
    }
    return found
  }

  /// One event by its number; nil if there is none.
  func event(_ sequence: Int64) throws(TraceError) -> Event? {
    let loader = EventLoader(path: path, from: sequence, expected: nil, seal: nil)
    do {
      return try read { db in
        try loader.one(sequence, db)
      }
    } catch {
      throw TraceError.from(error, at: path, while: "reading event \(sequence)")
    }
  }
}
