// The vocabulary of events: which kind has which columns, what each is called, and what it holds. All
// else comes from here: how Swift reaches a column (`event[ForkEvent.child]`), what it is in SQL
// (`e.\(ForkEvent.child)`) and what it is called in views, `dump`, `--live`, divergences and
// `docs/schema.md`. A column that is renamed, moved or given another type is one line here; whoever
// reads it is found by the compiler. A new kind has a line in `form`, and a type below if its columns
// are no other kind's. `call` is the call that caused an event, wherever one can have.

extension Event.Kind {
  /// The type that names its columns.
  public var form: any EventColumns.Type {
    switch self {
    case .call, .callReturn: CallEvent.self
    case .tick: TickEvent.self
    case .fault: FaultEvent.self
    case .input: InputEvent.self
    case .output, .message: OutputEvent.self
    case .dispatch: DispatchEvent.self
    case .wake: WakeEvent.self
    case .block: BlockEvent.self
    case .yield: YieldEvent.self
    case .priority: PriorityEvent.self
    case .idle: NoColumns.self
    case .inherit: InheritEvent.self
    case .shmCreate, .shmMap, .shmInherit, .shmUnmap, .shmFree: SharedPageEvent.self
    case .shmExhausted: SharedPagesExhaustedEvent.self
    case .shmAccess: SharedAccessEvent.self
    case .lockCreate, .lockAcquire, .lockContend, .lockHandOver, .lockRelease, .lockDelete,
      .lockAbandon, .cvWait, .cvSignal, .cvLatch, .cvWake:
      LockEvent.self
    case .fork: ForkEvent.self
    case .exec: ExecEvent.self
    case .exit: ExitEvent.self
    case .reap: ReapEvent.self
    case .adopt: AdoptEvent.self
    case .kill: KillEvent.self
    case .refuse: RefuseEvent.self
    case .foreignCall: ForeignCallEvent.self
    case .processBudget: ProcessBudgetEvent.self
    case .containerCreate: ContainerEvent.self
    case .containerEnter: ContainerEnterEvent.self
    case .containerRoot: ContainerRootEvent.self
    case .containerBudget: ContainerBudgetEvent.self
    case .containerEnd: ContainerEndEvent.self
    case .containerAddress: ContainerAddressEvent.self
    case .resolve: ResolveEvent.self
    case .mount: MountEvent.self
    case .unmount: UnmountEvent.self
    case .copyUp: CopyUpEvent.self
    case .whiteout: WhiteoutEvent.self
    case .open: OpenEvent.self
    case .close: CloseEvent.self
    case .device: DeviceEvent.self
    case .pipe: PipeEvent.self
    case .transfer: TransferEvent.self
    case .digest: DigestEvent.self
    case .boot: BootEvent.self
    case .deadlock: DeadlockEvent.self
    case .end: EndEvent.self
    case .groupMake: GroupMakeEvent.self
    case .groupRemove: GroupRemoveEvent.self
    case .groupEnter: GroupEnterEvent.self
    case .groupLimit: GroupLimitEvent.self
    case .throttle, .unthrottle: ThrottleEvent.self
    case .groupUse: GroupUseEvent.self
    case .socketOpen: SocketOpenEvent.self
    case .socketBind: SocketBindEvent.self
    case .socketListen: SocketListenEvent.self
    case .socketConnect: SocketConnectEvent.self
    case .socketAccept: SocketAcceptEvent.self
    case .socketRefuse: SocketRefuseEvent.self
    case .socketSend, .socketReceive: SocketTransferEvent.self
    case .socketDrop: SocketDropEvent.self
    case .socketShutDown: SocketShutDownEvent.self
    case .socketClose: SocketCloseEvent.self
    case .hostOpen: HostOpenEvent.self
    case .hostOutput: HostOutputEvent.self
    }
  }

  /// What its columns are, in order; those beyond are 0.
  public var columns: [EventColumn] { form.all }
}

// MARK: trap

/// `call` and `return`: what was asked, and what came of it; `value` and `why` are the answer's.
public enum CallEvent: EventColumns {
  @inlinable public static var number: Column<Int64> { Column(0, "number", .call) }
  @inlinable public static var arg0: Column<UInt64> { Column(1, "arg0", .integer) }
  @inlinable public static var arg1: Column<UInt64> { Column(2, "arg1", .integer) }
  @inlinable public static var arg2: Column<UInt64> { Column(3, "arg2", .integer) }
  @inlinable public static var value: Column<Int64> { Column(4, "value") }
  @inlinable public static var why: Column<Int64> { Column(5, "why", .refusal) }
  public static let all = list(number, arg0, arg1, arg2, value, why)
}

/// `tick`: a hart's clock got to the beginning of a tick.
public enum TickEvent: EventColumns {
  @inlinable public static var tick: Column<Int64> { Column(0, "tick") }
  @inlinable public static var pc: Column<UInt64> { Column(1, "pc") }
  public static let all = list(tick, pc)
}

/// `fault`: an instruction could not be executed.
public enum FaultEvent: EventColumns {
  @inlinable public static var cause: Column<Int64> { Column(0, "cause", .cause) }
  @inlinable public static var pc: Column<UInt64> { Column(1, "pc") }
  @inlinable public static var address: Column<UInt64> { Column(2, "address") }
  public static let all = list(cause, pc, address)
}

/// `input`: bytes arrived at the console.
public enum InputEvent: EventColumns {
  @inlinable public static var count: Column<Int64> { Column(0, "count") }
  @inlinable public static var bytes: Column<Int64> { Column(1, "bytes", .packed) }
  public static let all = list(count, bytes)
}

// MARK: sched

/// `dispatch`: a process got a hart.
public enum DispatchEvent: EventColumns {
  @inlinable public static var previous: Column<ProcessID> { Column(0, "previous") }
  @inlinable public static var options: Column<Int64> { Column(1, "options") }
  @inlinable public static var priority: Column<Int64> { Column(2, "priority") }
  @inlinable public static var chosen: Column<Int64> { Column(3, "chosen") }
  @inlinable public static var rank: Column<Int64> { Column(4, "rank") }
  @inlinable public static var measure: Column<Int64> { Column(5, "measure") }
  public static let all = list(previous, options, priority, chosen, rank, measure)
}

/// `wake`: a process need not wait any longer.
public enum WakeEvent: EventColumns {
  @inlinable public static var waker: Column<ProcessID> { Column(0, "waker") }
  @inlinable public static var reason: Column<Int64> { Column(1, "reason", .wait) }
  @inlinable public static var object: Column<Int64> { Column(2, "object") }
  @inlinable public static var call: Column<Int64> { Column(3, "call", .source) }
  public static let all = list(waker, reason, object, call)
}

/// `block`: a process waits.
public enum BlockEvent: EventColumns {
  @inlinable public static var reason: Column<Int64> { Column(0, "reason", .wait) }
  @inlinable public static var object: Column<Int64> { Column(1, "object") }
  @inlinable public static var call: Column<Int64> { Column(2, "call", .source) }
  public static let all = list(reason, object, call)
}

/// `yield`: a process gave way to another.
public enum YieldEvent: EventColumns {
  @inlinable public static var why: Column<Int64> { Column(0, "why", .yield) }
  @inlinable public static var priority: Column<Int64> { Column(1, "priority") }
  public static let all = list(why, priority)
}

/// `priority`: a process was given one.
public enum PriorityEvent: EventColumns {
  @inlinable public static var old: Column<Int64> { Column(0, "old") }
  @inlinable public static var new: Column<Int64> { Column(1, "new") }
  @inlinable public static var by: Column<ProcessID> { Column(2, "by") }
  @inlinable public static var call: Column<Int64> { Column(3, "call", .source) }
  public static let all = list(old, new, by, call)
}

/// `inherit`: a process has another priority because of those who wait for its mutexes. Where it has its own
/// again, `mutex` is -1 and there is no donor.
public enum InheritEvent: EventColumns {
  @inlinable public static var old: Column<Int64> { Column(0, "old") }
  @inlinable public static var new: Column<Int64> { Column(1, "new") }
  @inlinable public static var mutex: Column<Int64> { Column(2, "mutex") }
  @inlinable public static var name: Column<NameID> { Column(3, "name") }
  @inlinable public static var donor: Column<ProcessID> { Column(4, "donor") }
  @inlinable public static var call: Column<Int64> { Column(5, "call", .source) }
  public static let all = list(old, new, mutex, name, donor, call)
}

/// `idle`: a hart found nothing to do.
public enum NoColumns: EventColumns { public static let all: [EventColumn] = [] }

// MARK: shm

/// `shm_create` to `shm_free`: something became of a shared page.
public enum SharedPageEvent: EventColumns {
  @inlinable public static var name: Column<NameID> { Column(0, "name") }
  @inlinable public static var frame: Column<Int64> { Column(1, "frame") }
  @inlinable public static var address: Column<UInt64> { Column(2, "address") }
  @inlinable public static var mappers: Column<Int64> { Column(3, "mappers") }
  @inlinable public static var call: Column<Int64> { Column(4, "call", .source) }
  public static let all = list(name, frame, address, mappers, call)
}

/// `shm_exhausted`: there was no room for a shared page.
public enum SharedPagesExhaustedEvent: EventColumns {
  @inlinable public static var name: Column<NameID> { Column(0, "name") }
  @inlinable public static var why: Column<Int64> { Column(1, "why", .refusal) }
  @inlinable public static var call: Column<Int64> { Column(2, "call", .source) }
  public static let all = list(name, why, call)
}

/// `shm_access`: a load from a shared page, or a store to it.
public enum SharedAccessEvent: EventColumns {
  @inlinable public static var address: Column<UInt64> { Column(0, "address") }
  @inlinable public static var size: Column<Int64> { Column(1, "size") }
  @inlinable public static var value: Column<Int64> { Column(2, "value") }
  @inlinable public static var store: Column<Bool> { Column(3, "store") }
  @inlinable public static var pc: Column<UInt64> { Column(4, "pc") }
  public static let all = list(address, size, value, store, pc)
}

// MARK: lock

/// `lock_create` to `cv_wake`: something became of a mutex or its condition variable.
public enum LockEvent: EventColumns {
  @inlinable public static var mutex: Column<Int64> { Column(0, "mutex") }
  @inlinable public static var name: Column<NameID> { Column(1, "name") }
  @inlinable public static var holder: Column<ProcessID> { Column(2, "holder") }
  @inlinable public static var waiters: Column<Int64> { Column(3, "waiters") }
  @inlinable public static var other: Column<ProcessID> { Column(4, "other") }
  @inlinable public static var call: Column<Int64> { Column(5, "call", .source) }
  public static let all = list(mutex, name, holder, waiters, other, call)
}

// MARK: process

/// `fork`: a process made another, or another thread of its own: `leader` is that one's first thread then, otherwise 0. `number`
/// is the one that a container has given the child, 0 outside any.
public enum ForkEvent: EventColumns {
  @inlinable public static var child: Column<ProcessID> { Column(0, "child") }
  @inlinable public static var name: Column<NameID> { Column(1, "name") }
  @inlinable public static var number: Column<GuestPID> { Column(2, "container_pid") }
  @inlinable public static var leader: Column<ProcessID> { Column(3, "leader") }
  @inlinable public static var call: Column<Int64> { Column(4, "call", .source) }
  public static let all = list(child, name, number, leader, call)
}

/// `exec`: a process became another program. `image` tells files of programs apart that may have
/// symbols; it is 0 for those that have none.
public enum ExecEvent: EventColumns {
  @inlinable public static var path: Column<NameID> { Column(0, "path") }
  @inlinable public static var argc: Column<Int64> { Column(1, "argc") }
  @inlinable public static var inode: Column<FileID> { Column(2, "inode") }
  @inlinable public static var call: Column<Int64> { Column(3, "call", .source) }
  @inlinable public static var image: Column<UInt64> { Column(4, "image", .hash) }
  public static let all = list(path, argc, inode, call, image)
}

/// `exit`: a process ended.
public enum ExitEvent: EventColumns {
  @inlinable public static var status: Column<Int64> { Column(0, "status") }
  @inlinable public static var how: Column<Int64> { Column(1, "how") }
  @inlinable public static var call: Column<Int64> { Column(2, "call", .source) }
  public static let all = list(status, how, call)
}

/// `reap`: a process's slot was given back.
public enum ReapEvent: EventColumns {
  @inlinable public static var child: Column<ProcessID> { Column(0, "child") }
  @inlinable public static var status: Column<Int64> { Column(1, "status") }
  @inlinable public static var call: Column<Int64> { Column(2, "call", .source) }
  public static let all = list(child, status, call)
}

/// `adopt`: a process got another parent.
public enum AdoptEvent: EventColumns {
  @inlinable public static var from: Column<ProcessID> { Column(0, "from") }
  @inlinable public static var to: Column<ProcessID> { Column(1, "to") }
  @inlinable public static var call: Column<Int64> { Column(2, "call", .source) }
  public static let all = list(from, to, call)
}

/// `kill`: a process killed another.
public enum KillEvent: EventColumns {
  @inlinable public static var target: Column<ProcessID> { Column(0, "target") }
  @inlinable public static var call: Column<Int64> { Column(1, "call", .source) }
  public static let all = list(target, call)
}

/// `refuse`: another process was refused, or another of a group's resource; the group whose limit that was, 0 where
/// it was the machine's or one of maxproc.
public enum RefuseEvent: EventColumns {
  @inlinable public static var call: Column<Int64> { Column(0, "call", .source) }
  @inlinable public static var why: Column<Int64> { Column(1, "why", .refusal) }
  @inlinable public static var limit: Column<Int64> { Column(2, "limit") }
  @inlinable public static var held: Column<Int64> { Column(3, "held") }
  @inlinable public static var group: Column<GroupID> { Column(4, "group_id") }
  @inlinable public static var resource: Column<NameID> { Column(5, "resource") }
  public static let all = list(call, why, limit, held, group, resource)
}

/// `process_budget`: a process set a limit for itself and all below it, of whom there are so many.
public enum ProcessBudgetEvent: EventColumns {
  @inlinable public static var limit: Column<Int64> { Column(0, "limit") }
  @inlinable public static var held: Column<Int64> { Column(1, "held") }
  @inlinable public static var call: Column<Int64> { Column(2, "call", .source) }
  public static let all = list(limit, held, call)
}

/// `foreign_call`: a program that is not marked as built for this machine made one of its calls.
public enum ForeignCallEvent: EventColumns {
  @inlinable public static var call: Column<Int64> { Column(0, "call", .source) }
  @inlinable public static var name: Column<NameID> { Column(1, "name") }
  public static let all = list(call, name)
}

// MARK: container

/// `container_create`: a process made a container, whose init it is.
public enum ContainerEvent: EventColumns {
  @inlinable public static var cid: Column<ContainerID> { Column(0, "cid") }
  @inlinable public static var initial: Column<ProcessID> { Column(1, "init") }
  @inlinable public static var call: Column<Int64> { Column(2, "call", .source) }
  public static let all = list(cid, initial, call)
}

/// `container_enter`: a process came into a container, which gave it a number of its own.
public enum ContainerEnterEvent: EventColumns {
  @inlinable public static var cid: Column<ContainerID> { Column(0, "cid") }
  @inlinable public static var initial: Column<ProcessID> { Column(1, "init") }
  @inlinable public static var number: Column<GuestPID> { Column(2, "container_pid") }
  @inlinable public static var call: Column<Int64> { Column(3, "call", .source) }
  public static let all = list(cid, initial, number, call)
}

/// `container_root`: a container's root was set.
public enum ContainerRootEvent: EventColumns {
  @inlinable public static var cid: Column<ContainerID> { Column(0, "cid") }
  @inlinable public static var path: Column<NameID> { Column(1, "path") }
  @inlinable public static var inode: Column<FileID> { Column(2, "inode") }
  @inlinable public static var call: Column<Int64> { Column(3, "call", .source) }
  public static let all = list(cid, path, inode, call)
}

/// `container_budget`: a container was given a limit.
public enum ContainerBudgetEvent: EventColumns {
  @inlinable public static var cid: Column<ContainerID> { Column(0, "cid") }
  @inlinable public static var limit: Column<Int64> { Column(1, "limit") }
  @inlinable public static var held: Column<Int64> { Column(2, "held") }
  @inlinable public static var call: Column<Int64> { Column(3, "call", .source) }
  public static let all = list(cid, limit, held, call)
}

/// `container_end`: a container ended, and left so much of the disk in use.
public enum ContainerEndEvent: EventColumns {
  @inlinable public static var cid: Column<ContainerID> { Column(0, "cid") }
  @inlinable public static var status: Column<Int64> { Column(1, "status") }
  @inlinable public static var inodes: Column<Int64> { Column(2, "inodes") }
  @inlinable public static var blocks: Column<Int64> { Column(3, "blocks") }
  @inlinable public static var call: Column<Int64> { Column(4, "call", .source) }
  public static let all = list(cid, status, inodes, blocks, call)
}

// MARK: group

/// `group_make`: a group was made below another, in the part of the tree that is a container's, or 0.
public enum GroupMakeEvent: EventColumns {
  @inlinable public static var group: Column<GroupID> { Column(0, "group_id") }
  @inlinable public static var parent: Column<GroupID> { Column(1, "parent_group") }
  @inlinable public static var name: Column<NameID> { Column(2, "name") }
  @inlinable public static var owner: Column<ContainerID> { Column(3, "cid") }
  @inlinable public static var call: Column<Int64> { Column(4, "call", .source) }
  public static let all = list(group, parent, name, owner, call)
}

/// `group_remove`: a group was removed.
public enum GroupRemoveEvent: EventColumns {
  @inlinable public static var group: Column<GroupID> { Column(0, "group_id") }
  @inlinable public static var call: Column<Int64> { Column(1, "call", .source) }
  public static let all = list(group, call)
}

/// `group_enter`: a process was moved into a group; its children begin there without one.
public enum GroupEnterEvent: EventColumns {
  @inlinable public static var group: Column<GroupID> { Column(0, "group_id") }
  @inlinable public static var from: Column<GroupID> { Column(1, "from_group") }
  @inlinable public static var by: Column<ProcessID> { Column(2, "by") }
  @inlinable public static var call: Column<Int64> { Column(3, "call", .source) }
  public static let all = list(group, from, by, call)
}

/// `group_limit`: a file of a group was given a value, -1 for `max`, and what else stands in it.
public enum GroupLimitEvent: EventColumns {
  @inlinable public static var group: Column<GroupID> { Column(0, "group_id") }
  @inlinable public static var file: Column<NameID> { Column(1, "control") }
  @inlinable public static var value: Column<Int64> { Column(2, "value") }
  @inlinable public static var more: Column<Int64> { Column(3, "more") }
  @inlinable public static var call: Column<Int64> { Column(4, "call", .source) }
  public static let all = list(group, file, value, more, call)
}

/// `throttle`: a group had used its quota, and runs no more in this period; `unthrottle`: it may run again. `used` is
/// since the period began, with what was owed from before.
public enum ThrottleEvent: EventColumns {
  @inlinable public static var group: Column<GroupID> { Column(0, "group_id") }
  @inlinable public static var used: Column<Int64> { Column(1, "used") }
  @inlinable public static var quota: Column<Int64> { Column(2, "quota") }
  @inlinable public static var period: Column<Int64> { Column(3, "period") }
  @inlinable public static var call: Column<Int64> { Column(4, "call", .source) }
  public static let all = list(group, used, quota, period, call)
}

/// `group_use`: what a group has of a resource, told at a tick, before the machine is idle beyond one, and at the end, if
/// it has changed since that was last told; the most of it since then; and how much it may have, -1 for `max`.
public enum GroupUseEvent: EventColumns {
  @inlinable public static var group: Column<GroupID> { Column(0, "group_id") }
  @inlinable public static var resource: Column<NameID> { Column(1, "resource") }
  @inlinable public static var held: Column<Int64> { Column(2, "held") }
  @inlinable public static var most: Column<Int64> { Column(3, "most") }
  @inlinable public static var limit: Column<Int64> { Column(4, "limit") }
  public static let all = list(group, resource, held, most, limit)
}

// MARK: path and file

/// `resolve`: a path was followed, the whole of it or up to the directory of its last name.
public enum ResolveEvent: EventColumns {
  @inlinable public static var path: Column<NameID> { Column(0, "path") }
  @inlinable public static var root: Column<FileID> { Column(1, "root") }
  @inlinable public static var inode: Column<FileID> { Column(2, "inode") }
  /// In a union, the bits from `layerShift` on hold one more than the layer in which it was found: the
  /// upper layer is 0, the topmost lower one 1.
  public static let layerShift: Int64 = 48
  @inlinable public static var inside: Column<Bool> { Column(3, "inside") }
  @inlinable public static var parentOnly: Column<Bool> { Column(4, "parent_only") }
  @inlinable public static var call: Column<Int64> { Column(5, "call", .source) }
  public static let all = list(path, root, inode, inside, parentOnly, call)
}

/// `mount`: something was mounted at a path, or the flags of what is mounted there were changed.
public enum MountEvent: EventColumns {
  @inlinable public static var mount: Column<Int64> { Column(0, "mount") }
  @inlinable public static var target: Column<NameID> { Column(1, "target") }
  @inlinable public static var source: Column<NameID> { Column(2, "source") }
  @inlinable public static var inode: Column<FileID> { Column(3, "inode") }
  @inlinable public static var flags: Column<Int64> { Column(4, "flags") }
  @inlinable public static var call: Column<Int64> { Column(5, "call", .source) }
  public static let all = list(mount, target, source, inode, flags, call)
}

/// `umount`: what was mounted at a path was taken away.
public enum UnmountEvent: EventColumns {
  @inlinable public static var mount: Column<Int64> { Column(0, "mount") }
  @inlinable public static var target: Column<NameID> { Column(1, "target") }
  @inlinable public static var call: Column<Int64> { Column(2, "call", .source) }
  public static let all = list(mount, target, call)
}

/// `copy_up`: a union has copied a file or directory of a lower layer into its upper layer.
public enum CopyUpEvent: EventColumns {
  @inlinable public static var inode: Column<FileID> { Column(0, "inode") }
  @inlinable public static var name: Column<NameID> { Column(1, "name") }
  @inlinable public static var from: Column<Int64> { Column(2, "lower_inode") }
  @inlinable public static var to: Column<Int64> { Column(3, "upper_inode") }
  @inlinable public static var size: Column<Int64> { Column(4, "size") }
  @inlinable public static var call: Column<Int64> { Column(5, "call", .source) }
  public static let all = list(inode, name, from, to, size, call)
}

/// `whiteout`: a name was removed from a union and stands in a lower layer, so that the upper one hides
/// it.
public enum WhiteoutEvent: EventColumns {
  /// The directory, as the union shows it.
  @inlinable public static var inode: Column<FileID> { Column(0, "inode") }
  @inlinable public static var name: Column<NameID> { Column(1, "name") }
  @inlinable public static var call: Column<Int64> { Column(2, "call", .source) }
  public static let all = list(inode, name, call)
}

/// `open`: a file got a descriptor.
public enum OpenEvent: EventColumns {
  @inlinable public static var descriptor: Column<Int64> { Column(0, "fd") }
  @inlinable public static var inode: Column<FileID> { Column(1, "inode") }
  @inlinable public static var flags: Column<Int64> { Column(2, "flags") }
  @inlinable public static var call: Column<Int64> { Column(3, "call", .source) }
  public static let all = list(descriptor, inode, flags, call)
}

/// `close`: an open file lost its last descriptor, or a descriptor was given back.
public enum CloseEvent: EventColumns {
  @inlinable public static var descriptor: Column<Int64> { Column(0, "fd") }
  @inlinable public static var inode: Column<FileID> { Column(1, "inode") }
  @inlinable public static var call: Column<Int64> { Column(2, "call", .source) }
  public static let all = list(descriptor, inode, call)
}

/// `device`: a device got a descriptor.
public enum DeviceEvent: EventColumns {
  @inlinable public static var descriptor: Column<Int64> { Column(0, "fd") }
  @inlinable public static var major: Column<Int64> { Column(1, "major") }
  @inlinable public static var minor: Column<Int64> { Column(2, "minor") }
  @inlinable public static var flags: Column<Int64> { Column(3, "flags") }
  @inlinable public static var call: Column<Int64> { Column(4, "call", .source) }
  public static let all = list(descriptor, major, minor, flags, call)
}

/// `pipe`: a pipe got two descriptors.
public enum PipeEvent: EventColumns {
  @inlinable public static var reading: Column<Int64> { Column(0, "read_fd") }
  @inlinable public static var writing: Column<Int64> { Column(1, "write_fd") }
  @inlinable public static var pipe: Column<Int64> { Column(2, "pipe") }
  @inlinable public static var call: Column<Int64> { Column(3, "call", .source) }
  public static let all = list(reading, writing, pipe, call)
}

/// `transfer`: a process in a group moved file data, where some group has a limit of that.
public enum TransferEvent: EventColumns {
  @inlinable public static var inode: Column<FileID> { Column(0, "inode") }
  @inlinable public static var count: Column<Int64> { Column(1, "count") }
  @inlinable public static var write: Column<Bool> { Column(2, "write") }
  @inlinable public static var group: Column<GroupID> { Column(3, "group_id") }
  @inlinable public static var call: Column<Int64> { Column(4, "call", .source) }
  public static let all = list(inode, count, write, group, call)
}

// MARK: output and state

/// `output`: bytes left for the console, a call's or, where there is none, the kernel's own words.
/// `message`: the kernel's own words about a process in a container, which do not reach the console.
public enum OutputEvent: EventColumns {
  @inlinable public static var count: Column<Int64> { Column(0, "count") }
  @inlinable public static var call: Column<Int64> { Column(1, "call", .source) }
  @inlinable public static var bytes: Column<Int64> { Column(2, "bytes", .packed) }
  public static let all = list(count, call, bytes)
}

/// `digest`: what the machine's state was.
public enum DigestEvent: EventColumns {
  @inlinable public static var hash: Column<UInt64> { Column(0, "hash", .hash) }
  @inlinable public static var pages: Column<Int64> { Column(1, "pages") }
  public static let all = list(hash, pages)
}

/// `boot`: the machine was switched on.
public enum BootEvent: EventColumns {
  @inlinable public static var scenario: Column<UInt64> { Column(0, "scenario", .hash) }
  @inlinable public static var harts: Column<Int64> { Column(1, "harts") }
  @inlinable public static var pages: Column<Int64> { Column(2, "pages") }
  @inlinable public static var blocks: Column<Int64> { Column(3, "blocks") }
  public static let all = list(scenario, harts, pages, blocks)
}

/// `deadlock`: a process can never go on.
public enum DeadlockEvent: EventColumns {
  @inlinable public static var reason: Column<Int64> { Column(0, "reason", .wait) }
  @inlinable public static var object: Column<Int64> { Column(1, "object") }
  @inlinable public static var holder: Column<ProcessID> { Column(2, "holder") }
  public static let all = list(reason, object, holder)
}

/// `end`: the session is over.
public enum EndEvent: EventColumns {
  @inlinable public static var how: Column<Int64> { Column(0, "how", .end) }
  @inlinable public static var status: Column<Int64> { Column(1, "status") }
  @inlinable public static var hash: Column<UInt64> { Column(2, "hash", .hash) }
  public static let all = list(how, status, hash)
}
