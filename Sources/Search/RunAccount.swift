// A failing run told in words: who was interrupted in front of what, what others did meanwhile, and how it
// failed.

import Recorder
import Sim

/// What is known of a recorded run.
public struct RunAccount: Sendable {
  public var switches: [Switch]
  var events: [Event]
  var names: NameTable
  /// Where programs were in their source, of those that say.
  var sources: SourcePlaces?

  /// Things that somebody else did meanwhile, at most, each a line.
  private static let linesAtMost = 8

  /// The account as Markdown, without a headline.
  public func text(_ failure: Failure) -> [String] {
    let programs = programs
    var lines: [String] = []
    if switches.isEmpty { lines.append("It fails without any preemption.") }
    let ends = yields
    let own = OwnMemory(events)
    var preemption = 0
    for (number, change) in switches.enumerated() {
      let who = word(change.process, programs)
      let other = word(change.target, programs)
      switch change.kind {
      case .dispatch:
        lines.append("\(number + 1). When \(who) leaves the hart, \(other) gets it.")
      case .preemption:
        let end = preemption < ends.count ? ends[preemption] : 0
        let before = change.operation.map { words($0, change.process, end) } ?? "an operation"
        lines.append(
          "\(number + 1). \(who) is interrupted before \(before); \(other) gets the hart.")
        if preemption < ends.count {
          lines += meanwhile(ends[preemption], change.process, programs, own)
        }
        preemption += 1
      }
    }
    lines.append("")
    lines.append("Then: \(failure.description)\(sourceOfFault(failure)).")
    return lines
  }

  /// Where those who were preempted gave up the hart, as indices of events.
  private var yields: [Int] {
    var found: [Int] = []
    let wanted = switches.filter { $0.kind == .preemption }
    for (index, event) in events.enumerated() where found.count < wanted.count {
      if event.kind == .yield, event.process == wanted[found.count].process,
        index + 1 < events.count, isNextDispatch(after: index, wanted[found.count].target)
      {
        found.append(index)
      }
    }
    return found
  }

  private func isNextDispatch(after index: Int, _ target: ProcessID) -> Bool {
    let next = events[(index + 1)...].first { $0.kind == .dispatch }
    return next?.process == target
  }

  /// What the others do from there until the one who was interrupted goes on.
  private func meanwhile(
    _ index: Int, _ process: ProcessID, _ programs: [(ProcessID, String)], _ own: OwnMemory
  ) -> [String] {
    var lines: [String] = []
    var count = 0
    for place in events.indices[(index + 1)...] {
      let event = events[place]
      if event.kind == .dispatch, event.process == process {
        if count > RunAccount.linesAtMost {
          lines.append("   - and \(count - RunAccount.linesAtMost) more")
        }
        return lines + ["   Then \(word(process, programs)) goes on."]
      }
      guard !own.has(event), let words = words(event, place) else { continue }
      count += 1
      if count <= RunAccount.linesAtMost {
        lines.append("   - \(word(event.process, programs)) \(words)")
      }
    }
    if count > RunAccount.linesAtMost {
      lines.append("   - and \(count - RunAccount.linesAtMost) more")
    }
    return lines + ["   \(word(process, programs)) never gets the hart again."]
  }

  // MARK: Words

  /// Where a process is, at an event by its index.
  private func place(_ process: ProcessID, _ pc: UInt64, _ index: Int) -> String {
    if let found = sources?.place(process.raw, at: Int64(index) + 1, pc) { return "\(found)" }
    return "pc 0x" + String(pc, radix: 16)
  }

  private func sourceOfFault(_ failure: Failure) -> String {
    guard case .fault(_, _, let pc) = failure,
      let index = events.firstIndex(where: {
        $0.kind == .fault && $0[FaultEvent.pc] == pc
      }),
      let found = sources?.place(events[index].process.raw, at: Int64(index) + 1, pc)
    else { return "" }
    return ", \(found)"
  }

  private func words(_ event: Event, _ index: Int) -> String? {
    switch event.kind {
    case .shmAccess:
      let place = "0x" + String(event[SharedAccessEvent.address], radix: 16)
      let value = event[SharedAccessEvent.value]
      let pc = self.place(event.process, event[SharedAccessEvent.pc], index)
      return event[SharedAccessEvent.store]
        ? "stores \(value) at \(place) (\(pc))" : "loads \(value) from \(place) (\(pc))"
    case .call, .callReturn:
      let number = event[CallEvent.number]
      let name = event[call: CallEvent.number]?.name ?? "call \(number)"
      let argument =
        (event[call: CallEvent.number]?.argumentCount ?? 0) > 0
        ? "\(Int64(bitPattern: event[CallEvent.arg0]))" : ""
      return event.kind == .call
        ? "calls \(name)(\(argument))" : "comes back from \(name) with \(event[CallEvent.value])"
    case .exit: return "exits with status \(event[ExitEvent.status])"
    case .fault: return "faults at \(self.place(event.process, event[FaultEvent.pc], index))"
    default: return nil
    }
  }

  private func words(_ operation: VisibleOperation, _ process: ProcessID, _ index: Int) -> String {
    let pc = place(process, operation.pc, index)
    let memory = operation.isInSharedPage ? "a shared page" : "memory that threads share"
    switch operation.kind {
    case .load: return "a load from \(memory) (\(pc))"
    case .store: return "a store to \(memory) (\(pc))"
    case .call:
      let name = CallNumber(rawValue: operation.call)?.name ?? "call \(operation.call)"
      return operation.domain == .mutex
        ? "\(name)(\(operation.object)) (\(pc))" : "\(name) (\(pc))"
    }
  }

  private func word(_ process: ProcessID, _ programs: [(ProcessID, String)]) -> String {
    let name = programs.last { $0.0 == process }?.1 ?? "pid"
    return "\(name)(\(process.raw))"
  }

  /// What each process ran last.
  private var programs: [(ProcessID, String)] {
    var found: [(ProcessID, String)] = []
    for event in events {
      switch event.kind {
      case .exec:
        found.append((event.process, String(decoding: names[event[ExecEvent.path]], as: UTF8.self)))
      case .fork:
        if let parent = found.last(where: { $0.0 == event.process }) {
          found.append((event[ForkEvent.child], parent.1))
        }
      default: break
      }
    }
    return found
  }
}
