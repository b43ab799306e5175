// poll: waits until one of several descriptors can be read or written without waiting. A process that polls is in the
// queues of all that it watches; whatever wakes it takes it out of the others.

/// A queue in which a process that polls stands.
enum WatchedQueue: Equatable, Sendable {
  case console
  case pipeReaders(PipeIndex)
  case pipeWriters(PipeIndex)
  case socketReaders(SocketID)
  case socketWriters(SocketID)

  /// What kind it is, and of what.
  private var key: (kind: Int, number: Int64) {
    switch self {
    case .console: (1, 0)
    case .pipeReaders(let pipe): (2, Int64(pipe.index))
    case .pipeWriters(let pipe): (3, Int64(pipe.index))
    case .socketReaders(let id): (4, id.raw)
    case .socketWriters(let id): (5, id.raw)
    }
  }

  /// Each of these once: several descriptors may lead to one thing, and nobody stands in a queue twice.
  static func distinct(_ queues: [WatchedQueue]) -> [WatchedQueue] {
    var found: [WatchedQueue] = []
    for queue in queues.sorted(by: { $0.key < $1.key }) where queue != found.last {
      found.append(queue)
    }
    return found
  }
}

/// Who polls, and in which queues it stands for that.
struct PollTable: Sendable {
  private var slots: [Slot] = []
  private var queues: [[WatchedQueue]] = []

  mutating func insert(_ slot: Slot, _ watched: [WatchedQueue]) {
    slots.append(slot)
    queues.append(watched)
  }

  mutating func remove(_ slot: Slot) -> [WatchedQueue] {
    guard let place = slots.firstIndex(of: slot) else { return [] }
    slots.remove(at: place)
    return queues.remove(at: place)
  }

  func queues(of slot: Slot) -> [WatchedQueue] {
    slots.firstIndex(of: slot).map { queues[$0] } ?? []
  }
}

extension Kernel {
  /// The most descriptors that can be polled at a time.
  private static let pollsAtMost: Int32 = 1024

  mutating func poll(_ slot: Slot, _ address: UInt64, count: Int32, ticks wait: Int32)
    throws(Refusal) -> CallOutcome
  {
    guard (0...Kernel.pollsAtMost).contains(count) else { throw .outOfRange }
    let size = PollEvents.byteCount
    guard let asked = copyIn(slot, address, count: Int(count) * size) else { throw .badAddress }
    charge(.sockets, Int(count))
    let reader = LayoutReader(bytes: asked)
    var answer = asked
    var watched: [WatchedQueue] = []
    var ready = 0
    for place in 0..<Int(count) {
      let descriptor = Int32(bitPattern: reader.unsigned32(place * size))
      let events = PollEvents(rawValue: reader.unsigned16(place * size + 4))
      let found =
        descriptor < 0
        ? [] : readiness(slot, descriptor, &watched).intersection(events.union(.always))
      if !found.isEmpty { ready += 1 }
      answer[place * size + 6] = UInt8(truncatingIfNeeded: found.rawValue)
      answer[place * size + 7] = UInt8(truncatingIfNeeded: found.rawValue >> 8)
    }
    var until: Instant?
    if case .poll(let end) = processes[slot].pending {
      until = end
    } else if wait >= 0 {
      until = Instant(tick: ticks + UInt64(wait), of: tick)
    }
    if ready > 0 || wait == 0 || until.map({ $0 <= now }) ?? false {
      guard copyOut(slot, address, answer) else { throw .badAddress }
      return .value(Int64(ready))
    }
    if processes[slot].isKilled { throw .killed }
    polls.insert(slot, WatchedQueue.distinct(watched))
    return .blocked(on: .poll(until: until), .poll(until: until))
  }

  /// What can be done with a descriptor now, and in which queues one waits for more.
  private func readiness(_ slot: Slot, _ descriptor: Int32, _ watched: inout [WatchedQueue])
    -> PollEvents
  {
    guard let index = try? openFile(slot, descriptor) else { return .invalid }
    switch files[index].target {
    case .none: return .invalid
    case .file: return [.input, .output]
    case .device(_, Console.major):
      guard (try? requireOutside(slot)) != nil else { return .error }
      watched.append(.console)
      return console.hasLine ? [.input, .output] : .output
    case .device: return .error
    case .pipe(let pipe):
      if files[index].readable {
        watched.append(.pipeReaders(pipe))
        return pipes[pipe].count > 0
          ? (pipes[pipe].writeOpen ? .input : [.input, .hangUp])
          : (pipes[pipe].writeOpen ? [] : .hangUp)
      }
      watched.append(.pipeWriters(pipe))
      return pipes[pipe].readOpen ? (pipes[pipe].room > 0 ? .output : []) : .error
    case .socket(let id):
      watched.append(.socketReaders(id))
      watched.append(.socketWriters(id))
      return readiness(of: id)
    }
  }

  private func readiness(of id: SocketID) -> PollEvents {
    switch network.sockets[id].role {
    case .idle: return .hangUp
    case .connecting: return []
    case .listening: return network.sockets[id].waiting.isEmpty ? [] : .input
    case .datagram: return network.sockets[id].queue.isEmpty ? .output : [.input, .output]
    case .connected(let stream, let side):
      var found: PollEvents = []
      let isAtEnd =
        network.streams[stream][side].readClosed || network.streams[stream][side].hasEnded
      if isAtEnd || network.streams[stream][side].readable > 0 { found.insert(.input) }
      let canWrite =
        !network.streams[stream][side].writeClosed
        && !network.streams[stream][side.other].readClosed
      if canWrite {
        if network.streams[stream][side.other].room > 0 { found.insert(.output) }
      } else if isAtEnd {
        found.insert(.hangUp)
      } else if network.streams[stream][side.other].readClosed {
        found.insert(.error)
      }
      return found
    }
  }

  // MARK: Standing in several queues

  /// Enters a process into the queues of what it watches, and among those whose time comes.
  mutating func enterPoll(_ slot: Slot, until: Instant?) {
    if let until { timers.insert(slot, processes[slot].pid, at: until) }
    for queue in polls.queues(of: slot) {
      switch queue {
      case .console: console.readers.append(slot)
      case .pipeReaders(let pipe): pipes[pipe].readers.append(slot)
      case .pipeWriters(let pipe): pipes[pipe].writers.append(slot)
      case .socketReaders(let id): network.sockets[id].readers.append(slot)
      case .socketWriters(let id): network.sockets[id].writers.append(slot)
      }
    }
  }

  /// Takes it out of all of them.
  mutating func leavePoll(_ slot: Slot, until: Instant?) {
    if until != nil { timers.remove(slot, processes[slot].pid) }
    for queue in polls.remove(slot) {
      switch queue {
      case .console: console.readers.remove(slot)
      case .pipeReaders(let pipe): pipes[pipe].readers.remove(slot)
      case .pipeWriters(let pipe): pipes[pipe].writers.remove(slot)
      case .socketReaders(let id): network.sockets[id].readers.remove(slot)
      case .socketWriters(let id): network.sockets[id].writers.remove(slot)
      }
    }
  }
}

extension WatchedQueue: Digestible {
  func combine(into digest: inout Digest) {
    switch self {
    case .console: digest.combine(1)
    case .pipeReaders(let pipe):
      digest.combine(2)
      digest.combine(pipe)
    case .pipeWriters(let pipe):
      digest.combine(3)
      digest.combine(pipe)
    case .socketReaders(let id):
      digest.combine(4)
      digest.combine(id.raw)
    case .socketWriters(let id):
      digest.combine(5)
      digest.combine(id.raw)
    }
  }
}

extension PollTable: Digestible {
  func combine(into digest: inout Digest) {
    // Sessions in which nobody polls are as they were before anybody could.
    if slots.isEmpty { return }
    digest.combine(slots)
    digest.combine(queues)
  }
}
