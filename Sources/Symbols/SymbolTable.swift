// `.symtab`: which function or object lies where. Linkers and assemblers put more into it: names of
// files and sections, local labels, and RISC-V's marks of where code begins; those are left out.

enum SymbolTable {
  private static let entrySize = 24
  /// Types of symbols.
  private enum Sort {
    static let label: UInt8 = 0
    static let object: UInt8 = 1
    static let function: UInt8 = 2
  }

  private struct Candidate {
    var symbol: Symbol
    /// Where its section ends.
    var limit: UInt64
    /// Of two at one address, the one with the larger rank is kept.
    var rank: Int
  }

  static func read(_ sections: SectionTable, _ budget: inout NameBudget) throws(SymbolsProblem)
    -> [Symbol]
  {
    guard let section = sections.sections.first(where: { $0.type == SectionTable.symbols }) else {
      return []
    }
    var table = try sections.bytes(of: section, "its symbol table")
    guard sections.sections.indices.contains(section.link) else {
      throw SymbolsProblem("its symbol table has no names")
    }
    let texts = try sections.bytes(of: sections.sections[section.link], "its names of symbols")
    var found: [Candidate] = []
    while table.count >= entrySize {
      guard var candidate = try candidate(&table, sections, texts) else { continue }
      guard !isMark(candidate.symbol.name) else { continue }
      guard found.count < ProgramSymbols.Limit.symbols else {
        throw SymbolsProblem("it has more than \(ProgramSymbols.Limit.symbols) symbols")
      }
      try budget.take(candidate.symbol.name.utf8.count)
      if candidate.symbol.size > candidate.limit - candidate.symbol.address {
        candidate.symbol.size = candidate.limit - candidate.symbol.address
      }
      found.append(candidate)
    }
    return distinct(found)
  }

  private static func candidate(
    _ table: inout ByteReader, _ sections: SectionTable, _ texts: ByteReader
  ) throws(SymbolsProblem) -> Candidate? {
    let nameOffset = try table.unsigned(4)
    let info = try table.byte()
    _ = try table.byte()
    let index = Int(try table.unsigned(2))
    let address = try table.unsigned(8)
    let size = try table.unsigned(8)
    let sort = info & 0xf
    guard index > 0, sections.sections.indices.contains(index), nameOffset > 0,
      nameOffset < UInt64(texts.count)
    else { return nil }
    let section = sections.sections[index]
    let end = section.address.addingReportingOverflow(section.size)
    guard section.isLoaded, !end.overflow, address >= section.address, address < end.partialValue
    else { return nil }
    let kind: Symbol.Kind
    switch sort {
    case Sort.function: kind = .function
    case Sort.object: kind = .object
    case Sort.label where section.isCode: kind = .function
    default: return nil
    }
    var name = try texts.part(
      from: nameOffset, count: UInt64(texts.count) - nameOffset, of: "a symbol's name")
    let isGlobal = info >> 4 != 0
    return Candidate(
      symbol: Symbol(
        address: address, size: size, name: String(decoding: try name.text(), as: UTF8.self),
        kind: kind),
      limit: end.partialValue,
      rank: (sort == Sort.label ? 0 : 4) + (size > 0 ? 2 : 0) + (isGlobal ? 1 : 0))
  }

  /// `$x` and `$d` mark code and data, `.L` begins a compiler's local labels.
  private static func isMark(_ name: String) -> Bool {
    name.isEmpty || name.utf8.first == UInt8(ascii: "$") || name.utf8.starts(with: ".L".utf8)
  }

  /// One symbol an address, in order; of several that are as good the last in the table, as LLVM has it. A label gets
  /// the room up to what follows.
  private static func distinct(_ found: [Candidate]) -> [Symbol] {
    let sorted = found.enumerated().sorted {
      ($0.element.symbol.address, -$0.element.rank, -$0.offset)
        < ($1.element.symbol.address, -$1.element.rank, -$1.offset)
    }
    var kept: [Candidate] = []
    for (_, candidate) in sorted where kept.last?.symbol.address != candidate.symbol.address {
      kept.append(candidate)
    }
    return kept.indices.map { index in
      var symbol = kept[index].symbol
      let next = index + 1 < kept.count ? kept[index + 1].symbol.address : kept[index].limit
      if symbol.size == 0 { symbol.size = min(next, kept[index].limit) - symbol.address }
      return symbol
    }
  }
}
