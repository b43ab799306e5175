// Keeping a machine's state, and putting it back. A snapshot is a value that nothing can run in: all
// that can be done with one is to give it back to the machine it is of, which then drops what it
// remembers beside it. It shares pages and tables with the machine until that changes them.

/// Where a session stands between what the kernel knows and what the harts hold.
struct SessionState: Sendable {
  /// Announced input that has not arrived yet.
  var arrivals = ArrivalQueue()
  /// What was typed and the console had no room for.
  var held: [UInt8] = []
  var end: EndReason?
  var hasBooted = false
  /// Whether the sink of the step under way wants digests.
  var emitsDigests = true
  /// Whether decisions are asked before a process does what others can see.
  var asksPreemption = false
  /// How many events were handed over.
  var delivered: Int64 = 0
  /// The run of a hart that was stopped before its end.
  var openRun: OpenRun?
  var nextDigest: UInt64
  var eventsSinceDigest = 0
}

/// A hart's run of user code that is not over: nothing else happens before it is.
struct OpenRun: Equatable, Sendable {
  /// Which hart's.
  var index: Int
  /// Virtual time up to which it goes, unless a trap comes before.
  var end: UInt64
}

extension Simulation {
  /// A machine's state at a moment between two steps.
  public struct Snapshot: Sendable {
    fileprivate let kernel: Kernel
    fileprivate let memory: Memory.Snapshot
    fileprivate let harts: [Hart.Snapshot]
    fileprivate let contexts: [HartContext]
    fileprivate let state: SessionState
    fileprivate let scenario: UInt64
  }

  /// The state as it is now. Where decisions stand is not in it: they are outside the machine.
  public func snapshot() -> Snapshot {
    Snapshot(
      kernel: kernel.withoutMemory(), memory: kernel.memory.snapshot(),
      harts: harts.map { $0.snapshot() }, contexts: contexts, state: state,
      scenario: scenarioDigest)
  }

  /// Puts back a state of a session of the same scenario. What follows is what followed then, where
  /// the decisions are the same.
  public mutating func restore(_ snapshot: Snapshot) {
    precondition(snapshot.scenario == scenarioDigest, "a snapshot of another scenario")
    kernel = snapshot.kernel.with(kernel.memory, as: snapshot.memory)
    for (hart, kept) in zip(harts, snapshot.harts) { hart.restore(kept) }
    contexts = snapshot.contexts
    state = snapshot.state
    watchSharedPages()
  }
}

extension Kernel {
  /// A copy whose memory is empty: that of the machine stays with the machine.
  fileprivate func withoutMemory() -> Kernel {
    var copy = self
    copy.memory = Memory(frames: 0)
    return copy
  }

  /// A copy with this memory, in this state.
  fileprivate func with(_ memory: Memory, as snapshot: Memory.Snapshot) -> Kernel {
    var copy = self
    copy.memory = memory
    copy.memory.restore(snapshot)
    return copy
  }
}
