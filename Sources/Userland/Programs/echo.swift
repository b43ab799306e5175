// echo: writes its arguments, a space between two and a newline after the last.

func run(_ arguments: Arguments) -> ExitStatus {
  for index in 1..<max(1, arguments.count) {
    let word = arguments[index]
    _ = output_write(1, word, CInt(strlen(word)))
    say(index + 1 < arguments.count ? " " : "\n")
  }
  return 0
}
