// A message on its own: it arrives as a whole, at most once.

/// A datagram, on its way or in the queue of the socket that it was sent to.
package struct Datagram: Sendable {
  /// As many bytes as a frame of Ethernet has room for behind the heads of IPv4 and UDP.
  static let lengthAtMost = 1472
  /// How many a socket keeps until they are read; what comes when there are as many is dropped.
  package static let queueLength = 32
  /// How many of one sender's can be on the wire.
  package static let inFlightAtMost = 64
  /// Where every address answers with what came, unless somebody has the port.
  package static let echoPort: UInt16 = 7

  package let id: FlowID
  package let from: Endpoint
  package let to: Endpoint
  /// In whose network it was sent, and to whose it goes.
  package let fromSpace: ContainerID
  package let space: ContainerID
  /// Whose link it takes a place of: the sender's or, of an answer of the echo service, that of who asked, so that
  /// nobody can fill another's.
  package let payer: ContainerID
  package let bytes: [UInt8]

  /// The answer of the echo service to it.
  func echo(as id: FlowID, from address: NetworkAddress) -> Datagram {
    Datagram(
      id: id, from: Endpoint(address, to.port), to: from, fromSpace: space, space: fromSpace,
      payer: payer, bytes: bytes)
  }
}

extension Datagram: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(id.raw)
    digest.combine(from)
    digest.combine(to)
    digest.combine(fromSpace.raw)
    digest.combine(space.raw)
    digest.combine(payer.raw)
    digest.combine(bytes)
  }
}
