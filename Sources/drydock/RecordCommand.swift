import ArgumentParser
import Recorder
import Sim

/// `drydock record`: a session and its trace.
struct RecordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Run a shell or a program and record everything into a trace.",
    discussion: """
      The trace is one SQLite file with the whole session in it: programs and files, input, every \
      event. It is complete when the session has ended; if the recording is killed, what has been \
      committed can still be replayed. The exit status is the program's.
      """)

  @OptionGroup var options: SessionOptions

  @Option(name: [.customShort("o"), .long], help: "The trace's file.")
  var output = "session.db"

  @Flag(help: "Overwrite the file if it exists.")
  var force = false

  func run() throws {
    let scenario = try options.makeScenario()
    let decisions = options.makeDecisions(scenario)
    var driver = SessionDriver(options, keyboard: decisions.keyboard)
    var session = try RecordingSession(
      scenario, decisions, to: output, overwrite: force, alsoTo: driver.sink)
    let outcome = try driver.run(&session)
    let events = try session.finish()
    let code = driver.conclude(outcome, session, scenario)
    complain("recorded \(events) events in \(output)")
    driver.output.finish()
    throw code
  }
}
