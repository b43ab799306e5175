// Calls that take a path: open, mkdir, mknod, link, unlink, chdir. Every path that a process
// gives is followed by `resolve` or `resolveParent` here, and each says so in an event.

extension Kernel {
  /// Follows a path for a process.
  mutating func resolve(_ slot: Slot, _ path: [UInt8]) throws(Refusal) -> FileID {
    var looked = 0
    defer { charge(.directoryEntries, looked) }
    charge(.nameBytes, path.count)
    do {
      let target = try fileSystem.resolve(path, from: pathStart(slot, path), looked: &looked)
      emitResolved(slot, path, target, leavesLast: false)
      return target.file
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
    do {
      let parent = try fileSystem.resolveParent(
        path, from: pathStart(slot, path), looked: &looked)
      // Each call that takes one looks for the name in it, and perhaps for a free place.
      looked += 2 * fileSystem.entryCount(of: parent.directory)
      let target = PathTarget(file: parent.directory, directory: parent.directory)
      emitResolved(slot, path, target, leavesLast: true)
      return parent
    } catch {
      emitResolved(slot, path, nil, leavesLast: true)
      throw error
    }
  }

  /// Where a path of a process starts: at its root or in its working directory.
  private func pathStart(_ slot: Slot, _ path: [UInt8]) -> PathStart {
    var start = PathStart(processes[slot].base)
    if defects.isEmpty { return start }
    if defects.contains(.dotDotLiteral), path != Array("..".utf8) { start.barrier = nil }
    if defects.contains(.dotDotMachine) { start.barrier = FileSystem.rootFile }
    if defects.contains(.slashIsWorkingDirectory) { start.absolute = start.relative }
    return start
  }

  private mutating func emitResolved(
    _ slot: Slot, _ path: [UInt8], _ found: PathTarget?, leavesLast: Bool
  ) {
    let root = processes[slot].base.root
    var isInside = true
    // Of the directory that it was found in, the chain of parents tells where it lies. From one that
    // was removed nothing can be reached. Looked at, and paid for, also where nobody hears of it.
    if let found, root != FileSystem.rootFile, fileSystem[found.directory].links != 0 {
      var looked = 0
      isInside = fileSystem.isInside(root, directory: found.directory, looked: &looked)
      charge(.directoryEntries, looked)
    }
    guard emitsEverything else { return }
    emit(
      .resolved(
        stamp(slot), names.intern(path), root: root, found: found?.file, isInside: isInside,
        leavesLast: leavesLast))
  }

  // MARK: open

  mutating func open(_ slot: Slot, path address: UInt64, flags raw: Int32) throws(Refusal)
    -> CallOutcome
  {
    let path = try copyInPath(slot, address)
    let flags = OpenFlags(rawValue: UInt32(bitPattern: raw))
    let file =
      flags.contains(.create)
      ? try create(slot, path, .file, opensExisting: true)
      : try openExisting(slot, path, flags: raw)
    do {
      return .value(Int64(try install(slot, file, flags: flags)))
    } catch {
      fileSystem.release(file)
      throw error
    }
  }

  /// - Returns: the file, with a reference for the caller.
  private mutating func openExisting(_ slot: Slot, _ path: [UInt8], flags: Int32)
    throws(Refusal) -> FileID
  {
    let file = try resolve(slot, path)
    if fileSystem[file].kind == .directory && flags != 0 { throw .isDirectory }
    fileSystem.retain(file)
    return file
  }

  /// Puts a file behind a new descriptor, which takes the caller's reference over.
  private mutating func install(_ slot: Slot, _ file: FileID, flags: OpenFlags)
    throws(Refusal) -> Int
  {
    let inode = fileSystem[file]
    if inode.kind == .device {
      // xv6's NDEV: majors 0 to 9. Inside a container there is no device at all.
      let isOutside = processes[slot].container == .outside || defects.contains(.deviceOpens)
      guard (0..<10).contains(inode.major), isOutside else {
        throw .isDevice
      }
    }
    guard let index = files.allocate() else { throw .noOpenFile }
    guard let descriptor = processes[slot].freeDescriptor else {
      _ = files.release(index)
      throw .noDescriptor
    }
    files[index].target =
      inode.kind == .device ? .device(file, major: inode.major) : .file(file)
    files[index].readable = flags.readable
    files[index].writable = flags.writable
    processes[slot].descriptors[descriptor] = index
    if flags.contains(.truncate) && inode.kind == .file { fileSystem.truncate(file) }
    emit(
      inode.kind == .device
        ? .openedDevice(stamp(slot), descriptor: descriptor, inode, flags)
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
  ) throws(Refusal) -> FileID {
    let parent = try resolveParent(slot, path)
    if let existing = existingEntry(parent, of: slot) {
      guard opensExisting else { throw .exists }
      if fileSystem[existing].kind == .directory { throw .isDirectory }
      fileSystem.retain(existing)
      return existing
    }
    let directory = parent.directory
    if fileSystem[directory].links == 0 { throw .notFound }
    guard fileSystem[directory].links < Int16.max else { throw .linkLimit }
    guard let file = fileSystem.allocate(beside: directory, kind, major: major, minor: minor)
    else {
      throw .noInode
    }
    do {
      if kind == .directory {
        try fileSystem.addEntry(.current, file, to: file)
        try fileSystem.addEntry(.parent, directory, to: file)
      }
      try fileSystem.addEntry(parent.name, file, to: directory)
    } catch {
      fileSystem.release(file)  // Without a link, this frees it and its blocks.
      throw error
    }
    fileSystem.addLink(file)
    if kind == .directory { fileSystem.addLink(directory) }
    return file
  }

  /// What a name already stands for. `..` at the root is the root itself.
  private func existingEntry(_ parent: PathParent, of slot: Slot) -> FileID? {
    if parent.name == .parent && parent.directory == processes[slot].base.root {
      return parent.directory
    }
    return fileSystem.find(parent.name, in: parent.directory)?.file
  }

  mutating func mkdir(_ slot: Slot, path address: UInt64) throws(Refusal) -> CallOutcome {
    fileSystem.release(try create(slot, copyInPath(slot, address), .directory))
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
    fileSystem.release(device)
    return .value(0)
  }

  // MARK: Names

  mutating func link(_ slot: Slot, old oldAddress: UInt64, new newAddress: UInt64)
    throws(Refusal) -> CallOutcome
  {
    let old = try copyInPath(slot, oldAddress)
    let new = try copyInPath(slot, newAddress)
    let file = try resolve(slot, old)
    if fileSystem[file].kind == .directory { throw .isDirectory }
    guard fileSystem[file].links < Int16.max else { throw .linkLimit }
    let parent = try resolveParent(slot, new)
    if fileSystem[parent.directory].links == 0 { throw .notFound }
    if existingEntry(parent, of: slot) != nil { throw .exists }
    try fileSystem.addEntry(parent.name, file, to: parent.directory)
    fileSystem.addLink(file)
    return .value(0)
  }

  mutating func unlink(_ slot: Slot, path address: UInt64) throws(Refusal) -> CallOutcome {
    let parent = try resolveParent(slot, copyInPath(slot, address))
    if parent.name == .current || parent.name == .parent { throw .dotEntry }
    guard let entry = fileSystem.find(parent.name, in: parent.directory) else { throw .notFound }
    let isDirectory = fileSystem[entry.file].kind == .directory
    if isDirectory {
      charge(.directoryEntries, fileSystem.entryCount(of: entry.file))
      if !fileSystem.isEmpty(entry.file) { throw .notEmpty }
    }
    fileSystem.clearEntry(at: entry.offset, of: parent.directory)
    if isDirectory { fileSystem.removeLink(parent.directory) }
    fileSystem.retain(entry.file)
    fileSystem.removeLink(entry.file)
    if !defects.contains(.unlinkKeepsInode) { fileSystem.release(entry.file) }
    return .value(0)
  }

  // MARK: Where paths start

  mutating func chdir(_ slot: Slot, path address: UInt64) throws(Refusal) -> CallOutcome {
    let directory = try resolve(slot, copyInPath(slot, address))
    guard fileSystem[directory].kind == .directory else { throw .notDirectory }
    fileSystem.retain(directory)
    fileSystem.release(processes[slot].base.workingDirectory)
    processes[slot].base.workingDirectory = directory
    return .value(0)
  }

  mutating func setRoot(_ slot: Slot, path address: UInt64) throws(Refusal) -> CallOutcome {
    try setRoot(slot, to: copyInPath(slot, address))
    return .value(0)
  }

  /// Makes what `path` names inside the present root the process's root and working directory.
  mutating func setRoot(_ slot: Slot, to path: [UInt8]) throws(Refusal) {
    let root = try resolve(slot, path)
    guard fileSystem[root].kind == .directory else { throw .notDirectory }
    try requireNoOpenDirectory(slot)
    changeBase(of: slot, to: root)
    if defects.contains(.setrootOfParent), let parent = processes[slot].parent {
      changeBase(of: parent, to: root)
    }
  }

  /// A descriptor of a directory from before a new root would be a way out of it.
  func requireNoOpenDirectory(_ slot: Slot) throws(Refusal) {
    if defects.contains(.openDirectoryKept) { return }
    for case let index? in processes[slot].descriptors {
      if case .file(let file) = files[index].target, fileSystem[file].kind == .directory {
        throw .openDirectoryHeld
      }
    }
  }

  /// Puts a process into a root, and its working directory there too.
  mutating func changeBase(of slot: Slot, to root: FileID) {
    let old = processes[slot].base
    let new = defects.contains(.workingDirectoryOutside) ? old.workingDirectory : root
    fileSystem.retain(root)
    fileSystem.retain(new)
    fileSystem.release(old.root)
    fileSystem.release(old.workingDirectory)
    processes[slot].base = PathBase(root: root, workingDirectory: new)
  }
}
