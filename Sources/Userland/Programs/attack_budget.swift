// attack_budget: tries to hold more processes than its container may: by children, zombies, orphans,
// exec, containers in the container, wider limits, killing and forking at once, and forks that fail
// for want of memory. As `attack_budget again` it is the program that another has become, and forks
// once more.

func run(_ arguments: Arguments) -> ExitStatus {
  attack_begin(("attack_budget" as StaticString).path)
  var info = cm_info()
  guard cm_info(getcid(), &info) == getcid(), info.limit > 1, let crowd = Crowd(info.limit) else {
    complain("attack_budget: expected a container with a limit\n")
    return 2
  }
  if arguments.count > 1 {
    crowd.fill("after exec, children")
    attack_leave()
  }
  family("children") { crowd.fill("children") }
  family("zombies") { leaveZombies(crowd) }
  family("orphans") { leaveOrphans(crowd) }
  family("forks at one moment") { forkTogether(crowd) }
  family("everybody forks") { forkEverywhere(crowd) }
  family("after exec") { forkAfterExec(crowd, arguments[0]) }
  family("wider limits") { widen(crowd) }
  family("killed and replaced") { replace(crowd) }
  family("without memory") { forkWithoutMemory(crowd) }
  family("what is left of the budget") {
    for _ in 0..<3 { crowd.fill("children at last") }
  }
  return attack_verdict()
}

/// Everybody in the container, who are never to be more than so many.
struct Crowd {
  let limit: CInt
  private let table: UnsafeMutablePointer<proc_info>
  private static var most: Int { 64 }

  init?(_ limit: CInt) {
    self.limit = limit
    table = .allocate(capacity: Crowd.most)
  }

  var count: CInt { ps(table, CInt(Crowd.most)) }

  func check(_ way: StaticString) { attempt(way, count, count > limit) }

  /// Forks children that stay, until no fork succeeds: exactly so many, then as before.
  func fill(_ way: StaticString) {
    guard let gate = PipeEnds() else { exit(2) }
    let before = count
    var children: CInt = 0
    while children < 60, hold(gate) { children += 1 }
    attempt(way, children, before + children != limit)
    check("members, with their parent, ")
    release(gate)
    attempt("members left, ", count, count != before)
  }

  /// Forks a child that waits for the gate.
  func hold(_ gate: PipeEnds) -> Bool {
    let child = fork()
    if child == 0 { stay(behind: gate) }
    return child > 0
  }

  func stay(behind gate: PipeEnds) -> Never {
    var byte: CChar = 0
    _ = close(gate.output)
    _ = read(gate.input, &byte, 1)
    exit(0)
  }

  /// Lets everybody go who waits, and waits for all.
  func release(_ gate: PipeEnds) {
    _ = close(gate.input)
    _ = close(gate.output)
    while wait(nil) > 0 {}
  }
}

/// Children that have ended count until somebody has waited for them.
func leaveZombies(_ crowd: Crowd) {
  var children: CInt = 0
  for _ in 0..<40 {
    let child = fork()
    if child == 0 { exit(0) }
    if child > 0 { children += 1 }
    crowd.check("members, zombies with them, ")
  }
  attempt("zombies", children, children >= crowd.limit)
  while wait(nil) > 0 {}
}

/// Processes whose parents are gone.
func leaveOrphans(_ crowd: Crowd) {
  guard let gate = PipeEnds() else { return }
  for _ in 0..<crowd.limit - 2 {
    // One that stays, without its parent.
    inChild {
      _ = crowd.hold(gate)
      crowd.check("members, orphans with them, ")
    }
    crowd.check("members, orphans with them, ")
  }
  while crowd.hold(gate) {}
  crowd.check("members, orphans and children, ")
  crowd.release(gate)
}

/// Forks at one moment, from more processes than there is room for.
func forkTogether(_ crowd: Crowd) {
  for _ in 0..<4 {
    guard let start = PipeEnds(), let gate = PipeEnds() else { return }
    for _ in 0..<crowd.limit / 2 where fork() == 0 {
      var byte: CChar = 0
      _ = close(start.output)
      _ = read(start.input, &byte, 1)
      _ = fork()
      crowd.stay(behind: gate)
    }
    _ = close(start.input)
    _ = close(start.output)
    _ = sleep(3)
    crowd.check("members after forks at one moment, ")
    crowd.release(gate)
  }
}

/// A bomb that burns out.
func forkEverywhere(_ crowd: Crowd) {
  inChild {
    for _ in 0..<8 {
      _ = fork()
      crowd.check("members of a bomb, ")
    }
    while wait(nil) > 0 {}
  }
  while wait(nil) > 0 {}
}

func forkAfterExec(_ crowd: Crowd, _ program: CString) {
  for _ in 0..<3 {
    inChild {
      var words = Words(program)
      words.append(("again" as StaticString).path)
      attempt("exec", !words.start(program))
    }
  }
  crowd.fill("children of one whose child has called exec, ")
}

func widen(_ crowd: Crowd) {
  for limit in [64, 0, -1, CInt.max, CInt.min, crowd.limit, crowd.limit + 1, 1000] {
    attempt("cm_maxproc", limit, cm_maxproc(limit) == 0)
    // One's own limit may say anything; it does not widen the other.
    _ = maxproc(limit)
    inChild {
      _ = maxproc(limit)
      _ = cm_create_and_enter()
      _ = cm_join(getcid())
      _ = cm_maxproc(limit)
      crowd.fill("children of one with wider limits, ")
    }
  }
  attempt("cm_create_and_enter", cm_create_and_enter() == 0)
  attempt("cm_join", cm_join(getcid()) == 0)
}

/// A slot is free when its process has been waited for, not when it has been killed.
func replace(_ crowd: Crowd) {
  guard let gate = PipeEnds() else { return }
  while crowd.hold(gate) {}
  for round in CInt(0)..<20 {
    let victim = youngest()
    attempt("nobody to kill, round", round, kill(victim) != 0)
    attempt("a fork before it is gone, round", round, crowd.hold(gate))
    crowd.check("members, the killed with them, ")
    _ = wait(nil)
    attempt("no fork when it is gone, round", round, !crowd.hold(gate))
    crowd.check("members, with the one in its place, ")
  }
  crowd.release(gate)
}

/// A fork that fails for want of memory has taken no slot, and one that succeeds is in the budget.
func forkWithoutMemory(_ crowd: Crowd) {
  for _ in 0..<3 {
    inChild {
      var size: CInt = 1 << 24
      while size >= CInt(PGSIZE) {
        if Int(bitPattern: sbrk(size)) == -1 { size /= 2 }
      }
      for round in CInt(0)..<4 {
        let child = fork()
        if child == 0 { exit(0) }
        attempt("a fork without memory, round", round, child > 0)
      }
    }
    crowd.fill("children when there is memory again, ")
  }
}

/// The pid of the member that came last.
func youngest() -> CInt {
  let table = UnsafeMutablePointer<proc_info>.allocate(capacity: 64)
  let count = Int(ps(table, 64))
  defer { table.deallocate() }
  return table[count - 1].pid
}
