// What sessions sent over their networks, as a capture that tcpdump and Wireshark read: a pcap file of IPv4 packets, with
// virtual time as its clock, an instruction for a nanosecond. The machine keeps connections as data, without a wire format; so
// heads are made here as TCP would have them: whoever connects sends a SYN, bytes come as one segment for each send, whoever
// reads acknowledges what it has read, and closing sends a FIN, or a RST where something was not read.
// (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-06.html)

import Sim

/// Makes a capture of events and the bytes beside them.
struct PacketExport {
  /// One end of a connection.
  private struct End {
    var endpoint: Endpoint
    /// Bytes that it has sent, and that it has read of the other's.
    var sent: UInt32 = 0
    var read: UInt32 = 0
    /// It has said that nothing more comes from it; and the other has heard that.
    var hasEnded = false
    var isEndKnown = false
    var isClosed = false
    let first: UInt32
  }

  private struct Flow {
    var ends: [End]
    /// In whose backlog it is; none once it was accepted.
    var listener: SocketID
    /// How long a packet takes.
    var delay: UInt64
    var isOver: Bool { ends.allSatisfy(\.isClosed) }
  }

  private struct Pending {
    var time: UInt64
    var bytes: [UInt8]
  }

  /// IPv4 without a link below it.
  private static let linkType: UInt32 = 101
  private static let lengthAtMost: UInt32 = 65535
  private static let window: UInt16 = UInt16(Stream.window)
  private static let (client, server) = (0, 1)

  private let delay: UInt64
  private var flows: [Int64: Flow] = [:]
  /// The connection of a socket and the end that it is.
  private var sides: [SocketID: (flow: Int64, side: Int)] = [:]
  private var listeners: [SocketID: Endpoint] = [:]
  private var datagramSockets: Set<SocketID> = []
  /// Connections that are on their way, and when they are there.
  private var opening: [(flow: Int64, time: UInt64)] = []
  /// In the order of their times.
  private var pending: [Pending] = []
  private var lastID: UInt16 = 0

  init(_ scenario: Scenario) { delay = scenario.network.delay }

  /// How a capture begins: nanoseconds, in little-endian order.
  static var head: [UInt8] {
    var head = LittleEndianBytes()
    head.append(UInt32(0xa1b2_3c4d))
    head.append(UInt16(2))
    head.append(UInt16(4))
    head.append(UInt32(0))
    head.append(UInt32(0))
    head.append(lengthAtMost)
    head.append(linkType)
    return head.bytes
  }

  // MARK: Events

  mutating func receive(_ event: Event, _ payload: [UInt8], _ output: OutputBuffer) {
    let time = event.time.instructions
    open(before: time)
    write(before: time, output)
    switch event.kind {
    case .socketOpen where event[SocketOpenEvent.type] == 2:
      datagramSockets.insert(event[SocketOpenEvent.socket])
    case .socketListen:
      listeners[event[SocketListenEvent.socket]] = event[SocketListenEvent.local]
    case .socketConnect: connect(event, time)
    case .socketAccept: accept(event, time)
    case .socketRefuse: refuse(event, time)
    case .socketSend: send(event, payload, time)
    case .socketReceive: read(event, payload, time)
    case .socketShutDown where event[SocketShutDownEvent.how] != 0:
      end(event[SocketShutDownEvent.socket], event[SocketShutDownEvent.flow], time)
    case .socketClose:
      close(event[SocketCloseEvent.socket], event[SocketCloseEvent.flow], time)
    case .hostOutput: take(event, time)
    default: break
    }
  }

  mutating func finish(_ output: OutputBuffer) {
    open(before: .max)
    write(before: .max, output)
  }

  private mutating func begin(
    _ id: Int64, from client: Endpoint, to server: Endpoint, _ listener: SocketID, _ time: UInt64
  ) {
    // What begins to be numbered at the same number each time would be taken for the same.
    let first = UInt32(truncatingIfNeeded: id &* 0x9e37_79b1)
    let isLocal = client.address.isLoopback || client.address == server.address
    flows[id] = Flow(
      ends: [End(endpoint: client, first: first), End(endpoint: server, first: ~first)],
      listener: listener, delay: isLocal ? 0 : delay)
    put(id, from: PacketExport.client, [.synchronize], at: time)
  }

  /// Those connections are there that would be by now, and of which nobody has said that they were refused.
  private mutating func open(before time: UInt64) {
    while let next = opening.first, next.time < time { open(next.flow) }
  }

  /// The other side has the connection in its backlog, and says so.
  private mutating func open(_ id: Int64) {
    guard let place = opening.firstIndex(where: { $0.flow == id }) else { return }
    let time = opening.remove(at: place).time
    put(id, from: PacketExport.server, [.synchronize, .acknowledge], at: time)
    put(id, from: PacketExport.client, [.acknowledge], at: time)
  }

  private mutating func connect(_ event: Event, _ time: UInt64) {
    let id = event[SocketConnectEvent.flow].raw
    guard id != 0 else { return }
    begin(
      id, from: event[SocketConnectEvent.local], to: event[SocketConnectEvent.remote],
      event[SocketConnectEvent.listener], time)
    let socket = event[SocketConnectEvent.socket]
    if socket == .none {
      // Between the host and the machine nothing takes time.
      flows[id]?.delay = 0
    } else {
      sides[socket] = (id, PacketExport.client)
    }
    opening.append((id, time + (flows[id]?.delay ?? 0)))
    if flows[id]?.delay == 0 { open(id) }
  }

  private mutating func accept(_ event: Event, _ time: UInt64) {
    let id = event[SocketAcceptEvent.flow].raw
    open(id)
    flows[id]?.listener = .none
    sides[event[SocketAcceptEvent.socket]] = (id, PacketExport.server)
  }

  private mutating func refuse(_ event: Event, _ time: UInt64) {
    if let (id, _) = sides[event[SocketRefuseEvent.socket]] {
      // On its way: nobody listens there any more.
      opening.removeAll { $0.flow == id }
      reset(id, from: PacketExport.server, time)
      sides[event[SocketRefuseEvent.socket]] = nil
      return
    }
    // A socket that has no port yet gets none by this. On lo it is known where it asks from.
    var from = event[SocketRefuseEvent.local]
    let to = event[SocketRefuseEvent.remote]
    if from.address == .any, to.address.isLoopback { from.address = to.address }
    let first = UInt32(truncatingIfNeeded: time)
    put(
      IPPacket.segment(
        TCPSegment(
          sequence: first, acknowledged: 0, flags: [.synchronize], window: PacketExport.window),
        from: from, to: to, id: newID(), []), at: time)
    put(
      IPPacket.segment(
        TCPSegment(
          sequence: 0, acknowledged: first &+ 1, flags: [.reset, .acknowledge], window: 0),
        from: to, to: from, id: newID(), []), at: time)
  }

  /// The connection of a socket and the end that it is. A client on the host has no socket.
  private func side(_ socket: SocketID, _ flow: FlowID) -> (flow: Int64, side: Int)? {
    if socket != .none { return sides[socket] }
    return flows[flow.raw] == nil ? nil : (flow.raw, PacketExport.client)
  }

  /// What left for the host was read there.
  private mutating func take(_ event: Event, _ time: UInt64) {
    let id = event[HostOutputEvent.flow].raw
    guard let flow = flows[id] else { return }
    flows[id]?.ends[PacketExport.client].read &+= UInt32(
      truncatingIfNeeded: event[HostOutputEvent.count])
    // It comes in pieces of what was sent at a time.
    guard flows[id]?.ends[PacketExport.client].read == flow.ends[PacketExport.server].sent else {
      return
    }
    put(id, from: PacketExport.client, [.acknowledge], at: time)
  }

  private mutating func send(_ event: Event, _ payload: [UInt8], _ time: UInt64) {
    let socket = event[SocketTransferEvent.socket]
    let end = side(socket, event[SocketTransferEvent.flow])
    // The echo service has neither a socket nor a connection.
    if datagramSockets.contains(socket) || socket == .none && end == nil {
      let (from, to) = (event[SocketTransferEvent.from], event[SocketTransferEvent.to])
      put(IPPacket.datagram(from: from, to: to, id: newID(), payload), at: time)
    } else if let (id, side) = end {
      open(id)
      put(id, from: side, [.push, .acknowledge], payload, at: time)
    }
  }

  /// Whoever has read acknowledges that; of an end that was read, the end.
  private mutating func read(_ event: Event, _ payload: [UInt8], _ time: UInt64) {
    guard let (id, side) = sides[event[SocketTransferEvent.socket]], let flow = flows[id] else {
      return
    }
    let other = 1 - side
    flows[id]?.ends[side].read &+= UInt32(payload.count)
    if payload.isEmpty {
      guard flows[id]?.ends[other].hasEnded == true, !flow.ends[other].isEndKnown else { return }
      flows[id]?.ends[other].isEndKnown = true
    }
    put(id, from: side, [.acknowledge], at: time)
  }

  private mutating func end(_ socket: SocketID, _ flow: FlowID, _ time: UInt64) {
    if let (id, side) = side(socket, flow) { endSide(id, side, time) }
  }

  private mutating func endSide(_ id: Int64, _ side: Int, _ time: UInt64) {
    guard let flow = flows[id], !flow.ends[side].hasEnded else { return }
    open(id)
    put(id, from: side, [.end, .acknowledge], at: time)
    flows[id]?.ends[side].hasEnded = true
    guard flow.ends[1 - side].isClosed else { return }
    // Nobody is there to read it, but that it came is said all the same.
    flows[id]?.ends[side].isEndKnown = true
    put(id, from: 1 - side, [.acknowledge], at: time + flow.delay)
  }

  private mutating func close(_ socket: SocketID, _ closed: FlowID, _ time: UInt64) {
    datagramSockets.remove(socket)
    if listeners.removeValue(forKey: socket) != nil {
      for id in flows.filter({ $0.value.listener == socket }).keys.sorted() {
        reset(id, from: PacketExport.server, time)
      }
    }
    guard let (id, side) = side(socket, closed), let flow = flows[id] else { return }
    sides[socket] = nil
    let unread = flow.ends[1 - side].sent &- flow.ends[side].read
    flows[id]?.ends[side].isClosed = true
    if unread > 0 {
      reset(id, from: side, time)
    } else {
      if flow.ends[1 - side].hasEnded { flows[id]?.ends[1 - side].isEndKnown = true }
      endSide(id, side, time)
    }
    if flows[id]?.isOver == true { flows[id] = nil }
  }

  private mutating func reset(_ id: Int64, from side: Int, _ time: UInt64) {
    put(id, from: side, [.reset, .acknowledge], at: time)
    flows[id] = nil
  }

  // MARK: Packets

  private mutating func newID() -> UInt16 {
    lastID &+= 1
    return lastID
  }

  /// A segment of a connection, numbered as what that end has sent and read says.
  private mutating func put(
    _ id: Int64, from side: Int, _ flags: TCPFlags, _ payload: [UInt8] = [], at time: UInt64
  ) {
    guard let flow = flows[id] else { return }
    let (own, other) = (flow.ends[side], flow.ends[1 - side])
    // A SYN and a FIN count as a byte each.
    let begun: UInt32 = flags.contains(.synchronize) ? 0 : 1
    let segment = TCPSegment(
      sequence: own.first &+ own.sent &+ begun &+ (own.hasEnded ? 1 : 0),
      acknowledged: other.first &+ own.read &+ 1 &+ (other.isEndKnown ? 1 : 0), flags: flags,
      window: PacketExport.window)
    flows[id]?.ends[side].sent &+= UInt32(payload.count)
    put(
      IPPacket.segment(
        segment, from: own.endpoint, to: other.endpoint, id: newID(), payload), at: time)
  }

  private mutating func put(_ packet: [UInt8], at time: UInt64) {
    let place = pending.lastIndex { $0.time <= time }.map { $0 + 1 } ?? 0
    pending.insert(Pending(time: time, bytes: packet), at: place)
  }

  /// Writes what is of an earlier time than what comes now.
  private mutating func write(before time: UInt64, _ output: OutputBuffer) {
    let count = pending.firstIndex { $0.time >= time } ?? pending.count
    for packet in pending[..<count] {
      var record = LittleEndianBytes()
      record.append(UInt32(truncatingIfNeeded: packet.time / 1_000_000_000))
      record.append(UInt32(packet.time % 1_000_000_000))
      record.append(UInt32(packet.bytes.count))
      record.append(UInt32(packet.bytes.count))
      output.write(record.bytes + packet.bytes)
    }
    if count > 0 { pending.removeFirst(count) }
  }
}

/// Numbers as the host that writes a capture has them.
private struct LittleEndianBytes {
  var bytes: [UInt8] = []

  mutating func append(_ number: some FixedWidthInteger & UnsignedInteger) {
    withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
  }
}
