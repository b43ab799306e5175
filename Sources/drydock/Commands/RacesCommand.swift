import ArgumentParser
import Foundation
import Recorder
import Replay
import Sim

/// `drydock races`: accesses to the same memory that nothing has put in order.
struct RacesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "races",
    abstract: "Find data races and orders of mutexes that could end in a deadlock.",
    discussion: """
      Runs a recorded session again and looks at every load and store to memory that several \
      processes see. Two of them, at least one a store, are in a race if nothing has put them in \
      order: no mutex or condition variable, no fork or wait, no bytes through a pipe or a socket, \
      nobody woken, no atomic instruction. A race is one whatever the scheduler does next time, \
      also where this session came out right. Each pair of places is shown once, with how often it \
      was seen.

      Also shown are mutexes that were taken in a circle, each while the one before it was held, \
      by processes that could have met there.

      Prints nothing and exits with 0 if there is neither, else with 1.
      """)

  @Argument(help: "The trace.", completion: .file())
  var file: String

  @Flag(help: "As JSON.")
  var json = false

  func run() throws {
    let reader = try openTrace(file, refusingStrangers: true)
    if let altered = reader.alterations.first {
      throw TraceError(.damaged, file, altered.description)
    }
    let integrity = IntegrityCheck(reader)
    var session = try RaceReplay(reader)
    let progress = Progress(isShown: true)
    defer { progress.hide() }
    var parting: Divergence?
    for steps in 1... {
      let step = try session.step()
      if step == .matched {
        if steps % 1024 == 0 {
          progress.show(
            session.session.machine.now, session.matched, at: Date.timeIntervalSinceReferenceDate)
        }
        continue
      }
      if case .diverged(let divergence) = step { parting = divergence }
      break
    }
    progress.hide()
    if parting == nil { try integrity.finish(reader) }
    let output = OutputBuffer(STDOUT_FILENO)
    let text = RaceText(reader)
    if json {
      output.line(text.json(session.races, session.lockCycles))
    } else {
      for race in session.races { for line in text.lines(race) { output.line(line) } }
      for cycle in session.lockCycles { for line in text.lines(cycle) { output.line(line) } }
    }
    output.finish()
    if let parting {
      complain(
        "\(file): the session runs otherwise from event \(parting.sequence) on; "
          + "these are the races up to there")
    } else if !reader.summary.isComplete {
      complain("\(file): \(reader.condition.clause); this is as far as it goes")
    }
    if !session.races.isEmpty || !session.lockCycles.isEmpty || parting != nil {
      throw ExitCode.different
    }
  }
}

/// Races in words, and as JSON.
private struct RaceText {
  private let reader: TraceReader

  private let sources: SourcePlaces?

  init(_ reader: TraceReader) {
    self.reader = reader
    sources = reader.sourcePlaces
  }

  private func name(_ id: NameID) -> String {
    let number = Int(id.raw)
    return reader.names.indices.contains(number)
      ? String(decoding: reader.names[number], as: UTF8.self) : ""
  }

  // MARK: Words

  func lines(_ race: DataRace) -> [String] {
    let memory =
      race.page.map { "page \(shownText(name($0)))" } ?? "memory that threads share"
    let times = race.count == 1 ? "once" : "\(race.count) times"
    return [
      "race on \(memory), at \(hexadecimal(race.address)), seen \(times)",
      "  " + line(race.first), "  " + line(race.second),
    ]
  }

  private func line(_ access: RacingAccess) -> String {
    let what = "\(access.isAtomic ? "atomically " : "")\(access.isStore ? "stores" : "loads")"
    let locks = access.locks.map { shownText(name($0)) }.joined(separator: " and ")
    let size = "\(access.size) \(access.size == 1 ? "byte" : "bytes")"
    return "pid \(access.process.raw) \(what) \(size) "
      + "at \(place(access))\(hexadecimal(access.pc)) of \(shownText(name(access.program))), "
      + (locks.isEmpty ? "holding no mutex" : "holding \(locks)")
      + ", after event \(access.after)"
  }

  private func place(_ access: RacingAccess) -> String {
    source(of: access).map { "\($0), " } ?? ""
  }

  private func source(of access: RacingAccess) -> SourcePlace? {
    sources?.place(access.process.raw, at: access.after, access.pc)
  }

  func lines(_ cycle: LockCycle) -> [String] {
    let names = cycle.steps.map { shownText(name($0.held)) }
    return ["could deadlock: mutexes \(names.joined(separator: ", ")) are taken in a circle"]
      + cycle.steps.map {
        "  pid \($0.process.raw) takes \(shownText(name($0.taken))) while it holds "
          + "\(shownText(name($0.held))), after event \($0.after)"
      }
  }

  // MARK: JSON

  func json(_ races: [DataRace], _ cycles: [LockCycle]) -> String {
    let raceTexts = races.map { race in
      let page = race.page.map { JSONText.quoted(name($0)) } ?? "null"
      return """
        {"page":\(page),"address":\(race.address),"count":\(race.count),\
        "accesses":[\(json(race.first)),\(json(race.second))]}
        """
    }
    let cycleTexts = cycles.map { cycle in
      let steps = cycle.steps.map {
        """
        {"pid":\($0.process.raw),"held":\(JSONText.quoted(name($0.held))),\
        "taken":\(JSONText.quoted(name($0.taken))),"after":\($0.after)}
        """
      }
      return "{\"steps\":[\(steps.joined(separator: ","))]}"
    }
    return """
      {"races":[\(raceTexts.joined(separator: ","))],\
      "lockCycles":[\(cycleTexts.joined(separator: ","))]}
      """
  }

  private func json(_ access: RacingAccess) -> String {
    let locks = access.locks.map { JSONText.quoted(name($0)) }.joined(separator: ",")
    let source = source(of: access)
    let function = source?.function.map(JSONText.quoted) ?? "null"
    let line = source?.line.map(JSONText.quoted) ?? "null"
    return """
      {"pid":\(access.process.raw),"program":\(JSONText.quoted(name(access.program))),\
      "pc":\(access.pc),"function":\(function),"source":\(line),"store":\(access.isStore),"atomic":\(access.isAtomic),\
      "size":\(access.size),"locks":[\(locks)],"after":\(access.after)}
      """
  }
}
