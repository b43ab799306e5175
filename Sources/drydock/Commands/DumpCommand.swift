import ArgumentParser
import Foundation
import Recorder
import Scenarios
import Sim

/// `drydock dump`: a trace's events as text.
struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Print a trace's events, one a line.",
    discussion: """
      Events of the container manager, its client and their helpers are left out; a line in their \
      place says how many. --all prints them, and so does --pid for the processes it names.
      """)

  @Argument(help: "The trace.", completion: .file())
  var file: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The number of the first event to print.", valueName: "n")
  )
  var from: Int64 = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The number of the last event to print.", valueName: "n"), transform: number)
  var to: Int64?

  @Option(help: "Only events of this kind or family (repeatable), such as dispatch or lock.")
  var kind: [String] = []

  @Option(
    parsing: .unconditionalSingleValue, help: "Only events of this process (repeatable).")
  var pid: [Int32] = []

  @Flag(help: "Also the events of the container manager and its helpers.")
  var all = false

  func validate() throws {
    if from < 1 { throw ValidationError("--from: found \(from), expected a number from 1") }
    if let to, to < from {
      throw ValidationError("--to: found \(to), expected a number from \(from), where --from is")
    }
  }

  func run() throws {
    let kinds = try wantedKinds()
    let reader = try openTrace(file)
    let output = OutputBuffer(STDOUT_FILENO)
    let text = EventText(reader)
    output.line(EventText.heading)
    if reader.summary.isComplete, from > max(1, reader.summary.events) {
      output.finish()
      complain("\(file) has \(reader.summary.events) events, and none from \(from) on")
      return
    }
    // A process or an event that is named is shown.
    let plumbing = all || !pid.isEmpty || from == to ? .none : try Plumbing(reader)
    var folded: Int64 = 0
    func unfold() {
      if folded > 0 { output.line(DumpCommand.fold(folded)) }
      folded = 0
    }
    let stream = reader.events(from: from)
    while to.map({ stream.sequence <= $0 }) ?? true, !output.isBroken {
      let sequence = stream.sequence
      guard let event = try next(stream, output) else { break }
      if !kinds.isEmpty && !kinds.contains(event.kind) { continue }
      if !pid.isEmpty && !pid.contains(event.process.raw) { continue }
      // Output of containers is shown, whichever process relays it.
      if event.kind != .output, plumbing.contains(event.process.raw) {
        folded += 1
      } else {
        unfold()
        output.line(text.line(event, sequence))
      }
    }
    unfold()
    output.finish()
    if !reader.summary.isComplete {
      complain("\(file): \(reader.condition.clause); these are all the events it has")
    }
    if let altered = reader.alterations.first {
      throw TraceError(.damaged, file, altered.description)
    }
  }

  /// The line in place of events of the manager's plumbing.
  private static func fold(_ count: Int64) -> String {
    "     ...  \(count) event\(count == 1 ? "" : "s") of the container manager (--all shows them)"
  }

  /// What comes before a damaged place is still printed.
  private func next(_ stream: EventStream, _ output: OutputBuffer) throws -> Event? {
    do {
      return try stream.next()
    } catch {
      output.finish()
      throw error
    }
  }

  private func wantedKinds() throws -> [Event.Kind] {
    var kinds: [Event.Kind] = []
    for word in kind {
      let found = Event.Kind.allCases.filter { $0.name == word || $0.family.rawValue == word }
      guard !found.isEmpty else {
        let names =
          Event.Kind.allCases.map(\.name) + Event.Family.allCases.map(\.rawValue)
        throw ToolError(
          "--kind: found \(printableArgument(word)), expected an event's kind or family"
            + suggestion(for: word, among: names))
      }
      kinds += found
    }
    return kinds
  }
}
