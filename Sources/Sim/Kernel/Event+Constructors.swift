// Events named after what happened, so that the kernel reads as prose and the columns are filled
// in one place. `Event+Columns.swift` says what each column holds.

/// When, where and to whom something happens.
struct EventStamp: Sendable {
  var time: Instant
  var hart: HartID
  var process: ProcessID
  var container: ContainerID
  /// By which call; nil if by none.
  var call: CallNumber?

  /// The call as a column has it.
  var by: Int64 { Int64(call?.rawValue ?? 0) }
}

extension Event {
  init(
    _ stamp: EventStamp, _ kind: Kind, _ a0: Int64 = 0, _ a1: Int64 = 0, _ a2: Int64 = 0,
    _ a3: Int64 = 0, _ a4: Int64 = 0, _ a5: Int64 = 0
  ) {
    self.init(
      time: stamp.time, hart: stamp.hart, kind: kind, process: stamp.process,
      container: stamp.container, a0, a1, a2, a3, a4, a5)
  }

  // MARK: trap

  /// A call that came back at once.
  static func called(
    _ stamp: EventStamp, _ number: Int32, _ arguments: CallArguments, value: Int64,
    why: Refusal? = nil
  ) -> Event {
    Event(
      stamp, .call, Int64(number), Int64(bitPattern: arguments.words[0]),
      Int64(bitPattern: arguments.words[1]), Int64(bitPattern: arguments.words[2]), value,
      Int64(why?.rawValue ?? 0))
  }

  /// A call that does not come back, or not yet.
  static func callBegan(_ stamp: EventStamp, _ number: Int32, _ arguments: CallArguments)
    -> Event
  {
    var event = called(stamp, number, arguments, value: 0)
    event[CallEvent.why] = Event.unreturned
    return event
  }

  /// A call that was blocked came back.
  static func returned(
    _ stamp: EventStamp, _ number: Int32, _ arguments: CallArguments, value: Int64,
    why: Refusal? = nil
  ) -> Event {
    var event = called(stamp, number, arguments, value: value, why: why)
    event.kind = .callReturn
    return event
  }

  static func ticked(_ stamp: EventStamp, tick: UInt64, pc: UInt64) -> Event {
    Event(stamp, .tick, Int64(bitPattern: tick), Int64(bitPattern: pc))
  }

  static func faulted(_ stamp: EventStamp, _ fault: Fault) -> Event {
    Event(
      stamp, .fault, Int64(fault.cause.rawValue), Int64(bitPattern: fault.pc),
      Int64(bitPattern: fault.value))
  }

  /// Up to `inputCapacity` bytes arrived at the console.
  static func typed(_ stamp: EventStamp, _ bytes: some Collection<UInt8>) -> Event {
    var event = Event(stamp, .input)
    event.pack(bytes)
    return event
  }

  // MARK: sched

  static func dispatched(
    _ stamp: EventStamp, after previous: ProcessID, options: Int, priority: Int, chosen: Int,
    _ standing: Standing
  ) -> Event {
    Event(
      stamp, .dispatch, Int64(previous.raw), Int64(options), Int64(priority), Int64(chosen),
      standing.rank, standing.measure)
  }

  static func woke(_ stamp: EventStamp, by waker: ProcessID, from reason: WaitReason) -> Event {
    Event(stamp, .wake, Int64(waker.raw), reason.code, reason.object, stamp.by)
  }

  static func blocked(_ stamp: EventStamp, on reason: WaitReason) -> Event {
    Event(stamp, .block, reason.code, reason.object, stamp.by)
  }

  static func yielded(_ stamp: EventStamp, _ why: YieldReason, priority: Int) -> Event {
    Event(stamp, .yield, Int64(why.rawValue), Int64(priority))
  }

  static func priorityChanged(
    _ stamp: EventStamp, from old: Int, to new: Int, by setter: ProcessID
  ) -> Event {
    Event(stamp, .priority, Int64(old), Int64(new), Int64(setter.raw), stamp.by)
  }

  /// A process has another priority because of who waits for its mutexes; by nobody's if it has its own again.
  static func inherited(
    _ stamp: EventStamp, from old: Int, to new: Int, _ mutex: MutexIndex?, _ name: NameID,
    donor: ProcessID
  ) -> Event {
    Event(
      stamp, .inherit, Int64(old), Int64(new), Int64(mutex?.rawValue ?? -1), Int64(name.raw),
      Int64(donor.raw), stamp.by)
  }

  static func wentIdle(_ stamp: EventStamp) -> Event { Event(stamp, .idle) }

  // MARK: shm and lock

  /// Something became of a shared page; `address` is where the process has it, 0 if nowhere.
  static func sharedPage(
    _ stamp: EventStamp, _ kind: Kind, _ name: NameID, _ frame: PageFrame, address: UInt64,
    mappers: Int
  ) -> Event {
    Event(
      stamp, kind, Int64(name.raw), Int64(frame.raw), Int64(bitPattern: address),
      Int64(mappers), stamp.by)
  }

  /// A load from a shared page or a store to it, at the time of the instruction.
  static func sharedAccess(_ stamp: EventStamp, _ access: SharedAccess) -> Event {
    var event = Event(
      stamp, .shmAccess, Int64(bitPattern: access.address), Int64(access.size),
      Int64(bitPattern: access.value), access.isStore ? 1 : 0, Int64(bitPattern: access.pc))
    event.time = access.time
    return event
  }

  static func sharedPagesExhausted(_ stamp: EventStamp, _ name: NameID, _ why: Refusal) -> Event {
    Event(stamp, .shmExhausted, Int64(name.raw), Int64(why.rawValue), stamp.by)
  }

  /// Something became of a mutex or its condition variable; `other` is whom it was done to or by.
  static func lock(
    _ stamp: EventStamp, _ kind: Kind, _ mutex: MutexIndex, _ name: NameID, holder: ProcessID,
    waiters: Int, other: ProcessID
  ) -> Event {
    Event(
      stamp, kind, Int64(mutex.rawValue), Int64(name.raw), Int64(holder.raw), Int64(waiters),
      Int64(other.raw), stamp.by)
  }

  // MARK: container

  static func containerCreated(_ stamp: EventStamp, _ id: ContainerID, initial: ProcessID)
    -> Event
  {
    Event(stamp, .containerCreate, Int64(id.raw), Int64(initial.raw), stamp.by)
  }

  static func containerEntered(
    _ stamp: EventStamp, _ id: ContainerID, initial: ProcessID, as number: GuestPID
  ) -> Event {
    Event(
      stamp, .containerEnter, Int64(id.raw), Int64(initial.raw), Int64(number.raw), stamp.by)
  }

  static func containerRooted(
    _ stamp: EventStamp, _ id: ContainerID, _ path: NameID, _ root: FileID
  ) -> Event {
    Event(stamp, .containerRoot, Int64(id.raw), Int64(path.raw), root.column, stamp.by)
  }

  static func containerLimited(_ stamp: EventStamp, _ id: ContainerID, limit: Int32, held: Int)
    -> Event
  {
    Event(stamp, .containerBudget, Int64(id.raw), Int64(limit), Int64(held), stamp.by)
  }

  /// A container has ended, and so much of the disk is left in use that it has taken.
  static func containerEnded(
    _ stamp: EventStamp, _ id: ContainerID, status: Int32, inodes: Int, blocks: Int
  ) -> Event {
    Event(
      stamp, .containerEnd, Int64(id.raw), Int64(status), Int64(inodes), Int64(blocks), stamp.by)
  }

  // MARK: process

  static func forked(
    _ stamp: EventStamp, child: ProcessID, as number: GuestPID, name: NameID,
    threadOf leader: ProcessID = .none
  ) -> Event {
    Event(
      stamp, .fork, Int64(child.raw), Int64(name.raw), Int64(number.raw), Int64(leader.raw),
      stamp.by)
  }

  static func executed(
    _ stamp: EventStamp, path: NameID, argumentCount: Int, _ file: FileID, image: UInt64
  ) -> Event {
    Event(
      stamp, .exec, Int64(path.raw), Int64(argumentCount), file.column, stamp.by,
      Int64(bitPattern: image))
  }

  static func exited(_ stamp: EventStamp, status: Int32, _ cause: ExitCause) -> Event {
    Event(stamp, .exit, Int64(status), cause.rawValue, stamp.by)
  }

  static func reaped(_ stamp: EventStamp, child: ProcessID, status: Int32) -> Event {
    Event(stamp, .reap, Int64(child.raw), Int64(status), stamp.by)
  }

  static func adopted(_ stamp: EventStamp, from old: ProcessID, by new: ProcessID) -> Event {
    Event(stamp, .adopt, Int64(old.raw), Int64(new.raw), stamp.by)
  }

  static func killed(_ stamp: EventStamp, _ target: ProcessID) -> Event {
    Event(stamp, .kill, Int64(target.raw), stamp.by)
  }

  /// A slot or another resource was refused: why, how many there are, how many were held, and which group
  /// refused.
  static func refused(
    _ stamp: EventStamp, _ why: Refusal, limit: Int, held: Int, group: GroupID = .none,
    of resource: NameID = .empty
  ) -> Event {
    Event(
      stamp, .refuse, stamp.by, Int64(why.rawValue), Int64(limit), Int64(held),
      Int64(group.raw), Int64(resource.raw))
  }

  /// A process has set a limit for itself and all below it; so many count in it.
  static func processesLimited(_ stamp: EventStamp, limit: Int32, held: Int) -> Event {
    Event(stamp, .processBudget, Int64(limit), Int64(held), stamp.by)
  }

  /// A program that is not marked as built for this machine made one of the machine's own calls.
  static func foreignCall(_ stamp: EventStamp, _ program: NameID) -> Event {
    Event(stamp, .foreignCall, stamp.by, Int64(program.raw))
  }

  // MARK: group

  static func groupMade(
    _ stamp: EventStamp, _ group: GroupID, in parent: GroupID, _ name: NameID, owner: ContainerID
  ) -> Event {
    Event(
      stamp, .groupMake, Int64(group.raw), Int64(parent.raw), Int64(name.raw), Int64(owner.raw),
      stamp.by)
  }

  static func groupRemoved(_ stamp: EventStamp, _ group: GroupID) -> Event {
    Event(stamp, .groupRemove, Int64(group.raw), stamp.by)
  }

  static func groupEntered(
    _ stamp: EventStamp, _ group: GroupID, from old: GroupID, by mover: ProcessID
  ) -> Event {
    Event(
      stamp, .groupEnter, Int64(group.raw), Int64(old.raw), Int64(mover.raw), stamp.by)
  }

  /// A file of a group has a new value; nil for `max`.
  static func groupLimited(
    _ stamp: EventStamp, _ group: GroupID, _ file: NameID, to value: Int?, more: Int = 0
  ) -> Event {
    Event(
      stamp, .groupLimit, Int64(group.raw), Int64(file.raw), Int64(value ?? -1), Int64(more),
      stamp.by)
  }

  /// A group has used its quota, or may run again.
  static func throttling(
    _ stamp: EventStamp, _ kind: Kind, _ group: GroupID, _ processor: ProcessorUse
  ) -> Event {
    Event(
      stamp, kind, Int64(group.raw), Int64(clamping: processor.used),
      processor.quota.map { Int64(clamping: $0) } ?? -1, Int64(clamping: processor.period), stamp.by
    )
  }

  /// What a group has of a resource, and the most that it had since that was last told.
  static func groupUsed(
    _ stamp: EventStamp, _ group: GroupID, _ resource: NameID, _ use: ResourceUse
  ) -> Event {
    Event(
      stamp, .groupUse, Int64(group.raw), Int64(resource.raw), Int64(use.held), Int64(use.most),
      Int64(use.limit ?? -1))
  }

  // MARK: path and file

  /// A path was followed, the whole of it or up to the directory of its last name.
  static func resolved(
    _ stamp: EventStamp, _ path: NameID, root: FileID, found: FileID?, layer: Int?,
    isInside: Bool, leavesLast: Bool
  ) -> Event {
    let place = (found ?? .none).column | Int64((layer ?? -1) + 1) << ResolveEvent.layerShift
    return Event(
      stamp, .resolve, Int64(path.raw), root.column, place, isInside ? 1 : 0,
      leavesLast ? 1 : 0, stamp.by)
  }

  /// A descriptor has been opened: of a file, or of a pipe, which is none.
  static func opened(_ stamp: EventStamp, descriptor: Int, _ file: FileID?, flags: OpenFlags)
    -> Event
  {
    Event(
      stamp, .open, Int64(descriptor), (file ?? .none).column, Int64(flags.rawValue), stamp.by)
  }

  static func closed(_ stamp: EventStamp, descriptor: Int, _ file: FileID?) -> Event {
    Event(stamp, .close, Int64(descriptor), (file ?? .none).column, stamp.by)
  }

  static func openedDevice(
    _ stamp: EventStamp, descriptor: Int, _ facts: FileFacts, _ flags: OpenFlags
  )
    -> Event
  {
    Event(
      stamp, .device, Int64(descriptor), Int64(facts.major), Int64(facts.minor),
      Int64(flags.rawValue), stamp.by)
  }

  static func openedPipe(_ stamp: EventStamp, reading: Int, writing: Int, _ pipe: PipeIndex)
    -> Event
  {
    Event(stamp, .pipe, Int64(reading), Int64(writing), Int64(pipe.rawValue), stamp.by)
  }

  /// A process in a group has moved bytes from a file or to it.
  static func movedData(
    _ stamp: EventStamp, _ file: FileID, count: Int, isWrite: Bool, in group: GroupID
  ) -> Event {
    Event(
      stamp, .transfer, file.column, Int64(count), isWrite ? 1 : 0, Int64(group.raw), stamp.by)
  }

  // MARK: mounts

  /// Something was mounted, or what is mounted got other flags.
  static func mounted(
    _ stamp: EventStamp, _ id: MountID, _ mount: Mount, target: NameID, source: NameID,
    flags: MountFlags
  ) -> Event {
    Event(
      stamp, .mount, Int64(id.rawValue), Int64(target.raw), Int64(source.raw), mount.top.column,
      Int64(flags.rawValue), stamp.by)
  }

  static func unmounted(_ stamp: EventStamp, _ id: MountID, target: NameID) -> Event {
    Event(stamp, .unmount, Int64(id.rawValue), Int64(target.raw), stamp.by)
  }

  static func copiedUp(
    _ stamp: EventStamp, _ file: FileID, _ name: NameID, from lower: InodeNumber,
    to upper: InodeNumber, size: UInt32
  ) -> Event {
    Event(
      stamp, .copyUp, file.column, Int64(name.raw), Int64(lower), Int64(upper), Int64(size),
      stamp.by)
  }

  static func whitedOut(_ stamp: EventStamp, _ directory: FileID, _ name: NameID) -> Event {
    Event(stamp, .whiteout, directory.column, Int64(name.raw), stamp.by)
  }

  // MARK: output and state

  /// Up to `outputCapacity` bytes left for the console: the kernel's own words, or what a call has
  /// written.
  static func printed(
    _ stamp: EventStamp, _ bytes: some Collection<UInt8>, isKernels: Bool
  ) -> Event {
    var event = Event(stamp, .output)
    event[OutputEvent.call] = isKernels ? 0 : stamp.by
    event.pack(bytes)
    return event
  }

  /// The kernel's own words about a process in a container.
  static func told(_ stamp: EventStamp, _ bytes: some Collection<UInt8>) -> Event {
    var event = Event(stamp, .message)
    event.pack(bytes)
    return event
  }

  static func digested(_ stamp: EventStamp, _ hash: UInt64, pages: Int) -> Event {
    Event(stamp, .digest, Int64(bitPattern: hash), Int64(pages))
  }

  static func booted(_ stamp: EventStamp, scenario: UInt64, harts: Int, _ limits: Limits)
    -> Event
  {
    Event(
      stamp, .boot, Int64(bitPattern: scenario), Int64(harts), Int64(limits.frames),
      Int64(limits.blocks))
  }

  static func deadlocked(_ stamp: EventStamp, on reason: WaitReason, heldBy holder: ProcessID)
    -> Event
  {
    Event(stamp, .deadlock, reason.code, reason.object, Int64(holder.raw))
  }

  static func ended(_ stamp: EventStamp, _ reason: EndReason, status: Int32, _ hash: UInt64)
    -> Event
  {
    Event(stamp, .end, reason.code, Int64(status), Int64(bitPattern: hash))
  }
}
