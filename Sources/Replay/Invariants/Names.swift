// Names. A page or mutex that a process uses by name was named by a process of the same container,
// or, for processes outside any, by one outside: so that two containers never share one, whatever
// names and handles they try. Who enters a container leaves what it shared outside behind, and is
// shown no process and no container but its own.

import Sim

struct NamesInvariant: Sendable {
  /// In which container the page in a frame was made, as the events told it: two pages with names of
  /// their own, one in each of two containers, are still one where they lie in the same frame.
  private var makers = KeyedList<Int32>()

  mutating func seePage(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    if event.kind == .shmCreate || event.kind == .shmMap {
      seeMember(event.process, in: machine, &findings)
    }
    seeFrame(event, &findings)
  }

  private mutating func seeFrame(_ event: Event, _ findings: inout Findings) {
    let frame = Int32(truncatingIfNeeded: event[SharedPageEvent.frame])
    switch event.kind {
    case .shmMap, .shmInherit, .shmUnmap:
      if let maker = makers[frame] {
        if maker == event.container.raw { return }
        findings.report(
          .names, "frame \(frame) used, which was made in \(placeName(maker))",
          expected: "one made in \(placeName(event.container.raw))")
      } else {
        makers[frame] = event.container.raw
      }
    case .shmCreate: makers[frame] = event.container.raw
    default: return
    }
  }

  func seeLock(_ event: Event, in machine: borrowing Simulation, _ findings: inout Findings) {
    let mutex = MutexIndex(rawValue: Int32(truncatingIfNeeded: event[LockEvent.mutex]))
    guard machine.kernel.mutexes.isUsed(mutex) else { return }
    let owner = machine.kernel.mutexes.name(mutex).container
    if owner != event.container {
      findings.report(
        .names, "\(event.kind.name) of mutex \(mutex), which is named in \(placeName(owner.raw))",
        expected: "one named in \(placeName(event.container.raw))")
    }
  }

  func seeEntering(_ event: Event, in machine: borrowing Simulation, _ findings: inout Findings) {
    seeMember(event.process, in: machine, &findings)
  }

  /// All that one process shares.
  func seeMember(
    _ pid: ProcessID, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    guard let slot = machine.slot(of: pid) else { return }
    check(slot, machine, &findings)
  }

  private func check(
    _ slot: Slot, _ machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let own = machine.kernel.processes[slot].container
    let pid = machine.kernel.processes[slot].pid
    for mapping in machine.kernel.addressSpace(of: slot)?.sharedMappings ?? []
    where machine.kernel.sharedPages.isUsed(mapping.shared) {
      let owner = machine.kernel.sharedPages.name(mapping.shared).container
      if owner != own {
        findings.report(
          .names, "a mapping of shared page \(mapping.shared), named in \(placeName(owner.raw))",
          expected: "only pages named in \(placeName(own.raw))", about: pid)
      }
    }
    for case let mutex? in machine.kernel.processes[common: slot].mutexHandles
    where machine.kernel.mutexes.isUsed(mutex) {
      let owner = machine.kernel.mutexes.name(mutex).container
      if owner != own {
        findings.report(
          .names, "a handle of mutex \(mutex), named in \(placeName(owner.raw))",
          expected: "only mutexes named in \(placeName(own.raw))", about: pid)
      }
    }
  }

  // MARK: What there is to see

  /// After ps: its first argument says where its records were put, its value how many they are.
  func seeList(_ event: Event, in machine: borrowing Simulation, _ findings: inout Findings) {
    guard event.container != .outside, let slot = machine.slot(of: event.process) else { return }
    var address = event[CallEvent.arg0]
    for _ in 0..<event[CallEvent.value] {
      guard
        let bytes = machine.kernel.peek(slot, address, count: ProcessDescription.byteCount)
      else { return }
      let shown = ProcessDescription(bytes)
      if shown.container != event.container.raw {
        findings.report(
          .names,
          "pid \(shown.pid.raw) listed, which is in \(placeName(shown.container))",
          expected: "only processes of container \(event.container.raw)")
      }
      address += UInt64(ProcessDescription.byteCount)
    }
  }

  /// After cm_info: its value is the container.
  func seeDescription(_ event: Event, _ findings: inout Findings) {
    let described = event[CallEvent.value]
    guard event.container != .outside, described != Int64(event.container.raw) else { return }
    findings.report(
      .names, "container \(described) described",
      expected: "only container \(event.container.raw)")
  }

  func audit(in machine: borrowing Simulation, _ findings: inout Findings) {
    for slot in 0..<machine.kernel.processes.slotCount where machine.kernel.processes.isUsed(slot) {
      check(slot, machine, &findings)
    }
  }
}
