// rm: removes names of files, and directories that are empty; with -R also those that are not.

func run(_ arguments: Arguments) -> ExitStatus {
  var options = Options(arguments)
  var isDeep = false
  var isForced = false
  while let letter = options.next() {
    switch letter {
    case "R", "r": isDeep = true
    case "f": isForced = true
    default: return usage()
    }
  }
  guard options.index < arguments.count else { return isForced ? 0 : usage() }
  let work = FileWork(program: "rm")
  var status: ExitStatus = 0
  for index in options.index..<arguments.count {
    let path = arguments[index]
    var found = stat()
    if unlink(path) == 0 { continue }
    let isThere = stat(path, &found) == 0
    if isForced && !isThere || isDeep && isThere && isDirectory(found) && work.removeTree(path) {
      continue
    }
    if !(isDeep && isThere) { complain("rm: \(path) failed to delete\n") }
    status = 1
  }
  return status
}

func usage() -> ExitStatus {
  complain("usage: rm [-fR] file ...\n")
  return 1
}
