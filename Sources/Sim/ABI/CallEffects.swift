// What calls are about, as far as their numbers say: what a source of decisions is told before each.

extension CallNumber {
  /// What a call is about, where its arguments do not say more, and whether it may change that.
  var effect: (domain: VisibleOperation.Domain, changes: Bool) {
    switch self {
    case .getpid, .dup, .sbrk, .sleep, .uptime, .getcid, .priorityGet, .socketName, .peerName,
      .gettid:
      (.own, false)
    case .fork, .exit, .wait, .kill, .prioritySet, .clone, .join: (.processes, true)
    // The int at its address.
    case .futex: (.memory, true)
    case .processStatus: (.processes, false)
    case .exec, .fstat, .chdir: (.disk, false)
    case .open, .mknod, .unlink, .link, .mkdir, .setroot, .mount, .unmount: (.disk, true)
    case .read: (.disk, false)
    // A pipe's end is seen by who holds the other one; closing a file by nobody.
    case .write, .close: (.disk, true)
    case .pipe: (.own, false)
    case .sharedPageGet, .sharedPageRemove, .mutexCreate, .mutexDelete: (.names, true)
    case .mutexLock, .mutexUnlock, .conditionWait, .conditionSignal: (.mutex, true)
    case .containerInfo: (.containers, false)
    case .maxproc, .containerCreateAndEnter, .containerSetRoot, .containerMaxProc, .containerJoin,
      .containerNetwork:
      (.containers, true)
    case .socket, .bind, .listen, .accept, .connect, .sendTo, .receiveFrom, .shutDown, .poll:
      (.network, true)
    }
  }
}
