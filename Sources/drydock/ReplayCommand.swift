import ArgumentParser
import Foundation
import Recorder
import Replay
import Sim

/// `drydock replay`: runs a trace again and compares every event.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Run a recorded session again and compare every event.",
    discussion: """
      Nothing but the trace is needed. The last line says what was matched; where the machine and \
      the recording part, the difference is shown instead, and the exit status is 1.
      """)

  @Argument(help: "The trace.")
  var file: String

  func run() throws {
    let reader = try TraceReader(path: file)
    let output = OutputBuffer(STDOUT_FILENO)
    let start = Date.timeIntervalSinceReferenceDate
    var session = try open(reader, output)
    Interruption.watch()
    let progress = Progress(isShown: true)
    defer { progress.hide() }
    var steps = 0
    while true {
      switch try session.step() {
      case .matched:
        steps += 1
        guard steps % 1024 == 0 else { continue }
        progress.show(
          session.simulation.now, session.matched, at: Date.timeIntervalSinceReferenceDate)
        if let signal = Interruption.signal { throw ExitCode(128 + signal) }
      case .diverged(let divergence):
        progress.hide()
        output.line(divergence.description)
        output.finish()
        throw ExitCode.different
      case .finished(let summary):
        progress.hide()
        let seconds = Date.timeIntervalSinceReferenceDate - start
        output.line(conclusion(summary, reader.summary, seconds))
        output.finish()
        return
      }
    }
  }

  private func open(_ reader: TraceReader, _ output: OutputBuffer) throws -> ReplaySession {
    do {
      return try ReplaySession(reader)
    } catch {
      // Whether the machine can be set up at all from what was altered makes no difference.
      guard let altered = reader.alterations.first else { throw error }
      output.line("diverged before event 1: \(altered)")
      output.finish()
      throw ExitCode.different
    }
  }

  private func conclusion(_ replay: ReplaySummary, _ recording: TraceSummary, _ seconds: Double)
    -> String
  {
    var text = "matched \(replay.events) events in \(String(format: "%.2f", seconds)) s"
    if let recorded = recording.hostSeconds, seconds > 0 {
      text += String(format: ", at %.1f times the speed of the recording", recorded / seconds)
    }
    if !replay.isComplete { text += "; the recording was cut short there" }
    return text
  }
}
