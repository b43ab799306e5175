// Why things happen, as small numbered vocabularies: why a call was refused, what a process waits
// for, why it gave up its hart, how a session ended. The raw values are part of the trace format.

/// Why a call failed. The guest sees -1 (or 0); the trace sees this.
public enum Refusal: UInt8, Error, CaseIterable {
  case badDescriptor = 1
  case notReadable, notWritable
  case badAddress
  case notFound, exists, notDirectory, isDirectory, notEmpty, isDevice
  case nameTooLong, emptyPath, dotEntry
  case offsetPastEnd, fileTooLarge
  case noSlot, budget, noMemory, noDescriptor, noOpenFile, noInode, noBlock
  case noReader, killed, noChildren, noSuchProcess
  case notExecutable, tooManyArguments, argumentsTooLong
  case unknownCall, outOfRange
  case outsideRoot, alreadyInContainer, notInContainer, alreadySet
  case openDirectoryHeld, noContainer, notAbsolute
  case badName, noSharedPage, notMapped, wouldShrinkOverShared
  case noMutex, noHandle, badHandle, alreadyHolder, notHolder
  case notDescendant, priorityTooHigh
  case linkLimit
  case readOnly, acrossMounts
  case notMounted, mountBusy, noMountRoom, notMachineRoot
  case unknownMountType, unknownMountFlag, unknownMountOption, differentKinds
  case badLayer, layersOverlap, layerInUnion, layerInUse
  case notAGroup, groupInUse, noGroupRoom, outsideTree, ownLimit, badValue
  case noPipe
  case reserved
  // Of the network
  case notASocket, noSuchKindOfSocket, noSocket, badSocketAddress, notOwnAddress, portInUse, noPort
  case notAStream, notListening, notConnected, alreadyConnected, nobodyListens, backlogFull
  case unreachable, messageTooLong, wouldBlock, notInitial, addressTaken
  case nobodyThere, queueFull, linkFull, lost
  // Of threads
  case noSuchThread, joinedByAnother, intDiffers, timedOut, hasThreads, closedByThread

  /// The reason in words, as traces and messages show it.
  public var name: String {
    switch self {
    case .badDescriptor: "bad descriptor"
    case .notReadable: "not readable"
    case .notWritable: "not writable"
    case .badAddress: "bad address"
    case .notFound: "not found"
    case .exists: "exists"
    case .notDirectory: "not a directory"
    case .isDirectory: "is a directory"
    case .notEmpty: "directory not empty"
    case .isDevice: "is a device"
    case .nameTooLong: "path too long"
    case .emptyPath: "empty path"
    case .dotEntry: "dot entry"
    case .offsetPastEnd: "offset past the end"
    case .fileTooLarge: "file too large"
    case .noSlot: "no process slot"
    case .budget: "budget"
    case .noMemory: "no memory"
    case .noDescriptor: "no descriptor"
    case .noOpenFile: "no open file"
    case .noInode: "no inode"
    case .noBlock: "disk full"
    case .noReader: "no reader"
    case .killed: "killed"
    case .noChildren: "no children"
    case .noSuchProcess: "no such process"
    case .notExecutable: "not executable"
    case .tooManyArguments: "too many arguments"
    case .argumentsTooLong: "arguments too long"
    case .unknownCall: "unknown call"
    case .outOfRange: "out of range"
    case .outsideRoot: "outside the root"
    case .alreadyInContainer: "already in a container"
    case .notInContainer: "not in a container"
    case .alreadySet: "already set"
    case .openDirectoryHeld: "open directory held"
    case .noContainer: "no container"
    case .notAbsolute: "not absolute"
    case .badName: "bad name"
    case .noSharedPage: "no shared page"
    case .notMapped: "not mapped"
    case .wouldShrinkOverShared: "would shrink over a shared page"
    case .noMutex: "no mutex"
    case .noHandle: "no handle"
    case .badHandle: "bad handle"
    case .alreadyHolder: "already the holder"
    case .notHolder: "not the holder"
    case .notDescendant: "not a descendant"
    case .priorityTooHigh: "priority too high"
    case .linkLimit: "too many links"
    case .readOnly: "read-only"
    case .acrossMounts: "across mounts"
    case .notMounted: "nothing mounted there"
    case .mountBusy: "mount in use"
    case .noMountRoom: "too many mounts"
    case .notMachineRoot: "not in the machine's root"
    case .unknownMountType: "unknown mount type"
    case .unknownMountFlag: "unknown mount flag"
    case .unknownMountOption: "unknown mount option"
    case .differentKinds: "of different kinds"
    case .badLayer: "a layer that is no directory of the disk"
    case .layersOverlap: "layers inside each other"
    case .layerInUnion: "a layer inside its own union"
    case .layerInUse: "a layer that another union changes"
    case .notAGroup: "not a group"
    case .groupInUse: "group in use"
    case .noGroupRoom: "too many groups"
    case .outsideTree: "in another part of the tree of groups"
    case .ownLimit: "a limit of its own"
    case .badValue: "bad value"
    case .noPipe: "no pipe left"
    case .reserved: "kept for outside containers"
    case .notASocket: "not a socket"
    case .noSuchKindOfSocket: "no such kind of socket"
    case .noSocket: "no socket left"
    case .badSocketAddress: "bad socket address"
    case .notOwnAddress: "not an address of its own"
    case .portInUse: "port in use"
    case .noPort: "no port left"
    case .notAStream: "not a stream"
    case .notListening: "not listening"
    case .notConnected: "not connected"
    case .alreadyConnected: "already connected"
    case .nobodyListens: "nobody listens there"
    case .backlogFull: "backlog full"
    case .unreachable: "unreachable"
    case .messageTooLong: "message too long"
    case .wouldBlock: "would block"
    case .notInitial: "not the init of its container"
    case .addressTaken: "address taken"
    case .nobodyThere: "nobody there"
    case .queueFull: "queue full"
    case .linkFull: "link full"
    case .lost: "lost on the way"
    case .noSuchThread: "no such thread"
    case .joinedByAnother: "another joins it"
    case .intDiffers: "the int differs"
    case .timedOut: "timed out"
    case .hasThreads: "other threads"
    case .closedByThread: "closed by another thread"
    }
  }
}

/// What a blocked process waits for.
public enum WaitReason: Hashable, Sendable {
  case child
  case sleep(until: Instant)
  case console
  /// A reader of an empty pipe.
  case pipeToFill(PipeIndex)
  /// A writer to a full pipe.
  case pipeToDrain(PipeIndex)
  case mutex(MutexIndex)
  case condition(MutexIndex)
  /// It could run, but for its group or one above, which is frozen.
  case frozen(GroupID)
  /// Its group or one above has moved as much file data as it may in this tick.
  case fileData(GroupID)
  /// It could run, but for its group or one above, which has used its quota.
  case throttled(GroupID)
  /// A reader of a socket without anything to read.
  case socketToFill(SocketID)
  /// A writer to a connection whose window is full.
  case socketToDrain(SocketID)
  /// accept, of a socket in whose backlog is no connection.
  case connectionToCome(SocketID)
  /// connect, whose connection is on its way to a backlog.
  case connectionToBeTaken(SocketID)
  /// poll, until then at the longest; nil for ever.
  case poll(until: Instant?)
  /// Its group or one above has sent as much as it may in this tick.
  case sending(GroupID)
  /// join, of a thread that has not exited.
  case thread(ProcessID)
  /// futex, until then at the longest; nil for ever.
  case futex(FutexPlace, until: Instant?)

  /// The reason's number in a trace.
  public var code: Int64 {
    switch self {
    case .child: 1
    case .sleep: 2
    case .console: 3
    case .pipeToFill: 4
    case .pipeToDrain: WaitReason.pipeToDrainCode
    case .mutex: WaitReason.mutexCode
    case .condition: WaitReason.conditionCode
    case .frozen: WaitReason.frozenCode
    case .fileData: WaitReason.fileDataCode
    case .throttled: WaitReason.throttledCode
    case .socketToFill: 11
    case .socketToDrain: 12
    case .connectionToCome: 13
    case .connectionToBeTaken: 14
    case .poll: 15
    case .sending: 16
    case .thread: 17
    case .futex: WaitReason.futexCode
    }
  }

  /// The number of waiting for room in any pipe.
  public static let pipeToDrainCode: Int64 = 5
  /// The numbers of waits for any mutex, and for a signal with any.
  public static let mutexCode: Int64 = 6
  public static let conditionCode: Int64 = 7
  /// The number of sleeping on an int.
  public static let futexCode: Int64 = 18
  /// The number of being held back with a frozen group.
  public static let frozenCode: Int64 = 8
  /// The number of waiting for the next tick because of `io.max`.
  public static let fileDataCode: Int64 = 9
  /// The number of being held back with a group that has used its quota of time.
  public static let throttledCode: Int64 = 10

  /// The object waited for: an instant, a pipe's, mutex's, group's or socket's number, a thread's pid, or a futex's address,
  /// or shared page and offset; 0 if the reason says all, or for ever.
  public var object: Int64 {
    switch self {
    case .child, .console: 0
    case .sleep(let until): Int64(bitPattern: until.instructions)
    case .pipeToFill(let pipe), .pipeToDrain(let pipe): Int64(pipe.rawValue)
    case .mutex(let mutex), .condition(let mutex): Int64(mutex.rawValue)
    case .frozen(let group), .fileData(let group), .throttled(let group), .sending(let group):
      Int64(group.raw)
    case .socketToFill(let socket), .socketToDrain(let socket), .connectionToCome(let socket),
      .connectionToBeTaken(let socket):
      socket.raw
    case .poll(let until): until.map { Int64(bitPattern: $0.instructions) } ?? 0
    case .thread(let thread): Int64(thread.raw)
    case .futex(let place, _): Int64(truncatingIfNeeded: place.number)
    }
  }

  /// Whether it is its group that keeps the process from running, and nothing that it waits for.
  var isHolding: Bool {
    switch self {
    case .frozen, .throttled: true
    case .child, .sleep, .console, .pipeToFill, .pipeToDrain, .mutex, .condition, .fileData,
      .socketToFill, .socketToDrain, .connectionToCome, .connectionToBeTaken, .poll, .sending,
      .thread, .futex:
      false
    }
  }

  /// The names that belong to the codes, from 1 on.
  public static let names = [
    "child", "sleep", "console", "pipe to fill", "pipe to drain", "mutex", "condition", "frozen",
    "io", "throttled",
    "socket to fill", "socket to drain", "connection to come", "connection to be taken", "poll",
    "net", "thread", "futex",
  ]
}

/// Why a process gave up its hart while it could have gone on.
public enum YieldReason: UInt8, Sendable, CaseIterable {
  /// Its slice is used up and others of its priority wait.
  case slice = 1
  /// One of higher priority woke.
  case preempted

  public var name: String {
    switch self {
    case .slice: "slice"
    case .preempted: "preempted"
    }
  }
}

/// How a session ended.
public enum EndReason: Equatable, Sendable {
  /// The machine's init exited.
  case halted(status: Int32)
  /// The input is used up and the machine is idle.
  case inputEnded
  /// A program read the console, again and again, after its input had ended.
  case consoleExhausted(ProcessID)
  /// The limit of ticks was reached.
  case limitReached
  /// Nothing can ever run again; the processes that wait, in order of their pids.
  case deadlocked([ProcessID])
  /// The machine was stopped from outside.
  case stopped

  public var code: Int64 {
    switch self {
    case .halted: 1
    case .inputEnded: 2
    case .consoleExhausted: 3
    case .limitReached: 4
    case .deadlocked: 5
    case .stopped: 6
    }
  }

  /// The names that belong to the codes, from 1 on.
  public static let names = [
    "halted", "input ended", "console exhausted", "limit reached", "deadlocked", "stopped",
  ]
}

/// Why a scenario cannot be set up.
public struct ScenarioError: Error, Equatable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}

extension WaitReason: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(code)
    digest.combine(object)
  }
}
