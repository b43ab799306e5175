// Calls that are under way: they blocked, or are done in parts. Such a call is handled again from the
// start when its process has its turn, and finds here what it had done; its arguments are still in the
// registers.

/// A call that has not come back yet, with what it has done so far.
package enum PendingCall: Equatable, Sendable {
  case wait
  case read
  /// So many bytes have been written.
  case write(done: Int)
  case sleep(until: Instant)
  /// mutex_lock: it comes back as the holder.
  case lock(MutexIndex)
  /// cv_wait: it comes back as the holder.
  case condition(MutexIndex)

  // Only a kernel with a defect has these.
  /// cv_wait that has let go of the mutex and does not sleep yet.
  case lateCondition(MutexIndex)
  /// fork that has seen room and has not taken it yet.
  case fork
}
