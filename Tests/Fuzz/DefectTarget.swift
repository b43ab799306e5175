// A kernel with several of its mistakes switched on at once. What it does then is wrong by intent,
// and the invariants say so; but it is still the tool's own code, which must not trap.

import Sim
import TestGuests

struct DefectTarget: FuzzTarget {
  private let programs: [GuestFile]
  private let initial: GuestFile

  init(folder: String) throws {
    initial = try guestFile("init")
    programs =
      try TestGuests.all.map(\.name).filter { $0.hasPrefix("bug_") || $0.hasPrefix("cm_") }
      .map { try guestFile($0) } + Array(repeating: guestFile("fuzz"), count: 8)
  }

  func input(_ seed: UInt64) -> Scenario {
    var random = RandomSource(seed: seed)
    var scenario = Scenario()
    let program = programs[random.next(below: programs.count)]
    scenario.files = [initial, program]
    scenario.program = [String(program.path.dropFirst()), "\(seed)"]
    scenario.seed = seed
    scenario.harts = 1 + random.next(below: 4)
    scenario.tick = 10_000
    scenario.limitTicks = 1000
    scenario.limits.frames = 1024
    let count = 2 + (random.next(below: 4) == 0 ? random.next(below: 6) : 0)
    for _ in 0..<count {
      let defect = Defect.allCases[random.next(below: Defect.allCases.count)]
      if !scenario.defects.contains(defect) { scenario.defects.append(defect) }
    }
    return scenario
  }

  func attempt(_ scenario: Scenario, turn: UInt64?) throws -> Attempt {
    .taken(events: try WatchedSession(scenario, isChecked: true).events)
  }
}
