// Root. A path that a process gives leads where it leads when one walks it name by name from the
// process's root or working directory and stays at the root at every `..`; so no path leads
// outside it. A process's root changes only by its own setroot, cm_setroot or cm_join, and only to
// a directory inside the old one, or inside the root of the container that it joins. Its working
// directory and every directory that it has open lie inside its root.

import Sim

struct RootInvariant: Sendable {
  // MARK: Paths

  func seeResolve(
    _ event: Event, _ population: Population, in machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    let found = event[ResolveEvent.inode]
    if found == .none { return }
    if !event[ResolveEvent.inside] {
      findings.report(
        .root, "path \(quoted(event, machine)) leading to inode \(found)",
        expected: "an inode inside the root, inode \(event[ResolveEvent.root])")
      return
    }
    guard let member = population[event.process.raw] else { return }
    let text = machine.names[event[ResolveEvent.path]]
    let expected = walk(
      text, of: event.process, from: member, leavesLast: event[ResolveEvent.parentOnly],
      in: machine, &findings)
    // A path may lead out of the root and in again. Only of what unlink has removed may a name be
    // missing now.
    if expected == nil && event[call: ResolveEvent.call] == .unlink { return }
    // What these have changed is where the path would lead now.
    if [.mount, .unmount].contains(event[call: ResolveEvent.call]) { return }
    if expected?.file != found {
      findings.report(
        .root, "path \(quoted(event, machine)) leading to inode \(found)",
        expected: expected.map { "inode \($0.file), where one gets name by name" }
          ?? "nothing, for name by name one gets nowhere")
    }
  }

  private func quoted(_ event: Event, _ machine: borrowing Simulation) -> String {
    "\"\(machine.names.string(event[ResolveEvent.path]))\""
  }

  /// Where a path leads; nil where a name is not there.
  private func walk(
    _ path: [UInt8], of process: ProcessID, from member: Member, leavesLast: Bool,
    in machine: borrowing Simulation, _ findings: inout Findings
  ) -> Location? {
    let slot = machine.slot(of: process)
    let slash = UInt8(ascii: "/")
    var names = path.split(separator: slash)
    if leavesLast { _ = names.popLast() }
    let mounts = machine.kernel.mounts[ContainerID(raw: member.container)].mounts
    var volumes = machine.kernel.volumes
    var here = member.workingDirectory
    if path.first == slash { here = shown(at: member.root, mounts) }
    for text in names {
      guard volumes.isDirectory(here.file) else { return nil }
      let name = Name(text)
      var place = here
      // From the top of a mount, `..` is that of the directory which it hides.
      while name == .parent, place != member.root,
        let mount = mounts.first(where: { $0.id == place.mount })?.mount,
        mount.top == place.file, mount.point != place
      {
        place = mount.point
      }
      if name == .parent && place == member.root { continue }
      var looked = 0
      let found =
        switch place.file.volume.kind {
        case .disk: volumes.lookUp(name, in: place.file, looked: &looked)
        case .union(let index):
          find(name, in: place.file, ofUnion: index, &volumes, &findings)
        // What there is depends on who looks; whose it is `PidsInvariant` looks at.
        case .proc:
          slot.flatMap { machine.kernel.lookUpInProc(name, in: place.file.inode, for: $0) }
        case .groups:
          slot.flatMap { machine.kernel.lookUpInGroups(name, in: place.file.inode, for: $0) }
        }
      guard let file = found else { return nil }
      here = Location(mount: place.mount, file)
      if name != .current { here = shown(at: here, mounts) }
    }
    return here
  }

  /// What a union has under a name; that its layers say the same is for the mounts.
  private func find(
    _ name: Name, in directory: FileID, ofUnion index: Int, _ volumes: inout Volumes,
    _ findings: inout Findings
  ) -> FileID? {
    var looked = 0
    let file = volumes.lookUp(name, in: directory, looked: &looked)
    if name == .current || name == .parent { return file }
    let view = LayerView(volumes.disk)
    let union = volumes.unions[index]
    let said = view.find(name, in: view.layers(of: union[directory.inode]))?[0] ?? 0
    let shown = file.map { union.data(of: $0.inode) } ?? 0
    if shown != said {
      findings.report(
        .mounts,
        "a path leading to inode \(shown) by \"\(String(decoding: name.bytes, as: UTF8.self))\"",
        expected: said == 0
          ? "nothing, for no layer shows that name" : "inode \(said), as the layers say")
    }
    return file
  }

  /// What is seen at a place: what is mounted there last, if anything is.
  private func shown(at place: Location, _ mounts: [(id: MountID, mount: Mount)]) -> Location {
    var here = place
    while let found = mounts.first(where: { $0.mount.point == here && $0.mount.type != .disk }) {
      here = Location(mount: found.id, found.mount.top)
    }
    return here
  }

  // MARK: Roots and working directories

  func seeFork(
    _ event: Event, _ population: Population, in machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    let child = event[ForkEvent.child]
    guard let member = population[child.raw], let slot = machine.slot(of: child) else { return }
    if machine.kernel.processes[common: slot].base.root != member.root {
      findings.report(
        .root,
        "root of child \(child.raw) at inode \(machine.kernel.processes[common: slot].base.root)",
        expected: "inode \(member.root), its parent's")
    }
  }

  /// After a call that changes where paths start.
  func seeChange(
    _ event: Event, _ call: CallNumber, _ population: inout Population,
    in machine: borrowing Simulation, _ looks: inout LookAllowance, _ findings: inout Findings
  ) {
    guard let slot = machine.slot(of: event.process), let old = population[event.process.raw],
      machine.kernel.processes[slot].exitStatus == nil
    else { return }
    let base = machine.kernel.processes[common: slot].base
    switch call {
    case .chdir:
      if base.root != old.root {
        findings.report(
          .root, "root at inode \(base.root) after chdir", expected: "inode \(old.root)")
      }
    default:
      let wall =
        call == .containerJoin
        ? machine.kernel.containers[machine.kernel.processes[slot].container]?.root ?? old.root
        : old.root
      if !isInside(wall, base.root, slot, machine) {
        findings.report(
          .root, "new root at inode \(base.root)", expected: "one inside inode \(wall)")
      }
      checkDirectories(slot, machine, &findings)
    }
    population.changeBase(
      of: event.process.raw, root: call == .chdir ? old.root : base.root,
      workingDirectory: base.workingDirectory)
    checkWorkingDirectory(slot, machine, &findings)
    if call != .chdir, looks.affords(machine) { checkRoots(population, machine, &findings) }
  }

  /// Whether a directory lies inside a root, or nothing can be reached from it.
  private func isInside(
    _ root: Location, _ directory: Location, _ slot: Slot, _ machine: borrowing Simulation
  ) -> Bool {
    root == .machineRoot || machine.kernel.leadsNowhere(directory.file, for: slot)
      || machine.kernel.mounts[machine.kernel.processes[slot].container].isInside(
        root, directory: directory, machine.kernel.volumes)
  }

  private func checkWorkingDirectory(
    _ slot: Slot, _ machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let base = machine.kernel.processes[common: slot].base
    if !isInside(base.root, base.workingDirectory, slot, machine) {
      findings.report(
        .root, "working directory at inode \(base.workingDirectory)",
        expected: "one inside the root, inode \(base.root)",
        about: machine.kernel.processes[slot].pid)
    }
  }

  private func checkDirectories(
    _ slot: Slot, _ machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let root = machine.kernel.processes[common: slot].base.root
    if root == .machineRoot { return }
    for (descriptor, index) in machine.kernel.processes[common: slot].descriptors.enumerated() {
      guard let index, case .file(let directory) = machine.kernel.files[index].target,
        machine.kernel.volumes.isDirectory(directory),
        !isInside(
          root, Location(mount: machine.kernel.files[index].mount, directory), slot, machine)
      else { continue }
      findings.report(
        .root, "descriptor \(descriptor) of directory inode \(directory)",
        expected: "none of a directory outside the root, inode \(root)",
        about: machine.kernel.processes[slot].pid)
    }
  }

  /// Nobody's root is another than the events said.
  private func checkRoots(
    _ population: Population, _ machine: borrowing Simulation, _ findings: inout Findings
  ) {
    for slot in 0..<machine.kernel.processes.slotCount where machine.kernel.processes.isUsed(slot) {
      let pid = machine.kernel.processes[slot].pid
      guard machine.kernel.processes[slot].exitStatus == nil, let member = population[pid.raw]
      else { continue }
      let root = machine.kernel.processes[common: slot].base.root
      if root != member.root {
        findings.report(
          .root, "root at inode \(root)", expected: "inode \(member.root), as it was", about: pid)
      }
    }
  }

  func audit(
    _ population: Population, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    checkRoots(population, machine, &findings)
    for slot in 0..<machine.kernel.processes.slotCount
    where machine.kernel.processes.isUsed(slot)
      && machine.kernel.processes[slot].exitStatus == nil
    {
      checkWorkingDirectory(slot, machine, &findings)
      checkDirectories(slot, machine, &findings)
    }
  }
}
