import ArgumentParser
import Recorder
import Sim

/// `drydock run`: a session that nobody records.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a shell or a program on the machine.",
    discussion: """
      Without a program there is a shell; on a terminal Ctrl-A x leaves it. Input that is piped in \
      is typed at the console as it is asked for. The exit status is the program's.
      """)

  @OptionGroup var options: SessionOptions

  func run() throws {
    let scenario = try options.makeScenario()
    let decisions = options.makeDecisions(scenario)
    var driver = SessionDriver(options, scenario, keyboard: decisions.keyboard)
    var session = try PlainSession(scenario, decisions, driver.sink)
    let outcome = try driver.run(&session)
    let code = driver.conclude(outcome, session, scenario)
    driver.output.finish()
    throw code
  }
}
