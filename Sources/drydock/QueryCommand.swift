import ArgumentParser
import Foundation
import Recorder

/// `drydock query`: SQL over a trace.
struct QueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query",
    abstract: "Ask a trace in SQL.",
    discussion: """
      One SELECT, which can only read. Views such as sched, run_slice, thread_state, wakeup, \
      syscall, trap, lock, shm, process_event, path, file_event and console put words to the \
      events; SELECT name, sql FROM sqlite_master lists them. With --json, columns of one name \
      are told apart as name, name_2.
      """)

  @Argument(help: "The trace.", completion: .file())
  var file: String

  @Argument(help: ArgumentHelp("The query.", valueName: "sql"))
  var sql: String

  @Flag(help: "As comma-separated values.")
  var csv = false

  @Flag(help: "As a JSON array of objects.")
  var json = false

  func validate() throws {
    if csv && json { throw ValidationError("--csv and --json cannot be had together") }
  }

  func run() throws {
    let reader = try TraceReader(path: file)
    let output = OutputBuffer(STDOUT_FILENO)
    if csv {
      try writeCSV(reader, output)
    } else if json {
      try writeJSON(reader, output)
    } else {
      let result = try TraceQuery.run(sql, on: reader)
      for line in TextTable.lines(result) { output.line(line) }
    }
    output.finish()
    if !reader.summary.isComplete {
      complain("\(file): \(reader.condition.clause); this is as far as it goes")
    }
  }

  private func writeCSV(_ reader: TraceReader, _ output: OutputBuffer) throws {
    try TraceQuery.run(sql, on: reader) { columns in
      output.line(columns.map(CSVText.field).joined(separator: ","))
    } row: { row in
      CSVText.write(row, output)
    }
  }

  private func writeJSON(_ reader: TraceReader, _ output: OutputBuffer) throws {
    var names: [String] = []
    var isFirst = true
    try TraceQuery.run(sql, on: reader) { columns in
      names = JSONText.keys(columns)
    } row: { row in
      output.write(isFirst ? "[\n  " : ",\n  ")
      JSONText.write(row, names, output)
      isFirst = false
    }
    output.line(isFirst ? "[]" : "\n]")
  }
}
