// Who lived when: the tables `process` and `container`, kept up to date as events are written, so
// that a trace that is cut short has them too.

import Sim

/// The lives of processes and containers, as far as events tell them.
struct ProcessLedger {
  struct ProcessRow: Equatable {
    var pid: Int32
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
      let child = Int32(truncatingIfNeeded: event.a0)
      change(child, at: time, in: cid) {
        $0.parent = pid
        $0.name = Int32(truncatingIfNeeded: event.a1)
      }
    case .exec:
      change(pid, at: time, in: cid) { $0.name = Int32(truncatingIfNeeded: event.a0) }
    default:
      change(pid, at: time, in: cid) {
        $0.end = time
        $0.status = event.a0
      }
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
    let cid = Int32(truncatingIfNeeded: event.a0)
    var row = containers[cid] ?? ContainerRow(cid: cid, initial: event.process.raw, start: time)
    switch event.kind {
    case .containerCreate: row.initial = Int32(truncatingIfNeeded: event.a1)
    case .containerRoot: row.root = Int32(truncatingIfNeeded: event.a1)
    case .containerBudget: row.allowed = event.a1
    case .containerEnd:
      row.end = time
      row.status = event.a1
    default: break
    }
    if !row.changed { changedContainers.append(cid) }
    row.changed = true
    containers[cid] = row
    if event.kind == .containerCreate || event.kind == .containerEnter {
      change(event.process.raw, at: processes[event.process.raw]?.start ?? time, in: cid) { _ in }
    }
  }
}
