// Calls that take a path: open, mkdir, mknod, link, unlink, chdir. Every path that a process
// gives is followed by `resolve` or `resolveParent` here, and each says so in an event.

extension Kernel {
  /// Follows a path for a process.
  mutating func resolve(_ slot: Slot, _ path: [UInt8]) throws(Refusal) -> Location {
    try resolveTarget(slot, path).place
  }

  mutating func resolveTarget(_ slot: Slot, _ path: [UInt8]) throws(Refusal) -> PathTarget {
    charge(.nameBytes, path.count)
    var walk = PathWalk(path, from: pathStart(slot, path), leavesLast: false)
    defer { charge(.directoryEntries, walk.looked) }
    do {
      try follow(&walk, for: slot)
      let target = walk.target(volumes)
      emitResolved(slot, path, target, leavesLast: false)
      return target
    } catch {
      emitResolved(slot, path, nil, leavesLast: false)
      throw error
    }
  }

  /// Follows a path up to its last name.
  private mutating func resolveParent(_ slot: Slot, _ path: [UInt8]) throws(Refusal)
    -> PathParent
  {
    var looked = 0
    defer { charge(.directoryEntries, looked) }
    charge(.nameBytes, path.count)
    var walk = PathWalk(path, from: pathStart(slot, path), leavesLast: true)
    defer { looked += walk.looked }
    do {
      try follow(&walk, for: slot)
      let parent = try walk.parent(volumes)
      // Each call that takes one looks for the name in it, and perhaps for a free place.
      looked += 2 * volumes.entryCount(of: parent.directory.file)
      let target = PathTarget(place: parent.directory, directory: parent.directory)
      emitResolved(slot, path, target, leavesLast: true)
      return parent
    } catch {
      emitResolved(slot, path, nil, leavesLast: true)
      throw error
    }
  }

  /// Takes a walk to its end.
  private mutating func follow(_ walk: inout PathWalk, for slot: Slot) throws(Refusal) {
    let table = mounts[processes[slot].container]
    while let question = try walk.advance(&volumes, table) {
      try walk.take(
        lookUp(question.name, in: question.directory, for: slot), volumes, table)
    }
  }

  /// What a name in a directory stands for to a process: in one whose names the kernel makes up, that
  /// depends on who asks.
  private mutating func lookUp(_ name: Name, in directory: FileID, for slot: Slot) -> FileID? {
    var looked = 0
    switch directory.volume.kind {
    case .disk, .union: return volumes.lookUp(name, in: directory, looked: &looked)
    case .proc: return lookUpInProc(name, in: directory.inode, for: slot)
    case .groups:
      charge(.groups, groups.groups.count)
      return lookUpInGroups(name, in: directory.inode, for: slot)
    }
  }

  /// Where a path of a process starts: at its root or in its working directory.
  private func pathStart(_ slot: Slot, _ path: [UInt8]) -> PathStart {
    var start = PathStart(processes[common: slot].base)
    if defects.isEmpty { return start }
    if defects.contains(.dotDotLiteral), path != Array("..".utf8) { start.barrier = nil }
    if defects.contains(.dotDotMachine) { start.barrier = .machineRoot }
    if defects.contains(.dotDotOfMount) { start.leavesMounts = false }
    if defects.contains(.slashIsWorkingDirectory) { start.absolute = start.relative }
    return start
  }

  private mutating func emitResolved(
    _ slot: Slot, _ path: [UInt8], _ found: PathTarget?, leavesLast: Bool
  ) {
    let root = processes[common: slot].base.root
    var isInside = true
    // Of the directory that it was found in, the chain of parents tells where it lies. From one that
    // was removed nothing can be reached. Looked at, and paid for, also where nobody hears of it.
    if let found, root != .machineRoot, !leadsNowhere(found.directory.file, for: slot) {
      var looked = 0
      isInside = mounts[processes[slot].container].isInside(
        root, directory: found.directory, volumes, looked: &looked)
      charge(.directoryEntries, looked)
    }
    guard emitsEverything else { return }
    emit(
      .resolved(
        stamp(slot), names.intern(path), root: root.file, found: found?.place.file,
        layer: found.flatMap { volumes.layer(of: $0.place.file) }, isInside: isInside,
        leavesLast: leavesLast))
  }

  // MARK: open

  mutating func open(_ slot: Slot, path address: UInt64, flags raw: Int32) throws(Refusal)
    -> CallOutcome
  {
    let path = try copyInPath(slot, address)
    let flags = OpenFlags(rawValue: UInt32(bitPattern: raw))
    let place =
      flags.contains(.create)
      ? try create(slot, path, .file, opensExisting: true)
      : try openExisting(slot, path, flags: raw)
    do {
      return .value(Int64(try install(slot, place, flags: flags)))
    } catch {
      volumes.release(place.file)
      throw error
    }
  }

  /// - Returns: the file, with a reference for the caller.
  private mutating func openExisting(_ slot: Slot, _ path: [UInt8], flags: Int32)
    throws(Refusal) -> Location
  {
    let place = try resolve(slot, path)
    if volumes.isDirectory(place.file) && flags != 0 { throw .isDirectory }
    volumes.retain(place.file)
    return place
  }

  /// Puts a file behind a new descriptor, which takes the caller's reference over.
  private mutating func install(_ slot: Slot, _ place: Location, flags: OpenFlags)
    throws(Refusal) -> Int
  {
    let file = place.file
    let facts = volumes.facts(of: file)
    if facts.kind == .device {
      // xv6's NDEV: majors 0 to 9. Inside a container there is no device at all.
      let isOutside = processes[slot].container == .outside || defects.contains(.deviceOpens)
      guard (0..<10).contains(facts.major), isOutside else {
        throw .isDevice
      }
    }
    if facts.kind == .file, flags.writable || flags.contains(.truncate) {
      try requireWritable(slot, place)
    }
    if file.volume == .proc { try requireInSight(file.inode, for: slot) }
    if file.volume == .groups {
      try requireOpenable(file.inode, writing: flags.writable, for: slot)
    }
    let index = try takeFile(slot)
    guard let descriptor = processes[common: slot].freeDescriptor else {
      _ = dropFile(index, by: slot)
      throw .noDescriptor
    }
    if flags.contains(.truncate) && facts.kind == .file {
      do {
        try volumes.truncate(file)
      } catch {
        _ = dropFile(index, by: slot)
        throw error
      }
    }
    files[index].target =
      facts.kind == .device ? .device(file, major: facts.major) : .file(file)
    files[index].readable = flags.readable
    files[index].writable = flags.writable
    files[index].mount = place.mount
    files[index].mountOwner = processes[slot].container
    processes[common: slot].descriptors[descriptor] = index
    // A text is as of now, and a list of descriptors has this one.
    if case .kept = volumes.source(of: file) {
      files.keep(makeText(of: file, for: slot), for: index)
    }
    emit(
      facts.kind == .device
        ? .openedDevice(stamp(slot), descriptor: descriptor, facts, flags)
        : .opened(stamp(slot), descriptor: descriptor, file, flags: flags))
    return descriptor
  }

  // MARK: Creating

  /// Makes a file, directory or device under a new name, or finds what `open` may open instead.
  ///
  /// - Returns: the file, with a reference for the caller.
  private mutating func create(
    _ slot: Slot, _ path: [UInt8], _ kind: Inode.Kind, major: Int16 = 0, minor: Int16 = 0,
    opensExisting: Bool = false
  ) throws(Refusal) -> Location {
    let parent = try resolveParent(slot, path)
    if let existing = existingEntry(parent, of: slot) {
      guard opensExisting else { throw .exists }
      if volumes.isDirectory(existing.file) { throw .isDirectory }
      volumes.retain(existing.file)
      return existing
    }
    let directory = parent.directory
    if volumes.isRemoved(directory.file) { throw .notFound }
    try requireWritable(slot, directory)
    if directory.file.volume == .groups, kind == .directory {
      let group = try makeGroup(slot, parent.name, in: directory.file.inode)
      return Location(mount: directory.mount, group)
    }
    let file = try volumes.create(
      kind, major: major, minor: minor, as: parent.name, in: directory.file)
    return Location(mount: directory.mount, file)
  }

  /// What a name already stands for. `..` at the root is the root itself.
  private mutating func existingEntry(_ parent: PathParent, of slot: Slot) -> Location? {
    let table = mounts[processes[slot].container]
    var place = parent.directory
    if parent.name == .parent {
      guard let left = table.left(place, barrier: processes[common: slot].base.root) else {
        return place
      }
      place = left
    }
    guard let file = lookUp(parent.name, in: place.file, for: slot) else { return nil }
    place.file = file
    return parent.name == .current ? place : table.entered(place, volumes)
  }

  mutating func mkdir(_ slot: Slot, path address: UInt64) throws(Refusal) -> CallOutcome {
    volumes.release(try create(slot, copyInPath(slot, address), .directory).file)
    return .value(0)
  }

  mutating func mknod(_ slot: Slot, path address: UInt64, major: Int32, minor: Int32)
    throws(Refusal) -> CallOutcome
  {
    let path = try copyInPath(slot, address)
    if processes[slot].container != .outside { throw .isDevice }
    let device = try create(
      slot, path, .device, major: Int16(truncatingIfNeeded: major),
      minor: Int16(truncatingIfNeeded: minor))
    volumes.release(device.file)
    return .value(0)
  }

  // MARK: Read-only

  /// Whatever a process changes at a place it asks for here first. What that takes of the disk is then taken for it.
  private mutating func requireWritable(_ slot: Slot, _ place: Location) throws(Refusal) {
    try requireWritable(slot, place.mount, of: processes[slot].container, place.file.volume)
  }

  mutating func requireWritable(
    _ slot: Slot, _ mount: MountID, of owner: ContainerID, _ volume: VolumeID
  ) throws(Refusal) {
    if volumes.isReadOnly(volume) || mounts.isReadOnly(mount, of: owner) { throw .readOnly }
    fileSystem.take(for: processes[slot].container, in: processes[slot].group)
  }

  // MARK: Names

  mutating func link(_ slot: Slot, old oldAddress: UInt64, new newAddress: UInt64)
    throws(Refusal) -> CallOutcome
  {
    let old = try copyInPath(slot, oldAddress)
    let new = try copyInPath(slot, newAddress)
    let place = try resolve(slot, old)
    if volumes.isDirectory(place.file) { throw .isDirectory }
    guard volumes.facts(of: place.file).links < Int16.max else { throw .linkLimit }
    let parent = try resolveParent(slot, new)
    if volumes.isRemoved(parent.directory.file) { throw .notFound }
    if existingEntry(parent, of: slot) != nil { throw .exists }
    if place.mount != parent.directory.mount { throw .acrossMounts }
    try requireWritable(slot, parent.directory)
    try volumes.link(place.file, as: parent.name, in: parent.directory.file)
    return .value(0)
  }

  mutating func unlink(_ slot: Slot, path address: UInt64) throws(Refusal) -> CallOutcome {
    let parent = try resolveParent(slot, copyInPath(slot, address))
    if parent.name == .current || parent.name == .parent { throw .dotEntry }
    let directory = parent.directory
    guard let existing = lookUp(parent.name, in: directory.file, for: slot) else {
      throw .notFound
    }
    let table = mounts[processes[slot].container]
    let place = Location(mount: directory.mount, existing)
    if table.entered(place, volumes) != place { throw .mountBusy }
    try requireWritable(slot, directory)
    if directory.file.volume == .groups {
      try removeGroup(slot, existing)
      return .value(0)
    }
    var looked = 0
    defer { charge(.directoryEntries, looked) }
    let removed = try volumes.remove(parent.name, from: directory.file, looked: &looked)
    if !defects.contains(.unlinkKeepsInode) { volumes.release(removed) }
    return .value(0)
  }

  // MARK: Where paths start

  mutating func chdir(_ slot: Slot, path address: UInt64) throws(Refusal) -> CallOutcome {
    let directory = try resolve(slot, copyInPath(slot, address))
    guard volumes.isDirectory(directory.file) else { throw .notDirectory }
    volumes.retain(directory.file)
    volumes.release(processes[common: slot].base.workingDirectory.file)
    processes[common: slot].base.workingDirectory = directory
    return .value(0)
  }

  mutating func setRoot(_ slot: Slot, path address: UInt64) throws(Refusal) -> CallOutcome {
    try setRoot(slot, to: copyInPath(slot, address))
    return .value(0)
  }

  /// Makes what `path` names inside the present root the process's root and working directory.
  mutating func setRoot(_ slot: Slot, to path: [UInt8]) throws(Refusal) {
    let root = try resolve(slot, path)
    guard volumes.isDirectory(root.file) else { throw .notDirectory }
    try requireNoOpenDirectory(slot)
    changeBase(of: slot, to: root)
    if defects.contains(.setrootOfParent), let parent = processes[slot].parent {
      changeBase(of: parent, to: root)
    }
  }

  /// A descriptor of a directory from before a new root would be a way out of it.
  func requireNoOpenDirectory(_ slot: Slot) throws(Refusal) {
    if defects.contains(.openDirectoryKept) { return }
    for case let index? in processes[common: slot].descriptors {
      if case .file(let file) = files[index].target, volumes.isDirectory(file) {
        throw .openDirectoryHeld
      }
    }
  }

  /// Puts a process into a root, and its working directory there too.
  mutating func changeBase(of slot: Slot, to root: Location) {
    let old = processes[common: slot].base
    let new = defects.contains(.workingDirectoryOutside) ? old.workingDirectory : root
    volumes.retain(root.file)
    volumes.retain(new.file)
    volumes.release(old.root.file)
    volumes.release(old.workingDirectory.file)
    processes[common: slot].base = PathBase(root: root, workingDirectory: new)
  }
}
