// A socket is what a descriptor of the network points to. It belongs to the network of the container in which it was
// made, whoever holds a descriptor of it.

/// A socket.
package struct Socket: Sendable {
  /// What has become of it so far.
  package enum Role: Equatable, Sendable {
    /// A stream that neither listens nor is connected.
    case idle
    case listening
    case connecting(FlowID)
    case connected(FlowID, StreamSide)
    case datagram
  }

  package let id: SocketID
  package let kind: SocketKind
  /// Whose network it is in.
  package let space: ContainerID
  /// The group in which it counts.
  package let payer: GroupID
  package internal(set) var role: Role
  /// Its own endpoint; `none` before it has a port.
  package internal(set) var local = Endpoint.none
  /// Whether the port is its own: an accepted connection's is its listener's.
  package internal(set) var ownsPort = false
  /// Who waits to read from it or to accept; who waits to write to it, or to be connected.
  package internal(set) var readers = WaitQueue()
  package internal(set) var writers = WaitQueue()

  // Of one that listens
  /// How many connections may wait.
  package internal(set) var backlog = 0
  /// How many places of the backlog are taken: by those that wait, and by those that are on their way.
  package internal(set) var backlogTaken = 0
  /// Those that wait to be accepted, in order of arrival.
  package internal(set) var waiting: [FlowID] = []

  // Of datagrams
  /// Where it is connected to: it sends there if nothing else is said, and hears nobody else.
  package internal(set) var peer: Endpoint?
  package internal(set) var queue: [Datagram] = []

  /// What a backlog can be at most, and at least.
  static let backlogRange = 1...128

  init(id: SocketID, kind: SocketKind, space: ContainerID, payer: GroupID) {
    self.id = id
    self.kind = kind
    self.space = space
    self.payer = payer
    role = kind == .stream ? .idle : .datagram
  }

  package var isBound: Bool { local.port != 0 }

  /// The connection that it is an end of, and which.
  package var connection: (stream: FlowID, side: StreamSide)? {
    if case .connected(let stream, let side) = role { (stream, side) } else { nil }
  }

  /// Which datagram of a full queue makes room for one from this network: the last one from the network that has the
  /// most in it, if that is more than the other would have then. So nobody keeps others out by sending much.
  func placeToGiveUp(for sender: ContainerID) -> Int? {
    var own = 0
    var most = (count: 0, place: 0)
    for place in queue.indices {
      let count = queue[...place].count { $0.fromSpace == queue[place].fromSpace }
      if queue[place].fromSpace == sender { own = count }
      if count >= most.count { most = (count, place) }
    }
    return most.count > own + 1 ? most.place : nil
  }
}

extension Socket: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(kind.rawValue)
    digest.combine(space.raw)
    digest.combine(payer.raw)
    switch role {
    case .idle: digest.combine(0)
    case .listening: digest.combine(1)
    case .connecting(let stream):
      digest.combine(2)
      digest.combine(stream.raw)
    case .connected(let stream, let side):
      digest.combine(3)
      digest.combine(stream.raw)
      digest.combine(side.rawValue)
    case .datagram: digest.combine(4)
    }
    digest.combine(local)
    digest.combine(ownsPort)
    digest.combine(readers)
    digest.combine(writers)
    digest.combine(backlog)
    digest.combine(backlogTaken)
    digest.combine(waiting.count)
    for stream in waiting { digest.combine(stream.raw) }
    digest.combine(peer)
    digest.combine(queue)
  }
}
