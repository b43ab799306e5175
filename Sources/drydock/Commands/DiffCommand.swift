import Algorithms
import ArgumentParser
import Foundation
import Recorder
import Replay
import Sim

/// `drydock diff`: where two traces part, and what became of that.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show where two sessions diverge and what has changed.",
    discussion: """
      Like diff(1): prints nothing and exits with 0 if the sessions are equal, else with 1. Shows \
      the first event that differs, with the events around it, and all totals that differ: \
      instructions run, switches, waits and what for, refusals, lock holds.

      --events shows the events that only one session has: each process is compared with the same \
      process of the other session, whatever the schedules were. Events are equal if they differ \
      only in time, hart and pid. They are printed in order of time; events of both sessions have \
      the time of the first.

      Events of the container manager, its client and their helpers are left out and summed up; \
      --all shows them.
      """)

  @Argument(help: "A trace.", completion: .file())
  var first: String

  @Argument(help: "Another trace.", completion: .file())
  var second: String

  @Flag(help: "Show only the first event that differs.")
  var brief = false

  @Flag(help: "Show the events aligned: which of them only one session has.")
  var events = false

  @Flag(help: "With --events, align ticks and the scheduler's decisions as well.")
  var schedule = false

  @Flag(help: "Also the container manager and its helpers.")
  var all = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "With --events, common events shown around others (default 3).", valueName: "n"),
    transform: number)
  var context: Int?

  func validate() throws {
    if brief && events { throw ValidationError("--brief and --events: expected one of them") }
    if schedule && !events { throw ValidationError("--schedule: expected --events with it") }
    guard let context else { return }
    if !events { throw ValidationError("--context: expected --events with it") }
    guard (0...1_000_000).contains(context) else {
      throw ValidationError("--context: found \(context), expected 0 to 1000000")
    }
  }

  func run() throws {
    let readers = (try openTrace(first), try openTrace(second))
    for (file, reader) in [(first, readers.0), (second, readers.1)]
    where !reader.summary.isComplete {
      complain("\(file): \(reader.condition.clause); it is compared as far as it goes")
    }
    guard let difference = try TraceDiff.difference(readers.0, readers.1) else { return }
    let output = OutputBuffer(STDOUT_FILENO)
    output.line(difference.text(printable(first), printable(second)))
    if !brief {
      if events { try showEvents(readers.0, readers.1, on: output) }
      try showSummary(readers.0, readers.1, on: output)
    }
    output.finish()
    throw ExitCode.different
  }

  // MARK: Events

  private func showEvents(_ a: TraceReader, _ b: TraceReader, on output: OutputBuffer) throws {
    let alignment = try EventAlignment(
      a, b, includingSchedule: schedule, includingPlumbing: all)
    let isFolded = try !all && !(Plumbing(a).isEmpty && Plumbing(b).isEmpty)
    output.line(
      "@@ aligned @@ \(alignment.commonCount) events in both, "
        + "\(alignment.rows.count - alignment.commonCount) in one of them"
        + (schedule ? "" : "; ticks and the scheduler's decisions left out (--schedule)")
        + (isFolded ? "; the container manager left out (--all)" : ""))
    let hunks = alignment.hunks(context: context ?? 3)
    let shown = hunks.flatMap { alignment.rows[$0.rows] }
    let first = try ShownEvents(shown.map(\.first).filter { $0 != 0 }, of: a)
    let second = try ShownEvents(
      shown.filter { $0.first == 0 }.map(\.second).sorted(), of: b)
    for hunk in hunks {
      output.line("@@ \(hunk.skipped) in both @@")
      for row in alignment.rows[hunk.rows] {
        if row.first == 0 {
          output.line("+ " + second.line(row.second))
        } else if row.second == 0 {
          output.line("- " + first.line(row.first))
        } else {
          output.line("  " + first.line(row.first) + "  = \(row.second)")
        }
      }
    }
  }

  // MARK: Sums

  private func showSummary(_ a: TraceReader, _ b: TraceReader, on output: OutputBuffer) throws {
    let changes = try TraceQuery.changes(from: a, to: b, includingPlumbing: all)
    if changes.isEmpty { return }
    output.line("@@ summary @@")
    let rows = changes.map { change -> [QueryResult.Value] in
      [
        .text(change.what), .integer(change.first), .integer(change.second),
        .text(DiffCommand.percentage(from: change.first, to: change.second)),
      ]
    }
    let table = QueryResult(columns: ["what", "first", "second", "change"], rows: rows)
    for line in TextTable.lines(table) { output.line(line) }
  }

  /// By how much a number has changed, in percent of the first; empty where that says nothing.
  private static func percentage(from first: Int64, to second: Int64) -> String {
    guard first > 0, second > 0 else { return "" }
    return String(format: "%+.1f%%", (Double(second) / Double(first) - 1) * 100)
  }
}

/// The events of a session that are shown, read in one go.
private struct ShownEvents {
  private let text: EventText
  private let sequences: [Int64]
  private var events: [Event] = []

  /// - Parameter sequences: their numbers, rising.
  init(_ sequences: [Int64], of reader: TraceReader) throws {
    text = EventText(reader)
    self.sequences = sequences
    guard let first = sequences.first else { return }
    let stream = reader.events(from: first)
    for sequence in sequences {
      while stream.sequence < sequence, try stream.next() != nil {}
      guard let event = try stream.next() else { return }
      events.append(event)
    }
  }

  func line(_ sequence: Int64) -> String {
    let place = sequences.partitioningIndex { $0 >= sequence }
    return place < events.count ? text.line(events[place], sequence) : "\(sequence)"
  }
}
