// `.debug_line`: the programs of DWARF 2 to 5 (section 6.2) that say which line each instruction came
// from. A linked program's need no relocation; RISC-V's linkers have already written what relaxation
// left of `DW_LNS_fixed_advance_pc`.
//
// A row holds from its address up to the next row's. Every operation takes a byte at least, so a
// program is read in time that its size bounds.

struct LineTable {
  /// A row of a sequence, as the state machine makes it.
  private struct Row {
    var address: UInt64
    var file: Int
    var line: Int64
  }

  private(set) var files: [String] = []
  private var rows: [Row] = []
  /// Where each sequence begins in `rows`, and the address at which its last row ends.
  private var spans: [(rows: Range<Int>, end: UInt64)] = []
  private var indices: [String: Int] = [:]
  private var budget: NameBudget
  private let sections: SectionTable

  init(_ sections: SectionTable, _ budget: NameBudget) {
    self.sections = sections
    self.budget = budget
  }

  /// Reads all units. What was read before an error stays.
  ///
  /// - Returns: whether there is one.
  mutating func read() throws(SymbolsProblem) -> Bool {
    guard var section = try sections.bytes(named: ".debug_line"), !section.isAtEnd else {
      return false
    }
    let start = section.position
    let texts = LineHeader.Texts(
      line: try sections.bytes(named: ".debug_line_str"),
      other: try sections.bytes(named: ".debug_str"))
    while !section.isAtEnd {
      let offset = section.position - start
      do throws(SymbolsProblem) {
        var length = try section.unsigned(4)
        let isWide = length == 0xffff_ffff
        if isWide { length = try section.unsigned(8) }
        var unit = try section.take(length, of: "the unit")
        var header = try LineHeader(&unit, isWide: isWide, texts)
        try run(&unit, &header)
      } catch {
        throw SymbolsProblem("its line table, at \(offset): \(error)")
      }
    }
    return true
  }

  // MARK: The state machine

  private enum Standard {
    static let copy: UInt8 = 1
    static let advancePC: UInt8 = 2
    static let advanceLine: UInt8 = 3
    static let setFile: UInt8 = 4
    static let constantAddPC: UInt8 = 8
    static let fixedAdvancePC: UInt8 = 9
  }

  private enum Extended {
    static let endSequence: UInt8 = 1
    static let setAddress: UInt8 = 2
    static let defineFile: UInt8 = 3
  }

  private mutating func run(_ unit: inout ByteReader, _ header: inout LineHeader)
    throws(SymbolsProblem)
  {
    var address: UInt64 = 0
    var file: UInt64 = 1
    var line: Int64 = 1
    var first = rows.count
    func advance(_ operations: UInt64) {
      address &+= operations &* UInt64(header.instructionLength)
    }
    while !unit.isAtEnd {
      let operation = try unit.byte()
      if operation >= header.firstSpecial {
        let adjusted = operation - header.firstSpecial
        advance(UInt64(adjusted / header.lineRange))
        line &+= Int64(header.lineBase) + Int64(adjusted % header.lineRange)
        try append(address, file, line, &header)
        continue
      }
      switch operation {
      case 0:
        var body = try unit.take(try unit.uleb(), of: "an extended operation")
        guard !body.isAtEnd else { break }
        switch try body.byte() {
        case Extended.endSequence:
          if rows.count > first { spans.append((first..<rows.count, address)) }
          first = rows.count
          (address, file, line) = (0, 1, 1)
        case Extended.setAddress: address = try body.unsigned(min(8, body.count))
        case Extended.defineFile: try header.define(&body)
        default: break
        }
      case Standard.copy: try append(address, file, line, &header)
      case Standard.advancePC: advance(try unit.uleb())
      case Standard.advanceLine: line &+= try unit.sleb()
      case Standard.setFile: file = try unit.uleb()
      case Standard.constantAddPC: advance(UInt64((255 - header.firstSpecial) / header.lineRange))
      case Standard.fixedAdvancePC: address &+= try unit.unsigned(2)
      default:
        for _ in 0..<header.operands[Int(operation) - 1] { _ = try unit.uleb() }
      }
    }
    // A sequence without an end has no last address.
    rows.removeLast(rows.count - first)
  }

  private mutating func append(
    _ address: UInt64, _ file: UInt64, _ line: Int64, _ header: inout LineHeader
  ) throws(SymbolsProblem) {
    guard rows.count < ProgramSymbols.Limit.lines else {
      throw SymbolsProblem("it has more than \(ProgramSymbols.Limit.lines) rows")
    }
    rows.append(Row(address: address, file: try index(of: file, &header), line: line))
  }

  /// The index in `files`; -1 for a file that the unit does not name.
  private mutating func index(of number: UInt64, _ header: inout LineHeader)
    throws(SymbolsProblem) -> Int
  {
    guard let place = header.place(of: number) else { return -1 }
    if header.files[place].index == nil {
      let path = header.path(of: place)
      if let known = indices[path] {
        header.files[place].index = known
      } else {
        guard files.count < ProgramSymbols.Limit.files else {
          throw SymbolsProblem("it names more than \(ProgramSymbols.Limit.files) source files")
        }
        try budget.take(path.utf8.count)
        indices[path] = files.count
        header.files[place].index = files.count
        files.append(path)
      }
    }
    return header.files[place].index ?? -1
  }

  // MARK: What holds where

  /// The rows as ranges in order, neighbours of one line as one. Line 0 is no line.
  func ranges(_ symbols: [Symbol]) -> [SourceLine] {
    var ranges: [SourceLine] = []
    for span in live(symbols) {
      for index in span.rows {
        let row = rows[index]
        let next = index + 1 < span.rows.upperBound ? rows[index + 1].address : span.end
        guard next > row.address, row.file >= 0, row.line > 0 else { continue }
        ranges.append(
          SourceLine(
            address: row.address, size: next - row.address, file: row.file, line: row.line))
      }
    }
    ranges.sort { $0.address < $1.address }
    return merged(ranges)
  }

  /// The sequences of code that is in the program. Linkers leave those of functions that they dropped,
  /// and let them begin at 0. Where the program begins there too, its own ends where a symbol does.
  private func live(_ symbols: [Symbol]) -> [(rows: Range<Int>, end: UInt64)] {
    var hasFirst = false
    return spans.filter { span in
      guard rows[span.rows.lowerBound].address == 0 else { return true }
      guard !hasFirst, let last = symbols.last(upTo: span.end &- 1, by: \.address),
        last.address &+ last.size == span.end
          || symbols.last(upTo: span.end, by: \.address)?.address == span.end
      else { return false }
      hasFirst = true
      return true
    }
  }

  private func merged(_ ranges: [SourceLine]) -> [SourceLine] {
    var merged: [SourceLine] = []
    var end: UInt64 = 0
    for var range in ranges {
      // Where two claim an instruction, the earlier one has it.
      let rangeEnd = range.address + range.size
      guard rangeEnd > end else { continue }
      if range.address < end {
        range.size = rangeEnd - end
        range.address = end
      }
      end = rangeEnd
      if let last = merged.last, last.address + last.size == range.address,
        last.file == range.file, last.line == range.line
      {
        merged[merged.count - 1].size += range.size
      } else {
        merged.append(range)
      }
    }
    return merged
  }
}
