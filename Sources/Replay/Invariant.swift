// What must hold whatever the programs do. Each family has a file of its own in `Invariants/`, with
// what it says in a paragraph; `InvariantChecker` calls them after every step of the machine.

import Recorder
import Sim

/// A family of things that always hold.
public enum Invariant: String, CaseIterable, Sendable {
  case root, budget, memory, names, pids, signals, locks, schedule, console, accounting
  case mounts, groups, limits, network, threads

  /// What it says, in a sentence.
  public var statement: String {
    switch self {
    case .root: "No path, descriptor or working directory leads out of a process's root."
    case .budget: "Under every limit there are at most as many processes as it says."
    case .memory: "No process sees or changes a page that is not its own or shared with it."
    case .names: "Processes of different containers never share a page or a mutex."
    case .pids: "A container gives each number once, and no call takes or gives another pid."
    case .signals: "kill, wait, prio_set and adoption never cross a container's wall."
    case .locks: "A mutex has one living holder, and a signal wakes who waits for it."
    case .schedule: "Nobody runs while one of higher priority that could run there waits."
    case .console: "No process in a container reaches a device."
    case .mounts: "A mount is seen in its own table; a union changes nothing but its upper layer."
    case .groups: "Every process is in a group of its own part of the tree, and runs unless frozen."
    case .limits: "A group has what was taken in it, and gets no more of anything beyond its limit."
    case .network: "Addresses and ports are a network's own, and a connection brings what was sent."
    case .threads: "Threads live and share as one process, and who sleeps on an int is woken by it."
    case .accounting: "What is in use is what the processes hold, no more and no less."
    }
  }
}

/// Something that did not hold.
public struct Violation: Equatable, Sendable {
  public var invariant: Invariant
  /// The number of the event after which it was seen.
  public var sequence: Int64
  public var time: Instant
  /// Who it was seen about; `.none` for the machine.
  public var process: ProcessID
  public var container: ContainerID
  public var found: String
  public var expected: String

  /// The finding first, then what should be, and the command that stops there.
  ///
  /// - Parameters:
  ///   - path: the trace.
  ///   - conditions: options of `replay`, if it was not the recorded session itself.
  public func text(in path: String?, under conditions: [String] = []) -> String {
    var who = "the machine"
    if process != .none { who = "pid \(process.raw)" }
    if container != .outside { who += " in container \(container.raw)" }
    var lines = [
      "violated \(invariant.rawValue) at event \(sequence): found \(found)",
      "  expected \(expected)",
      "  who: \(who), time \(time.instructions)",
    ]
    if let path {
      let words = ["drydock replay", shellWord(path)] + conditions + ["--until \(sequence)"]
      lines.append("  again: " + words.joined(separator: " "))
    }
    return lines.joined(separator: "\n")
  }
}

/// A container, by its number, in the words of a violation.
func placeName(_ container: Int32) -> String {
  container == ContainerID.outside.raw ? "no container" : "container \(container)"
}

/// Collects violations; of each family the first counts, for what comes after may follow from it.
struct Findings: Sendable {
  private(set) var violations: [Violation] = []
  private var isWatched: [Bool]
  /// The event that is being looked at.
  var sequence: Int64 = 0
  var event = Event(
    time: .zero, hart: HartID(raw: 0), kind: .boot, process: .none, container: .outside)

  /// How many of the violations have been looked through for whose container is not known.
  private var filledCount = 0

  init(_ invariants: [Invariant]) {
    isWatched = Invariant.allCases.map { invariants.contains($0) }
  }

  @inline(never)
  mutating func report(
    _ invariant: Invariant, _ found: @autoclosure () -> String, expected: @autoclosure () -> String,
    about process: ProcessID? = nil
  ) {
    guard let place = Invariant.allCases.firstIndex(of: invariant), isWatched[place] else { return }
    isWatched[place] = false
    violations.append(
      Violation(
        invariant: invariant, sequence: sequence, time: event.time,
        process: process ?? event.process,
        container: process == nil || process == event.process ? event.container : .outside,
        found: found(), expected: expected()))
  }

  /// Whether `fillContainers` has something to do: to hand it all processes at each step would copy them.
  var lacksContainers: Bool { filledCount < violations.count }

  /// Adds the containers of processes whose violation was found at another process's event.
  mutating func fillContainers(from population: Population) {
    for index in filledCount..<violations.count where violations[index].container == .outside {
      guard let member = population[violations[index].process.raw] else { continue }
      violations[index].container = ContainerID(raw: member.container)
    }
    filledCount = violations.count
  }
}
