// Accounting. Everything in use has a user: process slots and the frames set aside for
// them, frames, open files, pipes, inodes, blocks, mutexes. Every count of references is the number
// of those who refer. Every process but init has a parent that knows it, and a process that lives
// is in a container that lives.

import Sim

struct AccountingInvariant: Sendable {
  /// Something ended or failed in this step, and should have left nothing behind.
  var hasEnded = false

  /// Looking after every end is for machines of the usual size; larger ones are left to the audits.
  private static let slotsLookedAt = 256

  mutating func seeStep(in machine: borrowing Simulation, _ findings: inout Findings) {
    guard hasEnded else { return }
    hasEnded = false
    if machine.kernel.processes.slotCount > AccountingInvariant.slotsLookedAt { return }
    if !filesBalance(machine) { checkFiles(machine, &findings) }
    checkFrameTotal(machine, &findings)
  }

  func seeContainerEnd(
    _ event: Event, in machine: borrowing Simulation, _ looks: inout LookAllowance,
    _ findings: inout Findings
  ) {
    guard looks.affords(machine) else { return }
    let id = event[ContainerEndEvent.cid]
    for slot in 0..<machine.kernel.processes.slotCount
    where machine.kernel.processes.isUsed(slot) && machine.kernel.processes[slot].container == id
      && machine.kernel.processes[slot].exitStatus == nil
    {
      findings.report(
        .accounting, "a process alive in container \(id.raw), which has ended",
        expected: "it to have ended as well", about: machine.kernel.processes[slot].pid)
    }
  }

  func audit(in machine: borrowing Simulation, _ findings: inout Findings) {
    checkFiles(machine, &findings)
    checkFrames(machine, &findings)
    checkProcesses(machine, &findings)
    checkQueues(machine, &findings)
    checkHandles(machine, &findings)
    checkDisk(machine, &findings)
  }

  // MARK: Files

  /// Whether references to open files and to inodes are in all as many as those who refer, and no
  /// inode is in use for nothing. A process that ends comes here often; which count is wrong is
  /// looked for only when the sums are.
  private func filesBalance(_ machine: borrowing Simulation) -> Bool {
    let holdings = machine.kernel.processes.holdings
    var descriptors = holdings.descriptors
    var directories = 1 + holdings.directories
    for container in machine.kernel.containers.containers {
      directories += isOnDisk(container.root.file)
    }
    directories += machine.kernel.mounts.diskReferences
    for union in machine.kernel.volumes.unions { directories += union.heldCount }
    for file in machine.kernel.files.files where file.references > 0 {
      descriptors -= file.references
      switch file.target {
      case .file(let file), .device(let file, _): directories += isOnDisk(file)
      case .none, .pipe, .socket: break
      }
    }
    let inodes = machine.kernel.volumes.disk.inodeUse
    return descriptors == 0 && directories == inodes.references && inodes.useless == 0
  }

  /// Open files, pipes and inodes are referred to as often as they count.
  private func checkFiles(_ machine: borrowing Simulation, _ findings: inout Findings) {
    let fileCount = machine.kernel.files.files.count
    let inodeCount = machine.kernel.fileSystem.inodes.count
    var files = [Int](repeating: 0, count: fileCount)
    var users = FileReferences(machine.kernel.volumes)
    users.add(FileSystem.rootFile)
    for slot in 0..<machine.kernel.processes.slotCount
    where machine.kernel.processes.isUsed(slot)
      && machine.kernel.processes[slot].exitStatus == nil
      && machine.kernel.processes[slot].leader == nil
    {
      users.add(machine.kernel.processes[common: slot].base.root.file)
      users.add(machine.kernel.processes[common: slot].base.workingDirectory.file)
      let descriptors = machine.kernel.processes[common: slot].descriptors
      for case let index? in descriptors { files[index.index] += 1 }
    }
    for container in machine.kernel.containers.containers {
      users.add(container.root.file)
    }
    var mountPoints = FileReferences(machine.kernel.volumes)
    for table in machine.kernel.mounts.tables {
      for (_, mount) in table.mounts where mount.type != .disk {
        users.add(mount.top)
        users.add(mount.point.file)
        mountPoints.add(mount.point.file)
      }
    }
    for union in machine.kernel.volumes.unions {
      for file in union.files {
        if file.upper != 0 { users.add(FileID(file.upper)) }
        for lower in file.lowers { users.add(FileID(lower.inode)) }
      }
    }
    for index in 0..<fileCount {
      let references = machine.kernel.files.files[index].references
      if references != files[index] {
        findings.report(
          .accounting, "open file \(index) with \(references) references",
          expected: "\(files[index]), the descriptors that point to it")
      }
      if references > 0, let file = machine.kernel.files.files[index].file {
        users.add(file)
      }
    }
    for union in machine.kernel.volumes.unions {
      for number in union.files.indices {
        let counted = (union.files[number].references, union.files[number].mountPoints)
        let found = (users.unions[union.place][number], mountPoints.unions[union.place][number])
        if counted != found {
          findings.report(
            .accounting,
            "file \(union.volume.device):\(number) with \(counted.0) references and \(counted.1) mounts",
            expected: "\(found.0) and \(found.1), those who hold and hide it")
        }
      }
    }
    for number in 1..<inodeCount {
      let inode = machine.kernel.fileSystem.inodes[number]
      if inode.references != users.inodes[number] {
        findings.report(
          .accounting, "inode \(number) with \(inode.references) references",
          expected: "\(users.inodes[number]), those who hold it")
      }
      if inode.mountPoints != mountPoints.inodes[number] {
        findings.report(
          .accounting, "inode \(number) hidden by \(inode.mountPoints) mounts",
          expected: "\(mountPoints.inodes[number]), as the tables say")
      }
      if inode.kind != .free && inode.links == 0 && inode.references == 0 {
        findings.report(
          .accounting, "inode \(number) in use, without name or reference", expected: "it free")
      }
    }
  }

  private func isOnDisk(_ file: FileID) -> Int { file.volume == .disk ? 1 : 0 }

  // MARK: Memory

  /// Frames in use number as many as are mapped or shared by name, counted with multiplicity.
  private func checkFrameTotal(_ machine: borrowing Simulation, _ findings: inout Findings) {
    let processes = machine.kernel.processes.usedCount
    let reserved = processes * Kernel.framesPerProcess + machine.kernel.copiesOwed
    if machine.kernel.memory.reservedCount != reserved {
      findings.report(
        .accounting, "\(machine.kernel.memory.reservedCount) frames set aside",
        expected: "\(reserved), for \(processes) processes and \(machine.kernel.copiesOwed) copies")
    }
    // A frame that n use is counted as n parts of one: exact in whole numbers by their total. Whether
    // the tables count their pages rightly is for the audits to see.
    let mapped = machine.kernel.sharedPages.usedCount + machine.kernel.addressSpaces.mappedCount
    let users = machine.kernel.memory.useCount
    if users != mapped {
      findings.report(
        .accounting, "\(users) uses of frames counted", expected: "\(mapped), the pages mapped")
    }
    var living = 0
    machine.kernel.processes.forEachUsed { if $0.exitStatus == nil { living += 1 } }
    if machine.kernel.addressSpaces.useCount != living {
      findings.report(
        .accounting, "\(machine.kernel.addressSpaces.useCount) users of address spaces counted",
        expected: "\(living), the processes that have not exited")
    }
  }

  /// An address space counts the processes that run in it.
  private func checkAddressSpaces(
    _ machine: borrowing Simulation, _ findings: inout Findings
  ) {
    var users = [Int](repeating: 0, count: machine.kernel.addressSpaces.slotCount)
    machine.kernel.processes.forEachUsed { process in
      if let index = process.addressSpace { users[index.index] += 1 }
    }
    var counted = [Int](repeating: 0, count: users.count)
    var pages = [(counted: Int, mapped: Int)](repeating: (0, 0), count: users.count)
    machine.kernel.addressSpaces.forEachUsed { index, space in
      counted[index.index] = space.users
      pages[index.index].counted = space.table.mappedCount
      space.table.forEachMapped { _, _ in pages[index.index].mapped += 1 }
    }
    for index in users.indices {
      if counted[index] != users[index] {
        findings.report(
          .accounting, "address space \(index) with \(counted[index]) users",
          expected: "\(users[index]), the processes that run in it")
      }
      if pages[index].counted != pages[index].mapped {
        findings.report(
          .accounting, "\(pages[index].counted) pages counted in address space \(index)",
          expected: "\(pages[index].mapped), those mapped")
      }
    }
  }

  private func checkFrames(_ machine: borrowing Simulation, _ findings: inout Findings) {
    checkFrameTotal(machine, &findings)
    checkAddressSpaces(machine, &findings)
    let frameCount = machine.kernel.memory.frameCount
    var users = [UInt32](repeating: 0, count: frameCount)
    var isOwned = [Bool](repeating: false, count: frameCount)
    var used = 0
    var copies = 0
    machine.kernel.addressSpaces.forEachUsed { _, space in
      space.table.forEachMapped { _, entry in
        let raw = Int(entry.frame.raw)
        if users[raw] == 0 { used += 1 }
        users[raw] += 1
        if entry.isOwn && isOwned[raw] { copies += 1 }
        if entry.isOwn { isOwned[raw] = true }
      }
    }
    if machine.kernel.copiesOwed != copies {
      findings.report(
        .accounting, "\(machine.kernel.copiesOwed) frames set aside for copies",
        expected: "\(copies), one for each address space but one that shares a page by fork")
    }
    for place in machine.kernel.sharedPages.indices
    where machine.kernel.sharedPages.isUsed(place) {
      let raw = Int(machine.kernel.sharedPages[place].frame.raw)
      if users[raw] == 0 { used += 1 }
      users[raw] += 1
    }
    for raw in users.indices where users[raw] > 0 {
      let counted = machine.kernel.memory.userCount(PageFrame(raw: UInt32(raw)))
      if counted != Int(users[raw]) {
        findings.report(
          .accounting, "frame \(raw) with \(counted) users",
          expected: "\(users[raw]), the pages mapped to it")
      }
    }
    let counted = frameCount - machine.kernel.memory.unusedCount
    if counted != used {
      findings.report(
        .accounting, "\(counted) frames in use", expected: "\(used), those that are mapped")
    }
  }

  // MARK: Processes

  private func checkProcesses(_ machine: borrowing Simulation, _ findings: inout Findings) {
    var children = [Int](repeating: 0, count: machine.kernel.processes.slotCount)
    for slot in 0..<machine.kernel.processes.slotCount where machine.kernel.processes.isUsed(slot) {
      var child = machine.kernel.processes[slot].children.first
      while let here = child, machine.kernel.processes.isUsed(here), children[here] == 0 {
        children[here] += 1
        if machine.kernel.processes[here].parent != slot { children[here] += 1 }
        child = machine.kernel.processes[here].nextSibling
      }
    }
    for slot in 0..<machine.kernel.processes.slotCount where machine.kernel.processes.isUsed(slot) {
      let pid = machine.kernel.processes[slot].pid
      if let leader = machine.kernel.processes[slot].leader {
        if !machine.kernel.processes[leader].threads.contains(slot) {
          findings.report(
            .accounting, "a thread that its process does not know", expected: "one process",
            about: pid)
        }
      } else if pid != .initial && children[slot] != 1 {
        findings.report(
          .accounting, "a process that no parent knows", expected: "one parent", about: pid)
      }
      let container = machine.kernel.processes[slot].container
      if container != .outside, machine.kernel.processes[slot].exitStatus == nil,
        machine.kernel.containers[container] == nil
      {
        findings.report(
          .accounting, "a process alive in container \(container.raw), which has ended",
          expected: "it to have ended as well", about: pid)
      }
    }
  }

  /// Exactly the processes that wait for the console or a pipe are in its queue.
  private func checkQueues(_ machine: borrowing Simulation, _ findings: inout Findings) {
    var places = [Int](repeating: 0, count: machine.kernel.processes.slotCount)
    for slot in machine.kernel.console.readers.waiting { places[slot] += 1 }
    for pipe in machine.kernel.pipes.pipes {
      for slot in pipe.readers.waiting { places[slot] += 1 }
      for slot in pipe.writers.waiting { places[slot] += 1 }
    }
    for socket in machine.kernel.network.sockets.values {
      for slot in socket.readers.waiting { places[slot] += 1 }
      for slot in socket.writers.waiting { places[slot] += 1 }
    }
    for slot in places.indices where machine.kernel.processes.isUsed(slot) {
      var expected = 0
      switch machine.kernel.processes[slot].state {
      case .blocked(.console), .blocked(.pipeToFill), .blocked(.pipeToDrain),
        .blocked(.socketToFill), .blocked(.socketToDrain), .blocked(.connectionToCome),
        .blocked(.connectionToBeTaken):
        expected = 1
      // In as many as it watches.
      case .blocked(.poll): expected = places[slot]
      case .blocked, .runnable, .running, .exited: break
      }
      if places[slot] != expected {
        findings.report(
          .accounting, "a process in \(places[slot]) queues of pipes, sockets and the console",
          expected: "\(expected)", about: machine.kernel.processes[slot].pid)
      }
    }
  }

  private func checkHandles(_ machine: borrowing Simulation, _ findings: inout Findings) {
    let count = machine.kernel.mutexes.slotCount
    var handles = [Int](repeating: 0, count: count)
    for slot in 0..<machine.kernel.processes.slotCount
    where machine.kernel.processes.isUsed(slot) && machine.kernel.processes[slot].leader == nil {
      for case let index? in machine.kernel.processes[common: slot].mutexHandles {
        handles[index.index] += 1
      }
    }
    for place in machine.kernel.mutexes.indices {
      let isUsed = machine.kernel.mutexes.isUsed(place)
      let counted = isUsed ? machine.kernel.mutexes[place].handles : 0
      if counted != handles[place.index] || isUsed && counted == 0 {
        findings.report(
          .accounting, "mutex \(place) with \(counted) handles",
          expected: "\(handles[place.index]), those that processes have")
      }
    }
  }

  // MARK: The disk

  /// Blocks that an inode leads to, those of block numbers included.
  static func blockCount(of inode: Inode, _ machine: borrowing Simulation) -> Int {
    let layout = machine.kernel.fileSystem.layout
    var count = 0
    for place in 0..<layout.directBlocks where inode.blocks[place] != 0 { count += 1 }
    var tables = [inode.blocks[layout.directBlocks]].filter { $0 != 0 }
    if layout.isDouble, inode.blocks[layout.directBlocks + 1] != 0 {
      let double = inode.blocks[layout.directBlocks + 1]
      count += 1
      for place in 0..<FileLayout.fanOut {
        let table = machine.kernel.fileSystem.disk.word(place, of: double)
        if table != 0 { tables.append(table) }
      }
    }
    for table in tables {
      count += 1
      for place in 0..<FileLayout.fanOut
      where machine.kernel.fileSystem.disk.word(place, of: table) != 0 { count += 1 }
    }
    return count
  }

  /// Every block in use belongs to one file, and every link to an inode is a directory's entry.
  private func checkDisk(_ machine: borrowing Simulation, _ findings: inout Findings) {
    let inodeCount = machine.kernel.fileSystem.inodes.count
    var links = [Int](repeating: 0, count: inodeCount)
    var blocks = 0
    links[Int(FileSystem.root)] += 1
    for number in 1..<inodeCount where machine.kernel.fileSystem.inodes[number].kind != .free {
      let inode = machine.kernel.fileSystem.inodes[number]
      blocks += AccountingInvariant.blockCount(of: inode, machine)
      guard inode.kind == .directory, inode.links > 0 else { continue }
      let bytes = machine.kernel.fileSystem.read(
        InodeNumber(number), at: 0, count: Int(inode.size))
      for offset in stride(from: 0, to: bytes.count, by: FileSystem.entrySize) {
        let target = Int(bytes[offset]) | Int(bytes[offset + 1]) << 8
        // A directory's own `.` is no link, nor is the root's `..`.
        let isOwn = offset == 0 || target == number
        if target != 0 && !isOwn && target < inodeCount { links[target] += 1 }
      }
    }
    for number in 1..<inodeCount {
      let counted = Int(machine.kernel.fileSystem.inodes[number].links)
      if machine.kernel.fileSystem.inodes[number].kind != .free, counted != links[number] {
        findings.report(
          .accounting, "inode \(number) with \(counted) links",
          expected: "\(links[number]), the entries that name it")
      }
    }
    let total = machine.kernel.limits.blocks
    let reserved = Disk.reservedBlocks(of: total, inodes: machine.kernel.limits.inodes)
    let used = total - reserved - machine.kernel.fileSystem.disk.freeCount
    if used != blocks {
      findings.report(
        .accounting, "\(used) blocks in use", expected: "\(blocks), those that files have")
    }
  }
}
