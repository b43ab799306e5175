// A process is data: registers, address space, descriptors, and if it is blocked, on what and how far its
// call had got. The table of processes is indexed by slot; a slot is held until the zombie is
// reaped.

/// Where a process is in its life.
public enum ProcessState: Equatable, Sendable {
  case runnable
  case running(on: HartID)
  case blocked(WaitReason)
  case exited(status: Int32)

  /// As `struct proc_info` numbers it.
  var code: Int32 {
    switch self {
    case .runnable: 1
    case .running: 2
    case .blocked: 3
    case .exited: 4
    }
  }

  /// As ^P prints it (xv6 procdump).
  var consoleName: String {
    switch self {
    case .runnable: "runble"
    case .running: "run   "
    case .blocked: "sleep "
    case .exited: "zombie"
    }
  }
}

/// A process's saved user-mode state, while no hart runs it.
package struct SavedContext: Equatable, Sendable {
  package internal(set) var registers = RegisterFile()
  var pc: UInt64 = 0
}

/// A process.
package struct Process: Sendable {
  // Identity
  package internal(set) var pid: ProcessID
  package internal(set) var container = ContainerID.outside
  /// The one that its container has given it; none outside any.
  package internal(set) var number = GuestPID.none
  /// Whether it has joined its container: only such a one can be above its container's init.
  var hasJoined = false
  /// At most 15 bytes (xv6's 16 with the NUL).
  package internal(set) var name: [UInt8]

  // Family, by slot
  package internal(set) var parent: Slot?
  package internal(set) var children = ChildList()
  /// Neighbours in the parent's list of children.
  package internal(set) var nextSibling: Slot?
  var previousSibling: Slot?

  // Scheduling
  package internal(set) var state = ProcessState.runnable
  /// The one in force, which may be inherited.
  package internal(set) var priority: Int
  /// Its own while it inherits a higher one; otherwise nil.
  package internal(set) var coveredPriority: Int?
  package internal(set) var isKilled = false
  /// The call that is to go on when the process next runs.
  package internal(set) var pending: PendingCall?
  /// When it last got something from the console, counted in such reads; 0 for never.
  var lastConsoleRead: UInt64 = 0
  /// The newest process when it last asked for something from the console.
  var consoleReadPID: Int32 = 0
  /// Whether it has got something from the console and has forked after that.
  var isShell = false
  /// Virtual time that it has used, in instructions: those retired in user mode, and what the
  /// kernel's work for it cost.
  package internal(set) var instructions: UInt64 = 0
  /// How much of that has been counted in its groups.
  package internal(set) var counted: UInt64 = 0
  /// When it was made, and when it last came to wait for a hart.
  var started = Instant.zero
  var runnableSince = Instant.zero
  /// What it has left of its turn, when one of higher priority took its hart; otherwise its next
  /// turn is a whole one.
  var turnLeft: UInt64?
  /// Whether it makes the load or store in front of which it stands without anybody being asked again
  /// whether it loses its hart there.
  var mayAccess = false

  // User memory
  package internal(set) var context = SavedContext()
  /// None from its exit on.
  package internal(set) var addressSpace: AddressSpaceIndex?

  // Threads
  /// The first thread of its process, where it is another.
  package internal(set) var leader: Slot?
  /// The other threads that have a slot, in the order in which they were made, where it is the first.
  package internal(set) var threads: [Slot] = []
  /// Who waits for it to exit.
  package internal(set) var joiner: Slot?
  /// What it goes on with, once it is in the kernel, where another thread of its process has called exec.
  var replacement: SavedContext?

  // Group and budgets
  /// Where it was when it exited, if it has.
  package internal(set) var group = GroupID.root
  /// Where what the kernel keeps of it counts as memory: the group in which it was forked.
  package internal(set) var payer = GroupID.root
  /// The budgets in which it holds a slot: first its groups', from the outermost on, then those of maxproc, in
  /// the order in which it came under them.
  package internal(set) var budgets: [BudgetIndex] = []

  /// What stands in a free slot.
  static let vacant = Process(pid: .none, name: [], priority: 0)

  /// A new program, or a new process, has not asked the console for anything.
  mutating func forgetConsole() {
    lastConsoleRead = 0
    consoleReadPID = 0
    isShell = false
  }

  /// With what it goes on when it next has a hart.
  package var entryContext: SavedContext { replacement ?? context }

  /// What prio_set gave it, or it began with: nobody lends it that.
  package var ownPriority: Int { coveredPriority ?? priority }

  package var exitStatus: Int32? {
    if case .exited(let status) = state { return status }
    return nil
  }

  /// The name for the console, where no container has anything to say: a program's file can be called
  /// by bytes that steer a terminal.
  var printableName: String {
    let question = UInt8(ascii: "?")
    return String(decoding: name.map { (32..<127).contains($0) ? $0 : question }, as: UTF8.self)
  }

}

/// What all threads of a process have in common. It is kept once, with the first of them, and reached in one way, so
/// that what one thread does to it all others see.
package struct CommonState: Sendable {
  package internal(set) var base: PathBase
  /// Open files by descriptor.
  package internal(set) var descriptors: IndexList<FileIndex>
  /// Mutexes by handle.
  package internal(set) var mutexHandles = IndexList<MutexIndex>()
  /// Whether the program has the mark of being built for this machine's calls.
  var isMarked = false
  /// The words that the program was given, each with its NUL.
  var commandLine: [UInt8] = []

  static let vacant = CommonState(
    base: PathBase(root: .machineRoot, workingDirectory: .machineRoot),
    descriptors: IndexList())

  /// The lowest free descriptor.
  var freeDescriptor: Int? { descriptors.firstVacant }
}

/// The head and tail of a list that runs through `nextSibling`.
package struct ChildList: Equatable, Sendable {
  package internal(set) var first: Slot?
  var last: Slot?

  var isEmpty: Bool { first == nil }
}

/// What processes hold, added up.
package struct ProcessHoldings: Sendable {
  /// Roots and working directories on the disk, of processes that have not exited.
  package var directories = 0
  /// Open descriptors of those.
  package var descriptors = 0
}

/// A process's priority in force, and the mutex that it waits for.
package struct SchedulingFacts: Sendable {
  package var pid: ProcessID
  package var priority: Int
  package var awaited: MutexIndex?
}

/// The machine's processes by slot. A slot that nobody has had takes no room.
package struct ProcessTable: Sendable {
  private var processes: [Process] = []
  /// By slot of a process's first thread.
  private var commons: [CommonState] = []
  private var inUse: [Bool] = []
  private var free: FreeList
  private var lastPID: Int32 = 0
  /// Slots in use, in order of their processes' pids. A new pid is the highest, and so comes last.
  package private(set) var slotsByPID: [Slot] = []

  init(slots: Int) { free = FreeList(0..<slots) }

  /// The pid that was given out last.
  var newestPID: Int32 { lastPID }
  /// Processes that hold a slot, zombies included.
  package var usedCount: Int { slotsByPID.count }
  /// One more than the highest slot that was ever used.
  package var slotCount: Int { processes.count }
  /// Whether there is room for another process, and a pid that nobody has had.
  var hasFreeSlot: Bool { !free.isEmpty && lastPID < Int32.max }

  /// The process in a slot that is in use.
  package subscript(_ slot: Slot) -> Process {
    _read {
      precondition(inUse[slot], "the slot is free")
      yield processes[slot]
    }
    _modify {
      precondition(inUse[slot], "the slot is free")
      yield &processes[slot]
    }
  }

  package func isUsed(_ slot: Slot) -> Bool { inUse[slot] }

  /// The first thread of the process that a thread is of.
  @inline(__always)
  package func leader(of slot: Slot) -> Slot { processes[slot].leader ?? slot }

  /// Whether there is another thread in a thread's process.
  @inline(__always)
  func hasThreads(_ slot: Slot) -> Bool {
    processes[slot].leader != nil || !processes[slot].threads.isEmpty
  }

  /// What a thread has in common with the others of its process.
  package subscript(common slot: Slot) -> CommonState {
    _read {
      precondition(inUse[slot], "the slot is free")
      yield commons[leader(of: slot)]
    }
    _modify {
      precondition(inUse[slot], "the slot is free")
      yield &commons[leader(of: slot)]
    }
  }

  /// All threads of the process that a thread is of, its first one before the others.
  package func threads(of slot: Slot) -> [Slot] {
    let leader = leader(of: slot)
    return [leader] + processes[leader].threads
  }

  /// Adds to the time that a process has used. One that is gone has no use for it.
  mutating func addTime(_ instructions: UInt64, to slot: Slot) {
    processes[slot].instructions += instructions
  }

  /// Lends each process that holds a slot, in order of slots; to another module, as a copy.
  package func forEachUsed(_ body: (borrowing Process) -> Void) {
    processes.withUnsafeBufferPointer { processes in
      for slot in processes.indices where inUse[slot] { body(processes[slot]) }
    }
  }

  /// What inheriting priorities depends on, by slot; nil where nobody is who can run.
  package var schedulingFacts: [SchedulingFacts?] {
    processes.indices.map { slot in
      guard inUse[slot] else { return nil }
      var awaited: MutexIndex?
      switch processes[slot].state {
      case .blocked(.mutex(let mutex)): awaited = mutex
      case .runnable, .running, .blocked: break
      case .exited: return nil
      }
      return SchedulingFacts(
        pid: processes[slot].pid, priority: processes[slot].priority, awaited: awaited)
    }
  }

  /// What all processes hold together. It is summed up here, since another module that looks at a process
  /// by the subscript copies it.
  package var holdings: ProcessHoldings {
    var sums = ProcessHoldings()
    for slot in processes.indices where inUse[slot] {
      if case .exited = processes[slot].state { continue }
      if processes[slot].leader != nil { continue }
      if commons[slot].base.root.file.volume == .disk { sums.directories += 1 }
      if commons[slot].base.workingDirectory.file.volume == .disk { sums.directories += 1 }
      for place in commons[slot].descriptors where place != nil { sums.descriptors += 1 }
    }
    return sums
  }

  /// The open file behind a descriptor of a process. To read one field of a process this way takes no
  /// copy of it.
  @inline(__always)
  func file(behind descriptor: Int, of slot: Slot) -> FileIndex? {
    precondition(inUse[slot], "the slot is free")
    return commons[leader(of: slot)].descriptors[descriptor]
  }

  /// Where a process's pages are; none of one that has exited, and none in a free slot.
  @inline(__always)
  func addressSpace(of slot: Slot) -> AddressSpaceIndex? { processes[slot].addressSpace }

  package func slot(of pid: ProcessID) -> Slot? {
    let place = place(of: pid)
    guard place < slotsByPID.count, processes[slotsByPID[place]].pid == pid else { return nil }
    return slotsByPID[place]
  }

  /// The first place in `slotsByPID` whose pid is not below this one.
  private func place(of pid: ProcessID) -> Int {
    slotsByPID.partitioningIndex { processes[$0].pid >= pid }
  }

  /// Puts a process into a free slot under the next pid; or another thread of one, which has the state of that in common.
  mutating func insert(_ process: Process, _ common: CommonState? = nil) -> Slot? {
    guard hasFreeSlot, let slot = free.take().map({ Slot($0) }) else { return nil }
    if slot == processes.count {
      processes.append(.vacant)
      commons.append(.vacant)
      inUse.append(false)
    }
    lastPID += 1
    if let common { commons[slot] = common }
    processes[slot] = process
    processes[slot].pid = ProcessID(raw: lastPID)
    inUse[slot] = true
    slotsByPID.append(slot)
    return slot
  }

  mutating func remove(_ slot: Slot) {
    precondition(inUse[slot], "the slot is free")
    slotsByPID.remove(at: place(of: processes[slot].pid))
    inUse[slot] = false
    processes[slot] = .vacant
    commons[slot] = .vacant
    free.giveBack(UInt32(slot))
  }

  // MARK: Children

  mutating func addChild(_ child: Slot, to parent: Slot) {
    self[child].parent = parent
    self[child].previousSibling = self[parent].children.last
    self[child].nextSibling = nil
    if let last = self[parent].children.last {
      self[last].nextSibling = child
    } else {
      self[parent].children.first = child
    }
    self[parent].children.last = child
  }

  mutating func removeChild(_ child: Slot) {
    guard let parent = self[child].parent else { return }
    let previous = self[child].previousSibling
    let next = self[child].nextSibling
    if let previous {
      self[previous].nextSibling = next
    } else {
      self[parent].children.first = next
    }
    if let next {
      self[next].previousSibling = previous
    } else {
      self[parent].children.last = previous
    }
    self[child].parent = nil
    self[child].previousSibling = nil
    self[child].nextSibling = nil
  }
}

extension ProcessState: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(code)
    switch self {
    case .runnable: break
    case .running(let hart): digest.combine(hart.raw)
    case .blocked(let reason): digest.combine(reason)
    case .exited(let status): digest.combine(status)
    }
  }
}

extension Process: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(pid.raw)
    digest.combine(container.raw)
    digest.combine(number)
    digest.combine(hasJoined)
    digest.combine(name)
    digest.combine(parent)
    digest.combine(children.first)
    digest.combine(children.last)
    digest.combine(nextSibling)
    digest.combine(previousSibling)
    digest.combine(state)
    digest.combine(priority)
    if let coveredPriority { digest.combine(coveredPriority) }
    digest.combine(isKilled)
    digest.combine(pending)
    digest.combine(lastConsoleRead)
    digest.combine(consoleReadPID)
    digest.combine(isShell)
    digest.combine(instructions)
    digest.combine(counted)
    digest.combine(started.instructions)
    digest.combine(runnableSince.instructions)
    digest.combine(turnLeft)
    digest.combine(mayAccess)
    digest.combine(context.pc)
    for register in 1..<32 { digest.combine(context.registers[register]) }
    digest.combine(addressSpace)
    digest.combine(leader)
    digest.combine(threads.count)
    for thread in threads { digest.combine(thread) }
    digest.combine(joiner)
    if let replacement {
      digest.combine(replacement.pc)
      for register in 1..<32 { digest.combine(replacement.registers[register]) }
    }
    digest.combine(budgets)
    digest.combine(group.raw)
    digest.combine(payer.raw)
  }
}

extension CommonState: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(isMarked)
    digest.combine(commandLine)
    digest.combine(mutexHandles)
    digest.combine(base.root)
    digest.combine(base.workingDirectory)
    digest.combine(descriptors)
  }
}

extension ProcessTable: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(lastPID)
    digest.combine(free)
    digest.combine(slotsByPID)
    for slot in processes.indices where inUse[slot] {
      digest.combine(processes[slot])
      if processes[slot].leader == nil { digest.combine(commons[slot]) }
    }
  }
}
