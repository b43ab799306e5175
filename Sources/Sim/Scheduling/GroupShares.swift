// Shares of the harts among groups, above the policies. There is none before there is a group; then each
// group has a line of the processes in the group itself, kept by the policy in force, and who is next is
// found from the root down: at each level whoever has the least virtual time among those with a process
// that waits. Virtual time rises by what was used over the weight. At a level there are the groups right
// below, each with its weight, and the group's own processes, each with the weight of a new group.
//
// Strict priorities go before shares: there is a contest for each priority, and the best at which anybody waits is
// held. The other policies order the processes of one group, and there is one contest at each level.
//
// Who comes to wait starts no earlier than whoever was taken last (start-time fair queueing: Goyal, Vin and
// Cheng, SIGCOMM 1996), so nothing is saved up by sleeping. Counted are instructions that were used, whatever
// turns they were used in.

struct GroupShares: Sendable {
  /// What a new group weighs, and each process beside the groups below its own.
  private static let usualWeight = UInt64(ProcessorUse.usualWeight)

  private enum Place: UInt8 { case unknown, away, waiting, running }

  private struct Member {
    var place = Place.unknown
    /// The node of its group; kept when it has ended, for what it used last.
    var home = 0
    var rank = 0
  }

  /// A part in a contest.
  private struct Claim {
    var time: Int64 = 0
    /// Processes in line, and those with those that run.
    var waiting = 0
    var wanting = 0
  }

  /// Those of one level with somebody in line, by their virtual times. A group's own processes have the
  /// number of the group's node, and each group below the number of its node.
  private struct Contest {
    var line = SmallestKey()
    /// The virtual time of whoever began a turn last.
    var clock: Int64 = 0
  }

  private struct Node {
    var group: GroupID
    var parent: Int
    var weight = GroupShares.usualWeight
    /// The processes in the group itself.
    var line: Scheduler { didSet { isSettled = false } }
    /// Whether nothing has happened in the line since all who run had been charged.
    private(set) var isSettled = false
    /// By rank: the group in its parent's contest, and its own processes in its own.
    var outer: [Claim]
    var inner: [Claim]
    var contests: [Contest?]

    mutating func settle() {
      line.settle()
      isSettled = true
    }
  }

  private static let root = 0
  private static let nobody = -1

  private var nodes: [Node]
  private var free: [Int] = []
  /// By number of the group, its node; the root is not in it.
  private var places: [(group: GroupID, node: Int)] = []
  private var members: [Member] = []
  /// Bit r is set when a process waits at rank r.
  private var occupied: UInt32 = 0
  private(set) var waitingCount = 0
  /// 16 under strict priorities, 1 under the other policies.
  private let ranks: Int
  private let mistakes: SchedulerMistakes

  /// - Parameter line: the processes so far, all of them in the root.
  init(_ line: Scheduler, mistakes: SchedulerMistakes) {
    ranks = line.isStrict ? Scheduler.priorities : 1
    self.mistakes = mistakes
    nodes = []
    nodes.append(node(of: .root, below: GroupShares.nobody, line))
  }

  private func node(of group: GroupID, below parent: Int, _ line: Scheduler) -> Node {
    let claims = [Claim](repeating: Claim(), count: ranks)
    return Node(
      group: group, parent: parent, line: line, outer: claims, inner: claims,
      contests: Array(repeating: nil, count: ranks))
  }

  // MARK: Groups

  /// Whether there is only the root any more.
  var isOver: Bool { places.isEmpty }

  /// The processes of the root.
  var rootLine: Scheduler { nodes[GroupShares.root].line }

  private func node(of group: GroupID) -> Int {
    let place = places.partitioningIndex { $0.group >= group }
    guard place < places.count, places[place].group == group else { return GroupShares.root }
    return places[place].node
  }

  /// A new group; it has a higher number than all before.
  mutating func add(_ group: GroupID, below parent: GroupID, line: Scheduler) {
    let above = node(of: parent)
    var new = node(of: group, below: above, line)
    for rank in 0..<ranks { new.outer[rank].time = nodes[above].contests[rank]?.clock ?? 0 }
    let place = free.popLast() ?? nodes.count
    if place == nodes.count { nodes.append(new) } else { nodes[place] = new }
    places.append((group, place))
  }

  /// A group in which nobody is any more is gone.
  mutating func drop(_ group: GroupID) {
    let place = places.partitioningIndex { $0.group >= group }
    guard place < places.count, places[place].group == group else { return }
    let gone = places.remove(at: place).node
    for slot in members.indices where members[slot].home == gone {
      members[slot].home = GroupShares.root
    }
    free.append(gone)
  }

  mutating func setWeight(of group: GroupID, to weight: UInt64) {
    if mistakes.contains(.weightIgnored) { return }
    nodes[node(of: group)].weight = weight
  }

  // MARK: Virtual time

  private func claim(_ entity: Int, in level: Int, _ rank: Int) -> Claim {
    entity == level ? nodes[level].inner[rank] : nodes[entity].outer[rank]
  }

  /// A process has used so much; so have its group and all above.
  mutating func charge(_ slot: Slot, _ amount: UInt64) {
    guard members.indices.contains(slot) else { return }
    let (home, rank) = (members[slot].home, members[slot].rank)
    let beside = UInt64(max(nodes[home].inner[rank].wanting, 1)) * GroupShares.usualWeight
    nodes[home].inner[rank].time &+= Weight.time(amount, of: beside)
    reorder(home, in: home, rank, nodes[home].inner[rank])
    var here = home
    while nodes[here].parent != GroupShares.nobody {
      nodes[here].outer[rank].time &+= Weight.time(amount, of: nodes[here].weight)
      reorder(here, in: nodes[here].parent, rank, nodes[here].outer[rank])
      here = nodes[here].parent
    }
  }

  private mutating func reorder(_ entity: Int, in level: Int, _ rank: Int, _ claim: Claim) {
    if claim.waiting > 0 { nodes[level].contests[rank]?.line.move(entity, to: claim.time) }
  }

  /// A process begins another turn on its hart.
  mutating func beginTurn(of slot: Slot) {
    guard members.indices.contains(slot) else { return }
    let (home, rank) = (members[slot].home, members[slot].rank)
    advance(home, rank, to: nodes[home].inner[rank].time)
    var here = home
    while nodes[here].parent != GroupShares.nobody {
      advance(nodes[here].parent, rank, to: nodes[here].outer[rank].time)
      here = nodes[here].parent
    }
  }

  private mutating func advance(_ level: Int, _ rank: Int, to time: Int64) {
    var contest = nodes[level].contests[rank] ?? Contest()
    nodes[level].contests[rank] = nil
    if time &- contest.clock > 0 { contest.clock = time }
    nodes[level].contests[rank] = contest
  }

  // MARK: Who wants to run

  /// More or fewer wait or want to run, in a group and in all above.
  private mutating func count(_ home: Int, _ rank: Int, waiting: Int, wanting: Int) {
    waitingCount += waiting
    changeInner(home, rank, waiting, wanting)
    var here = home
    while true {
      let level = nodes[here].parent
      let before = nodes[here].outer[rank]
      nodes[here].outer[rank].waiting += waiting
      nodes[here].outer[rank].wanting += wanting
      if level == GroupShares.nobody { break }
      if let time = settle(here, in: level, rank, nodes[here].outer[rank], before) {
        nodes[here].outer[rank].time = time
      }
      here = level
    }
    let bit: UInt32 = 1 << UInt32(rank)
    if nodes[GroupShares.root].outer[rank].waiting > 0 { occupied |= bit } else { occupied &= ~bit }
  }

  private mutating func changeInner(_ home: Int, _ rank: Int, _ waiting: Int, _ wanting: Int) {
    let before = nodes[home].inner[rank]
    nodes[home].inner[rank].waiting += waiting
    nodes[home].inner[rank].wanting += wanting
    if let time = settle(home, in: home, rank, nodes[home].inner[rank], before) {
      nodes[home].inner[rank].time = time
    }
  }

  /// Enters a claim into its contest with the first who waits, and takes it out with the last.
  ///
  /// - Returns: its virtual time, if it comes to wait, or to run there without having waited.
  private mutating func settle(
    _ entity: Int, in level: Int, _ rank: Int, _ claim: Claim, _ before: Claim
  ) -> Int64? {
    let comesToRun = before.wanting == 0 && claim.wanting > 0 && claim.waiting == 0
    if !comesToRun, (before.waiting > 0) == (claim.waiting > 0) { return nil }
    var contest = nodes[level].contests[rank] ?? Contest()
    nodes[level].contests[rank] = nil
    defer { nodes[level].contests[rank] = contest }
    if !comesToRun, claim.waiting == 0 {
      contest.line.remove(entity)
      return nil
    }
    var time = claim.time
    if time &- contest.clock < 0, !mistakes.contains(.timeSavedUp) { time = contest.clock }
    if claim.waiting > 0 { contest.line.insert(entity, key: time) }
    return time
  }

  // MARK: Who is next

  /// The best rank at which somebody waits.
  var best: Int? { occupied == 0 ? nil : occupied.trailingZeroBitCount }

  private var served: Int? {
    mistakes.contains(.lowestFirst) && occupied != 0 ? 31 - occupied.leadingZeroBitCount : best
  }

  /// The node whose own line is next.
  private var next: Int? {
    guard let rank = served else { return nil }
    var here = GroupShares.root
    while let entity = nodes[here].contests[rank]?.line.first, entity != here { here = entity }
    return here
  }

  var options: Int { next.map { nodes[$0].line.options } ?? 0 }
  func candidate(_ index: Int) -> Slot { nodes[next ?? GroupShares.root].line.candidate(index) }
  var tickets: Tickets? { next.flatMap { nodes[$0].line.tickets } }

  func standing(of slot: Slot) -> Standing { nodes[members[slot].home].line.standing(of: slot) }
  func lagOnComing(of slot: Slot) -> Int64? {
    nodes[members[slot].home].line.lagOnComing(of: slot)
  }

  mutating func take(_ index: Int) -> Slot? {
    guard let rank = served, let home = next else { return nil }
    guard let slot = nodes[home].line.take(index) else { return nil }
    members[slot].place = .running
    beginTurn(of: slot)
    count(home, rank, waiting: -1, wanting: 0)
    return slot
  }

  /// The groups of a level are compared only where those of a running process and of the next one part.
  func isWaitedFor(_ slot: Slot, priority: Int, used: UInt64) -> Bool {
    guard let rank = best else { return false }
    if ranks > 1, rank != priority { return rank < priority }
    let home = members[slot].home
    var here = GroupShares.root
    while let entity = nodes[here].contests[rank]?.line.first {
      let own = ancestor(of: home, below: here)
      if entity != own {
        // Under first come, first served nobody loses its hart.
        if nodes[here].line.kind == .fifo { return false }
        let first = claim(entity, in: here, rank).time
        return first &- claim(own, in: here, rank).time <= 0
      }
      if entity == here { break }
      here = entity
    }
    return nodes[here].line.isWaitedFor(slot, priority: priority, used: used)
  }

  /// Of a level, the one to which a node belongs: a group right below, or the level's own processes.
  private func ancestor(of node: Int, below level: Int) -> Int {
    var here = node
    while here != level, nodes[here].parent != level, nodes[here].parent != GroupShares.nobody {
      here = nodes[here].parent
    }
    return here
  }

  /// Whether one waits that is as entitled, were it not for what has been used.
  func hasEqual(priority: Int) -> Bool { ranks > 1 ? best == priority : best != nil }

  var urgency: Int64? { next.flatMap { nodes[$0].line.urgency } }

  /// Within a turn a process gives way to one of its own group only.
  func urgency(ofRunning slot: Slot, used: UInt64) -> Int64? {
    guard let next, members[slot].home == next else { return nil }
    return nodes[next].line.urgency(ofRunning: slot, used: used)
  }

  func slice(of slot: Slot, used: UInt64) -> UInt64? {
    nodes[members[slot].home].line.slice(of: slot, used: used)
  }

  // MARK: Coming and going

  /// A process of the root that there was before there were groups.
  mutating func admit(_ slot: Slot, priority: Int, isWaiting: Bool, isRunning: Bool) {
    while members.count <= slot { members.append(Member()) }
    members[slot].rank = ranks > 1 ? priority : 0
    members[slot].place = isWaiting ? .waiting : isRunning ? .running : .away
    guard isWaiting || isRunning else { return }
    count(GroupShares.root, members[slot].rank, waiting: isWaiting ? 1 : 0, wanting: 1)
  }

  mutating func insert(
    _ slot: Slot, in group: GroupID, priority: Int, used: UInt64, keepsTurn: Bool
  ) {
    while members.count <= slot { members.append(Member()) }
    let rank = ranks > 1 ? priority : 0
    let wasRunning = members[slot].place == .running
    if wasRunning {
      count(members[slot].home, members[slot].rank, waiting: 0, wanting: -1)
    } else {
      members[slot].home = node(of: group)
    }
    members[slot].rank = rank
    members[slot].place = .waiting
    let home = members[slot].home
    count(home, rank, waiting: 1, wanting: 1)
    if keepsTurn {
      nodes[home].line.prepend(slot, priority: priority, used: used)
    } else {
      nodes[home].line.append(slot, priority: priority, used: used)
    }
  }

  mutating func remove(_ slot: Slot, priority: Int) {
    let (home, rank) = (members[slot].home, members[slot].rank)
    nodes[home].line.remove(slot, priority: priority)
    members[slot].place = .away
    count(home, rank, waiting: -1, wanting: -1)
  }

  mutating func removeAll(where isTaken: (Slot) -> Bool) {
    for node in nodes.indices where nodes[node].line.waitingCount > 0 {
      nodes[node].line.removeAll(where: isTaken)
    }
    for slot in members.indices where members[slot].place == .waiting && isTaken(slot) {
      members[slot].place = .away
      count(members[slot].home, members[slot].rank, waiting: -1, wanting: -1)
    }
  }

  mutating func leave(_ slot: Slot, used: UInt64) {
    guard members.indices.contains(slot), members[slot].place == .running else { return }
    let (home, rank) = (members[slot].home, members[slot].rank)
    nodes[home].line.leave(slot, used: used)
    members[slot].place = .away
    count(home, rank, waiting: 0, wanting: -1)
  }

  /// A child begins in its parent's group.
  mutating func share(_ parent: Slot, used: UInt64, with child: Slot, priority: Int) {
    guard members.indices.contains(parent) else { return }
    nodes[members[parent].home].line.share(parent, used: used, with: child, priority: priority)
  }

  mutating func forget(_ slot: Slot, used: UInt64, parent: Slot?) {
    guard members.indices.contains(slot), members[slot].place != .unknown else { return }
    let (home, rank) = (members[slot].home, members[slot].rank)
    // What a process is owed in its group is of no use in another one.
    let heir = parent.flatMap { parent in
      members.indices.contains(parent) && members[parent].home == home ? parent : nil
    }
    nodes[home].line.forget(slot, used: used, parent: heir)
    if members[slot].place == .running { count(home, rank, waiting: 0, wanting: -1) }
    members[slot].place = .unknown
  }

  /// A process is in another group from now on, whatever it does.
  mutating func move(_ slot: Slot, to group: GroupID, priority: Int, used: UInt64) {
    guard members.indices.contains(slot), members[slot].place != .unknown else { return }
    let (old, new, rank) = (members[slot].home, node(of: group), members[slot].rank)
    members[slot].home = new
    switch members[slot].place {
    case .unknown: break
    case .away: nodes[old].line.forget(slot, used: used, parent: nil)
    case .waiting:
      nodes[old].line.remove(slot, priority: priority)
      nodes[old].line.forget(slot, used: used, parent: nil)
      count(old, rank, waiting: -1, wanting: -1)
      count(new, rank, waiting: 1, wanting: 1)
      nodes[new].line.append(slot, priority: priority, used: used)
    case .running:
      nodes[old].line.leave(slot, used: used)
      nodes[old].line.forget(slot, used: used, parent: nil)
      count(old, rank, waiting: 0, wanting: -1)
      count(new, rank, waiting: 0, wanting: 1)
      nodes[new].line.adopt(slot, priority: priority, used: used)
    }
  }

  mutating func setPriority(_ slot: Slot, to priority: Int, used: UInt64) {
    guard members.indices.contains(slot) else { return }
    let (home, rank) = (members[slot].home, members[slot].rank)
    nodes[home].line.setPriority(slot, to: priority, used: used)
    guard ranks > 1, members[slot].place != .waiting else { return }
    members[slot].rank = priority
    guard members[slot].place == .running else { return }
    count(home, rank, waiting: 0, wanting: -1)
    count(home, priority, waiting: 0, wanting: 1)
  }

  // MARK: What policies are told

  mutating func tell(_ slot: Slot, used: UInt64) {
    guard members.indices.contains(slot) else { return }
    nodes[members[slot].home].line.charge(slot, used: used)
  }

  mutating func settle() {
    for node in nodes.indices where !nodes[node].isSettled && nodes[node].inner[0].waiting > 0 {
      nodes[node].settle()
    }
  }

  mutating func noteTick(_ tick: UInt64) {
    for node in nodes.indices { nodes[node].line.noteTick(tick) }
  }
}

extension GroupShares: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(occupied)
    for (group, node) in [(GroupID.root, GroupShares.root)] + places.map({ ($0.group, $0.node) }) {
      digest.combine(group.raw)
      digest.combine(nodes[node].weight)
      digest.combine(nodes[node].line)
      for rank in 0..<ranks {
        for claim in [nodes[node].outer[rank], nodes[node].inner[rank]] where claim.time != 0 {
          digest.combine(claim.time)
          digest.combine(claim.wanting)
        }
        if let contest = nodes[node].contests[rank] {
          digest.combine(contest.clock)
          digest.combine(contest.line)
        }
      }
    }
  }
}
