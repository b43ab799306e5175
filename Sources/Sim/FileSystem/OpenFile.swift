// Open files: what descriptors point to. Descriptors that were dup'ed or inherited share one, and
// with it the offset.

/// An open file's place in the table; descriptors hold it.
package typealias FileIndex = Int16

/// An open file, pipe end or device.
package struct OpenFile: Sendable {
  package enum Target: Equatable, Sendable {
    case none
    case inode(InodeNumber)
    case device(InodeNumber, major: Int16)
    case pipe(PipeIndex)
  }

  package internal(set) var target = Target.none
  var readable = false
  var writable = false
  /// In bytes, for inodes.
  var offset = 0
  /// Descriptors that point here; 0 when the place is free.
  package internal(set) var references = 0

  /// The inode behind it, 0 for a pipe.
  package var inode: InodeNumber {
    switch target {
    case .inode(let inode), .device(let inode, _): inode
    case .none, .pipe: 0
    }
  }
}

/// The machine's open files.
package struct OpenFileTable: Sendable {
  package private(set) var files: [OpenFile]

  init(count: Int) { files = Array(repeating: OpenFile(), count: count) }

  package subscript(_ index: FileIndex) -> OpenFile {
    get { files[Int(index)] }
    set { files[Int(index)] = newValue }
  }

  /// A place with one reference, or nil when all are taken.
  mutating func allocate() -> FileIndex? {
    for index in files.indices where files[index].references == 0 {
      files[index] = OpenFile()
      files[index].references = 1
      return FileIndex(index)
    }
    return nil
  }

  mutating func retain(_ index: FileIndex) { files[Int(index)].references += 1 }

  /// Drops a reference; the file as it was, if that was the last one.
  mutating func release(_ index: FileIndex) -> OpenFile? {
    precondition(files[Int(index)].references > 0, "open file \(index) is free")
    files[Int(index)].references -= 1
    return files[Int(index)].references == 0 ? files[Int(index)] : nil
  }

  mutating func advance(_ index: FileIndex, by count: Int) { files[Int(index)].offset += count }

  var usedCount: Int {
    var count = 0
    for file in files where file.references > 0 { count += 1 }
    return count
  }
}
