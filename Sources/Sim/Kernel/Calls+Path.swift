// Calls that take a path: open, mkdir, mknod, link, unlink, chdir.

extension Kernel {
  /// The path at a user address.
  func copyInPath(_ slot: Slot, _ address: UInt64) -> Result<[UInt8], Refusal> {
    copyInString(slot, address, limit: limits.pathLength)
  }

  /// Follows a path for a process, and says so in an event.
  mutating func resolve(_ slot: Slot, _ path: [UInt8]) -> Result<InodeNumber, Refusal> {
    let base = processes[slot].base
    let result = fileSystem.resolve(path, from: base)
    emitResolve(slot, path, found: (try? result.get()) ?? 0)
    return result
  }

  /// Follows a path up to its last name.
  private mutating func resolveParent(_ slot: Slot, _ path: [UInt8])
    -> Result<PathParent, Refusal>
  {
    let base = processes[slot].base
    let result = fileSystem.resolveParent(path, from: base)
    let directory = (try? result.get())?.directory ?? 0
    emitResolve(slot, path, found: directory)
    return result
  }

  private mutating func emitResolve(_ slot: Slot, _ path: [UInt8], found: InodeNumber) {
    let root = processes[slot].base.root
    emit(
      .resolved(
        stamp(slot), names.intern(path), root: root, found: found,
        isInside: found == 0 || isInsideRoot(found, root)))
  }

  /// Whether what was found lies below the root; files count as lying where they were found.
  private func isInsideRoot(_ inode: InodeNumber, _ root: InodeNumber) -> Bool {
    root == FileSystem.root || fileSystem[inode].kind != .directory
      || fileSystem.isInside(root, directory: inode)
  }

  // MARK: open

  mutating func open(_ slot: Slot, path address: UInt64, flags raw: Int32) -> CallOutcome {
    let path: [UInt8]
    switch copyInPath(slot, address) {
    case .failure(let refusal): return .refused(refusal)
    case .success(let text): path = text
    }
    let flags = OpenFlags(rawValue: UInt32(bitPattern: raw))
    let found =
      flags.contains(.create)
      ? create(slot, path, .file, opensExisting: true) : openExisting(slot, path, flags: raw)
    let inode: InodeNumber
    switch found {
    case .failure(let refusal): return .refused(refusal)
    case .success(let number): inode = number
    }
    // `create` and `openExisting` hand over a reference, which the open file takes.
    let opened = install(slot, inode, flags: flags)
    if case .refused = opened { fileSystem.release(inode) }
    return opened
  }

  private mutating func openExisting(_ slot: Slot, _ path: [UInt8], flags: Int32)
    -> Result<InodeNumber, Refusal>
  {
    resolve(slot, path).flatMap { inode in
      if fileSystem[inode].kind == .directory && flags != 0 { return .failure(.isDirectory) }
      fileSystem.retain(inode)
      return .success(inode)
    }
  }

  /// Puts an inode behind a new descriptor.
  private mutating func install(_ slot: Slot, _ number: InodeNumber, flags: OpenFlags)
    -> CallOutcome
  {
    let inode = fileSystem[number]
    // xv6's NDEV: majors 0 to 9.
    if inode.kind == .device && !(0..<10).contains(inode.major) { return .refused(.isDevice) }
    guard let index = files.allocate() else { return .refused(.noOpenFile) }
    guard let descriptor = processes[slot].freeDescriptor else {
      _ = files.release(index)
      return .refused(.noDescriptor)
    }
    files[index].target =
      inode.kind == .device ? .device(number, major: inode.major) : .inode(number)
    files[index].readable = flags.readable
    files[index].writable = flags.writable
    processes[slot].descriptors[descriptor] = index
    if flags.contains(.truncate) && inode.kind == .file { fileSystem.truncate(number) }
    emit(
      inode.kind == .device
        ? .openedDevice(stamp(slot), descriptor: descriptor, inode, flags)
        : .opened(stamp(slot), descriptor: descriptor, inode: number, flags: flags))
    return .value(Int64(descriptor))
  }

  // MARK: Creating

  /// Makes a file, directory or device under a new name, or finds what `open` may open instead.
  ///
  /// - Returns: the inode, with a reference for the caller.
  private mutating func create(
    _ slot: Slot, _ path: [UInt8], _ kind: Inode.Kind, major: Int16 = 0, minor: Int16 = 0,
    opensExisting: Bool = false
  ) -> Result<InodeNumber, Refusal> {
    let parent: PathParent
    switch resolveParent(slot, path) {
    // "/" has no last name, but it is there.
    case .failure(let refusal): return .failure(refusal)
    case .success(let found): parent = found
    }
    let directory = parent.directory
    if let existing = existingEntry(parent, of: slot) {
      guard opensExisting else { return .failure(.exists) }
      if fileSystem[existing].kind == .directory { return .failure(.isDirectory) }
      fileSystem.retain(existing)
      return .success(existing)
    }
    if fileSystem[directory].links == 0 { return .failure(.notFound) }
    guard fileSystem[directory].links < Int16.max else { return .failure(.linkLimit) }
    guard let inode = fileSystem.allocate(kind, major: major, minor: minor) else {
      return .failure(.noInode)
    }
    var refusal: Refusal?
    if kind == .directory {
      refusal =
        fileSystem.addEntry(.current, inode, to: inode)
        ?? fileSystem.addEntry(.parent, directory, to: inode)
    }
    refusal = refusal ?? fileSystem.addEntry(parent.name, inode, to: directory)
    if let refusal {
      fileSystem.release(inode)  // Without a link, this frees it and its blocks.
      return .failure(refusal)
    }
    fileSystem.addLink(inode)
    if kind == .directory { fileSystem.addLink(directory) }
    return .success(inode)
  }

  /// What a name already stands for. `..` at the root is the root itself.
  private func existingEntry(_ parent: PathParent, of slot: Slot) -> InodeNumber? {
    if parent.name == .parent && parent.directory == processes[slot].base.root {
      return parent.directory
    }
    return fileSystem.find(parent.name, in: parent.directory)?.inode
  }

  mutating func mkdir(_ slot: Slot, path address: UInt64) -> CallOutcome {
    createNode(slot, path: address, .directory)
  }

  mutating func mknod(_ slot: Slot, path address: UInt64, major: Int32, minor: Int32)
    -> CallOutcome
  {
    createNode(
      slot, path: address, .device, major: Int16(truncatingIfNeeded: major),
      minor: Int16(truncatingIfNeeded: minor))
  }

  private mutating func createNode(
    _ slot: Slot, path address: UInt64, _ kind: Inode.Kind, major: Int16 = 0, minor: Int16 = 0
  ) -> CallOutcome {
    let made = copyInPath(slot, address).flatMap {
      create(slot, $0, kind, major: major, minor: minor)
    }
    switch made {
    case .failure(let refusal): return .refused(refusal)
    case .success(let inode):
      fileSystem.release(inode)
      return .value(0)
    }
  }

  // MARK: Names

  mutating func link(_ slot: Slot, old oldAddress: UInt64, new newAddress: UInt64) -> CallOutcome {
    let inode: InodeNumber
    let paths = copyInPath(slot, oldAddress).flatMap { old in
      copyInPath(slot, newAddress).map { (old, $0) }
    }
    switch paths.flatMap({ old, new in resolve(slot, old).map { ($0, new) } }) {
    case .failure(let refusal): return .refused(refusal)
    case .success(let (found, new)):
      inode = found
      if fileSystem[inode].kind == .directory { return .refused(.isDirectory) }
      guard fileSystem[inode].links < Int16.max else { return .refused(.linkLimit) }
      switch resolveParent(slot, new) {
      case .failure(let refusal): return .refused(refusal)
      case .success(let parent):
        if fileSystem[parent.directory].links == 0 { return .refused(.notFound) }
        if existingEntry(parent, of: slot) != nil { return .refused(.exists) }
        if let refusal = fileSystem.addEntry(parent.name, inode, to: parent.directory) {
          return .refused(refusal)
        }
      }
    }
    fileSystem.addLink(inode)
    return .value(0)
  }

  mutating func unlink(_ slot: Slot, path address: UInt64) -> CallOutcome {
    switch copyInPath(slot, address).flatMap({ resolveParent(slot, $0) }) {
    case .failure(let refusal): return .refused(refusal)
    case .success(let parent):
      if parent.name == .current || parent.name == .parent { return .refused(.dotEntry) }
      guard let entry = fileSystem.find(parent.name, in: parent.directory) else {
        return .refused(.notFound)
      }
      let isDirectory = fileSystem[entry.inode].kind == .directory
      if isDirectory && !fileSystem.isEmpty(entry.inode) { return .refused(.notEmpty) }
      fileSystem.clearEntry(at: entry.offset, of: parent.directory)
      if isDirectory { fileSystem.removeLink(parent.directory) }
      fileSystem.retain(entry.inode)
      fileSystem.removeLink(entry.inode)
      fileSystem.release(entry.inode)
      return .value(0)
    }
  }

  mutating func chdir(_ slot: Slot, path address: UInt64) -> CallOutcome {
    switch copyInPath(slot, address).flatMap({ resolve(slot, $0) }) {
    case .failure(let refusal): return .refused(refusal)
    case .success(let inode):
      guard fileSystem[inode].kind == .directory else { return .refused(.notDirectory) }
      fileSystem.retain(inode)
      fileSystem.release(processes[slot].base.workingDirectory)
      processes[slot].base.workingDirectory = inode
      return .value(0)
    }
  }
}
