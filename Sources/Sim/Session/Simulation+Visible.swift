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
    return VisibleOperation(
      access.isStore ? .store : .load, on: .memory, word(at: access.address, of: slot),
      changes: access.isStore, pc: access.pc)
  }

  /// Eight bytes of memory, by their place in the machine's.
  private func word(at address: UInt64, of slot: Slot) -> UInt64 {
    let table = kernel.addressSpaces[kernel.space(of: slot)].table
    let frame = table.entry(at: address)?.frame
    return (frame.map { UInt64($0.raw) << 12 | address & 0xfff } ?? address) & ~7
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
      if domain == .mutex { object = first }
      if domain == .memory { object = word(at: first, of: slot) }
    }
    return VisibleOperation(
      .call, call: number, on: domain, object, changes: changes, pc: pc)
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
    case .file: return (usual, 0, changes)
    case .device: return (.console, 0, true)
    // Who reads a pipe takes away what is in it.
    case .pipe(let pipe): return (.pipe, UInt64(pipe.index), true)
    case .socket: return (.network, 0, true)
    }
  }
}
