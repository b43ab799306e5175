// What guest and kernel agree on: the call numbers. 1 to 21 are xv6-riscv's (kernel/syscall.h),
// 22 and up the container calls.

/// A system call's number, as a guest puts it into `a7`.
public enum CallNumber: Int32, Sendable, CaseIterable {
  case fork = 1
  case exit, wait, pipe, read, kill, exec, fstat, chdir, dup, getpid, sbrk, sleep
  case uptime, open, write, mknod, unlink, link, mkdir, close
  case setroot = 22
  case maxproc
  case containerCreateAndEnter = 24
  case containerSetRoot, containerMaxProc, getcid
  case sharedPageGet = 28
  case sharedPageRemove
  case mutexCreate = 30
  case mutexDelete, mutexLock, mutexUnlock, conditionWait, conditionSignal
  case prioritySet = 36
  case priorityGet
  case containerJoin = 38
  case containerInfo, processStatus
  case mount = 41
  case unmount
  case socket = 43
  case bind, listen, accept, connect, sendTo, receiveFrom, shutDown, socketName, peerName, poll
  case containerNetwork
  case clone = 55
  case join, futex, gettid

  /// The call's name as guests spell it.
  public var name: String {
    switch self {
    case .fork: "fork"
    case .exit: "exit"
    case .wait: "wait"
    case .pipe: "pipe"
    case .read: "read"
    case .kill: "kill"
    case .exec: "exec"
    case .fstat: "fstat"
    case .chdir: "chdir"
    case .dup: "dup"
    case .getpid: "getpid"
    case .sbrk: "sbrk"
    case .sleep: "sleep"
    case .uptime: "uptime"
    case .open: "open"
    case .write: "write"
    case .mknod: "mknod"
    case .unlink: "unlink"
    case .link: "link"
    case .mkdir: "mkdir"
    case .close: "close"
    case .setroot: "setroot"
    case .maxproc: "maxproc"
    case .containerCreateAndEnter: "cm_create_and_enter"
    case .containerSetRoot: "cm_setroot"
    case .containerMaxProc: "cm_maxproc"
    case .getcid: "getcid"
    case .sharedPageGet: "shm_get"
    case .sharedPageRemove: "shm_rem"
    case .mutexCreate: "mutex_create"
    case .mutexDelete: "mutex_delete"
    case .mutexLock: "mutex_lock"
    case .mutexUnlock: "mutex_unlock"
    case .conditionWait: "cv_wait"
    case .conditionSignal: "cv_signal"
    case .prioritySet: "prio_set"
    case .priorityGet: "prio_get"
    case .containerJoin: "cm_join"
    case .containerInfo: "cm_info"
    case .processStatus: "ps"
    case .mount: "mount"
    case .unmount: "umount"
    case .socket: "socket"
    case .bind: "bind"
    case .listen: "listen"
    case .accept: "accept"
    case .connect: "connect"
    case .sendTo: "sendto"
    case .receiveFrom: "recvfrom"
    case .shutDown: "shutdown"
    case .socketName: "getsockname"
    case .peerName: "getpeername"
    case .poll: "poll"
    case .containerNetwork: "cm_network"
    case .clone: "clone"
    case .join: "join"
    case .futex: "futex"
    case .gettid: "gettid"
    }
  }
}

extension CallNumber {
  /// How many of `a0`, `a1`, `a2` the call takes; the others hold whatever the program left there.
  public var argumentCount: Int {
    switch self {
    case .fork, .getpid, .uptime, .containerCreateAndEnter, .getcid, .gettid: 0
    case .exit, .wait, .pipe, .chdir, .dup, .sleep, .kill, .unlink, .mkdir, .close, .setroot,
      .maxproc, .containerMaxProc, .sharedPageGet, .sharedPageRemove, .mutexCreate, .mutexDelete,
      .mutexLock, .mutexUnlock, .conditionWait, .conditionSignal, .priorityGet, .containerJoin,
      .unmount, .containerNetwork:
      1
    case .exec, .fstat, .sbrk, .open, .link, .containerSetRoot, .prioritySet, .containerInfo,
      .processStatus, .listen, .shutDown, .join:
      2
    case .read, .write, .mknod, .mount, .socket, .bind, .accept, .connect, .sendTo, .receiveFrom,
      .socketName, .peerName, .poll, .clone, .futex:
      3
    }
  }

  /// What the guest sees when a call of this number fails: 0 from the one that returns a pointer.
  static func failureValue(_ number: Int32) -> Int64 {
    number == CallNumber.sharedPageGet.rawValue ? 0 : -1
  }
}

extension Event {
  /// The call whose number a column holds; nil for a number that is no call's.
  @inlinable
  public subscript<Columns>(call key: ColumnKey<Columns, Int64>) -> CallNumber? {
    CallNumber(rawValue: Int32(truncatingIfNeeded: self[key]))
  }
}
