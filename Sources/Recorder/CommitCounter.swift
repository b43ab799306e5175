// Which commit a recording is at, and how many of them the file has without its log. The log is put
// into the file here, not by SQLite by itself, for only whoever does it knows how far that went.

import GRDB
import GRDBSQLite

/// Counts commits; used on the database's own thread only.
final class CommitCounter {
  /// In pages; SQLite's own choice.
  private static let longLog: CInt = 1000

  /// The last one.
  var current: Int64 = 0
  /// The last one of which everything is in the file.
  private(set) var inFile: Int64 = 0
  private var logLength: CInt = 0

  var isLogLong: Bool { logLength >= CommitCounter.longLog }

  /// Begins to look at the log's length; the counter has to outlive the connection's last commit.
  func watch(_ db: Database) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    sqlite3_wal_hook(
      db.sqliteConnection,
      { context, _, _, length in
        guard let context else { return SQLITE_OK }
        Unmanaged<CommitCounter>.fromOpaque(context).takeUnretainedValue().logLength = length
        return SQLITE_OK
      }, context)
  }

  /// Puts what is in the log into the file, as far as nobody still reads what is there; nobody is
  /// waited for.
  func checkpoint(_ db: Database) {
    var (length, folded): (CInt, CInt) = (-1, -1)
    let code = sqlite3_wal_checkpoint_v2(
      db.sqliteConnection, "main", SQLITE_CHECKPOINT_PASSIVE, &length, &folded)
    if code == SQLITE_OK, length >= 0, length == folded { inFile = current }
  }
}
