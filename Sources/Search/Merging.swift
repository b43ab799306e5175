// Brings the shards of a search together: all their runs in one file, and each distinct failure once, as the
// one with the lowest run has it.

import Foundation

/// The shards of a search, as one.
public struct MergedSearch: Sendable {
  public private(set) var progress = SearchProgress()
  private let folders: [String]
  private let plan: [(name: String, value: String)]

  /// Reads the shards.
  ///
  /// - Throws: `SearchError` if they are not all the shards of one search.
  public init(_ folders: [String]) throws {
    self.folders = folders
    var first: [(name: String, value: String)] = []
    var shards: [(shard: Shard, folder: String)] = []
    for folder in folders {
      let path = "\(folder)/search.db"
      let plan = try SearchFile(reading: path).plan()
      guard let shard = plan.first(where: { $0.name == "shard" }).flatMap({ Shard($0.value) })
      else { throw SearchError("\(path): found no shard, expected one of a search") }
      if first.isEmpty { first = plan }
      for (known, found) in zip(first, plan) where known.name != "shard" && known != found {
        throw SearchError(
          "\(path): another search: found \(found.name) \(found.value), expected \(known.value) "
            + "as in \(folders[0])")
      }
      if let other = shards.first(where: { $0.shard == shard }) {
        throw SearchError("\(path): found shard \(shard), which \(other.folder) is already")
      }
      if let other = shards.first, other.shard.count != shard.count {
        throw SearchError(
          "\(path): found shard \(shard), expected one of \(other.shard.count) as in "
            + other.folder)
      }
      shards.append((shard, folder))
    }
    let count = shards.first?.shard.count ?? 0
    for number in 1...max(1, count) where !shards.contains(where: { $0.shard.number == number }) {
      throw SearchError("found \(shards.count) of \(count) shards, expected \(number)/\(count) too")
    }
    plan = first.map { $0.name == "shard" ? ($0.name, "merged of \(count)") : $0 }
  }

  /// Writes them into a folder that is there and empty.
  ///
  /// - Throws: `SearchError` if that cannot be done.
  public mutating func write(to folder: String) throws {
    let merged = try SearchFile(
      "\(folder)/search.db", plan: plan.filter { $0.name != "version" }, resuming: false)
    var firsts: [(found: FoundFailure, folder: String)] = []
    for (place, shard) in folders.enumerated() {
      let file = try SearchFile(reading: "\(shard)/search.db")
      var rows: [RunRow] = []
      try file.readRows { row in
        // Each shard has the run without preemptions.
        if row.run == 0 && place > 0 { return }
        progress.note(row)
        rows.append(row)
        if rows.count < 4096 { return }
        try merged.append(rows)
        rows.removeAll(keepingCapacity: true)
      }
      try merged.append(rows)
      for (outcome, found) in try file.failures() {
        if let known = firsts.firstIndex(where: { $0.found.outcome == outcome }) {
          if firsts[known].found.run > found.run { firsts[known] = (found, shard) }
        } else {
          firsts.append((found, shard))
        }
      }
    }
    firsts.sort { $0.found.run < $1.found.run }
    for (place, first) in firsts.enumerated() {
      var found = first.found
      found.number = place + 1
      try copy(found.file, of: first.folder, to: "\(folder)/failure-\(place + 1)")
      found.file = "failure-\(place + 1).db"
      try merged.note(found)
    }
    try merged.close()
  }

  private func copy(_ file: String, of folder: String, to name: String) throws {
    let base = "\(folder)/\(file.dropLast(3))"
    for ending in ["db", "md"] {
      do {
        try FileManager.default.copyItem(atPath: "\(base).\(ending)", toPath: "\(name).\(ending)")
      } catch {
        throw SearchError("\(base).\(ending): cannot be copied: \(error.localizedDescription)")
      }
    }
  }
}
