// What each event says about order: who passed something on to whom, in the kernel.

import Sim

extension RaceDetector {
  /// Takes in an event of the session.
  mutating func see(_ event: Event, in machine: borrowing Simulation) {
    noteEvent()
    let process = event.process
    switch event.kind {
    case .fork: begin(event[ForkEvent.child], of: process)
    case .exec: begin(event[ExecEvent.path], in: process)
    case .exit: end(process)
    case .reap: reap(event[ReapEvent.child], by: process)
    case .wake: seeWake(event)
    case .block: seeBlock(event)
    case .call, .callReturn: see(call: event, in: machine)
    case .shmCreate:
      begin(
        page: UInt32(truncatingIfNeeded: event[SharedPageEvent.frame]),
        named: event[SharedPageEvent.name])
    case .lockCreate, .lockAcquire, .lockContend, .lockHandOver, .lockRelease, .lockDelete,
      .lockAbandon, .cvWait, .cvSignal, .cvLatch, .cvWake:
      see(lock: event)
    case .socketConnect: release(process, into: .flow(event[SocketConnectEvent.flow]))
    case .socketAccept: acquire(process, from: .flow(event[SocketAcceptEvent.flow]))
    case .socketSend: release(process, into: .flow(event[SocketTransferEvent.flow]))
    case .socketReceive: acquire(process, from: .flow(event[SocketTransferEvent.flow]))
    case .socketShutDown: release(process, into: .flow(event[SocketShutDownEvent.flow]))
    case .socketClose: release(process, into: .flow(event[SocketCloseEvent.flow]))
    default: break
    }
  }

  private mutating func see(lock event: Event) {
    let (mutex, other) = (event[LockEvent.mutex], event[LockEvent.other])
    name(mutex: mutex, event[LockEvent.name])
    switch event.kind {
    case .lockAcquire: take(mutex, by: event.process)
    case .lockHandOver: take(mutex, by: other)
    case .lockRelease, .lockAbandon: letGo(of: mutex, by: event.process)
    case .cvSignal, .cvLatch: release(event.process, into: .signal(mutex))
    case .cvWake: acquire(event.process, from: .signal(mutex))
    default: break
    }
  }

  /// Who wakes somebody passes on what it knows, unless the time was up.
  private mutating func seeWake(_ event: Event) {
    let waker = event[WakeEvent.waker]
    if waker != .none, waker != event.process { pass(from: waker, to: event.process) }
  }

  /// A writer that waits for room has passed on what there was room for.
  private mutating func seeBlock(_ event: Event) {
    guard event[BlockEvent.reason] == WaitReason.pipeToDrainCode else { return }
    release(event.process, into: .pipe(event[BlockEvent.object]))
  }

  /// Bytes through a pipe; and memory that a process gives back, which is another's or new when it comes again.
  private mutating func see(call event: Event, in machine: borrowing Simulation) {
    let process = event.process
    switch CallNumber(rawValue: Int32(truncatingIfNeeded: event[CallEvent.number])) {
    case .read where event[CallEvent.value] >= 0:
      let pipe = machine.pipe(behind: event[word: CallEvent.arg0], of: process)
      if let pipe { acquire(process, from: .pipe(pipe)) }
    case .write where event[CallEvent.value] > 0:
      let pipe = machine.pipe(behind: event[word: CallEvent.arg0], of: process)
      if let pipe { release(process, into: .pipe(pipe)) }
    case .sbrk where Int32(truncatingIfNeeded: event[word: CallEvent.arg0]) < 0:
      forgetMemory(of: process.raw, from: machine.memoryEnd(of: process))
    default: break
    }
  }
}
