// grep: prints the lines that match a pattern, in which ^ and $ are a line's ends, . is any
// character and * repeats the one before it.

func run(_ arguments: Arguments) -> ExitStatus {
  guard arguments.count > 1 else {
    complain("usage: grep pattern [file ...]\n")
    return 2
  }
  let pattern = arguments[1]
  var input = Input()
  guard arguments.count > 2 else { return search(0, pattern, &input) ? 0 : 1 }
  var found = false
  for index in 2..<arguments.count {
    let descriptor = open(arguments[index], O_RDONLY)
    guard descriptor >= 0 else {
      complain("grep: cannot open \(arguments[index])\n")
      return 2
    }
    if search(descriptor, pattern, &input) { found = true }
    _ = close(descriptor)
  }
  return found ? 0 : 1
}

/// What has been read and not yet been looked at.
struct Input {
  static var capacity: Int { 1024 }
  let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: Input.capacity)
  var count = 0
}

/// Prints the lines that match, and says whether there were any. A line longer than the buffer is
/// taken as several.
func search(_ descriptor: CInt, _ pattern: CString, _ input: inout Input) -> Bool {
  var found = false
  input.count = 0
  while true {
    let room = Input.capacity - 1 - input.count
    let count = read(descriptor, input.bytes + input.count, CInt(room))
    if count > 0 { input.count += Int(count) }
    var start = 0
    for end in 0..<input.count where input.bytes[end] == CChar(ascii: "\n") {
      if printIfMatching(input.bytes + start, end - start, pattern, ended: true) { found = true }
      start = end + 1
    }
    // The last line may have no newline, and a very long one no room for it.
    if start < input.count, count <= 0 || start == 0 && input.count == Input.capacity - 1 {
      if printIfMatching(input.bytes + start, input.count - start, pattern, ended: false) {
        found = true
      }
      start = input.count
    }
    input.count -= start
    memmove(input.bytes, input.bytes + start, input.count)
    if count <= 0 { return found }
  }
}

func printIfMatching(
  _ line: UnsafeMutablePointer<CChar>, _ length: Int, _ pattern: CString, ended: Bool
) -> Bool {
  let after = line[length]
  line[length] = 0
  let matching = matches(line, pattern)
  line[length] = after
  if matching { _ = output_write(1, line, CInt(ended ? length + 1 : length)) }
  return matching
}

/// Kernighan's matcher (The Practice of Programming, chapter 9).
func matches(_ text: CString, _ pattern: CString) -> Bool {
  if pattern[0] == CChar(ascii: "^") { return matchesHere(text, pattern + 1) }
  var at = text
  while true {
    if matchesHere(at, pattern) { return true }
    if at[0] == 0 { return false }
    at += 1
  }
}

func matchesHere(_ text: CString, _ pattern: CString) -> Bool {
  var text = text
  var pattern = pattern
  while pattern[0] != 0 {
    if pattern[1] == CChar(ascii: "*") { return matchesStar(pattern[0], text, pattern + 2) }
    if pattern[0] == CChar(ascii: "$"), pattern[1] == 0 { return text[0] == 0 }
    guard text[0] != 0, isOne(text[0], of: pattern[0]) else { return false }
    text += 1
    pattern += 1
  }
  return true
}

func matchesStar(_ repeated: CChar, _ text: CString, _ rest: CString) -> Bool {
  var at = text
  while true {
    if matchesHere(at, rest) { return true }
    guard at[0] != 0, isOne(at[0], of: repeated) else { return false }
    at += 1
  }
}

func isOne(_ character: CChar, of pattern: CChar) -> Bool {
  pattern == CChar(ascii: ".") || pattern == character
}
