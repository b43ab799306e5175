// The files of a group: `GroupControlFile.all` has a line for each, with who reads it and who writes it. The files
// of a controller (`pids.…`, `memory.…`) are a list of their own, in a file of their own, and have one line there.

/// What was written to a file of a group, and by whom.
struct GroupWrite {
  var group: GroupID
  /// Without the newline behind it.
  var value: [UInt8]
  var slot: Slot
}

/// A file that groups have.
struct GroupControlFile: Sendable {
  typealias Reader = @Sendable (inout Kernel, GroupID, Slot) -> String
  typealias Writer = @Sendable (inout Kernel, GroupWrite, inout Effects) throws(Refusal) -> Void

  /// As in cgroup v2. A directory shows the first 14 bytes, and finds it by these.
  let name: String
  /// Whether the root has it, where nothing is limited.
  var isOnRoot = false
  /// Whether a container may write that of its own group.
  var isOwn = false
  /// What it holds, for the process that reads it.
  let read: Reader
  /// Nil for a file that only tells.
  var write: Writer?

  /// Every file, in the order in which a directory lists them.
  static let all: [GroupControlFile] =
    coreFiles + stateFiles + cpuFiles + memoryFiles + pidsFiles + miscFiles + diskFiles + dataFiles
    + networkFiles

  /// By the names that directories have.
  private static let shortNames = all.map { Name($0.name.utf8) }

  /// Where in the list the file of this name is, if the group has it.
  static func place(of name: Name, in group: GroupID) -> Int? {
    guard let place = shortNames.firstIndex(of: name) else { return nil }
    return group != .root || all[place].isOnRoot ? place : nil
  }

  /// The part before the dot.
  private var controller: Substring { name.prefix { $0 != "." } }

  /// The controllers that there are.
  static var controllers: [Substring] {
    var found: [Substring] = []
    for file in all where file.controller != "cgroup" && !found.contains(file.controller) {
      found.append(file.controller)
    }
    return found
  }
}

extension GroupControlFile {
  /// Those that are about the group itself.
  fileprivate static let coreFiles: [GroupControlFile] = [
    GroupControlFile(
      name: "cgroup.procs", isOnRoot: true, isOwn: true,
      read: { kernel, group, viewer in kernel.membersText(of: group, for: viewer) },
      write: { (kernel, write, effects) throws(Refusal) in
        try kernel.moveProcess(write, &effects)
      }),
    GroupControlFile(
      name: "cgroup.controllers", isOnRoot: true,
      read: { _, _, _ in controllers.joined(separator: " ") + "\n" }),
    GroupControlFile(
      name: "cgroup.events", isOnRoot: true,
      read: { kernel, group, _ in kernel.eventsText(of: group) }),
    GroupControlFile(
      name: "cgroup.stat", isOnRoot: true,
      read: { kernel, group, _ in
        "nr_descendants \(kernel.groups.subtree(of: group).count - 1)\nnr_dying_descendants 0\n"
      }),
  ]
}

extension Kernel {
  // MARK: Opening and reading

  /// Whether a process may open a file or directory of a group so.
  func requireOpenable(_ inode: InodeNumber, writing: Bool, for slot: Slot) throws(Refusal) {
    let node = GroupVolume.node(inode)
    guard sees(node.group, slot) else { throw .notFound }
    if case .file(let place, let group) = node, writing {
      try requireWritable(GroupControlFile.all[place], of: group, for: slot)
    }
  }

  /// Nobody changes a limit of the group that it sees as the root: of it or of one above.
  private func requireWritable(_ file: GroupControlFile, of group: GroupID, for slot: Slot)
    throws(Refusal)
  {
    guard file.write != nil else { throw .readOnly }
    let isTop = group == topGroup(of: processes[slot].container)
    if isTop, !file.isOwn, !defects.contains(.ownLimitWritable) { throw .ownLimit }
  }

  /// Makes what a file or directory of a group holds now, for the process that reads it; nothing once the group
  /// is gone, or out of sight.
  mutating func makeGroupText(of inode: InodeNumber, for viewer: Slot) -> MadeText {
    var made = MadeText(bytes: [], process: .none, hadExited: false)
    let node = GroupVolume.node(inode)
    guard sees(node.group, viewer) else { return made }
    charge(.groups, groups.groups.count)
    switch node {
    case .directory(let group): made.bytes = entries(of: group, inode)
    case .file(let place, let group):
      made.bytes = Array(GroupControlFile.all[place].read(&self, group, viewer).utf8)
    }
    charge(.bytesMoved, made.bytes.count)
    return made
  }

  /// A directory's bytes. An entry has 16 bits for an inode's number, and 0 would be a free one.
  private func entries(of group: GroupID, _ own: InodeNumber) -> [UInt8] {
    func short(_ inode: InodeNumber) -> InodeNumber { inode & 0xffff == 0 ? 1 : inode & 0xffff }
    var bytes =
      Name.current.entry(short(own)) + Name.parent.entry(short(groups.parent(of: own)))
    for (place, file) in GroupControlFile.all.enumerated() where group != .root || file.isOnRoot {
      let inode = GroupVolume.inode(of: .file(place, of: group))
      bytes += Name(file.name.utf8).entry(short(inode))
    }
    for child in groups.children(of: group) {
      bytes += child.name.entry(short(GroupVolume.inode(of: .directory(child.id))))
    }
    return bytes
  }

  fileprivate mutating func membersText(of group: GroupID, for viewer: Slot) -> String {
    members(of: [group]).filter { processes[$0].leader == nil }
      .map { "\(number(of: $0, for: viewer).raw)\n" }.joined()
  }

  fileprivate func eventsText(of group: GroupID) -> String {
    let isPopulated =
      group == .root || groups.subtree(of: group).contains { (groups[$0]?.members ?? 0) > 0 }
    let isFrozen = groups.frozenGroup(around: group) != nil
    return "populated \(isPopulated ? 1 : 0)\nfrozen \(isFrozen ? 1 : 0)\n"
  }

  // MARK: Writing

  /// The longest value that is looked at.
  private static let longestValue = 256

  /// Writes a value to a file of a group: what is written at once is one value.
  mutating func writeGroupFile(
    _ slot: Slot, _ file: FileID, _ address: UInt64, count: Int, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    guard case .file(let place, let group) = GroupVolume.node(file.inode) else {
      throw .isDirectory
    }
    guard sees(group, slot) else { throw .notFound }
    let control = GroupControlFile.all[place]
    try requireWritable(control, of: group, for: slot)
    guard let write = control.write else { throw .readOnly }
    if count == 0 { return .value(0) }
    guard count <= Kernel.longestValue else { throw .badValue }
    guard var value = copyIn(slot, address, count: count) else { throw .badAddress }
    charge(.bytesMoved, count)
    charge(.groups, groups.groups.count)
    if value.last == UInt8(ascii: "\n") { value.removeLast() }
    try write(&self, GroupWrite(group: group, value: value, slot: slot), &effects)
    return .value(Int64(count))
  }

  /// Moves the process of this number, or the writer.
  fileprivate mutating func moveProcess(_ write: GroupWrite, _ effects: inout Effects)
    throws(Refusal)
  {
    guard let number = GroupValue.number(write.value), let asked = self.number(given: number)
    else { throw .badValue }
    let target =
      asked == .none
      ? processes.leader(of: write.slot) : try self.target(asked, of: write.slot)
    guard processes[target].exitStatus == nil, processes[target].leader == nil else {
      throw .noSuchProcess
    }
    // A container's processes are in its own part of the tree, and nobody else is.
    guard groups[write.group]?.owner == processes[target].container else { throw .outsideTree }
    let threads = processes.threads(of: target).filter { processes[$0].exitStatus == nil }
    var moved: [Slot] = []
    let old = processes[target].group
    do throws(Refusal) {
      for thread in threads {
        try move(thread, to: write.group)
        moved.append(thread)
      }
    } catch {
      // All of them or none; there was room where they come from.
      for thread in moved { try move(thread, to: old) }
      throw error
    }
    effects.holdsBack = true
    settleHeld(threads, &effects)
  }
}

/// The values that files of groups take.
enum GroupValue {
  /// What stands for no limit.
  static let none = Array("max".utf8)

  /// A number in decimal digits, and nothing besides.
  static func number(_ text: some Collection<UInt8>) -> Int? {
    if text.isEmpty || text.count > 19 { return nil }
    var number = 0
    for digit in text {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, overflow2) = tens.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
      if overflow || overflow2 { return nil }
      number = sum
    }
    return number
  }

  /// A number, or nil for `max`.
  static func limit(_ text: [UInt8]) throws(Refusal) -> Int? {
    if text == none { return nil }
    guard let number = number(text) else { throw .badValue }
    return number
  }

  static func text(_ limit: Int?) -> String { limit.map { "\($0)\n" } ?? "max\n" }
}
