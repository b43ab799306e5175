// A connection of the host's to a published port: its socket, and what is on its way between that and the machine. How
// much may be is bounded on both sides: what the machine has not taken waits in the system, and what the host has not
// taken fills the window of whoever writes.

import Foundation
import Sim

/// The host's side of one connection.
struct HostSocket {
  /// So many bytes are given to the machine before it has to take some.
  static let aheadAtMost = 16_384
  /// How long a connection that the machine has closed waits for its peer to close, in seconds.
  private static let linger = 1.0

  let number: UInt32
  let descriptor: Int32
  /// The machine's number of it, once it has one.
  var flow: FlowID?
  /// Bytes that the machine was given and has not put into a window.
  private(set) var ahead = 0
  /// Bytes for the host, from `sent` on.
  private var output: [UInt8] = []
  private var sent = 0
  /// Bytes that the host has taken and the machine was not told of.
  private var untold = 0
  /// The host sends no more.
  private(set) var hasEnded = false
  /// Nobody reads what comes.
  private var isDeaf = false
  /// All of the output has come, or the connection is to be closed when it was sent.
  private var isOutputWhole = false
  private var isOutputShut = false
  private(set) var isClosing = false
  private(set) var deadline: UInt64?
  /// The socket is to be closed now.
  private(set) var isOver = false

  init(number: UInt32, descriptor: Int32) {
    self.number = number
    self.descriptor = descriptor
  }

  var hasOutput: Bool { sent < output.count }

  private var wantsBytes: Bool {
    !hasEnded && (isDeaf || isClosing || ahead < HostSocket.aheadAtMost)
  }

  /// What is waited for.
  var interest: pollfd {
    var events: Int16 = 0
    if wantsBytes { events |= Int16(POLLIN) }
    if hasOutput { events |= Int16(POLLOUT) }
    // One whose both directions are shut would be ready all the time.
    let isAsleep = events == 0 && isOutputShut
    return pollfd(fd: isAsleep ? -1 : descriptor, events: events, revents: 0)
  }

  // MARK: From the host

  /// Reads and writes what can be.
  ///
  /// - Returns: what the machine is to know of it.
  mutating func serve(_ ready: Int16, _ buffer: inout [UInt8]) -> [HostMessage.Content] {
    var told: [HostMessage.Content] = []
    if hasOutput { send(&told) }
    if !isOver, wantsBytes, ready & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
      read(&buffer, &told)
    } else if !isOver, ready & Int16(POLLERR | POLLNVAL) != 0 {
      lose(&told)
    }
    return told
  }

  private mutating func read(_ buffer: inout [UInt8], _ told: inout [HostMessage.Content]) {
    let isHeard = !isDeaf && !isClosing
    let most = isHeard ? HostSocket.aheadAtMost - ahead : buffer.count
    let count = Glibc.read(descriptor, &buffer, min(most, buffer.count))
    if count > 0 {
      guard isHeard else { return }
      ahead += count
      told.append(.bytes(Array(buffer[..<count])))
    } else if count == 0 {
      hasEnded = true
      if isClosing { isOver = true } else { told.append(.ended) }
    } else if errno != EAGAIN, errno != EINTR {
      lose(&told)
    }
  }

  /// Gives the system what it takes.
  mutating func send(_ told: inout [HostMessage.Content]) {
    while hasOutput {
      let count = output[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count >= 0 else {
        if errno == EINTR { continue }
        if errno != EAGAIN { lose(&told) }
        break
      }
      sent += count
      untold += count
    }
    if !hasOutput {
      output.removeAll(keepingCapacity: true)
      sent = 0
      if isOutputWhole { shut() }
    }
    if untold >= HostConnection.takenAtOnce, !isClosing, !isOver {
      told.append(.taken(UInt32(untold)))
      untold = 0
    }
  }

  private mutating func shut() {
    if isOutputShut { return }
    isOutputShut = true
    shutdown(descriptor, Int32(SHUT_WR))
    if isClosing, hasEnded { isOver = true }
  }

  private mutating func lose(_ told: inout [HostMessage.Content]) {
    isOver = true
    if !isClosing { told.append(.reset) }
  }

  // MARK: From the machine

  mutating func append(_ bytes: [UInt8]) { output += bytes }

  /// So many of the bytes that it was given are in a window.
  mutating func wereTaken(_ count: Int) { ahead = max(0, ahead - count) }

  /// Nobody reads what comes.
  mutating func becomesDeaf() { isDeaf = true }

  /// All of the output has come.
  mutating func endsOutput() {
    isOutputWhole = true
    if !hasOutput { shut() }
  }

  /// The machine has closed its end: what has left for the host still reaches it, if the host takes it.
  mutating func finish(at now: UInt64) {
    isClosing = true
    deadline = now + UInt64(HostSocket.linger * 1e9)
    endsOutput()
    if isOutputShut, hasEnded { isOver = true }
  }

  /// Nobody takes the connection.
  mutating func refuse() { isOver = true }

  /// Closes the socket if its time is up: a peer that takes nothing is not waited for any longer.
  mutating func look(at now: UInt64) {
    guard let deadline, deadline <= now else { return }
    isOver = true
  }
}
