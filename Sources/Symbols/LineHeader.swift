// What stands before a line program: how its operations are encoded, and its folders and files (DWARF
// 4 and 5, section 6.2.4).

struct LineHeader {
  /// The sections that names can be in.
  struct Texts {
    var line: ByteReader?
    var other: ByteReader?
  }

  struct File {
    var name: ArraySlice<UInt8>
    var folder: UInt64
    /// Its index among all files of the program, when a row has named it.
    var index: Int?
  }

  private let version: UInt64
  let instructionLength: UInt8
  let lineBase: Int8
  let lineRange: UInt8
  /// The first operation that is a special one.
  let firstSpecial: UInt8
  /// How many operands each standard operation has, from 1 on.
  private(set) var operands: [UInt8] = []
  private var folders: [ArraySlice<UInt8>] = []
  var files: [File] = []

  init(_ unit: inout ByteReader, isWide: Bool, _ texts: Texts) throws(SymbolsProblem) {
    version = try unit.unsigned(2)
    guard (2...5).contains(version) else {
      throw SymbolsProblem("it is of DWARF version \(version), expected 2 to 5")
    }
    if version >= 5 { _ = try unit.unsigned(2) }
    let length = try unit.unsigned(isWide ? 8 : 4)
    var header = try unit.take(length, of: "its header")
    instructionLength = try header.byte()
    if version >= 4 { _ = try header.byte() }
    _ = try header.byte()
    lineBase = Int8(bitPattern: try header.byte())
    lineRange = try header.byte()
    firstSpecial = try header.byte()
    guard lineRange > 0, firstSpecial > 0 else {
      throw SymbolsProblem(
        "its special operations begin at \(firstSpecial) and have \(lineRange) lines, expected 1 each"
      )
    }
    for _ in 1..<firstSpecial { operands.append(try header.byte()) }
    if version >= 5 {
      folders = try LineHeader.entries(&header, isWide, texts).map(\.name)
      files = try LineHeader.entries(&header, isWide, texts)
    } else {
      while true {
        let folder = try header.text()
        guard !folder.isEmpty else { break }
        folders.append(folder)
      }
      while try define(&header) {}
    }
  }

  /// Adds a file as version 4 describes it; false for the empty name that ends a list of them.
  @discardableResult
  mutating func define(_ reader: inout ByteReader) throws(SymbolsProblem) -> Bool {
    let name = try reader.text()
    guard !name.isEmpty else { return false }
    let folder = try reader.uleb()
    _ = try reader.uleb()
    _ = try reader.uleb()
    files.append(File(name: name, folder: folder))
    return true
  }

  /// Where a file is in `files`.
  func place(of number: UInt64) -> Int? {
    let place = version >= 5 ? number : number &- 1
    return place < UInt64(files.count) ? Int(place) : nil
  }

  /// A file as it was named to the compiler: without the folder that this ran in.
  func path(of place: Int) -> String {
    let file = files[place]
    let name = String(decoding: file.name, as: UTF8.self)
    guard file.folder > 0, file.name.first != UInt8(ascii: "/") else { return name }
    let folder = version >= 5 ? file.folder : file.folder - 1
    guard folder < UInt64(folders.count), !folders[Int(folder)].isEmpty else { return name }
    return String(decoding: folders[Int(folder)], as: UTF8.self) + "/" + name
  }

  // MARK: Version 5

  private enum Content {
    static let path: UInt64 = 1
    static let folder: UInt64 = 2
  }

  private static func entries(_ header: inout ByteReader, _ isWide: Bool, _ texts: Texts)
    throws(SymbolsProblem) -> [File]
  {
    var formats: [(content: UInt64, form: UInt64)] = []
    for _ in 0..<(try header.byte()) {
      formats.append((try header.uleb(), try header.uleb()))
    }
    let count = try header.uleb()
    // Each entry takes a byte at least, so a count beyond that is no more than a wrong number.
    guard count == 0 || !formats.isEmpty, count <= UInt64(header.count) else {
      throw SymbolsProblem("it has \(count) files or folders in \(header.count) bytes")
    }
    var files: [File] = []
    for _ in 0..<count {
      var file = File(name: [], folder: 0)
      for format in formats {
        switch format.content {
        case Content.path: file.name = try text(&header, format.form, isWide, texts)
        case Content.folder: file.folder = try number(&header, format.form, isWide)
        default: _ = try number(&header, format.form, isWide)
        }
      }
      files.append(file)
    }
    return files
  }

  /// DWARF 5, section 7.5.6.
  private enum Form {
    static let data2: UInt64 = 0x05
    static let data4: UInt64 = 0x06
    static let data8: UInt64 = 0x07
    static let string: UInt64 = 0x08
    static let block: UInt64 = 0x09
    static let data1: UInt64 = 0x0b
    static let text: UInt64 = 0x0e
    static let udata: UInt64 = 0x0f
    static let data16: UInt64 = 0x1e
    static let lineText: UInt64 = 0x1f
  }

  private static func text(
    _ header: inout ByteReader, _ form: UInt64, _ isWide: Bool, _ texts: Texts
  ) throws(SymbolsProblem) -> ArraySlice<UInt8> {
    let section: ByteReader?
    switch form {
    case Form.string: return try header.text()
    case Form.lineText: section = texts.line
    case Form.text: section = texts.other
    default: throw SymbolsProblem("a name has form \(form), expected 8, 14 or 31")
    }
    let offset = try header.unsigned(isWide ? 8 : 4)
    guard let section, offset < UInt64(section.count) else {
      throw SymbolsProblem("a name is at \(offset) of its section, behind the end")
    }
    var place = try section.part(
      from: offset, count: UInt64(section.count) - offset, of: "a name")
    return try place.text()
  }

  /// A number; 0 for what is none and is skipped.
  private static func number(_ header: inout ByteReader, _ form: UInt64, _ isWide: Bool)
    throws(SymbolsProblem) -> UInt64
  {
    switch form {
    case Form.data1: return try header.unsigned(1)
    case Form.data2: return try header.unsigned(2)
    case Form.data4: return try header.unsigned(4)
    case Form.data8: return try header.unsigned(8)
    case Form.udata: return try header.uleb()
    case Form.data16: _ = try header.take(16, of: "a digest")
    case Form.block: _ = try header.take(try header.uleb(), of: "a block")
    case Form.string: _ = try header.text()
    case Form.lineText, Form.text: _ = try header.unsigned(isWide ? 8 : 4)
    default: throw SymbolsProblem("a file has form \(form), which is unknown")
    }
    return 0
  }
}
