// The processes that wait for one object. A process waits in at most one queue, and the reason kept with the
// process says which, so that a kill finds it there.

/// Waiting processes in order of arrival.
package struct WaitQueue: Equatable, Sendable {
  package private(set) var waiting: [Slot] = []

  package var isEmpty: Bool { waiting.isEmpty }

  mutating func append(_ slot: Slot) { waiting.append(slot) }

  /// Removes a process, usually the first; none is in a queue twice.
  mutating func remove(_ slot: Slot) {
    if let place = waiting.firstIndex(of: slot) { waiting.remove(at: place) }
  }

  /// Empties the queue and returns the processes that were in it.
  mutating func takeAll() -> [Slot] {
    if waiting.isEmpty { return [] }
    let all = waiting
    waiting.removeAll(keepingCapacity: true)
    return all
  }
}

extension WaitQueue: Digestible {
  func combine(into digest: inout Digest) { digest.combine(waiting) }
}
