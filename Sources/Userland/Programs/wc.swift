// wc: counts lines, words and bytes.

func run(_ arguments: Arguments) -> ExitStatus {
  guard arguments.count > 1 else { return count(0, ("" as StaticString).path) ? 0 : 1 }
  for index in 1..<arguments.count {
    let descriptor = open(arguments[index], O_RDONLY)
    guard descriptor >= 0 else {
      complain("wc: cannot open \(arguments[index])\n")
      return 1
    }
    guard count(descriptor, arguments[index]) else { return 1 }
    _ = close(descriptor)
  }
  return 0
}

func count(_ descriptor: CInt, _ name: CString) -> Bool {
  let capacity: CInt = 512
  let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: Int(capacity))
  defer { buffer.deallocate() }
  var lines = 0
  var words = 0
  var bytes = 0
  var inWord = false
  while true {
    let count = read(descriptor, buffer, capacity)
    guard count >= 0 else {
      complain("wc: read error\n")
      return false
    }
    guard count > 0 else { break }
    bytes += Int(count)
    for index in 0..<Int(count) {
      let character = buffer[index]
      if character == CChar(ascii: "\n") { lines += 1 }
      let wasInWord = inWord
      inWord = !isSpace(character)
      if inWord, !wasInWord { words += 1 }
    }
  }
  say("\(lines) \(words) \(bytes) \(name)\n")
  return true
}

func isSpace(_ character: CChar) -> Bool {
  character == CChar(ascii: " ") || character >= 9 && character <= 13
}
