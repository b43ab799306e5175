// The sections of an ELF64 file, little-endian (ELF-64 object file format 1.5).

struct SectionTable {
  struct Section {
    var name: String
    var type: UInt64
    var flags: UInt64
    var address: UInt64
    var offset: UInt64
    var size: UInt64
    var link: Int

    var isCode: Bool { flags & 4 != 0 }
    /// Whether it has an address in the program.
    var isLoaded: Bool { flags & 2 != 0 }
  }

  static let symbols: UInt64 = 2
  private static let withoutBytes: UInt64 = 8
  private static let compressed: UInt64 = 0x800

  let file: ByteReader
  private(set) var sections: [Section] = []

  init(_ file: ByteReader) throws(SymbolsProblem) {
    self.file = file
    var header = file
    guard file.count >= 64, try header.unsigned(4) == 0x464c_457f, try header.byte() == 2,
      try header.byte() == 1
    else { throw SymbolsProblem("it is no ELF file of 64 bits, little-endian") }
    var fields = try file.part(from: 40, count: 24, of: "its header")
    let offset = try fields.unsigned(8)
    _ = try fields.unsigned(4 + 2 + 2 + 2)
    let entrySize = try fields.unsigned(2)
    let count = try fields.unsigned(2)
    let namesIndex = Int(try fields.unsigned(2))
    guard count > 0, offset > 0 else { throw SymbolsProblem("it has no sections") }
    guard entrySize >= 64 else {
      throw SymbolsProblem("its section headers have \(entrySize) bytes, expected 64")
    }
    var table = try file.part(from: offset, count: count * entrySize, of: "its table of sections")
    var names: [UInt64] = []
    for _ in 0..<count {
      var entry = try table.take(entrySize, of: "a section's header")
      names.append(try entry.unsigned(4))
      sections.append(
        Section(
          name: "", type: try entry.unsigned(4), flags: try entry.unsigned(8),
          address: try entry.unsigned(8), offset: try entry.unsigned(8),
          size: try entry.unsigned(8), link: Int(try entry.unsigned(4))))
    }
    guard sections.indices.contains(namesIndex) else {
      throw SymbolsProblem("its sections have no names")
    }
    let texts = try bytes(of: sections[namesIndex], "its section of names")
    for index in sections.indices where names[index] < UInt64(texts.count) {
      var name = try texts.part(
        from: names[index], count: UInt64(texts.count) - names[index], of: "a section's name")
      sections[index].name = String(decoding: try name.text(), as: UTF8.self)
    }
  }

  func bytes(of section: Section, _ what: String) throws(SymbolsProblem) -> ByteReader {
    guard section.type != SectionTable.withoutBytes else {
      throw SymbolsProblem("\(what) has no bytes")
    }
    guard section.flags & SectionTable.compressed == 0 else {
      throw SymbolsProblem("\(what) is compressed (link it without --compress-debug-sections)")
    }
    return try file.part(from: section.offset, count: section.size, of: what)
  }

  /// The bytes of the first section of this name; nil where there is none.
  func bytes(named name: String) throws(SymbolsProblem) -> ByteReader? {
    guard let section = sections.first(where: { $0.name == name }) else { return nil }
    return try bytes(of: section, name)
  }
}
