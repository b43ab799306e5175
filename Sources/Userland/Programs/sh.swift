// sh: a shell. A line is cut into words and operators; running it means cutting its range of
// tokens at the weakest operator and running the parts, so that there is no tree to build:
//
//     list      pipeline (; or &) pipeline …      one after another, & not waited for
//     pipeline  command | command …               all at once
//     command   ( list ) or words, with < > >> anywhere
//
// The shell itself runs `cd`, `exit` and `wait`; all else is a child of it.

func run(_ arguments: Arguments) -> ExitStatus {
  let shell = Shell()
  guard arguments.count > 1 else { return shell.runLines(from: 0, prompting: true) }
  if arguments[1] == "-c" {
    guard arguments.count == 3 else {
      complain("usage: sh [file | -c commands]\n")
      return 2
    }
    return shell.runText(arguments[2])
  }
  let script = open(arguments[1], O_RDONLY)
  guard script >= 0 else {
    complain("sh: cannot open \(arguments[1])\n")
    return 127
  }
  return shell.runLines(from: script, prompting: false)
}

/// A word or an operator of a command line.
struct Token {
  /// One of `;&|()<>`, `+` for `>>`, `w` for a word.
  var kind: CChar
  /// A word's text.
  var text: UnsafeMutablePointer<CChar>
}

struct Shell {
  static var lineCapacity: Int { 1024 }
  static var tokenCapacity: Int { 256 }

  private let line = UnsafeMutablePointer<CChar>.allocate(capacity: Shell.lineCapacity)
  /// The words of `line`, each ended by a NUL.
  private let words = UnsafeMutablePointer<CChar>.allocate(capacity: 2 * Shell.lineCapacity)
  private let tokens = UnsafeMutablePointer<Token>.allocate(capacity: Shell.tokenCapacity)
  /// Exit status of what ran last.
  private let lastStatus = UnsafeMutablePointer<ExitStatus>.allocate(capacity: 1)
  /// Where the commands come from; closed in children unless it is their standard input.
  private let source = UnsafeMutablePointer<CInt>.allocate(capacity: 1)

  init() {
    lastStatus.initialize(to: 0)
    source.initialize(to: 0)
  }

  /// Runs line after line to the end of the input and returns the last one's status.
  func runLines(from descriptor: CInt, prompting: Bool) -> ExitStatus {
    source.pointee = descriptor
    while true {
      if prompting { complain("$ ") }
      guard let length = readLine(descriptor) else { return lastStatus.pointee }
      runLine(length)
    }
  }

  /// Runs the lines of a text.
  func runText(_ text: CString) -> ExitStatus {
    var at = text
    while at[0] != 0 {
      var length = 0
      while at[length] != 0, at[length] != CChar(ascii: "\n") { length += 1 }
      if length < Shell.lineCapacity { memcpy(line, at, length) }
      runLine(length)
      at += length
      if at[0] != 0 { at += 1 }
    }
    return lastStatus.pointee
  }

  /// Reads one line, a byte at a time: what follows it belongs to the commands.
  private func readLine(_ descriptor: CInt) -> Int? {
    var length = 0
    var byte: CChar = 0
    while read(descriptor, &byte, 1) == 1 {
      if byte == CChar(ascii: "\n") { return length }
      if length < Shell.lineCapacity { line[length] = byte }
      length += 1
    }
    return length > 0 ? length : nil
  }

  private func runLine(_ length: Int) {
    guard length < Shell.lineCapacity else {
      lastStatus.pointee = refuse("line too long")
      return
    }
    line[length] = 0
    guard let count = tokenize() else {
      lastStatus.pointee = 2
      return
    }
    guard checkList(0, count) == count else {
      lastStatus.pointee = refuse("syntax error")
      return
    }
    if count > 0 { _ = runList(0, count) }
  }

  private func refuse(_ why: StaticString) -> ExitStatus {
    complain("sh: \(why, width: 0)\n")
    return 2
  }
}

// MARK: - Words

extension Shell {
  /// Cuts the line into tokens; nil, with a message, if it cannot.
  private func tokenize() -> Int? {
    var count = 0
    var from = line
    var to = words
    while true {
      while isBlank(from[0]) { from += 1 }
      if from[0] == 0 || from[0] == CChar(ascii: "#") { return count }
      guard count < Shell.tokenCapacity else {
        _ = refuse("too many words")
        return nil
      }
      if isOperator(from[0]) {
        tokens[count] = Token(kind: from[0], text: to)
        if from[0] == CChar(ascii: ">"), from[1] == CChar(ascii: ">") {
          tokens[count].kind = CChar(ascii: "+")
          from += 1
        }
        from += 1
      } else {
        tokens[count] = Token(kind: CChar(ascii: "w"), text: to)
        guard copyWord(&from, &to) else {
          _ = refuse("missing quote")
          return nil
        }
      }
      count += 1
    }
  }

  /// Copies a word without its quotes; false if a quote is not closed.
  private func copyWord(
    _ from: inout UnsafeMutablePointer<CChar>, _ to: inout UnsafeMutablePointer<CChar>
  ) -> Bool {
    var quote: CChar = 0
    while from[0] != 0 {
      let byte = from[0]
      if quote != 0 {
        if byte == quote {
          quote = 0
          from += 1
          continue
        }
      } else if byte == CChar(ascii: "'") || byte == CChar(ascii: "\"") {
        quote = byte
        from += 1
        continue
      } else if isBlank(byte) || isOperator(byte) {
        break
      } else if byte == CChar(ascii: "\\"), from[1] != 0 {
        from += 1
      }
      to[0] = from[0]
      to += 1
      from += 1
    }
    to[0] = 0
    to += 1
    return quote == 0
  }

  private func isBlank(_ byte: CChar) -> Bool {
    byte == CChar(ascii: " ") || byte >= 9 && byte <= 13
  }

  private func isOperator(_ byte: CChar) -> Bool {
    byte != 0 && strchr(";&|()<>", CInt(byte)) != nil
  }

  private func isToken(_ index: Int, _ end: Int, _ kind: Unicode.Scalar) -> Bool {
    index < end && tokens[index].kind == CChar(ascii: kind)
  }

  private func isRedirection(_ index: Int, _ end: Int) -> Bool {
    isToken(index, end, "<") || isToken(index, end, ">") || isToken(index, end, "+")
  }
}

// MARK: - Grammar

extension Shell {
  /// Returns where the list that begins at `start` ends, or -1 if it is malformed.
  private func checkList(_ start: Int, _ end: Int) -> Int {
    var index = start
    while index < end, !isToken(index, end, ")") {
      index = checkCommand(index, end)
      while isToken(index, end, "|") { index = checkCommand(index + 1, end) }
      guard index >= 0, isToken(index, end, ";") || isToken(index, end, "&") else { return index }
      index += 1
    }
    return index
  }

  private func checkCommand(_ start: Int, _ end: Int) -> Int {
    var index = start
    var parts = 0
    var isGroup = false
    while index < end {
      if isRedirection(index, end) {
        guard isToken(index + 1, end, "w") else { return -1 }
        index += 2
      } else if isToken(index, end, "w"), !isGroup {
        parts += 1
        index += 1
      } else if isToken(index, end, "("), parts == 0 {
        let close = checkList(index + 1, end)
        guard close > index + 1, isToken(close, end, ")") else { return -1 }
        index = close + 1
        parts = 1
        isGroup = true
      } else {
        break
      }
    }
    return parts > 0 ? index : -1
  }

  /// Where, outside parentheses, the first of these operators stands; `end` if there is none.
  private func find(_ first: Unicode.Scalar, _ second: Unicode.Scalar, _ start: Int, _ end: Int)
    -> Int
  {
    var depth = 0
    for index in start..<end {
      if isToken(index, end, "(") { depth += 1 }
      if isToken(index, end, ")") { depth -= 1 }
      if depth == 0, isToken(index, end, first) || isToken(index, end, second) { return index }
    }
    return end
  }
}

// MARK: - Running

extension Shell {
  private func runList(_ start: Int, _ end: Int) -> ExitStatus {
    var start = start
    while start < end {
      let stop = find(";", "&", start, end)
      if isToken(stop, end, "&") {
        if forkChild() == 0 { runInBackground(start, stop) }
        leaveInBackground()
        lastStatus.pointee = 0
      } else {
        lastStatus.pointee = runPipeline(start, stop)
      }
      start = stop + 1
    }
    return lastStatus.pointee
  }

  /// ^C ends what was forked since the console was last asked for something: asking it for nothing
  /// keeps what has been forked so far out of that.
  private func leaveInBackground() {
    var status = stat()
    if fstat(0, &status) == 0, Int32(status.type) == T_DEVICE { _ = read(0, line, 0) }
  }

  /// Runs a pipeline in a child: never returns. A single command takes the child's own place.
  private func runInBackground(_ start: Int, _ end: Int) -> Never {
    if find("|", "|", start, end) == end { runCommand(start, end, input: 0, output: 1) }
    exit(runPipeline(start, end))
  }

  private func runPipeline(_ start: Int, _ end: Int) -> ExitStatus {
    var stop = find("|", "|", start, end)
    if stop == end, let status = runBuiltin(start, end) { return status }
    var start = start
    var input: CInt = 0
    while stop < end {
      guard let ends = PipeEnds() else {
        complain("sh: no pipe\n")
        if input != 0 { _ = close(input) }
        return 1
      }
      if forkChild() == 0 {
        _ = close(ends.input)
        runCommand(start, stop, input: input, output: ends.output)
      }
      if input != 0 { _ = close(input) }
      _ = close(ends.output)
      input = ends.input
      start = stop + 1
      stop = find("|", "|", start, end)
    }
    let last = forkChild()
    if last == 0 { runCommand(start, end, input: input, output: 1) }
    if input != 0 { _ = close(input) }
    return awaitEnd(of: last)
  }

  /// Runs one command in a child: never returns.
  private func runCommand(_ start: Int, _ end: Int, input: CInt, output: CInt) -> Never {
    move(input, to: 0)
    move(output, to: 1)
    let vector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
      capacity: end - start + 1)
    var count = 0
    var group: Range<Int>?
    var index = start
    while index < end {
      if isRedirection(index, end) {
        redirect(tokens[index].kind, tokens[index + 1].text)
        index += 2
      } else if isToken(index, end, "(") {
        let close = checkList(index + 1, end)
        group = index + 1..<close
        index = close + 1
      } else {
        vector[count] = tokens[index].text
        count += 1
        index += 1
      }
    }
    if let group { exit(runList(group.lowerBound, group.upperBound)) }
    vector[count] = nil
    let program = CString(vector[0].unsafelyUnwrapped)
    _ = execute(program, vector)
    complain("exec \(program) failed\n")
    exit(127)
  }

  private func move(_ descriptor: CInt, to target: CInt) {
    guard descriptor != target else { return }
    _ = close(target)
    _ = dup(descriptor)
    _ = close(descriptor)
  }

  private func redirect(_ kind: CChar, _ path: CString) {
    let isInput = kind == CChar(ascii: "<")
    let isAppending = kind == CChar(ascii: "+")
    _ = close(isInput ? 0 : 1)
    let flags =
      isInput ? O_RDONLY : isAppending ? O_RDWR | O_CREATE : O_WRONLY | O_CREATE | O_TRUNC
    let descriptor = open(path, flags)
    guard descriptor >= 0 else {
      complain("open \(path) failed\n")
      exit(1)
    }
    // There is no flag for appending: reading to the end moves the offset there.
    if isAppending { while read(descriptor, line, CInt(Shell.lineCapacity)) > 0 {} }
  }

  /// Runs what the shell has to do itself; nil if the command is not of that kind.
  private func runBuiltin(_ start: Int, _ end: Int) -> ExitStatus? {
    guard isToken(start, end, "w") else { return nil }
    let name = CString(tokens[start].text)
    let argument: CString? = isToken(start + 1, end, "w") ? CString(tokens[start + 1].text) : nil
    if name == "cd" {
      let path = argument ?? ("/" as StaticString).path
      guard chdir(path) == 0 else {
        complain("cannot cd \(path)\n")
        return 1
      }
      return 0
    }
    if name == "wait" { return awaitEnd(of: -1) }
    if name == "exit" { exit(argument.map { atoi($0) } ?? lastStatus.pointee) }
    return nil
  }

  /// Forks; a child no longer holds the file that the commands come from.
  private func forkChild() -> CInt {
    let child = fork()
    if child < 0 { complain("sh: fork failed\n") }
    if child == 0, source.pointee > 2 { _ = close(source.pointee) }
    return child
  }

  /// Waits until this child has ended, for -1 until all have, and returns its status. Background
  /// commands that end in the meantime are gone with that.
  private func awaitEnd(of child: CInt) -> ExitStatus {
    var status: CInt = 0
    while true {
      let ended = wait(&status)
      if ended < 0 { return child < 0 ? 0 : 1 }
      if ended == child { return status }
    }
  }
}
