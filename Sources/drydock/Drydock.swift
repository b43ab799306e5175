// The command line's root: the list of verbs, and how every failure becomes one line and an exit
// status. 0 is fine, 1 is "they differ", 2 is bad input or bad use; run and record end with the
// guest program's own status.

import ArgumentParser
import Foundation
import Recorder
import Scenarios
import Sim

@main
struct Drydock: ParsableCommand {
  static let exitStatus = """
    Exit status: 0 for success, 1 if a replay diverged, an invariant was violated or two traces \
    differ, 2 for bad input or usage; run and record exit with the program's status, or with 2 after a deadlock or a limit.
    """

  static let configuration = CommandConfiguration(
    commandName: "drydock",
    abstract: "Run containers on a small machine, record every scheduling decision, replay it.",
    discussion: """
      drydock emulates a RISC-V machine with a kernel like xv6 and its own programs, and records \
      all events into one SQLite file. From this file the session is replayed event for event, on \
      any host.

        drydock run                       a shell; Ctrl-A x leaves
        drydock run -- primes 100         one program
        drydock record -- primes 100      the same, recorded into session.db
        drydock replay session.db         run it again and compare every event
        drydock query session.db "SELECT * FROM sched LIMIT 9"    query it in SQL

      \(exitStatus)
      """,
    version: "drydock 0.1.0",
    subcommands: [
      RunCommand.self, RecordCommand.self, ReplayCommand.self, DiffCommand.self,
      QueryCommand.self, StatCommand.self, CompareCommand.self, ReportCommand.self,
      ServeCommand.self, SearchCommand.self,
      ExportCommand.self,
      InfoCommand.self, DumpCommand.self,
      DocsCommand.self, DefectsCommand.self, VerifyCommand.self, RacesCommand.self,
      QueryWorkerCommand.self,
    ])

  static func main() {
    HugePages.use()
    // A reader that goes away, or a disk that is full, is an error to be told, not a death.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    StandardDescriptors.open()
    HelpLayout.prepare()
    do {
      var command = try parseAsRoot(FileName.arguments)
      EndAtOnce.arm()
      try command.run()
    } catch {
      leave(with: error)
    }
  }

  private static func leave(with error: any Error) -> Never {
    if let code = error as? ExitCode { Foundation.exit(code.rawValue) }
    let nearMiss = NearMiss(FileName.arguments)
    if exitCode(for: error) == .success, !nearMiss.asksForUnknownHelp {
      // Help or the version, asked for.
      let output = OutputBuffer(STDOUT_FILENO)
      output.line(HelpLayout.fitted(fullMessage(for: error)))
      output.finish()
      Foundation.exit(0)
    }
    let isOurs =
      error is ToolError || error is TraceError || error is ScenarioError
      || error is QueryError
    if isOurs {
      complain("\(error)")
    } else {
      // A list of what would do has a line for each; here it is one sentence.
      let usage = message(for: error).replacing("\n  - ", with: ", ").replacing(":, ", with: ": ")
      complain(nearMiss.words ?? "\(usage); see drydock help\(nearMiss.verb)")
    }
    Foundation.exit(2)
  }
}

/// Says something on standard error, escaping whatever a terminal would act on.
func complain(_ text: String) {
  writeToStandardError("drydock: \(terminalText(text))\n")
}

extension ExitCode {
  /// A replay diverged, an invariant did not hold, or two traces differ.
  static let different = ExitCode(1)
  /// Bad input or bad use.
  static let bad = ExitCode(2)
}
