// Signals. What one process does to another stays within a container: a process in one kills, waits
// for and sets the priority of processes in the same only; whoever sets a priority sets its own or
// a descendant's; a killed process does not sleep on; an orphan in a container that lives is adopted by
// that container's init.

import Sim

struct SignalsInvariant: Sendable {
  /// The inits of the containers that there are, as the events told them. The machine is looked at after
  /// a step, in which a container that adopted somebody may have ended.
  private var initials = KeyedList<Int32>()

  mutating func seeCreation(_ event: Event) {
    initials[event[ContainerEvent.cid].raw] = event[ContainerEvent.initial].raw
  }

  mutating func seeEnd(_ event: Event) {
    initials[event[ContainerEndEvent.cid].raw] = nil
  }

  func seeKill(
    _ event: Event, _ population: Population, in machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    let target = event[KillEvent.target]
    reach("kill of", target, from: event.container.raw, population, &findings)
    if let slot = machine.slot(of: target),
      case .blocked = machine.kernel.processes[slot].state
    {
      findings.report(
        .signals, "pid \(target.raw) asleep after its kill", expected: "it to be woken",
        about: target)
    }
  }

  func seeReap(_ event: Event, _ population: Population, _ findings: inout Findings) {
    // The end of a container reaps its processes, in the name of any process.
    reach("reaping of", event[ReapEvent.child], from: event.container.raw, population, &findings)
  }

  private func reach(
    _ what: String, _ pid: ProcessID, from container: Int32, _ population: Population,
    _ findings: inout Findings
  ) {
    guard container != 0, let target = population[pid], target.container != container else {
      return
    }
    findings.report(
      .signals, "\(what) pid \(pid.raw), which is in \(placeName(target.container))",
      expected: "only processes of container \(container)")
  }

  func seePriority(_ event: Event, _ population: Population, _ findings: inout Findings) {
    let setter = event[PriorityEvent.by].raw
    if let container = population[setter]?.container {
      reach("prio_set on", event.process, from: container, population, &findings)
    }
    if !population.isDescendant(event.process.raw, of: setter) {
      findings.report(
        .signals, "prio_set by pid \(setter)", expected: "the process itself or one above it")
    }
  }

  func seeAdoption(_ event: Event, _ population: Population, _ findings: inout Findings) {
    guard event.container != .outside, let initial = initials[event.container.raw],
      initial != event.process.raw, initial != event[AdoptEvent.to].raw,
      !population.isDescendant(initial, of: event.process.raw)
    else { return }
    findings.report(
      .signals, "adoption by pid \(event[AdoptEvent.to].raw)",
      expected: "pid \(initial), the container's init")
  }
}
