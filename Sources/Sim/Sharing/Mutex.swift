// Mutexes, each with one condition variable. A mutex is handed over, not thrown open: whoever
// unlocks makes the next waiter the holder, so that nobody can barge in between.

/// A mutex's place in the table.
typealias MutexIndex = Int32

/// A lock with a condition variable.
struct Mutex: Sendable {
  /// Handles to it, over all processes.
  var handles = 0
  var holder: Slot?
  /// Waiting for the mutex, in order of arrival.
  var waiters = WaitQueue()
  /// Waiting for a signal, in order of arrival.
  var sleepers = WaitQueue()
  /// A signal that came when nobody waited; it lets the next wait through.
  var isSignalled = false
}

extension WaitQueue {
  /// The waiting process of the highest priority; of several, the first to come.
  func best(_ priority: (Slot) -> Int) -> Slot? {
    var best: Slot?
    for slot in waiting {
      if let found = best, priority(found) <= priority(slot) { continue }
      best = slot
    }
    return best
  }
}
