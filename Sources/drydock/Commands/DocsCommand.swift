import ArgumentParser
import Foundation
import Recorder
import Scenarios
import Sim

/// `drydock docs`: pages of the documentation that are made from what they describe. For the makefile
/// and the tests, and not in the help.
struct DocsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "docs", abstract: "Print a page of the documentation.",
    discussion: """
      schema             the tables and views of a trace
      reference          the command line, as Markdown
      man                the same as a manual page
      answers FILE.md    a page with the current answers to its queries and commands
      """,
    shouldDisplay: false)

  enum Page: String, ExpressibleByArgument, CaseIterable { case schema, reference, man, answers }

  @Argument(help: "Which page.")
  var page: Page

  @Argument(help: "The page to print with answers.", completion: .file())
  var file: String?

  func validate() throws {
    if (page == .answers) != (file != nil) { throw ValidationError("answers belong to a file") }
  }

  func run() throws {
    let output = OutputBuffer(STDOUT_FILENO)
    switch page {
    case .schema: output.write(try schema())
    case .reference: output.write(Manual.markdown)
    case .man: output.write(try Manual.roff())
    case .answers: output.write(try AnsweredPage.refreshed(file ?? ""))
    }
    output.finish()
  }

  private func schema() throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "drydock-\(getpid())-docs")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var scenario = Scenario()
    scenario.files = GuestFiles.userland
    scenario.program = ["true"]
    let path = folder.appending(path: "empty.db").path
    try record(scenario, to: path)
    return try SchemaPage.markdown(of: path)
  }
}
