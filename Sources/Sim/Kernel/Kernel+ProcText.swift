// The texts in a process's directory of /proc, in Linux's words and formats (proc(5)); where a reader that
// goes by places and columns would find nothing that this machine has, there is a 0.

extension Kernel {
  mutating func processText(_ text: ProcessText, of slot: Slot, for viewer: Slot) -> [UInt8] {
    switch text {
    case .status: statusText(of: slot, for: viewer)
    case .cmdline: processes[common: slot].commandLine
    case .stat: statText(of: slot, for: viewer)
    case .limits: Array(limitsText(of: slot).utf8)
    case .mounts: mountsText(of: slot)
    case .cgroup: Array("0::".utf8) + groupPath(of: slot, for: viewer) + [UInt8(ascii: "\n")]
    }
  }

  /// `R (running)` is who could run as well.
  private func stateWord(of slot: Slot) -> String {
    switch processes[slot].state {
    case .runnable, .running: "R (running)"
    case .blocked: "S (sleeping)"
    case .exited: "Z (zombie)"
    }
  }

  /// How many pages its addresses take, and how many of these are there; none of one that has exited.
  private func pageCounts(of slot: Slot) -> (size: Int, mapped: Int) {
    guard let space = processes.addressSpace(of: slot) else { return (0, 0) }
    return (addressSpaces[space].table.count, addressSpaces[space].table.mappedCount)
  }

  /// The number by which the reader knows the parent.
  private func parentNumber(of slot: Slot, for viewer: Slot) -> Int32 {
    processes[slot].parent.map { number(of: $0, for: viewer).raw } ?? 0
  }

  private func statusText(of slot: Slot, for viewer: Slot) -> [UInt8] {
    let process = processes[slot]
    let number = procNumber(of: slot, for: viewer).raw
    // Its number for the reader, and then, further in, the one that its own container knows.
    let isFurtherIn = process.container != .outside && processes[viewer].container == .outside
    let inner = isFurtherIn ? "\t\(process.number.raw)" : ""
    let harts = hartUses.count
    let pages = pageCounts(of: slot)
    var text = Array("Name:\t".utf8) + escapedName(of: slot)
    text += Array(
      """

      State:\t\(stateWord(of: slot))
      Pid:\t\(number)
      PPid:\t\(parentNumber(of: slot, for: viewer))
      NSpid:\t\(number)\(inner)
      Threads:\t\(runningThreads(of: slot))
      VmSize:\t\(right(kilobytes(pages: pages.size), 8)) kB
      VmRSS:\t\(right(kilobytes(pages: pages.mapped), 8)) kB
      Cpus_allowed:\t\(String((1 << UInt64(harts)) - 1, radix: 16))
      Cpus_allowed_list:\t\(harts == 1 ? "0" : "0-\(harts - 1)")

      """.utf8)
    return text
  }

  /// Threads that have not exited; of a process that has, none but what is left of it.
  private func runningThreads(of slot: Slot) -> Int {
    1 + processes[slot].threads.count { processes[$0].exitStatus == nil }
  }

  /// A newline in a name would end its line, and be another line's beginning.
  private func escapedName(of slot: Slot) -> [UInt8] {
    processes[slot].name.flatMap { byte -> [UInt8] in
      switch byte {
      case UInt8(ascii: "\n"): Array("\\n".utf8)
      case UInt8(ascii: "\\"): Array("\\\\".utf8)
      default: [byte]
      }
    }
  }

  /// Linux's 52 fields. Time that a process has used is all under `utime`.
  private func statText(of slot: Slot, for viewer: Slot) -> [UInt8] {
    let process = processes[slot]
    var hart = 0
    if case .running(let on) = process.state { hart = Int(on.raw) }
    let number = procNumber(of: slot, for: viewer).raw
    var fields = [Int64](repeating: 0, count: 53)
    fields[4] = Int64(parentNumber(of: slot, for: viewer))
    fields[8] = -1
    fields[14] = Int64(process.instructions / tick)
    fields[18] = Int64(process.priority)
    fields[20] = Int64(runningThreads(of: slot))
    fields[22] = Int64(process.started.instructions / tick)
    let pages = pageCounts(of: slot)
    fields[23] = Int64(pages.size * pageSize)
    fields[24] = Int64(pages.mapped)
    fields[39] = Int64(hart)
    fields[52] = Int64(process.exitStatus ?? 0)
    let words = fields[4...].map { "\($0)" }
    return Array("\(number) (".utf8) + process.name
      + Array((") \(stateWord(of: slot).prefix(1)) " + words.joined(separator: " ") + "\n").utf8)
  }

  private func limitsText(of slot: Slot) -> String {
    let slots = processes[slot].budgets.map { budgets[$0].limit }.min() ?? limits.processes
    let none = "unlimited"
    let rows: [(name: String, value: String, unit: String)] = [
      ("Max cpu time", none, "seconds"),
      ("Max file size", "\(limits.fileBlocks * Disk.blockSize)", "bytes"),
      ("Max data size", none, "bytes"),
      ("Max stack size", "\(pageSize)", "bytes"),
      ("Max core file size", "0", "bytes"),
      ("Max resident set", memoryLimit(of: slot).map { "\($0)" } ?? none, "bytes"),
      ("Max processes", "\(min(slots, limits.processes))", "processes"),
      ("Max open files", "\(limits.descriptors)", "files"),
      ("Max locked memory", none, "bytes"),
      ("Max address space", "\(Kernel.userTop)", "bytes"),
      ("Max file locks", none, "locks"),
      ("Max pending signals", "0", "signals"),
      ("Max msgqueue size", "0", "bytes"),
      ("Max nice priority", "0", ""),
      ("Max realtime priority", "0", ""),
      ("Max realtime timeout", none, "us"),
    ]
    func line(_ name: String, _ soft: String, _ hard: String, _ unit: String) -> String {
      left(name, 25) + " " + left(soft, 20) + " " + left(hard, 20) + " " + left(unit, 10) + "\n"
    }
    return line("Limit", "Soft Limit", "Hard Limit", "Units")
      + rows.map { line($0.name, $0.value, $0.value, $0.unit) }.joined()
  }

  // MARK: Mounts

  /// What a process sees mounted, by paths in its own root. One that has a smaller root learns nothing of
  /// what is called how outside.
  mutating func mountsText(of slot: Slot) -> [UInt8] {
    let root = processes[common: slot].base.root
    let owner = processes[slot].container
    var looked = 0
    let path = pathText(of: root, owner, looked: &looked)
    charge(.directoryEntries, looked)
    charge(.mounts, mounts[owner].count)
    var lines: [[UInt8]] = []
    var showsRoot = false
    for (id, mount) in mounts[owner].mounts {
      guard let target = below(path, mount.target) else { continue }
      if target.isEmpty { showsRoot = true }
      lines.append(line(mount, at: target, id == .disk || root == .machineRoot))
    }
    // A root that is no mount's top lies in one that is mounted further up.
    if !showsRoot, let mount = mounts[owner][root.mount] {
      lines.insert(line(mount, at: [], false), at: 0)
    }
    return lines.flatMap { $0 }
  }

  /// What is left of a path inside a root; nil outside of it.
  private func below(_ root: [UInt8], _ path: [UInt8]) -> [UInt8]? {
    let path = path == [UInt8(ascii: "/")] ? [] : path
    guard path.starts(with: root) else { return nil }
    let rest = Array(path.dropFirst(root.count))
    return rest.isEmpty || rest.first == UInt8(ascii: "/") ? rest : nil
  }

  private func line(_ mount: Mount, at target: [UInt8], _ saysSource: Bool) -> [UInt8] {
    let type = Array(mount.type.name.utf8)
    let space = [UInt8(ascii: " ")]
    var words = escaped(saysSource && !mount.source.isEmpty ? mount.source : type) + space
    words += escaped(target.isEmpty ? [UInt8(ascii: "/")] : target) + space + type + space
    words += Array((mount.flags.contains(.readOnly) ? "ro" : "rw").utf8)
    if saysSource, !mount.options.isEmpty {
      words += [UInt8(ascii: ",")] + escaped(mount.options)
    }
    return words + Array(" 0 0\n".utf8)
  }

  /// What would part words or lines, as getmntent(3) reads it.
  private func escaped(_ text: [UInt8]) -> [UInt8] {
    text.flatMap { byte -> [UInt8] in
      switch byte {
      case UInt8(ascii: " "): Array("\\040".utf8)
      case UInt8(ascii: "\t"): Array("\\011".utf8)
      case UInt8(ascii: "\n"): Array("\\012".utf8)
      case UInt8(ascii: "\\"): Array("\\134".utf8)
      default: [byte]
      }
    }
  }

  // MARK: Words in columns

  func kilobytes(pages: Int) -> Int { pages * pageSize / 1024 }

  func right(_ number: Int, _ width: Int) -> String {
    let digits = "\(number)"
    return String(repeating: " ", count: max(0, width - digits.utf8.count)) + digits
  }

  func left(_ word: String, _ width: Int) -> String {
    word + String(repeating: " ", count: max(0, width - word.utf8.count))
  }
}
