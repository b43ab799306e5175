// Bytes of file data, and bytes sent over networks, that a group and all below it may move in each tick. What is moved counts in the group of the
// process that moves it and in all above, whether these have a limit or not, so that a limit that is set in the
// middle of a tick holds for the whole of it.

/// Which way file data goes.
package enum DataDirection: Int, CaseIterable, Sendable {
  case read, write
  /// What is sent over networks.
  case network

  /// As `io.max` calls its limit.
  package var key: String {
    switch self {
    case .read: "rbps"
    case .write: "wbps"
    case .network: "net"
    }
  }

  /// What a change of its limit is called in a trace.
  package var control: String {
    switch self {
    case .read, .write: "io.max \(key)"
    case .network: "net.max"
    }
  }
}

/// How much file data a group may move in one direction in each tick, and how much it has.
package struct DataRate: Equatable, Sendable {
  /// In bytes; nil where there is none: `max`.
  package internal(set) var limit: Int?
  /// The tick in which something was moved last, and how many bytes were moved in it.
  package internal(set) var tick: UInt64 = 0
  package internal(set) var moved = 0

  /// What was moved in a tick.
  func moved(in tick: UInt64) -> Int { self.tick == tick ? moved : 0 }
}

extension GroupTable {
  /// Limits a group's file data.
  mutating func limitData(_ direction: DataDirection, of id: GroupID, to limit: Int?) {
    update(id) { $0.dataRates[direction.rawValue].limit = limit }
    hasDataLimits = true
  }

  /// How many bytes somebody in a group may still move in a tick, and the group whose limit that is: of several the
  /// innermost. Nil where none has a limit.
  ///
  /// - Parameter ownOnly: whether the groups above are not looked at, which takes a defect.
  func dataRoom(_ direction: DataDirection, in id: GroupID, at tick: UInt64, ownOnly: Bool = false)
    -> (bytes: Int, group: GroupID)?
  {
    var least: (bytes: Int, group: GroupID)?
    var here = id
    while here != .root, let group = self[here] {
      let rate = group.dataRates[direction.rawValue]
      if let limit = rate.limit {
        let room = max(0, limit - rate.moved(in: tick))
        if room < least?.bytes ?? .max { least = (room, here) }
      }
      here = ownOnly ? .root : group.parent
    }
    return least
  }

  /// Counts bytes that somebody in a group has moved.
  mutating func countData(_ direction: DataDirection, _ bytes: Int, in id: GroupID, at tick: UInt64)
  {
    var here = id
    while here != .root, let group = self[here] {
      update(here) {
        let before = $0.dataRates[direction.rawValue].moved(in: tick)
        $0.dataRates[direction.rawValue].tick = tick
        $0.dataRates[direction.rawValue].moved = before + bytes
      }
      here = group.parent
    }
  }
}

extension DataRate: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(limit ?? -1)
    digest.combine(tick)
    digest.combine(moved)
  }
}
