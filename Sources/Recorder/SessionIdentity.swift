// Which session a file holds. A name may come to refer to another session while somebody looks at the
// session: it was recorded anew, or something was copied over it.

import Foundation

/// What tells one recording from another.
struct SessionIdentity: Equatable, Sendable {
  let file: FileIdentity
  /// What its recorder has drawn; nil if it was an older one.
  let recording: String?
  /// The seal of everything; nil until it is complete.
  let seal: Int64?

  init(file: FileIdentity, _ summary: TraceSummary) {
    self.file = file
    recording = summary.recording
    seal = summary.seals["meta"]
  }

  /// Whether it is the same recording, perhaps further on.
  func isSameRecording(as other: SessionIdentity) -> Bool {
    if recording != nil || other.recording != nil { return recording == other.recording }
    return file == other.file && (seal == nil || other.seal == nil || seal == other.seal)
  }
}

extension TraceReader {
  /// - Throws: `TraceError` if the name stands for another file than the one that is open.
  func checkFile() throws(TraceError) {
    guard FileIdentity(of: path) != identity.file else { return }
    throw TraceError.another(path)
  }

  /// - Throws: `TraceError` if this is another recording than the one known by that identity.
  func check(isStill known: SessionIdentity) throws(TraceError) {
    guard known.isSameRecording(as: identity) else { throw TraceError.another(path) }
  }
}

extension TraceError {
  static func another(_ path: String) -> TraceError {
    TraceError(
      .replaced, path,
      path.fileStatus() == nil
        ? "was removed or moved away; the session that was there cannot be read any more"
        : "is another file by now: it was recorded anew, or replaced; begin again to see what is in "
          + "it")
  }
}
