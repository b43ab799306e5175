// Chrome's JSON trace events: harts as threads of one process, the guest's processes as threads of
// their containers.

import Recorder
import Sim

struct ChromeExport: SessionExport {
  private var tracker = SpanTracker()
  private var list = SpanList()
  private var facts: SessionFacts?
  private var pending: [Int32: (name: String, time: Int64)] = [:]

  /// Containers are processes from here on; 1 is the machine with its harts.
  private static let firstContainer = 100

  mutating func begin(_ facts: SessionFacts, _ output: OutputBuffer) {
    self.facts = facts
    output.write("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n")
    output.write(metadata("process_name", 1, 0, "harts"))
    for hart in 0..<facts.harts {
      output.write(",\n" + metadata("thread_name", 1, hart, "hart \(hart)"))
    }
    var containers = Set(facts.processes.values.map(\.cid))
    containers.insert(0)
    for cid in containers.sorted() {
      let name = cid == 0 ? "outside containers" : "container \(cid)"
      output.write(
        ",\n" + metadata("process_name", Int(cid) + ChromeExport.firstContainer, 0, name))
    }
    // What happens to no process is said of the machine.
    output.write(",\n" + metadata("thread_name", ChromeExport.firstContainer, 0, facts.who(0)))
    for process in facts.processes.values.sorted(by: { $0.pid < $1.pid }) {
      output.write(
        ",\n"
          + metadata(
            "thread_name", Int(process.cid) + ChromeExport.firstContainer, Int(process.pid),
            facts.who(process.pid)))
    }
  }

  private func metadata(_ kind: String, _ pid: Int, _ tid: Int, _ name: String) -> String {
    "{\"ph\":\"M\",\"name\":\"\(kind)\",\"pid\":\(pid),\"tid\":\(tid),"
      + "\"args\":{\"name\":\(JSONText.quoted(name))}}"
  }

  mutating func receive(_ event: Event, _ sequence: Int64, _ output: OutputBuffer) {
    tracker.receive(event, sequence, &list)
    drain(output)
    let time = Int64(bitPattern: event.time.instructions)
    switch event.kind {
    case .call where event.isUnreturnedCall: pending[event.process.raw] = (event.callName, time)
    case .callReturn, .exit:
      guard let call = pending.removeValue(forKey: event.process.raw) else { break }
      write(call, of: event.process.raw, until: time, output)
    case .call, .fault, .refuse, .kill, .fork, .exec, .containerCreate, .containerEnd, .lockAcquire,
      .lockContend, .lockHandOver, .lockRelease, .cvWait, .cvSignal, .shmMap, .shmUnmap:
      let name = event.kind == .call ? "call \(event.callName)" : event.kind.name
      output.write(
        ",\n{\"ph\":\"i\",\"s\":\"t\",\"name\":\"\(name)\",\"cat\":\"\(event.kind.family.rawValue)\","
          + "\"ts\":\(microseconds(time)),\"pid\":\(home(event.process.raw)),"
          + "\"tid\":\(event.process.raw),\"args\":{\"seq\":\(sequence)}}")
    default: break
    }
  }

  private func write(
    _ call: (name: String, time: Int64), of pid: Int32, until end: Int64, _ output: OutputBuffer
  ) {
    write(
      "call \(call.name)", "syscall", home(pid), Int(pid), call.time, end &- call.time, output)
  }

  private func home(_ pid: Int32) -> Int {
    Int(facts?.processes[pid]?.cid ?? 0) + ChromeExport.firstContainer
  }

  private mutating func drain(_ output: OutputBuffer) {
    for span in list.spans {
      if span.state == .running {
        write(
          facts?.who(span.pid) ?? "\(span.pid)", "sched", 1, Int(span.hart), span.start,
          span.duration, output)
      }
      guard span.state == .running || span.state == .runnable else { continue }
      write(
        span.state.rawValue, "sched", home(span.pid), Int(span.pid), span.start, span.duration,
        output)
    }
    list.spans.removeAll(keepingCapacity: true)
  }

  private func write(
    _ name: String, _ category: String, _ pid: Int, _ tid: Int, _ start: Int64, _ duration: Int64,
    _ output: OutputBuffer
  ) {
    output.write(
      ",\n{\"ph\":\"X\",\"name\":\(JSONText.quoted(name)),\"cat\":\"\(category)\","
        + "\"ts\":\(microseconds(start)),\"dur\":\(microseconds(duration)),\"pid\":\(pid),"
        + "\"tid\":\(tid)}")
  }

  /// The format counts in microseconds, with decimals.
  private func microseconds(_ time: Int64) -> String {
    let (whole, rest) = max(0, time).quotientAndRemainder(dividingBy: 1000)
    let digits = "\(rest)"
    return "\(whole).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
  }

  mutating func finish(at end: Int64, _ output: OutputBuffer) {
    tracker.finish(at: end, &list)
    drain(output)
    for (pid, call) in pending.sorted(by: { $0.key < $1.key }) {
      write(call, of: pid, until: end, output)
    }
    output.line("\n]}")
  }
}
