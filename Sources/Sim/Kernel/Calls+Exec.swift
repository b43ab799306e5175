// exec: loads a program into new pages, with its stack and arguments, and gives them to the process when
// all of it has worked; until then the old image stays.

/// A process image under construction; becomes the process's only when complete.
private struct NewImage {
  var space = AddressSpace()
  var stackPointer: UInt64 = 0
}

extension Kernel {
  /// Replaces a process's image by a program's.
  mutating func exec(
    _ slot: Slot, path pathAddress: UInt64, arguments address: UInt64, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    let path = try copyInPath(slot, pathAddress)
    let arguments = try copyInArguments(slot, address)
    return try exec(slot, path, arguments, &effects)
  }

  private mutating func copyInArguments(_ slot: Slot, _ address: UInt64) throws(Refusal)
    -> [[UInt8]]
  {
    var arguments: [[UInt8]] = []
    // Also where the program is not found afterwards.
    defer { charge(.bytesMoved, arguments.reduce(0) { $0 + $1.count }) }
    while true {
      let pointer = try copyInWord(slot, address &+ UInt64(arguments.count * 8))
      if pointer == 0 { return arguments }
      guard arguments.count < limits.execArguments else { throw .tooManyArguments }
      do {
        arguments.append(try copyInString(slot, pointer, limit: pageSize))
      } catch {
        throw error == .nameTooLong ? .argumentsTooLong : error
      }
    }
  }

  /// Loads the program at `path`; until all of it has worked, the old image stays.
  mutating func exec(
    _ slot: Slot, _ path: [UInt8], _ arguments: [[UInt8]], _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    let file = try resolve(slot, path).file
    var looked = 0
    defer { charge(.bytesMoved, looked) }
    let facts = volumes.facts(of: file)
    guard facts.kind == .file, case .disk(let inode) = volumes.source(of: file),
      let executable = try? Executable(
        fileSize: Int(facts.size), capacity: memory.frameCount * pageSize,
        read: {
          looked += $1
          return fileSystem.read(inode, at: $0, count: $1)
        })
    else { throw .notExecutable }

    var image = NewImage()
    do {
      try load(executable, from: inode, into: &image, of: slot)
      try addStack(to: &image, of: slot)
      try push(arguments, onto: &image)
    } catch {
      if !defects.contains(.execFailureKeepsPages) { releasePages(of: image.space.table, by: slot) }
      throw error
    }

    let caller = slot
    let slot = processes.leader(of: caller)
    if !processes[slot].threads.isEmpty, !defects.contains(.execKeepsThreads) {
      endThreads(of: slot, but: caller, &effects)
    }
    if caller != slot {
      // It waits for nothing any more, so that what it waits for can go.
      if case .blocked = processes[slot].state { wakeEarly(slot, &effects) }
      endThread(caller, status: 0, cause: .processEnd, &effects)
    }
    dropSharing(slot, &effects)
    if defects.contains(.execResetsBudget) { forgetBudgets(slot) }
    leaveAddressSpace(slot)
    processes[slot].addressSpace = addressSpaces.insert(image.space)
    processes[slot].name = Array(path.split(separator: UInt8(ascii: "/")).last ?? []).prefix15
    var context = SavedContext()
    context.pc = executable.entry
    context.registers[2] = image.stackPointer
    context.registers[10] = UInt64(arguments.count)
    context.registers[11] = image.stackPointer
    processes[common: slot].isMarked = executable.isMarked
    processes[common: slot].commandLine = arguments.flatMap { $0 + [0] }
    processes[slot].forgetConsole()
    emit(
      .executed(
        stamp(slot), path: names.intern(path), argumentCount: arguments.count, file,
        image: Executable.fingerprint(
          fileSize: Int(facts.size), hasSections: executable.hasSections,
          read: { fileSystem.read(inode, at: $0, count: $1) })))
    if caller != slot {
      hand(context, to: slot)
      return .handedOver(argumentCount: Int64(arguments.count))
    }
    processes[slot].context = context
    return .replacedImage(argumentCount: Int64(arguments.count))
  }

  private mutating func load(
    _ executable: Executable, from inode: InodeNumber, into image: inout NewImage, of slot: Slot
  ) throws(Refusal) {
    for segment in executable.segments {
      // What lies between segments is mapped too, as zero pages.
      try extend(&image, of: slot, to: segment.end, segment.permissions)
      var position = segment.address
      let read = fileSystem.read(inode, at: segment.fileOffset, count: segment.fileSize) { bytes in
        store(bytes, at: position, in: image.space.table)
        charge(.bytesMoved, bytes.count)
        position += UInt64(bytes.count)
        return true
      }
      guard read == segment.fileSize else { throw .notExecutable }
    }
  }

  /// Maps zeroed pages up to `size`.
  private mutating func extend(
    _ image: inout NewImage, of slot: Slot, to size: UInt64,
    _ permissions: PageEntry.Permissions
  ) throws(Refusal) {
    // One that lies below the end of another is there already.
    guard size > image.space.size else { return }
    let wanted = Kernel.pageCount(size)
    let added = wanted - image.space.table.count
    guard size <= Kernel.userTop, added <= memory.freeCount else { throw .noMemory }
    let payer = try takeMemory(frames: added, for: slot)
    while image.space.table.count < wanted {
      let keepsContents = defects.contains(.imageNotZeroed)
      guard let frame = frame(payer: payer, keepingContents: keepsContents) else {
        preconditionFailure("there were frames enough")
      }
      image.space.table.append(PageEntry(frame: frame, permissions: permissions))
    }
    image.space.size = size
  }

  /// A guard page and a page of stack behind the segments.
  private mutating func addStack(to image: inout NewImage, of slot: Slot) throws(Refusal) {
    let guardPage = Kernel.pageCount(image.space.size)
    image.space.table.append(.absent)
    try extend(&image, of: slot, to: UInt64((guardPage + 2) * pageSize), [.read, .write])
    image.space.stackPage = guardPage + 1
    image.stackPointer = image.space.size
  }

  /// Argument strings, then the array of their addresses, all on the stack's page.
  private mutating func push(_ arguments: [[UInt8]], onto image: inout NewImage)
    throws(Refusal)
  {
    var pointers = LayoutWriter()
    for argument in arguments {
      let text = argument + [0]
      try push(text, onto: &image)
      pointers.append(image.stackPointer)
    }
    pointers.append(UInt64(0))
    try push(pointers.bytes, onto: &image)
  }

  /// Pushes bytes onto the stack, 16-byte aligned.
  private mutating func push(_ bytes: [UInt8], onto image: inout NewImage) throws(Refusal) {
    let room = image.stackPointer - UInt64(image.space.stackPage * pageSize)
    guard room >= UInt64(bytes.count) else { throw .argumentsTooLong }
    // The page begins at a multiple of 16, so that rounding down stays on it.
    let address = (image.stackPointer - UInt64(bytes.count)) & ~15
    bytes.withUnsafeBytes { store($0, at: address, in: image.space.table) }
    image.stackPointer = address
  }

  /// Writes to pages that were just mapped, whatever their permissions.
  private mutating func store(
    _ bytes: UnsafeRawBufferPointer, at address: UInt64, in table: PageTable
  ) {
    var done = 0
    while done < bytes.count {
      let here = address + UInt64(done)
      let length = min(bytes.count - done, pageSize - Int(here & 4095))
      guard let entry = table.entry(at: here), let source = bytes.baseAddress else {
        preconditionFailure("an image is written within its pages")
      }
      (memory.writableBytes(of: entry.frame) + Int(here & 4095))
        .copyMemory(from: source + done, byteCount: length)
      done += length
    }
  }
}

extension [UInt8] {
  /// As much of a program's name as a process keeps.
  fileprivate var prefix15: [UInt8] { Array(prefix(15)) }
}
