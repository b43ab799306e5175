// What runs in a query's own process: reads one query, answers it and is gone. Not in the help, since
// it is `drydock serve` that starts it (`QueryProcess`).

import ArgumentParser
import Dispatch
import Foundation
import Recorder

struct QueryWorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query-worker", abstract: "Answer one query of the page of drydock serve.",
    shouldDisplay: false)

  @Argument(help: "The trace.")
  var file: String

  @Option(help: "How long the query may take.")
  var seconds: Double

  @Option(help: "How many rows are given.")
  var rows: Int

  @Option(help: "How long a value may be.")
  var valueBytes: Int

  @Option(help: "How long the answer may be.")
  var answerBytes: Int

  /// What SQLite may have, and what the process may map in all: whoever gets there has a query that
  /// makes texts of texts.
  private static let heapBytes: Int64 = 1 << 28
  private static let addressBytes: rlim_t = 3 << 30
  /// Of a temporary file, in which SQLite sorts.
  private static let fileBytes: rlim_t = 1 << 30

  func run() throws {
    QueryWorkerCommand.closeInherited()
    limitProcess()
    let sql = try QueryWorkerCommand.query()
    Thread.detachNewThread {
      // Nothing more comes, and when the server is gone there is nobody to answer.
      var byte: UInt8 = 0
      while read(STDIN_FILENO, &byte, 1) != 0 {}
      _exit(1)
    }
    let output = OutputBuffer(STDOUT_FILENO)
    do {
      output.write(try answer(sql))
    } catch let error as QueryError {
      output.write(PageJSON.error(error.description))
    } catch {
      output.write("\(error)")
      output.finish()
      throw ExitCode.bad
    }
    output.finish()
  }

  /// Closes what the server had open when it started this process: a browser's connection lasts as long as
  /// anybody holds it.
  private static func closeInherited() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    for descriptor in names.compactMap({ Int32($0) }) where descriptor > STDERR_FILENO {
      close(descriptor)
    }
  }

  private func limitProcess() {
    func limit(_ what: __rlimit_resource, _ value: rlim_t) {
      var limit = rlimit(rlim_cur: value, rlim_max: value)
      setrlimit(__rlimit_resource_t(what.rawValue), &limit)
    }
    limit(RLIMIT_CORE, 0)
    limit(RLIMIT_AS, QueryWorkerCommand.addressBytes)
    limit(RLIMIT_FSIZE, QueryWorkerCommand.fileBytes)
  }

  /// What comes before a NUL.
  private static func query() throws -> String {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.last != 0 {
      let count = read(STDIN_FILENO, &piece, piece.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw ExitCode.bad }
      bytes += piece[..<count]
    }
    return String(decoding: bytes.dropLast(), as: UTF8.self)
  }

  private func answer(_ sql: String) throws -> String {
    let limits = QueryLimits(
      seconds: seconds, rows: rows, valueBytes: valueBytes,
      heapBytes: QueryWorkerCommand.heapBytes)
    let started = DispatchTime.now().uptimeNanoseconds
    var columns: [String] = []
    var found: [String] = []
    // Counted as it is sent: an escaped byte is six.
    var room = answerBytes
    var isWhole = true
    struct Full: Error {}
    do {
      isWhole = try TraceQuery.run(sql, on: file, limits: limits) {
        columns = $0
      } row: { values in
        let row = PageJSON.row(values)
        room -= row.utf8.count + 2
        guard room >= 0 else { throw Full() }
        found.append(row)
      }
    } catch is Full {
      if found.isEmpty {
        throw QueryError("found a row that is longer than an answer may be, \(answerBytes) bytes")
      }
      isWhole = false
    }
    let milliseconds = (DispatchTime.now().uptimeNanoseconds - started) / 1_000_000
    return "{\"complete\":\(isWhole),\"seconds\":\(Double(milliseconds) / 1000),"
      + PageJSON.rows(columns, found) + "}"
  }
}
