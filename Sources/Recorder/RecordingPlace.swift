// Where a recording goes. A name is one recorder's from before anything that has it is removed until
// the recording has ended: it holds a lock on the file itself, and the file that it holds is the one
// that has the name. Only such a recorder removes a file, its log and what else SQLite puts there.

import Foundation

/// A new, empty file with a name that is this recorder's.
package final class RecordingPlace: Sendable {
  let path: String
  private let descriptor: CInt
  private let identity: FileIdentity

  /// What SQLite puts beside a file.
  static let besides = ["-wal", "-shm", "-journal"]

  /// Makes the file.
  ///
  /// - Parameter overwrite: whether a recording that is there may be replaced.
  /// - Throws: `TraceError` if there is a file that may not be replaced, or none can be made.
  init(path: String, overwrite: Bool) throws(TraceError) {
    self.path = path
    guard !path.isEmpty else {
      throw TraceError(.cannotOpen, "\"\"", "found an empty name, expected a file's")
    }
    if path.hasSuffix("/") {
      throw TraceError(
        .cannotOpen, path,
        "found a name that ends in a slash, which is a folder's; expected a "
          + "file's")
    }
    // Somebody else may take the name between two looks; then that one has it.
    for _ in 0..<100 {
      if let found = path.fileStatus(followingLinks: false) {
        try RecordingPlace.remove(path, found, overwrite: overwrite)
      }
      if let made = try RecordingPlace.make(path, overwrite: overwrite) {
        (descriptor, identity) = made
        return
      }
    }
    throw TraceError(.cannotOpen, path, "others make and remove files of this name all the time")
  }

  deinit { close(descriptor) }

  /// Whether the file still has the name, so that what is removed by name is the recording's own.
  var isOurs: Bool { FileIdentity(of: path) == identity }

  private static func failure(_ path: String, _ code: CInt) -> TraceError {
    TraceError(.cannotOpen, path, "cannot be made: \(String(cString: strerror(code)))")
  }

  private static func beingRecorded(_ path: String) -> TraceError {
    TraceError(.cannotOpen, path, "is still being recorded; expected a recording that is over")
  }

  /// Removes what has the name, if nobody is recording it.
  private static func remove(
    _ path: String, _ found: stat, overwrite: Bool
  ) throws(TraceError) {
    guard found.st_mode & S_IFMT != S_IFDIR else {
      throw TraceError(.cannotOpen, path, "is a folder; expected a file or nothing")
    }
    guard overwrite else {
      throw TraceError(.exists, path, "exists already; --force overwrites it")
    }
    guard found.st_mode & S_IFMT == S_IFREG else {
      throw TraceError(.cannotOpen, path, "is no regular file; expected one or nothing")
    }
    let descriptor = path.withFileName { open($0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
    guard descriptor >= 0 else {
      let code = errno
      if code == ENOENT { return }
      throw TraceError(.cannotOpen, path, "cannot be replaced: \(String(cString: strerror(code)))")
    }
    defer { close(descriptor) }
    guard lock(descriptor) else { throw beingRecorded(path) }
    // The previous owner of the lock may have replaced the file.
    guard FileIdentity(of: path) == FileIdentity(descriptor: descriptor) else { return }
    try removeBesides(path)
    try unlink(path, naming: path)
  }

  /// Removes what lies beside the name: of a recording that is over.
  private static func removeBesides(_ path: String) throws(TraceError) {
    // A recorder whose file has been moved away still has its log here.
    guard !RecorderLock.isHeld(of: path) else { throw beingRecorded(path) }
    for suffix in besides { try unlink(path + suffix, naming: path) }
  }

  private static func unlink(_ name: String, naming path: String) throws(TraceError) {
    guard name.withFileName({ Foundation.unlink($0) }) != 0, errno != ENOENT else { return }
    let code = errno
    throw TraceError(.cannotOpen, path, "cannot be replaced: \(String(cString: strerror(code)))")
  }

  /// Makes a file of that name and locks it; nil if another process was faster.
  private static func make(
    _ path: String, overwrite: Bool
  ) throws(TraceError) -> (descriptor: CInt, identity: FileIdentity)? {
    // The log of a session whose file is elsewhere may hold most of it.
    for suffix in ["-wal", "-journal"] where !overwrite {
      guard let left = (path + suffix).fileStatus(followingLinks: false), left.st_size > 0 else {
        continue
      }
      throw TraceError(
        .exists, path + suffix,
        "is the log of a session that has been \(path); expected it beside its file; --force "
          + "removes it")
    }
    let descriptor = path.withFileName {
      open($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    }
    guard descriptor >= 0 else {
      let code = errno
      if code == EEXIST { return nil }
      throw failure(path, code)
    }
    guard lock(descriptor), let identity = FileIdentity(descriptor: descriptor),
      FileIdentity(of: path) == identity
    else {
      close(descriptor)
      return nil
    }
    do throws(TraceError) {
      try removeBesides(path)
    } catch {
      path.withFileName { _ = Foundation.unlink($0) }
      close(descriptor)
      throw error
    }
    return (descriptor, identity)
  }

  /// Locks a file for the time that it is open; false if another recorder has it. Where files cannot
  /// be locked, nobody has.
  private static func lock(_ descriptor: CInt) -> Bool {
    // Somebody may be asking just now, and has soon done.
    for _ in 0..<5 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
      guard errno == EWOULDBLOCK || errno == EINTR else { return true }
      usleep(2000)
    }
    return false
  }

  /// Whether a recorder has the file of that name, from its first moment on.
  package static func isTaken(_ path: String) -> Bool {
    if RecorderLock.isHeld(of: path) { return true }
    let descriptor = path.withFileName { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
}
