// A session that is viewed while the tool runs: read through once in the background, queried
// for windows, events and tables meanwhile and afterwards. A session that is still being recorded is
// read on as it grows; between two looks nobody keeps its file open, so that the recorder can close
// it.

import Dispatch
import Foundation
import GRDB
import Sim
import Synchronization

/// A session that is being looked at.
public final class OpenSession: Sendable {
  /// What has been read of it.
  struct Reading: Sendable {
    var collector: PageCollector
    var reports = ReportSet()
    var checkpoints: [PageCollector.Checkpoint] = []
    /// The number of the next event.
    var next: Int64 = 1
    /// The event before that.
    var last: Event?
    /// Everything there is has been read, and nothing will come.
    var isFinished = false
    var failure: TraceError?
    var violations: (marks: [PageData.Mark], count: Int) = ([], 0)
    var tables: (upTo: Int64, tables: [(title: String, tables: [ReportTable])])?
  }

  /// How many stretches of each sort are kept in memory.
  public static let stretchesLimit = 150_000
  /// How many events are taken before another task has a turn.
  private static let turn = 4096
  /// How long an unfinished session is read without a break.
  private static let nanosecondsAtOnce: UInt64 = 500_000_000
  /// The most events by which a recording is ahead of its readers: a commit's worth.
  private static let lag: Int64 = 100_000
  /// In longer sessions the views of the invariants are not asked.
  private static let violationsLimit: Int64 = 1_000_000

  public let path: String
  let reading: Synchronization.Mutex<Reading>
  /// A reader of the whole session, and what its file looked like when it was opened.
  private let kept = Synchronization.Mutex<(reader: TraceReader, change: [Int64])?>(nil)
  /// Which session it was when it was opened.
  private let identity: SessionIdentity
  /// Of the session that is kept, which does not change any more.
  private let keptFacts = Synchronization.Mutex<SessionFacts?>(nil)
  private let waiting = Atomic(0)
  private let closed = Atomic(false)

  /// - Parameter stretches: how many of each sort are kept in memory.
  /// - Throws: `TraceError` if there is no session that can be read.
  public init(path: String, stretches: Int = OpenSession.stretchesLimit) throws(TraceError) {
    self.path = path
    reading = Mutex(Reading(collector: PageCollector(limit: stretches)))
    identity = try TraceReader(path: path).identity
    _ = try reader()
  }

  /// Ends the reading in the background.
  public func close() { closed.store(true, ordering: .relaxed) }

  /// The session as it is now.
  ///
  /// - Throws: `TraceError` if it cannot be read any more, or the name stands for another one.
  public func reader() throws(TraceError) -> TraceReader {
    let change = OpenSession.change(of: path)
    if let kept = kept.withLock({ $0 }), kept.change == change { return kept.reader }
    let reader = try open()
    kept.withLock { $0 = isSettled(reader) ? (reader, change) : nil }
    return reader
  }

  private func open() throws(TraceError) -> TraceReader {
    let reader: TraceReader
    do {
      reader = try TraceReader(path: path)
    } catch {
      // What has the name now may be anything.
      throw path.fileStatus() == nil ? TraceError.another(path) : error
    }
    try reader.check(isStill: identity)
    return reader
  }

  /// The session's processes and containers; of one that is complete they are read once.
  ///
  /// - Throws: `TraceError` if they cannot be read.
  public func facts(_ reader: TraceReader, end: Int64) throws(TraceError) -> SessionFacts {
    guard kept.withLock({ $0?.reader === reader }) else {
      return try SessionFacts(reader, end: end)
    }
    if var facts = keptFacts.withLock({ $0 }) {
      facts.end = end
      return facts
    }
    let facts = try SessionFacts(reader, end: end)
    keptFacts.withLock { $0 = facts }
    return facts
  }

  /// Whether the file may be kept open: a recorder that has written everything still needs it to
  /// itself for a moment, to fold the log into it.
  private func isSettled(_ reader: TraceReader) -> Bool {
    reader.summary.isComplete && !RecorderLock.isHeld(of: path)
  }

  /// Has a look at, or a change made to, what has been read, before the background goes on.
  func look<Result: Sendable>(_ body: (inout Reading) -> Result) -> Result {
    waiting.add(1, ordering: .relaxed)
    defer { waiting.subtract(1, ordering: .relaxed) }
    return reading.withLock { body(&$0) }
  }

  /// Reads it all, and what is recorded after that, until there can be no more; for a thread of its
  /// own.
  public func readThrough() {
    var seen: [Int64] = []
    while !closed.load(ordering: .relaxed) {
      let files = ["", "-wal"].flatMap { OpenSession.change(of: path + $0) }
      if files != seen {
        seen = files
        do throws(TraceError) {
          switch try readOn() {
          case .finished: return
          case .more: seen = []
          case .caughtUp: break
          }
        } catch {
          reading.withLock { $0.failure = error }
          return
        }
      }
      Thread.sleep(forTimeInterval: seen.isEmpty ? 0.05 : 0.25)
    }
  }

  private static func change(of path: String) -> [Int64] {
    var information = stat()
    guard path.withFileName({ stat($0, &information) }) == 0 else { return [-1] }
    let time = information.st_mtim
    return [
      Int64(bitPattern: UInt64(information.st_dev)), Int64(bitPattern: UInt64(information.st_ino)),
      Int64(information.st_size), Int64(time.tv_sec), Int64(time.tv_nsec),
    ]
  }

  private enum Outcome { case finished, caughtUp, more }

  /// Reads what has come since; of an unfinished session not so much that its recorder would have to
  /// wait for the file.
  private func readOn() throws(TraceError) -> Outcome {
    let reader = try open()
    let isSettled = isSettled(reader)
    let started = DispatchTime.now().uptimeNanoseconds
    let (next, last) = reading.withLock { ($0.next, $0.last) }
    if let last, try reader.events(from: next - 1).next() != last {
      throw TraceError(
        .damaged, path,
        "the file is another one now: found another event \(next - 1), expected the one that was "
          + "there before")
    }
    let stream = reader.events(from: next)
    while stream.peek() != nil {
      if closed.load(ordering: .relaxed) { return .finished }
      let elapsed = DispatchTime.now().uptimeNanoseconds - started
      if !isSettled, elapsed > OpenSession.nanosecondsAtOnce { return .more }
      while waiting.load(ordering: .relaxed) > 0 { Thread.sleep(forTimeInterval: 0.0005) }
      // Events may have to be waited for, which is better done without the lock.
      var batch: [(Event, Int64)] = []
      batch.reserveCapacity(OpenSession.turn)
      while batch.count < OpenSession.turn, let event = stream.peek()?.pointee {
        batch.append((event, stream.sequence))
        stream.advance()
      }
      reading.withLock { $0.take(batch) }
    }
    if let failure = stream.failure { throw failure }
    guard isSettled else { return .caughtUp }
    try finish(reader)
    return .finished
  }

  private func finish(_ reader: TraceReader) throws(TraceError) {
    var (reports, end, count) = reading.withLock { ($0.reports, $0.collector.end, $0.next - 1) }
    let tables = reports.finish(try SessionFacts(reader, end: end))
    reading.withLock {
      $0.tables = (count, tables)
      $0.isFinished = true
    }
    guard reader.summary.events <= OpenSession.violationsLimit else { return }
    let found = PageData.violations(reader, limits: QueryLimits(seconds: 10))
    reading.withLock { $0.violations = found }
  }

  /// The tables of all reports, as far as they can be told now.
  public enum Tables: Sendable {
    case ready(upTo: Int64, [(title: String, tables: [ReportTable])])
    case reading(upTo: Int64, of: Int64)
  }

  /// - Throws: `TraceError` if the processes cannot be read.
  public func tables() throws(TraceError) -> Tables {
    let reader = try reader()
    var (next, end, tables, reports) = look {
      ($0.next, $0.collector.end, $0.tables, $0.reports)
    }
    if let tables, tables.upTo == next - 1 { return .ready(upTo: tables.upTo, tables.tables) }
    if reader.summary.isComplete || next + OpenSession.lag <= reader.summary.events {
      return .reading(upTo: next - 1, of: reader.summary.events)
    }
    let made = reports.finish(try facts(reader, end: end))
    look { reading in
      // Meanwhile the background may have made those of the whole session.
      if reading.tables.map({ $0.upTo < next - 1 }) ?? true { reading.tables = (next - 1, made) }
    }
    return .ready(upTo: next - 1, made)
  }

  /// How far the reading has come.
  public struct Progress: Sendable {
    /// The number and the time of the last event that was read.
    public var events: Int64
    public var time: Int64
    /// When the last process that has been seen to run stopped; in instructions.
    public var busyEnd: Int64
    /// How long each process has run, by pid, in instructions.
    public var runtimes: [Int32: Int64]
    /// Whether all events of a finished recording have been read.
    public var isFinished: Bool
    /// What was found wrong with the recording.
    public var failure: TraceError?
  }

  public var progress: Progress {
    look { reading in
      Progress(
        events: reading.next - 1, time: reading.collector.end,
        busyEnd: reading.collector.busyEnd, runtimes: reading.collector.runtimes,
        isFinished: reading.isFinished, failure: reading.failure)
    }
  }
}

extension OpenSession.Reading {
  fileprivate mutating func take(_ batch: [(Event, Int64)]) {
    for (event, sequence) in batch {
      collector.receive(event, sequence)
      reports.receive(event, sequence)
    }
    guard let last = batch.last else { return }
    next = last.1 + 1
    self.last = last.0
    // The more there is to keep, the more rarely.
    let interval = Int64(32 * (checkpoints.last?.size ?? 0))
    if next - (checkpoints.last?.sequence ?? 1) >= max(TraceSchema.markInterval, interval) {
      checkpoints.append(collector.checkpoint(before: next))
    }
  }
}
