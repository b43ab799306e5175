// xargs: makes command lines of the words of its input and runs a program with them.

func run(_ arguments: Arguments) -> ExitStatus {
  var options = Options(arguments)
  let command = UnsafeMutablePointer<Command>.allocate(capacity: 1)
  command.initialize(to: Command())
  while let letter = options.next(valued: "In") {
    switch letter {
    case "n":
      guard let most = decimal(options.value), most > 0 else { return usage() }
      command.pointee.most = most
    case "I":
      guard let value = options.value, value[0] != 0 else { return usage() }
      command.pointee.placeholder = value
    case "r": command.pointee.needsWords = true
    case "t": command.pointee.isTold = true
    case "0": command.pointee.endsWordsByNUL = true
    default: return usage()
    }
  }
  guard command.pointee.begin(arguments, from: options.index) else { return 1 }
  return command.pointee.runAll()
}

func usage() -> ExitStatus {
  complain("usage: xargs [-0rt] [-n words | -I placeholder] [program [argument ...]]\n")
  return 1
}

struct Command {
  /// In bytes, of all words of a command line: they lie on the page that is the program's stack.
  private static var capacity: Int { 2048 }

  var most = Int(MAXARG)
  var placeholder: CString?
  var needsWords = false
  var isTold = false
  var endsWordsByNUL = false

  private let vector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
    capacity: Int(MAXARG) + 1)
  /// The words that stand in every command line, and those that the next one has.
  private var fixedCount = 0
  private var count = 0
  private var fixedBytes = 0
  private var byteCount = 0
  private var status: ExitStatus = 0
  private var isOver = false

  /// Takes the words that every command line begins with; false if they are too many.
  mutating func begin(_ arguments: Arguments, from first: Int) -> Bool {
    guard first < arguments.count else {
      _ = add(UnsafeMutablePointer(mutating: ("echo" as StaticString).path))
      return keepFixed()
    }
    for index in first..<arguments.count {
      guard add(UnsafeMutablePointer(mutating: arguments[index])) else {
        complain("xargs: the command line is too long\n")
        return false
      }
    }
    return keepFixed()
  }

  private mutating func keepFixed() -> Bool {
    (fixedCount, fixedBytes) = (count, byteCount)
    return true
  }

  /// A word more; false if there is no room for it.
  private mutating func add(_ word: UnsafeMutablePointer<CChar>) -> Bool {
    let size = (strlen(word) + 1 + 15) / 16 * 16 + 8
    guard count < Int(MAXARG), byteCount + size <= Command.capacity else { return false }
    vector[count] = word
    count += 1
    byteCount += size
    return true
  }

  /// Runs the program as often as it takes, and says with which status to end.
  mutating func runAll() -> ExitStatus {
    var input = InputBytes(0)
    var hasRun = false
    while !isOver, let word = readWord(&input) {
      if let placeholder {
        runReplacing(placeholder, by: word)
        word.deallocate()
        hasRun = true
        continue
      }
      if count - fixedCount == most || !add(word) {
        if count > fixedCount { runOnce() }
        hasRun = true
        if !isOver, !add(word) {
          complain("xargs: a word is too long\n")
          status = 1
          isOver = true
        }
      }
    }
    if input.hasFailed {
      complain("xargs: cannot read the input\n")
      status = 1
    }
    if !isOver, count > fixedCount || !hasRun && !needsWords && placeholder == nil { runOnce() }
    return status
  }

  // MARK: Words

  /// The next word; nil at the end, or if there is none.
  private mutating func readWord(_ input: inout InputBytes) -> UnsafeMutablePointer<CChar>? {
    var word = KeptBytes()
    var isWord = false
    var quote: UInt8 = 0
    while let byte = input.next() {
      if endsWordsByNUL {
        if byte == 0 { return word.text }
        isWord = true
        _ = word.append(byte)
      } else if quote != 0 {
        if byte == UInt8(ascii: "\n") { return unmatched() }
        if byte == quote { quote = 0 } else { _ = word.append(byte) }
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
        isWord = true
      } else if byte == UInt8(ascii: "\\") {
        isWord = true
        if let escaped = input.next() { _ = word.append(escaped) }
      } else if byte == UInt8(ascii: "\n")
        || isBlank(CChar(bitPattern: byte)) && (placeholder == nil || !isWord)
      {
        if isWord { return word.text }
      } else {
        isWord = true
        _ = word.append(byte)
      }
      if word.count > Command.capacity { break }
    }
    if quote != 0 { return unmatched() }
    return isWord ? word.text : nil
  }

  private mutating func unmatched() -> UnsafeMutablePointer<CChar>? {
    complain("xargs: a quote is not closed\n")
    status = 1
    isOver = true
    return nil
  }

  // MARK: Running

  /// Runs the program with a word in place of each placeholder.
  private mutating func runReplacing(_ placeholder: CString, by word: UnsafeMutablePointer<CChar>) {
    let kept = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: Int(MAXARG))
    memcpy(kept, vector, fixedCount * MemoryLayout<UnsafeMutablePointer<CChar>?>.stride)
    (count, byteCount) = (0, 0)
    var fits = true
    for index in 0..<fixedCount {
      guard let template = kept[index] else { break }
      let text = replacing(placeholder, by: word, in: template)
      if !add(text) { fits = false }
    }
    if fits {
      runOnce()
    } else {
      complain("xargs: the command line is too long\n")
      status = 1
      isOver = true
    }
    for index in 0..<count { vector[index]?.deallocate() }
    memcpy(vector, kept, fixedCount * MemoryLayout<UnsafeMutablePointer<CChar>?>.stride)
    kept.deallocate()
    (count, byteCount) = (fixedCount, fixedBytes)
  }

  private func replacing(
    _ placeholder: CString, by word: CString, in template: CString
  ) -> UnsafeMutablePointer<CChar> {
    var result = KeptBytes()
    var at = template
    let length = strlen(placeholder)
    while at[0] != 0 {
      if strncmp(at, placeholder, length) == 0 {
        _ = result.append(word)
        at += length
      } else {
        _ = result.append(UInt8(bitPattern: at[0]))
        at += 1
      }
      // Longer than any command line: no need to go on.
      if result.count > Command.capacity { break }
    }
    return result.text
  }

  /// Runs the program with the words that there are, and goes on without them.
  private mutating func runOnce() {
    vector[count] = nil
    if isTold { tell() }
    let child = fork()
    if child == 0 {
      _ = execute(CString(vector[0].unsafelyUnwrapped), vector)
      complain("xargs: cannot run \(CString(vector[0].unsafelyUnwrapped))\n")
      exit(127)
    }
    var ended: CInt = 1
    if child < 0 || wait(&ended) != child {
      complain("xargs: no process or memory left\n")
      status = 1
      isOver = true
    } else if ended == 127 || ended == 126 {
      status = ended
      isOver = true
    } else if ended == 255 || ended < 0 {
      // A process that was killed or did wrong has ended with -1.
      status = ended == 255 ? 124 : 125
      isOver = true
    } else if ended != 0 {
      status = 123
    }
    if placeholder == nil {
      for index in fixedCount..<count { vector[index]?.deallocate() }
      (count, byteCount) = (fixedCount, fixedBytes)
    }
  }

  private func tell() {
    var output = OutputBytes(2)
    for index in 0..<count {
      if index > 0 { output.put(UInt8(ascii: " ")) }
      if let word = vector[index] { output.put(CString(word)) }
    }
    output.put(UInt8(ascii: "\n"))
    output.flush()
    output.deallocate()
  }
}
