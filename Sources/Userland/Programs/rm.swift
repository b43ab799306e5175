// rm: removes names of files, and directories that are empty.

func run(_ arguments: Arguments) -> ExitStatus {
  guard arguments.count > 1 else {
    complain("usage: rm file ...\n")
    return 1
  }
  var status: ExitStatus = 0
  for index in 1..<arguments.count where unlink(arguments[index]) < 0 {
    complain("rm: \(arguments[index]) failed to delete\n")
    status = 1
  }
  return status
}
