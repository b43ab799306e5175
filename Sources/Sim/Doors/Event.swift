// An event is a plain value of fixed size: emitting one allocates nothing. What its six columns
// mean depends on its kind and is said once, in `Event.Kind.columns`; the constructors in
// `Event+Constructors.swift` fill them, and the trace's views name them.

/// Something that happened in the machine.
public struct Event: Equatable, Sendable {
  /// Virtual time at which it happened.
  public var time: Instant
  /// The process it happened to; `.none` for the machine itself.
  public var process: ProcessID
  /// The container of that process.
  public var container: ContainerID
  /// The hart on which it happened.
  public var hart: HartID
  public var kind: Kind
  /// What the kind's columns say; unused ones are 0.
  public var a0, a1, a2, a3, a4, a5: Int64

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

  /// The six columns in order.
  public var arguments: [Int64] { [a0, a1, a2, a3, a4, a5] }

  /// One of the six columns, counted from 0.
  public subscript(column: Int) -> Int64 {
    switch column {
    case 0: a0
    case 1: a1
    case 2: a2
    case 3: a3
    case 4: a4
    case 5: a5
    default: preconditionFailure("column \(column) of an event; expected 0 to 5")
    }
  }
}

extension Event {
  /// Which view of a trace it is in.
  public enum Family: String, Sendable, CaseIterable {
    case trap, sched, shm, lock, process, container, path, file, output, state
  }

  /// What happened. The raw values are the trace format: never reused, grouped in tens by family.
  public enum Kind: UInt8, Sendable, CaseIterable {
    case call = 1
    case callReturn, tick, fault, input
    case dispatch = 10
    case wake, block, yield, priority, idle
    case shmCreate = 20
    case shmMap, shmInherit, shmUnmap, shmFree, shmExhausted, shmAccess
    case lockCreate = 30
    case lockAcquire, lockContend, lockHandOver, lockRelease, lockDelete
    case lockAbandon, cvWait, cvSignal, cvLatch, cvWake
    case fork = 50
    case exec, exit, reap, adopt, kill, refuse, foreignCall, processBudget
    case containerCreate = 60
    case containerEnter, containerRoot, containerBudget, containerEnd
    case resolve = 70
    case open = 80
    case close, device, pipe
    case output = 90
    case digest = 100
    case boot, deadlock, end
  }
}

extension Event.Kind {
  public var family: Event.Family {
    switch self {
    case .call, .callReturn, .tick, .fault, .input: .trap
    case .dispatch, .wake, .block, .yield, .priority, .idle: .sched
    case .shmCreate, .shmMap, .shmInherit, .shmUnmap, .shmFree, .shmExhausted, .shmAccess: .shm
    case .lockCreate, .lockAcquire, .lockContend, .lockHandOver, .lockRelease, .lockDelete,
      .lockAbandon, .cvWait, .cvSignal, .cvLatch, .cvWake:
      .lock
    case .fork, .exec, .exit, .reap, .adopt, .kill, .refuse, .foreignCall, .processBudget:
      .process
    case .containerCreate, .containerEnter, .containerRoot, .containerBudget, .containerEnd:
      .container
    case .resolve: .path
    case .open, .close, .device, .pipe: .file
    case .output: .output
    case .digest, .boot, .deadlock, .end: .state
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
    case .resolve: "resolve"
    case .open: "open"
    case .close: "close"
    case .device: "device"
    case .pipe: "pipe"
    case .output: "output"
    case .digest: "digest"
    case .boot: "boot"
    case .deadlock: "deadlock"
    case .end: "end"
    }
  }

  /// What `a0`, `a1`, … hold for this kind; columns not named here are 0. Each kind that a call can
  /// cause says by which it was.
  public var columns: [EventColumn] {
    switch self {
    case .call, .callReturn:
      [.call("number"), .int("arg0"), .int("arg1"), .int("arg2"), .int("value"), .refusal("why")]
    case .tick: [.int("tick"), .address("pc")]
    case .fault: [.cause("cause"), .address("pc"), .address("address")]
    case .input: [.int("count"), .packed("bytes")]
    case .output: [.int("count"), .by, .packed("bytes")]
    case .dispatch: [.pid("previous"), .int("options"), .int("priority"), .int("chosen")]
    case .wake: [.pid("waker"), .wait("reason"), .int("object"), .by]
    case .block: [.wait("reason"), .int("object"), .by]
    case .yield: [.yield("why"), .int("priority")]
    case .priority: [.int("old"), .int("new"), .pid("by"), .by]
    case .idle: []
    case .shmCreate, .shmMap, .shmInherit, .shmUnmap, .shmFree:
      [.name("name"), .int("frame"), .address("address"), .int("mappers"), .by]
    case .shmExhausted: [.name("name"), .refusal("why"), .by]
    case .shmAccess:
      [.address("address"), .int("size"), .int("value"), .int("store"), .address("pc")]
    case .lockCreate, .lockAcquire, .lockContend, .lockHandOver, .lockRelease, .lockDelete,
      .lockAbandon, .cvWait, .cvSignal, .cvLatch, .cvWake:
      [.int("mutex"), .name("name"), .pid("holder"), .int("waiters"), .pid("other"), .by]
    case .fork: [.pid("child"), .name("name"), .by]
    case .exec: [.name("path"), .int("argc"), .int("inode"), .by]
    case .exit: [.int("status"), .int("how"), .by]
    case .reap: [.pid("child"), .int("status"), .by]
    case .adopt: [.pid("from"), .pid("to"), .by]
    case .kill: [.pid("target"), .by]
    case .foreignCall: [.by, .name("name")]
    case .refuse: [.by, .refusal("why"), .int("limit"), .int("held")]
    case .processBudget: [.int("limit"), .int("held"), .by]
    case .containerCreate, .containerEnter: [.int("cid"), .pid("init"), .by]
    case .containerRoot: [.int("cid"), .name("path"), .int("inode"), .by]
    case .containerBudget: [.int("cid"), .int("limit"), .int("held"), .by]
    case .containerEnd: [.int("cid"), .int("status"), .int("inodes"), .int("blocks"), .by]
    case .resolve:
      [
        .name("path"), .int("root"), .int("inode"), .int("inside"), .int("parent_only"), .by,
      ]
    case .open: [.int("fd"), .int("inode"), .int("flags"), .by]
    case .close: [.int("fd"), .int("inode"), .by]
    case .device: [.int("fd"), .int("major"), .int("minor"), .int("flags"), .by]
    case .pipe: [.int("read_fd"), .int("write_fd"), .int("pipe"), .by]
    case .digest: [.hash("hash"), .int("pages")]
    case .boot: [.hash("scenario"), .int("harts"), .int("pages"), .int("blocks")]
    case .deadlock: [.wait("reason"), .int("object"), .pid("holder")]
    case .end: [.end("how"), .int("status"), .hash("hash")]
    }
  }
}

/// One of an event's six columns: its name and how to read its number.
public struct EventColumn: Equatable, Sendable {
  /// How its number is to be read.
  public enum Meaning: Sendable {
    case integer, address, hash, pid, name, packed
    case call, source, refusal, cause, wait, yield, end
  }

  public var name: String
  public var meaning: Meaning

  static func int(_ name: String) -> Self { Self(name: name, meaning: .integer) }
  static func address(_ name: String) -> Self { Self(name: name, meaning: .address) }
  static func hash(_ name: String) -> Self { Self(name: name, meaning: .hash) }
  static func pid(_ name: String) -> Self { Self(name: name, meaning: .pid) }
  /// An id in the session's `NameTable`.
  static func name(_ name: String) -> Self { Self(name: name, meaning: .name) }
  /// Bytes packed little-endian into this column and all after it; `a0` says how many.
  static func packed(_ name: String) -> Self { Self(name: name, meaning: .packed) }
  /// A `CallNumber`.
  static func call(_ name: String) -> Self { Self(name: name, meaning: .call) }
  /// The `CallNumber` of the call that caused it, 0 for none.
  static let by = Self(name: "call", meaning: .source)
  /// A `Refusal`, 0 for none, -1 for a call that has not come back.
  static func refusal(_ name: String) -> Self { Self(name: name, meaning: .refusal) }
  /// A `Fault.Cause`.
  static func cause(_ name: String) -> Self { Self(name: name, meaning: .cause) }
  /// A `WaitReason.code`.
  static func wait(_ name: String) -> Self { Self(name: name, meaning: .wait) }
  /// A `YieldReason`.
  static func yield(_ name: String) -> Self { Self(name: name, meaning: .yield) }
  /// An `EndReason.code`.
  static func end(_ name: String) -> Self { Self(name: name, meaning: .end) }
}

extension Event {
  /// `a5` of a call that has not come back.
  static let unreturned: Int64 = -1

  /// Whether it is a `call` that comes back later, with a `callReturn`, or never.
  public var isUnreturnedCall: Bool { kind == .call && a5 == Event.unreturned }
}

/// Bytes in an event: how many they are in the first column, and they themselves in the last.
extension Event.Kind {
  /// The column in which an event's bytes begin; nil if it has none.
  public var firstPackedColumn: Int? { columns.firstIndex { $0.meaning == .packed } }
}

extension Event {
  /// How many bytes an `input` event holds, and an `output` event.
  public static let inputCapacity = 40
  public static let outputCapacity = 32

  /// The bytes of an `input` or `output` event.
  public var packedBytes: [UInt8] {
    let words = kind == .output ? [a2, a3, a4, a5] : [a1, a2, a3, a4, a5]
    let count = Int(clamping: max(0, min(a0, Int64(words.count * 8))))
    return (0..<count).map { index in
      UInt8(truncatingIfNeeded: UInt64(bitPattern: words[index / 8]) >> UInt64(index % 8 * 8))
    }
  }

  /// Puts bytes into the columns, as many as there is room for.
  mutating func pack(_ bytes: some Collection<UInt8>) {
    let capacity = kind == .output ? Event.outputCapacity : Event.inputCapacity
    var words: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)
    var shift: UInt64 = 0
    var word = 0
    for byte in bytes.prefix(capacity) {
      let bits = UInt64(byte) << shift
      switch word {
      case 0: words.0 |= bits
      case 1: words.1 |= bits
      case 2: words.2 |= bits
      case 3: words.3 |= bits
      default: words.4 |= bits
      }
      shift += 8
      if shift == 64 {
        shift = 0
        word += 1
      }
    }
    a0 = Int64(min(bytes.count, capacity))
    if kind == .output {
      (a2, a3) = (Int64(bitPattern: words.0), Int64(bitPattern: words.1))
      (a4, a5) = (Int64(bitPattern: words.2), Int64(bitPattern: words.3))
    } else {
      (a1, a2) = (Int64(bitPattern: words.0), Int64(bitPattern: words.1))
      (a3, a4) = (Int64(bitPattern: words.2), Int64(bitPattern: words.3))
      a5 = Int64(bitPattern: words.4)
    }
  }
}
