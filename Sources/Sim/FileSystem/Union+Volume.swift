// A union as one of the machine's file systems: what `Volumes` asks of each, beside looking up
// (`Union.swift`) and changing (`Union+Changes.swift`).

extension Union {
  /// What is known of a file without looking at more than itself: of a directory's entries, what was
  /// found when somebody last asked for them.
  func facts(of number: InodeNumber, on disk: FileSystem) -> FileFacts {
    let file = self[number]
    if file.kind == .directory {
      let listing = file.listing
      return FileFacts(
        kind: .directory, links: Int16(clamping: 1 + (listing?.subdirectories ?? 0)),
        size: UInt32((listing?.entries.count ?? 2) * FileSystem.entrySize))
    }
    return disk.facts(of: data(of: number))
  }

  /// The same, counted now: a directory's entries, and the names of a file of a lower layer, some of
  /// which may have been removed.
  mutating func countedFacts(
    of number: InodeNumber, on disk: inout FileSystem, _ journal: inout UnionJournal
  ) -> FileFacts {
    let isDirectory = self[number].kind == .directory
    if isDirectory { _ = list(number, on: &disk, &journal) }
    var facts = facts(of: number, on: disk)
    if isRemoved(number, on: disk) {
      facts.links = 0
    } else if !isDirectory && self[number].upper == 0 {
      facts.links = Int16(clamping: names(of: number, on: &disk, &journal).count)
    }
    return facts
  }

  /// What looking for a name takes at most.
  func entryCount(of directory: InodeNumber, on disk: FileSystem) -> Int {
    let file = self[directory]
    var count = file.upper == 0 ? 0 : disk.entryCount(of: file.upper)
    for lower in file.lowers { count += disk.entryCount(of: lower.inode) }
    return count
  }

  /// Where reading a file takes its bytes.
  func source(of number: InodeNumber) -> DataSource {
    self[number].kind == .directory ? .made : .disk(data(of: number))
  }

  /// The inode that writing a file changes: the one in the upper layer.
  mutating func target(
    of number: InodeNumber, on disk: inout FileSystem, _ journal: inout UnionJournal
  ) throws(Refusal) -> InodeNumber {
    if !journal.mistakes.contains(.writesLower) {
      try copyUp(number, on: &disk, &journal)
    }
    return data(of: number)
  }
}
