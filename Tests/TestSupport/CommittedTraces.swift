// The sessions that lie in `traces/`.

import Foundation

public enum CommittedTraces {
  public static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../traces").standardized

  /// Their names without `.db`, in order. There are some, or a test of each would be a test of none.
  public static let names: [String] = {
    let names = files(ending: ".db", in: folder)
    precondition(!names.isEmpty, "there is no session in \(folder.path)")
    return names
  }()

  /// The names, without `.yaml`, of the scenarios that they were recorded from.
  public static let scenarios = files(ending: ".yaml", in: folder.appending(path: "scenarios"))

  public static func path(_ name: String) -> String { folder.appending(path: "\(name).db").path }

  private static func files(ending end: String, in folder: URL) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(end) }.map { String($0.dropLast(end.count)) }.sorted()
  }
}
