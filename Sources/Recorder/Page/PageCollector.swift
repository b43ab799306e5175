// Takes events, one after the other, and keeps of them what a page draws. One collector has seen the
// whole session, another only the events around a window.

import Algorithms
import Sim

/// What a page draws, as far as the events have been taken.
struct PageCollector: Sendable {
  /// An event to be pointed at.
  struct Mark: Sendable {
    var sequence: Int64
    var time: Int64
    var pid: Int32
  }

  /// Where to go on from in the middle of a session.
  struct Checkpoint: Sendable {
    /// The number of the next event.
    var sequence: Int64
    /// The time of the last event before it.
    var time: Int64
    fileprivate var lives: [Span]
    fileprivate var held: [Int64: Span]

    var size: Int { lives.count + held.count }
  }

  private struct Rows: SpanVisitor, Sendable {
    var slices: StretchLines
    var states: StretchLines
    var runtimes: [Int32: Int64] = [:]
    var busyEnd: Int64 = 0
    let window: ClosedRange<Int64>

    mutating func visit(_ span: Span) {
      guard span.end >= window.lowerBound, span.start <= window.upperBound else { return }
      let stretch = Stretch(span)
      if span.state == .running {
        runtimes[span.pid, default: 0] &+= span.duration
        busyEnd = max(busyEnd, span.end)
        slices.add(stretch, to: Int32(span.hart))
      }
      states.add(stretch, to: span.pid)
    }
  }

  private static let marksLimit = 500_000

  private var tracker = SpanTracker()
  private var rows: Rows
  private var holds: StretchLines
  private var held: [Int64: Span] = [:]
  private var marks: [Mark] = []
  /// The time of the last event.
  private(set) var end: Int64 = 0

  /// - Parameters:
  ///   - window: what is outside of it is of no interest.
  ///   - limit: how many stretches of each sort are kept.
  init(window: ClosedRange<Int64> = 0 ... .max, limit: Int) {
    rows = Rows(
      slices: StretchLines(limit: limit), states: StretchLines(limit: limit), window: window)
    holds = StretchLines(limit: limit)
  }

  var runtimes: [Int32: Int64] { rows.runtimes }
  var busyEnd: Int64 { rows.busyEnd }
  /// What is too short to be told apart.
  var shortest: Int64 { max(rows.slices.shortest, rows.states.shortest, holds.shortest) }

  func checkpoint(before sequence: Int64) -> Checkpoint {
    Checkpoint(sequence: sequence, time: end, lives: tracker.live, held: held)
  }

  mutating func resume(from checkpoint: Checkpoint) {
    tracker = SpanTracker(live: checkpoint.lives)
    held = checkpoint.held
    end = checkpoint.time
  }

  mutating func receive(_ event: Event, _ sequence: Int64) {
    let time = Int64(bitPattern: event.time.instructions)
    end = time
    tracker.receive(event, sequence, &rows)
    switch event.kind {
    case .refuse, .fault, .kill, .shmExhausted, .deadlock:
      mark(event, sequence, time)
    case .lockAcquire, .lockHandOver:
      let holder =
        event.kind == .lockAcquire ? event.process.raw : Int32(truncatingIfNeeded: event.a4)
      held[event.a0] = Span(
        sequence: sequence, start: time, end: time, pid: holder, cid: event.container.raw,
        state: .running, hart: event.hart.raw, priority: 0, reason: event.a1, object: event.a0,
        waker: 0)
    case .lockRelease, .lockAbandon:
      if event.kind == .lockAbandon { mark(event, sequence, time) }
      guard var hold = held.removeValue(forKey: event.a0) else { break }
      hold.end = time
      hold.endSequence = sequence
      if rows.window.contains(time) || rows.window.contains(hold.start) {
        holds.add(Stretch(hold), to: hold.pid)
      }
    default: break
    }
  }

  private mutating func mark(_ event: Event, _ sequence: Int64, _ time: Int64) {
    guard rows.window.contains(time), marks.count < PageCollector.marksLimit else { return }
    marks.append(Mark(sequence: sequence, time: time, pid: event.process.raw))
  }

  /// What can be seen of a window.
  func page(_ window: PageWindow) -> PageData {
    func seen(_ lines: StretchLines, _ open: [(Int32, Span)]) -> ([Stretch], Int64) {
      lines.window(
        from: window.from, to: window.to, with: open.map { ($0, Stretch($1)) },
        shortest: window.shortest, limit: window.limit)
    }
    let open = tracker.open(at: end)
    let running = open.filter { $0.state == .running }
    var page = PageData()
    (page.slices, page.shortest) = seen(rows.slices, running.map { (Int32($0.hart), $0) })
    (page.states, _) = seen(rows.states, open.map { ($0.pid, $0) })
    (page.holds, _) = seen(
      holds,
      held.values.sorted { $0.sequence < $1.sequence }.map { hold in
        var hold = hold
        hold.end = end
        return (hold.pid, hold)
      })
    page.runtimes = rows.runtimes
    for span in running { page.runtimes[span.pid, default: 0] &+= span.duration }
    page.end = end
    page.busyEnd = running.reduce(rows.busyEnd) { max($0, $1.end) }
    page.places = places(window)
    return page
  }

  /// The marks of a window, one for each place in a row that can be told apart.
  private func places(_ window: PageWindow) -> [Mark] {
    var last: [Int32: Int64] = [:]
    var seen: [Mark] = []
    let first = marks.partitioningIndex { $0.time >= window.from }
    for mark in marks[first...] {
      if mark.time > window.to || seen.count >= PageWindow.marksLimit { break }
      if let before = last[mark.pid], mark.time &- before < window.shortest { continue }
      last[mark.pid] = mark.time
      seen.append(mark)
    }
    return seen
  }
}
