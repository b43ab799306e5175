// ln: gives a file a second name.

func run(_ arguments: Arguments) -> ExitStatus {
  guard arguments.count == 3 else {
    complain("usage: ln old new\n")
    return 1
  }
  guard link(arguments[1], arguments[2]) == 0 else {
    complain("ln: \(arguments[1]) \(arguments[2]) failed to link\n")
    return 1
  }
  return 0
}
