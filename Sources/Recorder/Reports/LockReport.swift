// Who held which mutex, who waited for it, and where priorities were turned upside down: a process
// waits for one of lower priority (an inversion, `lock_wait.inverted`), and while it does others of a
// priority in between run in the holder's stead (an unbounded inversion, for it lasts as long as they
// like).

import Sim

/// The locks' report.
public struct LockReport: Report, Sendable {
  private struct Hold: Sendable {
    var pid: Int32
    var since: Int64
  }

  private struct Lock: Sendable {
    var mutex: Int64
    var name: Int64
    var cid: Int32
    var holds = Durations()
    var waits = Durations()
    /// Waits that no hold came of.
    var ungranted: Int64 = 0
    var longestHolder: Int32 = 0
    var abandoned: Int64 = 0
    var inversions: Int64 = 0
    var condition: Int64 = 0
    var hold: Hold?
    /// The holder when a process last began to wait for it or was last handed it.
    var blocking: Int32 = 0
    var blockingPriority: Int64 = 0
  }

  /// For how long others of a priority between a waiter's and the holder's ran while the holder could
  /// have, and each of them.
  private struct Between: Sendable {
    var total: Int64 = 0
    var culprits: [Int32: Int64] = [:]

    /// What has come since.
    func since(_ earlier: Between) -> Between {
      guard total != earlier.total else { return Between() }
      var rest = Between(total: total &- earlier.total)
      for (pid, time) in culprits {
        let more = time &- earlier.culprits[pid, default: 0]
        if more != 0 { rest.culprits[pid] = more }
      }
      return rest
    }

    mutating func add(_ other: Between) {
      total &+= other.total
      for (pid, time) in other.culprits { culprits[pid, default: 0] &+= time }
    }
  }

  /// Those who wait for one lock at one priority: what goes by while they wait is the same for all, and
  /// looked at once, however many they are.
  private struct Crowd: Sendable {
    var lock: Int
    var priority: Int64
    var count = 0
    var between = Between()
  }

  /// How many there are of each priority, of which there are few.
  private struct PriorityCounts: Sendable {
    private var counts: [(priority: Int64, count: Int)] = []

    var lowest: Int64? { counts.first?.priority }

    mutating func add(_ priority: Int64) {
      let place = counts.firstIndex { $0.priority >= priority } ?? counts.count
      if place < counts.count, counts[place].priority == priority {
        counts[place].count += 1
      } else {
        counts.insert((priority, 1), at: place)
      }
    }

    mutating func remove(_ priority: Int64) {
      guard let place = counts.firstIndex(where: { $0.priority == priority }) else { return }
      counts[place].count -= 1
      if counts[place].count == 0 { counts.remove(at: place) }
    }
  }

  private struct CrowdKey: Hashable {
    var lock: Int
    var priority: Int64
  }

  private struct Wait: Sendable {
    var lock: Int
    var sequence: Int64
    var pid: Int32
    var since: Int64
    var until: Int64
    /// Who had the mutex when the wait began, and the priorities of both then.
    var holder: Int32
    var priority: Int64
    var holderPriority: Int64
    /// Where it stands among the crowds, and what had gone by when it came there.
    var crowd = 0
    var joined = Between()
    /// What has gone by while it was in other crowds.
    var between = Between()
    var granted = false

    /// Who ran longest between waiter and holder.
    var culprit: Int32? {
      between.culprits.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }
  }

  /// How many waits are reported.
  private let top: Int

  private var locks: [Lock] = []
  /// The lock that a mutex's number stands for now.
  private var current: [Int64: Int] = [:]
  private var active: [Wait] = []
  /// Where in `active` a process's wait is.
  private var places = PIDTable<Int>()
  /// Those who wait, where those with somebody in them are, and where there is room for another.
  private var crowds: [Crowd] = []
  private var empty: [Int] = []
  private var crowdPlaces: [CrowdKey: Int] = [:]
  /// How many crowds with somebody in them there are of each priority: where nobody runs who is above the
  /// lowest of them, nobody runs between a waiter and a holder, however many locks are waited for.
  private var crowdsOfPriority = PriorityCounts()
  private var longest: [Wait] = []
  private var inverted: [Wait] = []
  private var priorities = PIDTable<Int64>()
  private var running: [Int32] = []
  private var sleeping = PIDTable<Bool>()
  private var looked: Int64 = 0

  public init(top: Int = 20) { self.top = min(max(1, top), 1_000_000) }

  public mutating func receive(_ event: Event, _ sequence: Int64) {
    let pid = event.process.raw
    switch event.kind {
    case .dispatch:
      lookBetween(until: event)
      setPriority(pid, event[DispatchEvent.priority])
      running.append(pid)
    case .block, .yield:
      lookBetween(until: event)
      running.removeAll { $0 == pid }
      sleeping[pid] = event.kind == .block
    case .exit:
      lookBetween(until: event)
      running.removeAll { $0 == pid }
      endWait(of: pid, event)
    case .priority:
      lookBetween(until: event)
      setPriority(pid, event[PriorityEvent.new])
    case .inherit:
      lookBetween(until: event)
      setPriority(pid, event[InheritEvent.new])
    case .wake:
      if !active.isEmpty {
        lookBetween(until: event)
        endWait(of: pid, event)
      }
      sleeping[pid] = false
    case .lockCreate, .lockAcquire, .lockContend, .lockHandOver, .lockRelease, .lockDelete,
      .lockAbandon, .cvWait, .cvSignal, .cvLatch, .cvWake:
      receiveLock(event, sequence)
    default: break
    }
  }

  private mutating func receiveLock(_ event: Event, _ sequence: Int64) {
    let time = Int64(bitPattern: event.time.instructions)
    let index = lock(event)
    switch event.kind {
    case .lockAcquire: locks[index].hold = Hold(pid: event.process.raw, since: time)
    case .lockHandOver:
      let holder = event[LockEvent.other].raw
      locks[index].hold = Hold(pid: holder, since: time)
      lookBetween(until: event)
      locks[index].blocking = holder
      if let place = places[holder], active[place].lock == index { active[place].granted = true }
    case .lockRelease, .lockAbandon:
      endHold(index, at: time)
      if event.kind == .lockAbandon { locks[index].abandoned += 1 }
    case .lockDelete: current[event[LockEvent.mutex]] = nil
    case .lockContend:
      lookBetween(until: event)
      let holder = event[LockEvent.holder].raw
      // Nobody waits twice, but in a damaged trace.
      endWait(of: event.process.raw, event)
      locks[index].blocking = holder
      locks[index].blockingPriority = priorities[holder] ?? 0
      places[event.process.raw] = active.count
      active.append(
        Wait(
          lock: index, sequence: sequence, pid: event.process.raw, since: time, until: time,
          holder: holder, priority: priorities[event.process.raw] ?? 0,
          holderPriority: priorities[holder] ?? 0))
      join(active.count - 1)
    case .cvWait: locks[index].condition += 1
    default: break
    }
  }

  private mutating func lock(_ event: Event) -> Int {
    let mutex = event[LockEvent.mutex]
    let name = event[word: LockEvent.name]
    if let index = current[mutex], locks[index].name == name { return index }
    locks.append(Lock(mutex: mutex, name: name, cid: event.container.raw))
    current[mutex] = locks.count - 1
    return locks.count - 1
  }

  private mutating func endHold(_ index: Int, at time: Int64) {
    guard let hold = locks[index].hold else { return }
    locks[index].hold = nil
    let duration = time &- hold.since
    if duration >= locks[index].holds.longest { locks[index].longestHolder = hold.pid }
    locks[index].holds.add(duration)
  }

  private mutating func endWait(of pid: Int32, _ event: Event) {
    guard let place = places[pid] else { return }
    leave(place)
    places[pid] = nil
    let last = active.count - 1
    active.swapAt(place, last)
    if place < last { places[active[place].pid] = place }
    var wait = active.removeLast()
    wait.until = Int64(bitPattern: event.time.instructions)
    finish(wait)
  }

  private mutating func finish(_ wait: Wait) {
    locks[wait.lock].waits.add(wait.until &- wait.since)
    if !wait.granted { locks[wait.lock].ungranted += 1 }
    if wait.between.total > 0 {
      locks[wait.lock].inversions += 1
      inverted.append(wait)
      if inverted.count > 2 * top { LockReport.trim(&inverted, to: top) { $0.between.total } }
    }
    longest.append(wait)
    if longest.count > 2 * top { LockReport.trim(&longest, to: top) { $0.until &- $0.since } }
  }

  private static func trim(_ waits: inout [Wait], to top: Int, by size: (Wait) -> Int64) {
    waits.sort { (size($1), $0.sequence) < (size($0), $1.sequence) }
    waits.removeLast(max(0, waits.count - top))
  }

  private mutating func lookBetween(until event: Event) {
    lookBetween(until: Int64(bitPattern: event.time.instructions))
  }

  /// Adds the time since the last look to the waits during which somebody of a priority between
  /// waiter and holder was running, and the holder was not although it could.
  private mutating func lookBetween(until time: Int64) {
    defer { looked = time }
    guard time > looked, mayBeBetween else { return }
    for place in crowds.indices where crowds[place].count > 0 {
      let own = crowds[place].priority
      let lock = locks[crowds[place].lock]
      let lower = priorities[lock.blocking] ?? lock.blockingPriority
      guard lower > own, !running.contains(lock.blocking), sleeping[lock.blocking] != true else {
        continue
      }
      var isBetween = false
      for pid in running {
        guard let priority = priorities[pid], priority > own, priority < lower else { continue }
        crowds[place].between.culprits[pid, default: 0] &+= time &- looked
        isBetween = true
      }
      if isBetween { crowds[place].between.total &+= time &- looked }
    }
  }

  private var mayBeBetween: Bool {
    guard let most = crowdsOfPriority.lowest else { return false }
    return running.contains { pid in priorities[pid].map { $0 > most } ?? false }
  }

  private mutating func setPriority(_ pid: Int32, _ priority: Int64) {
    let place = priorities[pid] == priority ? nil : places[pid]
    if let place { leave(place) }
    priorities[pid] = priority
    if let place { join(place) }
  }

  /// Puts a wait among those who wait for the same lock at the same priority.
  private mutating func join(_ place: Int) {
    let wait = active[place]
    let priority = priorities[wait.pid] ?? wait.priority
    let key = CrowdKey(lock: wait.lock, priority: priority)
    let crowd = crowdPlaces[key] ?? empty.popLast() ?? crowds.count
    if crowd == crowds.count { crowds.append(Crowd(lock: wait.lock, priority: priority)) }
    if crowds[crowd].count == 0 {
      crowds[crowd] = Crowd(lock: wait.lock, priority: priority)
      crowdPlaces[key] = crowd
      crowdsOfPriority.add(priority)
    }
    crowds[crowd].count += 1
    active[place].crowd = crowd
    active[place].joined = crowds[crowd].between
  }

  /// Takes a wait out of its crowd, with what went by while it was there.
  private mutating func leave(_ place: Int) {
    let crowd = active[place].crowd
    active[place].between.add(crowds[crowd].between.since(active[place].joined))
    crowds[crowd].count -= 1
    guard crowds[crowd].count == 0 else { return }
    crowdsOfPriority.remove(crowds[crowd].priority)
    crowdPlaces[CrowdKey(lock: crowds[crowd].lock, priority: crowds[crowd].priority)] = nil
    crowds[crowd].between = Between()
    empty.append(crowd)
  }

  public mutating func finish(_ session: SessionFacts) -> [ReportTable] {
    lookBetween(until: session.end)
    for index in locks.indices { endHold(index, at: session.end) }
    for place in active.indices { leave(place) }
    for var wait in active {
      wait.until = session.end
      finish(wait)
    }
    let order = locks.sorted {
      ($1.waits.total, $1.holds.total, $0.mutex) < ($0.waits.total, $0.holds.total, $1.mutex)
    }
    let rows: [[QueryResult.Value]] = order.map { lock in
      [
        .text(session.text(lock.name)), .integer(Int64(lock.cid)), .count(lock.holds.count),
        .integer(lock.holds.total), .integer(lock.holds.longest),
        .text(lock.holds.count == 0 ? "" : session.who(lock.longestHolder)),
        .count(lock.waits.count),
        .share(
          Int64(lock.waits.count), of: Int64(lock.holds.count) &+ lock.ungranted),
        .integer(lock.waits.average), .integer(lock.waits.longest), .integer(lock.condition),
        .integer(lock.inversions), .integer(lock.abandoned),
      ]
    }
    LockReport.trim(&longest, to: top) { $0.until &- $0.since }
    LockReport.trim(&inverted, to: top) { $0.between.total }
    var waits = Durations()
    for lock in locks { waits.add(lock.waits) }
    let unbounded = Int(clamping: locks.reduce(0) { $0 &+ $1.inversions })
    return [
      ReportTable(
        "locks", "Mutexes by the time that was waited for them",
        [
          "name", "cid", "holds", "held", "held_longest", "by", "waits", "contended_percent",
          "wait_average", "wait_longest", "cv_waits",
          "unbounded_inversions", "abandoned",
        ], rows),
      ReportTable(
        "longest_waits", "The longest waits" + LockReport.among(longest.count, waits.count),
        [
          "seq", "time", "name", "waiter", "priority", "holder", "holder_priority", "waited",
          "got_it",
        ],
        longest.map { line($0, session) }),
      ReportTable(
        "unbounded_inversions",
        "Unbounded inversions" + LockReport.among(inverted.count, unbounded)
          + ": while somebody waited for a holder of lower priority that could have run, others of "
          + "a priority between the two did, for the time between, and ran_between for most of it",
        [
          "seq", "time", "name", "waiter", "priority", "holder", "holder_priority", "waited",
          "between", "ran_between",
        ],
        inverted.map { wait in
          line(wait, session).dropLast()
            + [
              .integer(wait.between.total), .text(wait.culprit.map { session.who($0) } ?? ""),
            ]
        }),
      waits.histogram("waits", "How long processes waited for mutexes"),
    ]
  }

  /// How many are reported, if not all.
  private static func among(_ told: Int, _ all: Int) -> String {
    all > told ? ", \(told) of \(all)" : ""
  }

  private func line(_ wait: Wait, _ session: SessionFacts) -> [QueryResult.Value] {
    [
      .integer(wait.sequence), .integer(wait.since), .text(session.text(locks[wait.lock].name)),
      .text(session.who(wait.pid)), .integer(wait.priority), .text(session.who(wait.holder)),
      .integer(wait.holderPriority), .integer(wait.until &- wait.since),
      .text(wait.granted ? "yes" : "no"),
    ]
  }
}
