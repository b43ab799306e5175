// What a scenario's clients tell the machine, each message when its time has come: through the same door as what comes
// through the host's sockets. Steps of a time are told a little in advance, so that they come neither before nor after
// it; those without a time wait until nothing can run.

/// A scenario's clients as they go on.
public struct ClientScript: Sendable {
  private struct Running: Sendable {
    let client: HostClient
    /// The machine's list has the port here.
    let place: UInt16
    /// How many of its steps have been told; nil before it has connected.
    var told: Int?
    /// When the last message arrives.
    var last = Instant(instructions: 0)
    /// The same of the last that told what it takes by itself.
    var lastTaken = Instant(instructions: 0)
    /// How many bytes it still takes by itself; nil for all.
    var readsLeft: UInt64?

    var isDone: Bool { told == client.steps.count }
    /// When the next step is to be; nil for when the machine is idle.
    var time: UInt64? { told.map { client.steps[$0].time } ?? client.time }
  }

  private var clients: [Running]
  /// How far ahead a step of a time is told: an ask comes at each tick, or after the call that goes past it.
  private let ahead: UInt64

  public init(_ scenario: Scenario) {
    clients = scenario.clients.map { client in
      Running(
        client: client, place: UInt16(scenario.place(of: client) ?? 0), readsLeft: client.reads)
    }
    ahead = scenario.tick * 2
  }

  public var isEmpty: Bool { clients.isEmpty }
  /// Whether there are steps that the machine was not told of.
  public var hasMore: Bool { !clients.allSatisfy(\.isDone) }

  /// The answer to a request: what is typed comes first.
  public mutating func input(_ request: InputRequest, typed: InputAnswer) -> InputAnswer {
    if clients.isEmpty { return typed }
    if case .bytes = typed { return typed }
    if let input = next(request) { return .bytes(input) }
    // Without anything on its way or due, nobody will ever do anything.
    if request.idle, request.due == nil { return request.wanted ? typed : .ended }
    return .nothingYet
  }

  private mutating func next(_ request: InputRequest) -> TimedInput? {
    takeWhatHasLeft(request) ?? takeStep(request)
  }

  /// Who reads takes what has left once that is much: a little at a time would be told for nothing.
  private mutating func takeWhatHasLeft(_ request: InputRequest) -> TimedInput? {
    for left in request.leaving {
      let index = Int(left.connection) - 1
      guard left.bytes >= HostConnection.takenAtOnce, clients.indices.contains(index),
        request.earliest > clients[index].lastTaken
      else { continue }
      let count = min(UInt64(left.bytes), clients[index].readsLeft ?? .max)
      guard count > 0 else { continue }
      if clients[index].readsLeft != nil { clients[index].readsLeft? -= count }
      clients[index].lastTaken = request.earliest
      return input(.taken(UInt32(clamping: count)), index, request.earliest)
    }
    return nil
  }

  /// The step that comes first; of several the first client's.
  private mutating func takeStep(_ request: InputRequest) -> TimedInput? {
    var first: (index: Int, time: Instant)?
    for index in clients.indices where !clients[index].isDone {
      let earliest = max(request.earliest, clients[index].last)
      let time: Instant
      if let due = clients[index].time {
        time = max(earliest, Instant(instructions: due))
        guard request.idle || time.instructions - request.earliest.instructions <= ahead else {
          continue
        }
      } else {
        guard request.idle, request.earliest > clients[index].last else { continue }
        time = earliest
      }
      if let first, first.time <= time { continue }
      first = (index, time)
    }
    guard let (index, time) = first else { return nil }
    let content: HostMessage.Content
    if let step = clients[index].told {
      content =
        switch clients[index].client.steps[step].action {
        case .send(let bytes): .bytes(bytes)
        case .take(let count): .taken(count)
        case .endSending: .ended
        case .endConnection: .reset
        }
      clients[index].told = step + 1
    } else {
      content = .opened(place: clients[index].place, from: clients[index].client.from)
      clients[index].told = 0
    }
    clients[index].last = time
    return input(content, index, time)
  }

  private func input(_ content: HostMessage.Content, _ index: Int, _ time: Instant) -> TimedInput {
    let message = HostMessage(UInt32(index + 1), content)
    return TimedInput(time: time, channel: .network, bytes: message.bytes)
  }
}
