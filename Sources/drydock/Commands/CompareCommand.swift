import ArgumentParser
import Foundation
import Recorder
import Replay
import Scenarios
import Sim

/// `drydock compare`: how one session fares under several schedulers.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Run a session under several schedulers, harts and seeds, and compare the figures.",
    discussion: """
      FILE is a trace, whose programs and input are run again, or a scenario file. A script's lines \
      are typed when the machine waits for them, or at their ticks; what was typed otherwise is typed \
      at the time at which it was when it was recorded. Every scheduler runs on each number of harts, with and without \
      priority inheritance if that is asked for, with the seeds 1 to N; a run ends by itself or at its limit, and the table says how.

      Measured are all processes but init and the container manager's own, or those that --process names. \
      Times are instructions of virtual time.

        processes   how many there were, and how many had not exited at the end (left)
        time        from the boot to the end of the session
        turnaround  from when a process was first runnable (its fork) to its exit; of those that exited
        response    from when it was first runnable to when it first got a hart; of those that got one
        waiting     for how long it was runnable and did not run, in sum; of all, up to the run's end
        throughput  exits of a million instructions of time
        switches    how often a hart was given to another process than it had before
        share       ran / (ran + waiting): of the time for which it wanted a hart, the part with one
        fairness    Jain's index of those shares, (sum x)^2 / (n sum x^2): 1 if all are equal, 1/n if one \
      has everything; container_fairness is that of containers, each with its processes' sums

      A figure is taken in each run, over its processes: their mean, p50 and p95 (nearest rank: the lowest \
      value that so many of a hundred do not exceed). What is shown is the mean over the seeds, and after \
      \u{b1}, or in a column _ci, the half of its 95 % confidence interval by Student's t with N - 1 degrees of \
      freedom. max is the largest of all runs. Of more than 2048 processes in a group, p50 and p95 may be up to \
      1/128 too high. Timelines are those of seed 1.
      """)

  @Argument(help: "A trace or a scenario file.", completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp(
      "The schedulers, separated by commas; all for all that there are.", valueName: "names"))
  var schedulers = "all"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "On how many harts, separated by commas (default: as the file says).", valueName: "list"))
  var harts: String?

  @Option(
    help: ArgumentHelp(
      "Whether holders of mutexes inherit the priority of who waits for them: on, off, or off,on for both "
        + "(default: as the file says).", valueName: "list"))
  var priorityInheritance: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many seeds, from 1 on; up to 1000.", valueName: "n"),
    transform: number)
  var seeds: Int = 10

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "End each run after this many ticks (default: as the file says, or else a multiple of what was "
        + "recorded; 10000 for a scenario).", valueName: "n"), transform: number)
  var limitTicks: UInt64?

  @Option(
    help: ArgumentHelp(
      "Measure only processes of these names, separated by commas.",
      valueName: "names"))
  var process: String?

  @Flag(help: "Show also who ran when with seed 1, a letter for each process.")
  var timeline = false

  @Flag(help: "As JSON.")
  var json = false

  @Option(
    name: [.short, .long], help: ArgumentHelp("Write a page as well.", valueName: "file"),
    completion: .file())
  var output: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("At most this many rows of each table; JSON has all.", valueName: "n"),
    transform: number)
  var top: Int = 40

  func validate() throws {
    guard (1...1000).contains(seeds) else {
      throw ValidationError("--seeds: found \(seeds), expected 1 to 1000")
    }
    if top < 1 { throw ValidationError("--top: found \(top), expected a number from 1 on") }
    if timeline && json {
      throw ValidationError("--timeline and --json: expected one of them; -o writes timelines too")
    }
    _ = try hartList()
    _ = try inheritanceList()
  }

  func run() throws {
    let schedulers = try schedulerList()
    let session = try ComparedSession(file, limitTicks: limitTicks)
    let harts = try hartList() ?? [session.scenario.harts]
    let inheritances = try inheritanceList() ?? [session.scenario.inheritsPriorities]
    let conditions = schedulers.flatMap { scheduler in
      inheritances.flatMap { inherits in
        harts.map {
          ComparedCondition(scheduler: scheduler, harts: $0, inheritsPriorities: inherits)
        }
      }
    }
    let page = try output.map { try OutputFile($0) }
    defer { page?.abandon() }
    let runs = ComparedRuns(
      session: session,
      conditions: conditions,
      seeds: seeds, names: process.map(CompareCommand.words),
      timeline: page == nil && !timeline
        ? 0 : ComparisonPage.stretchesLimit(conditions.count))
    let progress = Progress(isShown: true)
    let outcomes = try runs.outcomes { progress.show("\($0) of \($1) runs") }
    progress.hide()
    let buffer = OutputBuffer(STDOUT_FILENO)
    let tables = outcomes.tables
    if json {
      ReportJSON.write(tables, complete: outcomes.allSatisfy(\.isFinished), buffer)
    } else {
      ComparisonText.write(tables, tick: session.scenario.tick, top: top, buffer)
      if timeline { ComparisonText.writeTimelines(outcomes, buffer) }
    }
    buffer.finish()
    if let page, let output {
      let html = ComparisonPage.html(outcomes, tables, session.scenario, file: file, seeds: seeds)
      page.buffer.write(html)
      try page.finish()
      complain("wrote \(output), \(html.utf8.count / 1024) kB")
    }
    tellUnfinished(outcomes)
    tellUnmeasured(outcomes)
  }

  // MARK: What is asked for

  private static func words(_ list: String) -> [String] {
    list.split(separator: ",", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }

  private func hartList() throws -> [Int]? {
    guard let harts else { return nil }
    var found: [Int] = []
    for word in CompareCommand.words(harts) {
      guard let count = Int(word), (1...8).contains(count) else {
        throw ValidationError(
          "--harts: found \(printableArgument(word)), expected numbers from 1 to 8, separated by "
            + "commas")
      }
      if !found.contains(count) { found.append(count) }
    }
    return found
  }

  private func inheritanceList() throws -> [Bool]? {
    guard let priorityInheritance else { return nil }
    var found: [Bool] = []
    for word in CompareCommand.words(priorityInheritance) {
      guard word == "on" || word == "off" else {
        throw ValidationError(
          "--priority-inheritance: found \(printableArgument(word)), expected on, off, or both, "
            + "separated by a comma")
      }
      if !found.contains(word == "on") { found.append(word == "on") }
    }
    return found
  }

  private func schedulerList() throws -> [SchedulerKind] {
    if schedulers == "all" { return SchedulerKind.allCases }
    var found: [SchedulerKind] = []
    for word in CompareCommand.words(schedulers) {
      guard let kind = SchedulerKind(name: word) else {
        let known = SchedulerKind.allCases.map(\.name)
        throw ToolError(
          "--schedulers: found \(printableArgument(word)), expected all or some of "
            + known.joined(separator: ", ") + suggestion(for: word, among: known))
      }
      if !found.contains(kind) { found.append(kind) }
    }
    return found
  }

  // MARK: What is to be said

  /// Runs that came to no end of their own are in the tables as far as they went.
  private func tellUnfinished(_ outcomes: [ComparedOutcome]) {
    for outcome in outcomes where !outcome.isFinished {
      complain(
        "\(outcome.condition.words): \(outcome.endingWords); figures are of what had happened by "
          + "then")
    }
  }

  private func tellUnmeasured(_ outcomes: [ComparedOutcome]) {
    guard let process else { return }
    var known: [String] = []
    for name in outcomes.flatMap({ $0.processes.map(\.name) }) where !known.contains(name) {
      known.append(name)
    }
    for name in CompareCommand.words(process) where !known.contains(name) {
      complain(
        "--process: no process was called \(printableArgument(name))"
          + suggestion(for: name, among: known))
    }
  }
}

extension ComparedCondition {
  /// As sentences and labels have it.
  var words: String {
    "\(scheduler.name) on \(harts) hart\(harts == 1 ? "" : "s")"
      + (inheritsPriorities ? " with priority inheritance" : "")
  }
}
