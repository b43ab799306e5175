import ArgumentParser
import Recorder
import Sim

/// `drydock run`: a session that nobody records.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a shell or a program on the machine.",
    discussion: """
      Without a program a shell runs; on a terminal Ctrl-A x leaves it. Piped input is typed at the \
      console whenever a process reads it. The exit status is the program's.
      """)

  @OptionGroup var options: SessionOptions

  func run() throws {
    let scenario = try options.makeScenario()
    let decisions = try options.makeDecisions(scenario)
    var driver = SessionDriver(options, scenario, decisions)
    var session = PlainSession(try Simulation(scenario), decisions, driver.sink)
    let outcome = try driver.run(&session)
    let code = driver.conclude(outcome, session, scenario)
    driver.output.finish()
    throw code
  }
}
