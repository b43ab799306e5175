// Mutexes, each with one condition variable. unlock hands a mutex over: it makes the next waiter
// the holder, so that no other process can take the mutex in between.

/// A lock with a condition variable.
package struct Mutex: Sendable {
  /// The group in which it counts.
  package internal(set) var payer = GroupID.root
  /// Handles to it, over all processes.
  package internal(set) var handles = 0
  package internal(set) var holder: Slot?
  /// Waiting for the mutex, in order of arrival.
  package internal(set) var waiters = WaitQueue()
  /// Waiting for a signal, in order of arrival.
  package internal(set) var sleepers = WaitQueue()
  /// A signal that came when nobody waited; it lets the next wait through.
  package internal(set) var isSignalled = false
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

extension Mutex: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(payer.raw)
    digest.combine(handles)
    digest.combine(holder)
    digest.combine(waiters)
    digest.combine(sleepers)
    digest.combine(isSignalled)
  }
}
