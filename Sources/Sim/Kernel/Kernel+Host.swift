// Connections from the host. What happens to them outside comes in as messages; what the host is to know leaves as events
// that are always emitted, whoever listens: `host_open` with the connection's number, `host_output` with bytes, and for an
// end without a socket `socket_send` (bytes went into the window), `socket_shutdown` and `socket_close`.

extension Kernel {
  /// Takes what the host tells.
  mutating func receive(_ message: HostMessage, _ effects: inout Effects) {
    let number = message.connection
    if case .opened(let place, let port) = message.content {
      return open(number, at: Int(place), from: port, &effects)
    }
    guard let stream = network.hosts.values.first(where: { $0.number == number })?.stream else {
      return
    }
    switch message.content {
    case .opened: break
    case .bytes(let bytes):
      if network.hosts[stream].hasEnded || network.streams[stream].server.readClosed { return }
      network.hosts[stream].append(bytes)
      fillWindow(of: stream, &effects)
    case .ended:
      network.hosts[stream].hasEnded = true
      fillWindow(of: stream, &effects)
    case .taken(let count):
      let untaken = network.streams[stream].client.untaken ?? 0
      network.streams[stream].client.untaken = max(0, untaken - Int(count))
      wakeWriters(at: network.streams[stream].server.socket, &effects)
    case .reset:
      forgetHost(of: stream)
      stopReading(stream, .client, &effects)
      stopWriting(stream, .client, &effects)
      dropIfOver(stream)
    }
  }

  // MARK: Coming in

  private mutating func open(
    _ number: UInt32, at place: Int, from port: UInt16, _ effects: inout Effects
  ) {
    guard network.published.indices.contains(place),
      !network.hosts.values.contains(where: { $0.number == number })
    else { return }
    let published = network.published[place]
    let local = Endpoint(.host, port)
    let target = self.target(of: published)
    let remote = Endpoint(target?.address ?? .any, published.port)
    func refuse(_ why: Refusal) {
      events.append(.connectionRefused(machineStamp, .none, why, from: local, to: remote))
      events.append(.hostOpened(machineStamp, number, .none, from: local, to: remote, place))
    }
    guard let target else { return refuse(.unreachable) }
    guard let listener = listener(at: remote, in: target.space),
      network.sockets[listener].role == .listening
    else { return refuse(.nobodyListens) }
    guard network.sockets[listener].backlogTaken < network.sockets[listener].backlog else {
      return refuse(.backlogFull)
    }
    let stream = network.newFlow()
    var client = StreamEnd(socket: .none, endpoint: local, space: .host)
    client.untaken = 0
    network.streams.insert(
      Stream(
        id: stream, client: client,
        server: StreamEnd(
          socket: .none, endpoint: remote, space: network.sockets[listener].space),
        listener: listener),
      as: stream)
    network.hosts.insert(HostConnection(number: number, stream: stream), as: stream)
    network.sockets[listener].backlogTaken += 1
    emit(
      .socketConnected(machineStamp, .none, stream, from: local, to: remote, listener: listener))
    events.append(.hostOpened(machineStamp, number, stream, from: local, to: remote, place))
    arrive(stream, &effects)
  }

  /// The socket that gets what is sent there.
  private func listener(at remote: Endpoint, in space: ContainerID) -> SocketID? {
    let found = network.receiver(.stream, at: remote, in: space)
    if found == nil, defects.contains(.publishedOutside) {
      return network.receiver(.stream, at: Endpoint(.machine, remote.port), in: .outside)
    }
    return found
  }

  /// Whom a published port leads to now; nil if that is nobody who has an address.
  private func target(of published: PublishedPort)
    -> (space: ContainerID, address: NetworkAddress)?
  {
    if published.target.isEmpty { return (.outside, .machine) }
    if let address = NetworkAddress(text: published.target[...]) {
      return network.links.container(at: address).map { ($0, address) }
    }
    let name = Array(published.target.utf8)
    let container =
      containers.containers.first { $0.networkName == name }
      ?? containers.containers.first { "c\($0.id.raw)" == published.target }
    guard let container, let address = network.links.address(of: container.id) else { return nil }
    return (container.id, address)
  }

  /// Puts what has come into the window, as far as that has room, and the end behind the last of it.
  mutating func fillWindow(of stream: FlowID, _ effects: inout Effects) {
    guard network.hosts.contains(stream) else { return }
    let count = min(network.hosts[stream].waitingBytes, network.streams[stream].server.room)
    if count > 0 {
      let bytes = network.hosts[stream].takeFirst(count)
      if keepsPayloads { payloads.append(bytes) }
      events.append(
        .socketSent(
          machineStamp, .none, stream, from: network.streams[stream].client.endpoint,
          to: network.streams[stream].server.endpoint, count))
      transmit(bytes, stream, from: .client, &effects)
    }
    if network.hosts[stream].hasEnded, network.hosts[stream].waitingBytes == 0 {
      stopWriting(stream, .client, &effects)
    }
  }

  // MARK: Going out

  /// Bytes leave for the host.
  mutating func leave(_ bytes: [UInt8], _ stream: FlowID) {
    network.streams[stream].client.untaken? += bytes.count
    network.streams[stream].client.received += Int64(bytes.count)
    for start in stride(from: 0, to: bytes.count, by: Event.outputCapacity) {
      let end = min(bytes.count, start + Event.outputCapacity)
      events.append(.hostOutput(machineStamp, stream, bytes[start..<end]))
    }
  }

  /// The host's end reads no more (0), since all has left, or writes no more (1), since nobody reads it.
  mutating func shutHost(_ stream: FlowID, how: Int32) {
    if !network.hosts.contains(stream) { return }
    if how == 1 { network.hosts[stream].dropAll() }
    events.append(.socketShutDown(machineStamp, .none, stream, how: how))
  }

  /// The host's end of a connection is gone.
  mutating func forgetHost(of stream: FlowID) {
    guard network.hosts.contains(stream) else { return }
    network.hosts.remove(stream)
    events.append(
      .socketClosed(
        machineStamp, .none, stream, sent: network.streams[stream].client.sent,
        received: network.streams[stream].client.received))
  }
}

// MARK: net.name

extension GroupControlFile {
  /// The name by which `ports` and `--publish` find a container; empty for none.
  static let networkName = GroupControlFile(
    name: "net.name",
    read: { kernel, group, _ in
      let name = kernel.containers.containers.first { $0.group == group }?.networkName ?? []
      return name.isEmpty ? "" : String(decoding: name, as: UTF8.self) + "\n"
    },
    write: { (kernel, write, _) throws(Refusal) in
      guard let container = kernel.containers.containers.first(where: { $0.group == write.group }),
        PublishedPort.isName(write.value)
      else { throw .badValue }
      kernel.containers.update(container.id) { $0.networkName = write.value }
    })
}
