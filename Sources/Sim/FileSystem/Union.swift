// A union: several directories of the disk, its layers, shown as one. Each name is the one of the
// uppermost layer that has it; a directory shows the names of all. Layers stay what they are, and all of
// a union that outlives its mount is in its upper layer: what was changed, whiteouts (devices 0, 0) for
// what was removed, and the mark of an opaque directory for one that was made anew.
//
// Whatever has been looked up has a number here, as long as the union is mounted: a file's whether or
// not it has been copied up, and so descriptors and names go on to mean the same file. What is shown
// is found in the layers each time; what is remembered of a look (`UnionCache`) counts for as long as
// no directory that was looked at has changed. `Union+Listing.swift` has what a directory shows,
// `Union+Changes.swift` what changes.

/// What unions have done in a call, for the kernel to charge and to tell of.
struct UnionJournal: Sendable {
  enum Change: Sendable {
    case copyUp(file: FileID, name: Name, from: InodeNumber, to: InodeNumber, size: UInt32)
    case whiteout(directory: FileID, name: Name)
  }

  var changes: [Change] = []
  /// Directory entries looked at and collected, and bytes copied.
  var looked = 0
  var listed = 0
  var copied = 0
  /// Mistakes that unions are to make.
  var mistakes = UnionMistakes()

  /// Whether nothing was done since it was last settled.
  var isEmpty: Bool {
    @inline(__always) get { looked | listed | copied == 0 && changes.isEmpty }
  }
}

/// Mistakes that a kernel can be told to make with unions.
struct UnionMistakes: OptionSet, Sendable {
  var rawValue: UInt8

  static let writesLower = UnionMistakes(rawValue: 1)
  static let forgetsWhiteouts = UnionMistakes(rawValue: 2)
  static let ignoresOpaque = UnionMistakes(rawValue: 4)
  static let partsNames = UnionMistakes(rawValue: 8)
}

/// What the layers have under a name.
struct LayeredEntry {
  /// In the upper layer: what is shown, or a whiteout; 0 if the name is not there.
  var upper: InodeNumber = 0
  var whiteout: InodeNumber = 0
  /// Where its entry stands in the upper layer's directory.
  var offset = 0
  var lowers: [LowerFile] = []

  var isVisible: Bool { upper != 0 || !lowers.isEmpty }
}

/// Several directories as one.
package struct Union: Sendable {
  package static let root: InodeNumber = 1

  package let volume: VolumeID
  /// Whether it has an upper layer, without which nothing can be changed.
  package let isWritable: Bool
  /// By number; 0 is none.
  package private(set) var files: [UnionFile]
  /// By the disk's inodes, which file shows them; 0 for none.
  var owners: [InodeNumber]
  private var free: [InodeNumber] = []
  /// Inodes of the disk to which it has a reference.
  package private(set) var heldCount = 0
  /// References to its files in all.
  package private(set) var references = 0
  /// An inode that is a whiteout, to have more names; 0 if there is none.
  var whiteout: InodeNumber = 0
  /// The `shape` that was given last.
  private var lastShape: UInt64 = 0
  private var cache = UnionCache()

  /// - Parameters:
  ///   - upper: the upper layer; 0 for none.
  ///   - lowers: the lower layers, the topmost first.
  init(
    _ volume: VolumeID, upper: InodeNumber, lowers: [InodeNumber], on disk: inout FileSystem
  ) {
    self.volume = volume
    isWritable = upper != 0
    owners = Array(repeating: 0, count: disk.inodes.count)
    let layers = lowers.enumerated().map { LowerFile(layer: $0.offset + 1, inode: $0.element) }
    files = [
      UnionFile.vacant,
      UnionFile(
        kind: .directory, upper: upper, lowers: layers, parent: Union.root, name: .current),
    ]
    for inode in lowers + (upper == 0 ? [] : [upper]) {
      disk.retain(inode)
      owners[Int(inode)] = Union.root
      heldCount += 1
    }
  }

  package subscript(_ number: InodeNumber) -> UnionFile {
    _read {
      precondition(files[Int(number)].kind != .free, "a union has no file \(number)")
      yield files[Int(number)]
    }
    _modify {
      precondition(files[Int(number)].kind != .free, "a union has no file \(number)")
      yield &files[Int(number)]
    }
  }

  /// The inode of the disk that has a file's data now.
  package func data(of number: InodeNumber) -> InodeNumber { files.data(of: number) }

  /// Whether a number is a file's.
  func has(_ number: InodeNumber) -> Bool {
    files.indices.contains(Int(number)) && files[Int(number)].kind != .free
  }

  // MARK: References

  /// A file has an inode in the upper layer from now on, to which the union has a reference, or none
  /// any more.
  mutating func setUpper(_ inode: InodeNumber, of number: InodeNumber) {
    let old = self[number].upper
    if old != 0 { owners[Int(old)] = 0 }
    if inode != 0 { owners[Int(inode)] = number }
    heldCount += (inode == 0 ? 0 : 1) - (old == 0 ? 0 : 1)
    self[number].upper = inode
    self[number].shape = nextShape()
  }

  private mutating func nextShape() -> UInt64 {
    lastShape += 1
    return lastShape
  }

  mutating func retain(_ number: InodeNumber) {
    self[number].references += 1
    references += 1
  }

  /// Drops a reference; with the last one, a file that has no name is gone.
  mutating func release(_ number: InodeNumber, on disk: inout FileSystem) {
    precondition(self[number].references > 0, "file \(number) of a union has no reference")
    self[number].references -= 1
    references -= 1
    forgetIfGone(number, on: &disk)
  }

  /// Frees the number of a file that nobody can get to any more.
  mutating func forgetIfGone(_ number: InodeNumber, on disk: inout FileSystem) {
    let index = files.place(of: number)
    guard number != Union.root, files[index].references == 0, files[index].mountPoints == 0
    else { return }
    let upper = files[index].upper
    // A directory that has lost its upper layer alone is shown still.
    let isGone =
      files[index].kind == .directory
      ? files.isRemoved(number, on: disk) : upper != 0 && disk.inodes[Int(upper)].links == 0
    guard isGone else { return }
    letGo(of: number, on: &disk)
    files[Int(number)] = .vacant
    free.append(number)
  }

  /// Lets go of all that it holds of the disk.
  mutating func close(on disk: inout FileSystem) {
    precondition(references == 0, "a union that is in use")
    for number in files.indices where files[number].kind != .free {
      letGo(of: InodeNumber(number), on: &disk)
    }
    files = []
    owners = []
    free = []
    cache = UnionCache()
  }

  /// Its place among the machine's unions.
  package var place: Int { Int(volume.raw - VolumeID.firstUnion) }

  /// Whether it is mounted no longer.
  package var isClosed: Bool { files.isEmpty }

  private mutating func letGo(of number: InodeNumber, on disk: inout FileSystem) {
    let file = self[number]
    for inode in file.lowers.map(\.inode) + (file.upper == 0 ? [] : [file.upper]) {
      if owners[Int(inode)] == number { owners[Int(inode)] = 0 }
      disk.release(inode)
      heldCount -= 1
    }
  }

  /// A number for a file that has none yet; what it names is held from now on.
  mutating func insert(_ file: UnionFile, on disk: inout FileSystem) -> InodeNumber {
    let number = free.popLast() ?? InodeNumber(files.count)
    if Int(number) == files.count { files.append(.vacant) }
    files[Int(number)] = file
    files[Int(number)].shape = nextShape()
    for inode in file.lowers.map(\.inode) + (file.upper == 0 ? [] : [file.upper]) {
      disk.retain(inode)
      owners[Int(inode)] = number
      heldCount += 1
    }
    return number
  }

  // MARK: Looking up

  /// The file called `name`; nil if no layer shows one.
  mutating func lookUp(
    _ name: Name, in directory: InodeNumber, on disk: inout FileSystem, _ looked: inout Int,
    _ mistakes: UnionMistakes
  ) -> InodeNumber? {
    if name == .current { return directory }
    if name == .parent { return files.parent(of: directory) }
    if files[Int(directory)].isRemoved { return nil }
    let stamp = stamp(of: directory, on: disk)
    if let known = cache.find(name, in: directory, stamp), known.file == 0 || has(known.file) {
      looked += known.looked
      guard known.file != 0 else { return nil }
      // As a look leaves it.
      let index = Int(known.file)
      if files[index].parent != directory { files[index].parent = directory }
      if files[index].name != name { files[index].name = name }
      return known.file
    }
    var cost = 0
    let entry = entry(name, in: directory, on: disk, &cost, mistakes)
    let file = entry.isVisible ? number(for: entry, name, in: directory, on: &disk) : 0
    looked += cost
    cache.remember(name, in: directory, stamp, file: file, looked: cost)
    return file == 0 ? nil : file
  }

  /// What changes when any of the directories does whose names a directory shows, or others take their
  /// place. Mixed and not added up: a layer that is gone takes its count of changes with it, so that a
  /// sum comes back.
  func stamp(of directory: InodeNumber, on disk: FileSystem) -> UInt64 {
    // In place: this is asked for each name of a path, and a copy of the file would be most of it.
    let index = Int(directory)
    var stamp = files[index].shape
    let upper = Int(files[index].upper)
    if upper != 0 { stamp = Union.mixed(stamp, disk.inodes[upper].changes) }
    for place in files[index].lowers.indices {
      let inode = Int(files[index].lowers[place].inode)
      stamp = Union.mixed(stamp, disk.inodes[inode].changes)
    }
    return stamp
  }

  @inline(__always)
  private static func mixed(_ stamp: UInt64, _ changes: some BinaryInteger) -> UInt64 {
    let mixed = (stamp ^ (stamp >> 32)) &* 0x9e37_79b9_7f4a_7c15
    return mixed &+ UInt64(truncatingIfNeeded: changes)
  }

  /// What the layers of a directory have under a name.
  func entry(
    _ name: Name, in directory: InodeNumber, on disk: FileSystem, _ looked: inout Int,
    _ mistakes: UnionMistakes
  ) -> LayeredEntry {
    let file = self[directory]
    var entry = LayeredEntry()
    if file.upper != 0 {
      let found = disk.find(name, in: file.upper)
      looked += Union.cost(of: found?.offset, in: file.upper, on: disk)
      if let found {
        entry.offset = found.offset
        if disk.isWhiteout(found.inode) {
          entry.whiteout = found.inode
          return entry
        }
        entry.upper = found.inode
        let isDirectory = disk[found.inode].kind == .directory
        if !isDirectory || disk[found.inode].isOpaque && !mistakes.contains(.ignoresOpaque) {
          return entry
        }
      }
    }
    entry.lowers = lowers(
      name, of: file, on: disk, &looked, mistakes, belowDirectory: entry.upper != 0)
    return entry
  }

  /// What the lower layers of a directory have under a name.
  func lowers(
    _ name: Name, of file: UnionFile, on disk: FileSystem, _ looked: inout Int,
    _ mistakes: UnionMistakes, belowDirectory: Bool
  ) -> [LowerFile] {
    var found: [LowerFile] = []
    for lower in file.lowers {
      let entry = disk.find(name, in: lower.inode)
      looked += Union.cost(of: entry?.offset, in: lower.inode, on: disk)
      guard let inode = entry?.inode else { continue }
      if disk.isWhiteout(inode) { break }
      guard disk[inode].kind == .directory else {
        // A file is what the name means, unless a directory above it is.
        if found.isEmpty && !belowDirectory {
          found.append(LowerFile(layer: lower.layer, inode: inode))
        }
        break
      }
      found.append(LowerFile(layer: lower.layer, inode: inode))
      if disk[inode].isOpaque && !mistakes.contains(.ignoresOpaque) { break }
    }
    return found
  }

  private static func cost(of offset: Int?, in directory: InodeNumber, on disk: FileSystem) -> Int {
    offset.map { $0 / FileSystem.entrySize + 1 } ?? disk.entryCount(of: directory)
  }

  /// The file that shows an inode under a name of the upper layer or of a lower one; 0 if there is none.
  func file(showing inode: InodeNumber, isUpper: Bool) -> InodeNumber {
    let known = owners[Int(inode)]
    if known == 0 || isUpper { return known }
    // A copy that has not this name is another file: somebody has changed a layer by another way. But
    // what has names in the upper layer and in a lower one is one file.
    let upper = self[known].upper
    return upper == 0 || upper == inode ? known : 0
  }

  /// The number of what the layers show under a name.
  mutating func number(
    for entry: LayeredEntry, _ name: Name, in directory: InodeNumber, on disk: inout FileSystem
  ) -> InodeNumber {
    let first = entry.upper != 0 ? entry.upper : entry.lowers[0].inode
    let kind = disk[first].kind
    var known: InodeNumber
    if kind == .directory {
      known = owners[Int(first)]
      for lower in entry.lowers where known == 0 { known = owners[Int(lower.inode)] }
    } else {
      known = file(showing: first, isUpper: entry.upper != 0)
    }
    if known == 0 {
      return insert(
        UnionFile(
          kind: kind, upper: entry.upper, lowers: entry.lowers, parent: directory, name: name),
        on: &disk)
    }
    self[known].parent = directory
    self[known].name = name
    // What was changed in a layer by another way than this union.
    if kind == .directory,
      self[known].upper != entry.upper || self[known].lowers != entry.lowers
    {
      let references = self[known].references
      let mountPoints = self[known].mountPoints
      letGo(of: known, on: &disk)
      var file = UnionFile(
        kind: kind, upper: entry.upper, lowers: entry.lowers, parent: directory, name: name)
      file.references = references
      file.mountPoints = mountPoints
      file.shape = nextShape()
      files[Int(known)] = file
      for inode in file.lowers.map(\.inode) + (file.upper == 0 ? [] : [file.upper]) {
        disk.retain(inode)
        owners[Int(inode)] = known
        heldCount += 1
      }
    }
    return known
  }
}

/// What looks have found, by directory and name. To forget all of it changes nothing that can be seen:
/// what is remembered costs a guest what looking for it did.
private struct UnionCache: Sendable {
  private struct Entry: Sendable {
    var name = Name([])
    var directory: InodeNumber = 0
    var file: InodeNumber = 0
    var stamp: UInt64 = 0
    var looked: Int32 = 0
  }

  private static let size = 256
  private var entries: [Entry] = []

  private func index(_ name: Name, _ directory: InodeNumber) -> Int {
    Int(truncatingIfNeeded: ((name.hash ^ UInt64(directory)) &* 0x9e37_79b9_7f4a_7c15) >> 56)
  }

  @inline(__always)
  func find(_ name: Name, in directory: InodeNumber, _ stamp: UInt64)
    -> (file: InodeNumber, looked: Int)?
  {
    if entries.isEmpty { return nil }
    let entry = entries[index(name, directory)]
    guard entry.directory == directory, entry.stamp == stamp, entry.name == name else {
      return nil
    }
    return (entry.file, Int(entry.looked))
  }

  mutating func remember(
    _ name: Name, in directory: InodeNumber, _ stamp: UInt64, file: InodeNumber, looked: Int
  ) {
    if entries.isEmpty { entries = Array(repeating: Entry(), count: UnionCache.size) }
    entries[index(name, directory)] = Entry(
      name: name, directory: directory, file: file, stamp: stamp,
      looked: Int32(clamping: looked))
  }
}

extension Union: Digestible {
  /// Who shows which inode is told by the files, but for one of a lower layer that several have shown.
  func combine(into digest: inout Digest) {
    digest.combine(Int(volume.raw))
    digest.combine(isWritable)
    digest.combine(files)
    for number in files.indices {
      for lower in files[number].lowers {
        digest.combine(owners[Int(lower.inode)] == InodeNumber(number))
      }
    }
    digest.combine(free)
    digest.combine(whiteout)
  }
}
