// The calls, a line each. A handler decides and returns what the call comes to; the session applies
// it. A blocked call is handled again from the start when its process wakes, and finds what it had
// done so far in the process (`PendingCall`).

/// What a call's handler wants to happen.
enum CallOutcome: Equatable {
  case value(Int64)
  /// A process, by the number by which the caller knows it.
  case process(GuestPID)
  /// The guest sees -1, the trace sees why.
  case refused(Refusal)
  /// fork: the child, which still needs the registers and a place in line.
  case forked(Slot)
  /// clone: the new thread, which still needs the caller's global registers and a place in line.
  case cloned(Slot)
  /// Handled again when woken.
  case blocked(on: WaitReason, PendingCall)
  /// A part is done, and the next is handled when it is the hart's turn again: so that no one call
  /// keeps the machine, and events leave as they come.
  case unfinished(PendingCall)
  case exited(status: Int32)
  /// exec: the process's saved context is the new program's.
  case replacedImage(argumentCount: Int64)
  /// exec by another thread than the first, which goes on in its place.
  case handedOver(argumentCount: Int64)
}

/// A call's arguments, `a0` to `a5`.
struct CallArguments: Equatable, Sendable {
  var words: InlineArray<6, UInt64>

  init(_ words: InlineArray<6, UInt64>) { self.words = words }

  func address(_ index: Int) -> UInt64 { words[index] }
  func int(_ index: Int) -> Int32 { Int32(truncatingIfNeeded: words[index]) }

  static func == (a: Self, b: Self) -> Bool {
    a.words.indices.allSatisfy { a.words[$0] == b.words[$0] }
  }
}

extension Kernel {
  /// What the call comes to, a refusal being an outcome like any other, and what is to be done besides.
  mutating func handle(_ number: Int32, _ arguments: CallArguments, for slot: Slot)
    -> (outcome: CallOutcome, effects: Effects)
  {
    var effects = Effects.none
    defer { settleUnions(for: slot) }
    do throws(Refusal) {
      guard let call = calls.call(number) else { throw unknownCall(number, for: slot, &effects) }
      self.call = call
      noteForeign(call, number, by: slot)
      return (try perform(call, arguments, for: slot, &effects), effects)
    } catch {
      sayWhatIsFull(error, for: slot, &effects)
      return (.refused(error), effects)
    }
  }

  /// Goes on with a call that was under way, or brings it to an end that another thread has put to it.
  @inline(never)
  mutating func resume(_ number: Int32, _ arguments: CallArguments, for slot: Slot)
    -> (outcome: CallOutcome, effects: Effects)
  {
    guard processes[slot].pending == .interrupted else {
      return handle(number, arguments, for: slot)
    }
    call = calls.call(number)
    return (.refused(.closedByThread), .none)
  }

  /// A disk without a block or an inode: said on the console, as xv6's balloc and ialloc do. A group that is full,
  /// and what is kept for processes outside containers, is told of in the trace alone.
  private mutating func sayWhatIsFull(_ why: Refusal, for slot: Slot, _ effects: inout Effects) {
    guard why == .noBlock || why == .noInode else { return }
    if let full = fileSystem.full {
      let isKept = full.group.group == .none
      _ = refuse(full.group, full.resource, slot, isKept ? .reserved : why)
      return
    }
    if why == .noBlock { tell("balloc: out of blocks\n", of: slot, &effects) }
    if why == .noInode { tell("ialloc: no inodes\n", of: slot, &effects) }
  }

  /// The number of a call in events: that of this machine's page, whatever the guest's was. One that
  /// this machine does not have is below 0 if the page has it.
  func recordedNumber(_ number: Int32) -> Int32 {
    if let call = calls.call(number) { return call.rawValue }
    return CallNumber(rawValue: number) == nil ? number : -number
  }

  /// A program that is not marked as built for this machine may mean another call by a number of
  /// the machine's own: that is told once for each, to whoever sits outside.
  private mutating func noteForeign(_ call: CallNumber, _ number: Int32, by slot: Slot) {
    guard call.isOwn, !processes[common: slot].isMarked, !calls.isChanged(number),
      foreignPrograms.count < Kernel.foreignProgramsAtMost,
      !foreignPrograms.contains(processes[slot].name)
    else { return }
    foreignPrograms.append(processes[slot].name)
    events.append(.foreignCall(stamp(slot), names.intern(processes[slot].name)))
  }

  private mutating func perform(
    _ call: CallNumber, _ arguments: CallArguments, for slot: Slot, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    let address = arguments.address
    let int = arguments.int
    return switch call {
    case .fork: try fork(slot)
    case .exit: .exited(status: int(0))
    case .wait: try wait(slot, status: address(0))
    case .pipe: try pipe(slot, descriptors: address(0))
    case .read: try read(slot, int(0), address(1), count: int(2), &effects)
    case .kill: try kill(slot, pid: GuestPID(raw: int(0)), &effects)
    case .exec: try exec(slot, path: address(0), arguments: address(1), &effects)
    case .fstat: try fstat(slot, int(0), status: address(1))
    case .chdir: try chdir(slot, path: address(0))
    case .dup: try dup(slot, int(0))
    case .getpid: .process(number(of: processes.leader(of: slot), for: slot))
    case .sbrk: try sbrk(slot, by: int(0), type: int(1))
    case .sleep: try sleep(slot, ticks: int(0))
    case .uptime: .value(Int64(UInt32(truncatingIfNeeded: ticks)))
    case .open: try open(slot, path: address(0), flags: int(1))
    case .write: try write(slot, int(0), address(1), count: int(2), &effects)
    case .mknod: try mknod(slot, path: address(0), major: int(1), minor: int(2))
    case .unlink: try unlink(slot, path: address(0))
    case .link: try link(slot, old: address(0), new: address(1))
    case .mkdir: try mkdir(slot, path: address(0))
    case .close: try close(slot, int(0), &effects)
    case .setroot: try setRoot(slot, path: address(0))
    case .maxproc: try limitProcesses(slot, to: int(0))
    case .containerCreateAndEnter: try createContainer(slot, &effects)
    case .containerSetRoot: try setContainerRoot(slot, path: address(0), length: int(1))
    case .containerMaxProc: try limitContainer(slot, to: int(0))
    case .getcid: .value(Int64(processes[slot].container.raw))
    case .sharedPageGet: try getSharedPage(slot, name: address(0))
    case .sharedPageRemove: try removeSharedPage(slot, name: address(0))
    case .mutexCreate: try createMutex(slot, name: address(0))
    case .mutexDelete: try deleteMutex(slot, int(0), &effects)
    case .mutexLock: try lockMutex(slot, int(0))
    case .mutexUnlock: try unlockMutex(slot, int(0), &effects)
    case .conditionWait: try waitForCondition(slot, int(0), &effects)
    case .conditionSignal: try signalCondition(slot, int(0), &effects)
    case .prioritySet: try setPriority(slot, pid: GuestPID(raw: int(0)), to: int(1), &effects)
    case .priorityGet: try getPriority(slot, pid: GuestPID(raw: int(0)))
    case .containerJoin: try joinContainer(slot, int(0), &effects)
    case .containerInfo: try containerInfo(slot, from: int(0), into: address(1))
    case .processStatus: try processStatus(slot, into: address(0), max: int(1))
    case .mount:
      try mount(
        slot, source: address(0), target: address(1), type: address(2), flags: int(3),
        options: address(4))
    case .unmount: try unmount(slot, target: address(0))
    case .socket: try socket(slot, family: int(0), type: int(1), number: int(2))
    case .bind: try bind(slot, int(0), address(1), length: int(2))
    case .listen: try listen(slot, int(0), backlog: int(1))
    case .accept: try accept(slot, int(0), address(1), length: address(2))
    case .connect: try connect(slot, int(0), address(1), length: int(2), &effects)
    case .sendTo: try send(slot, try socket(slot, int(0)), MessageBuffer(arguments), &effects)
    case .receiveFrom:
      try receive(slot, try socket(slot, int(0)), MessageBuffer(arguments), &effects)
    case .shutDown: try shutDown(slot, int(0), how: int(1), &effects)
    case .socketName: try socketName(slot, int(0), address(1), length: address(2), ofPeer: false)
    case .peerName: try socketName(slot, int(0), address(1), length: address(2), ofPeer: true)
    case .poll: try poll(slot, address(0), count: int(1), ticks: int(2))
    case .containerNetwork:
      try setAddress(slot, to: UInt32(truncatingIfNeeded: address(0)))
    case .clone, .join, .futex, .gettid: try performThreadCall(call, arguments, for: slot, &effects)
    }
  }

  /// A number that is no call: said on the console, as xv6 does.
  private mutating func unknownCall(_ number: Int32, for slot: Slot, _ effects: inout Effects)
    -> Refusal
  {
    let name = processes[slot].printableName
    let pid = machineOrOwnNumber(of: slot).raw
    tell("\(pid) \(name): unknown sys call \(number)\n", of: slot, &effects)
    return .unknownCall
  }
}
