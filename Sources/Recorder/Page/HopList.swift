// What went from process to process over connections and in datagrams: from when it was sent to when it was read, or a
// connection was asked for and taken. Where there are too many, those of the same two near each other are put together.

import Algorithms
import Sim

/// Something that one process sent and another got, or did not.
public struct PageHop: Sendable {
  public enum Sort: String, Sendable {
    /// A connection was asked for, and accepted.
    case connected
    /// Bytes of a connection, a datagram.
    case sent, datagram
    /// A datagram that did not arrive; a connection that was refused.
    case dropped, refused
  }

  /// The number of the event by which it was sent, and of the one by which it was read.
  public var sequence: Int64
  public var endSequence: Int64
  public var flow: Int64
  public var sort: Sort
  /// In instructions.
  public var start: Int64
  public var end: Int64
  public var from: Int32
  /// 0 where nobody got it.
  public var to: Int32
  /// Who stands for a process that is the host, at either end.
  public static let host: Int32 = -1
  public var bytes: Int64
  /// How many near each other it stands for.
  public var count = 1

  fileprivate struct Pair: Hashable {
    var from: Int32
    var to: Int32
    var sort: Sort
  }

  fileprivate var pair: Pair { Pair(from: from, to: to, sort: sort) }
}

/// Hops in order of the times at which they were sent, more or less: they are added when they are over.
struct HopList: Sendable {
  /// What was sent and has not been read, by connection and the socket that it was sent from, or by datagram.
  private struct Unread: Sendable {
    struct Piece: Sendable {
      var sequence: Int64
      var time: Int64
      var pid: Int32
      var bytes: Int64
      /// How many of these have left for the host.
      var left: Int64 = 0
    }
    var pieces: [Piece] = []
  }

  private struct Key: Hashable {
    var flow: Int64
    /// Where it came from; what is on its way has the same two endpoints where it is sent and where it is read.
    var from: Endpoint
  }

  private static let limit = 20_000
  /// So much can be unread at a time before it is forgotten: what never is read may be any number.
  private static let unreadAtMost = 50_000
  private static let piecesAtMost = 64
  /// So many are drawn in a window.
  static let windowLimit = 1500

  private var hops: [PageHop] = []
  private(set) var spacing: Int64 = 0
  private var unread: [Key: Unread] = [:]
  /// Sockets of datagrams.
  private var datagramSockets: Set<Int64> = []
  /// Connections that nobody has accepted yet, by number.
  private var asked: [Int64: Unread.Piece] = [:]
  /// Of connections from the host, whom they reached.
  private var fromHost: [Int64: Endpoint] = [:]

  mutating func receive(_ event: Event, _ sequence: Int64, _ time: Int64) {
    var pid = event.process.raw
    switch event.kind {
    case .socketOpen where event[SocketOpenEvent.type] == 2:
      datagramSockets.insert(event[SocketOpenEvent.socket].raw)
    case .socketClose:
      datagramSockets.remove(event[SocketCloseEvent.socket].raw)
      if event[SocketCloseEvent.socket] == .none {
        fromHost[event[SocketCloseEvent.flow].raw] = nil
      }
    case .socketConnect:
      let flow = event[SocketConnectEvent.flow].raw
      guard flow != 0 else { return }
      if asked.count >= HopList.unreadAtMost { asked.removeAll() }
      if event[SocketConnectEvent.socket] == .none {
        pid = PageHop.host
        fromHost[flow] = event[SocketConnectEvent.remote]
      }
      asked[flow] = Unread.Piece(sequence: sequence, time: time, pid: pid, bytes: 0)
    case .socketAccept:
      let flow = event[SocketAcceptEvent.flow].raw
      guard let piece = asked.removeValue(forKey: flow) else { return }
      add(piece, .connected, flow, to: pid, sequence, time, bytes: 0)
    case .socketRefuse where pid != 0:
      add(
        Unread.Piece(sequence: sequence, time: time, pid: pid, bytes: 0), .refused, 0, to: 0,
        sequence, time, bytes: 0)
    case .socketSend:
      let key = Key(
        flow: event[SocketTransferEvent.flow].raw, from: event[SocketTransferEvent.from])
      if unread.count >= HopList.unreadAtMost { unread.removeAll() }
      if event[SocketTransferEvent.socket] == .none, fromHost[key.flow] != nil {
        pid = PageHop.host
      }
      let bytes = event[SocketTransferEvent.count]
      if let last = unread[key]?.pieces.count, last >= HopList.piecesAtMost {
        unread[key]?.pieces[last - 1].bytes &+= bytes
      } else {
        unread[key, default: Unread()].pieces.append(
          Unread.Piece(sequence: sequence, time: time, pid: pid, bytes: bytes))
      }
    case .socketReceive: read(event, sequence, time)
    case .hostOutput: leave(event, sequence, time)
    case .socketDrop:
      let key = Key(flow: event[SocketDropEvent.flow].raw, from: event[SocketDropEvent.from])
      guard let piece = unread.removeValue(forKey: key)?.pieces.first else { return }
      add(piece, .dropped, key.flow, to: 0, sequence, time, bytes: piece.bytes)
    default: break
    }
  }

  /// What is read was sent by one or several sends; the first of them is told.
  private mutating func read(_ event: Event, _ sequence: Int64, _ time: Int64) {
    let key = Key(
      flow: event[SocketTransferEvent.flow].raw, from: event[SocketTransferEvent.from])
    let count = event[SocketTransferEvent.count]
    guard let first = unread[key]?.pieces.first else { return }
    let socket = event[SocketTransferEvent.socket]
    // The echo service has no socket.
    if socket == .none || datagramSockets.contains(socket.raw) {
      unread[key] = nil
      add(
        first, .datagram, key.flow, to: event.process.raw, sequence, time, bytes: first.bytes)
      return
    }
    var left = count
    while let piece = unread[key]?.pieces.first, left > 0 {
      if piece.bytes > left {
        unread[key]?.pieces[0].bytes &-= left
        left = 0
        break
      }
      left &-= piece.bytes
      unread[key]?.pieces.removeFirst()
    }
    if unread[key]?.pieces.isEmpty == true { unread[key] = nil }
    if count > 0 {
      add(first, .sent, key.flow, to: event.process.raw, sequence, time, bytes: count)
    }
  }

  /// Bytes leave for the host, of one send or of several that were put together.
  private mutating func leave(_ event: Event, _ sequence: Int64, _ time: Int64) {
    let flow = event[HostOutputEvent.flow].raw
    guard let from = fromHost[flow] else { return }
    let key = Key(flow: flow, from: from)
    guard var piece = unread[key]?.pieces.first else { return }
    piece.left &+= event[HostOutputEvent.count]
    guard piece.left >= piece.bytes else {
      unread[key]?.pieces[0] = piece
      return
    }
    unread[key]?.pieces.removeFirst()
    if unread[key]?.pieces.isEmpty == true { unread[key] = nil }
    add(piece, .sent, flow, to: PageHop.host, sequence, time, bytes: piece.bytes)
  }

  private mutating func add(
    _ piece: Unread.Piece, _ sort: PageHop.Sort, _ flow: Int64, to: Int32, _ sequence: Int64,
    _ time: Int64, bytes: Int64
  ) {
    hops.append(
      PageHop(
        sequence: piece.sequence, endSequence: sequence, flow: flow, sort: sort,
        start: piece.time, end: time, from: piece.pid, to: to, bytes: bytes))
    guard hops.count > HopList.limit else { return }
    while hops.count > HopList.limit / 2, spacing <= .max / 4 {
      spacing = max(16, spacing * 2)
      hops = HopList.joined(hops, spacing)
    }
  }

  /// Those that have a part in a window.
  func window(_ window: PageWindow) -> [PageHop] {
    var seen = hops.filter { $0.end >= window.from && $0.start <= window.to }
    var spacing = window.shortest
    if spacing > 0 { seen = HopList.joined(seen, spacing) }
    while seen.count > HopList.windowLimit, spacing <= .max / 4 {
      spacing = max(16, spacing * 2)
      seen = HopList.joined(seen, spacing)
    }
    return Array(seen.prefix(HopList.windowLimit))
  }

  private static func joined(_ all: [PageHop], _ spacing: Int64) -> [PageHop] {
    var last: [PageHop.Pair: Int] = [:]
    var seen: [PageHop] = []
    for hop in all {
      if let index = last[hop.pair], hop.end &- seen[index].end < spacing {
        seen[index].count += hop.count
        seen[index].bytes &+= hop.bytes
      } else {
        last[hop.pair] = seen.count
        seen.append(hop)
      }
    }
    return seen
  }
}
