// The entries of a directory of a union, as read: entries as on the disk, each name once. A name
// keeps its place for as long as it is there, and one that has gone leaves a free entry, so that a
// directory can be read and emptied at the same time.

/// The entries of a directory.
struct UnionListing: Sendable {
  struct Entry: Equatable, Sendable {
    var name: Name
    /// 0 where the entry is free.
    var file: InodeNumber
  }

  var entries: [Entry] = []
  /// When they were collected (`Union.stamp`).
  var stamp: UInt64 = 0
  var subdirectories = 0

  /// As a reader gets them, from `offset` on, `count` bytes at most.
  func bytes(from offset: Int, count: Int) -> [UInt8] {
    let size = FileSystem.entrySize
    guard count > 0, offset < entries.count * size else { return [] }
    let end = min(entries.count * size, offset + count)
    var bytes: [UInt8] = []
    for entry in entries[(offset / size)..<((end + size - 1) / size)] {
      bytes +=
        entry.file == 0 ? [UInt8](repeating: 0, count: size) : entry.name.entry(entry.file)
    }
    return Array(bytes.dropFirst(offset % size).prefix(end - offset))
  }

  /// Whether there is nothing but `.` and `..`.
  var isEmpty: Bool { entries.dropFirst(2).allSatisfy { $0.file == 0 } }
}

/// An entry of a layer's directory, and its place among all that were read.
private struct LayerEntry {
  var name: Name
  var order: Int
  var layer: Int
  var inode: InodeNumber
}

extension Union {
  /// A directory's entries as they are now.
  mutating func list(
    _ directory: InodeNumber, on disk: inout FileSystem, _ journal: inout UnionJournal
  )
    -> UnionListing
  {
    let stamp = stamp(of: directory, on: disk)
    if let listing = self[directory].listing, listing.stamp == stamp { return listing }
    let shown = shownEntries(of: directory, on: disk, &journal)
    var listing = UnionListing()
    listing.stamp = stamp
    listing.entries = self[directory].listing?.entries ?? []
    if listing.entries.isEmpty {
      listing.entries = [
        UnionListing.Entry(name: .current, file: directory),
        UnionListing.Entry(name: .parent, file: self[directory].parent),
      ]
    }
    place(shown, in: directory, &listing, on: &disk, &journal)
    self[directory].listing = listing
    return listing
  }

  /// The names that a directory shows, sorted, each with the inode that has it in the uppermost layer.
  private func shownEntries(
    of directory: InodeNumber, on disk: FileSystem, _ journal: inout UnionJournal
  ) -> [LayerEntry] {
    let file = self[directory]
    if file.isRemoved { return [] }
    var all: [LayerEntry] = []
    let upper = file.upper == 0 ? [] : [LowerFile(layer: 0, inode: file.upper)]
    for layer in upper + file.lowers {
      journal.listed += disk.entryCount(of: layer.inode)
      disk.eachEntry(of: layer.inode) { inode, entry, offset in
        if inode != 0 && offset >= 2 * FileSystem.entrySize {
          all.append(
            LayerEntry(
              name: Name(entry: entry), order: all.count, layer: layer.layer, inode: inode))
        }
        return true
      }
    }
    all.sort { ($0.name, $0.order) < ($1.name, $1.order) }
    var shown: [LayerEntry] = []
    var previous: Name?
    for entry in all where entry.name != previous {
      previous = entry.name
      if !disk.isWhiteout(entry.inode) { shown.append(entry) }
    }
    return shown
  }

  /// Gives each name its place: the one that it had, a free one, or one at the end.
  private mutating func place(
    _ shown: [LayerEntry], in directory: InodeNumber, _ listing: inout UnionListing,
    on disk: inout FileSystem, _ journal: inout UnionJournal
  ) {
    var isPlaced = [Bool](repeating: false, count: shown.count)
    var vacant: [Int] = []
    for place in listing.entries.indices.dropFirst(2) {
      let name = listing.entries[place].name
      if listing.entries[place].file != 0, let index = Union.index(of: name, in: shown) {
        isPlaced[index] = true
        listing.entries[place].file = number(of: shown[index], in: directory, on: &disk, &journal)
      } else {
        listing.entries[place].file = 0
        vacant.append(place)
      }
    }
    vacant.reverse()
    for index in shown.indices.sorted(by: { shown[$0].order < shown[$1].order })
    where !isPlaced[index] {
      let entry = UnionListing.Entry(
        name: shown[index].name,
        file: number(of: shown[index], in: directory, on: &disk, &journal))
      if let place = vacant.popLast() {
        listing.entries[place] = entry
      } else {
        listing.entries.append(entry)
      }
    }
    listing.subdirectories = shown.count { disk[$0.inode].kind == .directory }
  }

  /// Where a name stands among sorted ones.
  private static func index(of name: Name, in shown: [LayerEntry]) -> Int? {
    var low = 0
    var high = shown.count
    while low < high {
      let middle = (low + high) / 2
      if shown[middle].name < name { low = middle + 1 } else { high = middle }
    }
    return low < shown.count && shown[low].name == name ? low : nil
  }

  private mutating func number(
    of shown: LayerEntry, in directory: InodeNumber, on disk: inout FileSystem,
    _ journal: inout UnionJournal
  ) -> InodeNumber {
    let known = file(showing: shown.inode, isUpper: shown.layer == 0)
    if known != 0 { return known }
    let kind = disk[shown.inode].kind
    if kind != .directory {
      let isUpper = shown.layer == 0
      let lower = LowerFile(layer: shown.layer, inode: shown.inode)
      return insert(
        UnionFile(
          kind: kind, upper: isUpper ? shown.inode : 0, lowers: isUpper ? [] : [lower],
          parent: directory, name: shown.name), on: &disk)
    }
    return lookUp(
      shown.name, in: directory, on: &disk, &journal.looked, journal.mistakes) ?? 0
  }

  // MARK: All names of a file

  /// The names by which a union shows a file of a lower layer.
  mutating func names(
    of number: InodeNumber, on disk: inout FileSystem, _ journal: inout UnionJournal
  ) -> [(directory: InodeNumber, name: Name)] {
    if self[number].lowers.isEmpty { return [] }
    if disk.inodes[Int(files[Int(number)].lowers[0].inode)].links == 1 {
      // It has been removed by the only name that it had, or has that name still; if neither, somebody
      // has changed the layer by another way.
      let (parent, name) = (files[Int(number)].parent, files[Int(number)].name)
      if parent == 0 { return [] }
      if files[Int(parent)].kind == .directory,
        lookUp(name, in: parent, on: &disk, &journal.looked, journal.mistakes) == number
      {
        return [(parent, name)]
      }
    }
    var found: [(InodeNumber, Name)] = []
    var directories = [Union.root]
    var next = 0
    while next < directories.count {
      let directory = directories[next]
      next += 1
      for entry in list(directory, on: &disk, &journal).entries.dropFirst(2)
      where entry.file != 0 && has(entry.file) {
        if entry.file == number { found.append((directory, entry.name)) }
        if self[entry.file].kind == .directory { directories.append(entry.file) }
      }
      journal.looked += self[directory].listing?.entries.count ?? 0
    }
    return found
  }
}

extension UnionListing: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(subdirectories)
    for entry in entries {
      digest.combine(entry.name)
      digest.combine(entry.file)
    }
  }
}
