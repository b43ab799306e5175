// What the host's side of published ports tells the machine, as input of the channel `network`: the bytes of a
// `TimedInput` are one message. What does not concern a connection that there is comes to nothing.

/// Something that happened at a connection of the host's.
public struct HostMessage: Equatable, Sendable {
  public enum Content: Equatable, Sendable {
    /// There is a new one, to the published port at this place of the scenario's list, from this port of the host's.
    case opened(place: UInt16, from: UInt16)
    case bytes([UInt8])
    /// The host sends no more.
    case ended
    /// The host neither sends nor takes any more.
    case reset
    /// The host has taken so many of the bytes that have left for it.
    case taken(UInt32)
  }

  /// The connection's number, by which the host knows it.
  public let connection: UInt32
  public let content: Content

  public init(_ connection: UInt32, _ content: Content) {
    self.connection = connection
    self.content = content
  }

  private static let headLength = 5

  /// The message as a trace keeps it: the connection's number, what happened, and what belongs to that.
  public var bytes: [UInt8] {
    var writer = LayoutWriter()
    writer.append(connection)
    switch content {
    case .opened(let place, let from):
      writer.append(0 as UInt8)
      writer.append(place)
      writer.append(from)
    case .bytes(let bytes):
      writer.append(1 as UInt8)
      return writer.bytes + bytes
    case .ended: writer.append(2 as UInt8)
    case .reset: writer.append(3 as UInt8)
    case .taken(let count):
      writer.append(4 as UInt8)
      writer.append(count)
    }
    return writer.bytes
  }

  /// What such bytes say; nil if they are no message.
  public init?(bytes: [UInt8]) {
    guard bytes.count >= HostMessage.headLength else { return nil }
    let reader = LayoutReader(bytes: bytes)
    connection = reader.unsigned32(0)
    switch (bytes[4], bytes.count) {
    case (0, 9): content = .opened(place: reader.unsigned16(5), from: reader.unsigned16(7))
    case (1, 6...): content = .bytes(Array(bytes[HostMessage.headLength...]))
    case (2, 5): content = .ended
    case (3, 5): content = .reset
    case (4, 9): content = .taken(reader.unsigned32(5))
    default: return nil
    }
  }
}
