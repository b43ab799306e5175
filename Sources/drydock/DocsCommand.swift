import ArgumentParser
import Foundation
import Recorder
import Sim

/// `drydock docs`: pages of the documentation that are made from what they describe. For the makefile,
/// and not in the help.
struct DocsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "docs", abstract: "Print a page of the documentation.", shouldDisplay: false)

  enum Page: String, ExpressibleByArgument, CaseIterable { case schema }

  @Argument(help: "Which page.")
  var page: Page

  func run() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "drydock-\(getpid())-docs")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var scenario = Scenario()
    scenario.files = GuestFiles.userland
    scenario.program = ["true"]
    let path = folder.appending(path: "empty.db").path
    try record(scenario, to: path)
    let output = OutputBuffer(STDOUT_FILENO)
    output.write(try SchemaPage.markdown(of: path))
    output.finish()
  }
}
