// mv: gives files other names. There is no call that does that at once: a file gets its new name and loses
// the old one; where the two are on different mounts it is copied. A directory is made anew, with the
// same files in it, and the old one removed.

func run(_ arguments: Arguments) -> ExitStatus {
  var options = Options(arguments)
  while let letter = options.next() {
    guard letter == "f" else { return usage() }
  }
  guard arguments.count - options.index >= 2 else { return usage() }
  let work = FileWork(program: "mv")
  let isWhole = work.each(of: arguments, from: options.index) { move($0, to: $1, work) }
  return isWhole ? 0 : 1
}

func usage() -> ExitStatus {
  complain("usage: mv [-f] source target\n       mv [-f] source ... directory\n")
  return 1
}

func move(_ source: CString, to target: CString, _ work: FileWork) -> Bool {
  let (name, length) = lastComponent(of: source)
  guard !(name[0] == "." && (length == 1 || length == 2 && name[1] == ".") || name[0] == "/") else {
    complain("mv: cannot move \(source)\n")
    return false
  }
  var from = stat()
  var to = stat()
  guard stat(source, &from) == 0 else {
    complain("mv: cannot open \(source)\n")
    return false
  }
  if stat(target, &to) == 0 {
    guard !isSameFile(from, to) else {
      complain("mv: \(source) and \(target) are the same file\n")
      return false
    }
    guard isDirectory(from) == isDirectory(to) else {
      let what: StaticString = isDirectory(to) ? "is a directory" : "is no directory"
      complain("mv: \(target) \(what, width: 0)\n")
      return false
    }
    guard unlink(target) == 0 else {
      complain("mv: cannot write over \(target)\n")
      return false
    }
  }
  if isDirectory(from) {
    if work.copyTree(source, to: target, linking: true) { return work.removeTree(source) }
    // What has been made is nothing but other names and copies of what is still there.
    _ = stat(target, &to) == 0 && work.removeTree(target)
    return false
  }
  if link(source, target) < 0, !work.copyFile(source, to: target) {
    _ = unlink(target)
    return false
  }
  guard unlink(source) == 0 else {
    complain("mv: \(source) failed to delete\n")
    return false
  }
  return true
}
