// head: the first lines, or bytes, of files or of its input.

func run(_ arguments: Arguments) -> ExitStatus {
  var options = Options(arguments)
  var count: Int? = 10
  var isBytes = false
  while let letter = options.next(valued: "cn") {
    if isDigit(letter) {
      count = decimal(options.wholeWord())
      isBytes = false
    } else if letter == "n" || letter == "c" {
      count = decimal(options.value)
      isBytes = letter == "c"
    } else {
      return usage()
    }
    if count == nil { return usage() }
  }
  guard let count else { return usage() }
  let first = options.index
  guard first < arguments.count else {
    return show(0, ("-" as StaticString).path, count, isBytes) ? 0 : 1
  }
  var status: ExitStatus = 0
  for index in first..<arguments.count {
    let path = arguments[index]
    let isInput = path == "-"
    let descriptor = isInput ? 0 : open(path, O_RDONLY)
    guard descriptor >= 0 else {
      complain("head: cannot open \(path)\n")
      status = 1
      continue
    }
    if arguments.count - first > 1 {
      let title = isInput ? ("standard input" as StaticString).path : path
      let space: StaticString = index > first ? "\n" : ""
      say("\(space, width: 0)==> \(title) <==\n")
    }
    if !show(descriptor, path, count, isBytes) { status = 1 }
    if !isInput { _ = close(descriptor) }
  }
  return status
}

func usage() -> ExitStatus {
  complain("usage: head [-n lines | -c bytes] [file ...]\n")
  return 1
}

func show(_ descriptor: CInt, _ name: CString, _ count: Int, _ isBytes: Bool) -> Bool {
  var input = InputBytes(descriptor)
  var output = OutputBytes(1)
  var left = count
  while left > 0, let byte = input.next() {
    output.put(byte)
    if isBytes || byte == UInt8(ascii: "\n") { left -= 1 }
  }
  output.flush()
  input.deallocate()
  output.deallocate()
  if input.hasFailed { complain("head: cannot read \(name)\n") }
  return !input.hasFailed
}
