// Earliest eligible virtual deadline first. Virtual time goes by as fast as one over the weight of all
// who want to run; each of these has its own, which rises by one over its weight with every instruction that
// it uses. Its lag is how far its own is behind: what it is owed. Who is owed something is eligible; of
// those the one whose slice has to be over first, in virtual time, is next, and takes a hart from one
// whose slice may be over later. (Stoica and Abdel-Wahab, "Earliest Eligible Virtual Deadline First",
// Old Dominion University, 1995; Linux since 6.6, kernel/sched/fair.c, whose way of
// letting a process come back with the lag that it left with this is.)
//
// Lag is bounded by two slices: on several harts a process may weigh more than one hart can give it.
// Where nobody is eligible, whoever has used least is next, so that no hart idles.

struct FairShare: SchedulingPolicy {
  /// Who comes joins when those who run have been charged: `settle`.
  private enum Place: UInt8 { case unknown, away, coming, waiting, running }

  private struct Client {
    var place = Place.unknown
    var weight: UInt64 = 0
    /// Its virtual time; while it is away or coming, its lag.
    var time: Int64 = 0
    var deadline: Int64 = 0
    var charged: UInt64 = 0
    /// Whether it comes for the first time.
    var isNew = false
    /// The lag with which it came to wait last.
    var granted: Int64 = 0
  }

  private var clients: [Client] = []
  private var comers: [Slot] = []
  /// Who is eligible, by deadline; and who is not, by its virtual time.
  private var eligible = SmallestKey()
  private var early = SmallestKey()
  /// Virtual time: the mean of everybody's own, by weight.
  private var clock: Int64 = 0
  /// The weight of all who wait or run.
  private var total: UInt64 = 0
  private let slice: UInt64
  private let mistakes: SchedulerMistakes

  init(tick: UInt64, _ mistakes: SchedulerMistakes) {
    slice = tick
    self.mistakes = mistakes
  }

  var waitingCount: Int { eligible.count + early.count + comers.count }
  var options: Int { min(waitingCount, 1) }
  func candidate(_ index: Int) -> Slot { eligible.first ?? early.first ?? comers.first ?? 0 }

  func standing(of slot: Slot) -> Standing {
    if clients[slot].place == .coming {
      let lag = lagOnJoining(slot)
      return Standing(
        rank: Weight.time(slice, of: clients[slot].weight) &- lag, measure: lag)
    }
    return Standing(rank: clients[slot].deadline &- clock, measure: clock &- clients[slot].time)
  }

  func lagOnComing(of slot: Slot) -> Int64? {
    clients[slot].place == .coming ? lagOnJoining(slot) : clients[slot].granted
  }

  // MARK: Virtual time

  private func bound(_ weight: UInt64) -> Int64 { Weight.time(2 * slice, of: weight) }

  private func bounded(_ lag: Int64, _ weight: UInt64) -> Int64 {
    mistakes.contains(.lagUnbounded) ? lag : min(max(lag, -bound(weight)), bound(weight))
  }

  /// Takes part from now on, with this lag, which it still has when virtual time has made room for it.
  private mutating func join(_ slot: Slot, lag: Int64) {
    let weight = clients[slot].weight
    if total == 0 {
      clients[slot].time = clock
    } else {
      let distance = lag &+ Weight.scaled(lag, from: total, to: weight)
      clients[slot].time = clock &- distance
      clock &-= Weight.scaled(distance, from: total + weight, to: weight)
    }
    total += weight
  }

  /// Takes part no longer.
  ///
  /// - Returns: its lag.
  private mutating func part(_ slot: Slot) -> Int64 {
    let weight = clients[slot].weight
    let lag = clock &- clients[slot].time
    total -= weight
    if total > 0 { clock &+= Weight.scaled(lag, from: total, to: weight) }
    return lag
  }

  mutating func charge(_ slot: Slot, used: UInt64) {
    guard clients.indices.contains(slot), clients[slot].place == .running else { return }
    let service = used - clients[slot].charged
    if service == 0 { return }
    clients[slot].charged = used
    let weight = clients[slot].weight
    clients[slot].time &+= Weight.time(service, of: weight)
    clock &+= Weight.time(service, of: total)
    let lag = clock &- clients[slot].time
    if lag > bound(weight) {
      _ = part(slot)
      join(slot, lag: bound(weight))
    }
    renew(slot)
  }

  /// Begins another slice if one is used up.
  private mutating func renew(_ slot: Slot) {
    guard clients[slot].deadline &- clients[slot].time <= 0 else { return }
    clients[slot].deadline =
      clients[slot].time &+ Weight.time(slice, of: clients[slot].weight)
  }

  // MARK: Coming and going

  mutating func insert(_ slot: Slot, priority: Int, used: UInt64, keepsTurn: Bool) {
    while clients.count <= slot { clients.append(Client()) }
    switch clients[slot].place {
    case .running:
      charge(slot, used: used)
      stand(slot)
      return
    case .unknown: clients[slot].isNew = true
    case .away:
      // What it did last before it left was paid for after that.
      let late = Weight.time(used - clients[slot].charged, of: clients[slot].weight)
      if !mistakes.contains(.lagUnbounded) { clients[slot].time &-= late }
    case .coming, .waiting: preconditionFailure("in line already")
    }
    clients[slot].weight = Weight.of(priority: priority)
    clients[slot].charged = used
    clients[slot].place = .coming
    comers.append(slot)
  }

  /// With which lag one that comes would join now.
  private func lagOnJoining(_ slot: Slot) -> Int64 {
    if clients[slot].isNew { return 0 }
    if mistakes.contains(.lagUnbounded) { return clock &- clients[slot].time }
    return bounded(clients[slot].time, clients[slot].weight)
  }

  private mutating func join(_ slot: Slot) {
    let lag = lagOnJoining(slot)
    clients[slot].granted = lag
    clients[slot].isNew = false
    join(slot, lag: lag)
    clients[slot].deadline = clients[slot].time &+ Weight.time(slice, of: clients[slot].weight)
    stand(slot)
  }

  private mutating func stand(_ slot: Slot) {
    clients[slot].place = .waiting
    if isEligible(slot) {
      eligible.insert(slot, key: clients[slot].deadline)
    } else {
      early.insert(slot, key: clients[slot].time)
    }
  }

  private func isEligible(_ slot: Slot) -> Bool {
    clients[slot].time &- clock <= 0 || mistakes.contains(.eligibilityIgnored)
  }

  /// Lets those join who have come, and moves whoever has become eligible, or at the head is so no longer.
  mutating func settle() {
    if !comers.isEmpty {
      for slot in comers { join(slot) }
      comers.removeAll(keepingCapacity: true)
    }
    while let slot = early.first, isEligible(slot) {
      early.remove(slot)
      eligible.insert(slot, key: clients[slot].deadline)
    }
    while let slot = eligible.first, !isEligible(slot) {
      eligible.remove(slot)
      early.insert(slot, key: clients[slot].time)
    }
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
    stepOut(slot)
    clients[slot].place = .running
  }

  private mutating func stepOut(_ slot: Slot) {
    if eligible.contains(slot) { eligible.remove(slot) } else { early.remove(slot) }
  }

  mutating func remove(_ slot: Slot) {
    if clients[slot].place == .coming {
      comers.removeAll { $0 == slot }
      clients[slot].place = .away
      return
    }
    stepOut(slot)
    goAway(slot)
  }

  private mutating func goAway(_ slot: Slot) {
    let lag = part(slot)
    if !mistakes.contains(.lagUnbounded) {
      clients[slot].time = bounded(lag, clients[slot].weight)
    }
    clients[slot].place = .away
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

  /// A child gets half of what its parent is owed, or owes: a claim that a parent has is not used by children and still
  /// there when they have ended.
  mutating func share(_ parent: Slot, used: UInt64, with child: Slot, priority: Int) {
    charge(parent, used: used)
    guard clients.indices.contains(parent), clients[parent].place == .running else { return }
    while clients.count <= child { clients.append(Client()) }
    let half = (clock &- clients[parent].time) / 2
    changeLag(of: parent) { $0 &- half }
    let weight = Weight.of(priority: priority)
    let own = Weight.scaled(half, from: weight, to: clients[parent].weight)
    clients[child] = Client(place: .away, weight: weight, time: own)
  }

  /// Gives a process another lag, and the rest of its slice at the same distance as before.
  private mutating func changeLag(of slot: Slot, _ changed: (Int64) -> Int64) {
    let (place, weight) = (clients[slot].place, clients[slot].weight)
    switch place {
    case .unknown: return
    case .away, .coming: clients[slot].time = bounded(changed(clients[slot].time), weight)
    case .waiting, .running:
      if place == .waiting { stepOut(slot) }
      let left = clients[slot].deadline &- clients[slot].time
      join(slot, lag: bounded(changed(part(slot)), weight))
      clients[slot].deadline = clients[slot].time &+ left
      if place == .waiting { stand(slot) }
    }
  }

  /// What it has used since it was last charged counts, as under `Stride`. What it is owed at its end, or owes, is its
  /// parent's.
  mutating func forget(_ slot: Slot, used: UInt64, parent: Slot?) {
    guard clients.indices.contains(slot) else { return }
    charge(slot, used: used)
    let weight = clients[slot].weight
    let lag = clients[slot].place == .running ? part(slot) : clients[slot].time
    let isKnown = clients[slot].place != .unknown
    clients[slot] = Client()
    if isKnown, let parent, clients.indices.contains(parent) {
      let service = Weight.scaled(lag, from: max(clients[parent].weight, 1), to: weight)
      changeLag(of: parent) { $0 &+ service }
    }
  }

  mutating func setPriority(_ slot: Slot, to priority: Int, used: UInt64) {
    guard clients.indices.contains(slot) else { return }
    charge(slot, used: used)
    let (place, old) = (clients[slot].place, clients[slot].weight)
    let new = Weight.of(priority: priority)
    switch place {
    case .unknown: return
    case .away, .coming:
      clients[slot].time = Weight.scaled(clients[slot].time, from: new, to: old)
      clients[slot].weight = new
    case .waiting, .running:
      if place == .waiting { stepOut(slot) }
      let left = clients[slot].deadline &- clients[slot].time
      let lag = part(slot)
      clients[slot].weight = new
      join(slot, lag: bounded(Weight.scaled(lag, from: new, to: old), new))
      clients[slot].deadline = clients[slot].time &+ Weight.scaled(left, from: new, to: old)
      if place == .waiting { stand(slot) }
    }
  }

  // MARK: Turns

  /// What is left of the slice, rounded up.
  func slice(of slot: Slot, used: UInt64) -> UInt64 {
    let left = clients[slot].deadline &- clients[slot].time
    let service = UInt64(max(left, 0)).multipliedFullWidth(by: clients[slot].weight)
    let whole = service.high << (64 - Weight.scale) | service.low >> Weight.scale
    return min(whole + 1, slice)
  }

  var urgency: Int64? { eligible.first.map { clients[$0].deadline } }
  func urgency(ofRunning slot: Slot, used: UInt64) -> Int64 { clients[slot].deadline }
}

extension FairShare: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(eligible)
    digest.combine(early)
    digest.combine(comers)
    digest.combine(clock)
    digest.combine(total)
    for client in clients where client.place != .unknown {
      digest.combine(UInt64(client.place.rawValue))
      digest.combine(client.weight)
      digest.combine(client.time)
      digest.combine(client.deadline)
      digest.combine(client.charged)
    }
  }
}
