// A part of a file, read from its beginning to its end. Whatever would lie beyond is an error.

struct ByteReader {
  private let bytes: [UInt8]
  /// Where the next byte is, in the whole file.
  private(set) var position: Int
  let end: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    position = 0
    end = bytes.count
  }

  private init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  var count: Int { end - position }
  var isAtEnd: Bool { position == end }

  /// Some of what is left, as a reader of its own.
  func part(from offset: UInt64, count length: UInt64, of what: String) throws(SymbolsProblem)
    -> ByteReader
  {
    guard offset <= UInt64(count), length <= UInt64(count) - offset else {
      throw SymbolsProblem(
        "\(what) takes \(length) bytes from offset \(offset) on, of \(count) that there are")
    }
    let start = position + Int(offset)
    return ByteReader(bytes, start..<start + Int(length))
  }

  /// The next bytes, as a reader of its own, which are skipped here.
  mutating func take(_ length: UInt64, of what: String) throws(SymbolsProblem) -> ByteReader {
    let taken = try part(from: 0, count: length, of: what)
    position = taken.end
    return taken
  }

  /// An unsigned number of 1 to 8 bytes, little-endian.
  mutating func unsigned(_ size: Int) throws(SymbolsProblem) -> UInt64 {
    guard size <= count else { throw SymbolsProblem("it ends within a number") }
    var value: UInt64 = 0
    for index in 0..<size { value |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += size
    return value
  }

  mutating func byte() throws(SymbolsProblem) -> UInt8 {
    guard position < end else { throw SymbolsProblem("it ends within a number") }
    defer { position += 1 }
    return bytes[position]
  }

  /// An unsigned LEB128 number; bits beyond 64 are dropped.
  mutating func uleb() throws(SymbolsProblem) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      if shift < 64 { value |= UInt64(next & 0x7f) << shift }
      shift += 7
      if next & 0x80 == 0 { return value }
    }
  }

  /// A signed LEB128 number; bits beyond 64 are dropped.
  mutating func sleb() throws(SymbolsProblem) -> Int64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      if shift < 64 { value |= UInt64(next & 0x7f) << shift }
      shift += 7
      if next & 0x80 == 0 {
        if shift < 64, next & 0x40 != 0 { value |= ~0 << shift }
        return Int64(bitPattern: value)
      }
    }
  }

  /// The bytes up to the next 0, which is skipped.
  mutating func text() throws(SymbolsProblem) -> ArraySlice<UInt8> {
    let limit = min(end, position + ProgramSymbols.Limit.nameLength + 1)
    guard let zero = bytes[position..<limit].firstIndex(of: 0) else {
      throw SymbolsProblem(
        limit == end
          ? "a name has no end" : "a name is longer than \(ProgramSymbols.Limit.nameLength) bytes")
    }
    defer { position = zero + 1 }
    return bytes[position..<zero]
  }
}
