// Finds accesses to the same memory that nothing has put in order: data races by happens-before (Lamport 1978), on memory
// that several processes or threads see. What puts things in order is what the kernel and the processor say does: a
// mutex that is let go and taken, a process that is made and one that is waited for, bytes through a pipe or a socket,
// somebody woken, and atomic instructions. Only what this run did is seen; a race that it finds is one whatever the scheduler does.

import Sim

/// Watches one session, from its first step on.
struct RaceDetector: Sendable {
  /// A process, or a thread, as far as order is concerned.
  struct Actor: Sendable {
    /// Its own place in clocks; nil before it has accessed anything that others see.
    var number: Int?
    var clock = VectorClock()
    var program = NameID.empty
    /// Mutexes that it holds, in the order in which it took them.
    var held: [Int64] = []
    /// The number of the names of these.
    var locks = 0
    /// Its place in the clock of lives, and that: beginnings and ends of processes alone. Nil before it has taken a
    /// mutex while it held another.
    var lifeNumber: Int?
    var life = VectorClock()
  }

  /// What the kernel passes something on through.
  enum Channel: Sendable {
    case mutex(Int64)
    /// The condition variable's signal.
    case signal(Int64)
    case pipe(Int64)
    /// A connection, or a datagram.
    case flow(FlowID)
    /// An end of a process that nobody has waited for yet.
    case end(Int32)
  }

  private var actors = KeyedList<Actor>()
  private var actorCount = 0
  private var lifeCount = 0
  private var mutexes = KeyedList<VectorClock>()
  private var signals = KeyedList<VectorClock>()
  private var pipes = KeyedList<VectorClock>()
  private var flows = KeyedList<VectorClock>()
  private var ends = KeyedList<VectorClock>()
  /// By place in `pages`.
  private var places = PlaceTable()
  private var pages: [PageHistory] = []
  /// The keys of threads' pages by process, to be forgotten with it.
  private var ownPages = KeyedList<[UInt64]>()
  private var pageNames = KeyedList<NameID>()
  private var lockSets: [[NameID]] = [[]]
  private var mutexNames = KeyedList<NameID>()
  private(set) var races: [DataRace] = []
  private(set) var order = LockOrder()
  /// The places of each of the races.
  private var pairs: [(first: CodePlace, second: CodePlace)] = []
  private var eventCount: Int64 = 0

  // MARK: Order

  func clock(of process: ProcessID) -> VectorClock { actors[process.raw]?.clock ?? VectorClock() }

  private mutating func change(_ process: ProcessID, _ body: (inout Actor) -> Void) {
    if actors[process.raw] == nil { actors[process.raw] = Actor() }
    actors.change(process.raw, body)
  }

  /// What a process did so far happened before whatever takes from the channel later.
  mutating func release(_ process: ProcessID, into channel: Channel) {
    let clock = clock(of: process)
    switch channel {
    case .mutex(let mutex): join(clock, to: &mutexes, Int32(truncatingIfNeeded: mutex))
    case .signal(let mutex): join(clock, to: &signals, Int32(truncatingIfNeeded: mutex))
    case .pipe(let pipe): join(clock, to: &pipes, Int32(truncatingIfNeeded: pipe))
    case .flow(let flow): join(clock, to: &flows, Int32(truncatingIfNeeded: flow.raw))
    case .end(let process): join(clock, to: &ends, process)
    }
    beginEpoch(process)
  }

  private func join(_ clock: VectorClock, to list: inout KeyedList<VectorClock>, _ key: Int32) {
    if list[key] == nil { list[key] = clock } else { list.change(key) { $0.join(clock) } }
  }

  mutating func acquire(_ process: ProcessID, from channel: Channel) {
    let clock: VectorClock? =
      switch channel {
      case .mutex(let mutex): mutexes[Int32(truncatingIfNeeded: mutex)]
      case .signal(let mutex): signals[Int32(truncatingIfNeeded: mutex)]
      case .pipe(let pipe): pipes[Int32(truncatingIfNeeded: pipe)]
      case .flow(let flow): flows[Int32(truncatingIfNeeded: flow.raw)]
      case .end(let process): ends[process]
      }
    if let clock { change(process) { $0.clock.join(clock) } }
  }

  /// What one process did so far happened before whatever the other does from now on.
  mutating func pass(from: ProcessID, to: ProcessID) {
    let clock = clock(of: from)
    change(to) { $0.clock.join(clock) }
    beginEpoch(from)
  }

  /// What it does from now on is known to nobody yet.
  private mutating func beginEpoch(_ process: ProcessID) {
    guard let number = actors[process.raw]?.number else { return }
    change(process) { $0.clock[number] += 1 }
  }

  // MARK: Accesses

  /// A load, a store or both, in the order in which memory saw them.
  mutating func see(_ access: KeptAccess, isAtomic: Bool) {
    let process = access.process
    let place = place(of: access)
    let offset = Int(access.access.address & 4095)
    if isAtomic, let clock = pages[place].clock(ofWord: offset / 8) {
      change(process) { $0.clock.join(clock) }
    }
    let number = number(of: process)
    guard let actor = actors[process.raw] else { return }
    var found: [(PastAccess, PastAccess)] = []
    // What crosses eight bytes' end is two accesses.
    var (left, here) = (access.access.size, offset)
    while left > 0, here < 4096 {
      let count = min(left, 8 - here % 8)
      let past = PastAccess(
        actor: number, time: actor.clock[number],
        bytes: UInt8(truncatingIfNeeded: (1 << count - 1) << (here % 8)),
        isStore: access.access.isStore, isAtomic: isAtomic, process: process,
        place: CodePlace(program: actor.program, pc: access.access.pc), locks: actor.locks,
        after: eventCount)
      pages[place].add(past, toWord: here / 8, actor.clock) { found.append(($0, past)) }
      here += count
      left -= count
    }
    for (other, past) in found { report(other, past, access) }
    if isAtomic {
      pages[place].join(actor.clock, toWord: offset / 8)
      beginEpoch(process)
    }
  }

  /// The place of the page in `pages`, whatever address it has where.
  private mutating func place(of access: KeptAccess) -> Int {
    let key: UInt64
    if let frame = access.sharedFrame {
      key = UInt64(frame.raw)
    } else {
      key = 1 << 63 | UInt64(access.space.raw) << 27 | access.access.address >> 12
    }
    if let place = places.number(of: key) { return place }
    if access.sharedFrame == nil {
      var keys = ownPages[access.space.raw] ?? []
      keys.append(key)
      ownPages[access.space.raw] = keys
    }
    pages.append(PageHistory())
    places.set(key, to: pages.count - 1)
    return pages.count - 1
  }

  private mutating func number(of process: ProcessID) -> Int {
    if let number = actors[process.raw]?.number { return number }
    let number = actorCount
    actorCount += 1
    change(process) {
      $0.number = number
      $0.clock[number] = 1
    }
    return number
  }

  private mutating func report(_ other: PastAccess, _ new: PastAccess, _ access: KeptAccess) {
    let known = pairs.firstIndex {
      $0.first == other.place && $0.second == new.place
        || $0.first == new.place && $0.second == other.place
    }
    if let known {
      races[known].count += 1
      return
    }
    pairs.append((other.place, new.place))
    races.append(
      DataRace(
        first: shown(other), second: shown(new),
        address: access.access.address,
        page: access.sharedFrame.flatMap { pageNames[Int32(truncatingIfNeeded: $0.raw)] }, count: 1)
    )
  }

  private func shown(_ access: PastAccess) -> RacingAccess {
    RacingAccess(
      process: access.process, program: access.place.program, pc: access.place.pc,
      isStore: access.isStore, isAtomic: access.isAtomic, size: access.bytes.nonzeroBitCount,
      locks: lockSets[access.locks], after: access.after)
  }

  // MARK: Locks

  mutating func take(_ mutex: Int64, by process: ProcessID) {
    let held = actors[process.raw]?.held ?? []
    if !held.isEmpty {
      let number = lifeNumber(of: process)
      for other in held {
        order.see(
          LockOrder.Taking(
            taken: mutex, among: held, held: other,
            names: (
              mutexNames[Int32(truncatingIfNeeded: other)] ?? .empty,
              mutexNames[Int32(truncatingIfNeeded: mutex)] ?? .empty
            ), process: process,
            life: actors[process.raw]?.life ?? VectorClock(), number: number, after: eventCount))
      }
    }
    hold(held + [mutex], by: process)
    acquire(process, from: .mutex(mutex))
  }

  mutating func letGo(of mutex: Int64, by process: ProcessID) {
    hold((actors[process.raw]?.held ?? []).filter { $0 != mutex }, by: process)
    release(process, into: .mutex(mutex))
  }

  private mutating func hold(_ mutexes: [Int64], by process: ProcessID) {
    let names = mutexes.map { mutexNames[Int32(truncatingIfNeeded: $0)] ?? .empty }.sorted {
      $0.raw < $1.raw
    }
    let number = lockSets.firstIndex(of: names) ?? lockSets.count
    if number == lockSets.count { lockSets.append(names) }
    change(process) {
      $0.held = mutexes
      $0.locks = number
    }
  }

  private mutating func lifeNumber(of process: ProcessID) -> Int {
    if let number = actors[process.raw]?.lifeNumber { return number }
    let number = lifeCount
    lifeCount += 1
    change(process) {
      $0.lifeNumber = number
      $0.life[number] = 1
    }
    return number
  }

  mutating func name(mutex: Int64, _ name: NameID) {
    mutexNames[Int32(truncatingIfNeeded: mutex)] = name
  }

  // MARK: Lives

  mutating func noteEvent() { eventCount += 1 }

  mutating func begin(_ child: ProcessID, of parent: ProcessID) {
    let (program, life) = (actors[parent.raw]?.program ?? .empty, actors[parent.raw]?.life)
    change(child) {
      $0.program = program
      $0.life = life ?? VectorClock()
    }
    change(parent) { if let number = $0.lifeNumber { $0.life[number] += 1 } }
    pass(from: parent, to: child)
  }

  mutating func begin(_ program: NameID, in process: ProcessID) {
    change(process) {
      $0.program = program
      $0.held = []
      $0.locks = 0
    }
    forgetMemory(of: process.raw)
  }

  mutating func end(_ process: ProcessID) {
    release(process, into: .end(process.raw))
    forgetMemory(of: process.raw)
  }

  mutating func reap(_ child: ProcessID, by parent: ProcessID) {
    acquire(parent, from: .end(child.raw))
    ends[child.raw] = nil
    if let life = actors[child.raw]?.life { change(parent) { $0.life.join(life) } }
    actors[child.raw] = nil
  }

  mutating func begin(page frame: UInt32, named name: NameID) {
    forget(UInt64(frame))
    pageNames[Int32(truncatingIfNeeded: frame)] = name
  }

  /// Pages that are no longer there: what comes to their addresses is something else.
  mutating func forgetMemory(of space: Int32, from end: UInt64 = 0) {
    guard let keys = ownPages[space] else { return }
    let mask: UInt64 = (1 << 27) - 1
    for key in keys where (key & mask) << 12 >= end { forget(key) }
  }

  private mutating func forget(_ key: UInt64) {
    if let place = places.number(of: key) { pages[place] = PageHistory() }
  }
}
