// Stride scheduling: each process has a pass, which rises with every instruction that it uses by its
// stride, one over its weight; whoever has the smallest pass is next. (Waldspurger and Weihl, "Stride
// Scheduling: Deterministic Proportional-Share Resource Management", MIT/LCS/TM-528, 1995, with its
// dynamic form: a global pass rises by one over the weight of all who want to run, and who
// leaves keeps its distance from that and comes back with it.)
//
// On several harts a process may weigh more than one hart can give it. What it falls behind by then is
// forgiven beyond two slices, or it would be owed more and more.

struct Stride: SchedulingPolicy {
  /// Who comes joins when those who run have been charged: `settle`.
  private enum Place: UInt8 { case unknown, away, coming, waiting, running }

  private struct Client {
    var place = Place.unknown
    var weight: UInt64 = 0
    /// While it is away or coming, its distance from the global pass.
    var pass: Int64 = 0
    var charged: UInt64 = 0
    /// Whether it comes for the first time.
    var isNew = false
  }

  private var clients: [Client] = []
  private var line = SmallestKey()
  private var comers: [Slot] = []
  private var globalPass: Int64 = 0
  /// Of all who wait or run.
  private var total: UInt64 = 0
  private let slice: UInt64
  private let mistakes: SchedulerMistakes

  init(tick: UInt64, _ mistakes: SchedulerMistakes) {
    slice = tick
    self.mistakes = mistakes
  }

  var waitingCount: Int { line.count + comers.count }
  var options: Int { min(waitingCount, 1) }
  func candidate(_ index: Int) -> Slot { line.first ?? comers.first ?? 0 }

  func standing(of slot: Slot) -> Standing {
    Standing(
      rank: clients[slot].place == .coming ? passOnJoining(slot) : clients[slot].pass,
      measure: globalPass)
  }

  private func weight(_ priority: Int) -> UInt64 {
    mistakes.contains(.strideEqual) ? 1024 : Weight.of(priority: priority)
  }

  mutating func insert(_ slot: Slot, priority: Int, used: UInt64, keepsTurn: Bool) {
    while clients.count <= slot { clients.append(Client()) }
    switch clients[slot].place {
    case .running:
      charge(slot, used: used)
      clients[slot].place = .waiting
      line.insert(slot, key: clients[slot].pass)
      return
    case .unknown: clients[slot] = Client(charged: used, isNew: true)
    case .away:
      // What it did last before it left was paid for after that.
      clients[slot].pass += Weight.time(used - clients[slot].charged, of: clients[slot].weight)
      clients[slot].charged = used
    case .coming, .waiting: preconditionFailure("in line already")
    }
    clients[slot].weight = weight(priority)
    clients[slot].place = .coming
    comers.append(slot)
  }

  /// With which pass one that comes would join now.
  private func passOnJoining(_ slot: Slot) -> Int64 {
    let client = clients[slot]
    if client.isNew { return globalPass &+ client.pass }
    if mistakes.contains(.passKeptAsleep) { return client.pass }
    return globalPass &+ max(client.pass, -Weight.time(slice, of: client.weight))
  }

  private mutating func join(_ slot: Slot) {
    clients[slot].pass = passOnJoining(slot)
    clients[slot].isNew = false
    clients[slot].place = .waiting
    total += clients[slot].weight
    line.insert(slot, key: clients[slot].pass)
  }

  mutating func settle() {
    if comers.isEmpty { return }
    for slot in comers { join(slot) }
    comers.removeAll(keepingCapacity: true)
  }

  mutating func charge(_ slot: Slot, used: UInt64) {
    guard clients.indices.contains(slot), clients[slot].place == .running else { return }
    let service = used - clients[slot].charged
    clients[slot].charged = used
    let weight = clients[slot].weight
    clients[slot].pass &+= Weight.time(service, of: weight)
    globalPass &+= Weight.time(service, of: total)
    let least = globalPass &- Weight.time(2 * slice, of: weight)
    if clients[slot].pass &- least < 0 { clients[slot].pass = least }
  }

  mutating func take(_ index: Int) -> Slot {
    let slot = candidate(index)
    start(slot)
    return slot
  }

  mutating func start(_ slot: Slot) {
    if clients[slot].place == .coming {
      comers.removeAll { $0 == slot }
      join(slot)
    }
    line.remove(slot)
    clients[slot].place = .running
  }

  mutating func remove(_ slot: Slot) {
    if clients[slot].place == .coming {
      comers.removeAll { $0 == slot }
      clients[slot].place = .away
      return
    }
    line.remove(slot)
    goAway(slot)
  }

  private mutating func goAway(_ slot: Slot) {
    clients[slot].place = .away
    clients[slot].pass &-= mistakes.contains(.passKeptAsleep) ? 0 : globalPass
    total -= clients[slot].weight
  }

  mutating func removeAll(where isTaken: (Slot) -> Bool) {
    settle()
    for slot in clients.indices where clients[slot].place == .waiting && isTaken(slot) {
      remove(slot)
    }
  }

  mutating func leave(_ slot: Slot, used: UInt64) {
    guard clients.indices.contains(slot), clients[slot].place == .running else { return }
    charge(slot, used: used)
    goAway(slot)
  }

  /// What it has used since it was last charged is the others' time too: or who has children compute, each
  /// shorter than a turn, would stop the clock for those who are owed something.
  mutating func forget(_ slot: Slot, used: UInt64, parent: Slot?) {
    guard clients.indices.contains(slot) else { return }
    charge(slot, used: used)
    if clients[slot].place == .running { total -= clients[slot].weight }
    clients[slot] = Client()
  }

  mutating func setPriority(_ slot: Slot, to priority: Int, used: UInt64) {
    guard clients.indices.contains(slot), clients[slot].place != .unknown else { return }
    charge(slot, used: used)
    let new = weight(priority)
    let isAway = clients[slot].place == .away || clients[slot].place == .coming
    if !isAway { total = total - clients[slot].weight + new }
    // What is left of a stride is as much of the new one.
    let base = isAway ? 0 : globalPass
    let distance = clients[slot].pass &- base
    let scaled = Weight.scaled(distance, from: new, to: clients[slot].weight)
    clients[slot].pass = base &+ scaled
    clients[slot].weight = new
    guard clients[slot].place == .waiting else { return }
    line.remove(slot)
    line.insert(slot, key: clients[slot].pass)
  }

  func slice(of slot: Slot, used: UInt64) -> UInt64 { slice }
}

extension Stride: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(line)
    digest.combine(comers)
    digest.combine(globalPass)
    digest.combine(total)
    for client in clients where client.place != .unknown {
      digest.combine(UInt64(client.place.rawValue))
      digest.combine(client.weight)
      digest.combine(client.pass)
      digest.combine(client.charged)
    }
  }
}
