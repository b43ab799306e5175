// The disk as one of the machine's file systems: what `Volumes` asks of each.

/// What is to be known of a file without reading it.
package struct FileFacts: Equatable, Sendable {
  package var kind: Inode.Kind
  /// Names that it has; a directory that has none was removed and leads nowhere.
  package var links: Int16
  /// In bytes.
  package var size: UInt32
  var major: Int16 = 0
  var minor: Int16 = 0
}

extension FileSystem {
  package static let rootFile = FileID(FileSystem.root)

  @inline(__always)
  func facts(of number: InodeNumber) -> FileFacts {
    let inode = self[number]
    return FileFacts(
      kind: inode.kind, links: inode.links, size: inode.size, major: inode.major,
      minor: inode.minor)
  }

  /// The file called `name`.
  ///
  /// - Parameter looked: rises by how many directory entries were looked at.
  func lookUp(_ name: Name, in directory: InodeNumber, looked: inout Int) -> InodeNumber? {
    guard let entry = find(name, in: directory) else {
      looked += entryCount(of: directory)
      return nil
    }
    looked += entry.offset / FileSystem.entrySize + 1
    return entry.inode
  }

  /// Makes a file, directory or device under a new name.
  ///
  /// - Returns: the inode, with a reference for the caller.
  mutating func create(
    _ kind: Inode.Kind, major: Int16 = 0, minor: Int16 = 0, as name: Name,
    in directory: InodeNumber
  ) throws(Refusal) -> InodeNumber {
    guard self[directory].links < Int16.max else { throw .linkLimit }
    guard let number = allocate(kind, major: major, minor: minor) else { throw .noInode }
    do {
      if kind == .directory {
        try addEntry(.current, number, to: number)
        try addEntry(.parent, directory, to: number)
      }
      try addEntry(name, number, to: directory)
    } catch {
      release(number)  // Without a link, this frees it and its blocks.
      throw error
    }
    addLink(number)
    if kind == .directory { addLink(directory) }
    return number
  }

  /// Gives a file one more name.
  mutating func link(_ number: InodeNumber, as name: Name, in directory: InodeNumber)
    throws(Refusal)
  {
    guard self[number].links < Int16.max else { throw .linkLimit }
    try addEntry(name, number, to: directory)
    addLink(number)
  }

  /// Removes a name, and with its last name a file that nobody refers to.
  ///
  /// - Parameter looked: rises by how many directory entries were looked at.
  /// - Returns: what had the name, with a reference for the caller.
  mutating func remove(_ name: Name, from directory: InodeNumber, looked: inout Int)
    throws(Refusal) -> InodeNumber
  {
    guard let entry = find(name, in: directory) else { throw .notFound }
    let isDirectory = self[entry.inode].kind == .directory
    if isDirectory {
      looked += entryCount(of: entry.inode)
      if !isEmpty(entry.inode) { throw .notEmpty }
    }
    clearEntry(at: entry.offset, of: directory)
    if isDirectory { removeLink(directory) }
    retain(entry.inode)
    removeLink(entry.inode)
    return entry.inode
  }

  /// The name of a directory's entry for a file.
  func name(of number: InodeNumber, in directory: InodeNumber) -> Name? {
    var found: Name?
    eachEntry(of: directory) { inode, entry, offset in
      guard inode == number, offset >= 2 * FileSystem.entrySize else { return true }
      found = Name(entry: entry)
      return false
    }
    return found
  }
}
