// The recorder's front: a sink that costs the machine little more than a store. Events go into one of
// two buffers; a full one is handed to the database's own thread while the other one fills. The
// machine only waits when the disk cannot keep up.
//
// Hand-overs happen between steps of the machine, never within one, so that a trace that is cut
// short ends where the machine stood between two steps, with all that those steps depended on.

import Dispatch
import Foundation
import GRDB
import Sim

/// Writes a session's trace.
public final class TraceWriter: EventSink {
  /// The buffer being filled, outside the object so that a store needs no exclusivity check.
  private struct Lane {
    var next: UnsafeMutablePointer<Event>
    var end: UnsafeMutablePointer<Event>
    var full: UnsafeMutablePointer<Event>
  }

  public let path: String
  /// What is special about the file when the trace is closed, as a clause; nil if it is one plain file.
  public private(set) var closingNote: String?
  private let place: RecordingPlace
  private let lane: UnsafeMutablePointer<Lane>
  private let queue: DatabaseQueue
  private let inserter: TraceInserter
  private let lock: RecorderLock
  private var filling = TraceBatch()
  private var other = TraceBatch()
  /// 1 while `other` is free, 0 while the database's thread has it.
  private let otherIsFree = DispatchSemaphore(value: 1)
  private var handedOver: Int64 = 0
  private var namesSeen = 0
  private var inputOrdinal: Int64 = 0
  /// How many choices the machine has asked for.
  private var choiceOrdinal: Int64 = 0
  private var stop: (after: Int64, idle: Bool)?
  private let started = DispatchTime.now()

  /// Makes the file and writes what the session starts from.
  ///
  /// - Parameter asksPreemption: whether the machine will ask at `ChoicePoint.preempt`.
  /// - Throws: `TraceError` if the file exists and `overwrite` is false, or cannot be made.
  public init(
    path: String, scenario: Scenario, overwrite: Bool = false, asksPreemption: Bool = false
  ) throws(TraceError) {
    self.path = path
    place = try RecordingPlace(path: path, overwrite: overwrite)
    var configuration = Configuration()
    configuration.label = "drydock.recorder"
    configuration.foreignKeysEnabled = false
    // Somebody may look at the file just when its journal mode changes, at the beginning or the end.
    configuration.busyMode = .timeout(10)
    // Transactions span hand-overs.
    configuration.allowsUnsafeTransactions = true
    do {
      let inserter = TraceInserter(path: path)
      let queue = try DatabaseQueue(
        path: FileAccess.shared.name(of: path), configuration: configuration)
      try queue.writeWithoutTransaction { db in
        try inserter.begin(scenario, asksPreemption: asksPreemption, db)
      }
      self.queue = queue
      self.inserter = inserter
      lock = RecorderLock(path: path)
      inserter.lock = lock
    } catch {
      throw TraceError.from(error, at: path, while: "making the trace")
    }
    lane = .allocate(capacity: 1)
    lane.initialize(to: TraceWriter.lane(of: filling))
  }

  deinit { lane.deallocate() }

  private static func lane(of batch: TraceBatch) -> Lane {
    Lane(
      next: batch.base + batch.count, end: batch.base + batch.room,
      full: batch.base + TraceBatch.capacity)
  }

  // MARK: What the machine tells

  public var interest: EventInterest { .everything }

  /// How many events there are so far.
  public var eventCount: Int64 { handedOver + Int64(lane.pointee.next - filling.base) }

  @inline(__always)
  public func receive(_ event: Event) {
    if lane.pointee.next == lane.pointee.end { grow() }
    lane.pointee.next.initialize(to: event)
    lane.pointee.next += 1
  }

  @inline(never)
  private func grow() {
    let count = lane.pointee.next - filling.base
    filling.grow()
    filling.count = count
    lane.pointee = TraceWriter.lane(of: filling)
  }

  /// Counts a choice, and records it unless the first option was taken.
  @inline(__always)
  public func receive(_ chosen: Int, at choice: Choice, candidate: (Int) -> Candidate) {
    choiceOrdinal += 1
    guard chosen != 0 else { return }
    filling.choices.append(
      RecordedChoice(
        ordinal: choiceOrdinal, choice, chosen: chosen, candidate: candidate(chosen)))
  }

  /// Records bytes that will arrive.
  public func receive(_ input: TimedInput) {
    inputOrdinal += 1
    filling.inputs.append(RecordedInput(ordinal: inputOrdinal, input: input))
  }

  /// Records that the machine is about to be stopped from outside, between two steps.
  ///
  /// - Parameter idle: whether its last step could do nothing for want of input.
  public func willStop(idle: Bool) {
    stop = (after: eventCount, idle: idle)
  }

  // MARK: Handing over

  /// Whether it is time to hand over: a buffer's worth of events has come together.
  public var isFull: Bool { lane.pointee.next >= lane.pointee.full }

  /// Hands what has come together to the database's thread; called between two steps.
  ///
  /// - Parameters:
  ///   - names: the machine's texts as they are now.
  ///   - committing: whether to commit at once, as when the machine waits for a person.
  /// - Throws: `TraceError` if something handed over earlier could not be written.
  public func handOver(_ names: NameTable, committing: Bool = false) throws(TraceError) {
    try handOver(names, committing ? .now : .whenDue)
  }

  private func handOver(_ names: NameTable, _ commit: TraceInserter.Commit) throws(TraceError) {
    filling.count = lane.pointee.next - filling.base
    handedOver += Int64(filling.count)
    while namesSeen < names.count {
      filling.names.append(names[NameID(raw: Int32(namesSeen))])
      namesSeen += 1
    }
    otherIsFree.wait()
    if let failure = other.failure {
      otherIsFree.signal()
      throw failure
    }
    other.empty()
    swap(&filling, &other)
    lane.pointee = TraceWriter.lane(of: filling)
    queue.asyncWriteWithoutTransaction { [batch = other, inserter, otherIsFree] db in
      do {
        try inserter.insert(batch, commit, db)
      } catch {
        batch.failure = inserter.fail(error, db)
      }
      otherIsFree.signal()
    }
  }

  // MARK: The end

  /// Writes what is left, seals the trace and closes it: one plain file remains.
  ///
  /// - Parameters:
  ///   - names: the machine's texts.
  ///   - time: virtual time at the end.
  ///   - end: how the session ended.
  /// - Returns: how many events the trace holds.
  public func finish(_ names: NameTable, at time: Instant, _ end: EndReason) throws(TraceError)
    -> Int64
  {
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - started.uptimeNanoseconds) / 1e9
    // The last events are committed together with what says how to replay them.
    try handOver(names, .later)
    otherIsFree.wait()
    defer { otherIsFree.signal() }
    if let failure = other.failure { throw failure }
    let ending = TraceEnding(
      end: end, time: time, hostSeconds: seconds, choicesMade: choiceOrdinal,
      stop: stop)
    let isOurs = place.isOurs && (lock.isLog(of: path) || RecorderLock.isLogGone(of: path))
    let closing: TraceInserter.Closing
    do {
      closing = try queue.writeWithoutTransaction { db in
        try inserter.complete(ending, byItself: isOurs, db)
      }
      try queue.close()
    } catch {
      throw TraceError.from(error, at: path, while: "closing the trace")
    }
    switch closing {
    case .plainFile: break
    case .inWAL:
      closingNote =
        "another program has the file open, so that it is complete, but in WAL mode"
    case .withLog:
      closingNote =
        "another program reads the file, so that it is complete together with "
        + "\(RecorderLock.file(of: path)), which has to stay beside it until that program ends"
    }
    guard isOurs else {
      throw TraceError(
        .replaced, path,
        "was moved, removed or replaced while it was recorded, or its log was; what was recorded is "
          + "complete in the file that had the name")
    }
    return handedOver
  }
}

/// What is known of a session when it has ended.
struct TraceEnding: Sendable {
  var end: EndReason
  var time: Instant
  var hostSeconds: Double
  var choicesMade: Int64
  var stop: (after: Int64, idle: Bool)?
}
