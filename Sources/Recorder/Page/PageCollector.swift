// Takes events, one after the other, and keeps of them what a page draws. One collector has seen the
// whole session, another only the events around a window.

import Sim

/// What a page draws, as far as the events have been taken.
struct PageCollector: Sendable {
  /// Where to go on from in the middle of a session.
  struct Checkpoint: Sendable {
    /// The number of the next event.
    var sequence: Int64
    /// The time of the last event before it.
    var time: Int64
    fileprivate var lives: [Span]
    fileprivate var held: [Int64: Span]
    fileprivate var idling: [UInt8: Span]
    fileprivate var members: [PageCounters.Member]

    var size: Int { lives.count + held.count }
  }

  private struct Rows: SpanVisitor, Sendable {
    var slices: StretchLines
    var states: StretchLines
    var runtimes: [Int32: Int64] = [:]
    var busyEnd: Int64 = 0
    /// Calls made since the process has its hart.
    var calls = PIDTable<Int64>()
    let window: ClosedRange<Int64>

    mutating func visit(_ span: Span) {
      let called = calls[span.pid] ?? 0
      if called > 0 { calls[span.pid] = 0 }
      guard span.end >= window.lowerBound, span.start <= window.upperBound else { return }
      var stretch = Stretch(span)
      stretch.calls = called
      if span.state == .running {
        runtimes[span.pid, default: 0] &+= span.duration
        busyEnd = max(busyEnd, span.end)
        slices.add(stretch, to: Int32(span.hart))
      }
      states.add(stretch, to: span.pid)
    }
  }

  private struct Holder: Hashable {
    var mutex: Int64
    var pid: Int32
  }

  private var tracker = SpanTracker()
  private var rows: Rows
  private var holds: StretchLines
  private var held: [Int64: Span] = [:]
  /// A process may hold several mutexes at once, so each has a row of its own for each of its holders.
  private var holdRows: [Holder: Int32] = [:]
  private var idles: StretchLines
  private var idling: [UInt8: Span] = [:]
  private var marks = MarkList()
  private var counters = PageCounters()
  private var groups = GroupUses()
  private var hops = HopList()
  private var console = ConsoleList()
  /// The last path that was followed, and the last limit that was reached: whose call it was, which has
  /// not come back yet.
  private var followed = (pid: Int32(0), call: Int64(0), path: Int64(0))
  private var limited = (pid: Int32(0), call: Int64(0))
  /// The time of the last event.
  private(set) var end: Int64 = 0

  /// - Parameters:
  ///   - window: what is outside of it is of no interest.
  ///   - limit: how many stretches of each sort are kept.
  init(window: ClosedRange<Int64> = 0 ... .max, limit: Int) {
    rows = Rows(
      slices: StretchLines(limit: limit), states: StretchLines(limit: limit), window: window)
    holds = StretchLines(limit: limit)
    idles = StretchLines(limit: limit)
  }

  var runtimes: [Int32: Int64] { rows.runtimes }
  var busyEnd: Int64 { rows.busyEnd }
  /// What is too short to be told apart.
  var shortest: Int64 {
    max(rows.slices.shortest, rows.states.shortest, holds.shortest, idles.shortest)
  }

  func checkpoint(before sequence: Int64) -> Checkpoint {
    Checkpoint(
      sequence: sequence, time: end, lives: tracker.live, held: held, idling: idling,
      members: counters.all)
  }

  mutating func resume(from checkpoint: Checkpoint) {
    tracker = SpanTracker(live: checkpoint.lives)
    held = checkpoint.held
    idling = checkpoint.idling
    counters = PageCounters(checkpoint.members, at: checkpoint.time)
    end = checkpoint.time
  }

  mutating func receive(_ event: Event, _ sequence: Int64) {
    let time = Int64(bitPattern: event.time.instructions)
    end = time
    tracker.receive(event, sequence, &rows)
    counters.receive(event, time)
    groups.receive(event, time)
    if event.kind.family == .socket { hops.receive(event, sequence, time) }
    switch event.kind {
    case .input, .output: console.receive(event, sequence, time)
    case .resolve:
      followed = (event.process.raw, event[ResolveEvent.call], event[word: ResolveEvent.path])
    case .call, .callReturn:
      if event.kind == .call {
        rows.calls[event.process.raw] = (rows.calls[event.process.raw] ?? 0) + 1
      }
      if event[CallEvent.why] > 0 { markRefused(event, sequence) }
      followed.pid = 0
      limited.pid = 0
    case .refuse:
      limited = (event.process.raw, event[RefuseEvent.call])
      mark(event, sequence, .limited)
    case .shmExhausted:
      limited = (event.process.raw, event[SharedPagesExhaustedEvent.call])
      mark(event, sequence, .limited)
    case .fault, .deadlock: mark(event, sequence, .ended)
    case .kill: mark(event, sequence, .ended, pid: event[KillEvent.target].raw)
    case .lockAcquire, .lockHandOver:
      let mutex = event[LockEvent.mutex]
      release(mutex, sequence, time)
      let holder = event.kind == .lockAcquire ? event.process : event[LockEvent.other]
      held[mutex] = Span(
        sequence: sequence, start: time, end: time, pid: holder.raw, cid: event.container.raw,
        state: .running, hart: event.hart.raw, priority: 0, reason: event[word: LockEvent.name],
        object: mutex, waker: 0)
    case .lockRelease, .lockAbandon:
      if event.kind == .lockAbandon { mark(event, sequence, .ended) }
      release(event[LockEvent.mutex], sequence, time)
    case .dispatch, .idle:
      if var span = idling.removeValue(forKey: event.hart.raw) {
        span.end = time
        if isSeen(span) { idles.add(Stretch(span), to: Int32(span.hart)) }
      }
      guard event.kind == .idle else { break }
      idling[event.hart.raw] = Span(
        sequence: sequence, start: time, end: time, pid: 0, cid: 0, state: .blocked,
        hart: event.hart.raw, priority: 0, reason: 0, object: 0, waker: 0)
    default: break
    }
  }

  /// Says that what has not ended goes on at least until then.
  mutating func wait(until time: Int64) { end = max(end, time) }

  /// Whether something that belongs to times up to this one has not ended yet.
  func isOpen(at time: Int64) -> Bool {
    tracker.live.contains { $0.start <= time } || held.values.contains { $0.start <= time }
  }

  private func isSeen(_ span: Span) -> Bool {
    span.end >= rows.window.lowerBound && span.start <= rows.window.upperBound
  }

  private mutating func release(_ mutex: Int64, _ sequence: Int64, _ time: Int64) {
    guard var hold = held.removeValue(forKey: mutex) else { return }
    hold.end = time
    hold.endSequence = sequence
    guard isSeen(hold) else { return }
    let holder = Holder(mutex: mutex, pid: hold.pid)
    let row = holdRows[holder] ?? Int32(truncatingIfNeeded: holdRows.count)
    holdRows[holder] = row
    holds.add(Stretch(hold), to: row)
  }

  /// A call that a limit refused has its mark already.
  private mutating func markRefused(_ event: Event, _ sequence: Int64) {
    let call = (event.process.raw, event[CallEvent.number])
    if limited == call { return }
    let path = (followed.pid, followed.call) == call ? followed.path : 0
    mark(event, sequence, .refused, path: path)
  }

  private mutating func mark(
    _ event: Event, _ sequence: Int64, _ sort: PageData.Mark.Sort, pid: Int32? = nil,
    path: Int64 = 0
  ) {
    let row = MarkPlace.Row(pid: pid ?? event.process.raw, sort: sort)
    let place = MarkPlace(sequence: sequence, event: event, row: row, path: path)
    if rows.window.contains(place.time) { marks.add(place) }
  }

  /// What can be seen of a window.
  func page(_ window: PageWindow) -> PageData {
    var page = PageData()
    page.end = end
    let open = tracker.open(at: end)
    let running = open.filter { $0.state == .running }
    page.runtimes = rows.runtimes
    for span in running { page.runtimes[span.pid, default: 0] &+= span.duration }
    page.busyEnd = running.reduce(rows.busyEnd) { max($0, $1.end) }
    let isWanted = wanted(window, open)
    func seen(
      _ lines: StretchLines, _ open: [(Int32, Span)],
      where isWanted: (Stretch) -> Bool = { _ in true }, rest: (Stretch) -> Void = { _ in }
    ) -> ([Stretch], Int64) {
      let (stretches, shortest, cut) = lines.window(
        from: window.from, to: window.to, with: open.map { ($0, whole($1)) },
        shortest: window.shortest, limit: window.limit, where: isWanted, rest: rest)
      if let cut { page.cut = min(page.cut ?? cut, cut) }
      return (stretches, shortest)
    }
    (page.slices, page.shortest) = seen(rows.slices, running.map { (Int32($0.hart), $0) })
    var rest = RestLine(from: window.from, to: min(window.to, end))
    (page.states, _) = seen(
      rows.states, open.map { ($0.pid, $0) }, where: { isWanted($0.span.pid) },
      rest: { rest.add($0) })
    (page.rest, page.restCount) = (rest.parts, rest.count)
    // A row of its own for each of those that are still held.
    (page.holds, _) = seen(
      holds,
      held.values.sorted { $0.sequence < $1.sequence }.enumerated().map { index, hold in
        var hold = hold
        hold.end = end
        return (Int32(truncatingIfNeeded: -1 - index), hold)
      }, where: { isWanted($0.span.pid) })
    (page.idles, _) = seen(
      idles,
      idling.values.sorted { $0.hart < $1.hart }.map { span in
        var span = span
        span.end = end
        return (Int32(span.hart), span)
      })
    page.places = marks.window(window)
    page.hops = hops.window(window)
    (page.counters, page.seenGroups, page.console) = surroundings(window)
    return page
  }

  /// What went from process to process, and how near to each other those are that were put together.
  func allHops(_ window: PageWindow) -> (hops: [PageHop], spacing: Int64) {
    (hops.window(window), hops.spacing)
  }

  /// What is not of single processes.
  func surroundings(_ window: PageWindow) -> (
    counters: [PageData.Counter], groups: GroupUses.Seen, console: [ConsoleEntry]
  ) {
    (
      counters.window(window, limit: PageWindow.stepsLimit),
      groups.window(window, end: end),
      console.window(window, limit: PageWindow.consoleLimit)
    )
  }

  /// A stretch that still goes on, with the calls that were made in it.
  private func whole(_ span: Span) -> Stretch {
    var stretch = Stretch(span)
    if span.state == .running { stretch.calls = rows.calls[span.pid] ?? 0 }
    return stretch
  }

  /// Whose stretches a page has: those that were asked for, or that run longest in the window.
  private func wanted(_ window: PageWindow, _ open: [Span])
    -> (Int32) -> Bool
  {
    if let pids = window.pids { return { pids.contains($0) } }
    if rows.states.rowCount + open.count <= window.rows { return { _ in true } }
    var ran = PIDTable<Int64>()
    rows.states.forEach(
      from: window.from, to: window.to, with: open.map { ($0.pid, Stretch($0)) }
    ) { pid, stretch in
      ran[pid] = (ran[pid] ?? 0) &+ stretch.running(from: window.from, to: window.to)
    }
    let all = ran.entries
    if all.count <= window.rows { return { _ in true } }
    let longest = Set(
      all.sorted { ($1.value, $0.pid) < ($0.value, $1.pid) }.prefix(window.rows).map(\.pid))
    return { longest.contains($0) }
  }
}

/// How long processes ran in each part of a window, and which.
private struct RestLine {
  private let from: Int64
  private let width: Int64
  private var sums: [Int64] = []
  private var pids: Set<Int32> = []

  init(from: Int64, to: Int64) {
    self.from = from
    width = max(1, to.subtractingReportingOverflow(from).partialValue / PageWindow.restParts)
  }

  var count: Int { pids.count }

  mutating func add(_ stretch: Stretch) {
    pids.insert(stretch.span.pid)
    guard stretch.running > 0, stretch.span.end >= from else { return }
    var start = max(stretch.span.start, from)
    while start < stretch.span.end {
      let part = Int((start &- from) / width)
      guard part <= Int(PageWindow.restParts) else { return }
      let end = from &+ Int64(part + 1) &* width
      while sums.count <= part { sums.append(0) }
      sums[part] &+= stretch.running(from: start, to: end)
      guard end > start else { return }
      start = end
    }
  }

  /// The parts in which a process ran.
  var parts: [PageData.Rest] {
    sums.enumerated().filter { $0.element > 0 }.map { index, sum in
      let start = from &+ Int64(index) &* width
      return PageData.Rest(start: start, end: start &+ width, running: sum)
    }
  }
}
