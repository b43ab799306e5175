// cat: copies files, or what it is given, to its output.

func run(_ arguments: Arguments) -> ExitStatus {
  guard arguments.count > 1 else { return copy(0) ? 0 : 1 }
  for index in 1..<arguments.count {
    let descriptor = open(arguments[index], O_RDONLY)
    guard descriptor >= 0 else {
      complain("cat: cannot open \(arguments[index])\n")
      return 1
    }
    guard copy(descriptor) else { return 1 }
    _ = close(descriptor)
  }
  return 0
}

/// Copies everything from `descriptor` to the output.
func copy(_ descriptor: CInt) -> Bool {
  let capacity: CInt = 512
  let buffer = UnsafeMutableRawPointer.allocate(byteCount: Int(capacity), alignment: 16)
  defer { buffer.deallocate() }
  while true {
    let count = read(descriptor, buffer, capacity)
    if count == 0 { return true }
    guard count > 0 else {
      complain("cat: read error\n")
      return false
    }
    guard write(1, buffer, count) == count else {
      complain("cat: write error\n")
      return false
    }
  }
}
