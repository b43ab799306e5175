// The reduction alone, on a model machine: as many runs as a closed form says, and on random programs
// each behaviour that any schedule shows, once.

import Sim
import Testing

@testable import Search

/// What a process of the model does.
private enum Action: Hashable {
  case load(Int)
  case store(Int)
  /// Both in one.
  case add(Int)
  /// Cannot begin as long as somebody else has it.
  case lock(Int)
  case unlock(Int)
  /// Takes one, or waits until somebody posts and tries again.
  case pend(Int)
  case post(Int)
  /// Gives back a lock and sleeps until a signal, which is kept for the next where nobody sleeps; then it has the
  /// lock again.
  case wait(Int)
  case signal(Int)
  /// Cannot begin before another process has done all.
  case join(Int)
}

/// Processes on one hart, and what they have in common.
private struct Model {
  let programs: [[Action]]
  /// Whether who wants a lock may begin to wait for it as long as somebody else has it.
  private let isHasty: Bool
  private var done: [Int]
  private var holders: [Int: Int] = [:]
  /// Who waits for a lock, and who for a signal.
  private var lines: [Int: [Int]] = [:]
  private var sleepers: [Int: [Int]] = [:]
  private var signalled: Set<Int> = []
  /// Locks with which somebody has waited or signalled: it matters who waits for them when.
  private var conditioned: Set<Int> = []
  private var values: [Int: Int] = [:]
  /// How often each lock was taken.
  private var takings: [Int: Int] = [:]
  /// Of each process, what it loaded, and how often the locks that it took had been taken.
  private(set) var seen: [[Int]]
  private var posted: [Int: Int] = [:]
  private var waiting: [Int: [Int]] = [:]
  private var isBlocked: [Bool]
  /// Of each thing, what happened to it: who changed it, and who looked between two changes.
  private var histories: [Thing: [[Int]]] = [:]

  init(_ programs: [[Action]], isHasty: Bool = false) {
    self.programs = programs
    self.isHasty = isHasty
    seen = programs.map { _ in [] }
    done = programs.map { _ in 0 }
    isBlocked = programs.map { _ in false }
  }

  /// Who could go on; where nobody could, one who tries to take a lock that somebody has, and then waits.
  var enabled: [Int] {
    let waiting = programs.indices.filter {
      done[$0] < programs[$0].count && !isBlocked[$0]
    }
    let able = waiting.filter { process in
      switch programs[process][done[process]] {
      case .lock(let lock):
        isHasty || conditioned.contains(lock) || holders[lock].map { $0 == process } ?? true
      case .join(let other): done[other] == programs[other].count
      case .load, .store, .add, .unlock, .pend, .post, .wait, .signal: true
      }
    }
    return able.isEmpty ? Array(waiting.prefix(1)) : able
  }

  /// What all saw, and how far they came.
  var all: [[Int]] { seen + [done] }

  static func pid(_ process: Int) -> ProcessID { ProcessID(raw: Int32(process) + 1) }

  mutating func step(_ process: Int) -> Effect {
    var effect = Effect()
    var isDone = true
    switch programs[process][done[process]] {
    case .load(let word):
      effect.touch(Thing(.word, UInt64(word)), changes: false)
      seen[process].append(values[word, default: 0])
    case .store(let word):
      effect.touch(Thing(.word, UInt64(word)), changes: true)
      values[word] = 100 * (process + 1) + done[process]
    case .add(let word):
      effect.touch(Thing(.word, UInt64(word)), changes: true)
      values[word, default: 0] += 1
      seen[process].append(values[word, default: 0])
    case .lock(let lock):
      let thing = Thing(.mutex, UInt64(lock))
      effect.touch(thing, changes: true)
      effect.linesUp = conditioned.contains(lock)
      if let holder = holders[lock], holder != process {
        lines[lock, default: []].append(process)
        isBlocked[process] = true
        isDone = false
        effect.wants = thing
      } else if holders[lock] == nil {
        effect.takes = thing
        give(lock, to: process)
      }
    case .unlock(let lock):
      effect.touch(Thing(.mutex, UInt64(lock)), changes: true)
      if holders[lock] == process { giveUp(lock, &effect) }
    case .wait(let lock):
      effect.touch(Thing(.mutex, UInt64(lock)), changes: true)
      guard holders[lock] == process else { break }
      conditioned.insert(lock)
      let isLate = signalled.remove(lock) != nil
      if isLate, lines[lock, default: []].isEmpty { break }
      isBlocked[process] = true
      isDone = false
      if isLate {
        giveUp(lock, &effect)
        lines[lock, default: []].append(process)
      } else {
        sleepers[lock, default: []].append(process)
        giveUp(lock, &effect)
      }
    case .signal(let lock):
      effect.touch(Thing(.mutex, UInt64(lock)), changes: true)
      conditioned.insert(lock)
      guard let first = sleepers[lock]?.first else {
        signalled.insert(lock)
        break
      }
      sleepers[lock]?.removeFirst()
      if holders[lock] == nil {
        goOn(first, with: lock, &effect)
      } else {
        lines[lock, default: []].append(first)
      }
    case .pend(let queue):
      effect.touch(Thing(.pipe, UInt64(queue)), changes: true)
      if posted[queue, default: 0] > 0 {
        posted[queue, default: 0] -= 1
      } else {
        waiting[queue, default: []].append(process)
        isBlocked[process] = true
        isDone = false
      }
    case .post(let queue):
      effect.touch(Thing(.pipe, UInt64(queue)), changes: true)
      posted[queue, default: 0] += 1
      if let first = waiting[queue]?.first {
        waiting[queue]?.removeFirst()
        isBlocked[first] = false
        effect.wakes = [Model.pid(first)]
      }
    case .join(let other):
      effect.touch(Thing(.thread, UInt64(other)), changes: false)
      effect.follows = Thing(.thread, UInt64(other))
      if done[other] < programs[other].count {
        isBlocked[process] = true
        isDone = false
      }
    }
    if isDone { done[process] += 1 }
    if isDone, done[process] == programs[process].count {
      effect.touch(Thing(.thread, UInt64(process)), changes: true)
    }
    for touch in effect.touches {
      var history = histories[touch.thing] ?? [[]]
      if touch.changes {
        history += [[process], []]
      } else {
        history[history.count - 1].append(process)
        history[history.count - 1].sort()
      }
      histories[touch.thing] = history
    }
    return effect
  }

  private mutating func give(_ lock: Int, to process: Int) {
    holders[lock] = process
    seen[process].append(takings[lock, default: 0])
    takings[lock, default: 0] += 1
  }

  /// Gives a lock to who waits for it first, or to nobody.
  private mutating func giveUp(_ lock: Int, _ effect: inout Effect) {
    holders[lock] = nil
    effect.gives = [Thing(.mutex, UInt64(lock))]
    guard let first = lines[lock]?.first else { return }
    lines[lock]?.removeFirst()
    effect.gives = []
    goOn(first, with: lock, &effect)
  }

  /// Somebody has a lock without having taken it, and is done with what it waited in.
  private mutating func goOn(_ process: Int, with lock: Int, _ effect: inout Effect) {
    give(lock, to: process)
    isBlocked[process] = false
    done[process] += 1
    effect.wakes.append(Model.pid(process))
    if done[process] == programs[process].count {
      effect.touch(Thing(.thread, UInt64(process)), changes: true)
    }
  }

  /// The same for equivalent runs, and for these alone: of each thing, who changed it in which order, and
  /// who looked at it in between.
  var behaviour: [Thing: [[Int]]] { histories }
}

extension Model {
  /// What each process of any schedule sees.
  func allSeen(_ found: inout Set<[[Int]]>) {
    let enabled = enabled
    if enabled.isEmpty { found.insert(all) }
    for process in enabled {
      var next = self
      _ = next.step(process)
      next.allSeen(&found)
    }
  }

  /// What every schedule shows, by trying all.
  func allBehaviours(_ found: inout Set<[Thing: [[Int]]]>) {
    let enabled = enabled
    if enabled.isEmpty { found.insert(behaviour) }
    for process in enabled {
      var next = self
      _ = next.step(process)
      next.allBehaviours(&found)
    }
  }

  /// What schedules with at most so many preemptions show.
  func allBehaviours(
    _ found: inout Set<[Thing: [[Int]]]>, last: Int?, preemptions: Int
  ) {
    let enabled = enabled
    if enabled.isEmpty { found.insert(behaviour) }
    for process in enabled {
      var left = preemptions
      if let last, last != process, enabled.contains(last) { left -= 1 }
      if left < 0 { continue }
      var next = self
      _ = next.step(process)
      next.allBehaviours(&found, last: process, preemptions: left)
    }
  }

  /// What the runs of an exploration show, one for each that comes to its end.
  func explored(
    _ exploration: inout Exploration, atMost: Int = 100_000
  ) -> [[Thing: [[Int]]]] {
    ends(&exploration, atMost: atMost).map(\.behaviour)
  }

  /// The model at the ends of these runs.
  func ends(_ exploration: inout Exploration, atMost: Int = 100_000) -> [Model] {
    var found: [Model] = []
    while !exploration.isFinished, exploration.runs < atMost {
      var model = self
      var last: Int?
      exploration.beginRun()
      while true {
        var enabled = model.enabled
        if let place = last.flatMap({ enabled.firstIndex(of: $0) }) { enabled.swapAt(0, place) }
        if enabled.isEmpty { break }
        guard let chosen = exploration.choose(among: enabled.map(Model.pid)) else { break }
        let process = Int(chosen.raw) - 1
        exploration.did(model.step(process))
        last = process
      }
      if !exploration.isGivenUp { found.append(model) }
      exploration.endRun()
    }
    return found
  }
}

struct ExplorationTests {
  /// Counts the runs of a program that show something, and checks that each shows something else.
  private func count(_ programs: [[Action]]) -> Int {
    var exploration = Exploration()
    let found = Model(programs).explored(&exploration)
    #expect(exploration.isFinished && exploration.complete == found.count)
    #expect(Set(found).count == found.count)
    return found.count
  }

  @Test(arguments: 1...6)
  func writersThatHaveNothingInCommonNeedOneRun(_ writers: Int) {
    #expect(count((0..<writers).map { [.store($0), .load($0), .add($0)] }) == 1)
  }

  /// Ten over five.
  @Test func ofConflictingChangesEachOrderIsOneRun() {
    #expect(
      count([Array(repeating: .add(0), count: 5), Array(repeating: .add(0), count: 5)]) == 252)
    #expect(count([[.add(0), .add(0)], [.add(0), .add(0)], [.add(0), .add(0)]]) == 90)
  }

  @Test(arguments: [(1, 1), (2, 2), (3, 6), (4, 24), (5, 120)])
  func ofWritersToOneWordEachOrderIsOneRun(_ writers: Int, _ orders: Int) {
    #expect(count((0..<writers).map { _ in [.store(0)] }) == orders)
  }

  /// Each of the readers comes before the writer or after it, and which of two readers is first makes no
  /// difference.
  @Test(arguments: 1...6)
  func readersDoNotDependOnOneAnother(_ readers: Int) {
    #expect(count([[.store(0)]] + (0..<readers).map { _ in [.load(0)] }) == 1 << readers)
  }

  @Test(arguments: [(2, 2), (3, 6), (4, 24)])
  func aLockLeavesTheOrderOfItsHolders(_ processes: Int, _ orders: Int) {
    let program: [Action] = [.lock(0), .load(0), .store(0), .load(1), .store(1), .unlock(0)]
    #expect(count((0..<processes).map { _ in program }) == orders)
  }

  /// What a lock does not guard is none of its business.
  @Test func whatIsBesideALockCostsNothing() {
    let programs = (0..<3).map { [.add($0 + 10), .lock(0), .unlock(0), .add($0 + 10)] as [Action] }
    #expect(count(programs) == 6)
  }

  @Test func whoJoinsComesAfter() {
    #expect(count([[.join(1), .join(2), .load(0)], [.add(0)], [.add(0)]]) == 2)
    #expect(count([[.load(0), .join(1), .load(0)], [.add(0)]]) == 2)
  }

  @Test func locksInAnotherOrderAreADeadlockInOneRun() {
    let model = Model([
      [.lock(0), .lock(1), .unlock(1), .unlock(0)], [.lock(1), .lock(0), .unlock(0), .unlock(1)],
    ])
    var exploration = Exploration()
    let found = model.explored(&exploration)
    // One after the other, or each has one.
    #expect(found.count == 3)
    var all: Set<[Thing: [[Int]]]> = []
    model.allBehaviours(&all)
    #expect(Set(found) == all)
  }

  /// One who is tried in vain is counted apart: all that could follow was seen.
  @Test func runsInVainAreCounted() {
    var total = 0
    for seed in 0..<200 {
      var random = RandomSource(seed: UInt64(seed))
      var exploration = Exploration()
      let model = Model(Self.programs(&random))
      let found = model.explored(&exploration)
      #expect(exploration.complete == found.count)
      total += exploration.redundant
    }
    #expect(total > 0)
  }

  private static func programs(_ random: inout RandomSource) -> [[Action]] {
    let processes = 2 + Int(random.next() % 3)
    let length = processes == 2 ? 5 : processes == 3 ? 3 : 2
    return (0..<processes).map { process in
      (0..<1 + Int(random.next() % UInt64(length))).map { _ in
        let object = Int(random.next() % 2)
        switch random.next() % 12 {
        case 10: return .wait(object)
        case 11: return .signal(object)
        case 0, 1: return .load(object)
        case 2, 3: return .store(object)
        case 4: return .add(object)
        case 5, 6: return .lock(object)
        case 7: return .unlock(object)
        case 8: return random.next() % 2 == 0 ? .pend(object) : .post(object)
        default:
          return process > 0 ? .join(Int(random.next() % UInt64(process))) : .post(object)
        }
      }
    }
  }

  /// The set of behaviours that the reduction shows is that of all schedules, and it shows each once.
  @Test(arguments: 0..<20)
  func whatAnyScheduleShowsIsShownOnce(_ block: Int) {
    for seed in 0..<100 {
      var random = RandomSource(seed: UInt64(block * 100 + seed))
      let programs = Self.programs(&random)
      let model = Model(programs)
      var all: Set<[Thing: [[Int]]]> = []
      model.allBehaviours(&all)
      var exploration = Exploration()
      let found = model.explored(&exploration)
      #expect(exploration.isFinished)
      #expect(Set(found) == all, "\(programs)")
      #expect(found.count == all.count, "\(programs)")
      if Set(found) != all || found.count != all.count { return }
    }
  }

  /// Nobody needs to wait for a lock who can do something else: what processes see is the same.
  @Test(arguments: 0..<10)
  func whoWaitsInHasteSeesNothingElse(_ block: Int) {
    for seed in 0..<100 {
      var random = RandomSource(seed: UInt64(block * 100 + seed))
      let programs = Self.programsWithALock(&random)
      var all: Set<[[Int]]> = []
      Model(programs, isHasty: true).allSeen(&all)
      var exploration = Exploration()
      let found = Set(Model(programs).ends(&exploration).map(\.all))
      #expect(found == all, "\(programs)")
      if found != all { return }
    }
  }

  /// Such as use a lock and its condition variable as they should be used, mostly.
  private static func programsWithALock(_ random: inout RandomSource) -> [[Action]] {
    (0..<2 + Int(random.next() % 2)).map { _ in
      var program: [Action] = []
      if random.next() % 3 == 0 { program.append(.add(0)) }
      if random.next() % 4 != 0 { program.append(.lock(0)) }
      for _ in 0..<random.next() % 3 {
        program.append([.wait(0), .signal(0), .load(0), .store(0)][Int(random.next() % 4)])
      }
      if random.next() % 6 != 0 { program.append(.unlock(0)) }
      if random.next() % 4 == 0 { program.append(.signal(0)) }
      return program
    }
  }

  /// With a bound on preemptions it is what schedules with so many of them show.
  @Test(arguments: 0..<4, 0..<4)
  func whatScheduleWithFewPreemptionsShowIsShown(_ block: Int, _ bound: Int) {
    for seed in 0..<100 {
      var random = RandomSource(seed: UInt64(block * 100 + seed))
      let programs = Self.programs(&random)
      let model = Model(programs)
      var all: Set<[Thing: [[Int]]]> = []
      model.allBehaviours(&all, last: nil, preemptions: bound)
      var exploration = Exploration(preemptionsAtMost: bound)
      let found = Set(model.explored(&exploration))
      #expect(exploration.isFinished && exploration.redundant == 0)
      #expect(found == all, "\(programs)")
      if found != all { return }
    }
  }

  @Test func moreMayBePreemptedWithAHigherBound() {
    let model = Model([Array(repeating: .add(0), count: 4), Array(repeating: .add(0), count: 4)])
    var counts: [Int] = []
    for bound in 0...7 {
      var exploration = Exploration(preemptionsAtMost: bound)
      counts.append(Set(model.explored(&exploration)).count)
    }
    // Orders of four and four with so many changes of who goes on before its end.
    #expect(counts == [2, 8, 26, 44, 62, 68, 70, 70])
  }
}
