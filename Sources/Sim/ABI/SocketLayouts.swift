// What guest and kernel agree on about sockets: constants and layouts, as Linux has them for riscv64.

/// What kind of socket: the second argument of `socket`.
package enum SocketKind: Int32, CaseIterable, Sendable {
  case stream = 1
  case datagram = 2

  /// The protocol's own number, which may be said instead of 0.
  var number: Int32 {
    switch self {
    case .stream: 6
    case .datagram: 17
    }
  }

  /// AF_INET, the one family there is.
  static let family: Int32 = 2
}

/// `struct sockaddr_in`, 16 bytes: family, port and address in network order, zeros.
enum SocketAddress {
  static let byteCount = 16

  static func bytes(of endpoint: Endpoint) -> [UInt8] {
    var writer = LayoutWriter()
    writer.append(UInt16(SocketKind.family))
    writer.append(endpoint.port.byteSwapped)
    writer.append(endpoint.address.raw.byteSwapped)
    writer.append(0 as UInt64)
    return writer.bytes
  }

  /// What 16 bytes say; nil if they are of another family.
  static func endpoint(in bytes: [UInt8]) -> Endpoint? {
    let reader = LayoutReader(bytes: bytes)
    guard reader.unsigned16(0) == UInt16(SocketKind.family) else { return nil }
    return Endpoint(
      NetworkAddress(raw: reader.unsigned32(4).byteSwapped), reader.unsigned16(2).byteSwapped)
  }
}

/// Flags of `sendto` and `recvfrom`.
struct MessageFlags: OptionSet, Sendable {
  var rawValue: UInt32

  /// What is read stays.
  static let peek = MessageFlags(rawValue: 2)
  /// Fails where it would block.
  static let dontWait = MessageFlags(rawValue: 0x40)
  /// A writer to a stream that nobody reads gets -1 in any case: there are no signals.
  static let noSignal = MessageFlags(rawValue: 0x4000)

  static let known: MessageFlags = [.peek, .dontWait, .noSignal]
}

/// `struct pollfd`, 8 bytes, and the events in it.
struct PollEvents: OptionSet, Sendable {
  var rawValue: UInt16

  static let input = PollEvents(rawValue: 1)
  static let output = PollEvents(rawValue: 4)
  static let error = PollEvents(rawValue: 8)
  static let hangUp = PollEvents(rawValue: 0x10)
  static let invalid = PollEvents(rawValue: 0x20)

  /// Those that are told whether they were asked for or not.
  static let always: PollEvents = [.error, .hangUp, .invalid]

  static let byteCount = 8
}
