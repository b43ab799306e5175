// kill: ends processes.

func run(_ arguments: Arguments) -> ExitStatus {
  guard arguments.count > 1 else {
    complain("usage: kill pid ...\n")
    return 1
  }
  var status: ExitStatus = 0
  for index in 1..<arguments.count where kill(atoi(arguments[index])) < 0 {
    complain("kill: no process \(arguments[index])\n")
    status = 1
  }
  return status
}
