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
  return eachInput("head", arguments, from: options.index) { show($0, $1, count, isBytes) }
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
