// Calls that make sockets and connect them, and how they end. What is sent through them is in
// `Calls+Transfer.swift`; what comes over the switch, and later, in `Kernel+Network.swift`.

extension Kernel {
  // MARK: Sockets and addresses

  /// The socket behind a descriptor.
  func socket(_ slot: Slot, _ descriptor: Int32) throws(Refusal) -> SocketID {
    let index = try openFile(slot, descriptor)
    guard case .socket(let id) = files[index].target else { throw .notASocket }
    return id
  }

  /// The endpoint that a program means.
  mutating func copyInEndpoint(_ slot: Slot, _ address: UInt64, length: Int32) throws(Refusal)
    -> Endpoint
  {
    guard length >= Int32(SocketAddress.byteCount) else { throw .badSocketAddress }
    guard let bytes = copyIn(slot, address, count: SocketAddress.byteCount) else {
      throw .badAddress
    }
    guard let endpoint = SocketAddress.endpoint(in: bytes) else { throw .badSocketAddress }
    return endpoint
  }

  /// Tells a program an endpoint, as far as it has room for it; nothing where it does not ask.
  mutating func copyOutEndpoint(
    _ slot: Slot, _ endpoint: Endpoint, _ address: UInt64, length lengthAddress: UInt64
  ) throws(Refusal) {
    if address == 0 { return }
    guard let word = copyIn(slot, lengthAddress, count: 4) else { throw .badAddress }
    let length = Int32(bitPattern: LayoutReader(bytes: word).unsigned32(0))
    guard length >= 0 else { throw .outOfRange }
    let bytes = SocketAddress.bytes(of: endpoint)
    var writer = LayoutWriter()
    writer.append(UInt32(bytes.count))
    guard copyOut(slot, address, Array(bytes.prefix(Int(length)))),
      copyOut(slot, lengthAddress, writer.bytes)
    else { throw .badAddress }
  }

  /// Gives a socket an endpoint of its own, if it has none yet.
  private mutating func bindIfUnbound(_ slot: Slot, _ id: SocketID) throws(Refusal) {
    if !network.sockets[id].isBound { try bind(slot, id, to: .none) }
  }

  private mutating func bind(_ slot: Slot, _ id: SocketID, to endpoint: Endpoint) throws(Refusal) {
    charge(.sockets, 1)
    try network.bind(id, to: endpoint)
    emit(.socketBound(stamp(slot), network.sockets[id]))
  }

  /// A socket with an open file, or neither.
  private mutating func takeSocket(_ slot: Slot, _ kind: SocketKind, in space: ContainerID)
    throws(Refusal) -> (SocketID, FileIndex)
  {
    let payer = processes[slot].group
    try take(.sockets, 1, for: slot, else: .noSocket)
    let file: FileIndex
    do throws(Refusal) {
      file = try takeFile(slot)
    } catch {
      giveBack(.sockets, 1, in: payer)
      throw error
    }
    let id = network.insert(kind: kind, in: space, payer: payer)
    files[file].target = .socket(id)
    files[file].readable = true
    files[file].writable = true
    return (id, file)
  }

  mutating func socket(_ slot: Slot, family: Int32, type: Int32, number: Int32) throws(Refusal)
    -> CallOutcome
  {
    guard family == SocketKind.family, let kind = SocketKind(rawValue: type),
      number == 0 || number == kind.number
    else { throw .noSuchKindOfSocket }
    guard let descriptor = processes[common: slot].freeDescriptor else { throw .noDescriptor }
    let (id, file) = try takeSocket(slot, kind, in: processes[slot].container)
    processes[common: slot].descriptors[descriptor] = file
    emit(.socketOpened(stamp(slot), descriptor: descriptor, id, kind))
    return .value(Int64(descriptor))
  }

  mutating func bind(_ slot: Slot, _ descriptor: Int32, _ address: UInt64, length: Int32)
    throws(Refusal) -> CallOutcome
  {
    let id = try socket(slot, descriptor)
    let endpoint = try copyInEndpoint(slot, address, length: length)
    guard !network.sockets[id].isBound else { throw .alreadySet }
    try bind(slot, id, to: endpoint)
    return .value(0)
  }

  mutating func socketName(
    _ slot: Slot, _ descriptor: Int32, _ address: UInt64, length: UInt64, ofPeer: Bool
  ) throws(Refusal) -> CallOutcome {
    let id = try socket(slot, descriptor)
    var endpoint = network.sockets[id].local
    if ofPeer {
      guard let peer = peer(of: id) else { throw .notConnected }
      endpoint = peer
    }
    guard address != 0 else { throw .badAddress }
    try copyOutEndpoint(slot, endpoint, address, length: length)
    return .value(0)
  }

  /// Where a socket is connected to.
  private func peer(of id: SocketID) -> Endpoint? {
    if let (stream, side) = network.sockets[id].connection {
      return network.streams[stream][side.other].endpoint
    }
    return network.sockets[id].peer
  }

  mutating func setAddress(_ slot: Slot, to word: UInt32) throws(Refusal) -> CallOutcome {
    guard let container = containers[processes[slot].container] else { throw .notInContainer }
    guard container.initial == processes[slot].pid else { throw .notInitial }
    let address = NetworkAddress(raw: word.byteSwapped)
    guard address.isForContainers else { throw .notOwnAddress }
    guard !container.hasOwnRoot, network.links.address(of: container.id) == nil else {
      throw .alreadySet
    }
    guard network.links.container(at: address) == nil else { throw .addressTaken }
    network.links.attach(container.id, as: address)
    emit(.containerAddressed(stamp(slot), container.id, address))
    return .value(0)
  }

  // MARK: Connections

  mutating func listen(_ slot: Slot, _ descriptor: Int32, backlog: Int32) throws(Refusal)
    -> CallOutcome
  {
    let id = try socket(slot, descriptor)
    guard network.sockets[id].kind == .stream else { throw .notAStream }
    guard network.sockets[id].role == .idle || network.sockets[id].role == .listening else {
      throw .alreadyConnected
    }
    try bindIfUnbound(slot, id)
    let range = Socket.backlogRange
    network.sockets[id].role = .listening
    network.sockets[id].backlog = min(max(Int(backlog), range.lowerBound), range.upperBound)
    emit(.socketListens(stamp(slot), network.sockets[id]))
    return .value(0)
  }

  mutating func accept(
    _ slot: Slot, _ descriptor: Int32, _ address: UInt64, length: UInt64
  ) throws(Refusal) -> CallOutcome {
    let listener = try socket(slot, descriptor)
    guard network.sockets[listener].role == .listening else { throw .notListening }
    guard let stream = network.sockets[listener].waiting.first else {
      if processes[slot].isKilled { throw .killed }
      return .blocked(on: .connectionToCome(listener), .read)
    }
    guard let new = processes[common: slot].freeDescriptor else { throw .noDescriptor }
    try copyOutEndpoint(
      slot, network.streams[stream].client.endpoint, address, length: length)
    let (id, file) = try takeSocket(slot, .stream, in: network.sockets[listener].space)
    network.sockets[listener].waiting.removeFirst()
    if !defects.contains(.backlogCountsClosed) { network.sockets[listener].backlogTaken -= 1 }
    network.streams[stream].listener = .none
    network.streams[stream].server.socket = id
    network.sockets[id].role = .connected(stream, .server)
    network.sockets[id].local = network.streams[stream].server.endpoint
    processes[common: slot].descriptors[new] = file
    emit(
      .socketAccepted(stamp(slot), descriptor: new, id, listener, network.streams[stream]))
    return .value(Int64(new))
  }

  mutating func connect(
    _ slot: Slot, _ descriptor: Int32, _ address: UInt64, length: Int32, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    let id = try socket(slot, descriptor)
    if processes[slot].pending == .connect { return try goOnConnecting(slot, id) }
    let endpoint = try copyInEndpoint(slot, address, length: length)
    guard endpoint.port != 0 else { throw .badSocketAddress }
    switch network.sockets[id].role {
    case .connecting, .connected: throw .alreadyConnected
    case .listening: throw .alreadySet
    case .idle: return try connectStream(slot, id, to: endpoint, &effects)
    case .datagram:
      let route = try network.route(from: id, to: endpoint.address)
      try bindIfUnbound(slot, id)
      network.sockets[id].local.address = route.source
      network.sockets[id].peer = Endpoint(route.address, endpoint.port)
      emit(
        .socketConnected(
          stamp(slot), id, .none, from: network.sockets[id].local,
          to: Endpoint(route.address, endpoint.port), listener: .none))
      return .value(0)
    }
  }

  private mutating func connectStream(
    _ slot: Slot, _ id: SocketID, to asked: Endpoint, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    let route = try network.route(from: id, to: asked.address)
    let remote = Endpoint(route.address, asked.port)
    charge(.sockets, 1)
    guard let listener = network.receiver(.stream, at: remote, in: route.space),
      network.sockets[listener].role == .listening
    else { throw refuseConnection(slot, id, to: remote, .nobodyListens) }
    guard network.sockets[listener].backlogTaken < network.sockets[listener].backlog else {
      throw refuseConnection(slot, id, to: remote, .backlogFull)
    }
    try bindIfUnbound(slot, id)
    let local = Endpoint(route.source, network.sockets[id].local.port)
    let stream = network.newFlow()
    let space = network.sockets[id].space
    network.streams.insert(
      Stream(
        id: stream,
        client: StreamEnd(socket: id, endpoint: local, space: space),
        server: StreamEnd(
          socket: .none, endpoint: remote, space: network.sockets[listener].space),
        listener: listener),
      as: stream)
    network.sockets[listener].backlogTaken += 1
    network.sockets[id].local = local
    network.sockets[id].role = .connecting(stream)
    emit(
      .socketConnected(stamp(slot), id, stream, from: local, to: remote, listener: listener))
    guard network.streams[stream].isLocal else {
      put(.connection(stream))
      network.streams[stream].packets += 1
      return .blocked(on: .connectionToBeTaken(id), .connect)
    }
    arrive(stream, &effects)
    return .value(0)
  }

  private mutating func refuseConnection(
    _ slot: Slot, _ id: SocketID, to remote: Endpoint, _ why: Refusal
  ) -> Refusal {
    emit(
      .connectionRefused(stamp(slot), id, why, from: network.sockets[id].local, to: remote))
    return why
  }

  /// connect, when there is an answer: or the caller was woken for another reason.
  private func goOnConnecting(_ slot: Slot, _ id: SocketID) throws(Refusal) -> CallOutcome {
    switch network.sockets[id].role {
    case .connected: return .value(0)
    case .connecting:
      if processes[slot].isKilled { throw .killed }
      return .blocked(on: .connectionToBeTaken(id), .connect)
    case .idle, .listening, .datagram: throw .nobodyListens
    }
  }

  mutating func shutDown(
    _ slot: Slot, _ descriptor: Int32, how: Int32, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    let id = try socket(slot, descriptor)
    guard (0...2).contains(how) else { throw .outOfRange }
    guard let (stream, side) = network.sockets[id].connection else { throw .notConnected }
    emit(.socketShutDown(stamp(slot), id, stream, how: how))
    if how != 1 { stopReading(stream, side, &effects) }
    if how != 0 { stopWriting(stream, side, &effects) }
    wakeAll(at: id, &effects)
    return .value(0)
  }
}
