// umount: takes away what is mounted.

func run(_ arguments: Arguments) -> ExitStatus {
  guard arguments.count > 1 else {
    complain("usage: umount directory ...\n")
    return 1
  }
  var status: ExitStatus = 0
  for index in 1..<arguments.count where umount(arguments[index]) < 0 {
    complain("umount: \(arguments[index]) is not mounted, or in use\n")
    status = 32
  }
  return status
}
