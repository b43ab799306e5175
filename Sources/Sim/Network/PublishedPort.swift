// A port of the host that leads into the machine. Which container a name means is looked up when a connection
// comes: it may not be there yet when the machine is switched on.

/// Where connections from the host come in, and whom they reach.
public struct PublishedPort: Hashable, Sendable, CustomStringConvertible {
  /// Where the host listens; of port 0 at any that is free.
  public let host: Endpoint
  /// A container's name (`net.name`), `cN` for container N, or an address; empty for the machine outside.
  public let target: String
  /// The port in the target's network.
  public let port: UInt16

  /// The longest name of a target.
  static let targetLength = 63
  /// How many ports a scenario can publish.
  public static let most = 64
  public static let expected = "[ADDRESS:]PORT[:CONTAINER]:PORT, such as 127.0.0.1:8080:web:80"

  public init(host: Endpoint, target: String = "", port: UInt16) {
    self.host = host
    self.target = target
    self.port = port
  }

  /// What a text such as `127.0.0.1:8080:web:80` says; nil if it is none.
  public init?(_ text: String) {
    var parts = text.split(separator: ":", omittingEmptySubsequences: false)[...]
    var address = NetworkAddress.loopback
    if let first = parts.first, let found = NetworkAddress(text: first) {
      address = found
      parts.removeFirst()
    }
    guard (2...3).contains(parts.count), let first = parts.first, let last = parts.last,
      let here = PublishedPort.number(first), let there = PublishedPort.number(last), there > 0
    else { return nil }
    let target = parts.count == 3 ? String(parts[parts.startIndex + 1]) : ""
    guard parts.count == 2 || PublishedPort.isName(Array(target.utf8)) else { return nil }
    self.init(host: Endpoint(address, here), target: target, port: there)
  }

  /// A port in decimal digits.
  private static func number(_ text: Substring) -> UInt16? {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      ? UInt16(text) : nil
  }

  /// Whether a container can be published under a name: 1 to 63 visible characters of ASCII, no `:` or `/`.
  package static func isName(_ name: [UInt8]) -> Bool {
    (1...targetLength).contains(name.count)
      && name.allSatisfy {
        (0x21...0x7e).contains($0) && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "/")
      }
  }

  public var description: String { "\(host):\(target.isEmpty ? "" : target + ":")\(port)" }

  func combine(into digest: inout Digest) {
    digest.combine(host.address.raw)
    digest.combine(UInt32(host.port))
    digest.combine(Array(target.utf8))
    digest.combine(UInt32(port))
  }
}
