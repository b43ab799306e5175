import ArgumentParser
import Foundation
import Recorder
import Replay
import Scenarios
import Sim

/// `drydock replay`: runs a trace again and compares every event.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Run a recorded session again and compare every event.",
    discussion: """
      Only the trace is needed. The last line says what matched; if the machine diverges from the \
      recording, the difference is shown instead, and the exit status is 1. The invariants are \
      checked after every step; violations are shown, and the exit status is 1 then as well.

      With --defect, --harts, --seed, --scheduler or --priority-inheritance the recorded programs and \
      input run under that condition: what if it had been so? Input arrives at its recorded times, and choices are drawn \
      anew from the seed; they are not the recorded ones. The first event that differs and every \
      violated invariant are shown; what comes after that event is not compared.
      """)

  @Argument(help: "The trace.", completion: .file())
  var file: String

  @OptionGroup var checks: InvariantOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop when this event has happened, and show the processes.", valueName: "n"),
    transform: number)
  var until: Int64?

  @Option(
    help: ArgumentHelp(
      "Let the kernel make this mistake (repeatable); see drydock defects.", valueName: "name"),
    completion: .list(Defect.allCases.map(\.name)), transform: defect(named:))
  var defect: [Defect] = []

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Run on this many harts instead.", valueName: "n"),
    transform: number)
  var harts: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Take the scheduler's choices from this seed instead.", valueName: "n"),
    transform: number)
  var seed: UInt64?

  @Option(
    help: ArgumentHelp("Share out the harts by this policy instead.", valueName: "policy"),
    completion: .list(SchedulerKind.allCases.map(\.name)))
  var scheduler: String?

  enum Switch: String, ExpressibleByArgument, CaseIterable { case on, off }

  @Option(
    help: ArgumentHelp(
      "Let holders of mutexes inherit the priority of who waits for them, or not.",
      valueName: "on|off"))
  var priorityInheritance: Switch?

  func validate() throws {
    if let until, until < 1 {
      throw ValidationError("--until: found \(until), expected a number from 1")
    }
  }

  func run() throws {
    let reader = try openTrace(file, refusingStrangers: true)
    let output = OutputBuffer(STDOUT_FILENO)
    if !conditions.isEmpty {
      return try runOtherwise(reader, output)
    }
    let start = Date.timeIntervalSinceReferenceDate
    let integrity = IntegrityCheck(reader)
    let invariants = try checks.chosen()
    var session = try open(reader, invariants, output)
    let progress = Progress(isShown: true)
    defer { progress.hide() }
    var steps = 0
    var place = until.map { StoppingPlace(after: $0) }
    while true {
      switch try session.step() {
      case .matched:
        steps += 1
        if place?.isPassed(session.matched, session.session.machine.describeProcesses()) == true {
          progress.hide()
          return try stop(at: place, invariants, session.violations, output)
        }
        guard steps % 1024 == 0 else { continue }
        progress.show(
          session.session.machine.now, session.matched, at: Date.timeIntervalSinceReferenceDate)
      case .diverged(let divergence):
        progress.hide()
        // What comes after the place is not looked at; after the last event, that is the end.
        if place?.events != nil, session.matched < reader.summary.events {
          return try stop(at: place, invariants, session.violations, output)
        }
        session.violations.show(on: output, trace: file)
        output.line(terminalText(divergence.description))
        output.finish()
        throw ExitCode.different
      case .finished(let summary):
        progress.hide()
        if place?.isPassed(session.matched, []) == true {
          return try stop(at: place, invariants, session.violations, output)
        }
        let seconds = Date.timeIntervalSinceReferenceDate - start
        // After a match the session may be queried in SQL.
        try integrity.finish(reader)
        session.violations.show(on: output, trace: file)
        let holding = holdingClause(invariants, session.violations)
        output.line(conclusion(summary, reader.summary, reader.condition, seconds, holding))
        output.finish()
        tellUnreached(place, after: session.matched)
        if !session.violations.isEmpty { throw ExitCode.different }
        return
      }
    }
  }

  private func stop(
    at place: StoppingPlace?, _ invariants: [Invariant], _ violations: [Violation],
    _ output: OutputBuffer
  ) throws {
    guard let place, let events = place.events else { return }
    let violations = place.seen(violations)
    output.line(
      "stopped after event \(events), all as recorded" + holdingClause(invariants, violations))
    for line in place.processes { output.line("  " + printable(line)) }
    violations.show(on: output, trace: file)
    output.finish()
    if !violations.isEmpty { throw ExitCode.different }
  }

  /// Says that a place to stop at never came.
  private func tellUnreached(_ place: StoppingPlace?, after events: Int64) {
    guard let until, place?.events == nil else { return }
    complain("--until: the session ended after \(events) events, and has no event \(until)")
  }

  private func open(
    _ reader: TraceReader, _ invariants: [Invariant], _ output: OutputBuffer
  ) throws -> CheckedReplay {
    do {
      return try CheckedReplay(reader, checking: invariants)
    } catch {
      // Whether the machine can be set up at all from what was altered makes no difference.
      guard let altered = reader.alterations.first else { throw error }
      output.line(terminalText("diverged before event 1: \(altered)"))
      output.finish()
      throw ExitCode.different
    }
  }

  /// Runs the session under other conditions than those it was recorded under.
  private func runOtherwise(_ reader: TraceReader, _ output: OutputBuffer) throws {
    if let altered = reader.alterations.first {
      throw TraceError(.damaged, file, altered.description)
    }
    let invariants = try checks.chosen()
    let policy = try scheduler.map { try Scenarios.scheduler($0, named: "--scheduler") }
    var session = try AlternateReplay(reader, checking: invariants) { scenario in
      if let harts { scenario.harts = harts }
      if let seed { scenario.seed = seed }
      if let policy { scenario.scheduler = policy }
      if let priorityInheritance { scenario.inheritsPriorities = priorityInheritance == .on }
      scenario.defects += defect.filter { !scenario.defects.contains($0) }
    }
    var ending: AlternateReplay.Ending?
    var place = until.map { StoppingPlace(after: $0) }
    while ending == nil {
      ending = try session.step()
      if place?.isPassed(session.eventCount, session.simulation.describeProcesses()) == true {
        break
      }
    }
    // A session that has passed the event was to stop there.
    let stopped = place.flatMap { place in
      place.events.flatMap { session.eventCount > $0 ? place : nil }
    }
    let violations = stopped?.seen(session.violations) ?? session.violations
    var parting = session.parting
    if let stopped, let found = parting, !stopped.includes(found.sequence) { parting = nil }

    violations.show(on: output, trace: file, under: conditions)
    if let parting {
      output.line("parts from the recording at event \(parting.sequence)")
      output.line("  recorded \(parting.recorded ?? "the end")")
      output.line("  now      \(parting.actual ?? "the end")")
    }
    if let stopped {
      let events = stopped.events ?? 0
      output.line(
        "stopped after event \(events)" + holdingClause(invariants, violations)
          + (parting == nil ? "; every event as recorded" : ""))
      for line in stopped.processes { output.line("  " + printable(line)) }
    } else {
      output.line(
        "\(session.eventCount) events" + holdingClause(invariants, violations)
          + (session.wasCutOff
            ? "; stopped, for it went on for twice as long as the recording"
            : how(ending, reader, hasParted: parting != nil)))
    }
    output.finish()
    tellUnreached(place, after: session.eventCount)
    if parting != nil || !violations.isEmpty { throw ExitCode.different }
  }

  /// The options that make the same conditions again.
  private var conditions: [String] {
    var words = defect.map { "--defect \($0.name)" }
    if let harts { words.append("--harts \(harts)") }
    if let seed { words.append("--seed \(seed)") }
    if let scheduler { words.append("--scheduler \(scheduler)") }
    if let priorityInheritance {
      words.append("--priority-inheritance \(priorityInheritance.rawValue)")
    }
    return words
  }

  /// How a session under other conditions ended, in clauses.
  private func how(_ ending: AlternateReplay.Ending?, _ reader: TraceReader, hasParted: Bool)
    -> String
  {
    switch ending {
    case nil: return ""
    case .recordingEnded?:
      if reader.condition == .recording {
        return "; every event as recorded so far; \(reader.condition.clause)"
      }
      return "; as recorded up to where \(reader.condition.clause)"
    case .ended(let reason)?:
      if !hasParted, reader.summary.stop != nil {
        return "; as recorded up to where the session was stopped"
      }
      return "; \(EndReason.names[Int(reason.code) - 1])"
        + (hasParted ? "" : "; every event as recorded")
    }
  }

  private func conclusion(
    _ replay: ReplaySummary, _ recording: TraceSummary, _ condition: RecordingCondition,
    _ seconds: Double, _ holding: String
  )
    -> String
  {
    var text = "matched \(replay.events) events in \(String(format: "%.2f", seconds)) s"
    if let recorded = recording.hostSeconds, seconds > 0 {
      text += String(format: ", at %.1f times the speed of the recording", recorded / seconds)
    }
    text += holding
    if !replay.isComplete { text += "; \(condition.clause) there" }
    return text
  }
}
