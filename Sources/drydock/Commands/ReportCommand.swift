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
      One self-contained HTML file: a timeline with a row for each hart and process that can be \
      zoomed, wakeups, mutex holds, calls and refusals, counts of waiting processes and of process \
      slots, the console's output, and the tables of drydock stat. In a long session neighbouring \
      intervals that are too short to be seen are merged; --from and --to show a window of it in \
      full. The page's address contains the view, so that a link leads to it: \
      report.html#event=2003.
      """)

  @Argument(help: "The trace.", completion: .file())
  var file: String

  @Option(
    name: [.short, .long], help: ArgumentHelp("The page's file.", valueName: "file"),
    completion: .file())
  var output: String = "report.html"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Begin the timeline at this time.", valueName: "time"), transform: time)
  var from: Int64 = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("End the timeline at this time.", valueName: "time"),
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
