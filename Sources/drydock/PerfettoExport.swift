// Perfetto's protobuf: scheduling as ftrace has it (`sched_switch`, `sched_waking`), so that its own
// tables and its display of processors fill, and calls as slices on tracks of the processes. Only the
// few messages needed are written here; field numbers are from perfetto's protos/perfetto/trace.

import Recorder
import Sim

struct PerfettoExport: SessionExport {
  private var tracker = SpanTracker()
  private var list = SpanList()
  private var facts: SessionFacts?
  private var named: [Int32: String] = [:]
  private var isFirst = true
  /// Who is in a call that has not come back.
  private var calling: Set<Int32> = []

  private static let sequenceID: UInt64 = 1
  private static let builtinClockBoot: UInt64 = 6

  mutating func begin(_ facts: SessionFacts, _ output: OutputBuffer) {
    self.facts = facts
    // One process a container, one thread a guest process. Numbers of containers stay clear of those
    // of processes, for a thread of a process's own number would be its main thread.
    var tree = ProtobufMessage()
    for cid in Set(facts.processes.values.map(\.cid)).sorted() {
      var process = ProtobufMessage()
      process.add(1, processID(cid))
      process.add(3, cid == 0 ? "outside containers" : "container \(cid)")
      tree.add(1, process)
    }
    for process in facts.processes.values.sorted(by: { $0.pid < $1.pid }) {
      var thread = ProtobufMessage()
      thread.add(1, UInt64(max(0, process.pid)))
      thread.add(2, facts.who(process.pid))
      thread.add(3, processID(process.cid))
      tree.add(2, thread)
    }
    write(packet(at: 0) { $0.add(2, tree) }, output)
    for process in facts.processes.values.sorted(by: { $0.pid < $1.pid }) {
      var descriptor = ProtobufMessage()
      descriptor.add(1, track(process.pid))
      var thread = ProtobufMessage()
      thread.add(1, processID(process.cid))
      thread.add(2, UInt64(max(0, process.pid)))
      thread.add(5, facts.who(process.pid))
      descriptor.add(4, thread)
      write(packet(at: 0) { $0.add(60, descriptor) }, output)
    }
    // What happens to no process is said of the machine, on a track without a thread.
    var machine = ProtobufMessage()
    machine.add(1, track(0))
    machine.add(2, facts.who(0))
    write(packet(at: 0) { $0.add(60, machine) }, output)
  }

  private func processID(_ cid: Int32) -> UInt64 { 1_000_000 + UInt64(max(0, cid)) }
  private func track(_ pid: Int32) -> UInt64 { 10_000_000 + UInt64(max(0, pid)) }

  private mutating func packet(
    at time: Int64, _ body: (inout ProtobufMessage) -> Void
  ) -> ProtobufMessage {
    var packet = ProtobufMessage()
    packet.add(8, UInt64(max(0, time)))
    packet.add(10, PerfettoExport.sequenceID)
    packet.add(58, PerfettoExport.builtinClockBoot)
    if isFirst {
      // The sequence's incremental state begins here.
      packet.add(13, 1)
      isFirst = false
    }
    body(&packet)
    return packet
  }

  private func write(_ packet: ProtobufMessage, _ output: OutputBuffer) {
    var trace = ProtobufMessage()
    trace.add(1, packet)
    output.write(trace.bytes)
  }

  mutating func receive(_ event: Event, _ sequence: Int64, _ output: OutputBuffer) {
    let time = Int64(bitPattern: event.time.instructions)
    let pid = event.process.raw
    tracker.receive(event, sequence, &list)
    for span in list.spans where span.state == .running {
      leave(span, at: time, output)
    }
    list.spans.removeAll(keepingCapacity: true)
    switch event.kind {
    case .dispatch:
      let name = comm(pid)
      ftrace(event.hart.raw, time, 4, of: 0, output) { sched in
        sched.add(1, "swapper")
        sched.add(2, 0)
        sched.add(3, 120)
        sched.add(4, 0)
        sched.add(5, name)
        sched.add(6, UInt64(max(0, pid)))
        sched.add(7, UInt64(max(0, event.a2)))
      }
    case .wake:
      let waker = Int32(truncatingIfNeeded: event.a0)
      wake(pid, by: waker, on: event.hart.raw, time, output)
    case .fork:
      wake(Int32(truncatingIfNeeded: event.a0), by: pid, on: event.hart.raw, time, output)
    case .call:
      slice(1, pid, time, "sys_\(event.callName)", sequence, output)
      if event.isUnreturnedCall {
        calling.insert(pid)
      } else {
        slice(2, pid, time, nil, sequence, output)
      }
    case .callReturn, .exit:
      guard calling.remove(pid) != nil else { break }
      slice(2, pid, time, nil, sequence, output)
    case .fault, .refuse, .kill, .lockAcquire, .lockContend, .lockHandOver, .lockRelease,
      .lockAbandon, .shmMap, .shmUnmap, .containerCreate, .containerEnd:
      slice(3, pid, time, event.kind.name, sequence, output)
    default: break
    }
  }

  private func comm(_ pid: Int32) -> String {
    pid == 0 ? "swapper" : facts?.who(pid) ?? "\(pid)"
  }

  private mutating func leave(_ span: Span, at time: Int64, _ output: OutputBuffer) {
    // As Linux 4.4 has it, which is what the trace processor takes where no version is said: asleep,
    // a zombie, runnable.
    let state: UInt64 =
      switch span.ending {
      case .block: 0x1
      case .exit: 0x20
      default: 0x800
      }
    let name = comm(span.pid)
    ftrace(span.hart, time, 4, of: span.pid, output) { sched in
      sched.add(1, name)
      sched.add(2, UInt64(max(0, span.pid)))
      sched.add(3, UInt64(max(0, span.priority)))
      sched.add(4, state)
      sched.add(5, "swapper")
      sched.add(6, 0)
      sched.add(7, 120)
    }
  }

  private mutating func wake(
    _ pid: Int32, by waker: Int32, on hart: UInt8, _ time: Int64, _ output: OutputBuffer
  ) {
    let name = comm(pid)
    ftrace(hart, time, 20, of: waker, output) { sched in
      sched.add(1, name)
      sched.add(2, UInt64(max(0, pid)))
      sched.add(3, 0)
      sched.add(4, 1)
      sched.add(5, UInt64(hart))
    }
  }

  /// One ftrace event in a bundle of its own; `field` says which.
  private mutating func ftrace(
    _ hart: UInt8, _ time: Int64, _ field: Int, of pid: Int32, _ output: OutputBuffer,
    _ body: (inout ProtobufMessage) -> Void
  ) {
    var content = ProtobufMessage()
    body(&content)
    var event = ProtobufMessage()
    event.add(1, UInt64(max(0, time)))
    event.add(2, UInt64(max(0, pid)))
    event.add(field, content)
    var bundle = ProtobufMessage()
    bundle.add(1, UInt64(hart))
    bundle.add(2, event)
    write(packet(at: time) { $0.add(1, bundle) }, output)
  }

  /// A TrackEvent: 1 begins a slice, 2 ends it, 3 is an instant.
  private mutating func slice(
    _ type: UInt64, _ pid: Int32, _ time: Int64, _ name: String?, _ sequence: Int64,
    _ output: OutputBuffer
  ) {
    var event = ProtobufMessage()
    event.add(9, type)
    event.add(11, track(pid))
    if let name {
      event.add(22, type == 3 ? "event" : "syscall")
      event.add(23, name)
      var annotation = ProtobufMessage()
      annotation.add(10, "seq")
      annotation.add(4, UInt64(max(0, sequence)))
      event.add(4, annotation)
    }
    write(packet(at: time) { $0.add(11, event) }, output)
  }

  /// Who still runs at the end is not switched away: how long it runs is not known.
  mutating func finish(at end: Int64, _ output: OutputBuffer) {}
}

/// A protobuf message being put together: fields with variable-length integers, or bytes.
struct ProtobufMessage {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ field: Int, _ value: UInt64) {
    append(UInt64(field) << 3)
    append(value)
  }

  mutating func add(_ field: Int, _ text: String) { add(field, Array(text.utf8)) }

  mutating func add(_ field: Int, _ message: ProtobufMessage) { add(field, message.bytes) }

  private mutating func add(_ field: Int, _ content: [UInt8]) {
    append(UInt64(field) << 3 | 2)
    append(UInt64(content.count))
    bytes += content
  }

  private mutating func append(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}
