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
  /// Above these, as long as there are groups; the processes are in its lines then.
  private var shares: GroupShares?
  /// Whether strict priorities are asked directly, as before there is a group.
  package private(set) var isPlain: Bool
  private let tick: UInt64
  /// Whether strict priorities serve everyone who waits before anyone again.
  private var hasRounds = true
  /// The last tick that a hart's clock got to while it was busy, for policies that count them.
  private var notedTick: UInt64 = 0
  private let mistakes: SchedulerMistakes

  init(
    _ kind: SchedulerKind = .priority, tick: UInt64 = 100_000,
    mistakes: SchedulerMistakes = SchedulerMistakes()
  ) {
    self.kind = kind
    self.tick = tick
    self.mistakes = mistakes
    isPlain = kind == .priority
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
  package var best: Int? {
    if isPlain { return strict.best }
    return isStrict ? shares?.best : nil
  }

  /// Whether it is plain that nobody waits.
  @inline(__always)
  var isIdle: Bool { isPlain && strict.best == nil }

  /// How many wait.
  package var waitingCount: Int {
    if isPlain { return strict.waitingCount }
    if let shares { return shares.waitingCount }
    return policy?.waitingCount ?? 0
  }

  /// How many processes are equally entitled to the next hart; 0 when none waits.
  package var options: Int {
    if isPlain { return strict.options }
    if let shares { return shares.options }
    return policy?.options ?? 0
  }

  /// The one at `index` of those who are equally entitled.
  package func candidate(_ index: Int) -> Slot {
    if isPlain { return strict.candidate(index) }
    if let shares { return shares.candidate(index) }
    return policy?.candidate(index) ?? 0
  }

  /// What each of them has in a drawing, where it is one.
  var tickets: Tickets? {
    if isStrict { return nil }
    if let shares { return shares.tickets }
    return policy?.tickets
  }

  /// What a process that waits has to show for itself.
  package func standing(of slot: Slot) -> Standing {
    if isStrict { return Standing() }
    if let shares { return shares.standing(of: slot) }
    return policy?.standing(of: slot) ?? Standing()
  }

  /// What a process that waits was owed when it came to wait, as far as that was granted; nil where nothing is owed.
  package func lagOnComing(of slot: Slot) -> Int64? {
    if isStrict { return nil }
    if let shares { return shares.lagOnComing(of: slot) }
    return policy?.lagOnComing(of: slot)
  }

  /// The same for the one at `index` of those who are equally entitled.
  @inline(__always)
  func standing(ofCandidate index: Int) -> Standing {
    isStrict ? Standing() : standing(of: candidate(index))
  }

  /// Leaves it to whoever decides how long anyone waits among those of one priority.
  mutating func forgetRounds() {
    hasRounds = false
    strict.forgetRounds()
  }

  // MARK: Coming and going

  /// Puts a process in line that has become runnable, or has had its turn.
  mutating func append(
    _ slot: Slot, priority: Int, used: UInt64 = 0, in group: GroupID = .root
  ) {
    if isPlain { return strict.append(slot, priority: priority) }
    insert(slot, priority, used, group, keepsTurn: false)
  }

  /// Puts a process back that did not use up its turn.
  mutating func prepend(
    _ slot: Slot, priority: Int, used: UInt64 = 0, in group: GroupID = .root
  ) {
    if isPlain { return strict.prepend(slot, priority: priority) }
    insert(slot, priority, used, group, keepsTurn: true)
  }

  private mutating func insert(
    _ slot: Slot, _ priority: Int, _ used: UInt64, _ group: GroupID, keepsTurn: Bool
  ) {
    if isShared {
      shares?.insert(slot, in: group, priority: priority, used: used, keepsTurn: keepsTurn)
    } else {
      policy?.insert(slot, priority: priority, used: used, keepsTurn: keepsTurn)
    }
  }

  /// Takes the one at `index` of those entitled.
  mutating func take(_ index: Int) -> Slot? {
    if isPlain { return strict.take(index) }
    if isShared { return shares?.take(index) }
    guard options > 0 else { return nil }
    return policy?.take(index)
  }

  /// Takes a waiting process out, wherever it stands.
  mutating func remove(_ slot: Slot, priority: Int) {
    if isPlain { return strict.remove(slot, priority: priority) }
    if isShared { return shares?.remove(slot, priority: priority) ?? () }
    policy?.remove(slot)
  }

  /// Takes many out in one go, wherever they stand.
  mutating func removeAll(where isTaken: (Slot) -> Bool) {
    if isPlain { return strict.removeAll(where: isTaken) }
    if isShared { return shares?.removeAll(where: isTaken) ?? () }
    policy?.removeAll(where: isTaken)
  }

  /// A running process blocks.
  @inline(__always)
  mutating func leave(_ slot: Slot, used: UInt64) {
    if isPlain { return }
    shares?.leave(slot, used: used)
    policy?.leave(slot, used: used)
  }

  /// A running process has a child, which comes to wait next.
  mutating func share(_ parent: Slot, used: UInt64, with child: Slot, priority: Int) {
    shares?.share(parent, used: used, with: child, priority: priority)
    policy?.share(parent, used: used, with: child, priority: priority)
  }

  /// A process has ended, and its slot will be another's.
  @inline(__always)
  mutating func forget(_ slot: Slot, used: UInt64, parent: Slot?) {
    if isPlain { return }
    shares?.forget(slot, used: used, parent: parent)
    policy?.forget(slot, used: used, parent: parent)
  }

  /// A process has another priority, whatever it does. Under strict priorities one that waits is taken out
  /// and put in line again instead.
  mutating func setPriority(_ slot: Slot, to priority: Int, used: UInt64) {
    shares?.setPriority(slot, to: priority, used: used)
    policy?.setPriority(slot, to: priority, used: used)
  }

  // MARK: Running

  /// A running process has used so much in all.
  mutating func charge(_ slot: Slot, used: UInt64) {
    shares?.tell(slot, used: used)
    policy?.charge(slot, used: used)
  }

  /// All who run have been charged: whoever is next can be told.
  mutating func settle() {
    if kind == .fair || kind == .stride { shares?.settle() }
    policy?.settle()
  }

  /// A hart's clock got to this tick.
  @inline(__always)
  mutating func noteTick(_ tick: UInt64) {
    if kind != .mlfq { return }
    notedTick = tick
    shares?.noteTick(tick)
    policy?.noteTick(tick)
  }

  /// How long a process may run that gets a hart; nil for a whole slice.
  @inline(__always)
  func slice(of slot: Slot, used: UInt64) -> UInt64? {
    if isStrict { return nil }
    if let shares { return shares.slice(of: slot, used: used) }
    return policy?.slice(of: slot, used: used)
  }

  /// Whether a process waits that is as entitled to the hart as the one that runs there, once that has
  /// had its turn.
  @inline(__always)
  func isWaitedFor(_ slot: Slot, priority: Int, used: UInt64) -> Bool {
    if isPlain {
      guard let best = strict.best else { return false }
      return best <= priority
    }
    return isWaitedForByOthers(slot, priority: priority, used: used)
  }

  /// Apart, so that asking under strict priorities stays a comparison.
  @inline(never)
  private func isWaitedForByOthers(_ slot: Slot, priority: Int, used: UInt64) -> Bool {
    if let shares { return shares.isWaitedFor(slot, priority: priority, used: used) }
    return policy?.isWaitedFor(slot, used: used) ?? false
  }

  /// Whether one waits that is exactly as entitled.
  func hasEqual(_ slot: Slot, priority: Int, used: UInt64) -> Bool {
    if isPlain { return strict.best == priority }
    if let shares { return shares.hasEqual(priority: priority) }
    return isWaitedForByOthers(slot, priority: priority, used: used)
  }

  /// How urgent the next one is; nil where it takes nobody's hart. Strict priorities have their own way, which the
  /// session goes.
  var urgency: Int64? {
    if let shares { return shares.urgency }
    return policy?.urgency
  }

  /// How urgent a process is that runs; nil where the next one cannot take its hart.
  func urgency(ofRunning slot: Slot, used: UInt64) -> Int64? {
    if let shares { return shares.urgency(ofRunning: slot, used: used) }
    return policy?.urgency(ofRunning: slot, used: used)
  }
}

// MARK: - Groups

extension Scheduler {
  /// Whether there are groups, which have shares of the harts.
  package var isShared: Bool { shares != nil }

  /// There is a group: all processes so far are in the root, and `admit` says which there are.
  mutating func beginSharing() {
    let line = self
    (strict, policy) = (StrictPriority(), nil)
    isPlain = false
    shares = GroupShares(line, mistakes: mistakes)
  }

  mutating func admit(_ slot: Slot, priority: Int, isWaiting: Bool, isRunning: Bool) {
    shares?.admit(slot, priority: priority, isWaiting: isWaiting, isRunning: isRunning)
  }

  mutating func addGroup(_ group: GroupID, below parent: GroupID) {
    var line = Scheduler(kind, tick: tick, mistakes: mistakes)
    line.noteTick(notedTick)
    if !hasRounds { line.forgetRounds() }
    shares?.add(group, below: parent, line: line)
  }

  /// With the last group the shares go.
  mutating func dropGroup(_ group: GroupID) {
    shares?.drop(group)
    guard let over = shares, over.isOver else { return }
    let line = over.rootLine
    (strict, policy, isPlain, shares) = (line.strict, line.policy, line.isPlain, nil)
  }

  mutating func setWeight(of group: GroupID, to weight: Int) {
    shares?.setWeight(of: group, to: UInt64(weight))
  }

  mutating func moveProcess(_ slot: Slot, to group: GroupID, priority: Int, used: UInt64) {
    shares?.move(slot, to: group, priority: priority, used: used)
  }

  /// A process has used so much since that was last said.
  mutating func chargeShares(_ slot: Slot, _ amount: UInt64) { shares?.charge(slot, amount) }

  /// A process has another turn on the hart that it has.
  mutating func renewTurn(of slot: Slot) { shares?.beginTurn(of: slot) }

  /// A process that runs comes from another line.
  mutating func adopt(_ slot: Slot, priority: Int, used: UInt64) {
    policy?.insert(slot, priority: priority, used: used, keepsTurn: false)
    policy?.start(slot)
  }
}

extension Scheduler: Digestible {
  func combine(into digest: inout Digest) {
    if let shares {
      digest.combine(shares)
    } else if let policy {
      digest.combine(UInt64(kind.rawValue))
      policy.combine(into: &digest)
    } else {
      digest.combine(strict)
    }
  }
}
