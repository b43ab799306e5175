// Data races and orders of mutexes, found by running a session again.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

@testable import Replay

@Suite struct RaceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private struct Found: Equatable {
    var races: [DataRace] = []
    var cycles: [LockCycle] = []
    var names: [String] = []
  }

  private func look(_ program: [String], harts: Int, seed: UInt64 = 0) throws -> Found {
    var scenario = GuestRun.scenario(program)
    scenario.harts = harts
    scenario.seed = seed
    // So that a hart is lost between an `lr` and its `sc`.
    if program.last == "spin" { scenario.tick = 1000 }
    let path = folder.file("t.db")
    try? FileManager.default.removeItem(atPath: path)
    try record(scenario, to: path)
    let reader = try TraceReader(path: path)
    var session = try RaceReplay(reader)
    var step = ReplayStep.matched
    while step == .matched { step = try session.step() }
    guard case .finished(let summary) = step else {
      Issue.record("\(step)")
      return Found()
    }
    #expect(summary.isComplete)
    return Found(
      races: session.races, cycles: session.lockCycles,
      names: reader.names.map { String(decoding: $0, as: UTF8.self) })
  }

  // MARK: Races

  @Test(
    arguments: ["mutex", "pipe", "wait", "socket", "condition", "atomic", "flag", "spin", "bytes"],
    [1, 2, 4])
  func `what is in order is no race`(how: String, harts: Int) throws {
    for seed in [0, 7] as [UInt64] {
      let found = try look(["races", how], harts: harts, seed: seed)
      #expect(found.races.isEmpty, "\(found)")
    }
  }

  @Test(arguments: ["plain", "flag-plain"], [1, 2, 4])
  func `what chance puts in order is a race`(how: String, harts: Int) throws {
    for seed in [0, 7] as [UInt64] {
      let found = try look(["races", how], harts: harts, seed: seed)
      let race = try #require(found.races.first)
      #expect(race.first.process != race.second.process)
      #expect(race.first.isStore || race.second.isStore)
      #expect(!race.first.isAtomic && !race.second.isAtomic)
      #expect(race.page.map { found.names[Int($0.raw)] } == "races")
      #expect(found.names[Int(race.second.program.raw)].hasSuffix("races"))
    }
  }

  @Test func `each pair of places is found once, with how often`() throws {
    let found = try look(["lostupdate", "25"], harts: 1)
    // The store of one with the load of the other, and with its store.
    #expect(found.races.count == 2)
    #expect(found.races.allSatisfy { $0.count == 25 })
    #expect(found.races.allSatisfy { $0.first.size == 4 && $0.first.locks.isEmpty })
    #expect(try look(["lostupdate", "safe", "25"], harts: 1).races.isEmpty)
    #expect(try look(["lostwakeup", "safe", "5"], harts: 2, seed: 3).races.isEmpty)
    #expect(try look(["lostwakeup", "5"], harts: 2, seed: 3).races.isEmpty == false)
  }

  @Test func `looking changes nothing, on any number of harts`() throws {
    for harts in [1, 2, 4] {
      let found = try look(["call_cv"], harts: harts, seed: 5)
      #expect(try look(["call_cv"], harts: harts, seed: 5) == found)
    }
  }

  // MARK: Orders of mutexes

  @Test func `mutexes taken in both orders could end in a deadlock`() throws {
    let found = try look(["races", "orders"], harts: 1)
    let cycle = try #require(found.cycles.first)
    #expect(found.cycles.count == 1)
    #expect(cycle.steps.count == 2)
    #expect(Set(cycle.steps.map { found.names[Int($0.held.raw)] }) == ["first", "second"])
    #expect(cycle.steps[0].held == cycle.steps[1].taken)
    #expect(cycle.steps[0].process != cycle.steps[1].process)
  }

  @Test func `a mutex that all hold keeps them apart`() throws {
    #expect(try look(["races", "gate"], harts: 1).cycles.isEmpty)
  }

  @Test func `three mutexes in a circle are found`() throws {
    let found = try look(["races", "circle"], harts: 1)
    #expect(found.cycles.map(\.steps.count) == [3])
  }

  // MARK: The history of a page

  /// Against a history that forgets nothing: it knows a race wherever that one does.
  @Test func `a history finds a race at each access that is in one`() {
    var random = TestRandom(seed: 11)
    for _ in 0..<400 {
      var history = PageHistory()
      var all: [PastAccess] = []
      var clocks = (0..<3).map { actor in
        var clock = VectorClock()
        clock[actor] = 1
        return clock
      }
      for step in 0..<40 {
        let actor = Int(random.next() % 3)
        if random.next() % 3 == 0 {
          // Something is passed on.
          let other = Int(random.next() % 3)
          clocks[other].join(clocks[actor])
          clocks[actor][actor] += 1
          continue
        }
        let access = PastAccess(
          actor: actor, time: clocks[actor][actor],
          bytes: [0x0f, 0xf0, 0xff, 0x03, 0x08][Int(random.next() % 5)],
          isStore: random.next() % 2 == 0, isAtomic: random.next() % 4 == 0,
          process: ProcessID(raw: Int32(actor)),
          place: CodePlace(program: .empty, pc: UInt64(step)), locks: 0, after: 0)
        let expected = all.contains {
          $0.actor != actor && $0.time > clocks[actor][$0.actor] && $0.conflicts(with: access)
        }
        var isFound = false
        history.add(access, toWord: 3, clocks[actor]) { other in
          isFound = true
          #expect(other.conflicts(with: access) && other.time > clocks[actor][other.actor])
        }
        #expect(isFound == expected || isSame(access, as: all))
        all.append(access)
      }
    }
  }

  /// Whether it is one that was made before in the same epoch, which is not looked at again.
  private func isSame(_ access: PastAccess, as all: [PastAccess]) -> Bool {
    all.contains {
      $0.actor == access.actor && $0.time == access.time && $0.isAtomic == access.isAtomic
        && $0.bytes & access.bytes == access.bytes && ($0.isStore || !access.isStore)
    }
  }
}
