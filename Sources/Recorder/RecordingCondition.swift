// Whether a session is whole. One that is not may still be growing, or its recorder may be gone; the
// file does not tell which, but the system knows who has it open.

import Foundation

/// What is known of a recording.
public enum RecordingCondition: String, Sendable {
  case complete
  /// Another process has it open.
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
    return isOpenElsewhere ? .recording : .cut
  }

  /// Whether another process has the file open: in WAL mode a connection locks a byte of the log's
  /// index for as long as it lasts ("DMS" in SQLite's os_unix.c). Asking for the lock with `fcntl`
  /// would make this process lose its own, so the system's list of them is read.
  var isOpenElsewhere: Bool {
    var information = stat()
    guard stat(path + "-shm", &information) == 0,
      let locks = try? String(contentsOfFile: "/proc/locks", encoding: .utf8)
    else { return false }
    return locks.split(separator: "\n").contains { line in
      // 1: POSIX  ADVISORY  READ 16145 fe:00:16253635 128 128
      let fields = line.split(separator: " ")
      return fields.count >= 8 && fields[4] != "\(getpid())" && fields[6] == "128"
        && fields[5].split(separator: ":").last == "\(information.st_ino)"
    }
  }
}
