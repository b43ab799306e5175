import ArgumentParser
import Foundation
import Recorder
import Sim

/// `drydock info`: what a trace is about.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Show what a trace holds and whether its recording was completed.")

  @Argument(help: "The trace.", completion: .file())
  var file: String

  @Flag(help: "As JSON.")
  var json = false

  func run() throws {
    let reader = try openTrace(file)
    let gap = try reader.firstGap()
    let output = OutputBuffer(STDOUT_FILENO)
    var facts = facts(of: reader)
    let sources = try reader.programSources().map(words)
    facts +=
      json
      ? [Fact("sources", "", .list(sources))] : sources.map { Fact("", "source", .text($0)) }
    if json {
      output.line("{")
      for (index, fact) in facts.enumerated() {
        let comma = index + 1 < facts.count ? "," : ""
        output.line("  \(JSONText.quoted(fact.key)): \(fact.value.json)\(comma)")
      }
      output.line("}")
    } else {
      for fact in facts {
        let padding = String(repeating: " ", count: max(1, 14 - fact.label.count))
        output.line("\(fact.label)\(padding)\(fact.value.text)")
      }
    }
    output.finish()
    if let altered = reader.alterations.first {
      throw TraceError(.damaged, file, altered.description)
    }
    if let gap { throw gap }
  }

  /// What is known of a program's source.
  private func words(_ program: ProgramSource) -> String {
    "\(program.path): \(program.symbols) symbols, \(program.lines) ranges of lines"
      + (program.problem.map { "; \($0)" } ?? "")
  }

  private enum Value {
    case number(Int64)
    case percent(Int64)
    case seconds(Double)
    case text(String)
    case yes(Bool)
    case list([String])
    case none

    var json: String {
      switch self {
      case .number(let number), .percent(let number): "\(number)"
      case .seconds(let seconds): seconds.isFinite ? "\(seconds)" : "null"
      case .text(let text): JSONText.quoted(text)
      case .yes(let flag): "\(flag)"
      case .list(let texts): "[\(texts.map(JSONText.quoted).joined(separator: ", "))]"
      case .none: "null"
      }
    }

    var text: String {
      switch self {
      case .number(let number): "\(number)"
      case .percent(let number): "\(number) %"
      case .seconds(let seconds): String(format: "%.3f s", seconds)
      case .text(let text): printable(text)
      case .yes(let flag): flag ? "yes" : "no"
      case .list(let texts): printable(texts.joined(separator: ", "))
      case .none: "none"
      }
    }
  }

  private struct Fact {
    var key: String
    var label: String
    var value: Value

    init(_ key: String, _ label: String, _ value: Value) {
      self.key = key
      self.label = label
      self.value = value
    }
  }

  private func facts(of reader: TraceReader) -> [Fact] {
    let summary = reader.summary
    let scenario = reader.scenario
    let state =
      switch reader.condition {
      case .complete: "complete"
      case .recording: "still being recorded"
      case .cut: "cut short: the recording was not closed"
      }
    var facts = [
      Fact("file", "file", .text(file)),
      Fact("format", "format", .number(Int64(TraceSchema.version))),
      Fact("complete", "state", json ? .yes(summary.isComplete) : .text(state)),
      Fact("events", "events", .number(summary.events)),
      Fact("inputs", "inputs", .number(Int64(reader.inputs.count))),
      Fact("choices", "choices", .number(summary.choices)),
      Fact("names", "names", .number(Int64(reader.names.count))),
      Fact("instructions", "instructions", .number(summary.instructions)),
      Fact("end", "end", summary.end.map { .text($0) } ?? .none),
      Fact("status", "status", summary.status.map { .number($0) } ?? .none),
      Fact("host_seconds", "recorded in", summary.hostSeconds.map { .seconds($0) } ?? .none),
      Fact("harts", "harts", .number(Int64(scenario.harts))),
      Fact("seed", "seed", .text("\(scenario.seed)")),
      Fact("tick", "tick", .number(Int64(clamping: scenario.tick))),
      Fact("scheduler", "scheduler", .text(scenario.scheduler.name)),
      Fact("priority_inheritance", "inheritance", .yes(scenario.inheritsPriorities)),
      Fact(
        "limit_ticks", "limit",
        scenario.limitTicks.map { .number(Int64(clamping: $0)) } ?? .none),
      Fact("memory", "memory", .number(Int64(scenario.limits.frames) * 4096)),
      Fact("reserve", "reserve", .percent(Int64(scenario.reserve))),
      Fact(
        "program", "program",
        .text(scenario.program.isEmpty ? "a shell" : scenario.program.joined(separator: " "))),
      Fact("manager", "manager", .yes(scenario.manager)),
      Fact(
        "defects", "defects",
        scenario.defects.isEmpty
          ? .none : .text(scenario.defects.map(\.name).joined(separator: ", "))),
      Fact("files", "files", .number(Int64(scenario.files.count))),
    ]
    if summary.events > 0, let bytes = reader.bytes {
      facts.append(Fact("bytes", "bytes", .number(bytes)))
    }
    return facts
  }
}
