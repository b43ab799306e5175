import ArgumentParser
import Foundation
import Recorder

/// `drydock verify`: what a trace alone says of the invariants.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check the invariants in SQL, on the trace alone.",
    discussion: """
      Nothing runs again: the queries of the views violation_… are made, one for each invariant. \
      They are the tool's own, whatever views the file has. They check less than replay, which has \
      the machine's state, but do not depend on the emulator. Prints nothing and exits with 0 if \
      there are no violations; else prints them and exits with 1.
      """)

  @Argument(help: "The trace.", completion: .file())
  var file: String

  func run() throws {
    let reader = try openTrace(file, refusingStrangers: true)
    if let altered = reader.alterations.first {
      throw TraceError(.damaged, file, altered.description)
    }
    let integrity = IntegrityCheck(reader)
    if let gap = try reader.firstGap() { throw gap }
    // Of events that are not as they were recorded no answer can be believed.
    _ = try reader.forEachEvent { _, _ in }
    try integrity.finish(reader)
    let output = OutputBuffer(STDOUT_FILENO)
    let violations = try reader.violations()
    for (index, violation) in violations.enumerated() {
      var who = violation.pid == 0 ? "the machine" : "pid \(violation.pid)"
      if violation.cid != 0 { who += " in container \(violation.cid)" }
      output.line(
        """
        violated \(violation.family) at event \(violation.sequence): found \
        \(shownText(violation.found))
          expected \(shownText(violation.expected))
          who: \(who), time \(violation.time)
          again: drydock query \(shellWord(file)) "SELECT * FROM violation_\(violation.family)"
        """)
      let shown = violations[...index].count { $0.family == violation.family }
      let isLast = violations.dropFirst(index + 1).first?.family != violation.family
      if isLast, violation.familyCount > shown {
        let more = violation.familyCount - Int64(shown)
        output.line("violated \(violation.family) \(more) more \(more == 1 ? "time" : "times")")
      }
    }
    output.finish()
    if !reader.summary.isComplete {
      complain("\(file): \(reader.condition.clause); this is as far as it goes")
    }
    if !violations.isEmpty { throw ExitCode.different }
  }
}
