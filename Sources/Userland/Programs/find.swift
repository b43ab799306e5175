// find: goes through trees of files and does for each file what an expression says, in which `-a` (or
// nothing) goes before `-o`, and what no longer decides anything is not done.

func run(_ arguments: Arguments) -> ExitStatus {
  let expression = UnsafeMutablePointer<Expression>.allocate(capacity: 1)
  expression.initialize(to: Expression(arguments: arguments))
  var pathCount = 0
  while pathCount + 1 < arguments.count, !Expression.begins(arguments[pathCount + 1]) {
    pathCount += 1
  }
  guard expression.pointee.check(from: pathCount + 1) else { return 1 }
  var status: ExitStatus = 0
  var index = 0
  repeat {
    let path = pathCount > 0 ? arguments[index + 1] : ("." as StaticString).path
    if !search(path, expression) { status = 1 }
    index += 1
  } while index < pathCount
  expression.pointee.output.flush()
  return status
}

func search(_ path: CString, _ expression: UnsafeMutablePointer<Expression>) -> Bool {
  guard var walk = Walk(path, "find") else { return false }
  while let visit = walk.next() {
    let isFirst = visit == (expression.pointee.isDepthFirst ? .left : .directory)
    guard visit == .file || isFirst else { continue }
    let place = Place(path: walk.path.text, status: walk.status, depth: walk.depth)
    if walk.depth >= expression.pointee.leastDepth { expression.pointee.evaluate(place) }
    let isDeepest = walk.depth >= expression.pointee.mostDepth
    if visit == .directory, isDeepest || expression.pointee.takePrune() { walk.skip() }
  }
  walk.deallocate()
  return !walk.hasFailed
}

/// A file that the walk has come to.
struct Place {
  var path: CString
  var status: stat
  var depth: Int
}

struct Expression {
  /// Within one another; each takes a part of the one page of stack.
  private static var parenthesesLimit: Int { 6 }

  private let arguments: Arguments
  var output = OutputBytes(1)
  private(set) var isDepthFirst = false
  private(set) var mostDepth = Int.max
  private(set) var leastDepth = 0
  /// Whether anything in it does something; if not, paths are printed.
  private var hasAction = false
  private var first = 1
  private var at = 1
  private var depth = 0
  private var prunes = false
  /// Where the evaluation is; nil where only the form is looked at.
  private var place: Place?

  init(arguments: Arguments) { self.arguments = arguments }

  static func begins(_ word: CString) -> Bool {
    word[0] == "-" && word[1] != 0 || word == "!" || word == "("
  }

  /// Looks whether the words from `first` on are an expression, and complains if not.
  mutating func check(from first: Int) -> Bool {
    self.first = first
    at = first
    guard at < arguments.count else { return true }
    if either(true) != nil {
      if at == arguments.count { return true }
      complain("find: found \(arguments[at]), which does not belong there\n")
    } else if at < arguments.count {
      complain("find: cannot understand \(arguments[at])\n")
    } else {
      complain("find: \(arguments[arguments.count - 1]) lacks something behind it\n")
    }
    return false
  }

  mutating func evaluate(_ place: Place) {
    self.place = place
    at = first
    let holds = at == arguments.count || either(true) == true
    if holds, !hasAction { print(place.path) }
  }

  /// Whether the directory is not to be gone into.
  mutating func takePrune() -> Bool {
    defer { prunes = false }
    return prunes && !isDepthFirst
  }

  private mutating func print(_ path: CString) {
    output.put(path)
    output.put(UInt8(ascii: "\n"))
  }

  // MARK: The expression's form

  private func isNext(_ word: StaticString) -> Bool {
    at < arguments.count && arguments[at] == word
  }

  /// - Parameter counts: whether it is done, or only gone over.
  private mutating func either(_ counts: Bool) -> Bool? {
    guard var value = both(counts) else { return nil }
    while isNext("-o") {
      at += 1
      guard let other = both(counts && !value) else { return nil }
      value = value || other
    }
    return value
  }

  private mutating func both(_ counts: Bool) -> Bool? {
    guard var value = one(counts) else { return nil }
    while at < arguments.count, !isNext("-o"), !isNext(")") {
      if isNext("-a") { at += 1 }
      guard let other = one(counts && value) else { return nil }
      value = value && other
    }
    return value
  }

  private mutating func one(_ counts: Bool) -> Bool? {
    var isNegated = false
    while isNext("!") {
      isNegated.toggle()
      at += 1
    }
    guard at < arguments.count else { return nil }
    guard let value = isNext("(") ? inParentheses(counts) : primary(counts) else { return nil }
    return value != isNegated
  }

  private mutating func inParentheses(_ counts: Bool) -> Bool? {
    guard depth < Expression.parenthesesLimit else { return nil }
    depth += 1
    at += 1
    guard let value = either(counts), isNext(")") else { return nil }
    at += 1
    depth -= 1
    return value
  }

  // MARK: What it is made of

  private mutating func primary(_ counts: Bool) -> Bool? {
    let word = arguments[at]
    let place = counts ? self.place : nil
    if word == "-print" {
      at += 1
      hasAction = true
      if let place { print(place.path) }
      return true
    }
    if word == "-prune" || word == "-depth" {
      at += 1
      if word == "-depth" { isDepthFirst = true } else if place != nil { prunes = true }
      return true
    }
    if word == "-exec" { return execution(place) }
    guard at + 1 < arguments.count else {
      if Expression.isKnown(word) { at += 1 }
      return nil
    }
    let value = arguments[at + 1]
    if word == "-name" || word == "-path" {
      at += 2
      guard let place else { return false }
      return word == "-path" ? matchesPattern(place.path, value) : isNamed(place.path, value)
    }
    if word == "-type" {
      guard value[0] != 0, value[1] == 0, let type = Expression.type(value[0]) else {
        at += 1
        return nil
      }
      at += 2
      guard let place else { return false }
      return CInt(place.status.type) == type
    }
    if word == "-size" || word == "-links" || word == "-inum" {
      return comparison(word, value, place)
    }
    if word == "-maxdepth" || word == "-mindepth" {
      guard let number = decimal(value) else {
        at += 1
        return nil
      }
      at += 2
      if word == "-maxdepth" { mostDepth = number } else { leastDepth = number }
      return true
    }
    return nil
  }

  private static func isKnown(_ word: CString) -> Bool {
    word == "-name" || word == "-path" || word == "-type" || word == "-size" || word == "-links"
      || word == "-inum" || word == "-maxdepth" || word == "-mindepth"
  }

  private static func type(_ letter: CChar) -> CInt? {
    switch letter {
    case "f": T_FILE
    case "d": T_DIR
    case "c": T_DEVICE
    case "b", "l", "p", "s": 0  // there are none
    default: nil
    }
  }

  private func isNamed(_ path: CString, _ pattern: CString) -> Bool {
    let (name, length) = lastComponent(of: path)
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: length + 1)
    defer { copy.deallocate() }
    memcpy(copy, name, length)
    copy[length] = 0
    return matchesPattern(copy, pattern)
  }

  /// `-size +4` is in blocks of 512 bytes, `-size 100c` in bytes.
  private mutating func comparison(
    _ word: CString, _ value: CString, _ place: Place?
  ) -> Bool? {
    at += 1
    let isSigned = value[0] == "+" || value[0] == "-"
    let length = strlen(value)
    let isBytes = word == "-size" && length > 0 && value[length - 1] == "c"
    let text = UnsafeMutablePointer<CChar>.allocate(capacity: length + 1)
    defer { text.deallocate() }
    memcpy(text, value, length + 1)
    if isBytes { text[length - 1] = 0 }
    guard let wanted = decimal(CString(text) + (isSigned ? 1 : 0)) else { return nil }
    at += 1
    guard let status = place?.status else { return false }
    let size = Int(status.size)
    let found =
      word == "-links"
      ? Int(status.nlink) : word == "-inum" ? Int(status.ino) : isBytes ? size : (size + 511) / 512
    if value[0] == "+" { return found > wanted }
    return value[0] == "-" ? found < wanted : found == wanted
  }

  /// `-exec PROGRAM ARGUMENTS ;` holds if the program ends with status 0.
  private mutating func execution(_ place: Place?) -> Bool? {
    let start = at + 1
    var end = start
    while end < arguments.count, !(arguments[end] == ";") { end += 1 }
    guard end < arguments.count, end > start else {
      at = end
      return nil
    }
    at = end + 1
    hasAction = true
    guard let place else { return false }
    output.flush()
    let child = fork()
    if child == 0 {
      let vector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
        capacity: end - start + 1)
      for index in start..<end {
        let word = arguments[index] == "{}" ? place.path : arguments[index]
        vector[index - start] = UnsafeMutablePointer(mutating: word)
      }
      vector[end - start] = nil
      _ = execute(CString(vector[0].unsafelyUnwrapped), vector)
      complain("find: cannot run \(CString(vector[0].unsafelyUnwrapped))\n")
      exit(127)
    }
    var status: CInt = 1
    if child < 0 || wait(&status) != child {
      complain("find: no process or memory left\n")
      return false
    }
    return status == 0
  }
}
