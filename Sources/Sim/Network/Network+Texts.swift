// The texts in /proc/net, in Linux's formats (proc(5)), of one container's network. Addresses are hexadecimal as a
// little-endian machine reads them in network order. What this machine does not have is 0.

extension Network {
  func text(_ text: NetworkText, of space: ContainerID) -> String {
    switch text {
    case .dev: deviceText(of: space)
    case .route: routeText(of: space)
    case .tcp: streamText(of: space)
    case .udp: datagramText(of: space)
    }
  }

  // MARK: Sockets

  /// Linux's numbers for what a connection has come to.
  private enum StreamState: UInt64 {
    case established = 1
    case connecting = 2
    /// It writes no more; the other side does.
    case halfClosed = 5
    case closed = 7
    /// The other side writes no more.
    case ended = 8
    case listening = 10
  }

  /// What the lines of both files have.
  private struct SocketRow {
    var local: Endpoint
    var remote = Endpoint.none
    var state: UInt64
    /// Bytes on their way to the other end, and bytes to be read; of one that listens, connections that wait.
    var sending = 0
    var waiting = 0
    /// The socket's number; 0 of a connection that nobody has accepted.
    var inode: Int64

    func line(_ place: String) -> String {
      "\(place): \(name(local)) \(name(remote)) \(hex(state, 2)) \(hex(UInt64(sending), 8)):"
        + "\(hex(UInt64(waiting), 8)) 00:00000000 00000000     0        0 \(inode)"
    }

    private func name(_ endpoint: Endpoint) -> String {
      hex(UInt64(endpoint.address.raw.byteSwapped), 8) + ":" + hex(UInt64(endpoint.port), 4)
    }
  }

  private func streamText(of space: ContainerID) -> String {
    var rows: [SocketRow] = []
    let own = sockets.values.filter { $0.kind == .stream && $0.space == space }
    for socket in own where socket.role == .listening {
      rows.append(
        SocketRow(
          local: socket.local, state: StreamState.listening.rawValue,
          waiting: socket.waiting.count, inode: socket.id.raw))
    }
    for socket in own {
      switch socket.role {
      case .idle, .listening, .datagram: break
      case .connecting(let stream): rows.append(row(stream, .client, .connecting, socket.id))
      case .connected(let stream, let side): rows.append(row(stream, side, nil, socket.id))
      }
    }
    for stream in streams.values
    where stream.server.space == space && stream.server.socket == .none
      && stream.listener != .none
    {
      // On its way it is not there yet.
      guard sockets.find(stream.listener)?.waiting.contains(stream.id) ?? false else { continue }
      rows.append(row(stream.id, .server, nil, .none))
    }
    let head =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
    return line(head, 149)
      + rows.enumerated().map { place, row in
        let times = row.state == StreamState.listening.rawValue ? "100 0 0 10 0" : "20 4 30 10 -1"
        return line(row.line(right(place, 4)) + " 1 0000000000000000 " + times, 149)
      }.joined()
  }

  private func row(
    _ id: FlowID, _ side: StreamSide, _ state: StreamState?, _ socket: SocketID
  ) -> SocketRow {
    let stream = streams[id]
    let (own, other) = (stream[side], stream[side.other])
    let found: StreamState =
      switch (own.writeClosed, own.hasEnded) {
      case (false, false): .established
      case (true, false): .halfClosed
      case (false, true): .ended
      case (true, true): .closed
      }
    return SocketRow(
      local: own.endpoint, remote: other.endpoint, state: (state ?? found).rawValue,
      sending: other.inFlight, waiting: own.readable, inode: socket.raw)
  }

  private func datagramText(of space: ContainerID) -> String {
    let own = sockets.values.filter { $0.kind == .datagram && $0.space == space && $0.isBound }
    let head =
      "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
    return line(head + " ref pointer drops", 127)
      + own.enumerated().map { place, socket in
        let state: StreamState = socket.peer == nil ? .closed : .established
        let row = SocketRow(
          local: socket.local, remote: socket.peer ?? .none, state: state.rawValue,
          waiting: socket.queue.reduce(0) { $0 + $1.bytes.count }, inode: socket.id.raw)
        return line(row.line(right(place, 5)) + " 2 0000000000000000 0", 127)
      }.joined()
  }

  // MARK: Interfaces

  private func deviceText(of space: ContainerID) -> String {
    var text = """
      Inter-|   Receive                                                |  Transmit
       face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed

      """
    text += deviceLine("lo", loopbacks[space])
    if let link = links.links.first(where: { $0.container == space }) {
      text += deviceLine("eth0", link.traffic)
    }
    return text
  }

  private func deviceLine(_ name: String, _ traffic: Traffic) -> String {
    let received = [traffic.receivedBytes, traffic.receivedPackets, 0, 0, 0, 0, 0, 0]
    let sent = [traffic.sentBytes, traffic.sentPackets, 0, traffic.notSent, 0, 0, 0, 0]
    func columns(_ numbers: [Int64], _ widths: [Int]) -> String {
      zip(numbers, widths).map { right(Int($0), $1) }.joined(separator: " ")
    }
    return right(name, 6) + ": " + columns(received, [7, 7, 4, 4, 4, 5, 10, 9]) + " "
      + columns(sent, [8, 7, 4, 4, 4, 5, 7, 10]) + "\n"
  }

  /// All addresses of the switch are one hop away.
  private func routeText(of space: ContainerID) -> String {
    var text = line(
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT", 127)
    if links.address(of: space) != nil {
      text += line("eth0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0", 127)
    }
    return text
  }

  // MARK: Columns

  /// A line, which all of a file's are as long as.
  private func line(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.utf8.count)) + "\n"
  }
}

private func hex(_ number: UInt64, _ width: Int) -> String {
  let digits = String(number, radix: 16, uppercase: true)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

private func right(_ number: Int, _ width: Int) -> String { right("\(number)", width) }

private func right(_ word: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - word.utf8.count)) + word
}
