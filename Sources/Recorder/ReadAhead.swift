// Rows in order, through two buffers: while one is used up a second thread fills the other, so that
// reading costs whoever reads little more than a load. What is wrong with a row shows only when all
// rows before it are used up.

import Dispatch
import GRDB

/// A buffer's worth of rows. Filled by one thread and read by the other; `ReadAhead` says whose it is.
protocol RowChunk: AnyObject, Sendable {
  init()
  var count: Int { get }
  /// No rows come after these.
  var isLast: Bool { get set }
  /// What was found after these.
  var failure: TraceError? { get set }
  func empty()
}

/// Fills buffers, one after the other. Used on the queue's thread only.
protocol RowLoader: AnyObject, Sendable {
  associatedtype Chunk: RowChunk
  /// Reads the next rows, and says when they are the last.
  func read(into chunk: Chunk, _ db: Database) throws
  /// Puts into the trace's terms why they cannot be read.
  func failure(_ error: any Error) -> TraceError
}

/// Two buffers, and the thread that fills them.
final class ReadAhead<Loader: RowLoader> {
  /// The rows to be read now; empty at first.
  private(set) var current = Loader.Chunk()
  /// What is wrong with the trace after all rows so far; nil at a proper end.
  private(set) var failure: TraceError?
  private var ahead = Loader.Chunk()
  private let loader: Loader
  private let queue: DatabaseQueue
  private let aheadIsReady = DispatchSemaphore(value: 0)
  private var started = false

  init(_ loader: Loader, _ queue: DatabaseQueue) {
    self.loader = loader
    self.queue = queue
  }

  /// Goes on to the next rows; false where there are none.
  func refill() -> Bool {
    if !started {
      started = true
      load()
    } else if current.isLast || current.failure != nil {
      failure = current.failure
      return false
    }
    aheadIsReady.wait()
    swap(&current, &ahead)
    guard current.isLast || current.failure != nil else {
      load()
      return true
    }
    if current.count == 0 { failure = current.failure }
    return current.count > 0
  }

  private func load() {
    queue.asyncWriteWithoutTransaction { [chunk = ahead, loader, aheadIsReady] db in
      chunk.empty()
      chunk.isLast = false
      chunk.failure = nil
      do {
        try loader.read(into: chunk, db)
      } catch {
        chunk.failure = loader.failure(error)
      }
      aheadIsReady.signal()
    }
  }
}
