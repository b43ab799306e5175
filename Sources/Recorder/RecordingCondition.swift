// Whether a session is whole. One that is not may still be growing, or its recorder may be gone; the
// file does not tell which, but a lock does that only a recorder takes, and that ends with it.

import Foundation

/// What is known of a recording.
public enum RecordingCondition: String, Sendable {
  case complete
  /// Its recorder is there.
  case recording
  /// Nobody records it any more, and it was not closed.
  case cut

  /// A clause for messages.
  public var clause: String {
    switch self {
    case .complete: "the recording is complete"
    case .recording: "the recording still goes on"
    case .cut: "the recording was cut short"
    }
  }
}

extension TraceReader {
  /// How the recording stands now.
  public var condition: RecordingCondition {
    if summary.isComplete { return .complete }
    return RecorderLock.isHeld(of: path) ? .recording : .cut
  }
}

/// What tells a recorder from those that only read: a lock on the write-ahead log, which SQLite itself
/// never locks. The log is there for as long as a session is being recorded. Closing one of two
/// descriptors of the database would let go of SQLite's own locks; of the log there are none.
final class RecorderLock: Sendable {
  private let log: CInt

  init(path: String) {
    log = RecorderLock.file(of: path).withFileName { open($0, O_RDONLY | O_CLOEXEC) }
    // Somebody may be asking just now, and has soon done.
    if log >= 0 { while flock(log, LOCK_EX) != 0, errno == EINTR {} }
  }

  deinit { if log >= 0 { close(log) } }

  /// Whether a recorder has the file; others that read it do not count.
  static func isHeld(of path: String) -> Bool {
    let log = file(of: path).withFileName { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard log >= 0 else { return false }
    defer { close(log) }
    return flock(log, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  /// SQLite has the log beside the database itself, not beside a link to it.
  static func file(of path: String) -> String { FileName.resolved(path) + "-wal" }

  static func isLogGone(of path: String) -> Bool { file(of: path).fileStatus() == nil }

  /// Whether the log that SQLite would remove by its name is the one that is locked.
  func isLog(of path: String) -> Bool {
    guard log >= 0 else { return true }
    return FileIdentity(descriptor: log) == FileIdentity(of: RecorderLock.file(of: path))
  }
}
