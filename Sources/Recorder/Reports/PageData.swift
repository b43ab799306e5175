// What the page draws: stretches of time for harts and processes, marks, holds. A long session has
// more of them than a page can carry, so neighbours too short to be seen are put together.

import GRDB
import Sim

/// A session, or a window of it, to be drawn.
public struct PageData: Sendable {
  /// A stretch, or several put together.
  public struct Stretch: Sendable {
    public var span: Span
    /// How many were put together; 0 for one as it was.
    public var merged: Int = 0
  }

  /// Something to be pointed at.
  public struct Mark: Sendable {
    public var sequence: Int64
    public var time: Int64
    public var pid: Int32
    public var what: String
    public var isViolation: Bool
  }

  public struct Hold: Sendable {
    public var sequence: Int64
    public var start: Int64
    public var end: Int64
    public var pid: Int32
    public var name: String
  }

  public var slices: [Stretch] = []
  public var states: [Stretch] = []
  public var marks: [Mark] = []
  public var holds: [Hold] = []
  /// How long each process ran.
  public var runtimes: [Int32: Int64] = [:]
  /// The time of the last event, and the last at which a process ran.
  public var end: Int64 = 0
  public var busyEnd: Int64 = 0

  private static let marksLimit = 2000
  private static let holdsLimit = 5000

  /// - Parameters:
  ///   - limit: how many stretches of each sort there may be.
  /// - Throws: `TraceError` if the events cannot be read.
  public init(
    _ reader: TraceReader, from: Int64 = 0, to: Int64 = .max, limit: Int = 30_000
  ) throws(TraceError) {
    struct Open {
      var sequence: Int64
      var start: Int64
      var pid: Int32
      var name: Int64
    }
    var tracker = SpanTracker()
    var collector = StretchCollector(from: from, to: to, limit: limit)
    var held: [Int64: Open] = [:]
    let text = EventText(reader)
    let first = try reader.firstEvent(near: from)
    for (event, sequence) in try reader.whoRan(at: first) {
      tracker.receive(event, sequence, &collector)
    }
    let stream = reader.events(from: first)
    while let event = stream.peek()?.pointee {
      let sequence = stream.sequence
      let time = Int64(bitPattern: event.time.instructions)
      if time > to { break }
      end = time
      tracker.receive(event, sequence, &collector)
      switch event.kind {
      case .refuse, .fault, .kill, .lockAbandon, .shmExhausted, .deadlock:
        if time >= from, marks.count < PageData.marksLimit {
          marks.append(
            Mark(
              sequence: sequence, time: time, pid: event.process.raw,
              what: text.line(event, sequence).split(separator: " ").dropFirst(5)
                .joined(separator: " "), isViolation: false))
        }
      default: break
      }
      switch event.kind {
      case .lockAcquire, .lockHandOver:
        let holder = event.kind == .lockAcquire ? Int64(event.process.raw) : event.a4
        held[event.a0] = Open(
          sequence: sequence, start: time, pid: Int32(truncatingIfNeeded: holder), name: event.a1)
      case .lockRelease, .lockAbandon:
        guard let open = held.removeValue(forKey: event.a0), holds.count < PageData.holdsLimit
        else { break }
        holds.append(
          Hold(
            sequence: open.sequence, start: open.start, end: time, pid: open.pid,
            name: reader.text(of: open.name)))
      default: break
      }
      stream.advance()
    }
    if let failure = stream.failure { throw failure }
    tracker.finish(at: end, &collector)
    addViolations(reader)

    runtimes = collector.runtimes
    busyEnd = collector.busyEnd
    slices = PageData.merged(collector.slices, limit) { Int64($0.hart) }
    states = PageData.merged(collector.states, limit) { Int64($0.pid) }
    slices.sort { ($0.span.start, $0.span.sequence) < ($1.span.start, $1.span.sequence) }
    states.sort { ($0.span.start, $0.span.sequence) < ($1.span.start, $1.span.sequence) }
  }

  /// Puts neighbours in a row together until there are few enough.
  fileprivate static func merged(
    _ stretches: [Stretch], _ limit: Int, row: (Span) -> Int64
  ) -> [Stretch] {
    var stretches = stretches
    var shortest: Int64 = 16
    while stretches.count > limit {
      var result: [Stretch] = []
      var lastOf: [Int64: Int] = [:]
      for stretch in stretches {
        let row = row(stretch.span)
        if let index = lastOf[row],
          stretch.span.end &- result[index].span.start < shortest,
          stretch.span.start &- result[index].span.end < shortest
        {
          result[index].join(stretch)
        } else {
          lastOf[row] = result.count
          result.append(stretch)
        }
      }
      stretches = result
      if shortest > Int64.max / 4 { break }
      shortest *= 2
    }
    return Array(stretches.prefix(limit))
  }

  /// What `drydock verify` would find, where the trace has views for it.
  private mutating func addViolations(_ reader: TraceReader) {
    guard
      let views = try? TraceQuery.run(
        "SELECT name FROM sqlite_master WHERE type = 'view' AND name LIKE 'violation%'",
        on: reader.path)
    else { return }
    for case .text(let view)? in views.rows.map(\.first) {
      guard
        let found = try? TraceQuery.run(
          "SELECT e.seq, e.time, e.pid FROM \(view) v JOIN event e USING (seq) LIMIT 100",
          on: reader.path)
      else { continue }
      for row in found.rows {
        guard case .integer(let sequence) = row[0], case .integer(let time) = row[1],
          case .integer(let pid) = row[2]
        else { continue }
        marks.append(
          Mark(
            sequence: sequence, time: time, pid: Int32(truncatingIfNeeded: pid), what: view,
            isViolation: true))
      }
    }
  }
}

/// Collects stretches, and puts them together whenever there are far more than are wanted.
private struct StretchCollector: SpanVisitor {
  var slices: [PageData.Stretch] = []
  var states: [PageData.Stretch] = []
  var runtimes: [Int32: Int64] = [:]
  var busyEnd: Int64 = 0
  let from: Int64
  let to: Int64
  let limit: Int

  init(from: Int64, to: Int64, limit: Int) {
    self.from = from
    self.to = to
    self.limit = limit
  }

  mutating func visit(_ span: Span) {
    guard span.end >= from, span.start <= to else { return }
    if span.state == .running {
      runtimes[span.pid, default: 0] &+= span.duration
      busyEnd = max(busyEnd, span.end)
      slices.append(PageData.Stretch(span: span))
      if slices.count > 8 * limit {
        slices = PageData.merged(slices, 2 * limit) { Int64($0.hart) }
      }
    }
    states.append(PageData.Stretch(span: span))
    if states.count > 8 * limit { states = PageData.merged(states, 2 * limit) { Int64($0.pid) } }
  }
}

extension PageData.Stretch {
  /// Takes in a neighbour; the longer one gives it its looks.
  fileprivate mutating func join(_ next: Self) {
    let count = max(1, merged) + max(1, next.merged)
    let start = span.start
    let sequence = span.sequence
    let isRunning = span.state == .running
    let end = max(span.end, next.span.end)
    if next.span.state == .running, !isRunning || next.span.duration > span.duration {
      span = next.span
    }
    span.start = start
    span.sequence = sequence
    span.end = end
    merged = count
  }
}
