// How a command ends that has nothing to bring to an end when a signal asks it to: at once, wherever it
// is, be that within a single instruction of SQLite. What it was writing is removed first. A command
// that records or serves takes these signals into its own hands (`Interruption`).

import Foundation
import Recorder
import Synchronization

enum EndAtOnce {
  /// A line on standard error shows how far it is.
  static let hasProgressLine = Atomic(false)
  /// The name of a file that is worth nothing before it is whole, as the address of a C string.
  private static let unfinished = Atomic<UInt>(0)
  private static let clearing = Array("\r\u{1b}[K".utf8)
  /// `SIG_IGN`, which cannot be compared as a function.
  private static let ignored = 1

  /// Ends the tool with 128 and the signal's number when one asks for it.
  static func arm() {
    // Nothing may be set up within a signal's handler.
    _ = hasProgressLine.load(ordering: .relaxed)
    _ = unfinished.load(ordering: .relaxed)
    _ = clearing
    for asking in [SIGINT, SIGTERM, SIGHUP] {
      // A parent that had it ignored, as nohup does, meant it.
      var previous = sigaction()
      sigaction(asking, nil, &previous)
      guard unsafeBitCast(previous.__sigaction_handler.sa_handler, to: Int.self) != ignored else {
        continue
      }
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { EndAtOnce.end($0) }
      sigaction(asking, &action, nil)
      Interruption.unblock(asking)
    }
  }

  private static func end(_ signal: Int32) {
    if let name = UnsafePointer<CChar>(bitPattern: unfinished.load(ordering: .relaxed)) {
      unlink(name)
    }
    if hasProgressLine.load(ordering: .relaxed) {
      clearing.withUnsafeBufferPointer { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
    _exit(128 + signal)
  }

  /// Removes a file if the tool is ended before `keep` is called. One file at a time.
  static func remove(_ path: String) {
    let name = path.withFileName { strdup($0) }
    let before = unfinished.exchange(UInt(bitPattern: name), ordering: .sequentiallyConsistent)
    precondition(before == 0, "two files are being written at a time")
  }

  /// The file is whole, or is gone.
  static func keep() {
    let before = unfinished.exchange(0, ordering: .sequentiallyConsistent)
    free(UnsafeMutableRawPointer(bitPattern: before))
  }
}
