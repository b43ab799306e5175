// What happens to sockets and connections besides the calls: what is put on the wire and arrives from it, who is woken
// for it, and how ends are closed.

extension Kernel {
  // MARK: Waking

  mutating func wakeReaders(at id: SocketID, _ effects: inout Effects) {
    guard network.sockets.contains(id) else { return }
    for reader in network.sockets[id].readers.takeAll() { wake(reader, &effects) }
  }

  mutating func wakeWriters(at id: SocketID, _ effects: inout Effects) {
    guard network.sockets.contains(id) else { return }
    for writer in network.sockets[id].writers.takeAll() { wake(writer, &effects) }
  }

  mutating func wakeAll(at id: SocketID, _ effects: inout Effects) {
    wakeReaders(at: id, &effects)
    wakeWriters(at: id, &effects)
  }

  // MARK: The wire

  /// Puts something on the wire to another network.
  mutating func put(_ content: Packet.Content) {
    let time = Instant(
      instructions: min(now.instructions + network.conditions.delay, Instant.end.instructions))
    network.countSent(content)
    network.links.send(Packet(time: time, content: content))
    timers.insertDelivery(at: time)
  }

  /// Takes what has arrived off the wire.
  mutating func deliver(_ effects: inout Effects) {
    while network.links.first(by: now) != nil {
      let content = network.links.takeFirst().content
      network.countReceived(content)
      switch content {
      case .datagram(let datagram): arrive(datagram, &effects)
      case .connection(let stream):
        network.streams[stream].packets -= 1
        arrive(stream, &effects)
        dropIfOver(stream)
      case .data(let stream, let side, let count):
        network.streams[stream].packets -= 1
        if !network.streams[stream][side].readClosed {
          network.streams[stream][side].inFlight -= count
          wakeReaders(at: network.streams[stream][side].socket, &effects)
        }
        dropIfOver(stream)
      case .end(let stream, let side):
        network.streams[stream].packets -= 1
        end(stream, side, &effects)
        dropIfOver(stream)
      }
    }
  }

  // MARK: Chances

  /// The datagrams that would arrive by now and of which that has not been decided.
  func undecidedDatagrams() -> [Datagram] {
    var found: [Datagram] = []
    for packet in network.links.packets {
      if packet.time > now { break }
      if case .datagram(let datagram) = packet.content, !packet.isDecided { found.append(datagram) }
    }
    return found
  }

  /// A datagram is lost on its way.
  mutating func lose(_ id: FlowID) {
    guard let datagram = network.links.takeDatagram(id, stays: false) else { return }
    drop(datagram, .lost)
  }

  /// A datagram arrives so much later than it would have.
  mutating func settle(_ id: FlowID, after extra: UInt64) {
    guard let datagram = network.links.takeDatagram(id, stays: true) else { return }
    let time = Instant(
      instructions: min(now.instructions + extra, Instant.end.instructions))
    network.links.send(Packet(time: time, content: .datagram(datagram), isDecided: true))
    timers.insertDelivery(at: time)
  }

  // MARK: Arriving

  /// A datagram is where it was sent to.
  mutating func arrive(_ datagram: Datagram, _ effects: inout Effects) {
    guard let id = network.receiver(.datagram, at: datagram.to, in: datagram.space),
      network.sockets[id].peer.map({ $0 == datagram.from }) ?? true
    else {
      return network.answersEcho(datagram) ? echo(datagram, &effects) : drop(datagram, .nobodyThere)
    }
    if network.sockets[id].queue.count >= Datagram.queueLength {
      guard !defects.contains(.queueHeld),
        let place = network.sockets[id].placeToGiveUp(for: datagram.fromSpace)
      else { return drop(datagram, .queueFull) }
      drop(network.sockets[id].queue.remove(at: place), .queueFull)
    }
    network.sockets[id].queue.append(datagram)
    wakeReaders(at: id, &effects)
  }

  /// The echo service sends a datagram back to where it came from. In a trace it is the socket 0.
  private mutating func echo(_ datagram: Datagram, _ effects: inout Effects) {
    let source = defects.contains(.echoForged) ? datagram.from.address : datagram.to.address
    let answer = datagram.echo(as: network.newFlow(), from: source)
    let count = datagram.bytes.count
    emit(
      .socketReceived(
        machineStamp, .none, datagram.id, from: datagram.from, to: datagram.to, count))
    emit(.socketSent(machineStamp, .none, answer.id, from: answer.from, to: answer.to, count))
    if keepsPayloads { payloads += [datagram.bytes, answer.bytes] }
    send(answer, &effects)
  }

  /// A datagram leaves: to its own network at once, to another over the wire.
  mutating func send(_ datagram: Datagram, _ effects: inout Effects) {
    if datagram.fromSpace == datagram.space {
      network.loopbacks.pass(datagram.bytes.count, in: datagram.space)
      arrive(datagram, &effects)
    } else if network.links.hasRoom(for: datagram.payer) {
      put(.datagram(datagram))
    } else {
      network.links.count(datagram.fromSpace) { $0.notSent += 1 }
      drop(datagram, .linkFull)
    }
  }

  mutating func drop(_ datagram: Datagram, _ why: Refusal) {
    emit(
      .datagramDropped(
        machineStamp, datagram.id, why, from: datagram.from, to: datagram.to,
        datagram.bytes.count))
  }

  /// A connection is in the backlog for which it has a place, unless nobody listens there any more.
  mutating func arrive(_ stream: FlowID, _ effects: inout Effects) {
    let client = network.streams[stream].client.socket
    let listener = network.streams[stream].listener
    guard network.sockets.contains(listener) else {
      network.streams[stream].listener = .none
      network.streams[stream].server.stopReading()
      network.streams[stream].server.writeClosed = true
      if network.sockets.contains(client) {
        emit(
          .connectionRefused(
            machineStamp, client, .nobodyListens, from: network.streams[stream].client.endpoint,
            to: network.streams[stream].server.endpoint))
        network.sockets[client].role = .idle
      }
      network.streams[stream].client.socket = .none
      network.streams[stream].client.stopReading()
      network.streams[stream].client.writeClosed = true
      return wakeAll(at: client, &effects)
    }
    network.sockets[listener].waiting.append(stream)
    if network.sockets.contains(client) {
      network.sockets[client].role = .connected(stream, .client)
      wakeAll(at: client, &effects)
    }
    wakeReaders(at: listener, &effects)
  }

  // MARK: Bytes and ends

  /// Puts bytes into a window, where there is room for them.
  mutating func transmit(
    _ bytes: [UInt8], _ stream: FlowID, from side: StreamSide, _ effects: inout Effects
  ) {
    var bytes = bytes[...]
    network.streams[stream][side].sent += Int64(bytes.count)
    if defects.contains(.fullWindowLosesByte),
      network.streams[stream][side.other].room == bytes.count
    {
      bytes.removeLast()
    }
    if side == .server, network.streams[stream].isHosts { return leave(Array(bytes), stream) }
    bytes.withUnsafeBytes { network.streams[stream][side.other].incoming.append($0) }
    if network.streams[stream].isImmediate {
      if network.streams[stream].isLocal {
        network.loopbacks.pass(bytes.count, in: network.streams[stream][side].space)
      }
      wakeReaders(at: network.streams[stream][side.other].socket, &effects)
    } else {
      network.streams[stream][side.other].inFlight += bytes.count
      network.streams[stream].packets += 1
      put(.data(stream, to: side.other, count: bytes.count))
    }
  }

  /// A side reads no more: its peer's writers learn of it at once.
  mutating func stopReading(_ stream: FlowID, _ side: StreamSide, _ effects: inout Effects) {
    if side == .server, !network.streams[stream].server.readClosed { shutHost(stream, how: 1) }
    network.streams[stream][side].stopReading()
    wakeAll(at: network.streams[stream][side.other].socket, &effects)
  }

  /// A side writes no more: the end follows what it has written.
  mutating func stopWriting(_ stream: FlowID, _ side: StreamSide, _ effects: inout Effects) {
    if network.streams[stream][side].writeClosed { return }
    network.streams[stream][side].writeClosed = true
    if side == .server { shutHost(stream, how: 0) }
    if network.streams[stream].isImmediate {
      end(stream, side.other, &effects)
    } else {
      network.streams[stream].packets += 1
      put(.end(stream, to: side.other))
    }
  }

  /// The end of what a side gets has arrived.
  private mutating func end(_ stream: FlowID, _ side: StreamSide, _ effects: inout Effects) {
    network.streams[stream][side].hasEnded = true
    if defects.contains(.endDropsTail), !network.streams[stream][side].readClosed {
      network.streams[stream][side].incoming.removeFirst(network.streams[stream][side].held)
    }
    wakeAll(at: network.streams[stream][side].socket, &effects)
  }

  // MARK: Closing

  /// A socket's last descriptor is gone.
  mutating func closeSocket(_ id: SocketID, by slot: Slot, _ effects: inout Effects) {
    let socket = network.sockets[id]
    var (sent, received): (Int64, Int64) = (0, 0)
    var flow = FlowID.none
    switch socket.role {
    case .idle, .datagram: break
    case .listening: for stream in socket.waiting { closeWaiting(stream, &effects) }
    case .connecting(let stream), .connected(let stream, _):
      let side = socket.connection?.side ?? .client
      (sent, received) = (
        network.streams[stream][side].sent, network.streams[stream][side].received
      )
      flow = stream
      closeEnd(stream, side, &effects)
    }
    emit(.socketClosed(stamp(slot), id, flow, sent: sent, received: received))
    // What ends a process other than a call is a crash or a kill.
    if !(defects.contains(.crashKeepsPort) && call == nil) { network.giveBackPort(of: id) }
    giveBack(.sockets, 1, in: socket.payer)
    // Another thread may wait at it.
    for waiter in network.sockets[id].readers.takeAll() { wake(waiter, &effects) }
    for waiter in network.sockets[id].writers.takeAll() { wake(waiter, &effects) }
    network.sockets.remove(id)
  }

  /// A connection whose listener is gone before it was accepted.
  private mutating func closeWaiting(_ stream: FlowID, _ effects: inout Effects) {
    network.streams[stream].listener = .none
    closeEnd(stream, .server, &effects)
  }

  private mutating func closeEnd(
    _ stream: FlowID, _ side: StreamSide, _ effects: inout Effects
  ) {
    network.streams[stream][side].socket = .none
    stopReading(stream, side, &effects)
    stopWriting(stream, side, &effects)
    dropIfOver(stream)
  }

  mutating func dropIfOver(_ stream: FlowID) {
    guard network.streams[stream].isOver else { return }
    forgetHost(of: stream)
    network.streams.remove(stream)
  }
}
