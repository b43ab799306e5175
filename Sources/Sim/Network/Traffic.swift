// What has gone over an interface, as /proc/net/dev tells it: over a container's `lo`, and over its link to the switch.

/// Counts of an interface. Bytes are those that programs have sent: there are no heads.
package struct Traffic: Equatable, Sendable {
  package private(set) var sentBytes: Int64 = 0
  package private(set) var sentPackets: Int64 = 0
  package private(set) var receivedBytes: Int64 = 0
  package private(set) var receivedPackets: Int64 = 0
  /// Datagrams for which there was no room on the wire.
  package internal(set) var notSent: Int64 = 0

  mutating func send(_ bytes: Int) {
    sentBytes += Int64(bytes)
    sentPackets += 1
  }

  mutating func receive(_ bytes: Int) {
    receivedBytes += Int64(bytes)
    receivedPackets += 1
  }
}

/// The `lo` of those containers over whose anything has gone, in order.
package struct Loopbacks: Sendable {
  private var spaces: [ContainerID] = []
  private var counts: [Traffic] = []

  private func place(of space: ContainerID) -> Int {
    spaces.partitioningIndex { $0.raw >= space.raw }
  }

  /// What has gone over a container's.
  package subscript(space: ContainerID) -> Traffic {
    let place = place(of: space)
    return place < spaces.count && spaces[place] == space ? counts[place] : Traffic()
  }

  /// Counts what is sent, and is there at once.
  mutating func pass(_ bytes: Int, in space: ContainerID) {
    let place = place(of: space)
    if place == spaces.count || spaces[place] != space {
      spaces.insert(space, at: place)
      counts.insert(Traffic(), at: place)
    }
    counts[place].send(bytes)
    counts[place].receive(bytes)
  }

  mutating func remove(_ space: ContainerID) {
    let place = place(of: space)
    guard place < spaces.count, spaces[place] == space else { return }
    spaces.remove(at: place)
    counts.remove(at: place)
  }
}

extension Traffic: Digestible {
  func combine(into digest: inout Digest) {
    for count in [sentBytes, sentPackets, receivedBytes, receivedPackets, notSent] {
      digest.combine(count)
    }
  }
}

extension Loopbacks: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(spaces.count)
    for space in spaces { digest.combine(space.raw) }
    for count in counts { digest.combine(count) }
  }
}
