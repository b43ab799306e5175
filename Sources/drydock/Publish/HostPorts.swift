// Published ports: real sockets of the host's that lead into the machine. They are looked at whenever the machine asks
// for input, and waited for when it has nothing else to do, on its own thread: none of them is ever waited for alone. What
// comes of them is input of the channel `network`; what is for them are the events of ends without a socket.

import DequeModule
import Foundation
import Scenarios
import Sim

/// The host's side of all published ports of a session.
final class HostPorts {
  private struct Listener {
    let socket: ListeningSocket
    let published: PublishedPort
  }

  /// Connections at a time; later ones wait in the system.
  private static let most = 256
  /// Instructions in a nanosecond of an idle machine, whose time would pass at once otherwise: 100 million a second.
  private static let nanosecondsPerInstruction: UInt64 = 10
  /// What is due sooner than this is not waited for.
  private static let shortestHold: UInt64 = 50_000
  /// How long what has left is sent at the session's end, in seconds.
  private static let secondsToEnd = 0.7

  private let listeners: [Listener]
  private var open: [HostSocket] = []
  private var places: [FlowID: UInt32] = [:]
  private var lastNumber: UInt32 = 0
  private var messages: Deque<HostMessage> = []
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var acceptsFrom: UInt64 = 0
  /// Where an idle machine's time stands, and since when it does.
  private var held: (at: Instant, since: UInt64)?
  /// Until when it is held, by `SocketClock`.
  private var heldUntil: UInt64?
  /// Nothing more is to come in, and nothing is held: the session is to end.
  private var isClosed = false
  /// Whether typed input is waited for as well.
  var waitsForKeys = true

  /// Opens the host's ports.
  ///
  /// - Throws: `ToolError` if one of them cannot be used.
  init(_ ports: [PublishedPort], anywhere: Bool) throws {
    var found: [Listener] = []
    for port in ports {
      guard anywhere || port.host.address.isLoopback else {
        throw ToolError(
          "published port \(port): found an address that others reach, expected one of 127.0.0.0/8 "
            + "or --publish-anywhere")
      }
    }
    for port in ports {
      do {
        found.append(
          Listener(
            socket: try ListeningSocket(
              port: Int(port.host.port), address: port.host.address.raw), published: port))
      } catch {
        for other in found { close(other.socket.descriptor) }
        let why = String(cString: strerror(error.code.rawValue))
        throw ToolError(
          "published port \(port): cannot listen at \(port.host): \(why.lowercased()), expected a "
            + "free port")
      }
    }
    listeners = found
  }

  /// Where each port leads, for whoever is to open it.
  var lines: [String] {
    listeners.map { one in
      let target = one.published.target.isEmpty ? "the machine" : one.published.target
      let host = Endpoint(one.published.host.address, UInt16(one.socket.port))
      return "\(host) leads to port \(one.published.port) of \(target)"
    }
  }

  // MARK: Input

  /// The next thing that the machine is to know.
  func next() -> HostMessage? {
    if isClosed { return nil }
    if messages.isEmpty { look(waiting: 0, alsoFor: []) }
    return messages.popFirst()
  }

  /// When input for an idle machine arrives: as much later as it has been held.
  func time(_ request: InputRequest) -> Instant {
    guard request.idle, let held, held.at == request.earliest else { return request.earliest }
    let passed = (SocketClock.now - held.since) / HostPorts.nanosecondsPerInstruction
    let time = Instant(
      instructions: request.earliest.instructions.addingReportingOverflow(passed).partialValue)
    return min(time, max(request.earliest, request.due ?? request.earliest))
  }

  /// Whether an idle machine is not to go on yet to what is due: its time passes as the host's does.
  func holds(_ request: InputRequest) -> Bool {
    heldUntil = nil
    guard request.idle, !isClosed, let due = request.due, due > request.earliest else {
      held = nil
      return false
    }
    let length = due.instructions - request.earliest.instructions
    guard length >= HostPorts.shortestHold else { return false }
    let since: UInt64
    if let held, held.at == request.earliest {
      since = held.since
    } else {
      since = SocketClock.now
      held = (request.earliest, since)
    }
    let end = since.addingReportingOverflow(
      length.multipliedReportingOverflow(by: HostPorts.nanosecondsPerInstruction).partialValue
    ).partialValue
    if SocketClock.now >= end {
      held = nil
      return false
    }
    heldUntil = end
    return true
  }

  // MARK: Waiting

  /// Waits until there is something for the machine, one of these descriptors can be read, or time is up.
  ///
  /// - Parameter milliseconds: at the most; -1 for as long as it takes.
  func wait(milliseconds: Int32, alsoFor others: [Int32]) {
    guard messages.isEmpty, !isClosed else { return }
    look(waiting: milliseconds, alsoFor: others)
  }

  var hasMessages: Bool { !messages.isEmpty }

  /// How long an idle machine is held, in milliseconds; -1 if it is not.
  var holdLeft: Int32 {
    guard let heldUntil else { return -1 }
    let now = SocketClock.now
    return heldUntil <= now ? 0 : Int32(clamping: (heldUntil - now) / 1_000_000 + 1)
  }

  private func look(waiting milliseconds: Int32, alsoFor others: [Int32]) {
    for index in open.indices where open[index].hasOutput { serve(index, 0) }
    closeThoseOver()
    let accepts = open.count < HostPorts.most && SocketClock.now >= acceptsFrom
    var ready = open.map(\.interest)
    for one in listeners {
      ready.append(
        pollfd(fd: accepts ? one.socket.descriptor : -1, events: Int16(POLLIN), revents: 0))
    }
    for other in others { ready.append(pollfd(fd: other, events: Int16(POLLIN), revents: 0)) }
    let patience = messages.isEmpty ? upToDeadline(milliseconds) : 0
    guard poll(&ready, nfds_t(ready.count), patience) > 0 else { return closeThoseOver() }
    for index in open.indices where ready[index].revents != 0 {
      serve(index, ready[index].revents)
    }
    let first = open.count
    for place in listeners.indices where ready[first + place].revents != 0 { accept(place) }
    closeThoseOver()
  }

  private func upToDeadline(_ milliseconds: Int32) -> Int32 {
    var until = open.compactMap(\.deadline).min()
    if acceptsFrom > SocketClock.now { until = min(until ?? .max, acceptsFrom) }
    guard milliseconds != 0, let until else { return milliseconds }
    let now = SocketClock.now
    let left = until <= now ? 0 : Int32(clamping: (until - now) / 1_000_000 + 1)
    return milliseconds < 0 ? left : min(left, milliseconds)
  }

  private func serve(_ index: Int, _ ready: Int16) {
    let number = open[index].number
    for content in open[index].serve(ready, &buffer) {
      messages.append(HostMessage(number, content))
    }
  }

  private func accept(_ place: Int) {
    while open.count < HostPorts.most {
      var peer = sockaddr_in()
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let descriptor = withUnsafeMutablePointer(to: &peer) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.accept(listeners[place].socket.descriptor, $0, &size)
        }
      }
      guard descriptor >= 0 else {
        // The system has no room for another: a little later it may.
        if ![EAGAIN, EINTR, ECONNABORTED].contains(errno) {
          acceptsFrom = SocketClock.after(seconds: 0.1)
        }
        return
      }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
      var yes: Int32 = 1
      setsockopt(
        descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
      lastNumber &+= 1
      open.append(HostSocket(number: lastNumber, descriptor: descriptor))
      messages.append(
        HostMessage(
          lastNumber, .opened(place: UInt16(place), from: UInt16(bigEndian: peer.sin_port))))
      serve(open.count - 1, Int16(POLLIN))
    }
  }

  private func closeThoseOver() {
    let now = SocketClock.now
    for index in open.indices { open[index].look(at: now) }
    guard open.contains(where: \.isOver) else { return }
    for one in open where one.isOver {
      close(one.descriptor)
      if let flow = one.flow { places[flow] = nil }
    }
    open.removeAll(where: \.isOver)
  }

  // MARK: Output

  /// Takes what an event tells of an end without a socket.
  func receive(_ event: Event) {
    switch event.kind {
    case .hostOpen:
      let number = UInt32(truncatingIfNeeded: event[HostOpenEvent.number])
      guard let index = place(of: number) else { return }
      let flow = event[HostOpenEvent.flow]
      if flow == .none { return open[index].refuse() }
      open[index].flow = flow
      places[flow] = number
    case .hostOutput:
      guard let index = place(of: event[HostOutputEvent.flow]) else { return }
      open[index].append(event.packedBytes)
    case .socketSend where event[SocketTransferEvent.socket] == .none:
      guard let index = place(of: event[SocketTransferEvent.flow]) else { return }
      open[index].wereTaken(Int(clamping: event[SocketTransferEvent.count]))
    case .socketShutDown where event[SocketShutDownEvent.socket] == .none:
      guard let index = place(of: event[SocketShutDownEvent.flow]) else { return }
      if event[SocketShutDownEvent.how] == 1 {
        open[index].becomesDeaf()
      } else {
        open[index].endsOutput()
      }
    case .socketClose where event[SocketCloseEvent.socket] == .none:
      guard let index = place(of: event[SocketCloseEvent.flow]) else { return }
      open[index].finish(at: SocketClock.now)
    default: break
    }
  }

  private func place(of flow: FlowID) -> Int? { places[flow].flatMap { place(of: $0) } }

  /// Numbers rise, as long as they do not begin again.
  private func place(of number: UInt32) -> Int? { open.firstIndex { $0.number == number } }

  // MARK: The end

  /// Takes in nothing more, and holds nothing.
  func stop() {
    isClosed = true
    messages.removeAll()
    heldUntil = nil
  }

  /// Sends what has left for the host, as far as that takes it soon, and closes all sockets.
  func finish() {
    stop()
    for one in listeners { close(one.socket.descriptor) }
    let deadline = SocketClock.after(seconds: HostPorts.secondsToEnd)
    var told: [HostMessage.Content] = []
    while true {
      for index in open.indices where open[index].hasOutput && !open[index].isOver {
        open[index].send(&told)
      }
      var ready = open.filter { $0.hasOutput && !$0.isOver }.map {
        pollfd(fd: $0.descriptor, events: Int16(POLLOUT), revents: 0)
      }
      let now = SocketClock.now
      if ready.isEmpty || now >= deadline { break }
      poll(&ready, nfds_t(ready.count), Int32(clamping: (deadline - now) / 1_000_000 + 1))
    }
    for one in open { close(one.descriptor) }
    open = []
  }
}
