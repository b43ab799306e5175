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
  enum Channel: Hashable, Sendable {
    case mutex(Int64)
    /// The condition variable's signal.
    case signal(Int64)
    case pipe(Int64)
    /// A connection, or a datagram.
    case flow(FlowID)
    /// An end of a process that nobody has waited for yet.
    case end(Int32)
    /// Memory that was accessed by an atomic instruction: eight bytes.
    case word(Page, Int)
  }

  /// A page, whatever address it has where.
  enum Page: Hashable, Sendable {
    /// Shared by name: its frame.
    case shared(UInt32)
    /// Of the threads of one process.
    case own(Int32, UInt64)
  }

  private var actors = KeyedList<Actor>()
  private var actorCount = 0
  private var lifeCount = 0
  private var channels: [Channel: VectorClock] = [:]
  private var pages: [Page: PageHistory] = [:]
  /// Pages of threads by process, to be forgotten with it.
  private var ownPages: [Int32: [UInt64]] = [:]
  private var pageNames: [UInt32: NameID] = [:]
  private var lockSets: [[NameID]] = [[]]
  private var lockSetNumbers: [[NameID]: Int] = [[]: 0]
  private var mutexNames: [Int64: NameID] = [:]
  private var raceNumbers: [Pair: Int] = [:]
  private(set) var races: [DataRace] = []
  private(set) var order = LockOrder()
  private var eventCount: Int64 = 0

  private struct Pair: Hashable, Sendable {
    var first: CodePlace
    var second: CodePlace
  }

  // MARK: Order

  func clock(of process: ProcessID) -> VectorClock { actors[process.raw]?.clock ?? VectorClock() }

  private mutating func change(_ process: ProcessID, _ body: (inout Actor) -> Void) {
    if actors[process.raw] == nil { actors[process.raw] = Actor() }
    actors.change(process.raw, body)
  }

  /// What a process did so far happened before whatever takes from the channel later.
  mutating func release(_ process: ProcessID, into channel: Channel) {
    channels[channel, default: VectorClock()].join(clock(of: process))
    beginEpoch(process)
  }

  mutating func acquire(_ process: ProcessID, from channel: Channel) {
    guard let clock = channels[channel] else { return }
    change(process) { $0.clock.join(clock) }
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
    let page: Page =
      access.sharedFrame.map { .shared($0.raw) }
      ?? .own(access.space.raw, access.access.address >> 12)
    let offset = Int(access.access.address & 4095)
    if isAtomic { acquire(process, from: .word(page, offset / 8)) }
    let number = number(of: process)
    guard let actor = actors[process.raw] else { return }
    var history = pages.removeValue(forKey: page) ?? newHistory(of: page)
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
      history.add(past, toWord: here / 8, actor.clock) { other in
        report(other, past, access)
      }
      here += count
      left -= count
    }
    pages[page] = history
    if isAtomic { release(process, into: .word(page, offset / 8)) }
  }

  private mutating func newHistory(of page: Page) -> PageHistory {
    if case .own(let space, let number) = page { ownPages[space, default: []].append(number) }
    return PageHistory()
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
    let pair = Pair(first: min(other.place, new.place), second: max(other.place, new.place))
    if let number = raceNumbers[pair] {
      races[number].count += 1
      return
    }
    raceNumbers[pair] = races.count
    races.append(
      DataRace(
        first: shown(other), second: shown(new),
        address: access.access.address,
        page: access.sharedFrame.flatMap { pageNames[$0.raw] }, count: 1))
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
            names: (mutexNames[other] ?? .empty, mutexNames[mutex] ?? .empty), process: process,
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
    let names = mutexes.map { mutexNames[$0] ?? .empty }.sorted { $0.raw < $1.raw }
    let number = lockSetNumbers[names] ?? lockSets.count
    if number == lockSets.count {
      lockSets.append(names)
      lockSetNumbers[names] = number
    }
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

  mutating func name(mutex: Int64, _ name: NameID) { mutexNames[mutex] = name }

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
    channels[.end(child.raw)] = nil
    if let life = actors[child.raw]?.life { change(parent) { $0.life.join(life) } }
    actors[child.raw] = nil
  }

  mutating func begin(page frame: UInt32, named name: NameID) {
    pages[.shared(frame)] = nil
    forgetWords(of: .shared(frame))
    pageNames[frame] = name
  }

  /// Pages that are no longer there: what comes to their addresses is something else.
  mutating func forgetMemory(of space: Int32, from end: UInt64 = 0) {
    var kept: [UInt64] = []
    for number in ownPages.removeValue(forKey: space) ?? [] {
      if number << 12 < end {
        kept.append(number)
        continue
      }
      pages[.own(space, number)] = nil
      forgetWords(of: .own(space, number))
    }
    if !kept.isEmpty { ownPages[space] = kept }
  }

  private mutating func forgetWords(of page: Page) {
    for word in 0..<512 { channels[.word(page, word)] = nil }
  }
}
