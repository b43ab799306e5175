// An event is a plain value of fixed size: emitting one allocates nothing. What its six columns
// mean depends on its kind and is said once, in `Event+Columns.swift`; the constructors in
// `Event+Constructors.swift` fill them, and everybody else reaches them by their names.

/// Something that happened in the machine.
public struct Event: Hashable, Sendable {
  /// Virtual time at which it happened.
  public var time: Instant
  /// The process it happened to; `.none` for the machine itself.
  public var process: ProcessID
  /// The container of that process.
  public var container: ContainerID
  /// The hart on which it happened.
  public var hart: HartID
  public var kind: Kind
  /// What the kind's columns say; unused ones are 0. Outside of Sim nobody sees these.
  @usableFromInline var a0, a1, a2, a3, a4, a5: Int64

  @inlinable
  public init(
    time: Instant, hart: HartID, kind: Kind, process: ProcessID, container: ContainerID,
    _ a0: Int64 = 0, _ a1: Int64 = 0, _ a2: Int64 = 0, _ a3: Int64 = 0, _ a4: Int64 = 0,
    _ a5: Int64 = 0
  ) {
    self.time = time
    self.process = process
    self.container = container
    self.hart = hart
    self.kind = kind
    self.a0 = a0
    self.a1 = a1
    self.a2 = a2
    self.a3 = a3
    self.a4 = a4
    self.a5 = a5
  }

  /// The six columns in order, for code that stores or compares events without interpreting them.
  @inlinable
  public var words: (Int64, Int64, Int64, Int64, Int64, Int64) { (a0, a1, a2, a3, a4, a5) }

  /// One of the six columns, counted from 0.
  @inlinable
  subscript(position position: Int) -> Int64 {
    get {
      switch position {
      case 0: a0
      case 1: a1
      case 2: a2
      case 3: a3
      case 4: a4
      case 5: a5
      default: preconditionFailure("column \(position) of an event; expected 0 to 5")
      }
    }
    set {
      switch position {
      case 0: a0 = newValue
      case 1: a1 = newValue
      case 2: a2 = newValue
      case 3: a3 = newValue
      case 4: a4 = newValue
      case 5: a5 = newValue
      default: preconditionFailure("column \(position) of an event; expected 0 to 5")
      }
    }
  }
}

extension Event {
  /// Which view of a trace it is in.
  public enum Family: String, Sendable, CaseIterable {
    case trap, sched, shm, lock, process, container, path, file, output, state, group, socket
  }

  /// What happened. The raw values are the trace format: never reused, grouped in tens by family.
  public enum Kind: UInt8, Sendable, CaseIterable {
    case call = 1
    case callReturn, tick, fault, input
    case dispatch = 10
    case wake, block, yield, priority, idle, inherit
    case shmCreate = 20
    case shmMap, shmInherit, shmUnmap, shmFree, shmExhausted, shmAccess
    case lockCreate = 30
    case lockAcquire, lockContend, lockHandOver, lockRelease, lockDelete
    case lockAbandon, cvWait, cvSignal, cvLatch, cvWake
    case fork = 50
    case exec, exit, reap, adopt, kill, refuse, foreignCall, processBudget
    case containerCreate = 60
    case containerEnter, containerRoot, containerBudget, containerEnd
    case containerAddress
    case resolve = 70
    case mount, unmount, copyUp, whiteout
    case open = 80
    case close, device, pipe, transfer
    case output = 90
    case message
    case digest = 100
    case boot, deadlock, end
    case groupMake = 110
    case groupRemove, groupEnter, groupLimit, throttle, unthrottle, groupUse
    case socketOpen = 120
    case socketBind, socketListen, socketConnect, socketAccept, socketRefuse
    case socketSend, socketReceive, socketDrop, socketShutDown, socketClose
    case hostOpen, hostOutput
  }
}

extension Event.Kind {
  public var family: Event.Family {
    switch self {
    case .call, .callReturn, .tick, .fault, .input: .trap
    case .dispatch, .wake, .block, .yield, .priority, .idle, .inherit: .sched
    case .shmCreate, .shmMap, .shmInherit, .shmUnmap, .shmFree, .shmExhausted, .shmAccess: .shm
    case .lockCreate, .lockAcquire, .lockContend, .lockHandOver, .lockRelease, .lockDelete,
      .lockAbandon, .cvWait, .cvSignal, .cvLatch, .cvWake:
      .lock
    case .fork, .exec, .exit, .reap, .adopt, .kill, .refuse, .foreignCall, .processBudget:
      .process
    case .containerCreate, .containerEnter, .containerRoot, .containerBudget, .containerEnd,
      .containerAddress:
      .container
    case .resolve, .mount, .unmount, .copyUp, .whiteout: .path
    case .open, .close, .device, .pipe, .transfer: .file
    case .output, .message: .output
    case .digest, .boot, .deadlock, .end: .state
    case .groupMake, .groupRemove, .groupEnter, .groupLimit, .throttle, .unthrottle, .groupUse:
      .group
    case .socketOpen, .socketBind, .socketListen, .socketConnect, .socketAccept, .socketRefuse,
      .socketSend, .socketReceive, .socketDrop, .socketShutDown, .socketClose, .hostOpen,
      .hostOutput:
      .socket
    }
  }

  /// The kind's name in a trace and in messages: lower case words joined by `_`.
  public var name: String {
    switch self {
    case .call: "call"
    case .callReturn: "return"
    case .tick: "tick"
    case .fault: "fault"
    case .input: "input"
    case .dispatch: "dispatch"
    case .wake: "wake"
    case .block: "block"
    case .yield: "yield"
    case .priority: "priority"
    case .idle: "idle"
    case .inherit: "inherit"
    case .shmCreate: "shm_create"
    case .shmMap: "shm_map"
    case .shmInherit: "shm_inherit"
    case .shmUnmap: "shm_unmap"
    case .shmFree: "shm_free"
    case .shmExhausted: "shm_exhausted"
    case .shmAccess: "shm_access"
    case .lockCreate: "lock_create"
    case .lockAcquire: "lock_acquire"
    case .lockContend: "lock_contend"
    case .lockHandOver: "lock_hand_over"
    case .lockRelease: "lock_release"
    case .lockDelete: "lock_delete"
    case .lockAbandon: "lock_abandon"
    case .cvWait: "cv_wait"
    case .cvSignal: "cv_signal"
    case .cvLatch: "cv_latch"
    case .cvWake: "cv_wake"
    case .fork: "fork"
    case .exec: "exec"
    case .exit: "exit"
    case .reap: "reap"
    case .adopt: "adopt"
    case .kill: "kill"
    case .refuse: "refuse"
    case .foreignCall: "foreign_call"
    case .processBudget: "process_budget"
    case .containerCreate: "container_create"
    case .containerEnter: "container_enter"
    case .containerRoot: "container_root"
    case .containerBudget: "container_budget"
    case .containerEnd: "container_end"
    case .containerAddress: "container_address"
    case .resolve: "resolve"
    case .mount: "mount"
    case .unmount: "umount"
    case .copyUp: "copy_up"
    case .whiteout: "whiteout"
    case .open: "open"
    case .close: "close"
    case .device: "device"
    case .pipe: "pipe"
    case .transfer: "transfer"
    case .output: "output"
    case .message: "message"
    case .digest: "digest"
    case .boot: "boot"
    case .deadlock: "deadlock"
    case .end: "end"
    case .groupMake: "group_make"
    case .groupRemove: "group_remove"
    case .groupEnter: "group_enter"
    case .groupLimit: "group_limit"
    case .throttle: "throttle"
    case .unthrottle: "unthrottle"
    case .groupUse: "group_use"
    case .socketOpen: "socket_open"
    case .socketBind: "socket_bind"
    case .socketListen: "socket_listen"
    case .socketConnect: "socket_connect"
    case .socketAccept: "socket_accept"
    case .socketRefuse: "socket_refuse"
    case .socketSend: "socket_send"
    case .socketReceive: "socket_receive"
    case .socketDrop: "socket_drop"
    case .socketShutDown: "socket_shutdown"
    case .socketClose: "socket_close"
    case .hostOpen: "host_open"
    case .hostOutput: "host_output"
    }
  }
}

extension Event {
  /// `CallEvent.why` of a call that has not come back.
  public static let unreturned: Int64 = -1

  /// Whether it is a `call` that comes back later, with a `callReturn`, or never.
  @inlinable
  public var isUnreturnedCall: Bool { kind == .call && self[CallEvent.why] == -1 }
}

/// Bytes in an event: how many they are in the first column, and they themselves in the last.
extension Event {
  /// How many bytes an `input` event holds, and an `output` event.
  public static let inputCapacity = 8 * (6 - InputEvent.bytes.position)
  public static let outputCapacity = 8 * (6 - OutputEvent.bytes.position)

  /// The column in which its bytes begin.
  private var firstPacked: Int {
    switch kind {
    case .output, .message: OutputEvent.bytes.position
    case .hostOutput: HostOutputEvent.bytes.position
    default: InputEvent.bytes.position
    }
  }

  /// The bytes of an `input`, `output`, `message` or `host_output` event.
  public var packedBytes: [UInt8] {
    let words = [a0, a1, a2, a3, a4, a5][firstPacked...]
    let count = Int(clamping: max(0, min(a0, Int64(words.count * 8))))
    return (0..<count).map { index in
      let word = words[words.startIndex + index / 8]
      return UInt8(truncatingIfNeeded: UInt64(bitPattern: word) >> UInt64(index % 8 * 8))
    }
  }

  /// Puts bytes into the columns, as many as there is room for.
  mutating func pack(_ bytes: some Collection<UInt8>) {
    let first = firstPacked
    var count = 0
    for byte in bytes.prefix(8 * (6 - first)) {
      self[position: first + count / 8] |= Int64(
        bitPattern: UInt64(byte) << UInt64(count % 8 * 8))
      count += 1
    }
    a0 = Int64(count)
  }
}
