// The processes of several machines. Numbers of processes are a machine's own; what is called the same and
// has the same number on several machines is taken for one process here, so that it has one colour, or one
// letter, wherever it runs.

import Recorder
import Replay

/// Processes of all machines, each with a number that no other has.
struct ComparedProcesses {
  struct Person {
    var number: Int32
    var process: DrawnProcess
  }

  private(set) var all: [Person] = []
  private var places: [Int32: Int] = [:]
  /// Beyond what a machine gives.
  private var nextFree: Int32 = 1 << 30

  /// Takes in a machine's processes.
  ///
  /// - Returns: its run slices, with the processes' numbers among all.
  mutating func take(_ outcome: ComparedOutcome) -> [Stretch] {
    var numbers: [Int32: Int32] = [:]
    for process in outcome.drawn {
      var number = process.pid
      if let place = places[number], all[place].process.name != process.name {
        let known = all.first {
          $0.process.pid == process.pid && $0.process.name == process.name
        }
        number = known?.number ?? nextFree
        if known == nil { nextFree += 1 }
      }
      numbers[process.pid] = number
      if places[number] == nil {
        places[number] = all.count
        all.append(Person(number: number, process: process))
      }
    }
    return outcome.lanes.map { stretch in
      var moved = stretch
      moved.span.pid = numbers[stretch.span.pid] ?? stretch.span.pid
      return moved
    }
  }

  /// As sentences have it: `sh(2)`.
  func who(_ number: Int32) -> String {
    guard let place = places[number] else { return "?(\(number))" }
    return "\(all[place].process.name)(\(all[place].process.pid))"
  }
}

extension ComparedCondition {
  /// What one of its harts is called beside those of others.
  func lane(_ hart: Int, among outcomes: [ComparedOutcome]) -> String {
    let isVaried = outcomes.contains {
      $0.condition.inheritsPriorities != inheritsPriorities
    }
    let name = scheduler.name + (isVaried && inheritsPriorities ? " inheriting" : "")
    return outcomes.allSatisfy { $0.condition.harts == 1 } ? name : "\(name)/\(harts), hart \(hart)"
  }
}
