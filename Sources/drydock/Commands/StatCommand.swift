import ArgumentParser
import Foundation
import Recorder

/// `drydock stat`: what a session came to, in tables.
struct StatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stat",
    abstract: "Summarize a session: scheduling, locks, calls, containers, its story.",
    discussion: """
      WHAT is one of

        sched       how long each process ran, and waited for a hart
        timeline    which process ran on which hart; --from and --to for the details
        locks       holders and waiters of mutexes, unbounded priority inversions
        shm         shared pages
        containers  the use of their budgets, and refusals
        limits      groups: limits, use, peak, refusals; time run, frozen, throttled
        syscalls    calls by the time they took, and refusals
        story       the session in sentences

      Times are instructions of virtual time.
      """)

  enum What: String, ExpressibleByArgument, CaseIterable {
    case sched, timeline, locks, shm, containers, limits, syscalls, story
  }

  @Argument(
    help: ArgumentHelp(
      "sched, timeline, locks, shm, containers, limits, syscalls or story.", valueName: "what"))
  var what: What

  @Argument(help: "The trace.", completion: .file())
  var file: String

  @Flag(help: "As JSON.")
  var json = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "At most this many rows of each table; a story and JSON have all.", valueName: "n"))
  var top: Int = 40

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Begin the timeline at this time.", valueName: "time"), transform: time)
  var from: Int64?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("End the timeline at this time.", valueName: "time"),
    transform: time)
  var to: Int64?

  @Flag(help: "In a story, also the internal events of the container manager and its helpers.")
  var all = false

  func validate() throws {
    if all, what != .story { throw ValidationError("--all belongs to the story") }
    if top < 1 { throw ValidationError("--top: found \(top), expected a number from 1 on") }
    if what != .timeline, from != nil || to != nil {
      throw ValidationError("--from and --to belong to the timeline")
    }
    if let from, let to, to < from {
      throw ValidationError("--to: found \(to), which is before --from \(from)")
    }
  }

  func run() throws {
    let reader = try openTrace(file)
    let output = OutputBuffer(STDOUT_FILENO)
    if what == .timeline {
      try showTimeline(reader, output)
    } else {
      let tables = try StatCommand.tables(what, reader, top: top, all: all)
      if json {
        ReportJSON.write(tables, complete: reader.summary.isComplete, output)
      } else if what == .story {
        writeStory(tables, output)
      } else {
        ReportText.write(tables, top: top, output)
      }
    }
    output.finish()
    if let from { complainIfBeyondEnd(from: from, reader) }
    if !reader.summary.isComplete {
      complain("\(file): \(reader.condition.clause); this is as far as it goes")
    }
    if let altered = reader.alterations.first {
      throw TraceError(.damaged, file, altered.description)
    }
  }

  static func tables(_ what: What, _ reader: TraceReader, top: Int, all: Bool = false) throws
    -> [ReportTable]
  {
    func run(_ report: some Report) throws -> [ReportTable] {
      var report = report
      return try reader.run(&report)
    }
    return switch what {
    case .sched: try run(SchedReport())
    case .locks: try run(LockReport(top: top))
    case .shm: try run(SharedPageReport())
    case .containers: try run(ContainerReport())
    case .limits: try run(LimitReport())
    case .syscalls: try run(CallReport())
    case .story: try run(StoryReport(includingPlumbing: all))
    case .timeline: []
    }
  }

  private func writeStory(_ tables: [ReportTable], _ output: OutputBuffer) {
    for row in tables.flatMap(\.rows) {
      guard case .text(let text) = row[2] else { continue }
      var time = ""
      if case .integer(let number) = row[1] { time = "\(number)" }
      output.line(
        String(repeating: " ", count: max(0, 12 - time.count)) + time + "  " + shownText(text))
    }
  }

  private func showTimeline(_ reader: TraceReader, _ output: OutputBuffer) throws {
    let timeline = try Timeline(reader, from: from ?? 0, to: to ?? .max)
    let facts = try SessionFacts(reader, end: timeline.end)
    if json {
      ReportJSON.write([timeline.table(facts)], complete: reader.summary.isComplete, output)
    } else if from == nil && to == nil {
      TimelineText.overview(timeline, facts, output)
    } else {
      TimelineText.window(timeline, facts, output)
    }
  }
}
