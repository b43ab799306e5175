// The digest in a trace covers the machine's state: change anything that can make a difference to what
// follows, and it is another. Each stored field of the kernel and of a process stands in one of the lists
// below, so that a new one cannot be forgotten.

import Testing

@testable import Sim

@Suite("The state's digest") struct StateDigestTests {
  /// A kernel with two processes, a container, a pipe, a mutex, a shared page and a file.
  private let kernel: Kernel
  private let slot: Slot
  private let file: FileIndex
  private let pipe: PipeIndex
  private let mutex: MutexIndex
  private let page: SharedPageIndex
  private let container: ContainerID
  private let budget: BudgetIndex
  private let frame: PageFrame
  private let space: AddressSpaceIndex
  /// The root of a union, whose lower layer has a file x.
  private let union: FileID
  private let socket: SocketID
  private let stream: FlowID

  init() throws {
    var kernel = try Kernel(limits: Limits(), tick: 1000)
    let madeProcess = kernel.createInitialProcess()
    slot = try #require(madeProcess)
    let madeFile = kernel.files.allocate(payer: .root)
    file = try #require(madeFile)
    pipe = kernel.pipes.allocate(capacity: 64, payer: .root)
    let name = SharedName(container: .outside, text: [65])
    let madeMutex = kernel.mutexes.insert(Mutex(), named: name)
    mutex = try #require(madeMutex)
    let madeFrame = kernel.memory.allocate()
    frame = try #require(madeFrame)
    let madePage = kernel.sharedPages.insert(SharedPage(frame: frame), named: name)
    page = try #require(madePage)
    let madeContainer = kernel.containers.create(initial: .initial, root: .machineRoot)
    container = try #require(madeContainer)
    budget = kernel.budgets.insert(owner: .initial, limit: 5, held: 1)
    space = kernel.space(of: slot)
    kernel.addressSpaces[space].table.append(PageEntry(frame: frame, permissions: [.read]))
    kernel.processes[common: slot].mutexHandles.append(mutex)
    let upper = try kernel.fileSystem.create(.directory, as: Name([85]), in: FileSystem.root)
    let lower = try kernel.fileSystem.create(.directory, as: Name([76]), in: FileSystem.root)
    _ = try kernel.fileSystem.create(.file, as: Name([120]), in: lower)
    union = kernel.volumes.makeUnion(upper: upper, lowers: [lower])
    socket = kernel.network.insert(kind: .stream, in: .outside, payer: .root)
    stream = kernel.network.newFlow()
    func end(_ socket: SocketID, _ port: UInt16) -> StreamEnd {
      StreamEnd(socket: socket, endpoint: Endpoint(.loopback, port), space: .outside)
    }
    kernel.network.streams.insert(
      Stream(id: stream, client: end(socket, 5), server: end(.none, 6), listener: .none),
      as: stream)
    self.kernel = kernel
  }

  private func digest(_ kernel: Kernel) -> UInt64 {
    var kernel = kernel
    var digest = Digest(seed: kernel.takeWritten().hash)
    digest.combine(kernel)
    return digest.value
  }

  private typealias Change<Whole> = (field: String, change: (inout Whole) -> Void)

  private var kernelChanges: [Change<Kernel>] {
    [
      ("memory", { _ = $0.memory.allocate() }),
      ("memory", { $0.memory.retain(frame) }),
      ("memory", { _ = $0.memory.reserve(1) }),
      ("memory", { $0.memory.writableBytes(of: frame).storeBytes(of: 1, as: UInt8.self) }),
      ("processes", { _ = $0.processes.insert(.vacant) }),
      ("futexes", { $0.futexes.append(slot, at: FutexPlace(space: space, number: 8)) }),
      ("addressSpaces", { _ = $0.addressSpaces.insert(AddressSpace()) }),
      ("addressSpaces", { $0.addressSpaces.retain(space) }),
      ("addressSpaces", { _ = $0.addressSpaces.release(space) }),
      ("scheduler", { $0.scheduler.append(slot, priority: 3) }),
      ("timers", { $0.timers.insert(slot, .initial, at: Instant(instructions: 9)) }),
      ("moves", { $0.moves[slot] = DataMove(.write, 9) }),
      ("files", { _ = $0.files.allocate(payer: .root) }),
      ("files", { $0.files[file].target = .pipe(pipe) }),
      ("files", { $0.files[file].readable = true }),
      ("files", { $0.files[file].writable = true }),
      ("files", { $0.files[file].offset = 1 }),
      (
        "files",
        { $0.files.keep(MadeText(bytes: [], process: .none, hadExited: false), for: file) }
      ),
      ("files", { $0.files[file].mount = MountID(1) }),
      ("files", { $0.files[file].mountOwner = container }),
      ("files", { $0.files[file].references = 2 }),
      ("files", { $0.files[file].payer = .none }),
      ("pipes", { _ = $0.pipes.allocate(capacity: 8, payer: .root) }),
      ("pipes", { $0.pipes[pipe].readOpen = false }),
      ("pipes", { $0.pipes[pipe].writeOpen = false }),
      ("pipes", { $0.pipes[pipe].readers.append(slot) }),
      ("pipes", { $0.pipes[pipe].writers.append(slot) }),
      ("pipes", { _ = $0.pipes[pipe].withWritable(1) { _ in 1 } }),
      ("volumes", { _ = $0.fileSystem.allocate(.file) }),
      ("volumes", { $0.fileSystem.addLink(FileSystem.root) }),
      ("volumes", { $0.fileSystem.retain(FileSystem.root) }),
      ("volumes", { $0.fileSystem.take(for: container, in: .root) }),
      ("volumes", { try? $0.fileSystem.addEntry(Name([66]), 1, to: FileSystem.root) }),
      ("volumes", { $0.volumes.retain(union) }),
      ("volumes", { $0.volumes.changeMountPoints(of: union, by: 1) }),
      ("volumes", { $0.fileSystem.makeOpaque(FileSystem.root) }),
      ("volumes", { $0.fileSystem.changeMountPoints(of: FileSystem.root, by: 1) }),
      (
        "volumes",
        {
          var looked = 0
          _ = $0.volumes.lookUp(Name([120]), in: union, looked: &looked)
        }
      ),
      ("volumes", { _ = $0.volumes.names(in: union) }),
      ("network", { _ = $0.network.insert(kind: .stream, in: .outside, payer: .root) }),
      ("network", { _ = $0.network.newFlow() }),
      ("network", { try? $0.network.bind(socket, to: .none) }),
      ("network", { $0.network.links.attach(container, as: NetworkAddress(raw: 0x0a00_0002)) }),
      (
        "network",
        {
          $0.network.links.send(
            Packet(time: Instant(instructions: 5), content: .end(stream, to: .client)))
        }
      ),
      ("network", { $0.network.sockets[socket].role = .listening }),
      ("network", { $0.network.sockets[socket].local.address = .loopback }),
      ("network", { $0.network.sockets[socket].readers.append(slot) }),
      ("network", { $0.network.sockets[socket].writers.append(slot) }),
      ("network", { $0.network.sockets[socket].backlog = 3 }),
      ("network", { $0.network.sockets[socket].backlogTaken = 1 }),
      ("network", { $0.network.sockets[socket].waiting = [stream] }),
      ("network", { $0.network.sockets[socket].peer = Endpoint(.loopback, 4) }),
      ("network", { $0.network.streams[stream].listener = socket }),
      ("network", { $0.network.streams[stream].packets = 1 }),
      ("network", { $0.network.streams[stream].client.inFlight = 1 }),
      ("network", { $0.network.streams[stream].client.hasEnded = true }),
      ("network", { $0.network.streams[stream].server.readClosed = true }),
      ("network", { $0.network.streams[stream].server.writeClosed = true }),
      ("network", { $0.network.streams[stream].server.sent = 1 }),
      ("network", { $0.network.streams[stream].server.received = 1 }),
      (
        "network",
        { kernel in
          [UInt8(65)].withUnsafeBytes {
            kernel.network.streams[stream].client.incoming.append($0)
          }
        }
      ),
      ("network", { $0.network.loopbacks.pass(3, in: container) }),
      ("network", { $0.network.links.count(.outside) { $0.send(3) } }),
      ("polls", { $0.polls.insert(slot, [.console]) }),
      ("mounts", { _ = $0.mounts.copy(for: container) }),
      ("mounts", { $0.mounts.setFlags(.disk, of: .outside, .readOnly) }),
      ("console", { _ = $0.console.type(65) }),
      ("console", { $0.console.readers.append(slot) }),
      ("console", { _ = $0.console.countRead() }),
      ("budgets", { _ = $0.budgets.insert(owner: .initial, limit: 5, held: 1) }),
      ("budgets", { $0.budgets.tighten(budget, to: 4) }),
      ("budgets", { try? $0.budgets.takeSlot(in: [budget]) }),
      ("budgets", { $0.budgets.setLimit(budget, to: 9) }),
      ("budgets", { $0.budgets.noteRefusal(budget) }),
      (
        "volumes",
        {
          $0.groups.insert(
            Group(
              id: GroupID(raw: 2), parent: .root, name: Name([65]), owner: .outside,
              isContainers: false, budget: nil))
        }
      ),
      ("containers", { $0.containers.update(container) { $0.limit = 1 } }),
      ("containers", { $0.containers.update(container) { $0.hasOwnRoot = true } }),
      ("containers", { $0.containers.update(container) { $0.rootPath = [47, 97] } }),
      ("containers", { $0.containers.update(container) { $0.group = .root } }),
      ("containers", { _ = $0.containers.admit(slot, to: container, again: false) }),
      ("containers", { $0.containers.remove(container) }),
      ("sharedPages", { $0.sharedPages[page].mappers = 1 }),
      ("sharedPages", { $0.sharedPages[page].frame.raw += 1 }),
      ("sharedPages", { $0.sharedPages[page].payer = .none }),
      ("sharedPages", { $0.sharedPages.remove(page) }),
      ("mutexes", { $0.mutexes[mutex].handles = 1 }),
      ("mutexes", { $0.mutexes[mutex].holder = slot }),
      ("mutexes", { $0.mutexes[mutex].waiters.append(slot) }),
      ("mutexes", { $0.mutexes[mutex].sleepers.append(slot) }),
      ("mutexes", { $0.mutexes[mutex].isSignalled = true }),
      ("mutexes", { $0.mutexes[mutex].payer = .none }),
      ("names", { _ = $0.names.intern([67]) }),
      ("hartUses", { $0.hartUses[0].user = 1 }),
      ("hartUses", { $0.hartUses[0].system = 1 }),
      ("hartUses", { $0.hartUses[0].dispatches = 1 }),
      ("hartUses", { $0.hartUses[0].yields = 1 }),
      ("hartUses", { $0.hartUses[0].idles = 1 }),
      ("hartUses", { $0.hartUses[0].wakes = 1 }),
      ("hartUses", { $0.hartUses[0].waited = 1 }),
      ("hartUses", { $0.hartUses[0].occupant = slot }),
      ("load", { $0.load.note(1, until: Instant(instructions: 5000)) }),
      ("copiesOwed", { $0.copiesOwed = 1 }),
      ("framePayers", { $0.framePayers.insert(PageFrame(raw: 3), payer: GroupID(raw: 2)) }),
      ("framePayers", { $0.framePayers.addCopy(of: PageFrame(raw: 3), payer: GroupID(raw: 2)) }),
      ("foreignPrograms", { $0.foreignPrograms = [[68]] }),
      ("newestChildOfInit", { $0.newestChildOfInit = .initial }),
    ]
  }

  /// Fields of the kernel that the digest leaves out.
  private static let outsideTheDigest = [
    // The same from the beginning to the end.
    "limits", "tick", "reserve", "calls", "defects", "runsProgram",
    "inheritsPriorities",
    // Where an entry is, and what it has done so far: nothing between two steps but the time, which
    // the event says.
    "events", "emitsEverything", "now", "hart", "current", "call", "account",
    "endingContainer",
    // For whoever checks the machine.
    "copies", "lastCopy", "lastCopyIsNew", "touches", "lastTouch", "keepsPayloads",
    "reapedThreads",
    "payloads",
  ]

  private var processChanges: [Change<Process>] {
    [
      ("pid", { $0.pid.raw += 1 }),
      ("container", { $0.container = container }),
      ("number", { $0.number = .initial }),
      ("hasJoined", { $0.hasJoined = true }),
      ("name", { $0.name.append(65) }),
      ("parent", { $0.parent = 1 }),
      ("children", { $0.children.first = 1 }),
      ("children", { $0.children.last = 1 }),
      ("nextSibling", { $0.nextSibling = 1 }),
      ("previousSibling", { $0.previousSibling = 1 }),
      ("state", { $0.state = .running(on: HartID(raw: 1)) }),
      ("state", { $0.state = .blocked(.mutex(mutex)) }),
      ("state", { $0.state = .exited(status: 1) }),
      ("priority", { $0.priority += 1 }),
      ("coveredPriority", { $0.coveredPriority = 9 }),
      ("isKilled", { $0.isKilled = true }),
      ("pending", { $0.pending = .write(done: 3) }),
      ("pending", { $0.pending = .lock(mutex) }),
      ("lastConsoleRead", { $0.lastConsoleRead += 1 }),
      ("consoleReadPID", { $0.consoleReadPID += 1 }),
      ("isShell", { $0.isShell = true }),
      ("instructions", { $0.instructions += 1 }),
      ("started", { $0.started = Instant(instructions: 1) }),
      ("runnableSince", { $0.runnableSince = Instant(instructions: 1) }),
      ("turnLeft", { $0.turnLeft = 7 }),
      ("mayAccess", { $0.mayAccess = true }),
      ("counted", { $0.counted = 1 }),
      ("context", { $0.context.pc += 2 }),
      ("context", { $0.context.registers[31] += 1 }),
      ("addressSpace", { $0.addressSpace = nil }),
      ("addressSpace", { $0.addressSpace = AddressSpaceIndex(7) }),
      ("budgets", { $0.budgets.append(budget) }),
      ("group", { $0.group = GroupID(raw: 2) }),
      ("payer", { $0.payer = GroupID(raw: 2) }),
      ("leader", { $0.leader = 1 }),
      ("threads", { $0.threads.append(1) }),
      ("joiner", { $0.joiner = 1 }),
      ("replacement", { $0.replacement = SavedContext() }),
    ]
  }

  private var commonChanges: [Change<CommonState>] {
    [
      ("commandLine", { $0.commandLine = [65, 0] }),
      ("isMarked", { $0.isMarked = true }),
      ("mutexHandles", { $0.mutexHandles.append(mutex) }),
      ("mutexHandles", { $0.mutexHandles[0] = nil }),
      ("base", { $0.base.root.file = FileID(2) }),
      ("base", { $0.base.workingDirectory.file = FileID(2) }),
      ("base", { $0.base.workingDirectory.mount = MountID(1) }),
      ("descriptors", { $0.descriptors[3] = file }),
    ]
  }

  private var addressSpaceChanges: [Change<AddressSpace>] {
    [
      ("table", { $0.table[0].permissions.insert(.write) }),
      ("table", { $0.table[0].frame.raw += 1 }),
      ("table", { $0.table.extend(to: 9) }),
      ("size", { $0.size += 1 }),
      ("stackPage", { $0.stackPage += 1 }),
      ("sharedMappings", { $0.sharedMappings.append(SharedMapping(shared: page, page: 1)) }),
    ]
  }

  private func fields(of whole: Any) -> [String] {
    Mirror(reflecting: whole).children.compactMap(\.label).sorted()
  }

  @Test("Changes with each field of the kernel")
  func kernelFields() {
    let known = Set(kernelChanges.map(\.field) + StateDigestTests.outsideTheDigest)
    #expect(known.sorted() == fields(of: kernel))
    let before = digest(kernel)
    #expect(digest(kernel) == before)
    for (number, change) in kernelChanges.enumerated() {
      var changed = kernel
      change.change(&changed)
      #expect(digest(changed) != before, "\(change.field), change \(number)")
    }
  }

  @Test("Changes with each field of a process")
  func processFields() {
    #expect(Set(processChanges.map(\.field)).sorted() == fields(of: kernel.processes[slot]))
    let before = digest(kernel)
    for (number, change) in processChanges.enumerated() {
      var changed = kernel
      change.change(&changed.processes[slot])
      #expect(digest(changed) != before, "\(change.field), change \(number)")
    }
  }

  @Test("Changes with each field of what threads have in common")
  func commonFields() {
    #expect(Set(commonChanges.map(\.field)).sorted() == fields(of: kernel.processes[common: slot]))
    let before = digest(kernel)
    for (number, change) in commonChanges.enumerated() {
      var changed = kernel
      change.change(&changed.processes[common: slot])
      #expect(digest(changed) != before, "\(change.field), change \(number)")
    }
  }

  /// Who uses it is counted by the table, a field of the kernel.
  @Test("Changes with each field of an address space")
  func addressSpaceFields() {
    let known = Set(addressSpaceChanges.map(\.field) + ["hasHadThreads", "users"])
    #expect(known.sorted() == fields(of: kernel.addressSpaces[space]))
    let before = digest(kernel)
    for (number, change) in addressSpaceChanges.enumerated() {
      var changed = kernel
      change.change(&changed.addressSpaces[space])
      #expect(digest(changed) != before, "\(change.field), change \(number)")
    }
  }
}
