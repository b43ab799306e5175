// Memory. A page that two processes can write is a page shared by name that both of them map; a
// page that fork shares is copied before anybody writes it, the kernel included. A page that comes to
// a process, by exec, sbrk or by name, reads zero where no file was put. A shared page counts the
// processes that map it, and nobody reaches it after having removed it; no frame is mapped that is
// free.

import Sim

/// Whether a step has brought a process a copy of a page, or a page that it touched.
struct NewPages: Sendable {
  var isCopied: Bool
  var isTouched: Bool
}

struct MemoryInvariant: Sendable {
  /// As much the machine had done to pages when that was last looked at.
  private var seen = PageCounts()
  /// How many map the page with a name that lies in a frame, as the events told it.
  private var mappers = KeyedList<Int64>()

  /// Looks at what the step did to pages, whether an event tells of it or not.
  ///
  /// - Returns: what it did; nil for nothing.
  mutating func seePages(in machine: borrowing Simulation, _ findings: inout Findings) -> NewPages?
  {
    let counts = machine.pageCounts
    if counts == seen { return nil }
    if counts.copies != seen.copies { seeCopy(in: machine, &findings) }
    if counts.touches != seen.touches { seeTouch(in: machine, &findings) }
    if counts.sharedWrites != seen.sharedWrites { seeSharedWrite(in: machine, &findings) }
    let new = NewPages(
      isCopied: counts.copies != seen.copies, isTouched: counts.touches != seen.touches)
    seen = counts
    return new
  }

  // MARK: Copy on write

  /// After a frame with several users was written, by whomever: it is a page shared by name.
  private func seeSharedWrite(in machine: borrowing Simulation, _ findings: inout Findings) {
    let frame = machine.kernel.memory.lastSharedWrite
    let count = machine.kernel.memory.userCount(frame)
    guard count > 1, !isNamed(frame, machine) else { return }
    findings.report(
      .memory, "frame \(frame.raw) written, which \(count) use",
      expected: "a frame of the writer's own, or a page shared by name")
  }

  private func isNamed(_ frame: PageFrame, _ machine: borrowing Simulation) -> Bool {
    for place in machine.kernel.sharedPages.indices
    where machine.kernel.sharedPages.isUsed(place)
      && machine.kernel.sharedPages[place].frame == frame
    {
      return true
    }
    return false
  }

  /// After a process got a copy of a page it alone may write it.
  private func seeCopy(in machine: borrowing Simulation, _ findings: inout Findings) {
    let (slot, page) = machine.kernel.lastCopy
    guard machine.kernel.processes.isUsed(slot),
      let table = machine.kernel.addressSpace(of: slot)?.table, page < table.count
    else { return }
    check(table[page], page, slot, machine, &findings)
  }

  func seeFork(_ event: Event, in machine: borrowing Simulation, _ findings: inout Findings) {
    guard let child = machine.slot(of: event[ForkEvent.child]) else { return }
    machine.kernel.addressSpace(of: child)?.table.forEachWritable { page, entry in
      check(entry, page, child, machine, &findings)
    }
  }

  /// A process's pages that are there, in order.
  private func mappedPages(of slot: Slot, _ machine: borrowing Simulation) -> [(
    page: PageNumber, entry: PageEntry
  )] {
    var pages: [(page: PageNumber, entry: PageEntry)] = []
    machine.kernel.addressSpace(of: slot)?.table.forEachMapped { pages.append(($0, $1)) }
    return pages
  }

  private func check(
    _ entry: PageEntry, _ page: PageNumber, _ slot: Slot, _ machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    guard entry.present, entry.permissions.contains(.write), !entry.permissions.contains(.shared),
      machine.kernel.memory.userCount(entry.frame) > 1
    else { return }
    findings.report(
      .memory, "page \(page) writable in frame \(entry.frame.raw), which others use as well",
      expected: "a frame of its own, or a page shared by name",
      about: machine.kernel.processes[slot].pid)
  }

  // MARK: Fresh pages

  /// After a load or store brought a page: nothing has been stored there yet.
  private func seeTouch(in machine: borrowing Simulation, _ findings: inout Findings) {
    let (slot, page) = machine.kernel.lastTouch
    guard machine.kernel.processes.isUsed(slot) else { return }
    let start = UInt64(page * pageSize)
    requireZeros(in: start..<start + UInt64(pageSize), from: "sbrk", slot, machine, &findings)
  }

  func seeGrowth(_ event: Event, in machine: borrowing Simulation, _ findings: inout Findings) {
    let count = Int64(Int32(truncatingIfNeeded: event[CallEvent.arg0]))
    guard count > 0, let slot = machine.slot(of: event.process) else { return }
    let start = UInt64(bitPattern: event[CallEvent.value])
    requireZeros(in: start..<start + UInt64(count), from: "sbrk", slot, machine, &findings)
  }

  /// A new image is the file's bytes, the arguments at the stack's top, and zeros.
  func seeExec(_ event: Event, in machine: borrowing Simulation, _ findings: inout Findings) {
    let volumes = machine.kernel.volumes
    guard let slot = machine.slot(of: event.process),
      case .disk(let inode) = volumes.source(of: event[ExecEvent.inode])
    else { return }
    let files = volumes.disk
    guard
      let executable = try? Executable(
        fileSize: Int(files[inode].size), read: { files.read(inode, at: $0, count: $1) })
    else { return }
    var end: UInt64 = 0
    // What one segment loads may lie within another.
    for segment in executable.segments.sorted(by: { $0.address < $1.address }) {
      if end < segment.address {
        requireZeros(in: end..<segment.address, from: "exec", slot, machine, &findings)
      }
      end = max(end, segment.fileEnd)
    }
    let stackPointer = machine.kernel.processes[slot].entryContext.registers[2]
    guard stackPointer > end else { return }
    requireZeros(in: end..<stackPointer, from: "exec", slot, machine, &findings)
  }

  /// That what is mapped of a range reads zero.
  private func requireZeros(
    in range: Range<UInt64>, from origin: String, _ slot: Slot, _ machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    if range.isEmpty { return }
    let pages = Int(range.lowerBound >> 12)..<Int((range.upperBound + 4095) >> 12)
    var found: UInt64?
    // Of a gigabyte that grew lazily only what was touched is there to be looked at.
    machine.kernel.forEachMapped(of: slot, in: pages) { page, entry in
      let start = max(range.lowerBound, UInt64(page * pageSize))
      let end = min(range.upperBound, UInt64((page + 1) * pageSize))
      let bytes = machine.kernel.memory.bytes(of: entry.frame) + Int(start & 4095)
      if found == nil, !isZero(bytes, Int(end - start)) { found = start }
    }
    if let found {
      findings.report(
        .memory, "a page from \(origin) at \(found) that holds something", expected: "zeros")
    }
  }

  private func isZero(_ bytes: UnsafeRawPointer, _ count: Int) -> Bool {
    // In bounds: the caller's range lies within one frame.
    var position = 0
    while position + 8 <= count {
      if bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self) != 0 { return false }
      position += 8
    }
    while position < count {
      if bytes.load(fromByteOffset: position, as: UInt8.self) != 0 { return false }
      position += 1
    }
    return true
  }

  // MARK: Shared pages

  mutating func seePage(
    _ event: Event, in machine: borrowing Simulation, _ looks: inout LookAllowance,
    _ findings: inout Findings
  ) {
    countMappers(event, &findings)
    let frame = PageFrame(raw: UInt32(truncatingIfNeeded: event[SharedPageEvent.frame]))
    switch event.kind {
    case .shmCreate:
      if !isZero(machine.kernel.memory.bytes(of: frame), pageSize) {
        findings.report(
          .memory, "new shared page in frame \(frame.raw) that holds something", expected: "zeros")
      }
    case .shmUnmap:
      // At the end of a process the whole table goes; here the process goes on.
      guard event[call: SharedPageEvent.call] == .sharedPageRemove,
        let slot = machine.slot(of: event.process),
        let entry = machine.kernel.addressSpace(of: slot)?.table.entry(
          at: event[SharedPageEvent.address]), entry.frame == frame
      else { break }
      findings.report(
        .memory, "removed shared page still mapped at \(event[SharedPageEvent.address])",
        expected: "no page there")
    default: break
    }
    if event.kind == .shmMap || event.kind == .shmInherit, looks.affords(machine) {
      checkMappers(machine, &findings)
    }
  }

  /// What the events themselves say of a frame: one page lies in it, which counts who has come to map it.
  private mutating func countMappers(_ event: Event, _ findings: inout Findings) {
    let frame = Int32(truncatingIfNeeded: event[SharedPageEvent.frame])
    let counted = mappers[frame]
    switch event.kind {
    case .shmCreate:
      if counted != nil {
        findings.report(
          .memory, "new shared page in frame \(frame), where another one lies",
          expected: "a frame of its own")
      }
      mappers[frame] = counted ?? 0
    case .shmMap, .shmInherit, .shmUnmap:
      let mapped = (counted ?? 0) + (event.kind == .shmUnmap ? -1 : 1)
      mappers[frame] = mapped
      let told = event[SharedPageEvent.mappers]
      if told != mapped {
        findings.report(
          .memory, "\(told) mappers counted of the page in frame \(frame)",
          expected: "\(mapped), the processes that map it")
      }
    case .shmFree: mappers[frame] = nil
    default: return
    }
  }

  /// Every shared page counts the address spaces that map it.
  private func checkMappers(_ machine: borrowing Simulation, _ findings: inout Findings) {
    let count = machine.kernel.sharedPages.slotCount
    var mappers = [Int](repeating: 0, count: count)
    machine.kernel.addressSpaces.forEachUsed { _, space in
      for mapping in space.sharedMappings { mappers[mapping.shared.index] += 1 }
    }
    for place in machine.kernel.sharedPages.indices
    where machine.kernel.sharedPages.isUsed(place) {
      let counted = machine.kernel.sharedPages[place].mappers
      if counted != mappers[place.index] {
        let name = String(
          decoding: machine.kernel.sharedPages.name(place).text, as: UTF8.self)
        findings.report(
          .memory, "\(counted) mappers counted of shared page \"\(name)\"",
          expected: "\(mappers[place.index]), the address spaces that map it")
      }
    }
  }

  // MARK: Everything

  func audit(in machine: borrowing Simulation, _ findings: inout Findings) {
    checkMappers(machine, &findings)
    for slot in 0..<machine.kernel.processes.slotCount where machine.kernel.processes.isUsed(slot) {
      let mappings = machine.kernel.addressSpace(of: slot)?.sharedMappings ?? []
      for (page, entry) in mappedPages(of: slot, machine) {
        let isWritable = entry.permissions.contains(.write)
        if isWritable && !entry.permissions.contains(.shared) {
          check(entry, page, slot, machine, &findings)
        }
        if machine.kernel.memory.userCount(entry.frame) == 0 {
          findings.report(
            .memory, "page \(page) mapped to frame \(entry.frame.raw), which is free",
            expected: "a frame in use", about: machine.kernel.processes[slot].pid)
        }
        guard entry.permissions.contains(.shared) else { continue }
        let isMapped = mappings.contains {
          $0.page == page && machine.kernel.sharedPages.isUsed($0.shared)
            && machine.kernel.sharedPages[$0.shared].frame == entry.frame
        }
        if !isMapped {
          findings.report(
            .memory, "page \(page) shared without a name", expected: "a page shared by name",
            about: machine.kernel.processes[slot].pid)
        }
      }
    }
  }
}
