// The switch that every container with an address has a link to, and the machine outside as well: which address is
// whose, and what is on its way. Packets arrive in order of their times, and those of one time in the order in which they
// were sent.

/// What is under way from one network to another.
package struct Packet: Sendable {
  package enum Content: Sendable {
    /// A connection, to the backlog for which it has a place.
    case connection(FlowID)
    /// So many bytes of a connection, which are in the window of that side already.
    case data(FlowID, to: StreamSide, count: Int)
    /// The end of what that side gets.
    case end(FlowID, to: StreamSide)
    case datagram(Datagram)

    /// How many bytes programs have sent by it.
    var byteCount: Int {
      switch self {
      case .connection, .end: 0
      case .data(_, _, let count): count
      case .datagram(let datagram): datagram.bytes.count
      }
    }
  }

  /// When it arrives.
  package internal(set) var time: Instant
  package let content: Content
  /// Whether it was decided already that it arrives, and when.
  var isDecided = false
}

/// A container's link.
package struct Link: Sendable {
  package let address: NetworkAddress
  package let container: ContainerID
  /// Datagrams that it has sent, and answers to them, that are on the wire.
  package internal(set) var inFlight = 0
  /// What has gone over it.
  package internal(set) var traffic = Traffic()
}

/// Links and what is on the wire.
package struct Switch: Sendable {
  /// In order of their addresses; the first is that of the machine outside.
  package private(set) var links = [Link(address: .machine, container: .outside)]
  /// In order of arrival, from `head` on.
  private var wire: [Packet] = []
  private var head = 0

  package var packets: ArraySlice<Packet> { wire[head...] }
  var isUnused: Bool { links.count == 1 && head == wire.count }

  // MARK: Addresses

  private func place(of address: NetworkAddress) -> Int {
    links.partitioningIndex { $0.address >= address }
  }

  /// Who has an address.
  package func container(at address: NetworkAddress) -> ContainerID? {
    let place = place(of: address)
    return place < links.count && links[place].address == address ? links[place].container : nil
  }

  /// The address that a container has.
  package func address(of container: ContainerID) -> NetworkAddress? {
    links.first { $0.container == container }?.address
  }

  mutating func attach(_ container: ContainerID, as address: NetworkAddress) {
    links.insert(Link(address: address, container: container), at: place(of: address))
  }

  mutating func detach(_ container: ContainerID) { links.removeAll { $0.container == container } }

  /// Counts what goes over a container's link.
  mutating func count(_ container: ContainerID, _ change: (inout Traffic) -> Void) {
    guard let place = links.firstIndex(where: { $0.container == container }) else { return }
    change(&links[place].traffic)
  }

  // MARK: The wire

  /// Whether a link takes another datagram.
  func hasRoom(for container: ContainerID) -> Bool {
    links.contains { $0.container == container && $0.inFlight < Datagram.inFlightAtMost }
  }

  mutating func send(_ packet: Packet) {
    if case .datagram(let datagram) = packet.content, !packet.isDecided {
      count(datagram.payer, by: 1)
    }
    if head > 64, head * 2 > wire.count {
      wire.removeFirst(head)
      head = 0
    }
    let place = wire[head...].partitioningIndex { $0.time > packet.time }
    wire.insert(packet, at: place)
  }

  private mutating func count(_ container: ContainerID, by change: Int) {
    guard let place = links.firstIndex(where: { $0.container == container }) else { return }
    links[place].inFlight += change
  }

  /// The first packet that is there by this time.
  package func first(by time: Instant) -> Packet? {
    head < wire.count && wire[head].time <= time ? wire[head] : nil
  }

  /// Takes that packet off the wire.
  mutating func takeFirst() -> Packet {
    let packet = wire[head]
    head += 1
    if head == wire.count {
      wire.removeAll(keepingCapacity: true)
      head = 0
    }
    if case .datagram(let datagram) = packet.content { count(datagram.payer, by: -1) }
    return packet
  }

  /// Takes a datagram off the wire that is on it.
  ///
  /// - Parameter stays: whether it is sent again: it counts on.
  mutating func takeDatagram(_ id: FlowID, stays: Bool) -> Datagram? {
    for place in head..<wire.count {
      guard case .datagram(let datagram) = wire[place].content, datagram.id == id else { continue }
      wire.remove(at: place)
      if !stays { count(datagram.payer, by: -1) }
      return datagram
    }
    return nil
  }
}

extension Switch: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(links.count)
    for link in links {
      digest.combine(link.address.raw)
      digest.combine(link.container.raw)
      digest.combine(link.inFlight)
      digest.combine(link.traffic)
    }
    digest.combine(packets.count)
    for packet in packets {
      digest.combine(packet.time.instructions)
      digest.combine(packet.isDecided)
      switch packet.content {
      case .connection(let stream):
        digest.combine(1)
        digest.combine(stream.raw)
      case .data(let stream, let side, let count):
        digest.combine(2)
        digest.combine(stream.raw)
        digest.combine(side.rawValue)
        digest.combine(count)
      case .end(let stream, let side):
        digest.combine(3)
        digest.combine(stream.raw)
        digest.combine(side.rawValue)
      case .datagram(let datagram):
        digest.combine(4)
        digest.combine(datagram)
      }
    }
  }
}
