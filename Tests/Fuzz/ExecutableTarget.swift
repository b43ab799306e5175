// Executables of the userland with bytes, header fields and pieces changed. What the check lets pass
// is the machine's first program, and runs for a while with every event made.

import Foundation
import Sim
import TestGuests
import Userland

struct ExecutableTarget: FuzzTarget {
  private let corpus: [[UInt8]]
  private static let frames = 128

  init(folder: String) throws {
    corpus = (Userland.all + TestGuests.all).map(\.bytes).filter { $0.count < 12_000 }
  }

  /// Offsets and sizes of the fields of an ELF header (ELF-64 object file format 1.5).
  private static let headerFields = [
    (0, 4), (4, 1), (5, 1), (16, 2), (18, 2), (24, 8), (32, 8), (48, 4), (52, 2), (54, 2), (56, 2),
  ]
  /// The same of a program header.
  private static let programFields = [(0, 4), (4, 4), (8, 8), (16, 8), (32, 8), (40, 8), (48, 8)]
  private static let headerSize = 64
  private static let programHeaderSize = 56

  func input(_ seed: UInt64) -> Scenario { scenario(bytes(seed), seed) }

  private func bytes(_ seed: UInt64) -> [UInt8] {
    var mutator = Mutator(seed: seed)
    var bytes = mutator.pick(corpus)
    if mutator.oneIn(3) {
      mutator.mutate(&bytes, corpus)
      return bytes
    }
    for _ in 0...mutator.below(3) {
      if mutator.oneIn(3) {
        let field = mutator.pick(ExecutableTarget.headerFields)
        mutator.put(mutator.number(), size: field.1, at: field.0, in: &bytes)
      } else {
        let field = mutator.pick(ExecutableTarget.programFields)
        let header =
          ExecutableTarget.headerSize + mutator.below(4) * ExecutableTarget.programHeaderSize
        // Small numbers, and those that are only a little off, come further than others.
        var number = mutator.number()
        if mutator.oneIn(2) { number &= 0xffff }
        if mutator.oneIn(2) { number &= ~4095 }
        mutator.put(number, size: field.1, at: header + field.0, in: &bytes)
      }
    }
    if mutator.oneIn(4) { mutator.mutate(&bytes, corpus) }
    return bytes
  }

  private func scenario(_ bytes: [UInt8], _ seed: UInt64) -> Scenario {
    var scenario = Scenario()
    scenario.harts = 1 + Int(seed % 2)
    scenario.seed = seed
    scenario.tick = 1000
    scenario.limitTicks = 10
    scenario.limits.frames = ExecutableTarget.frames
    scenario.limits.processes = 8
    scenario.limits.blocks = 160
    scenario.limits.inodes = 8
    scenario.files = [GuestFile(path: "/init", content: .file(bytes))]
    return scenario
  }

  func attempt(_ scenario: Scenario, turn: UInt64?) throws -> Attempt {
    guard case .file(let bytes)? = scenario.files.first?.content else {
      throw ScenarioError("a scenario without its executable")
    }
    let problem = ExecutableProblem.check(bytes, frames: scenario.limits.frames)
    do throws(ScenarioError) {
      let session = try WatchedSession(scenario, isChecked: false)
      if let problem { return .failed("it runs, but the check finds: \(problem)") }
      return .taken(events: session.events)
    } catch {
      // Memory is what the check does not count to the last page, and the disk may be full.
      let isRefused = problem != nil || !error.description.contains("not executable")
      return isRefused ? .refused : .failed("\(error), but the check finds nothing")
    }
  }
}
