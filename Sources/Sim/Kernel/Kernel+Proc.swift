// What there is in /proc for whoever looks: names when they are looked up, texts and entries when they are
// opened. A reader sees its own container's processes by its own numbers; of another's nothing is there.
// The texts themselves are in `Kernel+ProcText.swift` and `Kernel+MachineText.swift`, and in `Network+Texts.swift`.

extension Kernel {
  private var proc: ProcVolume { volumes.proc }

  // MARK: Names

  /// What a name in a directory of /proc stands for to a process.
  package func lookUpInProc(_ name: Name, in directory: InodeNumber, for viewer: Slot) -> FileID? {
    if name == .current { return FileID(.proc, directory) }
    if name == .parent { return FileID(.proc, proc.parent(of: directory)) }
    let node = namedNode(name, in: proc.node(directory), for: viewer)
    return node.flatMap { proc.inode(of: $0) }.map { FileID(.proc, $0) }
  }

  private func namedNode(_ name: Name, in directory: ProcNode, for viewer: Slot) -> ProcNode? {
    switch directory {
    case .root:
      if name == Name("self") { return .process(processes[processes.leader(of: viewer)].pid) }
      if let number = decimal(name) {
        return procTarget(GuestPID(raw: number), for: viewer).map {
          .process(processes[$0].pid)
        }
      }
      if name == Name("net") { return .network }
      return MachineText.allCases.first { Name($0.rawValue.utf8) == name }.map { .machine($0) }
    case .network:
      return NetworkText.allCases.first { Name($0.rawValue.utf8) == name }
        .map { .networkText($0) }
    case .process(let process):
      guard procSlot(of: process, for: viewer) != nil else { return nil }
      if name == Name("fd") { return .descriptors(of: process) }
      return ProcessText.allCases.first { Name($0.rawValue.utf8) == name }
        .map { .text($0, of: process) }
    case .descriptors(let process):
      guard let slot = procSlot(of: process, for: viewer), let number = decimal(name),
        number < limits.descriptors, processes.file(behind: Int(number), of: slot) != nil
      else { return nil }
      return .descriptor(Int(number), of: process)
    case .machine, .networkText, .text, .descriptor: return nil
    }
  }

  /// A number without anything before or behind it.
  private func decimal(_ name: Name) -> Int32? {
    let digits = name.bytes
    guard let first = digits.first, digits.count < 10 else { return nil }
    if first == UInt8(ascii: "0"), digits.count > 1 { return nil }
    var number: Int32 = 0
    for digit in digits {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      number = number * 10 + Int32(digit - UInt8(ascii: "0"))
    }
    return number
  }

  // MARK: Who is there

  /// Whom /proc shows to a process, in the order of the numbers by which it knows them.
  private func procMembers(for viewer: Slot) -> [Slot] {
    defects.contains(.procListsAll) ? processes.slotsByPID : processesInSight(of: viewer)
  }

  private func procTarget(_ number: GuestPID, for viewer: Slot) -> Slot? {
    if let slot = slot(of: number, for: viewer) {
      return processes[slot].leader == nil ? slot : nil
    }
    return defects.contains(.procListsAll) ? slot(ofMachineWide: number) : nil
  }

  /// The process if it is still there and in sight.
  private func procSlot(of process: ProcessID, for viewer: Slot) -> Slot? {
    guard let slot = processes.slot(of: process) else { return nil }
    return isVisible(slot, to: viewer) || defects.contains(.procListsAll) ? slot : nil
  }

  /// The number by which /proc shows a process.
  func procNumber(of slot: Slot, for viewer: Slot) -> GuestPID {
    let number = number(of: slot, for: viewer)
    return number == .none ? machineWideNumber(of: slot) : number
  }

  // MARK: Opening

  /// A directory of somebody who has come out of sight leads nowhere, whoever's working directory it is.
  func requireInSight(_ inode: InodeNumber, for viewer: Slot) throws(Refusal) {
    guard let process = proc.node(inode).process, processes.slot(of: process) != nil else { return }
    if procSlot(of: process, for: viewer) == nil { throw .notFound }
  }

  /// Makes what a file or directory holds now that stands nowhere, for the process that opens it.
  mutating func makeText(of file: FileID, for viewer: Slot) -> MadeText {
    file.volume == .groups
      ? makeGroupText(of: file.inode, for: viewer) : makeText(of: file.inode, for: viewer)
  }

  private mutating func makeText(of inode: InodeNumber, for viewer: Slot) -> MadeText {
    let node = proc.node(inode)
    var made = MadeText(bytes: [], process: node.process ?? .none, hadExited: false)
    if let process = node.process {
      guard let slot = procSlot(of: process, for: viewer) else { return made }
      made.hadExited = processes[slot].exitStatus != nil
    }
    made.bytes = bytes(of: node, for: viewer)
    charge(.bytesMoved, made.bytes.count)
    return made
  }

  /// What is left of it to a reader: nothing once its process has ended.
  func stillThere(_ made: MadeText) -> [UInt8] {
    guard made.process != .none else { return made.bytes }
    guard let slot = processes.slot(of: made.process) else { return [] }
    return processes[slot].exitStatus != nil && !made.hadExited ? [] : made.bytes
  }

  private mutating func bytes(of node: ProcNode, for viewer: Slot) -> [UInt8] {
    switch node {
    case .root: return rootEntries(for: viewer)
    case .machine(let text): return machineText(text, for: viewer)
    case .network:
      return entries(
        of: .network, NetworkText.allCases.map { ($0.rawValue, .networkText($0)) })
    case .networkText(let text):
      charge(.sockets, network.sockets.count)
      return Array(network.text(text, of: processes[viewer].container).utf8)
    case .process(let process):
      let texts = ProcessText.allCases.map { ($0.rawValue, ProcNode.text($0, of: process)) }
      return entries(of: node, texts + [("fd", .descriptors(of: process))])
    case .text(let text, let process):
      return processes.slot(of: process).map { processText(text, of: $0, for: viewer) } ?? []
    case .descriptors(let process):
      guard let slot = processes.slot(of: process) else { return [] }
      let open = processes[common: slot].descriptors.indices.filter {
        processes.file(behind: $0, of: slot) != nil
      }
      return entries(of: node, open.map { ("\($0)", .descriptor($0, of: process)) })
    case .descriptor(let descriptor, let process):
      let slot = processes.slot(of: process)
      let file = slot.flatMap { processes.file(behind: descriptor, of: $0) }
      return Array((file.map { describe($0) } ?? "").utf8)
    }
  }

  private mutating func rootEntries(for viewer: Slot) -> [UInt8] {
    let members = procMembers(for: viewer)
    charge(.processes, members.count)
    let texts = MachineText.allCases.map { ($0.rawValue, ProcNode.machine($0)) }
    let directories = members.map {
      ("\(procNumber(of: $0, for: viewer).raw)", ProcNode.process(processes[$0].pid))
    }
    let own = processes[processes.leader(of: viewer)].pid
    let fixed = [("self", ProcNode.process(own)), ("net", .network)]
    return entries(of: .root, fixed + texts + directories)
  }

  /// A directory's bytes. An entry has 16 bits for an inode's number, and 0 would be a free one.
  private func entries(of directory: ProcNode, _ named: [(String, ProcNode)]) -> [UInt8] {
    let own = proc.inode(of: directory) ?? ProcVolume.root
    func short(_ inode: InodeNumber) -> InodeNumber { inode & 0xffff == 0 ? 1 : inode & 0xffff }
    var bytes = Name.current.entry(short(own)) + Name.parent.entry(short(proc.parent(of: own)))
    for (name, node) in named {
      guard let inode = proc.inode(of: node) else { continue }
      bytes += Name(name.utf8).entry(short(inode))
    }
    return bytes
  }

  /// What a descriptor is of, as Linux's links in `fd` say it of what has no name.
  private func describe(_ index: FileIndex) -> String {
    switch files[index].target {
    case .none: "\n"
    case .pipe(let pipe): "pipe:[\(pipe)]\n"
    case .socket(let socket): "socket:[\(socket.raw)]\n"
    case .device(let file, let major): "device:[\(major):\(volumes.facts(of: file).minor)]\n"
    case .file(let file):
      (volumes.isDirectory(file) ? "directory" : "file")
        + ":[\(file.volume.device):\(file.inode)]\n"
    }
  }
}
