// Where SQLite sorts what does not fit into its cache: in a file in a folder for temporary ones. Where
// there is none that can be written, as in a container whose file system is read-only, it sorts in
// memory, as much as `TraceBounds` allows.

import Foundation
import GRDBSQLite

enum TemporarySpace {
  /// The folder that SQLite takes; nil if there is none that can be written.
  static let folder: String? = {
    let environment = ProcessInfo.processInfo.environment
    let named = [environment["SQLITE_TMPDIR"], environment["TMPDIR"]].compactMap { $0 }
    return (named + ["/var/tmp", "/usr/tmp", "/tmp", "."]).first { name in
      guard let information = name.fileStatus() else { return false }
      return information.st_mode & S_IFMT == S_IFDIR
        && name.withFileName { access($0, W_OK | X_OK) } == 0
    }
  }()

  /// Has SQLite sort in memory if there is no folder.
  static func choose(for connection: OpaquePointer) {
    if folder == nil { sqlite3_exec(connection, "PRAGMA temp_store = MEMORY", nil, nil, nil) }
  }

  /// How much a query may have in temporary files: for sorting all that a session has a few times over,
  /// and no disk full.
  static func limit(ofTraceBytes bytes: Int64) -> Int64 { max(4 << 30, 4 * bytes) }

  /// What this process has in files that have no name any more, as SQLite's temporary ones: in bytes.
  static var used: Int64 {
    guard let descriptors = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(descriptors) }
    var sum: Int64 = 0
    while let entry = readdir(descriptors) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      var information = stat()
      guard let descriptor = CInt(name), fstat(descriptor, &information) == 0,
        information.st_mode & S_IFMT == S_IFREG, information.st_nlink == 0
      else { continue }
      sum += Int64(information.st_blocks) * 512
    }
    return sum
  }

  /// What is wrong when SQLite finds no room; nil if it is something else.
  static func problem(_ code: CInt) -> String? {
    switch code & 0xff {
    case SQLITE_NOMEM where folder == nil:
      "more would have to be sorted in memory than the \(sqlite3_hard_heap_limit64(-1) >> 20) MiB "
        + "that there are for it, for no folder for temporary files can be written; TMPDIR can name "
        + "one"
    case SQLITE_FULL:
      "the folder for temporary files, \(folder ?? "memory"), is full; TMPDIR can name another one"
    case SQLITE_IOERR where code == gettingPath, SQLITE_CANTOPEN:
      "no temporary file can be made in \(folder ?? "any folder"); TMPDIR can name another one"
    default: nil
    }
  }

  /// SQLITE_IOERR_GETTEMPPATH, which is a macro that Swift does not see.
  private static let gettingPath = SQLITE_IOERR | (25 << 8)
}
