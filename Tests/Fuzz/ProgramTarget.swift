// For each seed a guest program issues about two thousand random calls with hostile arguments from
// many processes, some with threads, in and out of containers and over the network, on one to four harts, and in half of
// the sessions the host connects; the invariants watch. Then the
// session runs a second time, and has to be the same; one in twenty does so through a file.

import Foundation
import Recorder
import Replay
import Sim
import TestGuests
import Userland

/// A guest program as a file on the guest's disk.
func guestFile(_ name: String) throws -> GuestFile {
  guard let image = TestGuests.image(name) ?? Userland.all.first(where: { $0.name == name }) else {
    throw ScenarioError("the program \(name) is missing")
  }
  return GuestFile(path: "/\(name)", content: .file(image.bytes))
}

struct ProgramTarget: FuzzTarget {
  private let folder: String
  private let files: [GuestFile]

  /// One in so many sessions is recorded into a file and replayed from there.
  private static let recordedInterval: UInt64 = 20

  init(folder: String) throws {
    self.folder = folder
    files = [try guestFile("init"), try guestFile("fuzz"), try guestFile("fuzz_threads")]
  }

  func input(_ seed: UInt64) -> Scenario {
    var scenario = Scenario()
    // In two sessions of five the processes have threads.
    scenario.program = [seed % 5 < 2 ? "fuzz_threads" : "fuzz", "\(seed)"]
    scenario.seed = seed
    scenario.harts = Int(seed % 4) + 1
    scenario.tick = 10_000
    // Every fourth session has strict priorities; the others each of the policies in turn.
    let policies = SchedulerKind.allCases
    if seed % 4 != 0 { scenario.scheduler = policies[Int(seed / 4 % UInt64(policies.count))] }
    scenario.inheritsPriorities = seed % 3 == 0
    // The switch is as it is usually in a quarter of them; in the others it is slow, loses datagrams, or mixes them.
    if seed / 4 % 4 == 1 { scenario.network.delay = 1 + seed * 7919 % 30_000 }
    if seed / 4 % 4 > 1 { scenario.network.lossPerThousand = seed % 5 * 60 }
    if seed / 4 % 4 == 3 { scenario.network.spread = seed % 7 * 3000 }
    if seed / 2 % 2 == 0 { ProgramTarget.addClients(to: &scenario, seed) }
    scenario.limitTicks = 100_000
    scenario.limits.frames = 1024
    scenario.files = files
    return scenario
  }

  /// Up to a hundred connections from the host to the ports that the program listens at now and then, at the machine and
  /// in containers, for a short time each: at times and when nothing runs, some reading and some not, ended in every way.
  private static func addClients(to scenario: inout Scenario, _ seed: UInt64) {
    var random = RandomSource(seed: seed)
    let inside = [9080, 9080, 9080, 9080, 9080, 9080, 9080, 9080, 80, 81, 7, 49152].map { ":\($0)" }
    let containers = ["c1", "c2", "c3", "c4", "10.0.0.2", "10.0.0.3", "10.0.0.4"].map {
      ":\($0):80"
    }
    scenario.ports = (inside + containers).enumerated()
      .compactMap { PublishedPort("\($0.offset + 1)\($0.element)") }
    let ports = scenario.ports.count
    scenario.clients = (0..<1 + random.next(below: 100)).map { number in
      var time = random.next(below: 500_000 as UInt64)
      func someTime() -> UInt64? {
        time += random.next(below: 20_000 as UInt64)
        return random.next(below: 3) > 0 ? time : nil
      }
      let start = someTime()
      var steps = (0..<random.next(below: 5)).map { _ in
        HostClient.Step(
          random.next(below: 4) == 0
            ? .take(1 + UInt32(random.next(below: 70_000)))
            : .send(
              [UInt8](
                repeating: 65,
                count: 1 + random.next(below: random.next(below: 8) == 0 ? 9000 : 100))),
          at: someTime())
      }
      let end = random.next(below: 4)
      if end % 2 == 1 { steps.append(.init(.endSending, at: someTime())) }
      if end > 1 { steps.append(.init(.endConnection, at: someTime())) }
      return HostClient(
        to: Endpoint(.loopback, UInt16(1 + random.next(below: ports))), from: UInt16(number + 1),
        at: start, reads: random.next(below: 4) == 0 ? random.next(below: 9000 as UInt64) : nil,
        steps)
    }
  }

  func attempt(_ scenario: Scenario, turn: UInt64?) throws -> Attempt {
    let first = try WatchedSession(scenario, isChecked: true)
    if first.end == .limitReached { return .failed("the session never ends") }
    if let violation = first.violations.first { return .failed(violation.text(in: nil)) }
    if isTurn(turn, oneIn: ProgramTarget.recordedInterval) {
      let path = folder + "/session.db"
      if let problem = try recorded(scenario, at: path, first.events) { return .failed(problem) }
      return .taken(events: first.events * 2)
    }
    let second = try WatchedSession(scenario, isChecked: false)
    guard first.digest == second.digest else {
      return .failed("two runs of the same scenario differ")
    }
    return .taken(events: first.events + second.events)
  }

  /// What is wrong with the session when it is recorded and replayed; nil if nothing is.
  private func recorded(_ scenario: Scenario, at path: String, _ events: Int) throws -> String? {
    try record(scenario, to: path, overwrite: true)
    var session = try CheckedReplay(try TraceReader(path: path))
    while true {
      switch try session.step() {
      case .matched: continue
      case .diverged(let divergence): return "its recording \(divergence)"
      case .finished(let summary):
        guard summary == ReplaySummary(events: Int64(events), isComplete: true) else {
          return "its recording matched as \(summary), expected \(events) events"
        }
        return session.violations.first?.text(in: path)
      }
    }
  }
}
