// The symbols and lines of a program, written once, in the transaction of the event by which it is
// first run: whoever reads a trace that was cut short has them too.

import GRDB
import Sim
import Symbols

extension TraceInserter {
  /// Writes who runs what from an event on.
  func write(_ change: ProgramLedger.Change?, of event: Event, _ db: Database) throws {
    guard let change else { return }
    if change.isNew { try write(program: change.program, of: event, db) }
    let place = TraceSchema.runPlace(change.process, change.sequence)
    try db.cachedStatement(sql: "INSERT INTO program_run VALUES (?, ?, ?, ?)")
      .execute(arguments: [place, change.process, change.sequence, change.program])
  }

  private func write(program: Int64, of event: Event, _ db: Database) throws {
    let image = event[ExecEvent.image]
    var symbols = programs.symbols(of: image)
    var problem =
      symbols.map(\.problem) ?? "its file is none of those that the session starts with"
    if let found = symbols, program > TraceSchema.programsAtMost || !programs.takeRoom(for: found) {
      problem =
        "a trace has no room for its \(found.symbols.count) symbols and \(found.lines.count) lines"
        + " beside those of other programs"
      symbols = nil
    }
    try db.cachedStatement(
      sql: """
        INSERT INTO program
        VALUES (?, coalesce((SELECT text FROM name WHERE id = ?), ''), ?, ?)
        """
    ).execute(
      arguments: [
        program, event[ExecEvent.path].raw, Int64(bitPattern: image), problem.map(printable),
      ])
    guard let symbols else { return }
    let symbolRow = try db.cachedStatement(sql: "INSERT INTO symbol VALUES (?, ?, ?, ?, ?, ?)")
    for symbol in symbols.symbols {
      guard let place = TraceSchema.sourcePlace(program, symbol.address) else { continue }
      try symbolRow.execute(
        arguments: [
          place, program, Int64(symbol.address), Int64(clamping: symbol.size),
          printable(symbol.name), symbol.kind.rawValue,
        ])
    }
    let files = symbols.files.map(printable)
    let lineRow = try db.cachedStatement(
      sql: "INSERT INTO source_line VALUES (?, ?, ?, ?, ?, ?)")
    for line in symbols.lines {
      guard let place = TraceSchema.sourcePlace(program, line.address) else { continue }
      try lineRow.execute(
        arguments: [
          place, program, Int64(line.address), Int64(clamping: line.size), files[line.file],
          line.line,
        ])
    }
  }
}
