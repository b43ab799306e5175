// Files that the tool writes besides sessions: pages and exports. They replace what is there, but
// never a session, which cannot be made again from anything else.

import Foundation
import Scenarios

enum OutputFile {
  private static let databaseHeader = Array("SQLite format 3\0".utf8)

  /// Opens a file for writing, and empties it.
  ///
  /// - Throws: `ToolError` if it is a database, which may be a session, or cannot be written.
  static func create(_ path: String) throws -> Int32 {
    if isDatabase(path) {
      throw ToolError("\(path): is a database, and may be a session; expected another file")
    }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw ToolError("\(path): cannot be written: \(String(cString: strerror(errno)))")
    }
    return descriptor
  }

  /// - Throws: `ToolError` if not everything could be written to a file.
  static func check(_ buffer: OutputBuffer, _ path: String) throws {
    buffer.flush()
    guard buffer.isBroken else { return }
    throw ToolError(
      "\(path): cannot be written to the end: \(String(cString: strerror(buffer.failure)))")
  }

  private static func isDatabase(_ path: String) -> Bool {
    var information = stat()
    // Opening a pipe would wait for its other end.
    guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
      return false
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var header = [UInt8](repeating: 0, count: databaseHeader.count)
    return pread(descriptor, &header, header.count, 0) == header.count && header == databaseHeader
  }
}
