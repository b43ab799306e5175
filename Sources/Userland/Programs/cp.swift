// cp: copies files and, with -R, directories with all that is in them.

func run(_ arguments: Arguments) -> ExitStatus {
  var options = Options(arguments)
  var work = FileWork(program: "cp")
  var isDeep = false
  while let letter = options.next() {
    switch letter {
    case "R", "r": isDeep = true
    case "f": work.isForced = true
    case "p": break  // neither times nor modes could be kept
    default: return usage()
    }
  }
  guard arguments.count - options.index >= 2 else { return usage() }
  let isWhole = work.each(of: arguments, from: options.index) { source, target in
    var status = stat()
    guard stat(source, &status) == 0 else {
      complain("cp: cannot open \(source)\n")
      return false
    }
    guard isDirectory(status) else { return work.copyFile(source, to: target) }
    guard isDeep else {
      complain("cp: \(source) is a directory, and there is no -R\n")
      return false
    }
    return work.copyTree(source, to: target)
  }
  return isWhole ? 0 : 1
}

func usage() -> ExitStatus {
  complain("usage: cp [-Rfp] source target\n       cp [-Rfp] source ... directory\n")
  return 1
}
