// sort: all lines of files, or of its input, in order of their bytes, or of keys in them. Everything is
// kept in memory, and lines that compare as equal stay in the order in which they came.

func run(_ arguments: Arguments) -> ExitStatus {
  var options = Options(arguments)
  let order = UnsafeMutablePointer<Order>.allocate(capacity: 1)
  order.initialize(to: Order())
  var target: CString?
  var checks = false
  while let letter = options.next(valued: "kot") {
    switch letter {
    case "k":
      guard let value = options.value, order.pointee.addKey(value) else { return usage() }
    case "t":
      guard let value = options.value, value[0] != 0, value[1] == 0 else { return usage() }
      order.pointee.separator = UInt8(bitPattern: value[0])
    case "o":
      guard let value = options.value else { return usage() }
      target = value
    case "c": checks = true
    case "u": order.pointee.isUnique = true
    case "s": order.pointee.isStable = true
    case "m": break  // what is in order already is sorted as quickly
    default:
      guard order.pointee.all.add(letter) else { return usage() }
    }
  }
  guard !checks || arguments.count - options.index <= 1 else { return usage() }
  order.pointee.settle()

  var text = KeptBytes()
  var index = options.index
  repeat {
    let path = index < arguments.count ? arguments[index] : ("-" as StaticString).path
    guard read(path, &text) else { return 2 }
    index += 1
  } while index < arguments.count
  guard var lines = Lines(text) else { return outOfMemory() }
  if checks {
    let path =
      options.index < arguments.count ? arguments[options.index] : ("-" as StaticString).path
    return check(lines, order, path)
  }
  guard lines.sort(order) else { return outOfMemory() }
  return write(lines, order, to: target)
}

func usage() -> ExitStatus {
  complain(
    """
    usage: sort [-bcdfimnrsu] [-t character] [-k field[.character][,field[.character]]] ... \
    [-o file] [file ...]\n
    """)
  return 2
}

func outOfMemory() -> ExitStatus {
  complain("sort: no memory for so many lines\n")
  return 2
}

/// Adds a file's lines, the last of which gets a newline if it has none.
func read(_ path: CString, _ text: inout KeptBytes) -> Bool {
  let isInput = path == "-"
  let descriptor = isInput ? 0 : open(path, O_RDONLY)
  guard descriptor >= 0 else {
    complain("sort: cannot open \(path)\n")
    return false
  }
  let before = text.count
  while true {
    let got = text.take(from: descriptor)
    if got > 0 { continue }
    if !isInput { _ = close(descriptor) }
    guard got == 0 else {
      if got == -1 { complain("sort: cannot read \(path)\n") } else { _ = outOfMemory() }
      return false
    }
    if text.count == before || text.bytes[text.count - 1] == UInt8(ascii: "\n") { return true }
    if text.append(UInt8(ascii: "\n")) { return true }
    _ = outOfMemory()
    return false
  }
}

func check(_ lines: Lines, _ order: UnsafePointer<Order>, _ path: CString) -> ExitStatus {
  for index in 1..<max(1, lines.count) {
    let difference = order.pointee.compare(lines[index - 1], lines[index])
    if difference < 0 || difference == 0 && !order.pointee.isUnique { continue }
    complain("sort: \(path):\(index + 1): not in order\n")
    return 1
  }
  return 0
}

func write(_ lines: Lines, _ order: UnsafePointer<Order>, to target: CString?) -> ExitStatus {
  var descriptor: CInt = 1
  if let target {
    descriptor = open(target, O_WRONLY | O_CREATE | O_TRUNC)
    guard descriptor >= 0 else {
      complain("sort: cannot make \(target)\n")
      return 2
    }
  }
  var output = OutputBytes(descriptor)
  for index in 0..<lines.count {
    let line = lines[index]
    if index > 0, order.pointee.isUnique, order.pointee.compare(lines[index - 1], line) == 0 {
      continue
    }
    output.put(line.start, line.count)
    output.put(UInt8(ascii: "\n"))
  }
  output.flush()
  if let target, output.hasFailed { complain("sort: cannot write \(target)\n") }
  return output.hasFailed ? 2 : 0
}

// MARK: - Lines

/// A line, or a part of one.
struct Line {
  var start: UnsafeMutablePointer<UInt8>
  var count: Int

  var isEmpty: Bool { count == 0 }

  mutating func dropFirst() {
    start += 1
    count -= 1
  }

  mutating func skipBlanks() {
    while count > 0, isBlank(CChar(bitPattern: start[0])) { dropFirst() }
  }
}

/// The lines of a text, and room to sort them.
struct Lines {
  private(set) var count = 0
  private var lines: UnsafeMutablePointer<Line>
  private var spare: UnsafeMutablePointer<Line>

  subscript(index: Int) -> Line { lines[index] }

  /// - Returns: nil if there is no memory.
  init?(_ text: KeptBytes) {
    for index in 0..<text.count where text.bytes[index] == UInt8(ascii: "\n") { count += 1 }
    guard let first = malloc(max(1, count) * MemoryLayout<Line>.stride),
      let second = malloc(max(1, count) * MemoryLayout<Line>.stride)
    else { return nil }
    lines = first.assumingMemoryBound(to: Line.self)
    spare = second.assumingMemoryBound(to: Line.self)
    var start = 0
    var number = 0
    for index in 0..<text.count where text.bytes[index] == UInt8(ascii: "\n") {
      lines[number] = Line(start: text.bytes + start, count: index - start)
      number += 1
      start = index + 1
    }
  }

  /// Merges runs of one line, of two, of four …
  mutating func sort(_ order: UnsafePointer<Order>) -> Bool {
    var run = 1
    while run < count {
      var from = 0
      while from < count {
        let middle = min(from + run, count)
        let end = min(middle + run, count)
        merge(from, middle, end, order)
        from = end
      }
      swap(&lines, &spare)
      run *= 2
    }
    return true
  }

  private func merge(_ from: Int, _ middle: Int, _ end: Int, _ order: UnsafePointer<Order>) {
    var left = from
    var right = middle
    for index in from..<end {
      let takesLeft =
        right == end || left < middle && order.pointee.compare(lines[left], lines[right]) <= 0
      spare[index] = lines[takesLeft ? left : right]
      if takesLeft { left += 1 } else { right += 1 }
    }
  }
}

// MARK: - Order

/// How bytes are compared.
struct Manner {
  var ignoresBlanks = false
  var isDictionary = false
  var isFolded = false
  var isPrintable = false
  var isNumber = false
  var isReverse = false
  /// Whether anything was said.
  var isGiven = false

  mutating func add(_ letter: CChar) -> Bool {
    switch letter {
    case "b": ignoresBlanks = true
    case "d": isDictionary = true
    case "f": isFolded = true
    case "i": isPrintable = true
    case "n": isNumber = true
    case "r": isReverse = true
    default: return false
    }
    isGiven = true
    return true
  }

  func compare(_ one: Line, _ other: Line) -> Int {
    let difference = isNumber ? compareNumbers(one, other) : compareBytes(one, other)
    return isReverse ? -difference : difference
  }

  private func compareBytes(_ one: Line, _ other: Line) -> Int {
    var one = one
    var other = other
    while true {
      let left = next(&one)
      let right = next(&other)
      if left != right { return left - right }
      if left < 0 { return 0 }
    }
  }

  /// The next byte that counts, as it counts; -1 at the end.
  private func next(_ line: inout Line) -> Int {
    while !line.isEmpty {
      var byte = line.start[0]
      line.dropFirst()
      let isLower = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
      let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
      let character = CChar(bitPattern: byte)
      if isDictionary, !isLower, !isUpper, !isDigit(character), !isBlank(character) { continue }
      if isPrintable, byte < 0x20 || byte >= 0x7f { continue }
      if isFolded, isLower { byte -= 0x20 }
      return Int(byte)
    }
    return -1
  }

  /// Compares the numbers at the beginnings: blanks, a minus, digits, and a point with digits. Without
  /// digits it is 0. They can have any length.
  private func compareNumbers(_ one: Line, _ other: Line) -> Int {
    var one = one
    var other = other
    let oneIsBelow = beginNumber(&one)
    let otherIsBelow = beginNumber(&other)
    let difference = compareSizes(one, other)
    guard oneIsBelow || otherIsBelow else { return difference }
    if oneIsBelow && otherIsBelow { return -difference }
    let isZero = isZero(one) && isZero(other)
    return isZero ? 0 : oneIsBelow ? -1 : 1
  }

  /// Goes to the first digit that is no zero, and says whether there is a minus in front.
  private func beginNumber(_ line: inout Line) -> Bool {
    line.skipBlanks()
    let isBelow = !line.isEmpty && line.start[0] == UInt8(ascii: "-")
    if isBelow { line.dropFirst() }
    while !line.isEmpty, line.start[0] == UInt8(ascii: "0") { line.dropFirst() }
    return isBelow
  }

  private func digits(_ line: Line) -> Int {
    var count = 0
    while count < line.count, isDigit(CChar(bitPattern: line.start[count])) { count += 1 }
    return count
  }

  private func compareSizes(_ one: Line, _ other: Line) -> Int {
    let left = digits(one)
    let right = digits(other)
    if left != right { return left - right }
    for index in 0..<left where one.start[index] != other.start[index] {
      return Int(one.start[index]) - Int(other.start[index])
    }
    var place = 0
    while true {
      let left = fraction(one, left, place)
      let right = fraction(other, right, place)
      if left != right { return max(left, 0) - max(right, 0) }
      if left < 0 { return 0 }
      place += 1
    }
  }

  /// A digit behind the point, -1 behind the last. (A 0 is as good as none.)
  private func fraction(_ line: Line, _ whole: Int, _ place: Int) -> Int {
    let index = whole + 1 + place
    guard index < line.count, line.start[whole] == UInt8(ascii: "."),
      digits(Line(start: line.start + (whole + 1), count: line.count - whole - 1)) > place
    else { return -1 }
    return Int(line.start[index] - UInt8(ascii: "0"))
  }

  private func isZero(_ line: Line) -> Bool {
    compareSizes(line, Line(start: line.start, count: 0)) == 0
  }
}

/// A part of a line that is compared: from a character of a field to one of another. Counted from 1; an
/// end of 0 is the line's, an end's character of 0 its field's.
struct Key {
  var field = 0
  var character = 1
  var endField = 0
  var endCharacter = 0
  var ignoresBlanksAtEnd = false
  var manner = Manner()
}

struct Order {
  private static var keyCapacity: Int { 8 }
  private let keys = UnsafeMutablePointer<Key>.allocate(capacity: Order.keyCapacity)
  private var keyCount = 0
  /// What holds for the line, and for keys that say nothing.
  var all = Manner()
  /// 0: blanks, which belong to the field behind them.
  var separator: UInt8 = 0
  var isUnique = false
  var isStable = false

  /// `2`, `2.3,4`, `1n,1`; false if it is no key, or one too many.
  mutating func addKey(_ text: CString) -> Bool {
    guard keyCount < Order.keyCapacity else { return false }
    var key = Key()
    var at = text
    guard Order.number(&at, &key.field), key.field > 0 else { return false }
    if at[0] == "." {
      at += 1
      guard Order.number(&at, &key.character), key.character > 0 else { return false }
    }
    while at[0] != 0, !(at[0] == ",") {
      guard key.manner.add(at[0]) else { return false }
      at += 1
    }
    if at[0] == "," {
      at += 1
      guard Order.number(&at, &key.endField), key.endField > 0 else { return false }
      if at[0] == "." {
        at += 1
        guard Order.number(&at, &key.endCharacter) else { return false }
      }
      while at[0] != 0 {
        if at[0] == "b" {
          key.ignoresBlanksAtEnd = true
          key.manner.isGiven = true
        } else if !key.manner.add(at[0]) {
          return false
        }
        at += 1
      }
    }
    (keys + keyCount).initialize(to: key)
    keyCount += 1
    return true
  }

  private static func number(_ at: inout CString, _ number: inout Int) -> Bool {
    guard isDigit(at[0]) else { return false }
    number = 0
    while isDigit(at[0]) {
      number = min(number * 10 + Int(at[0] - CChar(ascii: "0")), 1 << 30)
      at += 1
    }
    return true
  }

  /// Gives what holds for all to the keys that say nothing.
  mutating func settle() {
    for index in 0..<keyCount where !keys[index].manner.isGiven {
      keys[index].manner = all
      keys[index].ignoresBlanksAtEnd = all.ignoresBlanks
    }
  }

  func compare(_ one: Line, _ other: Line) -> Int {
    for index in 0..<keyCount {
      let key = keys[index]
      let difference = key.manner.compare(part(key, of: one), part(key, of: other))
      if difference != 0 { return difference }
    }
    if keyCount == 0 {
      var one = one
      var other = other
      if all.ignoresBlanks {
        one.skipBlanks()
        other.skipBlanks()
      }
      let difference = all.compare(one, other)
      if difference != 0 { return difference }
    }
    if isUnique || isStable { return 0 }
    var bytes = Manner()
    bytes.isReverse = all.isReverse
    return bytes.compare(one, other)
  }

  private func part(_ key: Key, of line: Line) -> Line {
    var start = fieldStart(key.field, line)
    if key.manner.ignoresBlanks { start = skipBlanks(start, line) }
    start = min(line.count, start + key.character - 1)
    guard key.endField > 0 else {
      return Line(start: line.start + start, count: line.count - start)
    }
    var end: Int
    if key.endCharacter == 0 {
      end = fieldEnd(fieldStart(key.endField, line), line)
    } else {
      end = fieldStart(key.endField, line)
      if key.ignoresBlanksAtEnd { end = skipBlanks(end, line) }
      end = min(line.count, end + key.endCharacter)
    }
    return Line(start: line.start + start, count: max(0, end - start))
  }

  private func fieldStart(_ number: Int, _ line: Line) -> Int {
    var at = 0
    var field = 1
    while field < number, at < line.count {
      at = fieldEnd(at, line)
      if separator != 0, at < line.count { at += 1 }
      field += 1
    }
    return at
  }

  /// Where a field ends that begins there.
  private func fieldEnd(_ start: Int, _ line: Line) -> Int {
    var at = start
    if separator != 0 {
      while at < line.count, line.start[at] != separator { at += 1 }
      return at
    }
    at = skipBlanks(at, line)
    while at < line.count, !isBlank(CChar(bitPattern: line.start[at])) { at += 1 }
    return at
  }

  private func skipBlanks(_ start: Int, _ line: Line) -> Int {
    var at = start
    while at < line.count, isBlank(CChar(bitPattern: line.start[at])) { at += 1 }
    return at
  }
}
