// Perfetto's protobuf: scheduling as ftrace has it (`sched_switch`, `sched_waking`), so that its own
// tables and its display of processors fill, and calls as slices on tracks of the processes. Only the
// few messages needed are written here.

import Recorder
import Sim

struct PerfettoExport: SessionExport {
  private var tracker = SpanTracker()
  private var list = SpanList()
  private var facts: SessionFacts?
  private var named: [Int32: String] = [:]
  private var isFirst = true
  /// Processes in a call that has not returned.
  private var calling: Set<Int32> = []

  private static let sequenceID: UInt64 = 1
  /// BUILTIN_CLOCK_BOOTTIME.
  private static let builtinClockBoot: UInt64 = 6
  /// SEQ_INCREMENTAL_STATE_CLEARED.
  private static let incrementalStateCleared: UInt64 = 1
  /// The priority that Linux gives its idle task.
  private static let idlePriority: UInt64 = 120

  mutating func begin(_ facts: SessionFacts, _ output: OutputBuffer) {
    self.facts = facts
    // One process a container, one thread a guest process. Numbers of containers stay clear of those
    // of processes, for a thread of a process's own number would be its main thread.
    var tree = ProtobufMessage<ProcessTreeField>()
    for cid in Set(facts.processes.values.map(\.cid)).sorted() {
      var process = ProtobufMessage<TreeProcessField>()
      process.add(.pid, processID(cid))
      process.add(.commandLine, cid == 0 ? "outside containers" : "container \(cid)")
      tree.add(.processes, process)
    }
    for process in facts.processes.values.sorted(by: { $0.pid < $1.pid }) {
      var thread = ProtobufMessage<TreeThreadField>()
      thread.add(.threadID, UInt64(max(0, process.pid)))
      thread.add(.name, facts.who(process.pid))
      thread.add(.processID, processID(process.cid))
      tree.add(.threads, thread)
    }
    write(packet(at: 0) { $0.add(.processTree, tree) }, output)
    for process in facts.processes.values.sorted(by: { $0.pid < $1.pid }) {
      var descriptor = ProtobufMessage<TrackDescriptorField>()
      descriptor.add(.uuid, track(process.pid))
      var thread = ProtobufMessage<ThreadDescriptorField>()
      thread.add(.processID, processID(process.cid))
      thread.add(.threadID, UInt64(max(0, process.pid)))
      thread.add(.threadName, facts.who(process.pid))
      descriptor.add(.thread, thread)
      write(packet(at: 0) { $0.add(.trackDescriptor, descriptor) }, output)
    }
    // What happens to no process is said of the machine, on a track without a thread.
    var machine = ProtobufMessage<TrackDescriptorField>()
    machine.add(.uuid, track(0))
    machine.add(.name, facts.who(0))
    write(packet(at: 0) { $0.add(.trackDescriptor, machine) }, output)
  }

  private func processID(_ cid: Int32) -> UInt64 { 1_000_000 + UInt64(max(0, cid)) }
  private func track(_ pid: Int32) -> UInt64 { 10_000_000 + UInt64(max(0, pid)) }

  private mutating func packet(
    at time: Int64, _ body: (inout ProtobufMessage<TracePacketField>) -> Void
  ) -> ProtobufMessage<TracePacketField> {
    var packet = ProtobufMessage<TracePacketField>()
    packet.add(.timestamp, UInt64(max(0, time)))
    packet.add(.trustedSequence, PerfettoExport.sequenceID)
    packet.add(.timestampClock, PerfettoExport.builtinClockBoot)
    if isFirst {
      packet.add(.sequenceFlags, PerfettoExport.incrementalStateCleared)
      isFirst = false
    }
    body(&packet)
    return packet
  }

  private func write(_ packet: ProtobufMessage<TracePacketField>, _ output: OutputBuffer) {
    var trace = ProtobufMessage<TraceField>()
    trace.add(.packet, packet)
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
      var sched = ProtobufMessage<SchedSwitchField>()
      sched.add(.previousName, "swapper")
      sched.add(.previousPID, 0)
      sched.add(.previousPriority, PerfettoExport.idlePriority)
      sched.add(.previousState, 0)
      sched.add(.nextName, name)
      sched.add(.nextPID, UInt64(max(0, pid)))
      sched.add(.nextPriority, UInt64(max(0, event[DispatchEvent.priority])))
      ftrace(event.hart.raw, time, .schedSwitch, sched, of: 0, output)
    case .wake:
      wake(pid, by: event[WakeEvent.waker].raw, on: event.hart.raw, time, output)
    case .fork:
      wake(event[ForkEvent.child].raw, by: pid, on: event.hart.raw, time, output)
    case .call:
      slice(.begin, pid, time, "sys_\(event.callName)", sequence, output)
      if event.isUnreturnedCall {
        calling.insert(pid)
      } else {
        slice(.end, pid, time, nil, sequence, output)
      }
    case .callReturn, .exit:
      guard calling.remove(pid) != nil else { break }
      slice(.end, pid, time, nil, sequence, output)
    case .fault, .refuse, .kill, .lockAcquire, .lockContend, .lockHandOver, .lockRelease,
      .lockAbandon, .shmMap, .shmUnmap, .containerCreate, .containerEnd:
      slice(.instant, pid, time, event.kind.name, sequence, output)
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
    var sched = ProtobufMessage<SchedSwitchField>()
    sched.add(.previousName, comm(span.pid))
    sched.add(.previousPID, UInt64(max(0, span.pid)))
    sched.add(.previousPriority, UInt64(max(0, span.priority)))
    sched.add(.previousState, state)
    sched.add(.nextName, "swapper")
    sched.add(.nextPID, 0)
    sched.add(.nextPriority, PerfettoExport.idlePriority)
    ftrace(span.hart, time, .schedSwitch, sched, of: span.pid, output)
  }

  private mutating func wake(
    _ pid: Int32, by waker: Int32, on hart: UInt8, _ time: Int64, _ output: OutputBuffer
  ) {
    var sched = ProtobufMessage<SchedWakingField>()
    sched.add(.name, comm(pid))
    sched.add(.pid, UInt64(max(0, pid)))
    sched.add(.priority, 0)
    sched.add(.success, 1)
    sched.add(.targetHart, UInt64(hart))
    ftrace(hart, time, .schedWaking, sched, of: waker, output)
  }

  /// One ftrace event in a bundle of its own; `field` says which.
  private mutating func ftrace<Field>(
    _ hart: UInt8, _ time: Int64, _ field: FtraceEventField, _ content: ProtobufMessage<Field>,
    of pid: Int32, _ output: OutputBuffer
  ) {
    var event = ProtobufMessage<FtraceEventField>()
    event.add(.timestamp, UInt64(max(0, time)))
    event.add(.pid, UInt64(max(0, pid)))
    event.add(field, content)
    var bundle = ProtobufMessage<FtraceBundleField>()
    bundle.add(.hart, UInt64(hart))
    bundle.add(.event, event)
    write(packet(at: time) { $0.add(.ftraceEvents, bundle) }, output)
  }

  private mutating func slice(
    _ type: TrackEventType, _ pid: Int32, _ time: Int64, _ name: String?, _ sequence: Int64,
    _ output: OutputBuffer
  ) {
    var event = ProtobufMessage<TrackEventField>()
    event.add(.type, type.rawValue)
    event.add(.track, track(pid))
    if let name {
      event.add(.categories, type == .instant ? "event" : "syscall")
      event.add(.name, name)
      var annotation = ProtobufMessage<DebugAnnotationField>()
      annotation.add(.name, "seq")
      annotation.add(.integer, UInt64(max(0, sequence)))
      event.add(.debugAnnotations, annotation)
    }
    write(packet(at: time) { $0.add(.trackEvent, event) }, output)
  }

  /// Who still runs at the end is not switched away: how long it runs is not known.
  mutating func finish(at end: Int64, _ output: OutputBuffer) {}
}
