// Where programs are in their source while a machine runs, for whoever watches it before there is a
// trace, or without one.

import Sim
import Symbols

/// The places of a running machine.
public final class LiveSources {
  private var ledger = ProgramLedger()
  /// The programs' symbols, by their numbers.
  private var symbols: [Int64: ProgramSymbols] = [:]
  private var running: [Int32: Int64] = [:]

  /// - Parameter files: what the session starts with.
  public init(_ files: [GuestFile]) { ledger.files = files }

  /// Takes note of an event, before its place is asked for.
  public func receive(_ event: Event, _ sequence: Int64) {
    guard ledger.concerns(event) else { return }
    if event.kind == .exit { running[event.process.raw] = nil }
    guard let change = ledger.receive(event, sequence) else { return }
    running[change.process] = change.program
    if change.isNew { symbols[change.program] = ledger.symbols(of: event[ExecEvent.image]) }
  }

  /// Where the process of an event is, if that is known.
  public func place(of event: Event) -> SourcePlace? {
    guard let pc = event.pc, let program = running[event.process.raw].flatMap({ symbols[$0] })
    else { return nil }
    func shown(_ text: String) -> String { shownText(printable(text)) }
    let line = program.line(at: pc).map { "\(shown(program.files[$0.file])):\($0.line)" }
    let function = program.function(at: pc).map { shown($0.name) }
    return line == nil && function == nil ? nil : SourcePlace(function: function, line: line)
  }
}
