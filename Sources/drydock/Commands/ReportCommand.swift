import ArgumentParser
import Foundation
import Recorder
import Scenarios

/// `drydock report`: a session as a page to look at.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Make a page that shows a session: timeline, containers, tables.",
    discussion: """
      One HTML file that needs nothing else: harts and processes as rows of a timeline to zoom \
      into, who woke whom, who held which mutex, which calls were made and refused, who waited and \
      who had process slots, what stood on the console, and the tables of drydock stat. In a long \
      session neighbours too short to be seen are put together; --from and --to show a window of \
      it in full. What is in sight is in the page's address, so that a link leads there: \
      report.html#event=2003.
      """)

  @Argument(help: "The trace.", completion: .file())
  var file: String

  @Option(
    name: [.short, .long], help: ArgumentHelp("Where the page goes.", valueName: "file"),
    completion: .file())
  var output: String = "report.html"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The timeline from this time on.", valueName: "time"), transform: time)
  var from: Int64 = 0

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The timeline up to this time.", valueName: "time"),
    transform: time)
  var to: Int64?

  func validate() throws {
    if let to, to < from {
      throw ValidationError("--to: found \(to), which is before --from \(from)")
    }
  }

  func run() throws {
    let reader = try openTrace(file)
    let written = try OutputFile(output)
    defer { written.abandon() }
    let data = try ReportData(reader, file: file, from: from, to: to ?? .max)
    let page = ReportPage.html(title: ReportPage.title(file), data: data.json)
    written.buffer.write(page)
    try written.finish()
    complain("wrote \(output), \(page.utf8.count / 1024) kB")
    complainIfBeyondEnd(from: from, reader)
    if let circle = data.circles.first {
      complain(
        "\(file): process \(circle) is its own ancestor, which no fork makes; it is shown without a "
          + "parent")
    }
    if !reader.summary.isComplete {
      complain("\(file): \(reader.condition.clause); the page goes as far as it does")
    }
    if let altered = reader.alterations.first {
      throw TraceError(.damaged, file, altered.description)
    }
  }
}
