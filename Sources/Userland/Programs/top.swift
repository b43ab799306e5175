// top: who runs, again at every tick: `top` until it is ended, `top 5` five times. Who ran most since the last
// time comes first. What the machine says of itself comes from /proc, where that is mounted.

func run(_ arguments: Arguments) -> ExitStatus {
  var times: CInt = -1
  if arguments.count > 1 {
    times = isNumber(arguments[1]) && strlen(arguments[1]) < 10 ? atoi(arguments[1]) : 0
  }
  guard arguments.count < 3, times != 0 else {
    complain("usage: top [TIMES]\n")
    return 1
  }
  var before: ProcessList?
  var since: UInt = 0
  while times != 0 {
    let now = UInt(time_now())
    guard let list = ProcessList() else {
      complain("top: failed\n")
      return 1
    }
    showMachine(list)
    showProcesses(list, since: before, elapsed: max(1, now - since))
    before?.free()
    before = list
    since = now
    if times > 0 { times -= 1 }
    if times != 0 {
      say("\n")
      if sleep(1) < 0 { return 1 }
    }
  }
  return 0
}

func showMachine(_ list: ProcessList) {
  var running = 0
  for index in 0..<list.count {
    let state = list.table[index].state
    if state == P_RUNNING || state == P_RUNNABLE { running += 1 }
  }
  say("top: tick \(uptime()), \(list.count) processes, \(running) running")
  let load = ProcText("loadavg")
  if load.count > 0 {
    load.cut(afterWords: 3)
    say(", load \(load.text)")
  }
  let memory = ProcText("meminfo")
  if memory.count > 0 {
    say(
      ", \(memory.lastNumber(after: "MemFree:")) of \(memory.lastNumber(after: "MemTotal:")) kB free"
    )
  }
  say("\nPID  CID  PRIO STATE    CPU%  RAN        NAME\n")
}

/// What a process has run since the list before, of which it may be none.
func ran(_ process: proc_info, since before: ProcessList?) -> UInt {
  let all = UInt(process.instructions)
  guard let before else { return all }
  for index in 0..<before.count where before.table[index].pid == process.pid {
    return all - min(UInt(before.table[index].instructions), all)
  }
  return all
}

func showProcesses(_ list: ProcessList, since before: ProcessList?, elapsed: UInt) {
  let shown = UnsafeMutablePointer<Bool>.allocate(capacity: list.count + 1)
  for index in 0..<list.count { shown[index] = false }
  for _ in 0..<list.count {
    var next = -1
    var most: UInt = 0
    for index in 0..<list.count where !shown[index] {
      let own = ran(list.table[index], since: before)
      if next < 0 || own > most { (next, most) = (index, own) }
    }
    shown[next] = true
    show(list.table + next, permille: most * 1000 / elapsed)
  }
  shown.deallocate()
}

func show(_ process: UnsafeMutablePointer<proc_info>, permille: UInt) {
  withUnsafePointer(to: &process.pointee.name.0) { name in
    say(
      """
      \(process.pointee.pid, width: 4) \(process.pointee.cid, width: 4) \
      \(process.pointee.priority, width: 4) \(stateName(process.pointee.state), width: 8) \
      \(permille / 10).\(permille % 10)
      """)
    var width = permille < 100 ? 3 : permille < 1000 ? 4 : 5
    while width < 6 {
      say(" ")
      width += 1
    }
    say("\(process.pointee.instructions, width: 10) \(name)\n")
  }
}
