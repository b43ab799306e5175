// File data by tick, from the events alone: the groups and what they may move are as `group_make` and `group_limit`
// say, and what was moved as each `transfer` says. In no tick does a group move more than the limit that it then has.

import Sim

struct DataRates: Sendable {
  private struct Rate: Sendable {
    var limit: Int64 = -1
    var tick: UInt64 = 0
    var moved: Int64 = 0
  }

  private struct Known: Sendable {
    var parent: Int32
    /// Of reading and of writing.
    var rates = [Rate(), Rate()]
  }

  private var groups = KeyedList<Known>()

  mutating func seeMaking(_ event: Event) {
    groups[event[GroupMakeEvent.group].raw] = Known(parent: event[GroupMakeEvent.parent].raw)
  }

  mutating func seeRemoval(_ event: Event) { groups[event[GroupRemoveEvent.group].raw] = nil }

  mutating func seeLimit(_ event: Event, in machine: borrowing Simulation) {
    let file = machine.names.string(event[GroupLimitEvent.file])
    for direction in DataDirection.allCases where file == "io.max \(direction.key)" {
      let limit = event[GroupLimitEvent.value]
      groups[event[GroupLimitEvent.group].raw]?.rates[direction.rawValue].limit = limit
    }
  }

  mutating func seeTransfer(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let direction = event[TransferEvent.write] ? DataDirection.write : .read
    let tick = event.time.instructions / machine.scenario.tick
    var here = event[TransferEvent.group].raw
    for _ in 0...groups.count {
      guard var known = groups[here] else { return }
      var rate = known.rates[direction.rawValue]
      if rate.tick != tick { rate.moved = 0 }
      rate.tick = tick
      rate.moved += event[TransferEvent.count]
      known.rates[direction.rawValue] = rate
      groups[here] = known
      if rate.limit >= 0, rate.moved > rate.limit {
        findings.report(
          .limits,
          "\(rate.moved) bytes of files in tick \(tick) in group \(here), with a \(direction)",
          expected: "\(rate.limit) at most")
      }
      here = known.parent
    }
  }
}
