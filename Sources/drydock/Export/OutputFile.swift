// Files that the tool writes besides sessions: pages and exports. What is written comes into being
// without a name and gets it when it is whole, so that whatever goes wrong leaves what was there. It
// replaces what it is told to replace, but never a session or a part of one, which cannot be made
// again from anything else.

import Foundation
import Recorder
import Scenarios

/// A file that is being written.
final class OutputFile {
  private let path: String
  let buffer: OutputBuffer
  private let descriptor: Int32
  /// Where it goes when it is whole; nil if it is there already, as with a pipe or a device.
  private let target: String?
  /// The name that it has meanwhile, where there are no files without one.
  private let temporary: String?
  /// Whether it has to be copied there, for no other file can take the name.
  private var isElsewhere = false
  private var isOpen = true

  /// Begins to write what is to be a file.
  ///
  /// - Throws: `ToolError` if that would replace a session, or cannot be written.
  init(_ path: String) throws {
    self.path = path
    guard !path.isEmpty else { throw ToolError("found an empty name, expected a file's") }
    let target = FileName.resolved(path)
    let found = target.fileStatus()
    if let found, found.st_mode & S_IFMT == S_IFDIR {
      throw ToolError("\(path): cannot be written: \(String(cString: strerror(EISDIR)))")
    }
    if let found, found.st_mode & S_IFMT != S_IFREG {
      self.target = nil
      temporary = nil
      descriptor = target.withFileName { open($0, O_WRONLY | O_CLOEXEC) }
    } else {
      try OutputFile.refuseSession(path, target, exists: found != nil)
      if found != nil, target.withFileName({ access($0, W_OK) }) != 0 {
        throw ToolError("\(path): cannot be written: \(String(cString: strerror(errno)))")
      }
      self.target = target
      var made = OutputFile.makeBeside(target)
      if made.descriptor < 0, found != nil {
        // The folder cannot be written, but the file can.
        made = OutputFile.makeUnnamed(in: NSTemporaryDirectory())
        isElsewhere = true
      }
      (descriptor, temporary) = made
      if let temporary { EndAtOnce.remove(temporary) }
      if descriptor >= 0 { fchmod(descriptor, OutputFile.permissions(like: found)) }
    }
    guard descriptor >= 0 else {
      throw ToolError("\(path): cannot be written: \(String(cString: strerror(errno)))")
    }
    buffer = OutputBuffer(descriptor)
  }

  /// Gives the file its name.
  ///
  /// - Throws: `ToolError` if not everything could be written to it; then nothing has changed.
  func finish() throws {
    buffer.flush()
    var code = buffer.failure
    if code == 0, let target { code = isElsewhere ? copy(to: target) : give(target) }
    abandon()
    guard code != 0 else { return }
    throw ToolError("\(path): cannot be written to the end: \(String(cString: strerror(code)))")
  }

  /// Leaves everything as it was, unless the file has its name already.
  func abandon() {
    guard isOpen else { return }
    isOpen = false
    if let temporary {
      _ = temporary.withFileName { unlink($0) }
      EndAtOnce.keep()
    }
    close(descriptor)
  }

  // MARK: Names

  /// The permissions of the file that is replaced, or those of any new one.
  private static func permissions(like found: stat?) -> mode_t {
    if let found { return found.st_mode & 0o777 }
    let mask = umask(0)
    umask(mask)
    return 0o666 & ~mask
  }

  /// A file in the same folder; if possible one that is gone if nobody gives it a name.
  private static func makeBeside(_ target: String) -> (descriptor: Int32, name: String?) {
    if access("/proc/self/fd", X_OK) == 0 {
      let made = makeUnnamed(in: FileName.split(target).folder)
      if made.descriptor >= 0 { return made }
    }
    let name = temporaryName(target)
    let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC
    return (name.withFileName { open($0, flags, 0o600) }, name)
  }

  private static func makeUnnamed(in folder: String) -> (descriptor: Int32, name: String?) {
    let unnamed = O_DIRECTORY | 0o20000000  // O_TMPFILE, a macro that Swift does not see
    return (folder.withFileName { open($0, O_RDWR | unnamed | O_CLOEXEC, 0o600) }, nil)
  }

  private static func temporaryName(_ target: String) -> String {
    let (folder, last) = FileName.split(target)
    // The name may be as long as a name can be.
    return "\(folder)/.\(last.prefix(40)).\(getpid()).\(UInt32.random(in: 0 ... .max))"
  }

  /// Puts the file in the place of what has the name; an errno if that fails.
  private func give(_ target: String) -> Int32 {
    let name = temporary ?? OutputFile.temporaryName(target)
    if temporary == nil {
      let linked = "/proc/self/fd/\(descriptor)".withFileName { source in
        name.withFileName { linkat(AT_FDCWD, source, AT_FDCWD, $0, AT_SYMLINK_FOLLOW) }
      }
      if linked != 0 { return errno }
    }
    let renamed = name.withFileName { name in target.withFileName { rename(name, $0) } }
    guard renamed != 0 else { return 0 }
    let code = errno
    _ = name.withFileName { unlink($0) }
    return code
  }

  /// Copies all of it over what has the name; an errno if that fails.
  private func copy(to target: String) -> Int32 {
    let destination = target.withFileName { open($0, O_WRONLY | O_TRUNC | O_CLOEXEC) }
    guard destination >= 0 else { return errno }
    defer { close(destination) }
    let output = OutputBuffer(destination)
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    var offset: off_t = 0
    while !output.isBroken {
      let count = pread(descriptor, &piece, piece.count, offset)
      if count < 0, errno == EINTR { continue }
      if count < 0 { return errno }
      if count == 0 { break }
      output.write(Array(piece[..<count]))
      offset += off_t(count)
    }
    output.flush()
    return output.failure
  }

  // MARK: Sessions

  private static let logs = ["-wal", "-shm", "-journal"]
  /// How databases begin, and what SQLite puts beside them.
  private static let beginnings: [(bytes: [UInt8], what: String)] = [
    (Array("SQLite format 3\0".utf8), "a database, and may be a session"),
    ([0x37, 0x7f, 0x06, 0x82], "the log of a database, and may hold most of a session"),
    ([0x37, 0x7f, 0x06, 0x83], "the log of a database, and may hold most of a session"),
    ([0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7], "the journal of a database"),
  ]

  private static func refuseSession(_ path: String, _ target: String, exists: Bool) throws {
    if let suffix = logs.first(where: { target.hasSuffix($0) }) {
      let database = String(target.dropLast(suffix.utf8.count))
      if exists || database.fileStatus() != nil {
        throw ToolError(
          "\(path): is a name that SQLite gives to what belongs to \(database); expected another "
            + "file")
      }
    }
    guard exists else { return }
    if let what = beginnings.first(where: { begins(target, with: $0.bytes) })?.what {
      throw ToolError("\(path): is \(what); expected another file")
    }
    if RecordingPlace.isTaken(target) {
      throw ToolError("\(path): is being recorded; expected another file")
    }
  }

  private static func begins(_ path: String, with bytes: [UInt8]) -> Bool {
    let descriptor = path.withFileName { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var found = [UInt8](repeating: 0, count: bytes.count)
    return pread(descriptor, &found, bytes.count, 0) == bytes.count && found == bytes
  }
}
