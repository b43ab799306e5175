// The kernel's state, all of it data; only the registers of running processes are in their harts. Calls
// decide what should happen (`Calls+….swift`), `Kernel+Lifecycle.swift` makes processes begin, wait and end, and the
// session above drives harts and time.

/// Everything the kernel knows.
package struct Kernel: Sendable {
  package let limits: Limits
  /// Instructions in a tick.
  let tick: UInt64
  let calls: CallNumbers
  /// What containers leave of every table.
  package let reserve: Reserve
  /// Mistakes that this kernel makes on purpose.
  package let defects: Defects
  /// Whether the holder of a mutex inherits the priority of who waits for it.
  package let inheritsPriorities: Bool

  package internal(set) var memory: Memory
  package internal(set) var processes: ProcessTable
  package internal(set) var addressSpaces = AddressSpaceTable()
  package internal(set) var scheduler: Scheduler
  var timers = TimerQueue()
  /// Reads and writes of files that wait for the next tick.
  var moves = DataMoveTable()
  package internal(set) var files: OpenFileTable
  package internal(set) var pipes = PipeTable()
  package internal(set) var volumes: Volumes
  package internal(set) var mounts = MountTables()
  package internal(set) var network: Network
  /// Who waits for several things at once.
  var polls = PollTable()
  /// What threads had used whose slots were given back just now; for checks.
  package internal(set) var reapedThreads = ReapedThreads()
  /// Who sleeps on an int in memory.
  var futexes = FutexTable()
  package internal(set) var console = Console()
  package internal(set) var budgets = BudgetTable()
  package internal(set) var containers: ContainerTable
  package internal(set) var sharedPages: NamedTable<SharedPageIndex, SharedPage>
  package internal(set) var mutexes: NamedTable<MutexIndex, Mutex>
  package internal(set) var names = NameTable()
  /// What each hart has done so far, and how many wanted to run.
  var hartUses = [HartUse()]
  var load: LoadAverage
  /// Frames set aside for copies of pages that processes share by fork.
  package internal(set) var copiesOwed = 0
  /// In which groups frames and copies owed count.
  package internal(set) var framePayers = FramePayers()

  /// Events since the session last took them.
  var events: [Event] = []
  /// False when only what reaches the console is listened to.
  var emitsEverything = true

  // Where and when the kernel is, as `enter` says.
  package internal(set) var now = Instant.zero
  var hart = HartID(raw: 0)
  /// The running process, which causes what happens; nil between processes.
  package internal(set) var current: Slot?
  /// The call that is being handled, which causes what happens; nil if none is.
  var call: CallNumber?

  /// The container whose processes are being ended, within the entry that does that.
  var endingContainer: ContainerID?

  /// What the entry under way has cost so far.
  var account = WorkAccount()

  // For checks of the machine.
  /// How often a process got its own copy of a page, and which page of whom was the last.
  package internal(set) var copies = 0
  package internal(set) var lastCopy: (slot: Slot, page: PageNumber) = (0, 0)
  /// Whether that was a frame of its own that it got then, or one that nobody else used any more.
  package internal(set) var lastCopyIsNew = false
  /// How often a load or store of a process brought a page, and which page of whom was the last.
  package internal(set) var touches = 0
  package internal(set) var lastTouch: (slot: Slot, page: PageNumber) = (0, 0)

  // For whoever wants the bytes beside the events.
  /// Whether what is sent and read at sockets is kept, and what was, for each such event since it was last taken.
  var keepsPayloads = false
  var payloads: [[UInt8]] = []

  /// Programs without a mark that have been reported.
  var foreignPrograms: [[UInt8]] = []
  static let foreignProgramsAtMost = 64

  /// Whether init was told to run a program in a shell's place.
  var runsProgram = false
  /// What init forked last: the shell or that program.
  var newestChildOfInit = ProcessID.none

  /// Frames that the kernel needs for a process besides its pages: kernel stack, trap frame and
  /// the levels of its page table, as in xv6.
  package static let framesPerProcess = 5
  /// Pages are mapped below this address only: xv6 has its trap frame there.
  static let userTop: UInt64 = (1 << 38) - 8192

  init(
    limits: Limits, tick: UInt64, calls: CallNumbers = CallNumbers(), defects: Defects = Defects(),
    scheduler: SchedulerKind = .priority, reserve percent: Int = Reserve.usualPercent,
    inheritsPriorities: Bool = false, network: NetworkConditions = NetworkConditions(),
    ports: [PublishedPort] = []
  ) throws(ScenarioError) {
    self.limits = limits
    self.tick = tick
    self.calls = calls
    reserve = Reserve(percent: percent, of: limits)
    self.defects = defects
    self.inheritsPriorities = inheritsPriorities
    memory = Memory(frames: limits.frames)
    memory.isForgiving = !defects.isEmpty
    self.scheduler = Scheduler(
      scheduler, tick: tick, mistakes: SchedulerMistakes(defects))
    processes = ProcessTable(slots: limits.processes)
    self.network = Network(network, publishing: ports)
    files = OpenFileTable(count: limits.openFiles)
    containers = ContainerTable(capacity: limits.containers)
    sharedPages = NamedTable(capacity: limits.sharedPages)
    mutexes = NamedTable(capacity: limits.mutexes)
    volumes = Volumes(
      disk: try FileSystem(
        blocks: limits.blocks, inodes: limits.inodes, fileBlocks: limits.fileBlocks),
      descriptors: limits.descriptors)
    volumes.journal.mistakes = UnionMistakes(defects)
    volumes.disk.mistakes = DiskMistakes(defects)
    volumes.groups.isForgiving = !defects.isEmpty
    volumes.groups.tellsFalls = !defects.contains(.fallUntold)
    self.network.mistakes = NetworkMistakes(defects)
    load = LoadAverage(tick: tick)
    if !defects.contains(.reserveForgotten) {
      volumes.disk.reserve = DiskReserve(
        blocks: reserve.blocks, inodes: reserve.inodes,
        allBlocks: limits.blocks - Disk.reservedBlocks(of: limits.blocks, inodes: limits.inodes))
    }
  }

  /// The disk, for whoever means it and no other file system.
  package internal(set) var fileSystem: FileSystem {
    _read { yield volumes.disk }
    _modify { yield &volumes.disk }
  }

  /// Enters the kernel: where and when that is, and in whose name.
  @inline(__always)
  mutating func enter(at time: Instant, on hart: HartID, as slot: Slot?) {
    if time.instructions >= load.due { noteLoad(until: time) }
    now = time
    self.hart = hart
    current = slot
    call = nil
  }

  /// Ticks since the machine was switched on.
  var ticks: UInt64 { now.instructions / tick }

  /// What the entry has cost beyond the instructions retired; the session calls this when it is over.
  mutating func takeCost() -> UInt64 {
    account.take(
      filled: memory.filledCount, mapped: memory.mappedCount, blocks: fileSystem.disk.changeCount)
  }

  // MARK: Events

  /// Emits an event, unless nobody would see it.
  @inline(__always)
  mutating func emit(_ event: Event) {
    if emitsEverything { events.append(event) }
  }

  /// The present moment, for an event about the process in `slot`.
  @inline(__always)
  func stamp(_ slot: Slot) -> EventStamp {
    EventStamp(
      time: now, hart: hart, process: processes[slot].pid,
      container: processes[slot].container, call: call)
  }

  /// The present moment, for an event about the machine itself.
  var machineStamp: EventStamp {
    EventStamp(time: now, hart: hart, process: .none, container: .outside, call: call)
  }

  /// The pid of the running process.
  var currentPID: ProcessID { pid(of: current) }

  /// The pid of the process in a slot; none when there is no slot, or nobody in it, which takes a
  /// defect.
  package func pid(of slot: Slot?) -> ProcessID {
    guard let slot, processes.isUsed(slot) else { return .none }
    return processes[slot].pid
  }
}

extension Kernel: Digestible {
  /// All that can make a difference to what follows, but for what frames and blocks hold, which
  /// `takeWritten` folds; what stays the same from the beginning and what only a check reads is left out.
  func combine(into digest: inout Digest) {
    memory.combineCounts(into: &digest)
    digest.combine(processes)
    digest.combine(addressSpaces)
    digest.combine(scheduler)
    digest.combine(timers)
    digest.combine(moves)
    digest.combine(files)
    digest.combine(pipes)
    digest.combine(volumes)
    digest.combine(mounts)
    digest.combine(console)
    digest.combine(budgets)
    digest.combine(containers)
    digest.combine(sharedPages)
    digest.combine(mutexes)
    digest.combine(names)
    digest.combine(copiesOwed)
    digest.combine(framePayers)
    digest.combine(hartUses)
    digest.combine(load)
    digest.combine(foreignPrograms)
    digest.combine(newestChildOfInit.raw)
    digest.combine(network)
    digest.combine(polls)
    digest.combine(futexes)
  }

  /// Folds the frames and blocks that were written since the last call into a hash, and counts the frames.
  mutating func takeWritten() -> (hash: UInt64, frames: Int) {
    let pages = memory.takeWritten()
    return (pages.hash &+ fileSystem.takeWritten(), pages.frames)
  }
}
