// Threads. The threads of a process have its memory, and none lives longer than its first one or than the program that
// made it. join comes back when its thread has exited, with the status of that. Whoever sleeps on an int sleeps while
// that is as expected; a call on the same int wakes it, the highest priority first and the first of several, and nobody
// else does before its time. Nobody waits by what another thread of its process has taken away.

import Sim

struct ThreadsInvariant: Sendable {
  /// Where an int is, by the page tables: two are one if a store to one changes the other for good.
  private enum Place: Equatable {
    /// In an address space's own memory.
    case own(Int, UInt64)
    /// In a page that is shared by name.
    case shared(PageFrame, UInt64)
  }

  /// Who sleeps on an int.
  private struct Sleeper: Sendable {
    var pid: Int32
    /// Rises with everybody who comes to sleep.
    var arrival: Int64
    /// nil once the page is gone: nobody can wake it there.
    var place: Place?
    var until: Instant?
  }

  private var sleepers: [Sleeper] = []
  private var arrivals: Int64 = 0
  /// Who was woken in this step, in order, with what decides whose turn it is.
  private var woken: [(sleeper: Sleeper, turn: Turn)] = []
  /// Who was woken by a call and has not come back yet.
  private var answered: [Int32] = []
  /// The thread that was reaped last, by whom and with which status.
  private var reaped = (by: Int32(0), thread: Int32(0), status: Int32(0), hadExited: false)

  /// The highest priority goes first, and of several who came first.
  private struct Turn: Comparable, Sendable {
    var priority: Int
    var arrival: Int64

    static func < (a: Self, b: Self) -> Bool {
      (a.priority, a.arrival) < (b.priority, b.arrival)
    }
  }

  private func turn(of sleeper: Sleeper, _ population: Population) -> Turn {
    Turn(priority: population[sleeper.pid]?.priority ?? 0, arrival: sleeper.arrival)
  }

  // MARK: Lives

  /// The first thread of a process has exited, or one has called exec: the others have ended before it.
  mutating func seeEnd(_ event: Event, _ population: Population, _ findings: inout Findings) {
    let pid = event.process.raw
    if event.kind == .exit {
      sleepers.removeAll { $0.pid == pid }
      answered.removeAll { $0 == pid }
    }
    guard let member = population[pid], member.leader == 0 else { return }
    for child in member.children {
      guard let thread = population[child], thread.leader == pid, !thread.hasExited else {
        continue
      }
      findings.report(
        .threads, "thread \(child) going on after \(event.kind == .exit ? "the exit" : "an exec")",
        expected: "all threads of pid \(pid) to end with it")
    }
  }

  mutating func seeReap(_ event: Event, _ population: Population) {
    let child = event[ReapEvent.child]
    guard let member = population[child], member.leader != 0 else { return }
    reaped = (
      event.process.raw, child.raw, Int32(truncatingIfNeeded: event[ReapEvent.status]),
      member.hasExited
    )
  }

  private mutating func seeJoin(
    _ event: Event, _ population: Population, in machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    defer { reaped = (0, 0, 0, false) }
    guard reaped.by == event.process.raw, reaped.hadExited else {
      findings.report(
        .threads, "join of \(event[CallEvent.arg0]) back before that thread has exited",
        expected: "it to wait")
      return
    }
    let address = event[CallEvent.arg1]
    guard address != 0, let slot = machine.slot(of: event.process),
      let found = int(at: address, of: slot, machine), found != reaped.status
    else { return }
    findings.report(
      .threads, "join of \(event[CallEvent.arg0]) giving the status \(found)",
      expected: "\(reaped.status)")
  }

  // MARK: Futexes

  private func int(at address: UInt64, of slot: Slot, _ machine: borrowing Simulation) -> Int32? {
    guard let bytes = machine.kernel.peek(slot, address, count: 4) else { return nil }
    return Int32(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
  }

  private func place(of address: UInt64, for slot: Slot, _ machine: borrowing Simulation) -> Place?
  {
    guard let space = machine.kernel.processes[slot].addressSpace else { return nil }
    guard let entry = machine.kernel.addressSpaces[space].table.entry(at: address),
      entry.permissions.contains(.shared)
    else { return .own(space.index, address) }
    return .shared(entry.frame, address & 4095)
  }

  mutating func seeBlock(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    guard let slot = machine.slot(of: event.process),
      case .blocked(.futex(_, let until)) = machine.kernel.processes[slot].state
    else { return }
    let registers = machine.kernel.processes[slot].context.registers
    let address = registers[10]
    let expected = Int32(truncatingIfNeeded: registers[12])
    if let found = int(at: address, of: slot, machine), found != expected {
      findings.report(
        .threads, "a thread that sleeps on an int that is \(found)",
        expected: "it to come back, for it expects \(expected)")
    }
    arrivals += 1
    sleepers.append(
      Sleeper(
        pid: event.process.raw, arrival: arrivals, place: place(of: address, for: slot, machine),
        until: until))
  }

  /// Nobody can wake who sleeps on a page that is gone, whoever has its frame next.
  mutating func seePageFreed(_ event: Event) {
    for index in sleepers.indices {
      if case .shared(let frame, _)? = sleepers[index].place,
        Int64(frame.raw) == event[SharedPageEvent.frame]
      {
        sleepers[index].place = nil
      }
    }
  }

  mutating func seeWake(_ event: Event, _ population: Population) {
    guard let index = sleepers.firstIndex(where: { $0.pid == event.process.raw }) else { return }
    let sleeper = sleepers.remove(at: index)
    woken.append((sleeper, turn(of: sleeper, population)))
  }

  /// A futex call that was done.
  private mutating func seeFutex(
    _ event: Event, _ population: Population, in machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    if event[CallEvent.arg1] & 0xffff_ffff == 0 {
      // Back from sleep.
      if let index = answered.firstIndex(of: event.process.raw) {
        answered.remove(at: index)
      } else {
        findings.report(.threads, "futex back without a wake", expected: "it to sleep")
      }
      return
    }
    guard let slot = machine.slot(of: event.process) else { return }
    let address = event[CallEvent.arg0]
    let place = place(of: address, for: slot, machine)
    let value = event[CallEvent.value]
    let asked = Int64(Int32(truncatingIfNeeded: event[CallEvent.arg2]))
    if value != Int64(woken.count) || value > max(asked, 0) {
      findings.report(
        .threads, "futex saying that it woke \(value)",
        expected: "\(woken.count), of at most \(max(asked, 0))")
    }
    for (index, (sleeper, turn)) in woken.enumerated() {
      if sleeper.place != place {
        findings.report(
          .threads, "pid \(sleeper.pid) woken, which sleeps on another int",
          expected: "who sleeps on the int at \(address) of pid \(event.process.raw)")
      }
      if index > 0, turn < woken[index - 1].turn {
        findings.report(
          .threads, "pid \(woken[index - 1].sleeper.pid) woken before pid \(sleeper.pid)",
          expected: "the highest priority first, then who came first")
      }
      answered.append(sleeper.pid)
    }
    checkRest(at: place, asked: asked, population, &findings)
    woken.removeAll(keepingCapacity: true)
  }

  /// Those who sleep on at that place: nobody, if fewer were woken than asked for, and nobody who was before one
  /// that was woken.
  private func checkRest(
    at place: Place?, asked: Int64, _ population: Population, _ findings: inout Findings
  ) {
    for sleeper in sleepers where sleeper.place == place && place != nil {
      if Int64(woken.count) < asked {
        findings.report(
          .threads, "pid \(sleeper.pid) sleeping on", expected: "\(asked) to be woken",
          about: ProcessID(raw: sleeper.pid))
      }
      let due = turn(of: sleeper, population)
      if let early = woken.first(where: { $0.turn > due }) {
        findings.report(
          .threads, "pid \(early.sleeper.pid) woken before pid \(sleeper.pid)",
          expected: "the highest priority first, then who came first")
      }
    }
  }

  // MARK: Calls and steps

  /// A call that has succeeded.
  mutating func seeCall(
    _ event: Event, _ call: CallNumber, _ population: Population, in machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    switch call {
    case .join: seeJoin(event, population, in: machine, &findings)
    case .futex: seeFutex(event, population, in: machine, &findings)
    case .close, .mutexDelete:
      checkNobodyWaits(
        for: call == .close ? .descriptor : .mutex, event, population, in: machine, &findings)
    default: break
    }
  }

  /// No other thread waits by a number that its process has for nothing any more.
  private func checkNobodyWaits(
    for subject: PendingCall.Subject, _ event: Event, _ population: Population,
    in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let process = population.process(of: event.process.raw)
    guard let children = population[process]?.children, !children.isEmpty else { return }
    let number = Int32(truncatingIfNeeded: event[CallEvent.arg0])
    for pid in [process] + children where population.process(of: pid) == process {
      guard let slot = machine.slot(of: ProcessID(raw: pid)),
        case .blocked = machine.kernel.processes[slot].state,
        machine.kernel.processes[slot].pending?.subject == subject,
        Int32(truncatingIfNeeded: machine.kernel.processes[slot].context.registers[10]) == number
      else { continue }
      findings.report(
        .threads, "thread \(pid) waiting by the number \(number), which is nothing's any more",
        expected: "it to come back with -1", about: ProcessID(raw: pid))
    }
  }

  /// Who was woken in this step otherwise than by a call on its int.
  mutating func seeStep(in machine: borrowing Simulation, _ findings: inout Findings) {
    if woken.isEmpty { return }
    defer { woken.removeAll(keepingCapacity: true) }
    for (sleeper, _) in woken {
      if let until = sleeper.until, until <= machine.kernel.now { continue }
      guard let slot = machine.slot(of: ProcessID(raw: sleeper.pid)),
        !machine.kernel.processes[slot].isKilled
      else { continue }
      findings.report(
        .threads, "pid \(sleeper.pid) woken before its time", expected: "a call on its int",
        about: ProcessID(raw: sleeper.pid))
    }
  }

  // MARK: The kernel's own tables

  func audit(in machine: borrowing Simulation, _ findings: inout Findings) {
    let processes = machine.kernel.processes
    var users = [Int](repeating: 0, count: processes.slotCount)
    for slot in users.indices
    where processes.isUsed(slot) && processes[slot].exitStatus == nil {
      let leader = processes.leader(of: slot)
      guard processes.isUsed(leader), processes[leader].leader == nil else {
        findings.report(
          .threads, "a thread of a process that is gone", expected: "a first thread",
          about: processes[slot].pid)
        continue
      }
      users[leader] += 1
      if processes[slot].addressSpace != processes[leader].addressSpace {
        findings.report(
          .threads, "a thread with memory of its own", expected: "that of its process",
          about: processes[slot].pid)
      }
    }
    for slot in users.indices where users[slot] > 0 {
      guard let space = processes[slot].addressSpace,
        machine.kernel.addressSpaces[space].users != users[slot]
      else { continue }
      findings.report(
        .threads, "memory that \(machine.kernel.addressSpaces[space].users) use",
        expected: "the \(users[slot]) threads of its process", about: processes[slot].pid)
    }
    for sleeper in sleepers {
      guard let slot = machine.slot(of: ProcessID(raw: sleeper.pid)) else { continue }
      if case .blocked(.futex) = processes[slot].state { continue }
      findings.report(
        .threads, "a thread that went on without being woken", expected: "it to sleep",
        about: ProcessID(raw: sleeper.pid))
    }
  }
}
