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
    Exit status: 0 if all is well, 1 if a replay diverged, an invariant did not hold or two traces \
    differ, 2 for bad input or use; run and record end with the program's status, or with 2 at a deadlock or a limit.
    """

  static let configuration = CommandConfiguration(
    commandName: "drydock",
    abstract: "Run containers on a small machine, record every scheduling decision, replay it.",
    discussion: """
      drydock boots a RISC-V machine in software, with a kernel like xv6 and programs of its own, \
      and records what happens into one SQLite file. The same file replays the session event for \
      event, on any machine.

        drydock run                       a shell; Ctrl-A x leaves
        drydock run -- primes 100         one program
        drydock record -- primes 100      the same, recorded into session.db
        drydock replay session.db         run it again and compare every event
        drydock query session.db "SELECT * FROM sched LIMIT 9"    ask it in SQL

      \(exitStatus)
      """,
    version: "drydock 0.1.0",
    subcommands: [
      RunCommand.self, RecordCommand.self, ReplayCommand.self, DiffCommand.self,
      QueryCommand.self, StatCommand.self, ReportCommand.self, ServeCommand.self,
      ExportCommand.self,
      InfoCommand.self, DumpCommand.self,
      DocsCommand.self, DefectsCommand.self, VerifyCommand.self,
    ])

  static func main() {
    // A reader that goes away, or a disk that is full, is an error to be told, not a death.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      leave(with: error)
    }
  }

  private static func leave(with error: any Error) -> Never {
    if let code = error as? ExitCode { Foundation.exit(code.rawValue) }
    if exitCode(for: error) == .success {
      // Help or the version, asked for.
      print(fullMessage(for: error))
      Foundation.exit(0)
    }
    let isOurs =
      error is ToolError || error is TraceError || error is ScenarioError
      || error is QueryError
    // A list of what would do has a line for each; here it is one sentence.
    let usage = message(for: error).replacing("\n  - ", with: ", ").replacing(":, ", with: ": ")
    let text = isOurs ? "\(error)" : "\(unknownVerb ?? usage); see drydock help"
    complain(text)
    Foundation.exit(2)
  }
}

extension Drydock {
  /// What is to be said of a first word that is no verb; nil if it is one.
  private static var unknownVerb: String? {
    guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-") else {
      return nil
    }
    let verbs = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    if verbs.contains(word) { return nil }
    let meant = nearestName(to: word, among: verbs).map { "; did you mean '\($0)'?" } ?? ""
    return "no command '\(word)'\(meant)"
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
