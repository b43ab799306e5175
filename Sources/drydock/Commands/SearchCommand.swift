import ArgumentParser
import Foundation
import Recorder
import Scenarios
import Search
import Sim

/// `drydock search`: the schedule with which a program fails.
struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Run a program under many schedules, and record the simplest one that fails.",
    discussion: """
      Each run begins where the program's first choice is, and may give the hart to another process \
      before everything that others can see: calls, and accesses to memory that several use. A run fails \
      if a process faults, if all wait for ever (a deadlock), if it does not end within --limit-ticks, or if \
      its status is not --expect-status; with --fails-on if the console shows a text, with --check if an \
      invariant does not hold. The search ends at the first failure, or with --all after all runs.

      What failed is shrunk to as few preemptions as still make it fail the same way, and written into \
      FOLDER: failure-1.db is a session as record makes it, failure-1.md says in words who was interrupted \
      where; search.db has a row for each run. After a kill, the same command with --resume goes on.

        random  at each choice everybody is as likely as the others
        pct     random priorities that change at --depth minus 1 places
        pos     random priorities of operations, drawn anew where their order matters
        surw    orders of the operations on one object, each about as likely
        dpor    no drawing: each order of operations that depend on each other once, until there is none left

      The same --seed and --runs find the same, whatever --jobs is. The exit status is 1 if something failed, 0 if \
      nothing did, and 2 for bad input.
      """,
    subcommands: [SearchMergeCommand.self])

  /// Ticks after which a run without a limit of its own has no end.
  private static let usualLimit: UInt64 = 2000
  /// Runs, where nothing says how many.
  private static let usualRuns = 10_000

  @OptionGroup var options: SessionOptions

  @Option(
    help: ArgumentHelp(
      "How schedules are made: random, pct, pos, surw or dpor.", valueName: "strategy"),
    completion: .list(StrategyKind.allCases.map(\.rawValue)))
  var strategy = "pct"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Make this many runs at most (default: 10000, or any number with --seconds).",
      valueName: "n"), transform: number)
  var runs: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Make runs for this many seconds at most.", valueName: "s"))
  var seconds: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Of pct: the depth of the bugs that it looks for.", valueName: "d"),
    transform: number)
  var depth: Int = 3

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Preempt at most this many times in a run.", valueName: "k"),
    transform: number)
  var preemptions: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Runs at the same time (default: one for each core).", valueName: "n"),
    transform: number)
  var jobs: Int?

  @Flag(help: "Go on after a failure, to find others.")
  var all = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The exit status of a run that is all right.", valueName: "status"),
    transform: number)
  var expectStatus: Int32 = 0

  @Option(help: ArgumentHelp("A run fails if the console shows this text.", valueName: "text"))
  var failsOn: String?

  @Option(
    help: ArgumentHelp(
      "A run fails if this query of its recording gives rows; each run is recorded, and takes much longer.",
      valueName: "sql"))
  var failsIf: String?

  @Flag(help: "A run fails if an invariant of the kernel does not hold; each run takes longer.")
  var check = false

  @Option(
    help: ArgumentHelp(
      "Make only every N-th run, from the I-th on: N such searches make all of them.",
      valueName: "i/n"))
  var shard: String?

  @Flag(help: "Go on with the search in the folder.")
  var resume = false

  @Flag(help: "Tell what came of it as JSON.")
  var json = false

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("The folder for what is found; there must be none.", valueName: "folder"),
    completion: .directory)
  var output = "search"

  func validate() throws {
    if let runs, runs < 1 {
      throw ValidationError("--runs: found \(runs), expected a number from 1 on")
    }
    if let seconds, !(seconds > 0 && seconds <= 1e9) {
      throw ValidationError("--seconds: found \(seconds), expected a number above 0")
    }
    guard (1...64).contains(depth) else {
      throw ValidationError("--depth: found \(depth), expected 1 to 64")
    }
    if let preemptions, preemptions < 0 {
      throw ValidationError("--preemptions: found \(preemptions), expected a number from 0 on")
    }
    if let jobs, !(1...256).contains(jobs) {
      throw ValidationError("--jobs: found \(jobs), expected 1 to 256")
    }
    if let failsOn, failsOn.isEmpty {
      throw ValidationError("--fails-on: found an empty text, expected what fails")
    }
  }

  func run() throws {
    let plan = try makePlan()
    let folder = try SearchFolder(output, resuming: resume)
    do {
      let campaign: Campaign
      do {
        let file = try SearchFile("\(output)/search.db", plan: plan.words, resuming: resume)
        campaign = try Campaign(plan, file)
      } catch {
        // Nothing has been searched.
        folder.abandon()
        throw error
      }
      try search(campaign)
    } catch let error as SearchError {
      throw ToolError(error.description)
    } catch let error as QueryError {
      let line = "\(error)".split(separator: "\n").first ?? ""
      throw ToolError("--fails-if: \(line)")
    }
  }

  // MARK: What is asked for

  private func makePlan() throws -> SearchPlan {
    var scenario = try options.makeScenario(publishesSpec: false)
    guard scenario.harts == 1 else {
      throw ToolError("--harts: found \(scenario.harts), expected 1: a search decides on one hart")
    }
    guard scenario.ports.isEmpty || !scenario.clients.isEmpty else {
      throw ToolError(
        "--publish: found a published port, expected none, or clients in the scenario: runs could not be "
          + "made again")
    }
    guard !options.live else {
      throw ToolError("--live: found with search, expected with run or record")
    }
    guard !scenario.program.isEmpty || !scenario.script.isEmpty else {
      throw ToolError("found neither a program after -- nor a script, expected one of them")
    }
    scenario.limitTicks = scenario.limitTicks ?? SearchCommand.usualLimit
    scenario.recordsSharedAccesses = true
    try scenario.validate()
    var plan = SearchPlan(scenario)
    guard let kind = StrategyKind(rawValue: strategy) else {
      let known = StrategyKind.allCases.map(\.rawValue)
      throw ToolError(
        "--strategy: found \(printableArgument(strategy)), expected one of "
          + known.joined(separator: ", ") + suggestion(for: strategy, among: known))
    }
    plan.strategy = kind
    plan.depth = depth
    plan.preemptions = preemptions
    plan.runs = runs ?? (seconds == nil ? SearchCommand.usualRuns : nil)
    plan.seconds = seconds
    plan.findsAll = all
    plan.rules = FailureRules(status: expectStatus, text: failsOn, checksInvariants: check)
    plan.rules.query = failsIf
    let cores = ProcessInfo.processInfo.activeProcessorCount
    plan.jobs = jobs ?? cores
    if kind == .dpor {
      if let shard {
        throw ToolError(
          "--shard: found \(printableArgument(shard)) with --strategy dpor, expected none: each run depends on "
            + "those before it")
      }
      if let jobs, jobs > 1 {
        throw ToolError(
          "--jobs: found \(jobs) with --strategy dpor, expected 1: each run depends on those before it"
        )
      }
      plan.jobs = 1
    }
    if plan.jobs > cores {
      complain("--jobs: \(plan.jobs) on \(cores) core\(cores == 1 ? "" : "s") are no faster")
    }
    if let shard {
      guard let part = Shard(shard) else {
        throw ToolError(
          "--shard: found \(printableArgument(shard)), expected such as 2/8, the second of eight")
      }
      plan.shard = part
    }
    return plan
  }

  // MARK: Searching

  private func search(_ campaign: Campaign) throws {
    Interruption.watch()
    if !campaign.hasChoices {
      complain("there is no choice to be made: no two processes could go on at once")
    }
    if campaign.usual.failure != nil {
      complain("it fails without any preemption")
    }
    let progress = SharedProgress()
    let start = Date.timeIntervalSinceReferenceDate
    let before = campaign.progress.runs
    let tell: @Sendable (SearchProgress) -> Void = { found in
      let spent = Date.timeIntervalSinceReferenceDate - start
      progress.show(
        "\(found.runs) runs, \(Int(Double(found.runs - before) / max(spent, 0.001))) a second, "
          + "\(found.novelty.distinct) behaviours, \(found.failures.count) failures")
    }
    try campaign.run(isStopped: { Interruption.signal != nil }, tell: tell)
    progress.hide()
    let spent = Date.timeIntervalSinceReferenceDate - start
    let rate = Double(campaign.progress.runs - before) / max(spent, 0.001)
    let output = OutputBuffer(STDOUT_FILENO)
    var found: [FoundFailure] = []
    try campaign.writeFailures(
      to: self.output, isStopped: { Interruption.signal != nil },
      tell: { failure in
        found.append(failure)
        if !json { self.tell(failure, output) }
      })
    if json {
      output.line(SearchText.json(campaign, found, rate: rate))
    } else {
      for line in SearchText.summary(campaign, rate: rate, in: self.output) { output.line(line) }
    }
    output.finish()
    if !campaign.progress.failures.isEmpty { throw ExitCode.different }
    if let signal = Interruption.signal { throw ExitCode(128 + signal) }
  }

  private func tell(_ found: FoundFailure, _ output: OutputBuffer) {
    output.line(
      terminalText("\(self.output)/\(found.file): \(found.outcome) (run \(found.run))"))
    for line in found.account { output.line(terminalText(line)) }
    output.line("")
    output.flush()
  }
}

/// The progress line, shown from whichever thread, one at a time.
private final class SharedProgress: @unchecked Sendable {
  private let progress = Progress(isShown: true)
  func show(_ words: String) { progress.show(words) }
  func hide() { progress.hide() }
}

/// The folder of a search.
struct SearchFolder {
  private let path: String
  private let isNew: Bool

  /// - Throws: `ToolError` if there is one and there should be none, or the other way round.
  init(_ path: String, resuming: Bool) throws {
    self.path = path
    isNew = !resuming
    if resuming { return }
    if path.isEmpty { throw ToolError("-o: found an empty name, expected a folder's") }
    guard path.withFileName({ mkdir($0, 0o777) }) != 0 else { return }
    if errno == EEXIST {
      throw ToolError(
        "\(path): found a file or folder of this name, expected none; -o names another, --resume goes on"
      )
    }
    throw ToolError("\(path): cannot be made: \(String(cString: strerror(errno)))")
  }

  /// What was made for nothing goes.
  func abandon() {
    guard isNew else { return }
    for name in ["search.db-journal", "search.db"] {
      _ = "\(path)/\(name)".withFileName { unlink($0) }
    }
    _ = path.withFileName { rmdir($0) }
  }
}
