// Pids. A container numbers its processes from 1 in the order in which they come into it, and gives no
// number twice. Whatever a call takes or gives for a pid is a number of the caller's own: the machine's
// outside containers, its container's inside; what is not in sight is 0.

import Sim

struct PidsInvariant: Sendable {
  /// A container's numbers, as the events told them.
  private struct Numbers: Sendable {
    var given: Int32 = 0
    /// The process of each number, until it is reaped.
    var holders = KeyedList<Int32>()
    /// The machine-wide pid of its init.
    var initial: Int32
  }

  private var containers = KeyedList<Numbers>()
  /// What the calls of this step have done, by the event that told it: whom a fork made, whom a wait reaped
  /// and by which number its parent knew it, whom a kill or prio_set meant.
  private var forked = (parent: Int32(0), child: Int32(0))
  private var reaped = (parent: Int32(0), number: Int32(0))
  private var meant = (by: Int32(0), whom: Int32(0))

  // MARK: Giving

  mutating func seeCreation(_ event: Event) {
    containers[event[ContainerEvent.cid].raw] = Numbers(
      initial: event[ContainerEvent.initial].raw)
  }

  mutating func seeEntering(_ event: Event, _ findings: inout Findings) {
    give(
      event[ContainerEnterEvent.number], to: event.process, event[ContainerEnterEvent.cid].raw,
      &findings)
  }

  mutating func seeFork(_ event: Event, _ findings: inout Findings) {
    forked = (event.process.raw, event[ForkEvent.child].raw)
    give(event[ForkEvent.number], to: event[ForkEvent.child], event.container.raw, &findings)
  }

  private mutating func give(
    _ number: GuestPID, to process: ProcessID, _ container: Int32, _ findings: inout Findings
  ) {
    // One that has ended gives none, and nobody can come into it.
    let due = container == 0 ? 0 : (containers[container]?.given ?? 0) + 1
    if number.raw != due {
      findings.report(
        .pids, "number \(number.raw) given to pid \(process.raw) in \(placeName(container))",
        expected: due == 0 ? "none" : "\(due), the next")
    }
    containers[container]?.given += 1
    if due > 0 { containers[container]?.holders[number.raw] = process.raw }
  }

  mutating func seeReap(_ event: Event, _ population: Population) {
    let child = event[ReapEvent.child]
    guard let member = population[child] else { return }
    reaped = (event.process.raw, name(of: child.raw, member, for: event.container.raw))
    containers[member.container]?.holders[member.number.raw] = nil
  }

  mutating func seeEnd(_ event: Event) { containers[event[ContainerEndEvent.cid].raw] = nil }

  // MARK: Taking and showing

  mutating func seeKill(_ event: Event) { meant = (event.process.raw, event[KillEvent.target].raw) }

  mutating func seePriority(_ event: Event) {
    meant = (event[PriorityEvent.by].raw, event.process.raw)
  }

  /// A call that has succeeded.
  func seeCall(
    _ event: Event, _ call: CallNumber, _ population: Population, in machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    let value = event[CallEvent.value]
    switch call {
    case .getpid:
      let process = population.process(of: event.process.raw)
      expect(call, value, named: process, event, population, &findings)
    case .gettid: expect(call, value, named: event.process.raw, event, population, &findings)
    case .fork, .clone:
      guard forked.parent == event.process.raw else { return }
      expect(call, value, named: forked.child, event, population, &findings)
    case .wait:
      guard reaped.parent == event.process.raw, value != Int64(reaped.number) else { return }
      findings.report(.pids, "wait giving pid \(value)", expected: "\(reaped.number)")
    case .kill, .prioritySet: seeTarget(event, call, meant: meant, &findings)
    case .priorityGet: seeTarget(event, call, meant: nil, &findings)
    case .processStatus: seeList(event, in: machine, &findings)
    case .containerInfo: seeDescription(event, in: machine, &findings)
    default: break
    }
  }

  private func expect(
    _ call: CallNumber, _ value: Int64, named process: Int32, _ event: Event,
    _ population: Population, _ findings: inout Findings
  ) {
    guard let member = population[process] else { return }
    let own = name(of: process, member, for: event.container.raw)
    guard value != Int64(own) else { return }
    findings.report(
      .pids, "\(call.name) giving pid \(value) for process \(process)",
      expected: "\(own), its number in \(placeName(event.container.raw))")
  }

  /// The number by which a process of a container, 0 for outside, knows another.
  private func name(of process: Int32, _ member: Member, for container: Int32) -> Int32 {
    if container == 0 { return process }
    return member.container == container ? member.number.raw : 0
  }

  private func seeTarget(
    _ event: Event, _ call: CallNumber, meant: (by: Int32, whom: Int32)?,
    _ findings: inout Findings
  ) {
    // The kernel takes it as an int.
    let number = Int32(truncatingIfNeeded: event[word: CallEvent.arg0])
    let container = event.container.raw
    let holder = container == 0 ? number : containers[container]?.holders[number]
    let found = meant.map { $0.by == event.process.raw ? $0.whom : nil } ?? holder
    if let holder, holder == found { return }
    findings.report(
      .pids, "\(call.name) of pid \(number), which is nobody's in \(placeName(container))",
      expected: "a refusal")
  }

  /// After ps: its first argument says where its records were put, its value how many they are.
  private func seeList(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let container = event.container.raw
    guard container != 0, let slot = machine.slot(of: event.process) else { return }
    var address = event[CallEvent.arg0]
    for _ in 0..<event[CallEvent.value] {
      guard
        let bytes = machine.kernel.peek(slot, address, count: ProcessDescription.byteCount)
      else { return }
      let shown = ProcessDescription(bytes)
      let holders = containers[container]?.holders
      if holders?[shown.pid.raw] == nil {
        findings.report(
          .pids, "pid \(shown.pid.raw) listed, which is nobody's in \(placeName(container))",
          expected: "only numbers of that container")
      }
      if shown.parent != .none, holders?[shown.parent.raw] == nil {
        findings.report(
          .pids, "parent \(shown.parent.raw) listed, which is nobody's in \(placeName(container))",
          expected: "0, for it is not in sight")
      }
      address &+= UInt64(ProcessDescription.byteCount)
    }
  }

  /// After cm_info: its second argument says where the description was put, its value of whom.
  private func seeDescription(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let described = Int32(truncatingIfNeeded: event[CallEvent.value])
    guard let slot = machine.slot(of: event.process), let numbers = containers[described],
      let bytes = machine.kernel.peek(
        slot, event[CallEvent.arg1], count: ContainerDescription.byteCount)
    else { return }
    let expected = event.container == .outside ? numbers.initial : GuestPID.initial.raw
    let shown = ContainerDescription.initial(in: bytes).raw
    guard shown != expected else { return }
    findings.report(
      .pids, "pid \(shown) described as the init of container \(described)",
      expected: "\(expected)")
  }

  // MARK: /proc

  /// An open file of /proc is somebody's who is in sight, and what it held names nobody else. What a descriptor
  /// from before was of, is no matter: dup tells of it once more.
  func seeOpen(
    _ event: Event, _ population: Population, in machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    let file = event[OpenEvent.inode]
    let container = event.container.raw
    guard file.volume == .proc, container != 0, event[call: OpenEvent.call] != .dup else { return }
    let node = machine.kernel.volumes.proc.node(file.inode)
    if let process = node.process, let member = population[process],
      member.container != container
    {
      findings.report(
        .pids, "/proc showing pid \(process.raw), which is not in \(placeName(container))",
        expected: "only processes of that container")
    }
    guard node == .root, let slot = machine.slot(of: event.process),
      let index = machine.kernel.processes[common: slot].descriptors[
        Int(event[OpenEvent.descriptor])],
      let bytes = machine.kernel.files.made(index)?.bytes
    else { return }
    for start in stride(from: 2, to: bytes.count, by: 16) {
      let name = String(decoding: bytes[start..<start + 14].prefix { $0 != 0 }, as: UTF8.self)
      guard let number = Int32(name), containers[container]?.holders[number] == nil else {
        continue
      }
      findings.report(
        .pids, "/proc listing \(number), which is nobody's in \(placeName(container))",
        expected: "only numbers of that container")
    }
  }

  // MARK: The kernel's own tables

  func audit(
    _ population: Population, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    machine.kernel.processes.forEachUsed { process in
      guard let numbers = containers[process.container.raw] else { return }
      let number = process.number.raw
      if numbers.holders[number] == process.pid.raw { return }
      findings.report(
        .pids, "number \(number) kept for pid \(process.pid.raw)",
        expected: "the one that \(placeName(process.container.raw)) gave it", about: process.pid)
    }
  }
}
