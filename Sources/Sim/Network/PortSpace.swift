// Who has which port. Every container has a port space of its own for streams and one for datagrams, and in each a port
// belongs to one socket, whatever address that is bound to.

/// A port that is taken.
package struct TakenPort: Sendable {
  package let space: ContainerID
  package let kind: SocketKind
  package let port: UInt16
  package let socket: SocketID

  fileprivate var key: (Int32, Int32, UInt16) { (space.raw, kind.rawValue, port) }
}

/// The ports of all containers, in order of container, kind and number.
package struct PortSpace: Sendable {
  package private(set) var taken: [TakenPort] = []

  /// Ports from here on are given to who asks for none.
  static let firstFree: UInt16 = 49_152

  private func place(_ space: ContainerID, _ kind: SocketKind, _ port: UInt16) -> Int {
    taken.partitioningIndex { $0.key >= (space.raw, kind.rawValue, port) }
  }

  /// The socket that has a port.
  package func owner(_ space: ContainerID, _ kind: SocketKind, _ port: UInt16) -> SocketID? {
    let place = place(space, kind, port)
    guard place < taken.count, taken[place].key == (space.raw, kind.rawValue, port) else {
      return nil
    }
    return taken[place].socket
  }

  /// The lowest port from `firstFree` on that nobody has; nil if all are taken.
  func freePort(_ space: ContainerID, _ kind: SocketKind) -> UInt16? {
    var port = PortSpace.firstFree
    for entry in taken[place(space, kind, port)...] {
      guard entry.key == (space.raw, kind.rawValue, port) else { break }
      if port == UInt16.max { return nil }
      port += 1
    }
    return port
  }

  /// Gives a port that nobody has to a socket.
  mutating func take(
    _ port: UInt16, _ space: ContainerID, _ kind: SocketKind, for socket: SocketID
  ) {
    taken.insert(
      TakenPort(space: space, kind: kind, port: port, socket: socket),
      at: place(space, kind, port))
  }

  mutating func giveBack(_ port: UInt16, _ space: ContainerID, _ kind: SocketKind) {
    let place = place(space, kind, port)
    if place < taken.count, taken[place].key == (space.raw, kind.rawValue, port) {
      taken.remove(at: place)
    }
  }
}

extension PortSpace: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(taken.count)
    for entry in taken {
      digest.combine(entry.space.raw)
      digest.combine(entry.kind.rawValue)
      digest.combine(UInt32(entry.port))
      digest.combine(entry.socket.raw)
    }
  }
}
