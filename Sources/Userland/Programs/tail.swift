// tail: the last lines, or bytes, of files or of its input, or all from a certain one on.

struct Wanted {
  var count = 10
  var isBytes = false
  /// Whether `count` says where to begin, from 1, and not how many there are to be.
  var isFromStart = false
  var follows = false
}

func run(_ arguments: Arguments) -> ExitStatus {
  var options = Options(arguments)
  var wanted = Wanted()
  while let letter = options.next(valued: "cn") {
    if isDigit(letter) {
      guard wanted.read(options.wholeWord()) else { return usage() }
    } else if letter == "n" || letter == "c" {
      guard wanted.read(options.value) else { return usage() }
      wanted.isBytes = letter == "c"
    } else if letter == "f" {
      wanted.follows = true
    } else {
      return usage()
    }
  }
  let fileCount = arguments.count - options.index
  guard !wanted.follows || fileCount <= 1 else { return usage() }
  // The input is over when it has ended.
  wanted.follows = wanted.follows && fileCount == 1
  return eachInput("tail", arguments, from: options.index) { show($0, $1, wanted) }
}

func usage() -> ExitStatus {
  complain("usage: tail [-f] [-n [+]lines | -c [+]bytes] [file ...]\n")
  return 1
}

extension Wanted {
  /// A number, with a `+` where it counts from the start; false if it is none.
  mutating func read(_ text: CString?) -> Bool {
    guard let text else { return false }
    isFromStart = text[0] == "+"
    guard let number = decimal(isFromStart || text[0] == "-" ? text + 1 : text) else {
      return false
    }
    count = number
    return true
  }
}

func show(_ descriptor: CInt, _ name: CString, _ wanted: Wanted) -> Bool {
  var isRead = wanted.isFromStart ? showRest(descriptor, wanted) : showEnd(descriptor, wanted)
  while isRead, wanted.follows {
    _ = sleep(1)
    isRead = showRest(descriptor, Wanted(count: 1, isFromStart: true))
  }
  if !isRead { complain("tail: cannot read \(name)\n") }
  return isRead
}

/// Shows everything from a certain line or byte on; 0 is the first as 1 is.
func showRest(_ descriptor: CInt, _ wanted: Wanted) -> Bool {
  var input = InputBytes(descriptor)
  var output = OutputBytes(1)
  var left = max(0, wanted.count - 1)
  while let byte = input.next() {
    if left <= 0 {
      output.put(byte)
    } else if wanted.isBytes || byte == UInt8(ascii: "\n") {
      left -= 1
    }
  }
  output.flush()
  input.deallocate()
  output.deallocate()
  return !input.hasFailed
}

/// Shows the last lines or bytes. Only as much is kept as may be among them.
func showEnd(_ descriptor: CInt, _ wanted: Wanted) -> Bool {
  var kept = KeptBytes()
  while true {
    let got = kept.take(from: descriptor)
    guard got >= 0 else { return false }
    let start = place(in: kept, wanted)
    if got == 0 {
      var output = OutputBytes(1)
      output.put(kept.bytes + start, kept.count - start)
      output.flush()
      return true
    }
    if start > kept.count / 2 { kept.drop(start) }
  }
}

/// Where the last lines or bytes begin. What follows the last newline is a line as well.
func place(in kept: KeptBytes, _ wanted: Wanted) -> Int {
  if wanted.isBytes { return max(0, kept.count - wanted.count) }
  if wanted.count == 0 { return kept.count }
  var start = kept.count
  var lines = 0
  while start > 0 {
    if kept.bytes[start - 1] == UInt8(ascii: "\n"), start < kept.count {
      lines += 1
      if lines == wanted.count { break }
    }
    start -= 1
  }
  return start
}
