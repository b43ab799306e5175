// The choices of a trace that were not the first option, in order, through two buffers like events.

import Dispatch
import GRDB
import GRDBSQLite
import Sim

/// Choices in order.
public final class ChoiceStream {
  private let loader: ChoiceLoader
  private let queue: DatabaseQueue
  private var current = ChoiceChunk()
  private var ahead = ChoiceChunk()
  private let aheadIsReady = DispatchSemaphore(value: 0)
  private var index = 0
  private var started = false

  init(_ reader: TraceReader) {
    queue = reader.queue
    loader = ChoiceLoader(
      path: reader.path, seal: reader.summary.isComplete ? reader.summary.seals["choice"] : nil)
  }

  /// What is wrong with the trace here; nil while there are choices, and at a proper end.
  public private(set) var failure: TraceError?

  /// The next choice without going past it; nil at the end, or where `failure` is.
  @inline(__always)
  public func peek() -> RecordedChoice? {
    if index < current.choices.count { return current.choices[index] }
    return refill()
  }

  /// Goes past the choice that `peek` has shown.
  @inline(__always)
  public func advance() { index += 1 }

  @inline(never)
  private func refill() -> RecordedChoice? {
    if !started {
      started = true
      load()
    } else if current.isLast || current.failure != nil {
      failure = current.failure
      return nil
    }
    aheadIsReady.wait()
    swap(&current, &ahead)
    index = 0
    if !current.isLast && current.failure == nil { load() }
    if let first = current.choices.first { return first }
    failure = current.failure
    return nil
  }

  private func load() {
    queue.asyncWriteWithoutTransaction { [chunk = ahead, loader, aheadIsReady] db in
      loader.fill(chunk, db)
      aheadIsReady.signal()
    }
  }
}

/// A buffer's worth of choices.
final class ChoiceChunk: @unchecked Sendable {
  static let capacity = 16_384

  var choices: [RecordedChoice] = []
  var isLast = false
  var failure: TraceError?
}

/// Reads choices and checks them. Used on the queue's thread only.
final class ChoiceLoader: @unchecked Sendable {
  private let path: String
  private let seal: Int64?
  private var chain = CheckChain(.choice)
  private var last: Int64?
  private var statement: Statement?

  init(path: String, seal: Int64?) {
    self.path = path
    self.seal = seal
  }

  func fill(_ chunk: ChoiceChunk, _ db: Database) {
    chunk.choices.removeAll(keepingCapacity: true)
    chunk.isLast = false
    chunk.failure = nil
    do {
      try read(into: chunk, db)
    } catch {
      chunk.failure = TraceError.from(
        error, at: path, while: "reading choices after \(last ?? 0)")
    }
  }

  private func read(into chunk: ChoiceChunk, _ db: Database) throws {
    let statement =
      try self.statement
      ?? db.makeStatement(
        sql: """
          SELECT ordinal, point, hart, options, chosen, seal FROM choice WHERE ordinal >= ?
          ORDER BY ordinal LIMIT \(ChoiceChunk.capacity)
          """)
    self.statement = statement
    let raw = statement.sqliteStatement
    sqlite3_bind_int64(raw, 1, last.map { $0 + 1 } ?? .min)
    defer { sqlite3_reset(raw) }
    while true {
      let code = sqlite3_step(raw)
      if code == SQLITE_DONE { break }
      guard code == SQLITE_ROW else {
        throw DatabaseError(
          resultCode: ResultCode(rawValue: code),
          message: String(cString: sqlite3_errmsg(db.sqliteConnection)))
      }
      let choice = try choice(raw)
      choice.add(to: &chain)
      let seal = sqlite3_column_int64(raw, 5)
      guard chain.check == seal else {
        throw TraceError.altered(
          Alteration(
            table: "choice", row: "\(choice.ordinal)", found: "a row with check \(chain.check)",
            expected: "check \(seal)"), in: path)
      }
      last = choice.ordinal
      chunk.choices.append(choice)
    }
    guard chunk.choices.count < ChoiceChunk.capacity else { return }
    chunk.isLast = true
    guard let seal, seal != chain.check else { return }
    throw TraceError.altered(
      Alteration(
        table: "choice", row: "after \(last ?? 0)", found: "check \(chain.check)",
        expected: "check \(seal)"), in: path)
  }
  private func choice(_ row: SQLiteStatement) throws -> RecordedChoice {
    let ordinal = sqlite3_column_int64(row, 0)
    let areNumbers = (0..<6).allSatisfy { sqlite3_column_type(row, $0) == SQLITE_INTEGER }
    guard areNumbers, let point = UInt8(exactly: sqlite3_column_int64(row, 1)),
      let hart = UInt8(exactly: sqlite3_column_int64(row, 2)), ordinal > last ?? 0
    else {
      throw TraceError(
        .damaged, path,
        "damaged: choice \(ordinal): found values that no choice has, expected numbers, point and "
          + "hart below 256, behind choice \(last ?? 0)")
    }
    return RecordedChoice(
      ordinal: ordinal, point: point, hart: hart, options: Int(sqlite3_column_int64(row, 3)),
      chosen: Int(sqlite3_column_int64(row, 4)))
  }
}
