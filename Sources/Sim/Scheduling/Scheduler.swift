// The seam between the kernel and whoever decides who gets a hart. The kernel says who wants to run, who
// has left, and how many instructions each has used; a policy says who is next, for how long, and
// whether somebody who waits has more right to a hart than who runs there. Strict priorities are
// asked directly, since almost every session has them; the others by `SchedulingPolicy`.

/// How harts are shared out.
public enum SchedulerKind: UInt8, CaseIterable, Sendable {
  case priority = 0
  case mlfq, lottery, stride, fair, fifo

  /// As `--scheduler`, scenarios and traces spell it.
  public var name: String {
    switch self {
    case .priority: "priority"
    case .mlfq: "mlfq"
    case .lottery: "lottery"
    case .stride: "stride"
    case .fair: "fair"
    case .fifo: "fifo"
    }
  }

  /// The policy of this name.
  public init?(name: String) {
    guard let found = SchedulerKind.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }
}

/// What a process was taken by, and what that is measured against; by policy, as
/// `docs/scheduling.md` says.
package struct Standing: Equatable, Sendable {
  package var rank: Int64 = 0
  package var measure: Int64 = 0
}

/// The runnable processes that no hart runs, and what the policy knows about all.
package struct Scheduler: Sendable {
  package static let priorities = 16

  package let kind: SchedulerKind
  private var strict = StrictPriority()
  /// The policy in force, unless that is strict priorities.
  private var policy: (any SchedulingPolicy)?

  init(
    _ kind: SchedulerKind = .priority, tick: UInt64 = 100_000,
    mistakes: SchedulerMistakes = SchedulerMistakes()
  ) {
    self.kind = kind
    strict.takesLowest = mistakes.contains(.lowestFirst)
    switch kind {
    case .priority: break
    case .mlfq: policy = MultilevelFeedback(tick: tick, mistakes)
    case .lottery: policy = Lottery(tick: tick, mistakes)
    case .stride: policy = Stride(tick: tick, mistakes)
    case .fair: policy = FairShare(tick: tick, mistakes)
    case .fifo: policy = FirstInFirstOut(tick: tick, mistakes)
    }
  }

  /// Whether strict priorities are in force, which know nothing about a process that does not wait.
  @inline(__always)
  package var isStrict: Bool { kind == .priority }

  /// Under strict priorities, the highest one (lowest number) at which a process waits.
  package var best: Int? { strict.best }

  /// Whether it is plain that nobody waits.
  @inline(__always)
  var isIdle: Bool { isStrict && strict.best == nil }

  /// How many wait.
  package var waitingCount: Int { isStrict ? strict.waitingCount : policy?.waitingCount ?? 0 }

  /// How many processes are equally entitled to the next hart; 0 when none waits.
  package var options: Int { isStrict ? strict.options : policy?.options ?? 0 }

  /// The one at `index` of those who are equally entitled.
  package func candidate(_ index: Int) -> Slot {
    guard !isStrict, let policy else { return strict.candidate(index) }
    return policy.candidate(index)
  }

  /// What each of them has in a drawing, where it is one.
  var tickets: Tickets? { isStrict ? nil : policy?.tickets }

  /// What a process that waits has to show for itself.
  package func standing(of slot: Slot) -> Standing {
    isStrict ? Standing() : policy?.standing(of: slot) ?? Standing()
  }

  /// The same for the one at `index` of those who are equally entitled.
  @inline(__always)
  func standing(ofCandidate index: Int) -> Standing {
    isStrict ? Standing() : standing(of: candidate(index))
  }

  // MARK: Coming and going

  /// Puts a process in line that has become runnable, or has had its turn.
  mutating func append(_ slot: Slot, priority: Int, used: UInt64 = 0) {
    if isStrict { return strict.append(slot, priority: priority) }
    policy?.insert(slot, priority: priority, used: used, keepsTurn: false)
  }

  /// Puts a process back that did not use up its turn.
  mutating func prepend(_ slot: Slot, priority: Int, used: UInt64 = 0) {
    if isStrict { return strict.prepend(slot, priority: priority) }
    policy?.insert(slot, priority: priority, used: used, keepsTurn: true)
  }

  /// Takes the one at `index` of those entitled.
  mutating func take(_ index: Int) -> Slot? {
    if isStrict { return strict.take(index) }
    guard options > 0 else { return nil }
    return policy?.take(index)
  }

  /// Takes a waiting process out, wherever it stands.
  mutating func remove(_ slot: Slot, priority: Int) {
    if isStrict { return strict.remove(slot, priority: priority) }
    policy?.remove(slot)
  }

  /// Takes many out in one go, wherever they stand.
  mutating func removeAll(where isTaken: (Slot) -> Bool) {
    if isStrict { return strict.removeAll(where: isTaken) }
    policy?.removeAll(where: isTaken)
  }

  /// A running process blocks.
  @inline(__always)
  mutating func leave(_ slot: Slot, used: UInt64) {
    if isStrict { return }
    policy?.leave(slot, used: used)
  }

  /// A running process has a child, which comes to wait next.
  mutating func share(_ parent: Slot, used: UInt64, with child: Slot, priority: Int) {
    policy?.share(parent, used: used, with: child, priority: priority)
  }

  /// A process has ended, and its slot will be another's.
  @inline(__always)
  mutating func forget(_ slot: Slot, used: UInt64, parent: Slot?) {
    if isStrict { return }
    policy?.forget(slot, used: used, parent: parent)
  }

  /// A process has another priority, whatever it does.
  mutating func setPriority(_ slot: Slot, to priority: Int, used: UInt64) {
    policy?.setPriority(slot, to: priority, used: used)
  }

  // MARK: Running

  /// A running process has used so much in all.
  mutating func charge(_ slot: Slot, used: UInt64) { policy?.charge(slot, used: used) }

  /// All who run have been charged: whoever is next can be told.
  mutating func settle() { policy?.settle() }

  /// A hart's clock got to this tick.
  @inline(__always)
  mutating func noteTick(_ tick: UInt64) {
    if isStrict { return }
    policy?.noteTick(tick)
  }

  /// How long a process may run that gets a hart; nil for a whole slice.
  @inline(__always)
  func slice(of slot: Slot, used: UInt64) -> UInt64? {
    isStrict ? nil : policy?.slice(of: slot, used: used)
  }

  /// Whether a process waits that is as entitled to the hart as the one that runs there, once that has
  /// had its turn.
  @inline(__always)
  func isWaitedFor(_ slot: Slot, priority: Int, used: UInt64) -> Bool {
    if isStrict {
      guard let best else { return false }
      return best <= priority
    }
    return isWaitedForByPolicy(slot, used: used)
  }

  /// Apart, so that asking under strict priorities stays a comparison.
  @inline(never)
  private func isWaitedForByPolicy(_ slot: Slot, used: UInt64) -> Bool {
    policy?.isWaitedFor(slot, used: used) ?? false
  }

  /// Whether one waits that is exactly as entitled.
  func hasEqual(_ slot: Slot, priority: Int, used: UInt64) -> Bool {
    isStrict ? best == priority : isWaitedForByPolicy(slot, used: used)
  }

  /// Of the running processes, the one that has to give its hart to one that waits: an index into
  /// `running`. Strict priorities have their own way, which the session goes.
  func preempted(of running: [(slot: Slot, used: UInt64)]) -> Int? {
    guard let policy, let waiting = policy.urgency else { return nil }
    var last: (index: Int, urgency: Int64)?
    for (index, client) in running.enumerated() {
      let urgency = policy.urgency(ofRunning: client.slot, used: client.used)
      if let found = last, urgency &- found.urgency <= 0 { continue }
      last = (index, urgency)
    }
    guard let last, waiting &- last.urgency < 0 else { return nil }
    return last.index
  }
}

extension Scheduler: Digestible {
  func combine(into digest: inout Digest) {
    if let policy {
      digest.combine(UInt64(kind.rawValue))
      policy.combine(into: &digest)
    } else {
      digest.combine(strict)
    }
  }
}
