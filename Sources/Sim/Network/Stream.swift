// A connection: two ends, and for each the bytes that are on their way to it. What one end has sent is in the other's
// window from then on; where the two are apart it can be read when it has arrived. The end of what comes travels behind
// it. Who reads no more is known at once, and what was not read is gone.

/// Which end of a connection: the one that connected, or the one that listened.
package enum StreamSide: Int, Sendable {
  case client = 0
  case server = 1

  var other: StreamSide { self == .client ? .server : .client }
}

/// An end of a connection.
package struct StreamEnd: Sendable {
  /// Who has it; none in a backlog, and none that has closed.
  package internal(set) var socket: SocketID
  package let endpoint: Endpoint
  /// In whose network it is.
  package let space: ContainerID
  var incoming = ByteRing(capacity: Stream.window)
  /// Of what is coming in, the last so many bytes have not arrived.
  package internal(set) var inFlight = 0
  /// The end of what comes in has arrived.
  package internal(set) var hasEnded = false
  package internal(set) var readClosed = false
  package internal(set) var writeClosed = false
  /// Bytes that it has sent, and that were read of those which came.
  package internal(set) var sent: Int64 = 0
  package internal(set) var received: Int64 = 0
  /// Of an end outside the machine, how many bytes have left for it and were not taken; nil of any other.
  package internal(set) var untaken: Int?

  /// How many bytes have been sent to it and not read.
  package var held: Int { incoming.count }
  /// Of these, how many can be read.
  package var readable: Int { incoming.count - inFlight }
  /// How many more can be sent to it.
  package var room: Int {
    if let untaken { HostConnection.outgoingWindow - untaken } else { incoming.room }
  }

  /// Reads no more: what has not been read is gone.
  mutating func stopReading() {
    readClosed = true
    incoming = ByteRing(capacity: Stream.window)
    inFlight = 0
  }
}

/// A connection.
package struct Stream: Sendable {
  /// Bytes that can have been sent and not read, in each direction.
  package static let window = 4096

  package let id: FlowID
  package internal(set) var client: StreamEnd
  package internal(set) var server: StreamEnd
  /// In whose backlog it is, or to whose it is on the way; none once it was accepted.
  package internal(set) var listener: SocketID
  /// What of it is on the wire.
  package internal(set) var packets = 0

  /// Whether both ends are in one network, so that what is sent is there at once.
  package var isLocal: Bool { client.space == server.space }

  /// Whether its client is the host.
  package var isHosts: Bool { client.untaken != nil }
  /// Whether what is sent is there at once.
  var isImmediate: Bool { isLocal || isHosts }

  /// Whether nobody has either end any more, and nothing of it is under way.
  package var isOver: Bool {
    client.socket == .none && server.socket == .none && listener == .none && packets == 0
  }

  package subscript(side: StreamSide) -> StreamEnd {
    _read {
      switch side {
      case .client: yield client
      case .server: yield server
      }
    }
    _modify {
      switch side {
      case .client: yield &client
      case .server: yield &server
      }
    }
  }
}

extension StreamEnd: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(socket.raw)
    digest.combine(endpoint)
    digest.combine(space.raw)
    digest.combine(incoming.count)
    digest.combine(incoming)
    digest.combine(inFlight)
    digest.combine(hasEnded)
    digest.combine(readClosed)
    digest.combine(writeClosed)
    digest.combine(sent)
    digest.combine(received)
    if let untaken { digest.combine(untaken) }
  }
}

extension Stream: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(client)
    digest.combine(server)
    digest.combine(listener.raw)
    digest.combine(packets)
  }
}
