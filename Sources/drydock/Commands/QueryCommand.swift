import ArgumentParser
import Foundation
import Recorder
import Scenarios

/// `drydock query`: SQL over a trace.
struct QueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query",
    abstract: "Query a trace in SQL.",
    discussion: """
      One read-only SELECT. Views such as sched, run_slice, thread_state, wakeup, \
      syscall, trap, lock, shm, process_event, path, file_event and console show the events in \
      words; SELECT name, sql FROM sqlite_master lists them.

      With --json, columns with the same name become name, name_2. An integer beyond 2^53, which \
      JavaScript would round, is a string of its digits; a BLOB is {"$base64": true, "encoded": "..."} \
      as in Datasette; infinity is 1e999. With --csv, a BLOB is x'00ff', infinity is Inf, NULL is an \
      empty field; a text that could be mistaken for one of these or for a number is in quotes. A text \
      that is not UTF-8 is shown as a BLOB.
      """)

  @Argument(help: "The trace.", completion: .file())
  var file: String

  @Argument(help: ArgumentHelp("The query; - reads it from standard input.", valueName: "sql"))
  var sql: String

  @Flag(help: "As comma-separated values.")
  var csv = false

  @Flag(help: "As a JSON array of objects.")
  var json = false

  func validate() throws {
    if csv && json { throw ValidationError("--csv and --json cannot be used together") }
  }

  func run() throws {
    let reader = try openTrace(file)
    let output = OutputBuffer(STDOUT_FILENO)
    if FileName.isRaw(sql) {
      throw ToolError("the query: found bytes that are no UTF-8, expected SQL")
    }
    let sql = sql == "-" ? try QueryCommand.standardInput() : sql
    if csv {
      try writeCSV(sql, reader, output)
    } else if json {
      try writeJSON(sql, reader, output)
    } else {
      try writeTable(sql, reader, output)
    }
    output.finish()
    if let wrong = reader.alterations.first?.description ?? reader.missingEvents {
      complain("\(file): \(wrong); what SQL shows may not be what was recorded")
    }
    if !reader.summary.isComplete {
      complain("\(file): \(reader.condition.clause); this is as far as it goes")
    }
  }

  private static func standardInput() throws -> String {
    let bytes = try FileHandle.standardInput.readToEnd() ?? Data()
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ToolError("standard input: found bytes that are no UTF-8, expected a query")
    }
    return text
  }

  private func writeTable(_ sql: String, _ reader: TraceReader, _ output: OutputBuffer) throws {
    var table = TextTable.Writer(output)
    try TraceQuery.run(sql, on: reader) {
      table.columns = $0
    } row: {
      table.add($0)
      if output.isBroken { output.finish() }
    }
    table.finish()
  }

  private func writeCSV(_ sql: String, _ reader: TraceReader, _ output: OutputBuffer) throws {
    try TraceQuery.run(sql, on: reader) { columns in
      output.line(columns.map(CSVText.field).joined(separator: ","))
    } row: { row in
      CSVText.write(row, output)
      if output.isBroken { output.finish() }
    }
  }

  private func writeJSON(_ sql: String, _ reader: TraceReader, _ output: OutputBuffer) throws {
    var names: [String] = []
    var isFirst = true
    try TraceQuery.run(sql, on: reader) { columns in
      names = JSONText.keys(columns)
    } row: { row in
      output.write(isFirst ? "[\n  " : ",\n  ")
      JSONText.write(row, names, output)
      isFirst = false
      if output.isBroken { output.finish() }
    }
    output.line(isFirst ? "[]" : "\n]")
  }
}
