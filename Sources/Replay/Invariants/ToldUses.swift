// What a trace tells of the use that groups make of resources: at a tick it is what is counted, however long ago it
// was told, and the most of it in between is told where it was more than ever before.

import Sim

struct ToldUses: Sendable {
  private struct Told: Sendable {
    var held: Int64 = 0
    var peak = 0
  }

  /// By group, and by resource.
  private var groups = KeyedList<[Told]>()

  mutating func see(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let id = event[GroupUseEvent.group]
    let name = machine.names.string(event[GroupUseEvent.resource])
    guard let group = machine.kernel.groups[id],
      let resource = GroupResource.allCases.first(where: { $0.name == name })
    else { return }
    let use = group[resource]
    let (held, most) = (event[GroupUseEvent.held], event[GroupUseEvent.most])
    var all = groups[id.raw] ?? GroupResource.allCases.map { _ in Told() }
    let before = all[resource.rawValue]
    let isHigher = use.peak > before.peak
    if most < max(held, before.held) || most > use.peak || isHigher && most != use.peak {
      findings.report(
        .limits, "\(most) told as the most \(name) of group \(id.raw), which has \(held)",
        expected: isHigher
          ? "\(use.peak), the peak" : "something from \(before.held) to \(use.peak)")
    }
    all[resource.rawValue] = Told(held: held, peak: use.peak)
    groups[id.raw] = all
  }

  /// Whether everything was told.
  func check(in machine: borrowing Simulation, _ findings: inout Findings) {
    for group in machine.kernel.groups.groups where group.id != .root && !group.isRemoved {
      let told = groups[group.id.raw]
      for resource in GroupResource.allCases {
        let (held, last) = (group[resource].held, told?[resource.rawValue].held ?? 0)
        if last == Int64(held) { continue }
        findings.report(
          .limits, "\(last) told last as the \(resource.name) of group \(group.id.raw)",
          expected: "\(held), which is counted there")
      }
    }
  }
}
