// SQL from the page: a few queries at a time, each with limits, each of which can be stopped.

import Recorder
import Synchronization

/// Where the page's queries are run.
final class QueryDesk: Sendable {
  private static let queriesLimit = 2
  private static let rowsLimit = 1000
  private static let valueLimit = 1_000_000
  private static let answerLimit = 8_000_000
  /// A recorder that wants to close the file waits no longer than ten seconds for it.
  private static let secondsLimitWhileRecording = 5.0

  private let session: OpenSession
  private let seconds: Double
  private let running = Mutex<[ObjectIdentifier: QueryStop]>([:])
  private let isClosed = Atomic(false)

  /// - Parameter seconds: how long a query may take.
  init(_ session: OpenSession, seconds: Double) {
    self.session = session
    self.seconds = seconds
  }

  /// Stops all queries, and lets no more begin.
  func close() {
    isClosed.store(true, ordering: .sequentiallyConsistent)
    running.withLock { for stop in $0.values { stop.stop() } }
  }

  /// Runs one query.
  ///
  /// - Returns: its rows, or what is wrong with it, as JSON.
  /// - Throws: `ServerBusy` if there are too many, `TraceError` if the session cannot be read.
  func answer(_ sql: String, _ stop: QueryStop) throws -> String {
    let isAdmitted = running.withLock { running in
      guard running.count < QueryDesk.queriesLimit else { return false }
      // Closing stops the running queries; later ones see that it is closed.
      if isClosed.load(ordering: .sequentiallyConsistent) { stop.stop() }
      running[ObjectIdentifier(stop)] = stop
      return true
    }
    guard isAdmitted else {
      throw ServerBusy("\(QueryDesk.queriesLimit) queries are running already; stop one of them")
    }
    defer { running.withLock { $0[ObjectIdentifier(stop)] = nil } }
    let reader = try session.reader()
    let seconds =
      reader.summary.isComplete ? seconds : min(seconds, QueryDesk.secondsLimitWhileRecording)
    let limits = QueryProcess.Limits(
      seconds: seconds, rows: QueryDesk.rowsLimit, valueBytes: QueryDesk.valueLimit,
      answerBytes: QueryDesk.answerLimit)
    guard !sql.utf8.contains(0) else { return PageJSON.error("a NUL in the query; expected SQL") }
    switch try QueryProcess.run(sql, on: session.path, limits, stop) {
    case .answered(let json):
      // It was this session that was asked.
      _ = try session.reader()
      return json
    case .unreadable(let words): throw Unreadable(description: words)
    case .stopped: return PageJSON.error("stopped")
    case .late:
      return PageJSON.error("stopped after \(Int(seconds)) seconds; drydock query has no limit")
    case .died:
      return PageJSON.error("the query took more memory than it may have, and was ended")
    }
  }

  /// The session cannot be read any more.
  private struct Unreadable: Error, CustomStringConvertible { let description: String }
}
