import ArgumentParser
import Foundation
import Recorder
import Scenarios

/// `drydock serve`: a session as a page that asks for what it shows.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Show a session of any length in a browser, with a box for SQL.",
    discussion: """
      The page of drydock report, which fetches what it shows: any window of the timeline, any \
      event with its rows, and the results of queries, at most 1000 rows each. A session that is \
      still being recorded is shown up to its last commit, and followed; a query may take five \
      seconds then. All programs on this machine can reach the page, and no others. Ctrl-C stops \
      the server.
      """)

  @Argument(help: "The trace.", completion: .file())
  var file: String

  @Option(
    parsing: .unconditional, help: "The port on 127.0.0.1; 0 takes any free port.")
  var port: Int = 8642

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The time limit of a query, in seconds.", valueName: "seconds"))
  var queryLimit = 10

  func validate() throws {
    guard (0...65535).contains(port) else {
      throw ValidationError("--port: found \(port), expected 0 to 65535")
    }
    guard (1...86_400).contains(queryLimit) else {
      throw ValidationError("--query-limit: found \(queryLimit), expected 1 to 86400")
    }
  }

  func run() throws {
    let server = PageServer(try ServedSession(path: file), querySeconds: Double(queryLimit))
    do {
      try server.run(port: port) { port in
        let output = OutputBuffer(STDOUT_FILENO)
        output.line("http://127.0.0.1:\(port)/")
        output.flush()
      }
    } catch {
      throw ToolError(
        "port \(port) of 127.0.0.1 cannot be used, perhaps because another program uses it; "
          + "--port 0 takes a free one")
    }
  }
}
