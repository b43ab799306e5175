// test: whether something holds, told by the exit status: 0 if it does, 1 if not, 2 if the words make no
// sense. How many words there are decides first what they mean, as POSIX has it; more than four are an
// expression of `!`, `-a`, `-o` and parentheses, in this order of strength.
//
// Files here have neither owners nor modes, and no links of their own: what asks for these is false, and
// a file can be executed if it is a program.

func run(_ arguments: Arguments) -> ExitStatus {
  let condition = UnsafeMutablePointer<Condition>.allocate(capacity: 1)
  condition.initialize(to: Condition(arguments: arguments))
  let value = condition.pointee.decide(1, arguments.count)
  guard let value else {
    if let word = condition.pointee.wrong {
      complain("test: found \(word), which does not belong there\n")
    } else {
      complain("test: an operand is missing\n")
    }
    return 2
  }
  return value ? 0 : 1
}

struct Condition {
  /// Within one another; each takes a part of the one page of stack.
  private static var parenthesesLimit: Int { 6 }

  let arguments: Arguments
  /// A word that makes no sense.
  private(set) var wrong: CString?
  private var at = 1
  private var end = 1
  private var depth = 0

  init(arguments: Arguments) { self.arguments = arguments }

  /// What the words from `first` up to `end` come to; nil if they make no sense.
  mutating func decide(_ first: Int, _ end: Int) -> Bool? {
    let count = end - first
    switch count {
    case 0: return false
    case 1: return arguments[first][0] != 0
    case 2:
      if arguments[first] == "!" { return not(decide(first + 1, end)) }
      if isUnary(arguments[first]) { return unary(arguments[first], arguments[first + 1]) }
      wrong = arguments[first]
      return nil
    case 3, 4:
      if count == 3, isBinary(arguments[first + 1]) {
        return binary(arguments[first], arguments[first + 1], arguments[first + 2])
      }
      if arguments[first] == "!" { return not(decide(first + 1, end)) }
      if arguments[first] == "(", arguments[end - 1] == ")" { return decide(first + 1, end - 1) }
    default: break
    }
    at = first
    self.end = end
    guard let value = either() else { return nil }
    guard at == end else {
      wrong = arguments[at]
      return nil
    }
    return value
  }

  private func not(_ value: Bool?) -> Bool? { value.map { !$0 } }

  // MARK: Expressions

  private func isNext(_ word: StaticString) -> Bool { at < end && arguments[at] == word }

  private mutating func either() -> Bool? {
    guard var value = both() else { return nil }
    while isNext("-o") {
      at += 1
      guard let other = both() else { return nil }
      value = value || other
    }
    return value
  }

  private mutating func both() -> Bool? {
    guard var value = one() else { return nil }
    while isNext("-a") {
      at += 1
      guard let other = one() else { return nil }
      value = value && other
    }
    return value
  }

  private mutating func one() -> Bool? {
    var isNegated = false
    while isNext("!"), at + 1 < end {
      isNegated.toggle()
      at += 1
    }
    guard at < end else { return nil }
    guard let value = isNext("(") ? inParentheses() : primary() else { return nil }
    return value != isNegated
  }

  private mutating func inParentheses() -> Bool? {
    depth += 1
    guard depth <= Condition.parenthesesLimit else {
      wrong = arguments[at]
      return nil
    }
    at += 1
    guard let value = either() else { return nil }
    guard isNext(")") else {
      wrong = at < end ? arguments[at] : nil
      return nil
    }
    at += 1
    depth -= 1
    return value
  }

  private mutating func primary() -> Bool? {
    if at + 2 < end, isBinary(arguments[at + 1]) {
      at += 3
      return binary(arguments[at - 3], arguments[at - 2], arguments[at - 1])
    }
    if at + 1 < end, isUnary(arguments[at]) {
      at += 2
      return unary(arguments[at - 2], arguments[at - 1])
    }
    at += 1
    return arguments[at - 1][0] != 0
  }

  // MARK: Operators

  private func isUnary(_ word: CString) -> Bool {
    word[0] == "-" && word[1] != 0 && word[2] == 0
      && strchr(("bcdefghknprstuwxzLOGS" as StaticString).path, CInt(word[1])) != nil
  }

  private mutating func unary(_ word: CString, _ operand: CString) -> Bool? {
    switch word[1] {
    case "n": return operand[0] != 0
    case "z": return operand[0] == 0
    case "t":
      guard let number = number(operand) else { return nil }
      var status = stat()
      return fstat(CInt(truncatingIfNeeded: number), &status) == 0
        && status.type == CShort(T_DEVICE)
    default: return file(word[1], operand)
    }
  }

  private func file(_ what: CChar, _ path: CString) -> Bool {
    var status = stat()
    // An empty path is the working directory for the kernel, and no file for test.
    guard path[0] != 0, stat(path, &status) == 0 else { return false }
    switch what {
    case "e", "r": return true
    case "f": return status.type == CShort(T_FILE)
    case "d": return isDirectory(status)
    case "c": return status.type == CShort(T_DEVICE)
    case "s": return status.size > 0
    case "w":
      if isDirectory(status) { return true }
      let descriptor = open(path, O_WRONLY)
      _ = close(descriptor)
      return descriptor >= 0
    case "x": return isDirectory(status) || isProgram(path)
    default: return false
    }
  }

  private func isProgram(_ path: CString) -> Bool {
    var magic: UInt32 = 0
    let descriptor = open(path, O_RDONLY)
    let count = read(descriptor, &magic, 4)
    _ = close(descriptor)
    return count == 4 && magic == 0x464c_457f
  }

  private func isBinary(_ word: CString) -> Bool {
    if word == "=" || word == "!=" || word == "<" || word == ">" { return true }
    return word == "-eq" || word == "-ne" || word == "-gt" || word == "-ge" || word == "-lt"
      || word == "-le" || word == "-ef" || word == "-nt" || word == "-ot"
  }

  private mutating func binary(_ left: CString, _ word: CString, _ right: CString) -> Bool? {
    let order = strcmp(left, right)
    if word == "=" { return order == 0 }
    if word == "!=" { return order != 0 }
    if word == "<" { return order < 0 }
    if word == ">" { return order > 0 }
    if word == "-nt" || word == "-ot" { return false }
    if word == "-ef" {
      var one = stat()
      var other = stat()
      return stat(left, &one) == 0 && stat(right, &other) == 0 && isSameFile(one, other)
    }
    guard let left = number(left), let right = number(right) else { return nil }
    if word == "-eq" { return left == right }
    if word == "-ne" { return left != right }
    if word == "-gt" { return left > right }
    if word == "-ge" { return left >= right }
    return word == "-lt" ? left < right : left <= right
  }

  /// A number, with a sign and blanks around it or not.
  private mutating func number(_ text: CString) -> Int? {
    var at = text
    while isBlank(at[0]) { at += 1 }
    let isBelow = at[0] == "-"
    if isBelow || at[0] == "+" { at += 1 }
    var number = 0
    let first = at
    while isDigit(at[0]), number < Int.max / 10 - 10 {
      number = number * 10 + Int(at[0] - CChar(ascii: "0"))
      at += 1
    }
    let hasDigits = at > first
    while isBlank(at[0]) { at += 1 }
    guard hasDigits, at[0] == 0 else {
      wrong = text
      return nil
    }
    return isBelow ? -number : number
  }
}
