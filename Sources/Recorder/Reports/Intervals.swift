// Events as stretches of time, in one pass: what every process was doing, from its first event to its
// last. The views `process_state` and `run_slice` say the same in SQL, and a test holds them against
// each other. Nothing in a trace is trusted: numbers wrap rather than trap.

import Sim

/// A stretch of a process's life in one state.
public struct Span: Equatable, Sendable {
  public enum State: String, Sendable {
    case runnable, running, blocked, zombie
  }

  /// The number of the event that began it.
  public var sequence: Int64
  /// From its first to its last moment, in instructions.
  public var start: Int64
  public var end: Int64
  public var pid: Int32
  public var cid: Int32
  public var state: State
  /// Where it runs.
  public var hart: UInt8
  /// At which priority it runs.
  public var priority: Int64
  /// Its priority where its dispatch has not been seen.
  static let unknownPriority: Int64 = -1
  /// At which priority it runs; nil if that is unknown.
  public var knownPriority: Int64? { priority == Span.unknownPriority ? nil : priority }
  /// Its priority as far as is known at the end; nil if nothing has told yet.
  public var latestPriority: Int64?
  /// A `WaitReason.code` when blocked, a `YieldReason` when runnable after giving up a hart, else 0.
  public var reason: Int64
  /// What it is blocked on.
  public var object: Int64
  /// Who made it runnable; 0 for the machine.
  public var waker: Int32
  /// What ended it; nil at the session's end.
  public var ending: Event.Kind?
  /// The number of the event that ended it.
  public var endSequence: Int64?

  /// In instructions.
  public var duration: Int64 { end &- start }
  /// Whether it is held back because its group is frozen.
  public var isFrozen: Bool { state == .blocked && reason == WaitReason.frozenCode }
  /// Whether it is held back because its group has used its quota.
  public var isThrottled: Bool { state == .blocked && reason == WaitReason.throttledCode }
  /// As the view `process_state` has it.
  public var stateName: String {
    isFrozen ? "frozen" : isThrottled ? "throttled" : state.rawValue
  }
}

/// Takes spans as they end.
public protocol SpanVisitor {
  mutating func visit(_ span: Span)
}

/// Turns events into spans.
public struct SpanTracker: Sendable {
  private var lives = PIDTable<Span>()

  public init() {}

  /// Goes on from where others have been followed to.
  init(live: [Span]) {
    for span in live { lives[span.pid] = span }
  }

  /// What still goes on, begun but not ended.
  var live: [Span] { lives.values }

  /// What a process is doing.
  func current(_ pid: Int32) -> Span? { lives[pid] }

  /// What still goes on, as if it ended at a time.
  func open(at end: Int64) -> [Span] {
    lives.values.map { span in
      var span = span
      span.end = end
      return span
    }
  }

  /// Takes an event and gives the span that it ends, if any, to the visitor.
  @inline(__always)
  public mutating func receive(
    _ event: Event, _ sequence: Int64, _ visitor: inout some SpanVisitor
  ) {
    switch event.kind {
    case .dispatch:
      change(event, sequence, event.process.raw, .running, &visitor)
    case .wake:
      change(
        event, sequence, event.process.raw, .runnable,
        waker: event[WakeEvent.waker].raw, &visitor)
    case .yield:
      change(
        event, sequence, event.process.raw, .runnable, reason: event[YieldEvent.why], &visitor)
    case .block:
      change(
        event, sequence, event.process.raw, .blocked, reason: event[BlockEvent.reason],
        object: event[BlockEvent.object], &visitor)
    case .exit:
      change(event, sequence, event.process.raw, .zombie, &visitor)
    case .priority: lives[event.process.raw]?.latestPriority = event[PriorityEvent.new]
    case .inherit: lives[event.process.raw]?.latestPriority = event[InheritEvent.new]
    case .fork:
      change(
        event, sequence, event[ForkEvent.child].raw, .runnable,
        waker: event.process.raw, &visitor)
    case .boot:
      change(event, sequence, ProcessID.initial.raw, .runnable, &visitor)
    case .reap:
      let child = event[ReapEvent.child].raw
      close(child, event, sequence, &visitor)
      lives[child] = nil
    default: break
    }
  }

  private mutating func close(
    _ pid: Int32, _ event: Event, _ sequence: Int64, _ visitor: inout some SpanVisitor
  ) {
    guard var span = lives[pid] else { return }
    span.end = Int64(bitPattern: event.time.instructions)
    span.ending = event.kind
    span.endSequence = sequence
    visitor.visit(span)
  }

  private mutating func change(
    _ event: Event, _ sequence: Int64, _ pid: Int32, _ state: Span.State, reason: Int64 = 0,
    object: Int64 = 0, waker: Int32 = 0, _ visitor: inout some SpanVisitor
  ) {
    close(pid, event, sequence, &visitor)
    let time = Int64(bitPattern: event.time.instructions)
    // A child begins with its parent's.
    let before = event.kind == .fork ? event.process.raw : pid
    let given = event.kind == .dispatch ? event[DispatchEvent.priority] : nil
    lives[pid] = Span(
      sequence: sequence, start: time, end: time, pid: pid, cid: event.container.raw,
      state: state, hart: event.hart.raw, priority: given ?? 0,
      latestPriority: given ?? lives[before]?.latestPriority, reason: reason, object: object,
      waker: waker)
  }

  /// Ends what still goes on at the session's end.
  public mutating func finish(at end: Int64, _ visitor: inout some SpanVisitor) {
    for span in open(at: end) { visitor.visit(span) }
    lives = PIDTable()
  }
}

/// Values by process number. A session's numbers are small and dense, those of a damaged one may be
/// anything.
struct PIDTable<Value: Sendable>: Sendable {
  private static var denseLimit: Int32 { 1 << 20 }
  private var dense: [Value?] = []
  private var sparse: [Int32: Value] = [:]

  subscript(pid: Int32) -> Value? {
    @inline(__always) get {
      if pid >= 0 && Int(pid) < dense.count { return dense[Int(pid)] }
      return sparse.isEmpty ? nil : sparse[pid]
    }
    @inline(__always) _modify {
      if pid >= 0 && pid < PIDTable.denseLimit {
        if Int(pid) >= dense.count { grow(to: Int(pid)) }
        yield &dense[Int(pid)]
      } else {
        yield &sparse[pid]
      }
    }
  }

  @inline(never)
  private mutating func grow(to index: Int) {
    dense.append(
      contentsOf: repeatElement(nil, count: max(64, index + 1 - dense.count + index / 2)))
  }

  /// The values in order of their numbers.
  var values: [Value] { entries.map(\.value) }

  var entries: [(pid: Int32, value: Value)] {
    var found: [(pid: Int32, value: Value)] = []
    for (index, value) in dense.enumerated() {
      if let value { found.append((Int32(index), value)) }
    }
    return found + sparse.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
