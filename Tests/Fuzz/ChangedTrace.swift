// A trace that somebody has been at, and what it was before: as bytes, so that it can be kept.

import Foundation
import Recorder

struct ChangedTrace {
  var file: [UInt8]
  /// What lies beside it under the name of its log.
  var log: [UInt8]?
  /// The trace that it was made of; nil for one that was cut short, which has no end to be compared.
  var original: [UInt8]?
  /// What a reader gets from that.
  var contents: TraceTarget.Contents?

  static func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// Puts the file and its log there, and nothing else beside them.
  func put(at path: String) throws {
    for suffix in ["-wal", "-shm", "-journal"] { unlink(path + suffix) }
    try TraceTarget.put(file, at: path)
    if let log { try TraceTarget.put(log, at: path + "-wal") }
  }

  private static func originalPath(_ path: String) -> String {
    path.replacing(/\.db$/, with: ".original.db")
  }

  func write(named name: String, in folder: String) throws -> String {
    let path = "\(folder)/\(name).db"
    try put(at: path)
    if let original { try TraceTarget.put(original, at: ChangedTrace.originalPath(path)) }
    return path
  }
}

extension ChangedTrace {
  /// One that was written.
  init(_ path: String) throws {
    file = try ChangedTrace.bytes(path)
    log = try? ChangedTrace.bytes(path + "-wal")
    let before = ChangedTrace.originalPath(path)
    guard FileManager.default.fileExists(atPath: before) else { return }
    original = try ChangedTrace.bytes(before)
    contents = try TraceTarget.contents(before)
  }
}
