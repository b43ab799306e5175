// ps: a table of the processes that the caller can see: `ps`, or `ps -f` with what /proc says besides, their
// numbers in their own containers and their words. -e, for all, is taken: there are no others.

func run(_ arguments: Arguments) -> ExitStatus {
  var isFull = false
  var index = 1
  while index < arguments.count {
    let word = arguments[index]
    guard word[0] == CChar(ascii: "-"), word[1] != 0 else { return usage() }
    var at = 1
    while word[at] != 0 {
      guard word[at] == CChar(ascii: "f") || word[at] == CChar(ascii: "e") else { return usage() }
      isFull = isFull || word[at] == CChar(ascii: "f")
      at += 1
    }
    index += 1
  }
  guard let list = ProcessList() else {
    complain("ps: failed\n")
    return 1
  }
  if isFull {
    ProcessList.sayFullHead()
  } else {
    say("PID  PPID CID  PRIO STATE    NAME\n")
  }
  for index in 0..<list.count {
    if isFull { list.showFully(index) } else { show(list.table + index) }
  }
  return 0
}

func usage() -> ExitStatus {
  complain("usage: ps [-ef]\n")
  return 1
}

func show(_ process: UnsafeMutablePointer<proc_info>) {
  _ = withUnsafePointer(to: &process.pointee.name.0) { name in
    say(
      """
      \(process.pointee.pid, width: 4) \(process.pointee.parent, width: 4) \
      \(process.pointee.cid, width: 4) \(process.pointee.priority, width: 4) \
      \(stateName(process.pointee.state), width: 8) \(name)\n
      """)
  }
}
