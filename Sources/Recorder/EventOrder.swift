// Whether the events come to an end, asked only when a statement takes long. What reads the events in
// order notices by itself when their numbers do not ascend (`EventStream`); a statement in SQL may go
// round and round. So when one has run for a second, another connection reads the numbers alone,
// and if they do not ascend it interrupts the statement and says why.

import Dispatch
import Foundation
import GRDBSQLite
import Synchronization

/// Watches over statements that may read all events of one trace.
final class EventOrder: Sendable {
  /// How long a statement runs before anybody wonders, in seconds.
  private static let patience = 1.0

  private let path: String
  private let name: String
  /// All events have been read, and their numbers ascend.
  private let isKnown = Atomic(false)

  /// - Parameter name: the name that SQLite opens.
  init(_ path: String, opening name: String) {
    self.path = path
    self.name = name
  }

  /// Runs statements on a connection.
  ///
  /// - Throws: `TraceError` if they were stopped since the events have no end, or what `body` throws.
  func watching<Result>(_ connection: OpaquePointer, _ body: () throws -> Result) throws -> Result {
    if isKnown.load(ordering: .relaxed) { return try body() }
    let watch = Watch(path, name, connection)
    let work = DispatchWorkItem {
      if watch.run() { self.isKnown.store(true, ordering: .relaxed) }
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + EventOrder.patience, execute: work)
    do {
      let result = try body()
      work.cancel()
      if let failure = watch.end() { throw failure }
      return result
    } catch {
      work.cancel()
      throw watch.end() ?? error
    }
  }

  /// One look at the events while statements run.
  private final class Watch: @unchecked Sendable {
    // The connection is touched under the lock alone, and only until the statements have ended.
    private let path: String
    private let name: String
    private let connection: OpaquePointer
    private let state = Mutex<(hasEnded: Bool, failure: TraceError?)>((false, nil))

    init(_ path: String, _ name: String, _ connection: OpaquePointer) {
      self.path = path
      self.name = name
      self.connection = connection
    }

    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    /// Says that the statements have come to an end.
    ///
    /// - Returns: why they were interrupted, if they were.
    func end() -> TraceError? {
      state.withLock {
        $0.hasEnded = true
        return $0.failure
      }
    }

    /// - Returns: whether the numbers of all events ascend.
    func run() -> Bool {
      var own: OpaquePointer?
      defer { sqlite3_close(own) }
      let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX
      guard !hasEnded, sqlite3_open_v2(name, &own, flags, nil) == SQLITE_OK, let own else {
        return false
      }
      sqlite3_progress_handler(
        own, 10_000,
        { context in
          guard let context else { return 1 }
          return Unmanaged<Watch>.fromOpaque(context).takeUnretainedValue().hasEnded ? 1 : 0
        }, Unmanaged.passUnretained(self).toOpaque())
      var statement: OpaquePointer?
      defer { sqlite3_finalize(statement) }
      let sql = "SELECT seq FROM event NOT INDEXED ORDER BY seq"
      guard sqlite3_prepare_v2(own, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
        return false
      }
      var order = KeyOrder()
      while true {
        switch sqlite3_step(statement) {
        case SQLITE_ROW where order.ascends(statement): continue
        case SQLITE_ROW:
          interrupt(TraceError.endless("event", order.description(of: statement), in: path))
          return false
        case SQLITE_DONE: return true
        default: return false
        }
      }
    }

    /// Again and again, for what is not running at this moment is not interrupted.
    private func interrupt(_ failure: TraceError) {
      while true {
        let hasEnded = state.withLock { state in
          if state.hasEnded { return true }
          state.failure = failure
          sqlite3_interrupt(connection)
          return false
        }
        if hasEnded { return }
        Thread.sleep(forTimeInterval: 0.02)
      }
    }
  }
}
