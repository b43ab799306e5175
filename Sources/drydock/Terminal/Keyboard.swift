// Standard input as the machine's keyboard: a terminal's keys as they are struck, or the lines of
// a pipe or file as the machine wants them.

import DequeModule
import Foundation

/// Bytes that a person or a file types.
final class Keyboard {
  let descriptor: Int32
  /// Whether a person sits there.
  let isTerminal: Bool
  /// The person has typed Ctrl-A x.
  private(set) var wantsToLeave = false
  /// There will be no more bytes than those already read.
  private(set) var hasEnded = false
  private var bytes: Deque<UInt8> = []
  private var escaped = false

  private static let escapeKey: UInt8 = 1
  /// What is given to the machine at once, if no line ends before.
  private static let pieceLength = 4096
  /// How long the tool waits to be brought to the foreground before it asks again, in milliseconds.
  private static let patience: Int32 = 200

  init(descriptor: Int32) {
    self.descriptor = descriptor
    isTerminal = isatty(descriptor) == 1
  }

  /// What has been typed since the last time; empty if nothing has.
  func takeKeys() -> [UInt8] {
    fill()
    defer { bytes.removeAll(keepingCapacity: true) }
    return Array(bytes)
  }

  /// The next line with its end, or what there is before the end of input; nil if no line is
  /// complete yet, or all have been taken.
  func takeLine() -> [UInt8]? {
    while true {
      let piece = bytes.prefix(Keyboard.pieceLength)
      if let end = piece.firstIndex(of: UInt8(ascii: "\n")) {
        defer { bytes.removeFirst(end + 1) }
        return Array(bytes[...end])
      }
      if piece.count == Keyboard.pieceLength || hasEnded {
        guard !piece.isEmpty else { return nil }
        defer { bytes.removeFirst(piece.count) }
        return Array(piece)
      }
      // What stands before the end of input is a line too.
      if !fill(), !hasEnded || bytes.isEmpty { return nil }
    }
  }

  /// Waits until something is typed, the input ends, or a signal comes.
  func wait(milliseconds: Int32) {
    if isTerminal, Terminal.isElsewhere {
      Terminal.waitForForeground()
      // It was not possible, or the shell has sent it on in the background: there are no keys here.
      if Terminal.isElsewhere {
        var ready = pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0)
        poll(&ready, 1, Keyboard.patience)
        return
      }
    }
    var ready = [descriptor, Interruption.descriptor].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    poll(&ready, nfds_t(ready.count), milliseconds)
  }

  /// Whether there is anything to read, be it the end of input.
  var hasSomething: Bool {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&ready, 1, 0) > 0
  }

  /// Reads what there is without waiting; whether that was anything.
  @discardableResult
  private func fill() -> Bool {
    // A shell that brings a running job to the foreground does not say so.
    if isTerminal, Terminal.isMissed { Terminal.takeBack() }
    guard !hasEnded, hasSomething else { return false }
    // What is typed there now is meant for somebody else, and to read it would stop a busy machine.
    if isTerminal, Terminal.isElsewhere { return false }
    var hasFailed = false
    let piece = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
      let length = read(descriptor, buffer.baseAddress, buffer.count)
      hasFailed = length < 0 && (errno == EINTR || errno == EAGAIN)
      count = max(0, length)
    }
    guard !piece.isEmpty else {
      hasEnded = !hasFailed
      return false
    }
    if isTerminal { for key in piece { strike(key) } } else { bytes += piece }
    return true
  }

  private func strike(_ key: UInt8) {
    if escaped {
      escaped = false
      if key == UInt8(ascii: "x") || key == UInt8(ascii: "X") {
        wantsToLeave = true
      } else if key == Keyboard.escapeKey {
        bytes.append(key)
      } else {
        bytes += [Keyboard.escapeKey, key]
      }
    } else if key == Keyboard.escapeKey {
      escaped = true
    } else {
      bytes.append(key)
    }
  }
}
