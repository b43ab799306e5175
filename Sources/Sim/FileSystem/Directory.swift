// Directories: files of 16-byte entries, an inode number (0 = free) and a name of 14 bytes. The
// layout is the guest's too: a directory read through a descriptor shows these bytes.

extension Name {
  func entry(_ inode: InodeNumber) -> [UInt8] {
    var writer = LayoutWriter()
    writer.append(UInt16(truncatingIfNeeded: inode))
    writer.append(low)
    writer.append(UInt32(truncatingIfNeeded: high))
    writer.append(UInt16(truncatingIfNeeded: high >> 32))
    return writer.bytes
  }
}

extension FileSystem {
  package static let entrySize = 16

  /// Entries, free ones too, that a directory has: what looking for one takes at most.
  func entryCount(of directory: InodeNumber) -> Int {
    Int(self[directory].size) / FileSystem.entrySize
  }

  /// The entry called `name`: its inode and where it stands in the directory, in bytes.
  package func find(_ name: Name, in directory: InodeNumber) -> (inode: InodeNumber, offset: Int)? {
    var result: (InodeNumber, Int)?
    var before = 0
    _ = read(directory, at: 0, count: Int(self[directory].size)) { block in
      guard let bytes = block.baseAddress else { return true }
      var place = 0
      while place + FileSystem.entrySize <= block.count {
        // In bounds: of the entry's 16 bytes these are the eight from the third on. They tell almost all names apart.
        let low = UInt64(
          littleEndian: bytes.loadUnaligned(fromByteOffset: place + 2, as: UInt64.self))
        if low == name.low {
          let entry = UnsafeRawBufferPointer(start: bytes + place, count: FileSystem.entrySize)
          let inode = UInt16(littleEndian: entry.loadUnaligned(as: UInt16.self))
          if inode != 0, Name(entry: entry) == name {
            result = (InodeNumber(inode), before + place)
            return false
          }
        }
        place += FileSystem.entrySize
      }
      before += block.count
      return true
    }
    return result
  }

  /// Whether it holds nothing but `.` and `..`.
  func isEmpty(_ directory: InodeNumber) -> Bool {
    var empty = true
    eachEntry(of: directory) { inode, _, offset in
      if inode != 0 && offset >= 2 * FileSystem.entrySize { empty = false }
      return empty
    }
    return empty
  }

  /// Adds an entry where one is free, or at the end.
  mutating func addEntry(_ name: Name, _ inode: InodeNumber, to directory: InodeNumber)
    throws(Refusal)
  {
    if find(name, in: directory) != nil { throw .exists }
    var place = Int(self[directory].size)
    eachEntry(of: directory) { inode, _, offset in
      if inode == 0 { place = offset }
      return inode != 0
    }
    let result = name.entry(inode).withUnsafeBytes { write(directory, at: place, $0) }
    if let refusal = result.refusal { throw refusal }
  }

  /// Puts another inode behind an entry that there is.
  mutating func setEntry(
    _ name: Name, _ inode: InodeNumber, at offset: Int, of directory: InodeNumber
  ) {
    let result = name.entry(inode).withUnsafeBytes { write(directory, at: offset, $0) }
    precondition(result.refusal == nil, "an entry that was read can be written")
  }

  mutating func clearEntry(at offset: Int, of directory: InodeNumber) {
    let zeros = [UInt8](repeating: 0, count: FileSystem.entrySize)
    let result = zeros.withUnsafeBytes { write(directory, at: offset, $0) }
    precondition(result.refusal == nil, "an entry that was read can be written")
  }

  /// Visits entries in order, free ones too, until `visit` returns false.
  func eachEntry(
    of directory: InodeNumber,
    _ visit: (_ inode: InodeNumber, _ entry: UnsafeRawBufferPointer, _ offset: Int) -> Bool
  ) {
    var offset = 0
    _ = read(directory, at: 0, count: Int(self[directory].size)) { block in
      for start in stride(from: 0, to: block.count, by: FileSystem.entrySize) {
        let entry = UnsafeRawBufferPointer(rebasing: block[start..<start + FileSystem.entrySize])
        let inode = UInt16(littleEndian: entry.loadUnaligned(as: UInt16.self))
        guard visit(InodeNumber(inode), entry, offset) else { return false }
        offset += FileSystem.entrySize
      }
      return true
    }
  }
}
