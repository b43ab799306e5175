// What a `SocketLoop` and the one that stands behind a socket of it have to do with each other.

import DequeModule
import Foundation

/// What stands behind a socket. Used by its loop's thread only.
protocol SocketConnection: AnyObject {
  /// What is posted to it.
  associatedtype Message: Sendable

  /// Whether anything that comes could be taken now; what comes otherwise waits in the system.
  var wantsBytes: Bool { get }
  /// What is to be sent.
  var output: SocketOutput { get set }
  /// It is to be closed as soon as its output has been sent.
  var isFinished: Bool { get }
  /// When it is to be closed whatever goes on, by `SocketClock`.
  var deadline: UInt64? { get }

  func receive(_ bytes: UnsafeRawBufferPointer)
  func receive(_ message: Message)
  /// The other side sends no more. What it has sent before may not have been received yet.
  func peerIsLeaving()
  /// The other side has sent everything, and that has been received.
  func inputIsClosed()
  /// All of the output has been sent.
  func outputIsSent()
  /// Nothing new is to be begun.
  func finish()
  /// The socket is closed.
  func isClosed()
}

/// Nanoseconds since some moment.
enum SocketClock {
  static var now: UInt64 { DispatchTime.now().uptimeNanoseconds }
  static func after(seconds: Double) -> UInt64 { now + UInt64(seconds * 1e9) }
}

/// Bytes on their way to a socket, which keeps them until the system has taken them.
struct SocketOutput {
  private var pieces: Deque<[UInt8]> = []
  /// How much of the first has been taken.
  private var taken = 0

  var isEmpty: Bool { pieces.isEmpty }

  mutating func append(_ bytes: [UInt8]) {
    if !bytes.isEmpty { pieces.append(bytes) }
  }

  /// Gives the system what it takes.
  ///
  /// - Returns: false if the other side is gone.
  mutating func send(to descriptor: Int32) -> Bool {
    while let first = pieces.first {
      let more = pieces.count > 1 ? Int32(MSG_MORE) : 0
      let count = first[taken...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | more)
      }
      guard count >= 0 else { return errno == EAGAIN || errno == EINTR }
      taken += count
      if taken == first.count {
        pieces.removeFirst()
        taken = 0
      }
    }
    return true
  }
}
