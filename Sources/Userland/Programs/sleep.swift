// sleep: waits for a number of ticks.

func run(_ arguments: Arguments) -> ExitStatus {
  guard arguments.count == 2 else {
    complain("usage: sleep ticks\n")
    return 1
  }
  return sleep(atoi(arguments[1])) == 0 ? 0 : 1
}
