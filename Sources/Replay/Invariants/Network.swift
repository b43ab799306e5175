// The network. Addresses and ports are their containers' own; what is sent over a connection is in its window until it is
// read, to the byte; a backlog counts those that wait and are on their way; and what is over leaves nothing.

import Sim

struct NetworkInvariant: Sendable {
  /// What was sent over a connection and read, as the events tell.
  private struct Account: Sendable {
    var client: SocketID
    /// By side: what it has sent, and what it has read.
    var sent: (client: Int64, server: Int64) = (0, 0)
    var read: (client: Int64, server: Int64) = (0, 0)
  }

  /// A datagram that came to the echo service, which answers before anything else happens.
  private struct Echo: Sendable {
    var from: Endpoint
    var to: Endpoint
    var count: Int64
    /// In whose network it came, and is answered.
    var network: ContainerID?

    init(_ event: Event, network: ContainerID?) {
      from = event[SocketTransferEvent.from]
      to = event[SocketTransferEvent.to]
      count = event[SocketTransferEvent.count]
      self.network = network
    }

    func isAnswered(by event: Event) -> Bool {
      event[SocketTransferEvent.from] == to && event[SocketTransferEvent.to] == from
        && event[SocketTransferEvent.count] == count
    }
  }

  private var accounts = KeyedList<Account>()
  /// Connections of which something was told in this step.
  private var changed: [FlowID] = []
  /// Whose datagrams are under way, by their numbers.
  private var senders = KeyedList<ContainerID>()
  private var hasPorts = false
  /// What the echo service has got and not answered.
  private var unanswered: Echo?

  private func key(_ flow: FlowID) -> Int32 { Int32(truncatingIfNeeded: flow.raw) }

  mutating func see(_ event: Event, in machine: borrowing Simulation, _ findings: inout Findings) {
    hasPorts = true
    switch event.kind {
    case .socketBind: seeBind(event, in: machine, &findings)
    case .socketConnect: seeConnect(event, in: machine, &findings)
    case .socketAccept: changed.append(event[SocketAcceptEvent.flow])
    case .socketSend: seeSend(event, in: machine, &findings)
    case .socketReceive: seeReceive(event, in: machine, &findings)
    case .socketDrop: seeDrop(event, in: machine, &findings)
    case .socketShutDown: changed.append(event[SocketShutDownEvent.flow])
    case .socketClose: changed.append(event[SocketCloseEvent.flow])
    case .hostOutput: seeOutput(event, in: machine, &findings)
    default: break
    }
  }

  private func seeBind(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let local = event[SocketBindEvent.local]
    let space = event[SocketBindEvent.space]
    if local.address != .any, !machine.kernel.network.isOwn(local.address, of: space) {
      findings.report(
        .network, "a socket of network \(space.raw) bound to \(local)",
        expected: "an address of its own")
    }
    // Another port of the same step may have been given back since.
    let socket = event[SocketBindEvent.socket]
    guard let bound = machine.kernel.network.sockets.find(socket), bound.ownsPort else { return }
    let owner = machine.kernel.network.ports.owner(space, bound.kind, local.port)
    if owner != socket {
      findings.report(
        .network, "port \(local.port) of network \(space.raw) not that of socket \(socket.raw)",
        expected: "every network to have ports of its own")
    }
  }

  private mutating func seeConnect(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let flow = event[SocketConnectEvent.flow]
    if flow == .none { return }
    accounts[key(flow)] = Account(client: event[SocketConnectEvent.socket])
    changed.append(flow)
    if event[SocketConnectEvent.socket] == .none,
      let stream = machine.kernel.network.streams.find(flow)
    {
      checkPublished(stream, in: machine, &findings)
    }
    guard event[SocketConnectEvent.local].address.isLoopback,
      let stream = machine.kernel.network.streams.find(flow), !stream.isLocal
    else { return }
    findings.report(
      .network,
      "a connection from lo of network \(stream.client.space.raw) to network "
        + "\(stream.server.space.raw)",
      expected: "lo to lead to no other network")
  }

  private mutating func seeSend(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let flow = event[SocketTransferEvent.flow]
    let socket = event[SocketTransferEvent.socket]
    if socket == .none {
      return accounts[key(flow)] == nil
        ? seeAnswer(event, in: machine, &findings) : seeHostSend(event, in: machine, &findings)
    }
    guard let sender = machine.kernel.network.sockets.find(socket) else { return }
    let from = event[SocketTransferEvent.from].address
    if !machine.kernel.network.isOwn(from, of: sender.space) {
      findings.report(
        .network, "bytes from \(from), sent in network \(sender.space.raw)",
        expected: "an address of the sender's own")
    }
    guard sender.kind == .stream else {
      senders[key(flow)] = sender.space
      return
    }
    let count = event[SocketTransferEvent.count]
    accounts.change(key(flow)) {
      if socket == $0.client { $0.sent.client += count } else { $0.sent.server += count }
    }
    changed.append(flow)
  }

  /// The echo service sends what came, to where it came from, and nothing else.
  private mutating func seeAnswer(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let from = event[SocketTransferEvent.from]
    guard let echo = unanswered, echo.isAnswered(by: event) else {
      return findings.report(
        .network,
        "the echo service at \(from) sent \(event[SocketTransferEvent.count]) bytes to "
          + "\(event[SocketTransferEvent.to])",
        expected: unanswered.map { "the \($0.count) bytes from \($0.from)" } ?? "nothing")
    }
    senders[key(event[SocketTransferEvent.flow])] = echo.network
    unanswered = nil
  }

  /// Bytes from the host went into a window: of a connection that came from there.
  private mutating func seeHostSend(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let flow = event[SocketTransferEvent.flow]
    guard accounts[key(flow)]?.client == SocketID.none else {
      findings.report(
        .network, "bytes from the host over connection \(flow.raw)",
        expected: "connections that came from there")
      return
    }
    accounts.change(key(flow)) { $0.sent.client += event[SocketTransferEvent.count] }
    changed.append(flow)
  }

  /// A connection from the host is to a port that was published, and to who was meant.
  private func checkPublished(
    _ stream: Stream, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let end = stream.server
    for port in machine.scenario.ports where port.port == end.endpoint.port {
      if port.target.isEmpty ? end.space == .outside : reaches(port, end, in: machine) { return }
    }
    findings.report(
      .network, "bytes from the host for \(end.endpoint) of network \(end.space.raw)",
      expected: "only ports that are published")
  }

  private func reaches(
    _ port: PublishedPort, _ end: StreamEnd, in machine: borrowing Simulation
  ) -> Bool {
    // Who has ended in the same step is nobody's target any more.
    guard let container = machine.kernel.containers[end.space] else { return end.space != .outside }
    return port.target == "\(end.endpoint.address)" || port.target == "c\(container.id.raw)"
      || Array(port.target.utf8) == container.networkName
  }

  /// Bytes left for the host: they are read as soon as they are written.
  private mutating func seeOutput(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let flow = event[HostOutputEvent.flow]
    accounts.change(key(flow)) { $0.read.client += event[HostOutputEvent.count] }
    changed.append(flow)
  }

  private mutating func seeReceive(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let flow = event[SocketTransferEvent.flow]
    let socket = event[SocketTransferEvent.socket]
    if socket == .none {
      let to = event[SocketTransferEvent.to].address
      unanswered = Echo(
        event,
        network: to.isLoopback
          ? senders[key(flow)] : machine.kernel.network.links.container(at: to))
      senders[key(flow)] = nil
      return
    }
    guard let receiver = machine.kernel.network.sockets.find(socket) else { return }
    guard receiver.kind == .stream else {
      let sender = senders[key(flow)]
      senders[key(flow)] = nil
      if event[SocketTransferEvent.from].address.isLoopback, sender != receiver.space {
        findings.report(
          .network, "a datagram from lo of another network in network \(receiver.space.raw)",
          expected: "lo to lead to no other network")
      }
      return
    }
    let count = event[SocketTransferEvent.count]
    accounts.change(key(flow)) {
      if socket == $0.client { $0.read.client += count } else { $0.read.server += count }
    }
    changed.append(flow)
  }

  /// Of a full queue the network loses one that has the most in it.
  private mutating func seeDrop(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let flow = event[SocketDropEvent.flow]
    let sender = senders[key(flow)]
    senders[key(flow)] = nil
    guard event[SocketDropEvent.why] == Int64(Refusal.queueFull.rawValue), let sender else {
      return
    }
    let network = machine.kernel.network
    let to = event[SocketDropEvent.to]
    for socket in network.sockets.values
    where socket.kind == .datagram && socket.local.port == to.port
      && (socket.local.address == .any || socket.local.address == to.address)
      && (to.address.isLoopback
        ? socket.space == sender : network.isOwn(to.address, of: socket.space))
      && socket.queue.count >= Datagram.queueLength
    {
      let own = socket.queue.count { $0.fromSpace == sender }
      for datagram in socket.queue {
        let count = socket.queue.count { $0.fromSpace == datagram.fromSpace }
        if count <= own + 1 { continue }
        findings.report(
          .network,
          "a datagram of network \(sender.raw) dropped at \(socket.local), which keeps \(own) of it",
          expected: "one of network \(datagram.fromSpace.raw), of which it keeps \(count)")
        return
      }
    }
  }

  // MARK: After a step

  mutating func seeStep(in machine: borrowing Simulation, _ findings: inout Findings) {
    if !hasPorts { return }
    hasPorts = false
    for flow in changed where flow != .none { settle(flow, in: machine, &findings) }
    changed.removeAll(keepingCapacity: true)
    checkPorts(machine, &findings)
    checkBacklogs(machine, &findings)
  }

  private mutating func settle(
    _ flow: FlowID, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    guard let stream = machine.kernel.network.streams.find(flow) else {
      accounts[key(flow)] = nil
      return
    }
    guard let account = accounts[key(flow)] else { return }
    check(flow, stream.server, account.sent.client - account.read.server, &findings)
    check(flow, stream.client, account.sent.server - account.read.client, &findings)
  }

  private func check(
    _ flow: FlowID, _ end: StreamEnd, _ unread: Int64, _ findings: inout Findings
  ) {
    // What was not read of an end that reads no more is gone, as it should be.
    if end.readClosed || Int64(end.held) == unread { return }
    findings.report(
      .network, "\(end.held) bytes to be read at \(end.endpoint) over connection \(flow.raw)",
      expected: "\(unread), which were sent and not read")
  }

  private func checkPorts(_ machine: borrowing Simulation, _ findings: inout Findings) {
    for port in machine.kernel.network.ports.taken {
      if machine.kernel.network.sockets.contains(port.socket) { continue }
      findings.report(
        .network, "port \(port.port) taken by socket \(port.socket.raw), which is gone",
        expected: "it to be given back")
      return
    }
  }

  private func checkBacklogs(_ machine: borrowing Simulation, _ findings: inout Findings) {
    for socket in machine.kernel.network.sockets.values where socket.role == .listening {
      var count = 0
      for stream in machine.kernel.network.streams.values where stream.listener == socket.id {
        count += 1
      }
      if count == socket.backlogTaken { continue }
      findings.report(
        .network, "\(socket.backlogTaken) places taken in the backlog of \(socket.local)",
        expected: "\(count), for those that wait or are on their way")
    }
  }

  // MARK: From scratch

  func audit(in machine: borrowing Simulation, _ findings: inout Findings) {
    let network = machine.kernel.network
    if network.sockets.isEmpty, network.streams.isEmpty { return }
    checkPorts(machine, &findings)
    for host in network.hosts.values where !network.streams.contains(host.stream) {
      findings.report(
        .network, "the host's end of connection \(host.stream.raw), which is gone",
        expected: "nothing of it")
    }
    for stream in network.streams.values where stream.isOver {
      findings.report(
        .network, "connection \(stream.id.raw), whose ends are gone", expected: "nothing of it")
    }
    var descriptors = 0
    for file in machine.kernel.files.files where file.references > 0 {
      if case .socket = file.target { descriptors += 1 }
    }
    if descriptors != network.sockets.count {
      findings.report(
        .network, "\(network.sockets.count) sockets", expected: "\(descriptors), which are open")
    }
  }
}
