// Which process runs which program, as far as the program's file may have symbols: the rows of
// `program` and `program_run`. A session of programs without any (as the userland's own) makes none.

import Sim
import Symbols

/// Programs with symbols, and who runs them, as far as events tell.
struct ProgramLedger {
  /// The files that the session starts with; programs are found among them by their contents.
  var files: [GuestFile] = []
  /// For each fingerprint, the place of its file among these; made when it is first asked for.
  private var places: [UInt64: Int]?
  /// The programs' numbers, from 1 on, by their fingerprints.
  private var numbers: [UInt64: Int64] = [:]
  private var running: [Int32: Int64] = [:]
  /// What may still be written of symbols and lines: a reader holds no more of a table than
  /// `TraceBounds` says, and a guest's files may claim anything.
  private var rowsLeft = Int(TraceBounds.rows) / 2
  private var bytesLeft = TraceBounds.contentBytes / 8

  /// What is to be written for an event.
  struct Change {
    /// Who runs it from now on.
    var process: Int32
    /// 0 for one without symbols.
    var program: Int64
    /// Whether it is run for the first time.
    var isNew = false
    var sequence: Int64
  }

  /// Whether an event may make a row.
  @inline(__always)
  func concerns(_ event: Event) -> Bool {
    event.kind == .exec
      ? event[ExecEvent.image] != 0 || !running.isEmpty
      : !running.isEmpty && (event.kind == .fork || event.kind == .exit)
  }

  mutating func receive(_ event: Event, _ sequence: Int64) -> Change? {
    let process = event.process.raw
    switch event.kind {
    case .exec:
      let image = event[ExecEvent.image]
      guard image != 0 else {
        return running.removeValue(forKey: process) == nil
          ? nil : Change(process: process, program: 0, sequence: sequence)
      }
      let known = numbers[image]
      let number = known ?? Int64(numbers.count + 1)
      numbers[image] = number
      running[process] = number
      return Change(
        process: process, program: number, isNew: known == nil, sequence: sequence)
    case .fork:
      guard let number = running[process] else { return nil }
      let child = event[ForkEvent.child].raw
      running[child] = number
      return Change(process: child, program: number, sequence: sequence)
    case .exit:
      running[process] = nil
      return nil
    default:
      return nil
    }
  }

  /// Takes room in the trace for a program's symbols and lines; false if there is not enough.
  mutating func takeRoom(for program: ProgramSymbols) -> Bool {
    let names = program.symbols.reduce(0) { $0 + $1.name.utf8.count }
    let files = program.files.map(\.utf8.count)
    let bytes = program.lines.reduce(names) { $0 + files[$1.file] }
    let rows = program.symbols.count + program.lines.count
    guard rows <= rowsLeft, bytes <= bytesLeft else { return false }
    rowsLeft -= rows
    bytesLeft -= bytes
    return true
  }

  /// What a program's file says of its source; nil if it is none of the session's first files.
  mutating func symbols(of image: UInt64) -> ProgramSymbols? {
    if places == nil {
      var found: [UInt64: Int] = [:]
      for (index, file) in files.enumerated() {
        guard case .file(let bytes) = file.content else { continue }
        let fingerprint = Executable.fingerprint(of: bytes)
        if fingerprint != 0 { found[fingerprint] = index }
      }
      places = found
    }
    guard let place = places?[image], case .file(let bytes) = files[place].content else {
      return nil
    }
    return ProgramSymbols(bytes)
  }
}
