// JSON in UTF-8, read where it lies (RFC 8259): no tree is built. Whoever reads says what comes next, as in
// `try json.integer(…)`, and goes through an object's members one by one. What is not as expected
// ends the reading with an error that knows the place; line and column are counted only then.

/// A text of the program's own that is one word in memory, which a `StaticString` is not: a program has 24 KiB.
struct Phrase: ExpressibleByStringLiteral, @unchecked Sendable {
  let text: CString

  init(_ text: CString) { self.text = text }

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

  @inline(never)
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
    try begin(UInt8(ascii: "{"), expected)
  }

  /// Goes on to the next member and reads its key, cut to the capacity; false behind the last one.
  @inline(never)
  mutating func member(_ key: UnsafeMutablePointer<CChar>, capacity: Int) throws(JsonError) -> Bool
  {
    guard try another(until: UInt8(ascii: "}"), "a key", "a comma or }") else { return false }
    keyIndex = index
    _ = try string(key, capacity: capacity, "a key")
    try expect(UInt8(ascii: ":"), "a colon")
    return true
  }

  mutating func beginArray(_ expected: Phrase = "an array") throws(JsonError) {
    try begin(UInt8(ascii: "["), expected)
  }

  /// Goes on to the next element; false behind the last one.
  @inline(never)
  mutating func element() throws(JsonError) -> Bool {
    try another(until: UInt8(ascii: "]"), "a value", "a comma or ]")
  }

  @inline(never)  // a program has 24 KiB
  private mutating func begin(_ bracket: UInt8, _ expected: Phrase) throws(JsonError) {
    try expect(bracket, expected)
    depth += 1
    guard depth <= JsonReader.depthMax else { throw fail("no deeper nesting") }
    let bit: UInt64 = 1 << UInt64(depth)
    objects = bracket == UInt8(ascii: "{") ? objects | bit : objects & ~bit
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
  @inline(never)
  mutating func string(
    _ to: UnsafeMutablePointer<CChar>?, capacity: Int, _ expected: Phrase = "a text"
  ) throws(JsonError) -> Int {
    try expect(UInt8(ascii: "\""), expected)
    var length = 0
    if let expected = json_text(text, count, &index, to, capacity, &length) {
      throw fail(Phrase(expected))
    }
    return length
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
    var value = 0
    if let expected = json_number(text, count, &index, &value) { throw fail(Phrase(expected)) }
    return value == Int.min ? nil : value
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
      case UInt8(ascii: "{"), UInt8(ascii: "["): try begin(next, "")
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

  @inline(never)
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
    var line = 0
    var column = 0
    json_position(text, index, &line, &column)
    return (line, column)
  }

  /// Copies what stands at a place, cut to 24 bytes, to where there is room for 32.
  func copyFound(at index: Int, to found: UnsafeMutablePointer<CChar>) {
    json_found(text, count, index, found)
  }
}
