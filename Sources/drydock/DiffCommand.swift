import ArgumentParser
import Foundation
import Recorder
import Replay

/// `drydock diff`: where two traces part.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show the first event in which two traces differ.",
    discussion: """
      Like diff(1): silent and 0 when the sessions are the same, else the difference and 1. With \
      --summary also what the two came to, wherever that differs: run times, switches, waits, \
      refusals, lock holds.
      """)

  @Argument(help: "A trace.")
  var first: String

  @Argument(help: "Another trace.")
  var second: String

  @Flag(help: "Show as well what has changed in sum.")
  var summary = false

  func run() throws {
    let readers = (try TraceReader(path: first), try TraceReader(path: second))
    guard let difference = try TraceDiff.difference(readers.0, readers.1) else { return }
    let output = OutputBuffer(STDOUT_FILENO)
    output.line(difference.text(first, second))
    if summary {
      for change in try TraceQuery.changes(from: first, to: second) {
        output.line("@@ summary @@ \(printable(change.what)): \(change.first) and \(change.second)")
      }
    }
    output.finish()
    throw ExitCode.different
  }
}
