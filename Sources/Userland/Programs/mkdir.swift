// mkdir: makes directories.

func run(_ arguments: Arguments) -> ExitStatus {
  guard arguments.count > 1 else {
    complain("usage: mkdir directory ...\n")
    return 1
  }
  var status: ExitStatus = 0
  for index in 1..<arguments.count where mkdir(arguments[index]) < 0 {
    complain("mkdir: \(arguments[index]) failed to create\n")
    status = 1
  }
  return status
}
