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
  private var told = ToldUses()
  /// Whether a tick came in this step, or the end.
  var hasTicked = false
  private var disk = DiskPayers()
  private var data = DataRates()

  mutating func seeMaking(_ event: Event) { data.seeMaking(event) }
  mutating func seeRemoval(_ event: Event) { data.seeRemoval(event) }

  mutating func seeSend(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    data.seeSend(event, in: machine, &findings)
  }

  mutating func seeTransfer(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    data.seeTransfer(event, in: machine, &findings)
  }

  /// A limit was set: what is there from before stays.
  mutating func seeLimit(_ event: Event, in machine: borrowing Simulation) {
    data.seeLimit(event, in: machine)
    remember(machine)
  }

  private mutating func remember(_ machine: borrowing Simulation) {
    seen = machine.kernel.groups.groups.dropFirst().map { Seen(group: $0.id, uses: $0.uses) }
  }

  /// What a group has was told.
  mutating func seeUse(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    told.see(event, in: machine, &findings)
  }

  /// At a tick, and at the end, everything that has changed was told.
  mutating func seeStep(in machine: borrowing Simulation, _ findings: inout Findings) {
    guard hasTicked else { return }
    hasTicked = false
    told.check(in: machine, &findings)
  }

  /// Compares what each group has with what it had: called where something is taken, and where something is given
  /// back, for beyond its limit a group may not have again what it had before.
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
    remember(machine)
  }

  /// A process has come out of the kernel.
  mutating func seeCall(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    disk.see(event, in: machine, &findings)
  }

  /// A call may have changed what a group has of the disk.
  mutating func seeDisk(
    in machine: borrowing Simulation, _ looks: inout LookAllowance, _ findings: inout Findings
  ) {
    guard !disk.isEmpty, looks.affords(looks: machine.kernel.fileSystem.inodes.count) else {
      return
    }
    see(in: machine, &findings)
    checkDisk(in: machine, &findings)
  }

  // MARK: Memory

  /// A load or store brought a page, or a process got its own copy of one: it counts in the process's group.
  mutating func see(
    _ new: NewPages, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    if machine.kernel.groups.isEmpty { return }
    see(in: machine, &findings)
    if new.isTouched {
      let (toucher, touched) = machine.kernel.lastTouch
      requirePayer(of: touched..<touched + 1, toucher, from: "touched", machine, &findings)
    }
    if new.isCopied, machine.kernel.lastCopyIsNew {
      let (copier, copied) = machine.kernel.lastCopy
      requirePayer(of: copied..<copied + 1, copier, from: "copied", machine, &findings)
    }
  }

  /// All pages of a new program are its process's own.
  mutating func seeExec(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    guard !machine.kernel.groups.isEmpty, let slot = machine.slot(of: event.process) else { return }
    see(in: machine, &findings)
    requirePayer(of: 0..<Int.max, slot, from: "loaded", machine, &findings)
  }

  private func requirePayer(
    of pages: Range<PageNumber>, _ slot: Slot, from origin: String,
    _ machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let kernel = machine.kernel
    guard kernel.processes.isUsed(slot), kernel.processes[slot].exitStatus == nil else { return }
    let group = kernel.processes[slot].group
    kernel.forEachMapped(of: slot, in: pages) { page, entry in
      let payer = kernel.framePayers.payer(of: entry.frame)
      if payer == group || entry.permissions.contains(.shared) { return }
      findings.report(
        .limits, "page \(page), \(origin) in group \(group.raw), counted in group \(payer.raw)",
        expected: "it to count where it was first used", about: kernel.processes[slot].pid)
    }
  }

  /// A page with a name counts as memory where it counts as a shared page.
  mutating func seeSharedPages(in machine: borrowing Simulation, _ findings: inout Findings) {
    see(in: machine, &findings)
    if machine.kernel.groups.isEmpty { return }
    let kernel = machine.kernel
    for index in kernel.sharedPages.indices where kernel.sharedPages.isUsed(index) {
      let page = kernel.sharedPages[index]
      let payer = kernel.framePayers.payer(of: page.frame)
      if payer == page.payer { continue }
      findings.report(
        .limits,
        "the frame of a shared page of group \(page.payer.raw) counted in group \(payer.raw)",
        expected: "it to count where the page was made")
    }
  }

  /// The groups in which frames in use, copies owed and what the kernel keeps of processes count, each as often as it
  /// does; and that nothing else does.
  private func memoryPayers(
    in machine: borrowing Simulation, _ findings: inout Findings
  ) -> [GroupID] {
    let kernel = machine.kernel
    var payers: [GroupID] = []
    for slot in 0..<kernel.processes.slotCount where kernel.processes.isUsed(slot) {
      let payer = kernel.processes[slot].payer
      if payer != .root { payers += repeatElement(payer, count: Kernel.framesPerProcess) }
    }
    if kernel.framePayers.isEmpty { return payers }
    var owners = [Int](repeating: 0, count: kernel.memory.frameCount)
    kernel.addressSpaces.forEachUsed { _, space in
      space.table.forEachMapped { if $1.isOwn { owners[Int($1.frame.raw)] += 1 } }
    }
    kernel.framePayers.visit { frame, payer, copiers in
      if payer != .root {
        if kernel.memory.userCount(frame) > 0 {
          payers.append(payer)
        } else {
          findings.report(
            .limits, "frame \(frame.raw), which is free, counted in group \(payer.raw)",
            expected: "it to count nowhere")
        }
      }
      let owed = max(0, owners[Int(frame.raw)] - 1)
      if copiers.count > owed {
        findings.report(
          .limits, "\(copiers.count) copies of frame \(frame.raw) counted in groups",
          expected: "at most \(owed), for each address space but one that shares it by fork")
      }
      payers += copiers
    }
    return payers
  }

  // MARK: Audit

  mutating func audit(in machine: borrowing Simulation, _ findings: inout Findings) {
    seeSharedPages(in: machine, &findings)
    let table = machine.kernel.groups
    if table.isEmpty { return }
    for (resource, payers) in LimitsInvariant.payers(in: machine.kernel) {
      compare(table, resource, payers.map { ($0, 1) }, &findings)
    }
    let pages = memoryPayers(in: machine, &findings)
    compare(table, .memory, pages.map { ($0, pageSize) }, &findings)
    checkDisk(in: machine, &findings)
  }

  private func checkDisk(in machine: borrowing Simulation, _ findings: inout Findings) {
    let uses = disk.uses(in: machine)
    let table = machine.kernel.groups
    compare(table, .inodes, uses.map { ($0.group, 1) }, &findings)
    compare(table, .disk, uses.map { ($0.group, $0.bytes) }, &findings)
  }

  /// Compares what each group has of a resource with the sum of what was taken in it and below it.
  private func compare(
    _ table: GroupTable, _ resource: GroupResource, _ taken: [(group: GroupID, amount: Int)],
    _ findings: inout Findings
  ) {
    var counts = table.groups.map { _ in 0 }
    for (payer, amount) in taken where payer != .root {
      var here = payer
      while here != .root, let place = table.groups.firstIndex(where: { $0.id == here }) {
        counts[place] += amount
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

  /// The groups in which places of the machine's tables were taken, one for each place in use.
  private static func payers(in kernel: borrowing Kernel) -> [(GroupResource, [GroupID])] {
    let pages = kernel.sharedPages
    let mutexes = kernel.mutexes
    return [
      (.files, kernel.files.files.filter { $0.references > 0 }.map(\.payer)),
      (.pipes, kernel.pipes.pipes.map(\.payer)),
      (.sockets, kernel.network.sockets.values.map(\.payer)),
      (.mutexes, mutexes.indices.filter { mutexes.isUsed($0) }.map { mutexes[$0].payer }),
      (.sharedPages, pages.indices.filter { pages.isUsed($0) }.map { pages[$0].payer }),
    ]
  }
}
