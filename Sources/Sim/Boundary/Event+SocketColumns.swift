// The columns of events of the network: sockets, connections and datagrams, with both their ends.

/// `container_address`: a container got its address.
public enum ContainerAddressEvent: EventColumns {
  @inlinable public static var cid: Column<ContainerID> { Column(0, "cid") }
  @inlinable public static var address: Column<NetworkAddress> { Column(1, "address") }
  @inlinable public static var call: Column<Int64> { Column(2, "call", .source) }
  public static let all = list(cid, address, call)
}

/// `socket_open`: a socket was made: 1 for streams, 2 for datagrams.
public enum SocketOpenEvent: EventColumns {
  @inlinable public static var descriptor: Column<Int64> { Column(0, "fd") }
  @inlinable public static var socket: Column<SocketID> { Column(1, "socket") }
  @inlinable public static var type: Column<Int64> { Column(2, "type") }
  @inlinable public static var call: Column<Int64> { Column(3, "call", .source) }
  public static let all = list(descriptor, socket, type, call)
}

/// `socket_bind`: a socket got a port of its own.
public enum SocketBindEvent: EventColumns {
  @inlinable public static var socket: Column<SocketID> { Column(0, "socket") }
  @inlinable public static var local: Column<Endpoint> { Column(1, "local") }
  @inlinable public static var type: Column<Int64> { Column(2, "type") }
  @inlinable public static var space: Column<ContainerID> { Column(3, "network") }
  @inlinable public static var call: Column<Int64> { Column(4, "call", .source) }
  public static let all = list(socket, local, type, space, call)
}

/// `socket_listen`: a socket takes connections, and so many may wait.
public enum SocketListenEvent: EventColumns {
  @inlinable public static var socket: Column<SocketID> { Column(0, "socket") }
  @inlinable public static var local: Column<Endpoint> { Column(1, "local") }
  @inlinable public static var backlog: Column<Int64> { Column(2, "backlog") }
  @inlinable public static var call: Column<Int64> { Column(3, "call", .source) }
  public static let all = list(socket, local, backlog, call)
}

/// `socket_connect`: a socket is to be connected, and has a place in a listener's backlog; or, of datagrams, it has
/// somebody to talk to, and the connection is 0.
public enum SocketConnectEvent: EventColumns {
  @inlinable public static var socket: Column<SocketID> { Column(0, "socket") }
  @inlinable public static var flow: Column<FlowID> { Column(1, "flow") }
  @inlinable public static var local: Column<Endpoint> { Column(2, "local") }
  @inlinable public static var remote: Column<Endpoint> { Column(3, "remote") }
  @inlinable public static var listener: Column<SocketID> { Column(4, "listener") }
  @inlinable public static var call: Column<Int64> { Column(5, "call", .source) }
  public static let all = list(socket, flow, local, remote, listener, call)
}

/// `socket_accept`: a connection that waited got a socket.
public enum SocketAcceptEvent: EventColumns {
  @inlinable public static var descriptor: Column<Int64> { Column(0, "fd") }
  @inlinable public static var socket: Column<SocketID> { Column(1, "socket") }
  @inlinable public static var flow: Column<FlowID> { Column(2, "flow") }
  @inlinable public static var listener: Column<SocketID> { Column(3, "listener") }
  @inlinable public static var remote: Column<Endpoint> { Column(4, "remote") }
  @inlinable public static var call: Column<Int64> { Column(5, "call", .source) }
  public static let all = list(descriptor, socket, flow, listener, remote, call)
}

/// `socket_refuse`: a connection was refused.
public enum SocketRefuseEvent: EventColumns {
  @inlinable public static var socket: Column<SocketID> { Column(0, "socket") }
  @inlinable public static var why: Column<Int64> { Column(1, "why", .refusal) }
  @inlinable public static var local: Column<Endpoint> { Column(2, "local") }
  @inlinable public static var remote: Column<Endpoint> { Column(3, "remote") }
  @inlinable public static var call: Column<Int64> { Column(4, "call", .source) }
  public static let all = list(socket, why, local, remote, call)
}

/// `socket_send`: bytes of a connection or a datagram left a socket. `socket_receive`: they were read at one; of a
/// connection 0 bytes are its end.
public enum SocketTransferEvent: EventColumns {
  @inlinable public static var socket: Column<SocketID> { Column(0, "socket") }
  @inlinable public static var flow: Column<FlowID> { Column(1, "flow") }
  @inlinable public static var from: Column<Endpoint> { Column(2, "from_endpoint") }
  @inlinable public static var to: Column<Endpoint> { Column(3, "to_endpoint") }
  @inlinable public static var count: Column<Int64> { Column(4, "count") }
  @inlinable public static var call: Column<Int64> { Column(5, "call", .source) }
  public static let all = list(socket, flow, from, to, count, call)
}

/// `socket_drop`: a datagram did not arrive.
public enum SocketDropEvent: EventColumns {
  @inlinable public static var flow: Column<FlowID> { Column(0, "flow") }
  @inlinable public static var why: Column<Int64> { Column(1, "why", .refusal) }
  @inlinable public static var from: Column<Endpoint> { Column(2, "from_endpoint") }
  @inlinable public static var to: Column<Endpoint> { Column(3, "to_endpoint") }
  @inlinable public static var count: Column<Int64> { Column(4, "count") }
  @inlinable public static var call: Column<Int64> { Column(5, "call", .source) }
  public static let all = list(flow, why, from, to, count, call)
}

/// `socket_shutdown`: an end of a connection reads no more (0), writes no more (1) or neither (2).
public enum SocketShutDownEvent: EventColumns {
  @inlinable public static var socket: Column<SocketID> { Column(0, "socket") }
  @inlinable public static var flow: Column<FlowID> { Column(1, "flow") }
  @inlinable public static var how: Column<Int64> { Column(2, "how") }
  @inlinable public static var call: Column<Int64> { Column(3, "call", .source) }
  public static let all = list(socket, flow, how, call)
}

/// `socket_close`: a socket's last descriptor was closed; of a connection, how many bytes this end sent and read.
public enum SocketCloseEvent: EventColumns {
  @inlinable public static var socket: Column<SocketID> { Column(0, "socket") }
  @inlinable public static var flow: Column<FlowID> { Column(1, "flow") }
  @inlinable public static var sent: Column<Int64> { Column(2, "sent") }
  @inlinable public static var received: Column<Int64> { Column(3, "received") }
  @inlinable public static var call: Column<Int64> { Column(4, "call", .source) }
  public static let all = list(socket, flow, sent, received, call)
}

/// `host_open`: a connection came from the host to a published port, whose place in the scenario's list this is; refused if
/// the flow is 0. The number is that of `input`.
public enum HostOpenEvent: EventColumns {
  @inlinable public static var number: Column<Int64> { Column(0, "host_connection") }
  @inlinable public static var flow: Column<FlowID> { Column(1, "flow") }
  @inlinable public static var local: Column<Endpoint> { Column(2, "local") }
  @inlinable public static var remote: Column<Endpoint> { Column(3, "remote") }
  @inlinable public static var place: Column<Int64> { Column(4, "published") }
  public static let all = list(number, flow, local, remote, place)
}

/// `host_output`: bytes of a connection from the host left for it.
public enum HostOutputEvent: EventColumns {
  @inlinable public static var count: Column<Int64> { Column(0, "count") }
  @inlinable public static var flow: Column<FlowID> { Column(1, "flow") }
  @inlinable public static var bytes: Column<Int64> { Column(2, "bytes", .packed) }
  public static let all = list(count, flow, bytes)
}
