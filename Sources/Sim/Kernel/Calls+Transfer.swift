// Calls that send and receive: sendto and recvfrom, and read and write on the descriptor of a socket, which are these
// without flags and addresses.

/// What a program sends, or where what it receives is to go.
struct MessageBuffer {
  var address: UInt64
  var count: Int
  var flags: MessageFlags = []
  /// Where the other side's address is, or is to go, and how long it is, or where that stands; 0 for none.
  var endpoint: UInt64 = 0
  var endpointLength: UInt64 = 0

  /// What a call's arguments from `a1` on say.
  init(_ arguments: CallArguments) throws(Refusal) {
    address = arguments.address(1)
    count = Int(arguments.int(2))
    flags = MessageFlags(rawValue: UInt32(bitPattern: arguments.int(3)))
    endpoint = arguments.address(4)
    endpointLength = arguments.address(5)
    guard count >= 0, flags.isSubset(of: .known) else { throw .outOfRange }
  }

  init(_ address: UInt64, count: Int32) throws(Refusal) {
    guard count >= 0 else { throw .outOfRange }
    self.address = address
    self.count = Int(count)
  }
}

extension Kernel {
  // MARK: Sending

  mutating func send(
    _ slot: Slot, _ id: SocketID, _ message: MessageBuffer, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    switch network.sockets[id].kind {
    case .stream: try sendStream(slot, id, message, &effects)
    case .datagram: try sendDatagram(slot, id, message, &effects)
    }
  }

  /// Puts bytes into the other side's window, and waits where that is full. What was put there before the buffer
  /// ended in a bad page counts.
  private mutating func sendStream(
    _ slot: Slot, _ id: SocketID, _ message: MessageBuffer, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    guard let (stream, side) = network.sockets[id].connection else { throw .notConnected }
    var move = sending(message.count, slot)
    while move.done < message.count {
      guard !network.streams[stream][side].writeClosed else { throw .notWritable }
      guard !network.streams[stream][side.other].readClosed else { throw .noReader }
      if processes[slot].isKilled { throw .killed }
      let room = network.streams[stream][side.other].room
      if room == 0 {
        guard message.flags.contains(.dontWait) else {
          return .blocked(on: .socketToDrain(id), .write(done: move.done))
        }
        if move.done == 0 { throw .wouldBlock }
        break
      }
      var wanted = min(message.count - move.done, room)
      if let wait = limitSending(&wanted, move, for: slot) {
        if !message.flags.contains(.dontWait) { return wait }
        if move.done == 0 { throw .wouldBlock }
        break
      }
      let bytes = copyInPrefix(slot, message.address &+ UInt64(move.done), count: wanted)
      if bytes.isEmpty, move.done == 0 { throw .badAddress }
      if bytes.isEmpty { break }
      note(bytes.count, in: &move, of: slot)
      noteSent(slot, id, stream, side, bytes.count)
      if keepsPayloads { payloads.append(bytes) }
      transmit(bytes, stream, from: side, &effects)
      if bytes.count < wanted { break }
    }
    return .value(Int64(move.done))
  }

  private mutating func noteSent(
    _ slot: Slot, _ id: SocketID, _ stream: FlowID, _ side: StreamSide, _ count: Int
  ) {
    charge(.bytesMoved, count)
    emit(
      .socketSent(
        stamp(slot), id, stream, from: network.streams[stream][side].endpoint,
        to: network.streams[stream][side.other].endpoint, count))
  }

  private mutating func sendDatagram(
    _ slot: Slot, _ id: SocketID, _ message: MessageBuffer, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    guard message.count <= Datagram.lengthAtMost else { throw .messageTooLong }
    let asked: Endpoint
    if message.endpoint != 0 {
      let length = Int32(truncatingIfNeeded: message.endpointLength)
      asked = try copyInEndpoint(slot, message.endpoint, length: length)
    } else {
      guard let peer = network.sockets[id].peer else { throw .notConnected }
      asked = peer
    }
    guard asked.port != 0 else { throw .badSocketAddress }
    let route = try network.route(from: id, to: asked.address)
    guard let bytes = copyIn(slot, message.address, count: message.count) else {
      throw .badAddress
    }
    guard maySendAtOnce(bytes.count, slot) else { throw .messageTooLong }
    var move = sending(bytes.count, slot)
    var wanted = bytes.count
    if wanted > 0, let wait = limitSending(&wanted, move, for: slot, whole: true) {
      if message.flags.contains(.dontWait) { throw .wouldBlock }
      if processes[slot].isKilled { throw .killed }
      return wait
    }
    if !network.sockets[id].isBound {
      try network.bind(id, to: .none)
      emit(.socketBound(stamp(slot), network.sockets[id]))
    }
    note(bytes.count, in: &move, of: slot)
    charge(.bytesMoved, bytes.count)
    charge(.sockets, 1)
    let datagram = Datagram(
      id: network.newFlow(), from: Endpoint(route.source, network.sockets[id].local.port),
      to: Endpoint(route.address, asked.port), fromSpace: network.sockets[id].space,
      space: route.space, payer: network.sockets[id].space, bytes: bytes)
    emit(
      .socketSent(
        stamp(slot), id, datagram.id, from: datagram.from, to: datagram.to, bytes.count))
    if keepsPayloads { payloads.append(bytes) }
    send(datagram, &effects)
    return .value(Int64(bytes.count))
  }

  // MARK: Receiving

  mutating func receive(
    _ slot: Slot, _ id: SocketID, _ message: MessageBuffer, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    switch network.sockets[id].kind {
    case .stream: try receiveStream(slot, id, message, &effects)
    case .datagram: try receiveDatagram(slot, id, message)
    }
  }

  /// Waits for something to read, or says that it would.
  private func waitToReceive(_ slot: Slot, _ id: SocketID, _ message: MessageBuffer)
    throws(Refusal) -> CallOutcome
  {
    if message.flags.contains(.dontWait) { throw .wouldBlock }
    if processes[slot].isKilled { throw .killed }
    return .blocked(on: .socketToFill(id), .read)
  }

  private mutating func receiveStream(
    _ slot: Slot, _ id: SocketID, _ message: MessageBuffer, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    guard let (stream, side) = network.sockets[id].connection else { throw .notConnected }
    let readable = network.streams[stream][side].readable
    let isAtEnd =
      network.streams[stream][side].readClosed || network.streams[stream][side].hasEnded
    if readable == 0, message.count > 0, !isAtEnd { return try waitToReceive(slot, id, message) }
    let remote = network.streams[stream][side.other].endpoint
    try copyOutEndpoint(slot, remote, message.endpoint, length: message.endpointLength)
    let chunk = network.streams[stream][side].incoming.prefix(min(message.count, readable))
    let taken = chunk.withUnsafeBytes { copyOut(slot, message.address, $0) }
    if taken == 0, !chunk.isEmpty { throw .badAddress }
    charge(.bytesMoved, taken)
    if message.flags.contains(.peek) || message.count == 0 { return .value(Int64(taken)) }
    network.streams[stream][side].incoming.removeFirst(taken)
    network.streams[stream][side].received += Int64(taken)
    emit(
      .socketReceived(
        stamp(slot), id, stream, from: remote, to: network.streams[stream][side].endpoint, taken))
    if keepsPayloads { payloads.append(Array(chunk.prefix(taken))) }
    if taken > 0 {
      wakeWriters(at: network.streams[stream][side.other].socket, &effects)
      if side == .server, network.streams[stream].isHosts { fillWindow(of: stream, &effects) }
    }
    return .value(Int64(taken))
  }

  private mutating func receiveDatagram(_ slot: Slot, _ id: SocketID, _ message: MessageBuffer)
    throws(Refusal) -> CallOutcome
  {
    guard let datagram = network.sockets[id].queue.first else {
      return try waitToReceive(slot, id, message)
    }
    try copyOutEndpoint(slot, datagram.from, message.endpoint, length: message.endpointLength)
    let bytes = Array(datagram.bytes.prefix(message.count))
    guard copyOut(slot, message.address, bytes) else { throw .badAddress }
    charge(.bytesMoved, bytes.count)
    if message.flags.contains(.peek) { return .value(Int64(bytes.count)) }
    network.sockets[id].queue.removeFirst()
    emit(
      .socketReceived(
        stamp(slot), id, datagram.id, from: datagram.from, to: datagram.to, bytes.count))
    if keepsPayloads { payloads.append(bytes) }
    return .value(Int64(bytes.count))
  }
}
