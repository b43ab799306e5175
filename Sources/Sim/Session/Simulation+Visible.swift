// What the process on a hart is about to do, in front of a call or of an access that others can see.
// Worked out only where a source of decisions wants to be asked there.

extension Simulation {
  /// What comes next on a hart that stands before it.
  func nextOperation(of slot: Slot, on index: Int) -> VisibleOperation {
    contexts[index].trap == .call
      ? nextCall(of: slot, on: index) : nextAccess(of: slot, on: index)
  }

  private func nextAccess(of slot: Slot, on index: Int) -> VisibleOperation {
    guard let access = contexts[index].nextAccess else {
      return VisibleOperation(.load, on: .unknown, changes: true, pc: harts[index].pc)
    }
    let isOwn = !access.isStore && isConstant(access.address, of: slot)
    return VisibleOperation(
      access.isStore ? .store : .load, on: isOwn ? .own : .memory,
      word(at: access.address, of: slot), changes: access.isStore, pc: access.pc)
  }

  /// Whether nobody can change what is there, such as a program's texts.
  private func isConstant(_ address: UInt64, of slot: Slot) -> Bool {
    kernel.addressSpaces[kernel.space(of: slot)].table.entry(at: address)?.permissions
      .isDisjoint(with: [.write, .copyOnWrite]) ?? false
  }

  /// Eight bytes of memory: of a shared page by their place in the machine's, of others by whose they are
  /// and their address. Their frame would not do: they get another one when they are touched first, or
  /// stored to after a fork.
  private func word(at address: UInt64, of slot: Slot) -> UInt64 {
    let space = kernel.space(of: slot)
    if let entry = kernel.addressSpaces[space].table.entry(at: address),
      entry.permissions.contains(.shared)
    {
      return (UInt64(entry.frame.raw) << 12 | address & 0xfff) & ~7
    }
    return (VisibleOperation.ownMemory | UInt64(space.index) << 40 | address) & ~7
  }

  /// The mutex behind a handle, which is another number in each process.
  private func mutex(behind handle: UInt64, of slot: Slot) -> UInt64 {
    let handles = kernel.processes[common: slot].mutexHandles
    guard let number = Int(exactly: Int64(bitPattern: handle)), handles.indices.contains(number),
      let mutex = handles[number]
    else { return .max }
    return UInt64(mutex.index)
  }

  private func nextCall(of slot: Slot, on index: Int) -> VisibleOperation {
    let hart = harts[index]
    let pc = hart.pc &- 4
    let asked = Int32(truncatingIfNeeded: hart[register: 17])
    let number = kernel.recordedNumber(asked)
    guard let call = CallNumber(rawValue: number) else {
      return VisibleOperation(.call, call: number, on: .unknown, changes: true, pc: pc)
    }
    let first = hart[register: 10]
    var (domain, changes) = call.effect
    var object: UInt64 = 0
    switch call {
    case .read, .write, .close, .fstat:
      (domain, object, changes) = whatIsBehind(first, of: slot, domain, changes)
      if call == .close, domain != .pipe, domain != .network { domain = .own }
    default:
      if domain == .mutex { object = mutex(behind: first, of: slot) }
      if domain == .memory { object = word(at: first, of: slot) }
    }
    var operation = VisibleOperation(
      .call, call: number, on: domain, object, changes: changes, pc: pc)
    operation.argument = first
    return operation
  }

  /// What a descriptor leads to.
  private func whatIsBehind(
    _ descriptor: UInt64, of slot: Slot, _ usual: VisibleOperation.Domain, _ changes: Bool
  ) -> (VisibleOperation.Domain, UInt64, Bool) {
    guard descriptor < UInt64(kernel.limits.descriptors),
      let file = kernel.processes.file(behind: Int(descriptor), of: slot)
    else { return (.own, 0, false) }
    switch kernel.files[file].target {
    case .none: return (.own, 0, false)
    // Those who have an open file in common see how far it was read.
    case .file: return (usual, 0, changes || kernel.files[file].references > 1)
    case .device: return (.console, 0, true)
    // Who reads a pipe takes away what is in it.
    case .pipe(let pipe): return (.pipe, UInt64(pipe.index), true)
    case .socket: return (.network, 0, true)
    }
  }
}
