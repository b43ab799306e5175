// A union as one of the machine's file systems: what `Volumes` asks of each, beside looking up
// (`Union.swift`) and changing (`Union+Changes.swift`).

extension Union {
  /// What is to be known of a file, counted now: a directory's entries, and the names of a file of a lower layer, some of
  /// which may have been removed.
  mutating func countedFacts(
    of number: InodeNumber, on disk: inout FileSystem, _ journal: inout UnionJournal
  ) -> FileFacts {
    let isDirectory = files.kind(of: number) == .directory
    if isDirectory { _ = list(number, on: &disk, &journal) }
    var facts = files.facts(of: number, on: disk)
    if files.isRemoved(number, on: disk) {
      facts.links = 0
    } else if !isDirectory && !files.isInUpperLayer(number) {
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
