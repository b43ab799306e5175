// How SQLite comes to the files of a session: its own way, with two differences. Names may hold any
// bytes (`FileName`). And a file can be opened in ways for which SQLite has no option, or only one in
// a URI, which may be compiled out: without its log, and with an index of the log that is in memory
// only. A name says which: what follows the prefix is the path, and `/./x` is the same file as `/x`.

import Foundation
import GRDBSQLite
import Synchronization

/// How a session's file is opened.
enum FileAccess: Sendable {
  /// With its log, which others may read and write as well.
  case shared
  /// With its log, and nothing is written beside it, so that a folder that cannot be written will do.
  /// Nobody may be writing.
  case alone
  /// The file alone, as it lies on the disk, whatever the log says. Nothing is locked.
  case withoutLog

  fileprivate var prefix: String {
    switch self {
    case .shared: ""
    case .alone: "/."
    case .withoutLog: "/./."
    }
  }

  fileprivate init(name: UnsafePointer<CChar>) {
    func begins(with access: FileAccess) -> Bool {
      let prefix = access.prefix + "/"
      return strncmp(name, prefix, prefix.utf8.count) == 0
    }
    self = begins(with: .withoutLog) ? .withoutLog : begins(with: .alone) ? .alone : .shared
  }

  /// The name that SQLite opens.
  func name(of path: String) -> String {
    SessionFileSystem.install()
    var path = FileName.absolute(path)
    while path.hasPrefix("/./") { path.removeFirst(2) }
    return prefix + path
  }
}

enum SessionFileSystem {
  /// SQLite's own way to the files of this system.
  private nonisolated(unsafe) static let base = sqlite3_vfs_find(nil)

  /// Makes it the way that SQLite takes; once.
  static func install() { _ = installed }

  private static let installed: Bool = {
    guard let base else { return false }
    let own = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
    own.initialize(to: base.pointee)
    own.pointee.pNext = nil
    own.pointee.zName = UnsafePointer(strdup("drydock"))
    own.pointee.xFullPathname = { _, name, size, result in
      guard let name, let result else { return SQLITE_CANTOPEN }
      return SessionFileSystem.fullPath(name, size, result)
    }
    own.pointee.xOpen = { _, name, file, flags, flagsGiven in
      SessionFileSystem.open(name, file, flags, flagsGiven)
    }
    return sqlite3_vfs_register(own, 1) == SQLITE_OK
  }()

  private static func fullPath(
    _ name: UnsafePointer<CChar>, _ size: CInt, _ result: UnsafeMutablePointer<CChar>
  ) -> CInt {
    guard let base else { return SQLITE_CANTOPEN }
    let prefix = FileAccess(name: name).prefix
    let length = prefix.utf8.count
    let path = String(cString: name + length)
    return path.withFileName { path in
      prefix.withCString { _ = memcpy(result, $0, length) }
      return base.pointee.xFullPathname(base, path, size - CInt(length), result + length)
    }
  }

  private static func open(
    _ name: UnsafePointer<CChar>?, _ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: CInt,
    _ flagsGiven: UnsafeMutablePointer<CInt>?
  ) -> CInt {
    guard let base else { return SQLITE_CANTOPEN }
    let code = base.pointee.xOpen(base, name, file, flags, flagsGiven)
    guard code == SQLITE_OK, let name, let file, flags & SQLITE_OPEN_MAIN_DB != 0 else {
      return code
    }
    change(file, for: FileAccess(name: name))
    return code
  }

  // MARK: What SQLite does with an open file

  /// Methods made from others, one for each way, kept for as long as the program runs.
  private struct Methods: @unchecked Sendable {
    var original: UnsafePointer<sqlite3_io_methods>
    var access: FileAccess
    var changed: UnsafePointer<sqlite3_io_methods>
  }
  private static let methods = Mutex<[Methods]>([])

  private static func change(_ file: UnsafeMutablePointer<sqlite3_file>, for access: FileAccess) {
    guard access != .shared, let original = file.pointee.pMethods else { return }
    file.pointee.pMethods =
      methods.withLock { known in
        if let found = known.first(where: { $0.original == original && $0.access == access }) {
          return found
        }
        let changed = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        changed.initialize(to: original.pointee)
        if access == .withoutLog {
          changed.pointee.xDeviceCharacteristics = { _ in SQLITE_IOCAP_IMMUTABLE }
        } else {
          PrivateLogIndex.give(to: &changed.pointee)
        }
        let made = Methods(original: original, access: access, changed: UnsafePointer(changed))
        known.append(made)
        return made
      }.changed
  }
}

/// The index of a log, which SQLite keeps in a file beside it so that all who read it have the same
/// one, in this process's memory instead.
private enum PrivateLogIndex {
  private struct Regions: @unchecked Sendable {
    var file: UnsafeMutablePointer<sqlite3_file>
    var pointers: [UnsafeMutableRawPointer] = []
  }
  private static let regions = Mutex<[Regions]>([])

  static func give(to methods: inout sqlite3_io_methods) {
    methods.xShmMap = { file, region, size, isExtended, result in
      guard let file, let result else { return SQLITE_IOERR }
      result.pointee = PrivateLogIndex.map(file, Int(region), Int(size), isExtended != 0)
      return SQLITE_OK
    }
    methods.xShmLock = { _, _, _, _ in SQLITE_OK }
    methods.xShmBarrier = { _ in }
    methods.xShmUnmap = { file, _ in
      if let file { PrivateLogIndex.free(file) }
      return SQLITE_OK
    }
  }

  private static func map(
    _ file: UnsafeMutablePointer<sqlite3_file>, _ region: Int, _ size: Int, _ isExtended: Bool
  ) -> UnsafeMutableRawPointer? {
    struct Found: @unchecked Sendable { var pointer: UnsafeMutableRawPointer? }
    let file = Regions(file: file)
    return regions.withLock { all in
      let index = all.firstIndex { $0.file == file.file } ?? all.count
      if index == all.count { all.append(file) }
      while isExtended, all[index].pointers.count <= region, let more = calloc(1, size) {
        all[index].pointers.append(more)
      }
      let pointers = all[index].pointers
      return Found(pointer: region < pointers.count ? pointers[region] : nil)
    }.pointer
  }

  private static func free(_ file: UnsafeMutablePointer<sqlite3_file>) {
    let file = Regions(file: file)
    regions.withLock { all in
      guard let index = all.firstIndex(where: { $0.file == file.file }) else { return }
      for pointer in all.remove(at: index).pointers { Foundation.free(pointer) }
    }
  }
}
