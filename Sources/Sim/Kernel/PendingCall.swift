// Calls that are under way: they blocked, or are done in parts. Such a call is handled again from the
// start when its process has its turn, and finds here what it had done; its arguments are still in the
// registers.

/// A call that has not come back yet, with what it has done so far.
package enum PendingCall: Equatable, Sendable {
  /// Its process lost the hart just before the call, which has not begun.
  case unbegun
  case wait
  case read
  /// So many bytes have been written.
  case write(done: Int)
  case sleep(until: Instant)
  /// read or write of a file that `io.max` makes wait; `Kernel.moves` has the rest.
  case moving
  /// mutex_lock: it comes back as the holder.
  case lock(MutexIndex)
  /// cv_wait: it comes back as the holder.
  case condition(MutexIndex)

  case connect
  case join
  /// futex: it sleeps, and has been woken by another.
  case futex
  case futexWoken
  /// Another thread took away what it waits for: it comes back with -1.
  case interrupted
  /// poll, which waits no longer than this; nil for ever.
  case poll(until: Instant?)

  // Only a kernel with a defect has these.
  /// cv_wait that has let go of the mutex and does not sleep yet.
  case lateCondition(MutexIndex)
  /// fork that has seen room and has not taken it yet.
  case fork
}

extension PendingCall {
  /// What the first argument of a call names that another thread of the process can take away.
  package enum Subject: Equatable { case descriptor, mutex }

  /// nil for a call that has no such argument.
  package var subject: Subject? {
    switch self {
    case .read, .write, .moving, .connect: .descriptor
    case .lock, .condition, .lateCondition: .mutex
    case .unbegun, .wait, .sleep, .join, .futex, .futexWoken, .interrupted, .poll, .fork: nil
    }
  }
}

extension PendingCall: Digestible {
  func combine(into digest: inout Digest) {
    func fold(_ code: Int, _ value: UInt64) {
      digest.combine(code)
      digest.combine(value)
    }
    switch self {
    case .wait: fold(1, 0)
    case .read: fold(2, 0)
    case .write(let done): fold(3, UInt64(done))
    case .sleep(let until): fold(4, until.instructions)
    case .lock(let mutex): fold(5, UInt64(mutex.index))
    case .condition(let mutex): fold(6, UInt64(mutex.index))
    case .lateCondition(let mutex): fold(7, UInt64(mutex.index))
    case .fork: fold(8, 0)
    case .unbegun: fold(9, 0)
    case .moving: fold(10, 0)
    case .connect: fold(11, 0)
    case .join: fold(13, 0)
    case .futex: fold(14, 0)
    case .futexWoken: fold(15, 0)
    case .interrupted: fold(16, 0)
    case .poll(let until): fold(12, until?.instructions ?? UInt64.max)
    }
  }
}
