// mount and umount, and what a container's table of mounts begins with and leaves. Paths are followed
// in `Calls+Path.swift`, which enters and leaves mounts by these tables.

extension Kernel {
  // MARK: mount

  mutating func mount(
    _ slot: Slot, source sourceAddress: UInt64, target targetAddress: UInt64,
    type typeAddress: UInt64, flags raw: Int32, options optionsAddress: UInt64
  ) throws(Refusal) -> CallOutcome {
    try requireMountRight(slot)
    let flags = MountFlags(rawValue: UInt32(bitPattern: raw))
    guard flags.isSubset(of: [.readOnly, .remount]) else { throw .unknownMountFlag }
    let targetPath = try copyInPath(slot, targetAddress)
    if flags.contains(.remount) {
      try remount(slot, targetPath, flags)
      return .value(0)
    }
    guard let type = MountType(guestName: try copyInText(slot, typeAddress)) else {
      throw .unknownMountType
    }
    let options = try copyInText(slot, optionsAddress)
    switch type {
    case .disk: throw .unknownMountType
    case .bind:
      let source = try copyInPath(slot, sourceAddress)
      if !options.isEmpty { throw .unknownMountOption }
      try bind(slot, source, at: targetPath, flags)
    case .proc, .cgroup:
      if !options.isEmpty { throw .unknownMountOption }
      let target = try resolveTarget(slot, targetPath)
      guard volumes.isDirectory(target.place.file) else { throw .differentKinds }
      try addMount(
        slot, type,
        type == .proc ? FileID(.proc, ProcVolume.root) : groupDirectory(for: slot), at: target,
        targetPath, flags, source: Array(type.name.utf8))
    case .overlay:
      let layers = try UnionLayers(options)
      try mountUnion(slot, layers, at: targetPath, flags, options: options)
    }
    return .value(0)
  }

  /// A text in user memory, of at most a page; none where the address is 0.
  private mutating func copyInText(_ slot: Slot, _ address: UInt64) throws(Refusal) -> [UInt8] {
    address == 0 ? [] : try copyInString(slot, address, limit: pageSize)
  }

  /// Only who sees the machine's own tree may change what is mounted in it: from a smaller root that
  /// would be a way out, or a way to what a mount hides.
  private func requireMountRight(_ slot: Slot) throws(Refusal) {
    guard processes[common: slot].base.root == .machineRoot else { throw .notMachineRoot }
    if containers[processes[slot].container]?.hasOwnRoot ?? false { throw .notMachineRoot }
  }

  private mutating func remount(_ slot: Slot, _ path: [UInt8], _ flags: MountFlags)
    throws(Refusal)
  {
    let owner = processes[slot].container
    let place = try resolve(slot, path)
    guard let mount = mounts[owner][place.mount], mount.top == place.file else {
      throw .notMounted
    }
    mounts.setFlags(place.mount, of: owner, flags.subtracting(.remount))
    emit(
      .mounted(
        stamp(slot), place.mount, mount, target: names.intern(mount.target),
        source: names.intern(mount.source), flags: flags))
  }

  private mutating func bind(
    _ slot: Slot, _ source: [UInt8], at targetPath: [UInt8], _ flags: MountFlags
  ) throws(Refusal) {
    let from = try resolve(slot, source)
    let target = try resolveTarget(slot, targetPath)
    guard volumes.facts(of: from.file).kind == volumes.facts(of: target.place.file).kind else {
      throw .differentKinds
    }
    // As on Linux, what is read-only where it is taken from is read-only here as well.
    let owner = processes[slot].container
    let kept = mounts[owner][from.mount]?.flags ?? []
    try addMount(
      slot, .bind, from.file, at: target, targetPath, flags.union(kept), source: source)
  }

  private mutating func addMount(
    _ slot: Slot, _ type: MountType, _ top: FileID, at target: PathTarget, _ path: [UInt8],
    _ flags: MountFlags, source: [UInt8], options: [UInt8] = []
  ) throws(Refusal) {
    let owner = processes[slot].container
    let mount = Mount(
      type: type, top: top, point: target.place, flags: flags,
      target: pathText(of: target, path, owner), source: source, options: options)
    let id = try mounts.insert(mount, for: owner)
    charge(.mounts)
    hold(mount)
    if defects.contains(.mountAcross), owner != .outside {
      _ = try mounts.insert(mount, for: .outside)
      hold(mount)
    }
    emit(
      .mounted(
        stamp(slot), id, mount, target: names.intern(mount.target),
        source: names.intern(options.isEmpty ? source : options), flags: flags))
  }

  /// The path from the machine's root of what a path has led to.
  private mutating func pathText(of target: PathTarget, _ path: [UInt8], _ owner: ContainerID)
    -> [UInt8]
  {
    let slash = UInt8(ascii: "/")
    var looked = 0
    var text = pathText(of: target.directory, owner, looked: &looked)
    if target.place != target.directory {
      text += [slash] + Name(path.split(separator: slash).last ?? []).bytes
    }
    charge(.directoryEntries, looked)
    return text.isEmpty ? [slash] : text
  }

  /// The path from the machine's root of a directory; empty for that one itself.
  ///
  /// - Parameter looked: rises by how many directory entries were looked at.
  func pathText(of directory: Location, _ owner: ContainerID, looked: inout Int) -> [UInt8] {
    let table = mounts[owner]
    // The last name is found first. Each put before the others, they would cost the square of the depth.
    var names: [Name] = []
    var here = directory
    while let place = table.left(here, barrier: .machineRoot),
      let parent = volumes.parent(of: place.file), parent != place.file
    {
      guard let name = volumes.name(of: place.file, in: parent) else { break }
      looked += volumes.entryCount(of: parent)
      names.append(name)
      here = Location(mount: place.mount, parent)
    }
    return names.reversed().flatMap { [UInt8(ascii: "/")] + $0.bytes }
  }

  // MARK: Unions

  private mutating func mountUnion(
    _ slot: Slot, _ layers: UnionLayers, at path: [UInt8], _ flags: MountFlags, options: [UInt8]
  ) throws(Refusal) {
    var lowers: [InodeNumber] = []
    for lower in layers.lowers { lowers.append(try layer(slot, lower)) }
    var upper: InodeNumber = 0
    if let text = layers.upper { upper = try layer(slot, text) }
    let target = try resolveTarget(slot, path)
    guard volumes.isDirectory(target.place.file) else { throw .differentKinds }
    try requireApart(lowers + (upper == 0 ? [] : [upper]), target.place.file)
    try requireUnchanged(upper: upper, lowers: lowers)
    guard mounts[processes[slot].container].count < MountTable.capacity else { throw .noMountRoom }
    try addMount(
      slot, .overlay, volumes.makeUnion(upper: upper, lowers: lowers), at: target, path,
      upper == 0 ? flags.union(.readOnly) : flags, source: Array(MountType.overlay.name.utf8),
      options: options)
  }

  /// The directory of the disk that a layer's path leads to.
  private mutating func layer(_ slot: Slot, _ path: [UInt8]) throws(Refusal) -> InodeNumber {
    guard path.count < limits.pathLength else { throw .nameTooLong }
    let file = try resolve(slot, path).file
    guard file.volume == .disk, volumes.isDirectory(file) else { throw .badLayer }
    return file.inode
  }

  /// No layer is inside another, or inside the directory at which their union is mounted.
  private mutating func requireApart(_ layers: [InodeNumber], _ target: FileID) throws(Refusal) {
    for (place, layer) in layers.enumerated() {
      if layers[..<place].contains(layer) { throw .layersOverlap }
      var looked = 0
      defer { charge(.directoryEntries, looked) }
      var here = layer
      while let parent = fileSystem.lookUp(.parent, in: here, looked: &looked), parent != here {
        looked += layers.count
        if layers.contains(parent) { throw .layersOverlap }
        if target == FileID(parent) { throw .layerInUnion }
        here = parent
      }
    }
  }

  /// Nobody changes a lower layer: none is where another union has its upper one, and no upper layer is
  /// where another has any.
  private mutating func requireUnchanged(upper: InodeNumber, lowers: [InodeNumber])
    throws(Refusal)
  {
    var looked = 0
    defer { charge(.directoryEntries, looked) }
    for union in volumes.unions where !union.isClosed {
      let other = union[Union.root]
      let others = other.lowers.map(\.inode)
      if other.upper != 0 {
        for layer in lowers + [upper] where layer != 0 {
          if overlap(layer, other.upper, &looked) { throw .layerInUse }
        }
      }
      for layer in others where upper != 0 && overlap(layer, upper, &looked) {
        throw .layerInUse
      }
    }
  }

  /// Whether one of two directories is inside the other.
  private func overlap(_ a: InodeNumber, _ b: InodeNumber, _ looked: inout Int) -> Bool {
    for (low, high) in [(a, b), (b, a)] {
      var here = low
      if here == high { return true }
      while let parent = fileSystem.lookUp(.parent, in: here, looked: &looked), parent != here {
        if parent == high { return true }
        here = parent
      }
    }
    return false
  }

  /// Charges what unions have done in a call, and tells of it. Every call comes by here, and few have used one.
  @inline(__always)
  mutating func settleUnions(for slot: Slot) {
    if !volumes.journal.isEmpty { settleJournal(for: slot) }
  }

  @inline(never)
  private mutating func settleJournal(for slot: Slot) {
    let journal = volumes.journal
    charge(.directoryEntries, journal.looked)
    charge(.listedEntries, journal.listed)
    charge(.bytesMoved, journal.copied)
    volumes.journal.looked = 0
    volumes.journal.listed = 0
    volumes.journal.copied = 0
    volumes.journal.changes.removeAll()
    for change in journal.changes { emit(event(of: change, slot)) }
  }

  private mutating func event(of change: UnionJournal.Change, _ slot: Slot) -> Event {
    switch change {
    case .copyUp(let file, let name, let from, let to, let size):
      .copiedUp(
        stamp(slot), file, names.intern(name.bytes), from: from, to: to, size: size)
    case .whiteout(let directory, let name):
      .whitedOut(stamp(slot), directory, names.intern(name.bytes))
    }
  }

  // MARK: umount

  mutating func unmount(_ slot: Slot, target address: UInt64) throws(Refusal) -> CallOutcome {
    try requireMountRight(slot)
    let owner = processes[slot].container
    let place = try resolve(slot, copyInPath(slot, address))
    guard let mount = mounts[owner][place.mount], mount.top == place.file else {
      throw .notMounted
    }
    if isBusy(place.mount, of: owner) { throw .mountBusy }
    mounts.remove(place.mount, of: owner)
    letGo(mount)
    emit(.unmounted(stamp(slot), place.mount, target: names.intern(mount.target)))
    return .value(0)
  }

  /// Whether something that a mount shows is open, a working directory, a root, or hidden by another
  /// mount.
  private mutating func isBusy(_ id: MountID, of owner: ContainerID) -> Bool {
    if id == .disk { return true }
    charge(.processes, processes.usedCount)
    charge(.places, limits.openFiles)
    if mounts[owner].mounts.contains(where: { $0.id != id && $0.mount.point.mount == id }) {
      return true
    }
    if containers[owner]?.root.mount == id { return true }
    for slot in processes.slotsByPID
    where processes[slot].container == owner && processes[slot].exitStatus == nil {
      let base = processes[common: slot].base
      if base.root.mount == id || base.workingDirectory.mount == id { return true }
    }
    return files.files.contains {
      $0.references > 0 && $0.mount == id && $0.mountOwner == owner && $0.file != nil
    }
  }

  // MARK: Tables

  /// Mounts what is there before the first process runs, at the directories that are there for it.
  mutating func mountAtBoot() {
    mountAtBoot(.proc, FileID(.proc, ProcVolume.root), at: "proc")
    mountAtBoot(.cgroup, FileID(.groups, GroupVolume.root), at: "cgroup")
  }

  private mutating func mountAtBoot(_ type: MountType, _ top: FileID, at name: String) {
    guard let point = fileSystem.find(Name(name.utf8), in: FileSystem.root)?.inode else {
      preconditionFailure("the disk has no /\(name)")
    }
    let mount = Mount(
      type: type, top: top, point: Location(mount: .disk, FileID(point)), flags: [],
      target: Array("/\(name)".utf8), source: Array(type.name.utf8), options: [])
    do {
      _ = try mounts.insert(mount, for: .outside)
    } catch {
      preconditionFailure("an empty table has room")
    }
    hold(mount)
  }

  /// Gives a new container a table of its own.
  mutating func copyMounts(to owner: ContainerID) {
    let table = mounts.copy(for: owner)
    charge(.mounts, table.count)
    for (_, mount) in table.mounts.dropFirst() { hold(mount) }
  }

  /// Has a new container's mounts of groups show its own part of the tree.
  mutating func showOwnGroup(to owner: ContainerID) {
    let top = topGroup(of: owner)
    let groups = groups
    mounts.showGroup(FileID(.groups, GroupVolume.inode(of: .directory(top))), to: owner) {
      guard case .directory(let group) = GroupVolume.node($0.inode) else { return true }
      return groups.isInside(top, group)
    }
  }

  /// Drops the table of a container that has ended.
  mutating func dropMounts(of owner: ContainerID) {
    let table = mounts[owner]
    guard table.owner == owner else { return }
    charge(.mounts, table.count)
    mounts.remove(owner)
    for (_, mount) in table.mounts.dropFirst() { letGo(mount) }
  }

  /// Counts the references that a mount has to what it shows and to what it hides.
  private mutating func hold(_ mount: Mount) {
    volumes.retain(mount.top)
    volumes.retain(mount.point.file)
    volumes.changeMountPoints(of: mount.point.file, by: 1)
  }

  private mutating func letGo(_ mount: Mount) {
    volumes.changeMountPoints(of: mount.point.file, by: -1)
    volumes.release(mount.point.file)
    volumes.release(mount.top)
  }
}

extension MountType {
  /// The type that a guest means.
  fileprivate init?(guestName: [UInt8]) {
    guard
      let type = MountType.allCases.first(where: { Array($0.name.utf8) == guestName })
    else { return nil }
    self = type
  }
}

extension UnionMistakes {
  /// Those of a kernel's that are made there.
  init(_ defects: Defects) {
    self = []
    if defects.contains(.lowerWritten) { insert(.writesLower) }
    if defects.contains(.whiteoutForgotten) { insert(.forgetsWhiteouts) }
    if defects.contains(.opaqueIgnored) { insert(.ignoresOpaque) }
    if defects.contains(.namesParted) { insert(.partsNames) }
  }
}

/// The layers that the options of an overlay name, as Linux's do: the topmost lower one first. A
/// backslash takes its meaning from the comma or colon behind it.
private struct UnionLayers {
  var lowers: [[UInt8]] = []
  var upper: [UInt8]?

  init(_ options: [UInt8]) throws(Refusal) {
    for option in UnionLayers.parts(of: options, at: UInt8(ascii: ",")) {
      guard let equals = option.firstIndex(of: UInt8(ascii: "=")) else {
        throw .unknownMountOption
      }
      let value = Array(option[(equals + 1)...])
      switch String(decoding: option[..<equals], as: UTF8.self) {
      case "lowerdir":
        guard lowers.isEmpty else { throw .unknownMountOption }
        lowers = UnionLayers.parts(of: value, at: UInt8(ascii: ":")).map(UnionLayers.plain)
      case "upperdir":
        guard upper == nil else { throw .unknownMountOption }
        upper = UnionLayers.plain(value)
      case "workdir": break
      default: throw .unknownMountOption
      }
    }
    if lowers.isEmpty || lowers.contains([]) || upper == [] { throw .unknownMountOption }
  }

  /// The parts of a text between separators that no backslash stands before.
  private static func parts(of text: [UInt8], at separator: UInt8) -> [[UInt8]] {
    var parts: [[UInt8]] = [[]]
    var isEscaped = false
    for byte in text {
      if byte == separator && !isEscaped {
        parts.append([])
      } else {
        parts[parts.count - 1].append(byte)
      }
      isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
    }
    return parts
  }

  private static func plain(_ text: [UInt8]) -> [UInt8] {
    var plain: [UInt8] = []
    var isEscaped = false
    for byte in text {
      isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
      if !isEscaped { plain.append(byte) }
    }
    return plain
  }
}
