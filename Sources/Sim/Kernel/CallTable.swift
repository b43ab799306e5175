// The calls, a line each. A handler decides and returns what should happen; the session applies
// it. A blocked call is handled again from the start when its process wakes, and finds what it had
// done so far in the process.

/// What a call's handler wants to happen.
enum CallOutcome: Equatable {
  case value(Int64)
  /// The guest sees -1, the trace sees why.
  case refused(Refusal)
  /// Handled again when woken.
  case blocked(on: WaitReason)
  case exited(status: Int32)
  /// exec: the process's saved context is the new program's.
  case replacedImage(argumentCount: Int64)
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
  mutating func handle(_ call: CallNumber, _ arguments: CallArguments, for slot: Slot)
    -> CallOutcome
  {
    switch call {
    case .fork: fork(slot)
    case .exit: .exited(status: arguments.int(0))
    case .wait: wait(slot, status: arguments.address(0))
    case .pipe: pipe(slot, descriptors: arguments.address(0))
    case .read: read(slot, arguments.int(0), arguments.address(1), count: arguments.int(2))
    case .kill: kill(slot, pid: arguments.int(0))
    case .exec: exec(slot, path: arguments.address(0), arguments: arguments.address(1))
    case .fstat: fstat(slot, arguments.int(0), status: arguments.address(1))
    case .chdir: chdir(slot, path: arguments.address(0))
    case .dup: dup(slot, arguments.int(0))
    case .getpid: .value(Int64(processes[slot].pid.raw))
    case .sbrk: sbrk(slot, by: arguments.int(0))
    case .sleep: sleep(slot, ticks: arguments.int(0))
    case .uptime: .value(Int64(UInt32(truncatingIfNeeded: ticks)))
    case .open: open(slot, path: arguments.address(0), flags: arguments.int(1))
    case .write: write(slot, arguments.int(0), arguments.address(1), count: arguments.int(2))
    case .mknod:
      mknod(slot, path: arguments.address(0), major: arguments.int(1), minor: arguments.int(2))
    case .unlink: unlink(slot, path: arguments.address(0))
    case .link: link(slot, old: arguments.address(0), new: arguments.address(1))
    case .mkdir: mkdir(slot, path: arguments.address(0))
    case .close: close(slot, arguments.int(0))
    case .getcid: .value(Int64(processes[slot].container.raw))
    case .prioritySet: prioritySet(slot, pid: arguments.int(0), to: arguments.int(1))
    case .priorityGet: priorityGet(slot, pid: arguments.int(0))
    case .processStatus: processStatus(slot, into: arguments.address(0), max: arguments.int(1))
    case .setroot, .maxproc, .containerCreateAndEnter, .containerSetRoot, .containerMaxProc,
      .sharedPageGet, .sharedPageRemove, .mutexCreate, .mutexDelete, .mutexLock, .mutexUnlock,
      .conditionWait, .conditionSignal, .containerJoin, .containerInfo:
      unknownCall(call.rawValue, for: slot)
    }
  }

  /// A number that is no call: said on the console, as xv6 does.
  mutating func unknownCall(_ number: Int32, for slot: Slot) -> CallOutcome {
    let name = String(decoding: processes[slot].name, as: UTF8.self)
    print("\(processes[slot].pid.raw) \(name): unknown sys call \(number)\n", as: slot)
    return .refused(.unknownCall)
  }
}
