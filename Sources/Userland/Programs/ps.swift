// ps: a table of the processes that the caller can see.

func run(_ arguments: Arguments) -> ExitStatus {
  let capacity = 256
  let table = UnsafeMutablePointer<proc_info>.allocate(capacity: capacity)
  let count = ps(table, CInt(capacity))
  guard count >= 0 else {
    complain("ps: failed\n")
    return 1
  }
  say("PID  PPID CID  PRIO STATE    NAME\n")
  for index in 0..<Int(count) {
    show(table + index)
  }
  return 0
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

func stateName(_ state: CInt) -> StaticString {
  switch state {
  case P_RUNNABLE: "runnable"
  case P_RUNNING: "running"
  case P_BLOCKED: "blocked"
  case P_EXITED: "exited"
  default: "?"
  }
}
