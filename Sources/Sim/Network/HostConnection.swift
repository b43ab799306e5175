// A connection from the host, through a published port. Its client end has no socket: what arrives for it is input, and
// what the other end writes leaves the machine. Where the window is full, what has come waits here.

/// The machine's side of a connection of the host's.
package struct HostConnection: Sendable {
  /// How many bytes can have left and not been taken by the host, before its peer waits.
  package static let outgoingWindow = 65_536
  /// Who takes them tells of so many at once.
  package static let takenAtOnce = 16_384

  /// The host's number of it.
  package let number: UInt32
  package let stream: FlowID
  /// What has come and is not in the window yet, from `start` on.
  private var pending: [UInt8] = []
  private var start = 0
  /// The host sends no more than that.
  package internal(set) var hasEnded = false

  init(number: UInt32, stream: FlowID) {
    self.number = number
    self.stream = stream
  }

  package var waitingBytes: Int { pending.count - start }

  mutating func append(_ bytes: [UInt8]) { pending += bytes }

  mutating func takeFirst(_ count: Int) -> [UInt8] {
    defer {
      start += count
      if start == pending.count {
        pending.removeAll(keepingCapacity: true)
        start = 0
      } else if start * 2 > pending.count {
        pending.removeFirst(start)
        start = 0
      }
    }
    return Array(pending[start..<start + count])
  }

  mutating func dropAll() {
    pending = []
    start = 0
  }
}

extension Network {
  /// What has left for the host's clients and was not taken.
  var leaving: [LeavingBytes] {
    if hosts.isEmpty { return [] }
    return hosts.values.compactMap { host in
      guard let bytes = streams[host.stream].client.untaken, bytes > 0 else { return nil }
      return LeavingBytes(connection: host.number, bytes: bytes)
    }
  }
}

extension ContainerID {
  /// In whose network the host's ends of connections are: no container's.
  static let host = ContainerID(raw: -1)
}

extension NetworkAddress {
  /// Where connections from the host come from, as programs see it.
  public static let host = NetworkAddress(raw: 0x0a00_0000)
}

extension HostConnection: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(number)
    digest.combine(Array(pending[start...]))
    digest.combine(hasEnded)
  }
}
