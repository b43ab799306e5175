// JSON in UTF-8, read where it lies (RFC 8259): no tree is built. Whoever reads says what comes next, as in
// `try json.integer(…)`, and goes through an object's members one by one. What is not as expected
// ends the reading with an error that knows the place; line and column are counted only then.

/// A text of the program's own that is one word in memory, which a `StaticString` is not: a program has 24 KiB.
struct Phrase: ExpressibleByStringLiteral, @unchecked Sendable {
  let text: CString

  @inline(__always)
  init(stringLiteral text: StaticString) {
    self.text = UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
  }
}

/// What was expected, and where something else was found.
struct JsonError: Error {
  var index: Int
  var expected: Phrase
}

/// Reads values from a text, one after another.
struct JsonReader {
  let text: UnsafePointer<UInt8>
  let count: Int
  /// The place of the next byte.
  private(set) var index = 0
  /// Where the key of the last member stands.
  private(set) var keyIndex = 0
  /// How many objects and arrays are around.
  private(set) var depth = 0
  /// Which of the values around are objects: a bit for each depth.
  private var objects: UInt64 = 0
  /// Whether an object or an array has just begun.
  private var isFirst = false

  /// How deep objects and arrays may be nested.
  static var depthMax: Int { 32 }

  /// - Parameter index: where a value begins, or a key.
  init(_ text: UnsafePointer<UInt8>, _ count: Int, at index: Int = 0) {
    self.text = text
    self.count = count
    self.index = index
  }

  /// The next byte; 0, which no JSON has, at the end.
  private var next: UInt8 { index < count ? text[index] : 0 }

  /// Skips blanks and returns the byte with which a value, or whatever follows, begins.
  @inline(never)  // many call it: in line, it would double the reader
  mutating func peek() -> UInt8 {
    while next == UInt8(ascii: " ") || next >= 9 && next <= 13 && next != 11 && next != 12 {
      index += 1
    }
    return next
  }

  private func fail(_ expected: Phrase) -> JsonError {
    JsonError(index: index, expected: expected)
  }

  private mutating func expect(_ byte: UInt8, _ expected: Phrase) throws(JsonError) {
    guard peek() == byte else { throw fail(expected) }
    index += 1
  }

  /// Expects nothing more.
  mutating func end() throws(JsonError) {
    _ = peek()
    guard index == count else { throw fail("the end") }
  }
}

// MARK: - Objects and arrays

extension JsonReader {
  mutating func beginObject(_ expected: Phrase = "an object") throws(JsonError) {
    try expect(UInt8(ascii: "{"), expected)
    try descend()
    objects |= 1 << UInt64(depth)
  }

  /// Goes on to the next member and reads its key, cut to the capacity; false behind the last one.
  mutating func member(_ key: UnsafeMutablePointer<CChar>, capacity: Int) throws(JsonError) -> Bool
  {
    guard try another(until: UInt8(ascii: "}"), "a key", "a comma or }") else { return false }
    keyIndex = index
    _ = try string(key, capacity: capacity, "a key")
    try expect(UInt8(ascii: ":"), "a colon")
    return true
  }

  mutating func beginArray(_ expected: Phrase = "an array") throws(JsonError) {
    try expect(UInt8(ascii: "["), expected)
    try descend()
    objects &= ~(1 << UInt64(depth))
  }

  /// Goes on to the next element; false behind the last one.
  mutating func element() throws(JsonError) -> Bool {
    try another(until: UInt8(ascii: "]"), "a value", "a comma or ]")
  }

  private mutating func descend() throws(JsonError) {
    depth += 1
    guard depth <= JsonReader.depthMax else { throw fail("no deeper nesting") }
    isFirst = true
  }

  private mutating func another(
    until close: UInt8, _ item: Phrase, _ comma: Phrase
  ) throws(JsonError) -> Bool {
    if peek() == close {
      index += 1
      depth -= 1
      isFirst = false
      return false
    }
    if !isFirst {
      try expect(UInt8(ascii: ","), comma)
      if peek() == close { throw fail(item) }
    }
    isFirst = false
    return true
  }
}

// MARK: - Texts and numbers

extension JsonReader {
  /// Reads a text, its escapes resolved, as UTF-8 with a NUL at its end, cut to the capacity.
  ///
  /// - Parameter to: nil to skip it.
  /// - Returns: how long the whole text is.
  mutating func string(
    _ to: UnsafeMutablePointer<CChar>?, capacity: Int, _ expected: Phrase = "a text"
  ) throws(JsonError) -> Int {
    try expect(UInt8(ascii: "\""), expected)
    var length = 0
    @inline(never) func put(_ byte: UInt8) {
      if let to, length < capacity - 1 { to[length] = CChar(bitPattern: byte) }
      length += 1
    }
    while next != UInt8(ascii: "\"") {
      guard next >= 32 else { throw fail("the end of the text") }
      if next != UInt8(ascii: "\\") {
        let length = character_length(text + index, count - index)
        guard length > 0 else { throw fail("UTF-8") }
        for _ in 0..<length {
          put(next)
          index += 1
        }
        continue
      }
      index += 1
      let escape = next
      if escape == UInt8(ascii: "u") {
        let scalar = try unicode()
        guard scalar != 0 else {
          index -= 4
          throw fail("no NUL in a text")
        }
        if scalar < 0x80 {
          put(UInt8(scalar))
        } else {
          let tail = scalar < 0x800 ? 1 : scalar < 0x1_0000 ? 2 : 3
          let marks: UInt32 = tail == 1 ? 0xc0 : tail == 2 ? 0xe0 : 0xf0
          put(UInt8(truncatingIfNeeded: marks | scalar >> UInt32(6 * tail)))
          for part in 1...tail {
            put(UInt8(truncatingIfNeeded: 0x80 | scalar >> UInt32(6 * (tail - part)) & 0x3f))
          }
        }
        continue
      }
      switch escape {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): put(escape)
      case UInt8(ascii: "b"): put(8)
      case UInt8(ascii: "f"): put(12)
      case UInt8(ascii: "n"): put(10)
      case UInt8(ascii: "r"): put(13)
      case UInt8(ascii: "t"): put(9)
      default: throw fail("an escape")
      }
      index += 1
    }
    index += 1
    if let to { to[min(length, capacity - 1)] = 0 }
    return length
  }

  /// A scalar value as `uXXXX`, or as two halves `uXXXX\uXXXX`.
  private mutating func unicode() throws(JsonError) -> UInt32 {
    let start = index
    let first = try fourDigits()
    guard first & 0xf800 == 0xd800 else { return first }
    if first < 0xdc00, next == UInt8(ascii: "\\"), index + 1 < count,
      text[index + 1] == UInt8(ascii: "u")
    {
      index += 1
      let second = try fourDigits()
      if second & 0xfc00 == 0xdc00 {
        return 0x1_0000 + (first & 0x3ff) << 10 + second & 0x3ff
      }
    }
    index = start
    throw fail("both halves of a pair")
  }

  private mutating func fourDigits() throws(JsonError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      index += 1
      let digit = next
      let letter = digit | 0x20
      if digit &- UInt8(ascii: "0") < 10 {
        value = value << 4 | UInt32(digit &- UInt8(ascii: "0"))
      } else if letter &- UInt8(ascii: "a") < 6 {
        value = value << 4 | UInt32(letter &- UInt8(ascii: "a") + 10)
      } else {
        throw fail("four hexadecimal digits")
      }
    }
    index += 1
    return value
  }

  /// Reads a number that must be whole and in range.
  mutating func integer(_ range: ClosedRange<Int>, _ expected: Phrase) throws(JsonError)
    -> Int
  {
    let first = peek()
    let start = index
    guard first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") < 10 else {
      throw fail(expected)
    }
    guard let value = try number(), range.contains(value) else {
      throw JsonError(index: start, expected: expected)
    }
    return value
  }

  /// Reads a number of any form; nil if it has a fraction or an exponent, or is beyond 18 digits.
  private mutating func number() throws(JsonError) -> Int? {
    let isNegative = next == UInt8(ascii: "-")
    if isNegative { index += 1 }
    var value: Int? = 0
    let leading = next
    let digits = try skipDigits { value = $0 < 18 ? value.unsafelyUnwrapped * 10 + $1 : nil }
    if digits > 1, leading == UInt8(ascii: "0") {
      index -= digits - 1
      throw fail("no digit after a leading 0")
    }
    if next == UInt8(ascii: ".") {
      index += 1
      value = nil
      _ = try skipDigits { _, _ in }
    }
    if next | 0x20 == UInt8(ascii: "e") {
      index += 1
      value = nil
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { index += 1 }
      _ = try skipDigits { _, _ in }
    }
    return isNegative ? value.map { -$0 } : value
  }

  /// Goes over at least one digit; tells of each how many were before, and its value.
  private mutating func skipDigits(_ body: (Int, Int) -> Void) throws(JsonError) -> Int {
    let start = index
    while next &- UInt8(ascii: "0") < 10 {
      body(index - start, Int(next &- UInt8(ascii: "0")))
      index += 1
    }
    guard index > start else { throw fail("a digit") }
    return index - start
  }

  /// Reads `true` or `false`.
  mutating func boolean() throws(JsonError) -> Bool {
    let isTrue = peek() == UInt8(ascii: "t")
    guard isTrue || next == UInt8(ascii: "f") else { throw fail("true or false") }
    try word(isTrue ? "true" : "false")
    return isTrue
  }

  /// Goes over a value of any kind, with whatever is in it. (A loop: the stack is a page.)
  mutating func skipValue() throws(JsonError) {
    let outer = depth
    repeat {
      switch peek() {
      case UInt8(ascii: "{"): try beginObject()
      case UInt8(ascii: "["): try beginArray()
      case UInt8(ascii: "\""): _ = try string(nil, capacity: 0)
      case UInt8(ascii: "t"): try word("true")
      case UInt8(ascii: "f"): try word("false")
      case UInt8(ascii: "n"): try word("null")
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = try number()
      default: throw fail("a value")
      }
      while depth > outer, try !another() {}
    } while depth > outer
  }

  /// Goes on to the next value of the innermost object or array; false behind its last one.
  private mutating func another() throws(JsonError) -> Bool {
    guard objects >> UInt64(depth) & 1 == 1 else { return try element() }
    var key: CChar = 0
    return try member(&key, capacity: 1)
  }

  private mutating func word(_ word: StaticString) throws(JsonError) {
    let length = word.utf8CodeUnitCount
    guard count - index >= length, memcmp(text + index, word.utf8Start, length) == 0 else {
      throw fail("a value")
    }
    index += length
  }
}

// MARK: - Telling what was found

extension JsonReader {
  /// The line and the column of a place, both from 1. A column is a character.
  func position(of index: Int) -> (line: Int, column: Int) {
    var line = 1
    var column = 1
    for at in 0..<index {
      if text[at] == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if text[at] & 0xc0 != 0x80 {
        column += 1
      }
    }
    return (line, column)
  }

  /// Copies what stands at a place, cut to 24 bytes, to where there is room for 32.
  func copyFound(at index: Int, to found: UnsafeMutablePointer<CChar>) {
    var length = 0
    func put(_ byte: UInt8) {
      found[length] = CChar(bitPattern: byte)
      length += 1
    }
    if index >= count {
      strcpy(found, ("the end" as StaticString).path)
      return
    }
    let first = text[index]
    if first < 32 {
      strcpy(found, ("a control character" as StaticString).path)
      return
    }
    if character_length(text + index, count - index) == 0 {
      strcpy(found, ("a byte that is none" as StaticString).path)
      return
    }
    put(first)
    var at = index + 1
    let isText = first == UInt8(ascii: "\"")
    while at < count, length < 24, text[at] >= 32,
      isText || isWordByte(text[at]) && isWordByte(first)
    {
      put(text[at])
      at += 1
      if isText, text[at - 1] == first { break }
    }
    found[length] = 0
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
      || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
      || byte >= 0x80
  }
}
