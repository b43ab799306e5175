// The texts in /proc itself, in Linux's words and formats (proc(5)). A second is a tick. Of processes a
// reader's own are counted.

extension Kernel {
  mutating func machineText(_ text: MachineText, for viewer: Slot) -> [UInt8] {
    switch text {
    case .meminfo: return Array(memoryText(for: viewer).utf8)
    case .uptime: return Array(uptimeText().utf8)
    case .mounts: return mountsText(of: viewer)
    case .stat: return Array(machineStatText(for: viewer).utf8)
    case .loadavg: return Array(loadText(for: viewer).utf8)
    case .schedstat: return Array(scheduleText().utf8)
    case .disk: return Array(diskText(for: viewer).utf8)
    }
  }

  /// The machine's memory, or that of the reader's container where its limit is smaller.
  private func memoryText(for viewer: Slot) -> String {
    func line(_ name: String, _ frames: Int) -> String {
      countLine(name, kilobytes(pages: frames), " kB")
    }
    // Frames that are set aside for copies, and for what the kernel keeps of a process, are free and not
    // to be had.
    let (total, unused, free) = (memory.frameCount, memory.unusedCount, memory.freeCount)
    let container = processes[viewer].container
    guard container != .outside, let group = groups[topGroup(of: container)],
      let limit = group[.memory].limit, limit / pageSize < total
    else {
      return line("MemTotal", total) + line("MemFree", unused) + line("MemAvailable", free)
        + line("Shmem", sharedPages.usedCount)
    }
    let left = max(0, limit - group[.memory].held) / pageSize
    return line("MemTotal", limit / pageSize) + line("MemFree", min(unused, left))
      + line("MemAvailable", min(free, left)) + line("Shmem", group[.sharedPages].held)
  }

  /// What the disk has for files, and what of it is free, or the same of the reader's container where its limit is
  /// smaller. (Linux tells that by statfs, a call that this machine does not have.)
  private func diskText(for viewer: Slot) -> String {
    let reserved = Disk.reservedBlocks(of: limits.blocks, inodes: limits.inodes)
    var blocks = (total: limits.blocks - reserved, free: fileSystem.disk.freeCount)
    var files = (total: limits.inodes - 1, free: fileSystem.freeInodeCount)
    let container = processes[viewer].container
    if container != .outside, let group = groups[topGroup(of: container)] {
      limit(&blocks, to: group[.disk], Disk.blockSize)
      limit(&files, to: group[.inodes], 1)
    }
    return countLine("DiskTotal", blocks.total, " kB") + countLine("DiskFree", blocks.free, " kB")
      + countLine("FilesTotal", files.total) + countLine("FilesFree", files.free)
  }

  private func limit(_ space: inout (total: Int, free: Int), to use: ResourceUse, _ unit: Int) {
    guard let limit = use.limit, limit / unit < space.total else { return }
    space.total = limit / unit
    space.free = min(space.free, max(0, limit - use.held) / unit)
  }

  private func countLine(_ name: String, _ count: Int, _ unit: String = "") -> String {
    left(name + ":", 16) + right(count, 8) + unit + "\n"
  }

  /// In ticks, with two decimals.
  private func uptimeText() -> String {
    let idle = hartUses.reduce(0) { $0 + $1.idle(at: now) }
    return "\(hundredths(now.instructions)) \(hundredths(idle))\n"
  }

  private func hundredths(_ instructions: UInt64) -> String {
    // The remainder is less than a tick, which is less than the end of time.
    let rest = (instructions % tick).multipliedFullWidth(by: 100)
    let part = Int(tick.dividingFullWidth(rest).quotient)
    return "\(instructions / tick).\(part < 10 ? "0" : "")\(part)"
  }

  private mutating func machineStatText(for viewer: Slot) -> String {
    var text = ""
    var all = (user: UInt64(0), system: UInt64(0), idle: UInt64(0))
    for (index, use) in hartUses.enumerated() {
      let idle = use.idle(at: now)
      text += cpuLine("cpu\(index)", use.user, use.system, idle)
      all = (all.user + use.user, all.system + use.system, all.idle + idle)
    }
    let counts = countInSight(of: viewer)
    return cpuLine("cpu ", all.user, all.system, all.idle) + text
      + """
      ctxt \(hartUses.reduce(0) { $0 + $1.dispatches })
      btime 0
      processes \(newestNumber(for: viewer))
      procs_running \(counts.runnable)
      procs_blocked \(counts.atConsole)

      """
  }

  private func cpuLine(_ name: String, _ user: UInt64, _ system: UInt64, _ idle: UInt64) -> String {
    "\(name) \(user / tick) 0 \(system / tick) \(idle / tick) 0 0 0 0 0 0\n"
  }

  private mutating func loadText(for viewer: Slot) -> String {
    func words(_ load: UInt64) -> String {
      // As Linux rounds it.
      let rounded = load + LoadAverage.one / 200
      let part = (rounded % LoadAverage.one) * 100 / LoadAverage.one
      return "\(rounded / LoadAverage.one).\(part < 10 ? "0" : "")\(part)"
    }
    let counts = countInSight(of: viewer)
    return "\(words(load.values[0])) \(words(load.values[1])) \(words(load.values[2])) "
      + "\(counts.runnable)/\(counts.all) \(newestNumber(for: viewer))\n"
  }

  /// Version 15, of which the machine has the first kind of lines: its harts are all alike.
  private func scheduleText() -> String {
    var text = "version 15\ntimestamp \(ticks)\n"
    for (index, use) in hartUses.enumerated() {
      text +=
        "cpu\(index) \(use.yields) 0 \(use.dispatches) \(use.idles) \(use.wakes) "
        + "\(use.wakes) \(use.user + use.system) \(use.waited) \(use.dispatches)\n"
    }
    return text
  }

  // MARK: Counting

  private mutating func countInSight(of viewer: Slot)
    -> (all: Int, runnable: Int, atConsole: Int)
  {
    let members = inSight(of: viewer)
    charge(.processes, members.count)
    var runnable = 0
    var atConsole = 0
    for slot in members {
      switch processes[slot].state {
      case .runnable, .running: runnable += 1
      case .blocked(.console): atConsole += 1
      case .blocked, .exited: break
      }
    }
    return (members.count, runnable, atConsole)
  }

  /// The number that was given last where the viewer is.
  private func newestNumber(for viewer: Slot) -> Int32 {
    let container = processes[viewer].container
    return containers[container]?.members.newest.raw ?? processes.newestPID
  }
}
