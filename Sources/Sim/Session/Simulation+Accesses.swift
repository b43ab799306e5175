// Loads and stores for whoever looks at them while a session runs again: in the order in which memory saw them, and
// without a difference to what the session does.

/// A load from memory that others see, or a store to it, within one page.
public struct KeptAccess: Sendable {
  public var process: ProcessID
  /// Whose memory it is, where that is a process's own.
  public var space: ProcessID
  /// The frame, where the page is shared by name; an address in it is another's under another address.
  public var sharedFrame: PageFrame?
  public var access: SharedAccess
}

extension Simulation {
  /// From now on loads from memory that others see, and stores to it, are kept until they are taken.
  public mutating func keepAccesses() {
    keptAccesses = []
    watchSharedPages()
  }

  /// Hands over those since the last time.
  public mutating func takeAccesses() -> [KeptAccess] {
    guard let kept = keptAccesses, !kept.isEmpty else { return [] }
    keptAccesses = []
    return kept
  }

  mutating func keep(_ access: SharedAccess, of slot: Slot) {
    let space = kernel.space(of: slot)
    var (rest, left) = (access, access.size)
    while left > 0 {
      let address = access.address &+ UInt64(access.size - left)
      rest.address = address
      rest.size = min(left, pageSize - Int(address & 4095))
      left -= rest.size
      guard let entry = kernel.addressSpaces[space].table.entry(at: address) else { continue }
      let leader = kernel.processes.leader(of: slot)
      keptAccesses?.append(
        KeptAccess(
          process: kernel.processes[slot].pid, space: kernel.processes[leader].pid,
          sharedFrame: entry.permissions.contains(.shared) ? entry.frame : nil, access: rest))
    }
  }

  /// The number of the pipe behind a descriptor.
  package func pipe(behind descriptor: Int64, of process: ProcessID) -> Int64? {
    guard let slot = slot(of: process), let descriptor = Int(exactly: descriptor), descriptor >= 0,
      let file = kernel.processes.file(behind: descriptor, of: slot),
      case .pipe(let pipe) = kernel.files[file].target
    else { return nil }
    return Int64(pipe.rawValue)
  }

  /// Where a process's memory ends; 0 if it has none.
  package func memoryEnd(of process: ProcessID) -> UInt64 {
    slot(of: process).flatMap { kernel.addressSpace(of: $0)?.size } ?? 0
  }

  /// What stands at an address of a process.
  package func bytes(at address: UInt64, count: Int, of process: ProcessID) -> [UInt8]? {
    slot(of: process).flatMap { kernel.peek($0, address, count: count) }
  }
}
