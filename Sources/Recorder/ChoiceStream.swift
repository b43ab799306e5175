// The choices of a trace that were not the first option, in order, each held against its seal on the
// way.

import GRDB
import GRDBSQLite
import Sim

/// Choices in order.
public final class ChoiceStream {
  private let rows: ReadAhead<ChoiceLoader>
  private var index = 0

  init(_ reader: TraceReader) {
    let loader = ChoiceLoader(
      path: reader.path, seal: reader.summary.isComplete ? reader.summary.seals["choice"] : nil)
    rows = ReadAhead(loader, reader.queue)
  }

  /// What is wrong with the trace here; nil while there are choices, and at a proper end.
  public var failure: TraceError? { rows.failure }

  /// The next choice without going past it; nil at the end, or where `failure` is.
  @inline(__always)
  public func peek() -> RecordedChoice? {
    if index < rows.current.choices.count { return rows.current.choices[index] }
    return refill()
  }

  /// Goes past the choice that `peek` has shown.
  @inline(__always)
  public func advance() { index += 1 }

  @inline(never)
  private func refill() -> RecordedChoice? {
    guard rows.refill() else { return nil }
    index = 0
    return rows.current.choices.first
  }
}

/// A buffer's worth of choices.
final class ChoiceChunk: RowChunk, @unchecked Sendable {
  static let capacity = 16_384

  var choices: [RecordedChoice] = []
  var isLast = false
  var failure: TraceError?

  var count: Int { choices.count }
  func empty() { choices.removeAll(keepingCapacity: true) }
}

/// Reads choices and checks them.
final class ChoiceLoader: RowLoader, @unchecked Sendable {
  private let path: String
  private let seal: Int64?
  private var chain = CheckChain(.choice)
  private var last: Int64?

  init(path: String, seal: Int64?) {
    self.path = path
    self.seal = seal
  }

  func failure(_ error: any Error) -> TraceError {
    TraceError.from(error, at: path, while: "reading choices after \(last ?? 0)")
  }

  func read(into chunk: ChoiceChunk, _ db: Database) throws {
    // The connection's own statement: this one's would be finalized by whichever thread drops it.
    let statement = try db.cachedStatement(
      sql: """
        SELECT ordinal, point, hart, options, chosen, seq, candidate, seal FROM choice NOT INDEXED
        WHERE ordinal >= ? ORDER BY ordinal LIMIT \(ChoiceChunk.capacity)
        """)
    sqlite3_bind_int64(statement.sqliteStatement, 1, last.map { $0 + 1 } ?? .min)
    try db.run(statement) { row in
      let choice = try choice(row)
      choice.add(to: &chain)
      let seal = sqlite3_column_int64(row, 7)
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
    let areNumbers = (0..<8).allSatisfy { sqlite3_column_type(row, $0) == SQLITE_INTEGER }
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
      chosen: Int(sqlite3_column_int64(row, 4)), sequence: sqlite3_column_int64(row, 5),
      candidate: sqlite3_column_int64(row, 6))
  }
}
