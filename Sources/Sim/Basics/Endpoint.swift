// What names a place in a network: an address of IPv4 and a port. Programs have both in network order; here
// they are numbers like any other.

/// An address of IPv4; its first byte is the highest.
public struct NetworkAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var raw: UInt32
  public init(raw: UInt32) { self.raw = raw }

  /// Stands for all of one's own.
  public static let any = NetworkAddress(raw: 0)
  public static let loopback = NetworkAddress(raw: 0x7f00_0001)
  /// That of the machine outside any container.
  public static let machine = NetworkAddress(raw: 0x0a00_0001)

  /// Whether it leads back to where it is used.
  public var isLoopback: Bool { raw >> 24 == 127 }
  /// Whether a container can have it.
  var isForContainers: Bool {
    raw >> 24 == 10 && raw & 0xff_ffff != 0 && self != .machine
  }

  public static func < (a: Self, b: Self) -> Bool { a.raw < b.raw }

  /// What four decimal numbers with dots say; nil if they are no address.
  public init?(text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    raw = 0
    for part in parts {
      guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
        let byte = UInt8(part)
      else { return nil }
      raw = raw << 8 | UInt32(byte)
    }
  }

  public var description: String {
    "\(raw >> 24).\(raw >> 16 & 255).\(raw >> 8 & 255).\(raw & 255)"
  }
}

/// An address and a port.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  public var address: NetworkAddress
  public var port: UInt16

  public init(_ address: NetworkAddress, _ port: UInt16) {
    self.address = address
    self.port = port
  }

  /// That of a socket which has none yet.
  public static let none = Endpoint(.any, 0)

  public var description: String { "\(address):\(port)" }
}

/// A socket's number, never used twice; 0 stands for "no socket".
public struct SocketID: Hashable, Comparable, Sendable {
  public var raw: Int64
  public init(raw: Int64) { self.raw = raw }

  public static let none = SocketID(raw: 0)

  public static func < (a: Self, b: Self) -> Bool { a.raw < b.raw }
}

/// The number of a connection or of a datagram, never used twice; 0 stands for "none".
public struct FlowID: Hashable, Comparable, Sendable {
  public var raw: Int64
  public init(raw: Int64) { self.raw = raw }

  public static let none = FlowID(raw: 0)

  public static func < (a: Self, b: Self) -> Bool { a.raw < b.raw }
}

extension Endpoint: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(address.raw)
    digest.combine(UInt32(port))
  }
}
