// Schedule, where priorities are inherited. After every step the priority in force of each process is its own or, if that
// is higher, the best of those who wait for a mutex that it holds, or for one that such a waiter holds, and so on. Its own
// is told by events; the rest is worked out anew from who waits for whom, with no regard to what was inherited
// before.

import Sim

struct InheritanceInvariant: Sendable {
  /// Whether something happened in this step on which it depends.
  var hasChanged = false

  mutating func seeStep(
    _ population: Population, in machine: borrowing Simulation, _ looks: inout LookAllowance,
    _ findings: inout Findings
  ) {
    guard hasChanged else { return }
    hasChanged = false
    guard machine.scenario.inheritsPriorities, looks.affords(machine) else { return }
    audit(population, in: machine, &findings)
  }

  func audit(
    _ population: Population, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    guard machine.scenario.inheritsPriorities, !machine.hasHalted else { return }
    let processes = machine.kernel.processes.schedulingFacts
    var due: [Int?] = processes.map { facts in facts.flatMap { population[$0.pid]?.own } }
    let holders = processes.map { facts in
      facts?.awaited.flatMap { machine.kernel.mutexes[$0].holder }
    }
    for slot in processes.indices {
      guard let own = processes[slot].flatMap({ population[$0.pid]?.own }) else { continue }
      var here = holders[slot]
      while let holder = here, due.indices.contains(holder), let found = due[holder], found > own {
        due[holder] = own
        here = holders[holder]
      }
    }
    for (facts, due) in zip(processes, due) {
      guard let facts, let due, facts.priority != due else { continue }
      findings.report(
        .schedule, "priority \(facts.priority)",
        expected: "\(due), by its own and those of who waits for its mutexes", about: facts.pid)
    }
  }
}
