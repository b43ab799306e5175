// Who lived when: the tables `process` and `container`, kept up to date as events are written, so
// that a trace that is cut short has them too.

import Sim

/// The lives of processes and containers, as far as events tell them.
struct ProcessLedger {
  struct ProcessRow: Equatable {
    var pid: Int32
    /// The number that its container has given it; nil outside any.
    var containerPID: Int32?
    var name: Int32 = 0
    var start: Int64
    var end: Int64?
    var parent: Int32?
    var cid: Int32
    var status: Int64?
    /// Whether it is among `changedProcesses`; looking it up there would cost too much.
    var changed = false
  }
  struct ContainerRow: Equatable {
    var cid: Int32
    var initial: Int32
    var root: Int32?
    var allowed: Int64?
    var start: Int64
    var end: Int64?
    var status: Int64?
    /// Whether it is among `changedContainers`.
    var changed = false
  }

  private var processes: [Int32: ProcessRow] = [:]
  private var containers: [Int32: ContainerRow] = [:]
  /// Those that changed since they were last written, in the order of their first change.
  private(set) var changedProcesses: [Int32] = []
  private(set) var changedContainers: [Int32] = []

  func process(_ pid: Int32) -> ProcessRow? { processes[pid] }
  func container(_ cid: Int32) -> ContainerRow? { containers[cid] }

  mutating func written() {
    // The dead do not change any more, and a long session has many of them.
    for pid in changedProcesses {
      if processes[pid]?.end != nil { processes[pid] = nil }
      processes[pid]?.changed = false
    }
    for cid in changedContainers { containers[cid]?.changed = false }
    changedProcesses.removeAll(keepingCapacity: true)
    changedContainers.removeAll(keepingCapacity: true)
  }

  /// Takes note of an event; most kinds say nothing about lives.
  @inline(__always)
  mutating func receive(_ event: Event) {
    switch event.kind {
    case .boot, .fork, .exec, .exit: receiveProcess(event)
    case .containerCreate, .containerEnter, .containerRoot, .containerBudget, .containerEnd:
      receiveContainer(event)
    default: break
    }
  }

  private mutating func receiveProcess(_ event: Event) {
    let time = Int64(bitPattern: event.time.instructions)
    let pid = event.process.raw
    let cid = event.container.raw
    switch event.kind {
    case .boot: change(ProcessID.initial.raw, at: time, in: cid) { _ in }
    case .fork:
      change(event[ForkEvent.child].raw, at: time, in: cid) {
        $0.parent = pid
        $0.name = event[ForkEvent.name].raw
        $0.containerPID = ProcessLedger.containerPID(event[ForkEvent.number])
      }
    case .exec:
      change(pid, at: time, in: cid) { $0.name = event[ExecEvent.path].raw }
    case .exit:
      change(pid, at: time, in: cid) {
        $0.end = time
        $0.status = event[ExitEvent.status]
      }
    default: break
    }
  }

  private mutating func change(
    _ pid: Int32, at time: Int64, in cid: Int32, _ body: (inout ProcessRow) -> Void
  ) {
    var row = processes[pid] ?? ProcessRow(pid: pid, start: time, cid: cid)
    row.cid = cid
    body(&row)
    if !row.changed { changedProcesses.append(pid) }
    row.changed = true
    processes[pid] = row
  }

  private mutating func receiveContainer(_ event: Event) {
    let time = Int64(bitPattern: event.time.instructions)
    switch event.kind {
    case .containerCreate:
      let cid = event[ContainerEvent.cid].raw
      change(cid, event, time) { $0.initial = event[ContainerEvent.initial].raw }
      move(event.process.raw, to: cid, time)
    case .containerEnter:
      let cid = event[ContainerEnterEvent.cid].raw
      change(cid, event, time) { _ in }
      let number = ProcessLedger.containerPID(event[ContainerEnterEvent.number])
      move(event.process.raw, to: cid, time) { $0.containerPID = number }
    case .containerRoot:
      change(event[ContainerRootEvent.cid].raw, event, time) {
        $0.root = event[ContainerRootEvent.path].raw
      }
    case .containerBudget:
      change(event[ContainerBudgetEvent.cid].raw, event, time) {
        $0.allowed = event[ContainerBudgetEvent.limit]
      }
    case .containerEnd:
      change(event[ContainerEndEvent.cid].raw, event, time) {
        $0.end = time
        $0.status = event[ContainerEndEvent.status]
      }
    default: break
    }
  }

  private mutating func change(
    _ cid: Int32, _ event: Event, _ time: Int64, _ body: (inout ContainerRow) -> Void
  ) {
    var row = containers[cid] ?? ContainerRow(cid: cid, initial: event.process.raw, start: time)
    body(&row)
    if !row.changed { changedContainers.append(cid) }
    row.changed = true
    containers[cid] = row
  }

  private mutating func move(
    _ pid: Int32, to cid: Int32, _ time: Int64, _ body: (inout ProcessRow) -> Void = { _ in }
  ) {
    change(pid, at: processes[pid]?.start ?? time, in: cid, body)
  }

  private static func containerPID(_ number: GuestPID) -> Int32? {
    number == .none ? nil : number.raw
  }
}
