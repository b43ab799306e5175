// Events of the network, named after what happened. `Event+SocketColumns.swift` says what each column holds.

extension Event {
  static func containerAddressed(
    _ stamp: EventStamp, _ id: ContainerID, _ address: NetworkAddress
  ) -> Event {
    Event(stamp, .containerAddress, id.column, address.column, stamp.by)
  }

  static func socketOpened(
    _ stamp: EventStamp, descriptor: Int, _ id: SocketID, _ kind: SocketKind
  ) -> Event {
    Event(
      stamp, .socketOpen, Int64(descriptor), id.column, Int64(kind.rawValue), stamp.by)
  }

  static func socketBound(_ stamp: EventStamp, _ socket: Socket) -> Event {
    Event(
      stamp, .socketBind, socket.id.column, socket.local.column, Int64(socket.kind.rawValue),
      socket.space.column, stamp.by)
  }

  static func socketListens(_ stamp: EventStamp, _ socket: Socket) -> Event {
    Event(
      stamp, .socketListen, socket.id.column, socket.local.column, Int64(socket.backlog), stamp.by)
  }

  static func socketConnected(
    _ stamp: EventStamp, _ id: SocketID, _ flow: FlowID, from local: Endpoint, to remote: Endpoint,
    listener: SocketID
  ) -> Event {
    Event(
      stamp, .socketConnect, id.column, flow.column, local.column, remote.column, listener.column,
      stamp.by)
  }

  static func socketAccepted(
    _ stamp: EventStamp, descriptor: Int, _ id: SocketID, _ listener: SocketID, _ stream: Stream
  ) -> Event {
    Event(
      stamp, .socketAccept, Int64(descriptor), id.column, stream.id.column, listener.column,
      stream.client.endpoint.column, stamp.by)
  }

  static func connectionRefused(
    _ stamp: EventStamp, _ id: SocketID, _ why: Refusal, from local: Endpoint, to remote: Endpoint
  ) -> Event {
    Event(
      stamp, .socketRefuse, id.column, Int64(why.rawValue), local.column, remote.column, stamp.by)
  }

  static func socketSent(
    _ stamp: EventStamp, _ id: SocketID, _ flow: FlowID, from: Endpoint, to: Endpoint, _ count: Int
  ) -> Event {
    Event(
      stamp, .socketSend, id.column, flow.column, from.column, to.column, Int64(count), stamp.by)
  }

  static func socketReceived(
    _ stamp: EventStamp, _ id: SocketID, _ flow: FlowID, from: Endpoint, to: Endpoint, _ count: Int
  ) -> Event {
    Event(
      stamp, .socketReceive, id.column, flow.column, from.column, to.column, Int64(count), stamp.by)
  }

  static func datagramDropped(
    _ stamp: EventStamp, _ flow: FlowID, _ why: Refusal, from: Endpoint, to: Endpoint, _ count: Int
  ) -> Event {
    Event(
      stamp, .socketDrop, flow.column, Int64(why.rawValue), from.column, to.column, Int64(count),
      stamp.by)
  }

  static func socketShutDown(_ stamp: EventStamp, _ id: SocketID, _ flow: FlowID, how: Int32)
    -> Event
  {
    Event(stamp, .socketShutDown, id.column, flow.column, Int64(how), stamp.by)
  }

  static func socketClosed(
    _ stamp: EventStamp, _ id: SocketID, _ flow: FlowID, sent: Int64, received: Int64
  ) -> Event {
    Event(stamp, .socketClose, id.column, flow.column, sent, received, stamp.by)
  }

  static func hostOpened(
    _ stamp: EventStamp, _ number: UInt32, _ flow: FlowID, from local: Endpoint,
    to remote: Endpoint, _ place: Int
  ) -> Event {
    Event(
      stamp, .hostOpen, Int64(number), flow.column, local.column, remote.column, Int64(place))
  }

  /// Up to `outputCapacity` bytes left for the host.
  static func hostOutput(
    _ stamp: EventStamp, _ flow: FlowID, _ bytes: some Collection<UInt8>
  ) -> Event {
    var event = Event(stamp, .hostOutput, 0, flow.column)
    event.pack(bytes)
    return event
  }
}
