// The machine's network: every container's own `lo`, addresses and ports, and the switch between those that have an
// address. It decides where something goes; who is woken for it and what is told of it is the kernel's.

/// What the switch does to what goes through it.
public struct NetworkConditions: Equatable, Sendable {
  /// Instructions from one container to another.
  public var delay: UInt64 = 1000
  /// How many of a thousand datagrams are lost.
  public var lossPerThousand: UInt64 = 0
  /// A datagram may take up to so many instructions longer, and others overtake it.
  public var spread: UInt64 = 0

  public static let delayRange: ClosedRange<UInt64> = 1...1_000_000_000
  public static let lossRange: ClosedRange<UInt64> = 0...1000
  public static let spreadRange: ClosedRange<UInt64> = 0...1_000_000_000

  public init() {}

  /// Checks what no switch can be made of.
  func validate() throws(ScenarioError) {
    func require(_ name: String, _ value: UInt64, _ range: ClosedRange<UInt64>)
      throws(ScenarioError)
    {
      guard range.contains(value) else {
        throw ScenarioError(
          "network \(name): found \(value), expected \(range.lowerBound) to \(range.upperBound)")
      }
    }
    try require("delay", delay, NetworkConditions.delayRange)
    try require("loss", lossPerThousand, NetworkConditions.lossRange)
    try require("spread", spread, NetworkConditions.spreadRange)
  }

  /// Whether anything is left to chance.
  var isUncertain: Bool { lossPerThousand > 0 || spread > 0 }

  /// How much longer a datagram may take; the first is not at all.
  var extraDelays: [UInt64] { spread == 0 ? [0] : [0, spread / 4, spread / 2, spread] }
}

/// Mistakes of the network that can be switched on.
struct NetworkMistakes: OptionSet, Sendable {
  var rawValue: UInt8

  /// All containers have one port space.
  static let portsShared = NetworkMistakes(rawValue: 1)
  /// Any address can be bound.
  static let addressUnchecked = NetworkMistakes(rawValue: 2)
  /// Where nobody has the port on `lo`, the machine outside is asked.
  static let loopbackAcross = NetworkMistakes(rawValue: 4)
}

/// Where something goes that is sent to an address.
struct Route: Equatable, Sendable {
  /// The address that it comes from, if the sender's socket has none of its own.
  var source: NetworkAddress
  /// In whose network it arrives.
  var space: ContainerID
  var address: NetworkAddress
}

/// Sockets, connections, ports and the switch.
package struct Network: Sendable {
  let conditions: NetworkConditions
  /// The host's ports that lead into the machine.
  package let published: [PublishedPort]
  var mistakes: NetworkMistakes = []
  package internal(set) var sockets = NumberedTable<SocketID, Socket>()
  package internal(set) var streams = NumberedTable<FlowID, Stream>()
  /// Connections from the host, by the numbers of their streams.
  package internal(set) var hosts = NumberedTable<FlowID, HostConnection>()
  package internal(set) var ports = PortSpace()
  package internal(set) var links = Switch()
  package internal(set) var loopbacks = Loopbacks()
  private var lastSocket = SocketID.none
  private var lastFlow = FlowID.none

  init(_ conditions: NetworkConditions, publishing ports: [PublishedPort] = []) {
    self.conditions = conditions
    published = ports
  }

  /// The number of the next connection or datagram.
  mutating func newFlow() -> FlowID {
    lastFlow.raw += 1
    return lastFlow
  }

  mutating func insert(kind: SocketKind, in space: ContainerID, payer: GroupID) -> SocketID {
    lastSocket.raw += 1
    sockets.insert(
      Socket(id: lastSocket, kind: kind, space: space, payer: payer), as: lastSocket)
    return lastSocket
  }

  // MARK: Addresses

  /// Whether an address is a container's own.
  package func isOwn(_ address: NetworkAddress, of space: ContainerID) -> Bool {
    address.isLoopback || links.address(of: space) == address
  }

  /// Where something goes that a socket sends to an address.
  func route(from socket: SocketID, to address: NetworkAddress) throws(Refusal) -> Route {
    let space = sockets[socket].space
    let bound = sockets[socket].local.address
    let own = links.address(of: space)
    if address == .any || address.isLoopback || address == own {
      let to = address == .any ? .loopback : address
      return Route(source: bound == .any ? to : bound, space: space, address: to)
    }
    guard let own, let there = links.container(at: address), !bound.isLoopback else {
      throw .unreachable
    }
    return Route(source: bound == .any ? own : bound, space: there, address: address)
  }

  // MARK: Ports

  /// Whose port space a container uses.
  private func portSpace(of space: ContainerID) -> ContainerID {
    mistakes.contains(.portsShared) ? .outside : space
  }

  /// Gives a socket an endpoint of its own: this one, or, of port 0, a port that is free.
  mutating func bind(_ socket: SocketID, to endpoint: Endpoint) throws(Refusal) {
    let (space, kind) = (sockets[socket].space, sockets[socket].kind)
    guard
      endpoint.address == .any || isOwn(endpoint.address, of: space)
        || mistakes.contains(.addressUnchecked)
    else { throw .notOwnAddress }
    var port = endpoint.port
    if port == 0 {
      guard let free = ports.freePort(portSpace(of: space), kind) else { throw .noPort }
      port = free
    } else if ports.owner(portSpace(of: space), kind, port) != nil {
      throw .portInUse
    }
    ports.take(port, portSpace(of: space), kind, for: socket)
    sockets[socket].local = Endpoint(endpoint.address, port)
    sockets[socket].ownsPort = true
  }

  mutating func giveBackPort(of socket: SocketID) {
    guard sockets[socket].ownsPort else { return }
    sockets[socket].ownsPort = false
    ports.giveBack(
      sockets[socket].local.port, portSpace(of: sockets[socket].space), sockets[socket].kind)
  }

  /// Whether the echo service answers a datagram: at an address that is there, where nobody has the port. It does not
  /// answer one of its own kind, or two of them would never end.
  func answersEcho(_ datagram: Datagram) -> Bool {
    datagram.to.port == Datagram.echoPort && datagram.from.port != Datagram.echoPort
      && isOwn(datagram.to.address, of: datagram.space)
      && ports.owner(portSpace(of: datagram.space), .datagram, Datagram.echoPort) == nil
  }

  // MARK: Counts

  /// Counts what a network sends to another.
  mutating func countSent(_ content: Packet.Content) {
    let (space, bytes) = (source(of: content), content.byteCount)
    links.count(space) { $0.send(bytes) }
  }

  /// Counts what arrives in a network.
  mutating func countReceived(_ content: Packet.Content) {
    let (space, bytes) = (destination(of: content), content.byteCount)
    links.count(space) { $0.receive(bytes) }
  }

  private func source(of content: Packet.Content) -> ContainerID {
    switch content {
    case .connection(let stream): streams[stream].client.space
    case .data(let stream, let side, _), .end(let stream, let side):
      streams[stream][side.other].space
    case .datagram(let datagram): datagram.fromSpace
    }
  }

  private func destination(of content: Packet.Content) -> ContainerID {
    switch content {
    case .connection(let stream): streams[stream].server.space
    case .data(let stream, let side, _), .end(let stream, let side): streams[stream][side].space
    case .datagram(let datagram): datagram.space
    }
  }

  /// The socket that gets what goes to an endpoint: it has the port, and is bound to the address or to all.
  func receiver(_ kind: SocketKind, at endpoint: Endpoint, in space: ContainerID) -> SocketID? {
    guard let id = ports.owner(portSpace(of: space), kind, endpoint.port) else {
      guard mistakes.contains(.loopbackAcross), endpoint.address.isLoopback, space != .outside
      else { return nil }
      return receiver(kind, at: endpoint, in: .outside)
    }
    // A kernel with a defect may keep the port of a socket that is gone.
    guard sockets.contains(id) else { return nil }
    let bound = sockets[id].local.address
    return bound == .any || bound == endpoint.address ? id : nil
  }
}

extension Network: Digestible {
  func combine(into digest: inout Digest) {
    // Sessions without a network are as they were before there was one.
    if lastSocket == .none, links.isUnused { return }
    digest.combine(lastSocket.raw)
    digest.combine(lastFlow.raw)
    digest.combine(sockets)
    digest.combine(streams)
    digest.combine(ports)
    digest.combine(links)
    digest.combine(loopbacks)
    if !hosts.isEmpty { digest.combine(hosts) }
  }
}
