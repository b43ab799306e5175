// attack_pids: tries to reach processes outside, or to pass for one, by numbers: those of the dead, of
// orphans, of whoever may be outside, and what lists and descriptions say.

func run(_ arguments: Arguments) -> ExitStatus {
  attack_begin(("attack_pids" as StaticString).path)
  family("its own") { countChildren() }
  family("of the dead") { reachTheDead() }
  family("of nobody") { reachNobody() }
  family("of orphans") { followOrphans() }
  family("in lists") { readLists() }
  return attack_verdict()
}

/// What the last child was called.
nonisolated(unsafe) var newest: CInt = 1

/// A child that does something and ends; its number is the next, by its own word and by wait's as well.
func child(_ body: () -> Void) {
  let pid = fork()
  if pid == 0 {
    body()
    exit(getpid())
  }
  newest += 1
  attempt("fork giving", pid, pid != newest)
  var status: CInt = 0
  attempt("wait giving another than", pid, wait(&status) != pid)
  attempt("another number inside than", pid, status != pid)
}

func countChildren() {
  attempt("another number than 1 for an init", getpid() != 1)
  for _ in 0..<12 { child {} }
}

func reachTheDead() {
  for pid in 2...newest {
    attempt("kill of", pid, kill(pid) == 0)
    attempt("prio_get of", pid, prio_get(pid) >= 0)
    attempt("prio_set of", pid, prio_set(pid, 15) == 0)
  }
  // Its killer knows a zombie until it is waited for, and not after that.
  guard let gate = PipeEnds() else { return }
  let pid = fork()
  if pid == 0 {
    var byte: CChar = 0
    _ = close(gate.output)
    _ = read(gate.input, &byte, 1)
    exit(0)
  }
  newest += 1
  _ = kill(pid)
  _ = close(gate.input)
  _ = close(gate.output)
  attempt("wait after kill giving another than", pid, wait(nil) != pid)
  attempt("kill after wait, of", pid, kill(pid) == 0)
}

/// Every number that is nobody's in here. Outside, the low ones are the machine's init, a shell, the manager
/// and the neighbour.
func reachNobody() {
  for pid in CInt(-3)..<300 where pid != 1 {
    attempt("kill of", pid, kill(pid) == 0)
    attempt("prio_get of", pid, prio_get(pid) >= 0)
    attempt("prio_set of", pid, prio_set(pid, 15) == 0)
  }
  for pid in [CInt.min, -65536, 65535, 65536, 1 << 24, CInt.max] {
    attempt("kill of", pid, kill(pid) == 0)
    attempt("prio_get of", pid, prio_get(pid) >= 0)
  }
}

/// An orphan is the init's, under the number that it had.
func followOrphans() {
  guard let gate = PipeEnds(), let told = PipeEnds() else { return }
  for _ in 0..<3 {
    child {
      if fork() == 0 {
        var byte: CChar = 0
        var pid = getpid()
        _ = write(told.output, &pid, CInt(MemoryLayout<CInt>.size))
        _ = close(gate.output)
        _ = read(gate.input, &byte, 1)
        exit(0)
      }
    }
    newest += 1
    var orphan: CInt = 0
    _ = read(told.input, &orphan, CInt(MemoryLayout<CInt>.size))
    attempt("another number for an orphan than", newest, orphan != newest)
  }
  seeLists(of: 4)
  _ = close(gate.input)
  _ = close(gate.output)
  for _ in 0..<3 {
    let pid = wait(nil)
    attempt("wait for an orphan giving", pid, pid <= 1 || pid > newest)
  }
}

/// Only this container's processes are listed, by its numbers in their order, with parents among them.
func seeLists(of count: CInt) {
  let table = UnsafeMutablePointer<proc_info>.allocate(capacity: 64)
  attempt("a list of so many", count, ps(table, 64) != count)
  for index in 0..<Int(count) {
    let process = table[index]
    attempt("seeing", process.pid, process.pid < 1 || process.pid > newest)
    attempt("out of order", process.pid, index > 0 && process.pid <= table[index - 1].pid)
    attempt("a parent, of", process.pid, process.parent != (process.pid == 1 ? 0 : 1))
  }
  table.deallocate()
}

func readLists() {
  seeLists(of: 1)
  var info = cm_info()
  attempt("no description", cm_info(0, &info) != getcid())
  attempt("an init called", info.`init`, info.`init` != 1)
  for id in CInt(-2)..<20 where id > getcid() {
    attempt("a description of", id, cm_info(id, &info) >= 0)
  }
}
