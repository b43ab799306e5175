// Groups. Every process that has not exited is in exactly one group that exists, a container's processes in its own
// group or below it and nobody else there; of processes and groups there are as many as each group counts. No
// process of a frozen or throttled group gets a hart, but to end. What limits a container's own group is not changed from
// inside, and with a container its groups go. That nobody comes beyond a limit of processes is for the budgets.

import Sim

struct GroupsInvariant: Sendable {
  /// A group as the events told it.
  private struct Known: Sendable {
    var parent: Int32
    var owner: Int32
    var isTop: Bool
    var isFrozen = false
    var isThrottled = false
  }

  private var groups = KeyedList<Known>()
  /// Processes that have been in a group other than the root, by pid.
  private var places = KeyedList<Int32>()

  // MARK: The tree

  mutating func seeMaking(_ event: Event, _ findings: inout Findings) {
    let parent = event[GroupMakeEvent.parent].raw
    let owner = event[GroupMakeEvent.owner].raw
    let isTop = owner != 0 && parent == GroupID.root.raw
    groups[event[GroupMakeEvent.group].raw] = Known(parent: parent, owner: owner, isTop: isTop)
    let whose = groups[parent]?.owner ?? 0
    if !isTop && owner != whose || event.container != .outside && event.container.raw != owner {
      findings.report(
        .groups,
        "a group made in \(placeName(event.container.raw)) in the part of \(placeName(whose))",
        expected: "one in its own part of the tree")
    }
  }

  mutating func seeRemoval(_ event: Event) { groups[event[GroupRemoveEvent.group].raw] = nil }

  mutating func seeEnd(_ event: Event, in machine: borrowing Simulation, _ findings: inout Findings)
  {
    let id = event[ContainerEndEvent.cid]
    guard let left = machine.kernel.groups.groups.first(where: { $0.owner == id && !$0.isRemoved })
    else { return }
    findings.report(
      .groups, "group \(left.id.raw) of container \(id.raw), which has ended",
      expected: "its groups to go with it")
  }

  // MARK: Who is where

  mutating func seeFork(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    guard let place = places[event.process.raw] else { return }
    let child = event[ForkEvent.child]
    places[child.raw] = place
    checkPlace(of: child, machine, &findings)
  }

  mutating func seeEntering(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let group = event[GroupEnterEvent.group]
    places[event.process.raw] = group.raw
    let owner = groups[group.raw]?.owner ?? 0
    // Who comes into a container is in its group before it is seen to have entered.
    let call = event[call: GroupEnterEvent.call]
    let isComing = call == .containerCreateAndEnter || call == .containerJoin
    if owner != event.container.raw, !isComing {
      findings.report(
        .groups,
        "a process in \(placeName(event.container.raw)) in a group of \(placeName(owner))",
        expected: "one of its own part of the tree")
    }
    checkPlace(of: event.process, machine, &findings)
  }

  mutating func seeExit(_ event: Event) {
    if places[event.process.raw] != nil { places[event.process.raw] = nil }
  }

  private func checkPlace(
    of pid: ProcessID, _ machine: borrowing Simulation, _ findings: inout Findings
  ) {
    guard let slot = machine.slot(of: pid) else { return }
    check(slot, machine, &findings)
  }

  private func check(_ slot: Slot, _ machine: borrowing Simulation, _ findings: inout Findings) {
    let process = machine.kernel.processes[slot]
    guard process.exitStatus == nil else { return }
    let place = places[process.pid.raw] ?? GroupID.root.raw
    if process.group.raw != place {
      findings.report(
        .groups, "a process in group \(process.group.raw)",
        expected: "group \(place), where it was moved or its parent was", about: process.pid)
    } else if machine.kernel.groups[process.group] == nil {
      findings.report(
        .groups, "a process in group \(place), which does not exist", expected: "one that does",
        about: process.pid)
    }
  }

  // MARK: Limits and frozen groups

  mutating func seeLimit(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let group = event[GroupLimitEvent.group].raw
    if machine.names.string(event[GroupLimitEvent.file]) == "cgroup.freeze" {
      groups[group]?.isFrozen = event[GroupLimitEvent.value] != 0
    }
    guard event.container != .outside, let known = groups[group] else { return }
    if known.isTop || known.owner != event.container.raw {
      findings.report(
        .groups, "a limit of group \(group) set in \(placeName(event.container.raw))",
        expected: "that to be refused, for the group is not below its own")
    }
  }

  mutating func seeThrottling(_ event: Event) {
    groups[event[ThrottleEvent.group].raw]?.isThrottled = event.kind == .throttle
  }

  /// The uppermost group around this one that is frozen or has used its quota, and which of these.
  private func heldGroup(around group: Int32) -> (group: Int32, state: String)? {
    var found: (group: Int32, state: String)?
    var here = group
    for _ in 0...groups.count {
      guard let known = groups[here] else { break }
      if known.isFrozen {
        found = (here, "frozen")
      } else if known.isThrottled {
        found = (here, "throttled")
      }
      here = known.parent
    }
    return found
  }

  func seeDispatch(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    guard groups.count > 0, let place = places[event.process.raw],
      let held = heldGroup(around: place), let slot = machine.slot(of: event.process),
      !machine.kernel.processes[slot].isKilled
    else { return }
    findings.report(
      .groups, "a hart given to a process of group \(held.group), which is \(held.state)",
      expected: "it to be held back")
  }

  /// Between two steps, nobody who is frozen has a hart that has not been told to let go of it.
  func seeStep(in machine: borrowing Simulation, _ findings: inout Findings) {
    guard groups.count > 0 else { return }
    for index in machine.contexts.indices where !machine.contexts[index].isHeldBack {
      guard let slot = machine.contexts[index].current, machine.kernel.processes.isUsed(slot)
      else { continue }
      let pid = machine.kernel.pid(of: slot)
      guard let place = places[pid.raw], let held = heldGroup(around: place),
        !machine.kernel.processes[slot].isKilled, !machine.hasHalted
      else { continue }
      findings.report(
        .groups, "a hart with a process of group \(held.group), which is \(held.state)",
        expected: "it to be taken off", about: pid)
    }
  }

  // MARK: Counts

  func audit(in machine: borrowing Simulation, _ findings: inout Findings) {
    let table = machine.kernel.groups
    if table.isEmpty { return }
    var members = table.groups.map { _ in 0 }
    for slot in 0..<machine.kernel.processes.slotCount where machine.kernel.processes.isUsed(slot) {
      let process = machine.kernel.processes[slot]
      if process.exitStatus != nil { continue }
      check(slot, machine, &findings)
      if let place = table.groups.firstIndex(where: { $0.id == process.group }) {
        members[place] += 1
      }
    }
    for (place, group) in table.groups.enumerated() where group.id != .root && !group.isRemoved {
      if group.members != members[place] {
        findings.report(
          .groups, "\(group.members) processes counted in group \(group.id.raw)",
          expected: "\(members[place]), the processes in it")
      }
    }
  }
}
