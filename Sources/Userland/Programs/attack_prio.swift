// attack_prio: tries to run before those who come first: by raising its own priority, its children's,
// its parent's, everybody's, and by way of fork, exec, orphans and containers.

func run(_ arguments: Arguments) -> ExitStatus {
  attack_begin(("attack_prio" as StaticString).path)
  if arguments.count > 1 {
    raise(to: atoi(arguments[1]), "after exec, to")
    attack_leave()
  }
  let own = prio_get(getpid())
  family("its own") { raise(to: own, "to") }
  family("what it has given up") { lower(from: own) }
  family("a child's") { raiseChild(own) }
  family("a parent's") { raiseParent(own) }
  family("an orphan's") { raiseOrphan(own) }
  family("after exec") { execute(own, arguments[0]) }
  family("others'") { raiseOthers(own) }
  family("by working") { work(own) }
  return attack_verdict()
}

/// Tries every priority that is not allowed: those above this one, and those that do not exist.
func raise(to own: CInt, of pid: CInt = getpid(), _ way: StaticString) {
  for priority in CInt(-4)..<own { attempt(way, priority, prio_set(pid, priority) == 0) }
  for priority in [CInt.min, -256, 16, 17, 31, 255, 256, 257, 65536, CInt.max] {
    attempt(way, priority, prio_set(pid, priority) == 0)
  }
  attempt("now at", prio_get(pid), prio_get(pid) < own)
}

func lower(from own: CInt) {
  for lower in own + 1..<16 {
    inChild {
      _ = prio_set(getpid(), lower)
      raise(to: lower, "back to")
      inChild { raise(to: lower, "a child's, back to") }
    }
  }
}

func raiseChild(_ own: CInt) {
  guard let gate = PipeEnds() else { return }
  let child = fork()
  if child == 0 {
    var byte: CChar = 0
    _ = close(gate.output)
    _ = read(gate.input, &byte, 1)
    exit(0)
  }
  raise(to: own, of: child, "to")
  _ = prio_set(child, 15)
  raise(to: own, of: child, "from 15 to")
  // One that is dead can be given nothing.
  _ = kill(child)
  _ = prio_set(child, 0)
  attempt("a dead child's", prio_get(child) >= 0 && prio_get(child) < own)
  _ = close(gate.input)
  _ = close(gate.output)
  _ = wait(nil)
}

func raiseParent(_ own: CInt) {
  let parent = getpid()
  inChild {
    for priority in CInt(-1)..<17 { attempt("to", priority, prio_set(parent, priority) == 0) }
    inChild {
      for priority in CInt(-1)..<17 {
        attempt("its parent's, to", priority, prio_set(parent, priority) == 0)
      }
    }
  }
  attempt("now at", prio_get(parent), prio_get(parent) != own)
}

/// The container's init adopts it, and is not above itself either.
func raiseOrphan(_ own: CInt) {
  let table = UnsafeMutablePointer<proc_info>.allocate(capacity: 8)
  guard let gate = PipeEnds() else { return }
  inChild {
    if fork() == 0 {
      var byte: CChar = 0
      _ = close(gate.output)
      _ = prio_set(getpid(), 15)
      _ = read(gate.input, &byte, 1)
      exit(0)
    }
  }
  for index in 0..<Int(max(ps(table, 8), 0)) where table[index].pid != getpid() {
    raise(to: own, of: table[index].pid, "to")
  }
  _ = close(gate.input)
  _ = close(gate.output)
  while wait(nil) > 0 {}
}

func execute(_ own: CInt, _ program: CString) {
  inChild {
    let lower = own < 15 ? own + 1 : own
    _ = prio_set(getpid(), lower)
    var words = Words(program)
    words.append(lower)
    attempt("exec", !words.start(program))
  }
}

func raiseOthers(_ own: CInt) {
  let pid = getpid()
  for other in CInt(-2)..<100 where other != pid {
    for priority in [0, own, 15] { attempt("of", other, prio_set(other, priority) == 0) }
  }
  attempt("of a container", cm_join(1) == 0 || cm_create_and_enter() == 0)
}

/// Working and sleeping change nothing.
func work(_ own: CInt) {
  for round in CInt(0)..<3 {
    burn(120_000)
    attempt("after work, round", round, prio_get(getpid()) != own)
    _ = sleep(1)
    attempt("after sleep, round", round, prio_get(getpid()) != own)
  }
}
