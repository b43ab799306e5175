// Mounts. A mount is seen in the table of the container that made it and in copies of that table, and
// nowhere else. What a union changes, it changes in its upper layer: the lower ones stay what they are.
// What it shows is what its layers say, worked out here from the layers alone: each name once, from the
// uppermost layer that has it, nothing that a whiteout or an opaque directory hides; and a name that was
// removed is not there.

import Sim

struct MountInvariant: Sendable {
  /// The mounts of each table, as the events told them; the machine's first.
  private var told = KeyedList<[MountID]>()
  /// What the lower layers of each union hold, by the union's place; nil where they have to be looked at anew.
  private var layers = KeyedList<LayerView.Summary>()
  /// The file systems in which the present call has followed paths, and where its last path led.
  private var followed: [VolumeID] = []
  private var last: (path: NameID, found: FileID)?
  /// How many entries may be looked at: large unions are not looked at after each change.
  private var credit = MountInvariant.mostCredit

  private static let mostCredit = 16_384
  /// For each call that may change a union.
  private static let callCredit = 64

  /// At boot /proc and /cgroup are mounted.
  init() { told[0] = [MountID(rawValue: 1), MountID(rawValue: 2)] }
}

// MARK: Tables

extension MountInvariant {
  mutating func seeContainer(_ event: Event) {
    told[event[ContainerEvent.cid].raw] = told[0] ?? []
  }

  mutating func seeContainerEnd(_ event: Event) { told[event[ContainerEndEvent.cid].raw] = nil }

  mutating func seeMount(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let id = MountID(rawValue: Int16(truncatingIfNeeded: event[MountEvent.mount]))
    var mounts = told[event.container.raw] ?? []
    if !mounts.contains(id) && id != .disk { mounts.append(id) }
    told[event.container.raw] = mounts
    let flags = MountFlags(rawValue: UInt32(truncatingIfNeeded: event[MountEvent.flags]))
    if case .union(let place) = event[MountEvent.inode].volume.kind, !flags.contains(.remount) {
      layers[Int32(place)] = nil
      check(place, machine, &findings)
    }
    checkTables(machine, &findings)
  }

  mutating func seeUnmount(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let id = MountID(rawValue: Int16(truncatingIfNeeded: event[UnmountEvent.mount]))
    told[event.container.raw]?.removeAll { $0 == id }
    checkTables(machine, &findings)
  }

  /// No table has a mount that no event has told of.
  private func checkTables(_ machine: borrowing Simulation, _ findings: inout Findings) {
    for table in machine.kernel.mounts.tables {
      let known = told[table.owner.raw] ?? []
      for (id, mount) in table.mounts.dropFirst() where !known.contains(id) {
        let whose = table.owner == .outside ? "outside" : "in container \(table.owner.raw)"
        findings.report(
          .mounts,
          "a mount at \"\(String(decoding: mount.target, as: UTF8.self))\" seen \(whose)",
          expected: "it seen by those alone who mounted it")
      }
    }
  }
}

// MARK: What a call changes

extension MountInvariant {
  mutating func seeResolve(_ event: Event, in machine: borrowing Simulation) {
    if machine.kernel.volumes.unions.isEmpty { return }
    let found = event[ResolveEvent.inode]
    if found == .none { return }
    followed.append(found.volume)
    last = (event[ResolveEvent.path], found)
  }

  /// After a call that failed: a write may have put bytes into the file all the same, and an open have
  /// made one.
  mutating func seeFailure(_ event: Event, _ call: CallNumber, in machine: borrowing Simulation) {
    defer { forgetPaths() }
    if changed(by: call, event, machine).contains(.disk) { layers = KeyedList() }
  }

  /// What the kernel says of a process goes to its error output, which may be any file.
  mutating func seeMessage() { layers = KeyedList() }

  /// After a call that was done: what it may have changed.
  mutating func seeCall(
    _ event: Event, _ call: CallNumber, in machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    defer { forgetPaths() }
    let changed = changed(by: call, event, machine)
    if changed.isEmpty { return }
    credit = min(credit + MountInvariant.callCredit, MountInvariant.mostCredit)
    if changed.contains(.disk) {
      layers = KeyedList()
      return
    }
    for volume in changed {
      guard case .union(let place) = volume.kind else { continue }
      check(place, machine, &findings)
    }
    if call == .unlink || call == .mkdir { checkName(call, machine, &findings) }
  }

  private mutating func forgetPaths() {
    followed.removeAll(keepingCapacity: true)
    last = nil
  }

  /// The file systems in which a call may have changed something, where there are unions.
  private func changed(
    by call: CallNumber, _ event: Event, _ machine: borrowing Simulation
  ) -> [VolumeID] {
    if machine.kernel.volumes.unions.isEmpty { return [] }
    switch call {
    case .open, .mkdir, .mknod, .link, .unlink: return followed
    case .write:
      let descriptor = Int(Int32(truncatingIfNeeded: event[CallEvent.arg0]))
      guard let slot = machine.slot(of: event.process),
        machine.kernel.processes[common: slot].descriptors.indices.contains(descriptor),
        let index = machine.kernel.processes[common: slot].descriptors[descriptor],
        case .file(let file) = machine.kernel.files[index].target
      else { return [] }
      return [file.volume]
    default: return []
    }
  }

  /// A name that was removed is not there; a directory that was made is empty.
  private func checkName(
    _ call: CallNumber, _ machine: borrowing Simulation, _ findings: inout Findings
  ) {
    guard let last, case .union(let place) = last.found.volume.kind,
      let text = machine.names[last.path].split(separator: UInt8(ascii: "/")).last
    else { return }
    let view = LayerView(machine.kernel.volumes.disk)
    let union = machine.kernel.volumes.unions[place]
    guard union.files.indices.contains(Int(last.found.inode)),
      union.files[Int(last.found.inode)].kind == .directory
    else { return }
    let directory = union[last.found.inode]
    let found = view.find(Name(text), in: view.layers(of: directory))
    if call == .unlink, let found {
      findings.report(
        .mounts, "\"\(machine.names.string(last.path))\" in the layers, inode \(found[0])",
        expected: "it hidden, for it was removed")
    }
    if call == .mkdir, let found, !view.entries(of: found).isEmpty {
      findings.report(
        .mounts, "something in the new directory \"\(machine.names.string(last.path))\"",
        expected: "nothing, for it was made just now")
    }
  }

  /// After a copy-up no name leads to what was copied any more: all of them are the copy's.
  mutating func seeCopyUp(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let lower = InodeNumber(truncatingIfNeeded: event[CopyUpEvent.from])
    guard case .union(let place) = event[CopyUpEvent.inode].volume.kind,
      machine.kernel.volumes.unions.indices.contains(place),
      machine.kernel.volumes.disk[lower].kind == .file, credit >= 0
    else { return }
    let view = LayerView(machine.kernel.volumes.disk)
    var open = [view.layers(of: machine.kernel.volumes.unions[place][Union.root])]
    while let layers = open.popLast() {
      for entry in view.entries(of: layers) {
        credit -= 1
        let kind = machine.kernel.volumes.disk[entry.layers[0]].kind
        if kind == .directory { open.append(entry.layers) }
        if entry.layers[0] == lower {
          findings.report(
            .mounts,
            "\"\(String(decoding: entry.name.bytes, as: UTF8.self))\" still inode \(lower)",
            expected: "the copy, inode \(event[CopyUpEvent.to]), by each of its names")
          return
        }
      }
    }
  }

  private mutating func check(
    _ place: Int, _ machine: borrowing Simulation, _ findings: inout Findings
  ) {
    guard machine.kernel.volumes.unions.indices.contains(place) else { return }
    let union = machine.kernel.volumes.unions[place]
    if union.isClosed || credit < 0 { return }
    let view = LayerView(machine.kernel.volumes.disk)
    var isUpper = [Bool](repeating: false, count: machine.kernel.volumes.disk.inodes.count)
    for file in union.files where file.upper != 0 { isUpper[Int(file.upper)] = true }
    let now = view.summary(of: union[Union.root].lowers.map(\.inode), but: isUpper)
    credit -= now.count
    if let before = layers[Int32(place)], before.leftOut == now.leftOut, before.hash != now.hash {
      findings.report(
        .mounts, "a change of a lower layer of the union with dev \(union.volume.device)",
        expected: "changes in its upper layer alone")
    }
    layers[Int32(place)] = now
    checkView(of: union, machine, &findings)
  }

  /// What a union shows, name by name, against what its layers say.
  private func checkView(
    of union: Union, _ machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let view = LayerView(machine.kernel.volumes.disk)
    var volumes = machine.kernel.volumes
    var directories = [(Union.root, view.layers(of: union[Union.root]))]
    var next = 0
    // A file has one number by each of its names, and each number is one file's.
    var numbers = [InodeNumber](repeating: 0, count: volumes.disk.inodes.count)
    while next < directories.count {
      let (number, layers) = directories[next]
      next += 1
      let directory = FileID(union.volume, number)
      let said = view.entries(of: layers)
      let shown = volumes.names(in: directory)
      if shown.sorted() != said.map(\.name).sorted() {
        findings.report(
          .mounts, "\(shown.count) names shown in directory \(directory)",
          expected: "the \(said.count) that its layers say")
        return
      }
      for entry in said {
        var looked = 0
        let file = volumes.lookUp(entry.name, in: directory, looked: &looked) ?? .none
        let data = file == .none ? 0 : volumes.unions[union.place].data(of: file.inode)
        let known = numbers[Int(entry.layers[0])]
        if data != entry.layers[0] || known != 0 && known != file.inode {
          findings.report(
            .mounts,
            "\"\(String(decoding: entry.name.bytes, as: UTF8.self))\" shown as inode \(data)",
            expected: "inode \(entry.layers[0]), as the layers say")
          return
        }
        numbers[Int(entry.layers[0])] = file.inode
        if volumes.disk[entry.layers[0]].kind == .directory {
          directories.append((file.inode, entry.layers))
        }
      }
    }
  }

  mutating func audit(in machine: borrowing Simulation, _ findings: inout Findings) {
    checkTables(machine, &findings)
    for union in machine.kernel.volumes.unions where !union.isClosed {
      checkView(of: union, machine, &findings)
    }
  }
}
