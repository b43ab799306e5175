// Sockets of this machine's loopback, many of them on one thread, which waits for all of them at once
// and for none of them alone: accepting, reading, writing, deadlines, a limit of connections and an
// orderly end. What the bytes mean is their connections' business. Work that takes time is done
// elsewhere, and what comes of it is posted.

import Foundation
import Synchronization

/// The sockets of one server.
final class SocketLoop<Connection: SocketConnection> {
  /// Where other threads leave what is for the loop.
  final class Mailbox: Sendable {
    fileprivate struct Contents {
      var messages: [(connection: Int, message: Connection.Message)] = []
      var isEnding = false
    }

    fileprivate let contents = Mutex(Contents())
    /// One end wakes the loop, at the other.
    fileprivate let bell: (near: Int32, far: Int32)

    fileprivate init() {
      var ends: [Int32] = [-1, -1]
      let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
      let code = socketpair(AF_UNIX, kind, 0, &ends)
      precondition(code == 0, "no descriptors at the start")
      bell = (ends[0], ends[1])
    }

    deinit {
      close(bell.near)
      close(bell.far)
    }

    /// For a connection, if that is still there.
    func post(_ message: Connection.Message, to connection: Int) {
      contents.withLock { $0.messages.append((connection, message)) }
      ring()
    }

    /// Lets nobody in any more, and ends the loop when what goes on is finished.
    func end() {
      contents.withLock { $0.isEnding = true }
      ring()
    }

    /// One that rings already is loud enough.
    private func ring() {
      var byte: UInt8 = 0
      _ = write(bell.far, &byte, 1)
    }
  }

  private struct Open {
    let number: Int
    let descriptor: Int32
    let connection: Connection
    var isPeerLeaving = false
    var isInputClosed = false
    var isLost = false
  }

  let mailbox = Mailbox()

  private let limit: Int
  private let secondsToEnd: Double
  private let make: (Int, Mailbox) -> Connection
  private var listener: Int32
  private var open: [Open] = []
  private var lastNumber = 0
  private var endDeadline: UInt64?
  /// When to accept again, after the system had no descriptors.
  private var acceptsFrom: UInt64 = 0
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  /// How long the loop waits where the system has no room for another connection, in seconds.
  private static var pause: Double { 0.1 }
  /// POLLRDHUP: the other side sends no more, whether what it has sent is read or not.
  private static var leaving: Int16 { 0x2000 }

  /// - Parameters:
  ///   - place: where it listens; closed at the end.
  ///   - limit: the most connections at a time; later ones wait.
  ///   - secondsToEnd: how long what goes on may take to finish.
  ///   - make: what stands behind a connection, by its number.
  init(
    _ place: ListeningSocket, limit: Int, secondsToEnd: Double,
    make: @escaping (Int, Mailbox) -> Connection
  ) {
    listener = place.descriptor
    self.limit = limit
    self.secondsToEnd = secondsToEnd
    self.make = make
  }

  /// Serves until the mailbox is told to end, and then until open requests are done or too late.
  ///
  /// - Returns: whether everything had come to its end.
  func run() -> Bool {
    defer { closeListener() }
    while true {
      waitForSomething()
      takeMail()
      for index in open.indices { closeIfLate(index) }
      open.removeAll { isOver($0) }
      if let endDeadline {
        if open.isEmpty { return true }
        if SocketClock.now >= endDeadline { return false }
      }
    }
  }

  // MARK: Waiting

  private func waitForSomething() {
    let accepts = listener >= 0 && open.count < limit && SocketClock.now >= acceptsFrom
    var ready = [pollfd(fd: mailbox.bell.near, events: Int16(POLLIN), revents: 0)]
    ready.append(pollfd(fd: accepts ? listener : -1, events: Int16(POLLIN), revents: 0))
    for one in open {
      var events: Int16 = one.isPeerLeaving ? 0 : Self.leaving
      if one.connection.wantsBytes, !one.isInputClosed { events |= Int16(POLLIN) }
      if !one.connection.output.isEmpty { events |= Int16(POLLOUT) }
      ready.append(pollfd(fd: one.descriptor, events: events, revents: 0))
    }
    guard poll(&ready, nfds_t(ready.count), milliseconds) > 0 else { return }
    if ready[0].revents != 0 {
      _ = Glibc.read(mailbox.bell.near, &buffer, buffer.count)
    }
    for index in open.indices { serve(index, ready[index + 2]) }
    if ready[1].revents != 0 { accept() }
  }

  /// Until the next moment at which something is due; -1 if nothing is.
  private var milliseconds: Int32 {
    var next = open.compactMap(\.connection.deadline).min()
    if acceptsFrom > SocketClock.now { next = min(next ?? .max, acceptsFrom) }
    if let endDeadline { next = min(next ?? .max, endDeadline) }
    guard let next else { return -1 }
    let now = SocketClock.now
    return next <= now ? 0 : Int32(clamping: (next - now) / 1_000_000 + 1)
  }

  private func accept() {
    while open.count < limit {
      let descriptor = Glibc.accept(listener, nil, nil)
      guard descriptor >= 0 else {
        if ![EAGAIN, EINTR, ECONNABORTED].contains(errno) {
          acceptsFrom = SocketClock.after(seconds: Self.pause)
        }
        return
      }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
      var yes: Int32 = 1
      setsockopt(
        descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
      lastNumber += 1
      open.append(
        Open(
          number: lastNumber, descriptor: descriptor, connection: make(lastNumber, mailbox)))
    }
  }

  // MARK: One connection

  private func serve(_ index: Int, _ ready: pollfd) {
    if ready.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 {
      open[index].isLost = true
      return
    }
    if ready.revents & Self.leaving != 0 {
      open[index].isPeerLeaving = true
      open[index].connection.peerIsLeaving()
    }
    if ready.revents & Int16(POLLIN) != 0, open[index].connection.wantsBytes { read(index) }
    send(index)
  }

  private func read(_ index: Int) {
    let count = Glibc.read(open[index].descriptor, &buffer, buffer.count)
    if count > 0 {
      buffer.withUnsafeBytes {
        open[index].connection.receive(UnsafeRawBufferPointer(rebasing: $0[..<count]))
      }
    } else if count == 0 {
      open[index].isInputClosed = true
      open[index].connection.inputIsClosed()
    } else if errno != EAGAIN && errno != EINTR {
      open[index].isLost = true
    }
  }

  /// Sends what there is; whatever that brings is sent too.
  private func send(_ index: Int) {
    let connection = open[index].connection
    while !open[index].isLost, !connection.output.isEmpty {
      guard connection.output.send(to: open[index].descriptor) else {
        open[index].isLost = true
        return
      }
      guard connection.output.isEmpty else { return }
      connection.outputIsSent()
    }
  }

  private func closeIfLate(_ index: Int) {
    if let deadline = open[index].connection.deadline, deadline <= SocketClock.now {
      open[index].isLost = true
    }
  }

  /// Whether a connection has come to its end, which is then closed.
  private func isOver(_ one: Open) -> Bool {
    let isDone = one.connection.isFinished && one.connection.output.isEmpty
    guard one.isLost || isDone else { return false }
    close(one.descriptor)
    one.connection.isClosed()
    return true
  }

  // MARK: Mail

  private func takeMail() {
    let mail = mailbox.contents.withLock { contents in
      defer { contents.messages = [] }
      return contents
    }
    for (number, message) in mail.messages {
      // Numbers rise, but there are few.
      guard let index = open.firstIndex(where: { $0.number == number }) else { continue }
      open[index].connection.receive(message)
      send(index)
    }
    guard mail.isEnding, endDeadline == nil else { return }
    endDeadline = SocketClock.after(seconds: secondsToEnd)
    closeListener()
    for one in open { one.connection.finish() }
  }

  private func closeListener() {
    if listener >= 0 { close(listener) }
    listener = -1
  }
}
