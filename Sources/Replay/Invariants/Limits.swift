// Limits of groups. Of each resource a group has what was taken in it and below it and is still there, counted
// anew from the machine's tables; and a group that has more than its limit, because that was set later, gets no more.

import Sim

struct LimitsInvariant: Sendable {
  /// What a group had of everything when it was last looked at.
  private struct Seen: Sendable {
    var group: GroupID
    var uses: [ResourceUse]
  }

  private var seen: [Seen] = []

  /// A limit was set: what is there from before stays.
  mutating func seeLimit(in machine: borrowing Simulation) {
    seen = machine.kernel.groups.groups.dropFirst().map { Seen(group: $0.id, uses: $0.uses) }
  }

  /// Compares what each group has with what it had.
  mutating func see(in machine: borrowing Simulation, _ findings: inout Findings) {
    // Until there is a limit, there is nothing to look at.
    if seen.isEmpty { return }
    let table = machine.kernel.groups
    var next = 0
    for group in table.groups where group.id != .root {
      while next < seen.count, seen[next].group < group.id { next += 1 }
      let isKnown = next < seen.count && seen[next].group == group.id
      for resource in GroupResource.allCases {
        let use = group[resource]
        let before = isKnown ? seen[next].uses[resource.rawValue].held : 0
        guard let limit = use.limit, use.held > limit, use.held > before else { continue }
        findings.report(
          .limits, "\(use.held) \(resource.name) in group \(group.id.raw), after \(before)",
          expected: "no more to be given, for the limit is \(limit)")
      }
    }
    seeLimit(in: machine)
  }

  mutating func audit(in machine: borrowing Simulation, _ findings: inout Findings) {
    see(in: machine, &findings)
    let table = machine.kernel.groups
    if table.isEmpty { return }
    for (resource, payers) in LimitsInvariant.payers(in: machine.kernel) {
      var counts = table.groups.map { _ in 0 }
      for payer in payers where payer != .root {
        var here = payer
        while here != .root, let place = table.groups.firstIndex(where: { $0.id == here }) {
          counts[place] += 1
          here = table.groups[place].parent
        }
      }
      for (place, group) in table.groups.enumerated() where group.id != .root {
        if group[resource].held == counts[place] { continue }
        findings.report(
          .limits, "\(group[resource].held) \(resource.name) counted in group \(group.id.raw)",
          expected: "\(counts[place]), which were taken there and are in use")
      }
    }
  }

  /// The groups in which places of the machine's tables were taken, one for each place in use.
  private static func payers(in kernel: borrowing Kernel) -> [(GroupResource, [GroupID])] {
    let pages = kernel.sharedPages
    let mutexes = kernel.mutexes
    return [
      (.files, kernel.files.files.filter { $0.references > 0 }.map(\.payer)),
      (.pipes, kernel.pipes.pipes.map(\.payer)),
      (.mutexes, mutexes.indices.filter { mutexes.isUsed($0) }.map { mutexes[$0].payer }),
      (.sharedPages, pages.indices.filter { pages.isUsed($0) }.map { pages[$0].payer }),
    ]
  }
}
