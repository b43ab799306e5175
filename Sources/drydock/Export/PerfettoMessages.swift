// The messages of Perfetto that an export needs, by the numbers of their fields (perfetto's
// protos/perfetto/trace), and how protobuf writes them.

enum TraceField: Int { case packet = 1 }

enum TracePacketField: Int {
  case ftraceEvents = 1
  case processTree = 2
  case timestamp = 8
  case trustedSequence = 10
  case trackEvent = 11
  case sequenceFlags = 13
  case timestampClock = 58
  case trackDescriptor = 60
}

enum ProcessTreeField: Int {
  case processes = 1
  case threads
}
enum TreeProcessField: Int {
  case pid = 1
  case parent, commandLine
}
enum TreeThreadField: Int {
  case threadID = 1
  case name, processID
}

enum TrackDescriptorField: Int {
  case uuid = 1
  case name, process, thread
}

enum ThreadDescriptorField: Int {
  case processID = 1
  case threadID = 2
  case threadName = 5
}

enum FtraceBundleField: Int {
  case hart = 1
  case event
}

enum FtraceEventField: Int {
  case timestamp = 1
  case pid = 2
  case schedSwitch = 4
  case schedWaking = 20
}

enum SchedSwitchField: Int {
  case previousName = 1
  case previousPID, previousPriority, previousState, nextName, nextPID, nextPriority
}

enum SchedWakingField: Int {
  case name = 1
  case pid, priority, success, targetHart
}

enum TrackEventField: Int {
  case debugAnnotations = 4
  case type = 9
  case track = 11
  case categories = 22
  case name = 23
}

/// Of a track's event: whether it begins a slice, ends one, or has no length.
enum TrackEventType: UInt64 {
  case begin = 1
  case end, instant
}

enum DebugAnnotationField: Int {
  case integer = 4
  case name = 10
}

/// A protobuf message being put together: fields with variable-length integers, or bytes.
struct ProtobufMessage<Field: RawRepresentable> where Field.RawValue == Int {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ field: Field, _ value: UInt64) {
    append(UInt64(field.rawValue) << 3)
    append(value)
  }

  mutating func add(_ field: Field, _ text: String) { add(field, Array(text.utf8)) }

  mutating func add<Other>(_ field: Field, _ message: ProtobufMessage<Other>) {
    add(field, message.bytes)
  }

  private mutating func add(_ field: Field, _ content: [UInt8]) {
    append(UInt64(field.rawValue) << 3 | 2)
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
