// What tests do to traces: make a place for them, and change what is in them.

import Foundation
import GRDB
import Recorder

/// A folder that is gone when the test is.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() throws {
    var template = Array("\(NSTemporaryDirectory())/drydock-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw CocoaError(.fileWriteUnknown)
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { remove() }

  /// Whether nothing is left of it.
  @discardableResult
  func remove() -> Bool {
    try? FileManager.default.removeItem(atPath: path)
    return !FileManager.default.fileExists(atPath: path)
  }

  /// What many tests share is in a folder that is gone when the run is.
  public static let shared: TemporaryFolder = {
    do {
      let folder = try TemporaryFolder()
      atexit { TemporaryFolder.shared.remove() }
      return folder
    } catch {
      preconditionFailure("no temporary folder: \(error)")
    }
  }()

  /// The path of something in the folder.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Puts a file there and gives its path.
  public func write(_ text: String, to name: String) throws -> String {
    try write(Array(text.utf8), to: name)
  }

  public func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  /// What is in the folder, sorted.
  public var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}

public enum TraceSurgery {
  /// A copy of a trace in which some SQL was executed.
  public static func alter(_ path: String, _ sql: String, into copy: String) throws {
    try? FileManager.default.removeItem(atPath: copy)
    try FileManager.default.copyItem(atPath: path, toPath: copy)
    try execute(sql, on: copy)
  }

  /// Executes SQL on any database.
  public static func execute(_ sql: String, on path: String) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.writeWithoutTransaction { db in try db.execute(sql: sql) }
    try queue.close()
  }

  /// Seals anew what it says of a trace's views, as somebody would who has altered them.
  public static func sealViews(_ path: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { db in
      for (key, check) in [("views", TableSeal.checkOfViews), ("meta", TableSeal.checkOfMeta)] {
        try db.execute(
          sql: "UPDATE meta SET value = ? WHERE key = ?", arguments: [check(db), "seal.\(key)"])
      }
    }
    try queue.close()
  }

  /// What a program that is killed in the middle of a change leaves.
  public static func breakOff(_ sql: String, on path: String, into copy: String) throws {
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.writeWithoutTransaction { db in
      // So that pages of an unfinished transaction are written.
      try db.execute(sql: "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; \(sql)")
      for suffix in ["", "-journal"] {
        try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
      }
      try db.execute(sql: "ROLLBACK")
    }
    try queue.close()
  }

  /// The first column of what a query gives.
  public static func strings(_ sql: String, on path: String) throws -> [String] {
    let queue = try DatabaseQueue(path: path)
    return try queue.read { db in try String.fetchAll(db, sql: sql) }
  }
}
