// What an event says when one leaves out where, when and under which number it happened. Two runs of
// the same programs under another seed or on other harts differ in all of that, and yet do the same.

import Recorder
import Sim

/// Turns a session's events into signatures that those of another session can be held against.
struct EventSignatures {
  /// What a process is called in any session: how it came to be, by whose which fork.
  typealias Lineage = UInt64

  private let names: [UInt64]
  private let columns = ComparedColumn.byKind
  private let includesSchedule: Bool
  /// By pid: what the process is called, and how often it has forked.
  private var lineages = KeyedList<Lineage>()
  private var forks = KeyedList<UInt64>()
  /// By container: whom its numbers mean.
  private var members = KeyedList<KeyedList<Lineage>>()

  init(_ reader: TraceReader, includingSchedule: Bool) {
    names = reader.names.map { text in
      var digest = Digest()
      digest.combine(text)
      return digest.value
    }
    includesSchedule = includingSchedule
  }

  /// Whose event it is, and what it says; nil for events that only tell of the machine's own doings.
  mutating func signature(of event: Event) -> (lineage: Lineage, value: UInt64)? {
    if event.kind == .fork {
      name(child: event[ForkEvent.child].raw, of: event.process.raw)
      enter(event[ForkEvent.child], event.container, event[ForkEvent.number])
    }
    if event.kind == .containerEnter {
      enter(event.process, event[ContainerEnterEvent.cid], event[ContainerEnterEvent.number])
    }
    switch event.kind.family {
    case .state: return nil
    case .sched: guard includesSchedule else { return nil }
    case .trap:
      if event.kind == .tick && !includesSchedule { return nil }
      // A call that blocks is compared at its return, as a call that does not block is at once.
      if event.isUnreturnedCall { return nil }
    case .shm:
      // What a child inherits comes before the fork that names the child, and follows from it.
      if event.kind == .shmInherit { return nil }
    case .group:
      // What is told of use is told by the clock.
      if event.kind == .groupUse && !includesSchedule { return nil }
    case .lock, .process, .container, .path, .file, .output, .socket: break
    }
    return (lineage(Int64(event.process.raw)), value(event))
  }

  private mutating func name(child: Int32, of parent: Int32) {
    let ordinal = (forks[parent] ?? 0) + 1
    forks[parent] = ordinal
    var digest = Digest(seed: lineage(Int64(parent)))
    digest.combine(ordinal)
    lineages[child] = digest.value
  }

  private mutating func enter(
    _ process: ProcessID, _ container: ContainerID, _ number: GuestPID
  ) {
    guard container != .outside else { return }
    var own = members[container.raw] ?? KeyedList()
    // Nobody else holds the list while it is changed, so that it is changed in place.
    members[container.raw] = nil
    own[number.raw] = lineage(Int64(process.raw))
    members[container.raw] = own
  }

  /// Whom a process of a container means by a number.
  private func lineage(_ number: Int32, in container: ContainerID) -> Lineage {
    if container == .outside { return lineage(Int64(number)) }
    return members[container.raw]?[number] ?? UInt64(bitPattern: Int64(number))
  }

  private func lineage(_ pid: Int64) -> Lineage {
    Int32(exactly: pid).flatMap { lineages[$0] } ?? UInt64(bitPattern: pid)
  }

  private func value(_ event: Event) -> UInt64 {
    let kind: Event.Kind = event.kind == .callReturn ? .call : event.kind
    var digest = Digest(seed: UInt64(kind.rawValue))
    let call = kind == .call ? event[call: CallEvent.number] : nil
    for compared in columns[Int(kind.rawValue)] {
      let column = compared.column
      let number = event[column]
      if let call, EventSignatures.isLeftover(column, of: call) { continue }
      if compared.tellsWhether {
        digest.combine(number == 0 ? 0 : 1)
        continue
      }
      switch column.meaning {
      case .name:
        let place = Int(clamping: number)
        digest.combine(names.indices.contains(place) ? names[place] : UInt64(bitPattern: number))
      case .pid: digest.combine(lineage(number))
      case .packed:
        for column in EventColumn.six[column.position...] {
          digest.combine(UInt64(bitPattern: event[column]))
        }
      case .integer where call.map { EventSignatures.isProcess(column, of: $0) } == true:
        // The kernel takes it as an int.
        digest.combine(lineage(Int32(truncatingIfNeeded: number), in: event.container))
      case .integer, .file, .address, .hash, .call, .source, .refusal, .cause, .wait, .yield, .end,
        .networkAddress, .endpoint:
        digest.combine(UInt64(bitPattern: number))
      }
    }
    return digest.value
  }

  /// Whether this column of a call is an argument that the call does not take.
  private static func isLeftover(_ column: EventColumn, of call: CallNumber) -> Bool {
    let places = CallEvent.arg0.position...CallEvent.arg2.position
    return places.contains(column.position)
      && column.position - places.lowerBound >= call.argumentCount
  }

  /// Whether this column of a call, an argument or its value, is a process.
  private static func isProcess(_ column: EventColumn, of call: CallNumber) -> Bool {
    switch call {
    case .fork, .getpid, .wait, .clone, .gettid: column.position == CallEvent.value.position
    case .kill, .prioritySet, .priorityGet, .join: column.position == CallEvent.arg0.position
    case .exit, .pipe, .read, .exec, .fstat, .chdir, .dup, .sbrk, .sleep, .uptime, .open, .write,
      .mknod, .unlink, .link, .mkdir, .close, .setroot, .maxproc, .containerCreateAndEnter,
      .containerSetRoot, .containerMaxProc, .getcid, .sharedPageGet, .sharedPageRemove,
      .mutexCreate, .mutexDelete, .mutexLock, .mutexUnlock, .conditionWait, .conditionSignal,
      .containerJoin, .containerInfo, .processStatus, .mount, .unmount, .socket, .bind, .listen,
      .accept, .connect, .sendTo, .receiveFrom, .shutDown, .socketName, .peerName, .poll,
      .containerNetwork, .futex:
      false
    }
  }
}

/// The columns of each kind that say something of what was done, by the kind's raw value.
private struct ComparedColumn {
  var column: EventColumn
  /// Whether all that counts is that there is one: the number is incidental, but 0 is none.
  var tellsWhether: Bool

  static let byKind: [[ComparedColumn]] = {
    var all = [[ComparedColumn]](repeating: [], count: 256)
    for kind in Event.Kind.allCases {
      for column in kind.columns where !isIncidental(column.name) {
        all[Int(kind.rawValue)].append(
          ComparedColumn(column: column, tellsWhether: tellsWhether(column.name)))
      }
    }
    return all
  }()

  /// Whether a column's number depends on what else the machine did at the time, and 0 is a number
  /// like any other: the first pipe, nobody who waits yet.
  private static func isIncidental(_ name: String) -> Bool {
    switch name {
    case "frame", "mappers", "pipe", "mutex", "waiters", "held", "object", "tick", "pc", "options",
      "chosen", "container_pid", "socket", "flow", "listener":
      true
    default: false
    }
  }

  /// Whether a column's number is as incidental, but 0 says that there is none: nothing was found,
  /// nobody was there before, the machine itself woke it.
  private static func tellsWhether(_ name: String) -> Bool {
    switch name {
    case "inode", "root", "previous", "waker": true
    default: false
    }
  }
}
