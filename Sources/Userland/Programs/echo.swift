// echo: writes its arguments, a space between two and a newline after the last: in one piece, for a file of a
// group takes what is written at once for one value.

func run(_ arguments: Arguments) -> ExitStatus {
  var length = 0
  for index in 1..<max(1, arguments.count) { length += Int(strlen(arguments[index])) + 1 }
  if length == 0 { return 0 }
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: length) { line in
    var end = 0
    for index in 1..<arguments.count {
      var word = arguments[index]
      while word.pointee != 0 {
        line[end] = word.pointee
        end += 1
        word += 1
      }
      line[end] = index + 1 < arguments.count ? 32 : 10
      end += 1
    }
    _ = output_write(1, line.baseAddress, CInt(length))
  }
  return 0
}
