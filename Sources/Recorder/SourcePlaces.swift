// Where in the source of its program a process was, of a trace whose programs have symbols or lines.
// Everything that names a pc for people says it by this.

import Algorithms
import GRDB
import Sim
import Synchronization

/// A place in a program's source.
public struct SourcePlace: Equatable, Sendable, CustomStringConvertible {
  /// The function, fit to be shown; nil where the program's file does not say.
  public var function: String?
  /// The file, as it was named to the compiler, and the line.
  public var line: String?

  /// `counter.c:17 in deposit`.
  public var description: String {
    switch (line, function) {
    case (let line?, let function?): "\(line) in \(function)"
    case (let line?, nil): line
    case (nil, let function?): "in \(function)"
    case (nil, nil): "?"
    }
  }
}

/// The places of a trace, held in memory.
public final class SourcePlaces: Sendable {
  private struct Range {
    var place: Int64
    var address: Int64
    var size: Int64
    var text: String

    /// Whether it is of this address, and not only the last before it.
    func holds(_ address: Int64, _ program: Int64) -> Bool {
      TraceSchema.sourcePlace(program, UInt64(bitPattern: self.address)) == place
        && address &- self.address < size
    }
  }

  /// Twice as many as there are processes in a trace that can be read: each has a fork and an exec.
  private static let runsAtMost = 2 * TraceBounds.rows

  /// By `place`: the programs that a process ran, its functions, its lines.
  private let runs: [(place: Int64, program: Int64)]
  private let functions: [Range]
  private let lines: [Range]

  fileprivate init(_ db: Database) throws {
    var runs: [(place: Int64, program: Int64)] = []
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT place, program FROM program_run NOT INDEXED ORDER BY place LIMIT \(SourcePlaces.runsAtMost)
        """)
    while let row = try rows.next() {
      runs.append((try row.checked("place"), try row.checked("program")))
    }
    self.runs = runs
    // Without them nobody asks for the others.
    functions = runs.isEmpty ? [] : try SourcePlaces.ranges(db, "name", in: "symbol")
    lines =
      runs.isEmpty ? [] : try SourcePlaces.ranges(db, "file || ':' || line", in: "source_line")
  }

  private static func ranges(_ db: Database, _ text: String, in table: String) throws -> [Range] {
    var ranges: [Range] = []
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT place, address, size, \(text) AS text FROM \(table) NOT INDEXED
        \(table == "symbol" ? "WHERE kind = 'function'" : "") ORDER BY place
        """)
    while let row = try rows.next() {
      ranges.append(
        Range(
          place: try row.checked("place"), address: try row.checked("address"),
          size: try row.checked("size"), text: shownText(try row.checked("text"))))
    }
    return ranges
  }

  public var isEmpty: Bool { runs.isEmpty }

  /// Where a process was by its pc, at an event or after so many; nil where nothing says it.
  public func place(_ process: Int32, at sequence: Int64, _ pc: UInt64) -> SourcePlace? {
    guard
      let run = last(runs, upTo: TraceSchema.runPlace(process, sequence), \.place),
      run.place >> 32 == Int64(process), run.program > 0,
      let place = TraceSchema.sourcePlace(run.program, pc)
    else { return nil }
    func text(_ ranges: [Range]) -> String? {
      last(ranges, upTo: place, \.place).flatMap { range in
        range.holds(Int64(bitPattern: pc), run.program) ? range.text : nil
      }
    }
    let found = SourcePlace(function: text(functions), line: text(lines))
    return found.function == nil && found.line == nil ? nil : found
  }

  /// Where the process of an event was, if it is one of those that say.
  func place(of event: Event, _ sequence: Int64) -> SourcePlace? {
    if isEmpty { return nil }
    return event.pc.flatMap { place(event.process.raw, at: sequence, $0) }
  }

  private func last<Element>(_ all: [Element], upTo place: Int64, _ key: (Element) -> Int64)
    -> Element?
  {
    let count = all.partitioningIndex { key($0) > place }
    return count == 0 ? nil : all[count - 1]
  }
}

extension Event {
  /// Where its process was, if that is one of its columns.
  var pc: UInt64? {
    switch kind {
    case .fault: self[FaultEvent.pc]
    case .tick: self[TickEvent.pc]
    case .shmAccess: self[SharedAccessEvent.pc]
    default: nil
    }
  }
}

/// Reads them once.
final class HeldSourcePlaces: Sendable {
  private let held = Mutex<SourcePlaces?>(nil)

  func places(_ make: () throws -> SourcePlaces) rethrows -> SourcePlaces {
    if let places = held.withLock({ $0 }) { return places }
    let places = try make()
    held.withLock { $0 = places }
    return places
  }
}

/// What is known of the source of a program that was run.
public struct ProgramSource: Equatable, Sendable {
  /// The path by which it was first run, fit to be shown.
  public var path: String
  public var symbols: Int64
  public var lines: Int64
  /// Why some of it is missing; nil if nothing is.
  public var problem: String?
}

extension TraceReader {
  /// The programs that were run and may have symbols, in the order of their first runs.
  ///
  /// - Throws: `TraceError` if they cannot be read.
  public func programSources() throws(TraceError) -> [ProgramSource] {
    do {
      return try read { db in
        func count(_ table: String) -> String {
          "(SELECT count(*) FROM \(table) t WHERE t.place >= \(TraceSchema.places(of: "id")) "
            + "AND t.place < \(TraceSchema.places(of: "(id + 1)")))"
        }
        let rows = try Row.fetchAll(
          db,
          sql: """
            SELECT path, problem, \(count("symbol")) AS symbols, \(count("source_line")) AS lines
            FROM program WHERE id BETWEEN 1 AND \(TraceSchema.programsAtMost) ORDER BY id
            """)
        return try rows.map { row in
          ProgramSource(
            path: shownText(try row.checked("path")), symbols: try row.checked("symbols"),
            lines: try row.checked("lines"),
            problem: (try row.optional("problem") as String?).map(shownText))
        }
      }
    } catch {
      throw TraceError.from(error, at: path, while: "reading the programs")
    }
  }

  /// Where programs were in their source. Read when first asked for, which nobody may do while
  /// reading something else; what cannot be read is as if it were not there, for it only explains.
  public var sourcePlaces: SourcePlaces? {
    try? heldSources.places { try read { try SourcePlaces($0) } }
  }
}
