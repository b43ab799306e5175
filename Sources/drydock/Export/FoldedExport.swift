// Stacks as flame graph tools fold them: container, the process's ancestors, the process, and what it
// did next: the call that its stretch of user code led to, the end of its slice or the process of
// higher priority that took its hart away, or the session's end.

import Recorder
import Sim

struct FoldedExport: SessionExport {
  private var facts: SessionFacts?
  private var totals: [String: Int64] = [:]
  private var since: [Int32: Int64] = [:]
  private var stacks: [Int32: String] = [:]

  mutating func begin(_ facts: SessionFacts, _ output: OutputBuffer) { self.facts = facts }

  mutating func receive(_ event: Event, _ sequence: Int64, _ output: OutputBuffer) {
    let time = Int64(bitPattern: event.time.instructions)
    let pid = event.process.raw
    switch event.kind {
    case .dispatch: since[pid] = time
    case .call: spend(event, time, until: "call \(event.callName)")
    case .fault: spend(event, time, until: "fault")
    case .yield:
      spend(
        event, time,
        until: event[YieldEvent.why] == Int64(YieldReason.slice.rawValue)
          ? "slice over" : "preempted")
      since[pid] = nil
    case .block, .exit:
      // What comes after the call belongs to the kernel.
      spend(event, time, until: event.kind.name)
      since[pid] = nil
    default: break
    }
  }

  private mutating func spend(_ event: Event, _ time: Int64, until what: String) {
    spend(event.process.raw, time, until: what)
  }

  private mutating func spend(_ pid: Int32, _ time: Int64, until what: String) {
    guard let start = since[pid] else { return }
    since[pid] = time
    guard time > start else { return }
    let stack = stacks[pid] ?? ancestors(of: pid)
    stacks[pid] = stack
    totals["\(stack);\(what)", default: 0] &+= time &- start
  }

  private func ancestors(of pid: Int32) -> String {
    var names: [String] = []
    var here: Int32? = pid
    while let process = here, let found = facts?.processes[process], names.count < 64 {
      names.append(frame(found.name))
      here = found.parent == process ? nil : found.parent
    }
    let cid = facts?.processes[pid]?.cid ?? 0
    names.append(cid == 0 ? "outside" : "container \(cid)")
    return names.reversed().joined(separator: ";")
  }

  /// A frame's name holds neither the separator nor a line's end.
  private func frame(_ name: String) -> String {
    String(name.map { $0 == ";" ? ":" : $0 })
  }

  mutating func finish(at end: Int64, _ output: OutputBuffer) {
    for pid in since.keys { spend(pid, end, until: "end") }
    for (stack, total) in totals.sorted(by: { $0.key < $1.key }) {
      output.line("\(stack) \(total)")
    }
  }
}
