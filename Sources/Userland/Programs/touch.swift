// touch: makes the files that are not there. Files here have no times, so there is nothing to set.

func run(_ arguments: Arguments) -> ExitStatus {
  var options = Options(arguments)
  var makes = true
  while let letter = options.next() {
    switch letter {
    case "a", "m": break
    case "c": makes = false
    default: return usage()
    }
  }
  guard options.index < arguments.count else { return usage() }
  var status: ExitStatus = 0
  for index in options.index..<arguments.count where !touch(arguments[index], makes) { status = 1 }
  return status
}

func usage() -> ExitStatus {
  complain("usage: touch [-acm] file ...\n")
  return 1
}

func touch(_ path: CString, _ makes: Bool) -> Bool {
  var descriptor = open(path, O_RDONLY)
  guard descriptor >= 0 || makes else { return true }
  if descriptor < 0 { descriptor = open(path, O_RDONLY | O_CREATE) }
  guard descriptor >= 0 else {
    complain("touch: cannot make \(path)\n")
    return false
  }
  _ = close(descriptor)
  return true
}
