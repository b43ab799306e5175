// Calls about what processes of one container share by name: pages, and mutexes with their
// condition variables.

extension Kernel {
  /// The name at a user address, in the caller's container.
  private mutating func copyInName(_ slot: Slot, _ address: UInt64) throws(Refusal) -> SharedName {
    guard address != 0 else { throw .badName }
    let text: [UInt8]
    do {
      text = try copyInString(slot, address, limit: SharedName.maximumLength + 1)
    } catch {
      throw error == .nameTooLong ? .badName : error
    }
    guard !text.isEmpty else { throw .badName }
    charge(.nameBytes, text.count)
    charge(.places, sharedPages.slotCount + mutexes.slotCount)
    let container = defects.contains(.nameAcross) ? .outside : processes[slot].container
    return SharedName(container: container, text: text)
  }

  // MARK: Shared pages

  mutating func getSharedPage(_ slot: Slot, name address: UInt64) throws(Refusal)
    -> CallOutcome
  {
    let name = try copyInName(slot, address)
    var index = sharedPages.find(name)
    if let index, let mapping = mapping(slot, of: index) {
      return .value(Int64(mapping.page * pageSize))
    }
    let space = space(of: slot)
    let page = Kernel.pageCount(addressSpaces[space].size)
    // Pages that were removed leave holes; a table of more pages and holes than there are frames has
    // too many.
    let kept = addressSpaces[space].table.mappedCount + addressSpaces[space].table.holeCount
    guard page < Kernel.pageCount(Kernel.userTop), kept < memory.frameCount else {
      throw .noMemory
    }
    if index == nil { index = try createSharedPage(slot, name) }
    guard let index else { preconditionFailure("found or made") }
    let frame = sharedPages[index].frame
    memory.retain(frame)
    addressSpaces[space].table.append(
      PageEntry(frame: frame, permissions: [.read, .write, .shared]))
    addressSpaces[space].size = UInt64((page + 1) * pageSize)
    addressSpaces[space].sharedMappings.append(SharedMapping(shared: index, page: page))
    sharedPages[index].mappers += 1
    emitShared(.shmMap, slot, index, page)
    return .value(Int64(page * pageSize))
  }

  private mutating func createSharedPage(_ slot: Slot, _ name: SharedName) throws(Refusal)
    -> SharedPageIndex
  {
    try take(.sharedPages, 1, for: slot, else: .noSharedPage)
    let payer = processes[slot].group
    guard !sharedPages.isFull else {
      giveBack(.sharedPages, 1, in: payer)
      emit(.sharedPagesExhausted(stamp(slot), names.intern(name.text), .noSharedPage))
      throw .noSharedPage
    }
    let counts = !defects.contains(.sharedPageUncounted)
    do throws(Refusal) {
      if counts { _ = try takeMemory(frames: 1, for: slot) }
    } catch {
      giveBack(.sharedPages, 1, in: payer)
      throw error
    }
    let keepsContents = defects.contains(.pageNotZeroed)
    guard let frame = frame(payer: counts ? payer : .root, keepingContents: keepsContents) else {
      giveBackMemory(frames: 1, in: counts ? payer : .root)
      giveBack(.sharedPages, 1, in: payer)
      emit(.sharedPagesExhausted(stamp(slot), names.intern(name.text), .noMemory))
      throw .noMemory
    }
    guard
      let index = sharedPages.insert(
        SharedPage(frame: frame, serial: sharedPages.insertions, payer: payer), named: name)
    else { preconditionFailure("there was room") }
    emitShared(.shmCreate, slot, index, 0)
    return index
  }

  private func mapping(_ slot: Slot, of index: SharedPageIndex) -> SharedMapping? {
    addressSpaces[space(of: slot)].sharedMappings.first { $0.shared == index }
  }

  mutating func removeSharedPage(_ slot: Slot, name address: UInt64) throws(Refusal)
    -> CallOutcome
  {
    let name = try copyInName(slot, address)
    guard let index = sharedPages.find(name), let mapping = mapping(slot, of: index) else {
      throw .notMapped
    }
    unmapShared(slot, mapping)
    return .value(0)
  }

  /// Takes a shared page out of a process; with its last mapper the page is gone.
  private mutating func unmapShared(_ slot: Slot, _ mapping: SharedMapping) {
    let index = mapping.shared
    let space = space(of: slot)
    // All are dropped in order from the last on, and one alone is looked for from there.
    if let place = addressSpaces[space].sharedMappings.lastIndex(of: mapping) {
      addressSpaces[space].sharedMappings.remove(at: place)
    }
    if !defects.contains(.staleMapping) {
      addressSpaces[space].table[mapping.page] = .absent
      dropHolesAtEnd(of: space)
    }
    guard isThere(mapping) else { return }
    dropFrame(sharedPages[index].frame, by: processes[slot].group)
    sharedPages[index].mappers -= 1
    emitShared(.shmUnmap, slot, index, mapping.page)
    if sharedPages[index].mappers == 0 {
      emitShared(.shmFree, slot, index, 0)
      dropFrame(sharedPages[index].frame, by: processes[slot].group)
      giveBack(.sharedPages, 1, in: sharedPages[index].payer)
      sharedPages.remove(index)
    }
  }

  /// What was removed at the end leaves no hole, so that mapping and unmapping take no room.
  private mutating func dropHolesAtEnd(of space: AddressSpaceIndex) {
    let count = addressSpaces[space].table.count
    let least = addressSpaces[space].stackPage + 1
    var kept = count
    while kept > least, addressSpaces[space].table[kept - 1].isHole { kept -= 1 }
    if kept < count {
      addressSpaces[space].table.shorten(to: kept)
      addressSpaces[space].size = UInt64(kept * pageSize)
    }
  }

  /// Whether the page that a process maps still is in the table; without a defect it always is.
  private func isThere(_ mapping: SharedMapping) -> Bool {
    if sharedPages.isUsed(mapping.shared) { return true }
    precondition(!defects.isEmpty, "a shared page that is mapped is gone")
    return false
  }

  private mutating func emitShared(
    _ kind: Event.Kind, _ slot: Slot, _ index: SharedPageIndex, _ page: PageNumber
  ) {
    guard emitsEverything else { return }
    emit(
      .sharedPage(
        stamp(slot), kind, names.intern(sharedPages.name(index).text), sharedPages[index].frame,
        address: UInt64(page * pageSize), mappers: sharedPages[index].mappers))
  }

  // MARK: Mutexes

  mutating func createMutex(_ slot: Slot, name address: UInt64) throws(Refusal) -> CallOutcome {
    let name = try copyInName(slot, address)
    let existing = mutexes.find(name)
    if let existing, let handle = processes[common: slot].mutexHandles.firstIndex(of: existing) {
      return .value(Int64(handle))
    }
    let handle: Int
    if let free = processes[common: slot].mutexHandles.firstVacant {
      handle = free
    } else {
      handle = processes[common: slot].mutexHandles.count
      guard handle < limits.mutexHandles else { throw .noHandle }
    }
    let index: MutexIndex
    if let existing { index = existing } else { index = try takeMutex(slot, named: name) }
    if handle == processes[common: slot].mutexHandles.count {
      processes[common: slot].mutexHandles.append(index)
    } else {
      processes[common: slot].mutexHandles[handle] = index
    }
    mutexes[index].handles += 1
    if existing == nil { emitLock(.lockCreate, slot, index) }
    return .value(Int64(handle))
  }

  private func mutex(_ slot: Slot, _ handle: Int32) throws(Refusal) -> MutexIndex {
    guard processes[common: slot].mutexHandles.indices.contains(Int(handle)),
      let index = processes[common: slot].mutexHandles[Int(handle)]
    else {
      let any = MutexIndex(rawValue: handle)
      if defects.contains(.handleAcross), mutexes.isUsed(any) { return any }
      throw .badHandle
    }
    return index
  }

  mutating func deleteMutex(_ slot: Slot, _ handle: Int32, _ effects: inout Effects)
    throws(Refusal) -> CallOutcome
  {
    _ = try mutex(slot, handle)
    if processes.hasThreads(slot) {
      interruptThreads(beside: slot, using: .mutex, handle, &effects)
    }
    dropHandle(slot, Int(handle), releasing: .lockRelease, &effects)
    return .value(0)
  }

  /// Drops a handle; a mutex that a thread of the process holds is released first, with an event of the kind
  /// that says why.
  private mutating func dropHandle(
    _ slot: Slot, _ handle: Int, releasing kind: Event.Kind, _ effects: inout Effects
  ) {
    guard processes[common: slot].mutexHandles.indices.contains(handle),
      let index = processes[common: slot].mutexHandles[handle]
    else { return }
    let leavesHeld = kind == .lockAbandon && defects.contains(.deadHolder)
    if let holder = mutexes[index].holder, !leavesHeld,
      processes.leader(of: holder) == processes.leader(of: slot)
    {
      release(index, by: holder, kind, &effects)
    }
    processes[common: slot].mutexHandles[handle] = nil
    mutexes[index].handles -= 1
    // With a defect a process without a handle may wait for it.
    let isWanted = !mutexes[index].waiters.isEmpty || !mutexes[index].sleepers.isEmpty
    if mutexes[index].handles == 0, !isWanted {
      emitLock(.lockDelete, slot, index)
      giveBack(.mutexes, 1, in: mutexes[index].payer)
      mutexes.remove(index)
    }
  }

  /// Lets go of the mutexes that a thread holds which ends; its process keeps the handles.
  mutating func releaseHeld(by slot: Slot, _ kind: Event.Kind, _ effects: inout Effects) {
    if kind == .lockAbandon, defects.contains(.deadHolder) { return }
    for case let index? in processes[common: slot].mutexHandles
    where mutexes[index].holder == slot {
      release(index, by: slot, kind, &effects)
    }
  }

  mutating func lockMutex(_ slot: Slot, _ handle: Int32) throws(Refusal) -> CallOutcome {
    let index = try mutex(slot, handle)
    if processes[slot].pending != nil {
      // unlock made this process the holder, or else it was killed.
      if mutexes[index].holder == slot { return .value(0) }
      throw .killed
    }
    if mutexes[index].holder == slot { throw .alreadyHolder }
    if processes[slot].isKilled { throw .killed }
    if mutexes[index].holder == nil || defects.contains(.lockNotAtomic) {
      mutexes[index].holder = slot
      emitLock(.lockAcquire, slot, index)
      return .value(0)
    }
    emitLock(.lockContend, slot, index)
    return .blocked(on: .mutex(index), .lock(index))
  }

  mutating func unlockMutex(_ slot: Slot, _ handle: Int32, _ effects: inout Effects)
    throws(Refusal) -> CallOutcome
  {
    let index = try mutex(slot, handle)
    guard mutexes[index].holder == slot || defects.contains(.unlockByAnyone) else {
      throw .notHolder
    }
    release(index, by: slot, .lockRelease, &effects)
    return .value(0)
  }

  /// Takes the mutex from its holder and gives it to the waiter whose turn it is.
  private mutating func release(
    _ index: MutexIndex, by slot: Slot, _ kind: Event.Kind, _ effects: inout Effects
  ) {
    mutexes[index].holder = nil
    emitLock(kind, slot, index)
    charge(.places, mutexes[index].waiters.waiting.count)
    guard let next = mutexes[index].waiters.best({ processes[$0].priority }) else {
      return endLoans(to: slot, &effects)
    }
    mutexes[index].waiters.remove(next)
    mutexes[index].holder = next
    emitLock(.lockHandOver, slot, index, other: next)
    wake(next, &effects)
    endLoans(to: slot, &effects)
  }

  mutating func waitForCondition(_ slot: Slot, _ handle: Int32, _ effects: inout Effects)
    throws(Refusal) -> CallOutcome
  {
    let index = try mutex(slot, handle)
    if let pending = processes[slot].pending {
      if mutexes[index].holder == slot { return .value(0) }
      if pending == .lateCondition(index), !processes[slot].isKilled {
        return .blocked(on: .condition(index), .condition(index))
      }
      throw .killed
    }
    guard mutexes[index].holder == slot else { throw .notHolder }
    if processes[slot].isKilled { throw .killed }
    if mutexes[index].isSignalled || defects.contains(.waitWithoutSignal) {
      mutexes[index].isSignalled = false
      emitLock(.cvWake, slot, index)
      let isWanted = !mutexes[index].waiters.isEmpty && !defects.contains(.waitKeepsMutex)
      guard isWanted else { return .value(0) }
      // Nobody else could take the mutex from those who wait and signal in turns; so whoever waits
      // for it has it first, and this process again in line.
      release(index, by: slot, .lockRelease, &effects)
      emitLock(.lockContend, slot, index)
      return .blocked(on: .mutex(index), .condition(index))
    }
    emitLock(.cvWait, slot, index)
    release(index, by: slot, .lockRelease, &effects)
    if defects.contains(.lostWakeup) {
      return .blocked(
        on: .sleep(until: Instant(instructions: now.instructions + tick)), .lateCondition(index))
    }
    return .blocked(on: .condition(index), .condition(index))
  }

  mutating func signalCondition(_ slot: Slot, _ handle: Int32, _ effects: inout Effects)
    throws(Refusal) -> CallOutcome
  {
    let index = try mutex(slot, handle)
    charge(.places, mutexes[index].sleepers.waiting.count)
    guard !defects.contains(.signalWakesNobody),
      let next = mutexes[index].sleepers.best({ processes[$0].priority })
    else {
      mutexes[index].isSignalled = true
      emitLock(.cvLatch, slot, index)
      return .value(0)
    }
    emitLock(.cvSignal, slot, index, other: next)
    mutexes[index].sleepers.remove(next)
    emitLock(.cvWake, next, index, other: slot)
    if mutexes[index].holder == nil {
      mutexes[index].holder = next
      emitLock(.lockAcquire, next, index)
      wake(next, &effects)
    } else {
      // It takes the mutex back before it returns, in line with those who want it as well.
      emitLock(.lockContend, next, index)
      block(next, on: .mutex(index))
      lendPriority(of: next, &effects)
    }
    return .value(0)
  }

  private mutating func emitLock(
    _ kind: Event.Kind, _ slot: Slot, _ index: MutexIndex, other: Slot? = nil
  ) {
    guard emitsEverything else { return }
    let mutex = mutexes[index]
    emit(
      .lock(
        stamp(slot), kind, index, names.intern(mutexes.name(index).text),
        holder: pid(of: mutex.holder), waiters: mutex.waiters.waiting.count,
        other: pid(of: other)))
  }

  // MARK: Fork and end

  /// A child maps and has handles to what its parent does.
  mutating func inheritSharing(_ child: Slot) {
    chargeForSharing(child)
    for mapping in addressSpaces[space(of: child)].sharedMappings where isThere(mapping) {
      sharedPages[mapping.shared].mappers += defects.contains(.mappersMiscounted) ? 0 : 1
      emitShared(.shmInherit, child, mapping.shared, mapping.page)
    }
    for case let index? in processes[common: child].mutexHandles { mutexes[index].handles += 1 }
  }

  private mutating func chargeForSharing(_ slot: Slot) {
    let mappings = addressSpaces[space(of: slot)].sharedMappings.count
    charge(.inheritances, mappings + processes[common: slot].mutexHandles.count)
  }

  /// Drops everything that a process shares by name: at exit, exec, and on entering a container.
  mutating func dropSharing(
    _ slot: Slot, releasing kind: Event.Kind = .lockRelease, _ effects: inout Effects
  ) {
    chargeForSharing(slot)
    let space = addressSpaces[space(of: slot)]
    // Other processes in the same address space keep what is mapped there.
    if space.users == 1 {
      for mapping in space.sharedMappings.reversed() { unmapShared(slot, mapping) }
    }
    for handle in processes[common: slot].mutexHandles.indices {
      dropHandle(slot, handle, releasing: kind, &effects)
    }
    processes[common: slot].mutexHandles = IndexList()
  }
}
