// Output in large pieces, and what becomes of it when nobody reads it any more.

import ArgumentParser
import Foundation
import Scenarios
import Sim

/// A file descriptor with a buffer before it.
final class OutputBuffer {
  private let descriptor: Int32
  // Bytes outside the object, so that a store needs no exclusivity check; `count` of them are used.
  private let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: OutputBuffer.capacity)
  private var count = 0
  private static let capacity = 1 << 16
  /// The reader of the other end has gone; nothing more is written.
  var isBroken: Bool { failure != 0 }
  /// Why nothing more can be written, an errno; 0 while it can.
  private(set) var failure: Int32 = 0
  /// Called before anything is written.
  var willWrite: () -> Void = {}

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { bytes.deallocate() }

  var isEmpty: Bool { count == 0 }
  /// What was written last was no end of a line.
  var isWithinLine = false

  func write(_ new: UnsafeBufferPointer<UInt8>) {
    guard var next = new.baseAddress else { return }
    var rest = new.count
    while rest > 0 {
      let fitting = min(rest, OutputBuffer.capacity - count)
      (bytes + count).initialize(from: next, count: fitting)
      count += fitting
      next += fitting
      rest -= fitting
      if count == OutputBuffer.capacity { flush() }
    }
  }

  func write(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { write($0) } }

  func write(_ text: String) {
    var text = text
    text.withUTF8 { write($0) }
  }

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
      if number < 0 { write("-") }
      write(UnsafeBufferPointer(rebasing: digits[start...]))
    }
  }

  /// A line of text.
  func line(_ text: String) {
    write(text)
    write("\n")
  }

  func flush() {
    guard count > 0 else { return }
    defer { count = 0 }
    guard !isBroken else { return }
    isWithinLine = bytes[count - 1] != UInt8(ascii: "\n")
    willWrite()
    var offset = 0
    while offset < count {
      let written = Foundation.write(descriptor, bytes + offset, count - offset)
      if written >= 0 {
        offset += written
      } else if errno == EAGAIN {
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&ready, 1, -1)
      } else if errno != EINTR {
        failure = errno
        return
      }
    }
  }

  /// Writes what is left and ends the tool if that cannot be: as a pipe's writer dies if nobody reads
  /// it, else with the reason.
  func finish() {
    flush()
    if isBroken { Foundation.exit(failureStatus()) }
  }

  /// Says why nothing more can be written, unless that is because nobody reads it, and gives the tool's
  /// exit status.
  func failureStatus() -> Int32 {
    if failure == EPIPE { return 128 + SIGPIPE }
    complain("standard output: \(String(cString: strerror(failure)))")
    return ExitCode.bad.rawValue
  }
}

/// Writes to standard error, if anybody takes it: there is nowhere to say that nobody does.
func writeToStandardError(_ text: String) {
  let output = OutputBuffer(STDERR_FILENO)
  output.write(text)
  output.flush()
}

/// Sends what the guest prints to standard output, and events as text to standard error.
struct ConsoleSink: EventSink {
  let output: OutputBuffer
  let live: LiveEvents?
  let foreignCalls: ForeignCalls
  let host: HostPorts?

  var interest: EventInterest { live == nil ? .output : .everything }

  mutating func receive(_ event: Event) {
    if event.kind == .output { output.write(event.packedBytes) }
    if event.kind == .foreignCall { foreignCalls.receive(event) }
    live?.receive(event)
    host?.receive(event)
  }
}
