// Output in large pieces, and what becomes of it when nobody reads it any more.

import Foundation
import Sim

/// A file descriptor with a buffer before it.
final class OutputBuffer {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private static let capacity = 1 << 16
  /// Whoever read the other end has gone; nothing more is written.
  private(set) var isBroken = false
  /// Called before anything is written.
  var willWrite: () -> Void = {}

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  var isEmpty: Bool { buffer.isEmpty }

  func write(_ bytes: some Sequence<UInt8>) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= OutputBuffer.capacity { flush() }
  }

  func write(_ text: String) { write(text.utf8) }

  /// A number in decimal.
  func write(_ number: some FixedWidthInteger) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var start = digits.count
      var rest = number.magnitude
      repeat {
        start -= 1
        let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
        digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
        rest = quotient
      } while rest > 0
      if number < 0 { buffer.append(UInt8(ascii: "-")) }
      write(digits[start...])
    }
  }

  /// A line of text.
  func line(_ text: String) {
    write(text.utf8)
    write(CollectionOfOne(UInt8(ascii: "\n")))
  }

  func flush() {
    guard !buffer.isEmpty else { return }
    defer { buffer.removeAll(keepingCapacity: true) }
    guard !isBroken else { return }
    willWrite()
    buffer.withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        let count = Foundation.write(
          descriptor, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
        if count >= 0 {
          offset += count
        } else if errno == EAGAIN {
          var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&ready, 1, -1)
        } else if errno != EINTR {
          isBroken = true
          return
        }
      }
    }
  }

  /// Writes what is left and ends the tool if nobody reads it: as a pipe's writer dies.
  func finish() {
    flush()
    if isBroken { Foundation.exit(128 + SIGPIPE) }
  }
}

/// Sends what the guest prints to standard output, and events as text to standard error.
struct ConsoleSink: EventSink {
  let output: OutputBuffer
  let live: LiveEvents?

  var interest: EventInterest { live == nil ? .output : .everything }

  mutating func receive(_ event: Event) {
    if event.kind == .output { output.write(event.packedBytes) }
    live?.receive(event)
  }
}
