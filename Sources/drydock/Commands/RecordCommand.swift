import ArgumentParser
import Recorder
import Replay
import Scenarios
import Sim

/// `drydock record`: a session and its trace.
struct RecordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Run a shell or a program and record everything into a trace.",
    discussion: """
      The trace is one SQLite file that contains the whole session: programs and files, input, every \
      event. It is complete when the session has ended; if the recording is killed, everything up to \
      the last commit can still be replayed. Commits come at least once a second. The exit status is the program's.
      """)

  @OptionGroup var options: SessionOptions

  @Option(
    name: [.customShort("o"), .long], help: "The trace's file.", completion: .file())
  var output = "session.db"

  @Flag(help: "Overwrite the file if it exists.")
  var force = false

  @Flag(help: "Check the invariants while recording; 1 is the exit status if one is violated.")
  var check = false

  @OptionGroup var checks: InvariantOptions

  func run() throws {
    if check, checks.noInvariants {
      throw ToolError("found --check and --no-invariants, expected one of them")
    }
    let scenario = try options.makeScenario()
    let decisions = try options.makeDecisions(scenario)
    var driver = SessionDriver(options, scenario, decisions)
    if check || checks.invariants != nil {
      return try runChecked(scenario, decisions, &driver)
    }
    var session = try RecordingSession(
      scenario, decisions, to: output, overwrite: force, alsoTo: driver.sink)
    let outcome = try driver.run(&session)
    let events = try session.finish()
    let code = driver.conclude(outcome, session, scenario)
    tell(events, session.closingNote, driver)
    driver.output.finish()
    throw code
  }

  private func runChecked(
    _ scenario: Scenario, _ decisions: ConsoleDecisions, _ driver: inout SessionDriver
  ) throws {
    var session = try CheckedSession(
      scenario, decisions, to: output, overwrite: force, driver.sink, checking: checks.chosen())
    var code = ExitCode.bad
    do {
      let outcome = try driver.run(&session)
      let events = try session.finish()
      code = driver.conclude(outcome, session, scenario)
      tell(events, session.closingNote, driver)
    } catch {
      show(session.violations, driver.output)
      throw error
    }
    show(session.violations, driver.output)
    driver.output.finish()
    throw session.violations.isEmpty ? code : ExitCode.different
  }

  private func tell(_ events: Int64, _ note: String?, _ driver: SessionDriver) {
    driver.say("recorded \(events) events in \(output)" + (note.map { "; \($0)" } ?? ""))
  }

  private func show(_ violations: [Violation], _ printed: OutputBuffer) {
    printed.flush()
    if violations.isEmpty { return }
    // Of a recording that came to a bad end the last events are missing, or it is no recording.
    let recorded = (try? TraceReader(path: output))?.summary.events ?? 0
    for violation in violations {
      complain(violation.text(in: violation.sequence <= recorded ? output : nil))
    }
  }
}
