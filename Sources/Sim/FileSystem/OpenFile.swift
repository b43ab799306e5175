// Open files: what descriptors point to. Descriptors that were dup'ed or inherited share one, and
// with it the offset.

/// An open file, pipe end, socket or device.
package struct OpenFile: Sendable {
  package enum Target: Equatable, Sendable {
    case none
    case file(FileID)
    case device(FileID, major: Int16)
    case pipe(PipeIndex)
    case socket(SocketID)
  }

  package internal(set) var target = Target.none
  var readable = false
  var writable = false
  /// The mount through which it was opened, and in whose table that is.
  package internal(set) var mount = MountID.disk
  package internal(set) var mountOwner = ContainerID.outside
  /// In bytes, for files.
  var offset = 0
  /// The group in which it counts.
  package internal(set) var payer = GroupID.root
  /// Descriptors that point here; 0 when the place is free.
  package internal(set) var references = 0

  /// The file or device behind it; nil for a pipe or socket.
  package var file: FileID? {
    switch target {
    case .file(let file), .device(let file, _): file
    case .none, .pipe, .socket: nil
    }
  }
}

/// The machine's open files.
package struct OpenFileTable: Sendable {
  package private(set) var files: [OpenFile]
  /// What files that stand nowhere held when they were opened, by place; as long as was ever needed. Beside
  /// the files, so that looking at one of these costs nothing for it.
  private var made: [MadeText?] = []

  init(count: Int) { files = Array(repeating: OpenFile(), count: count) }

  package subscript(_ index: FileIndex) -> OpenFile {
    get { files[index.index] }
    set { files[index.index] = newValue }
  }

  /// A place with one reference, or nil when all are taken.
  mutating func allocate(payer: GroupID) -> FileIndex? {
    for index in files.indices where files[index].references == 0 {
      files[index] = OpenFile()
      files[index].references = 1
      files[index].payer = payer
      return FileIndex(index)
    }
    return nil
  }

  /// What an open file has kept since it was opened.
  package func made(_ index: FileIndex) -> MadeText? {
    index.index < made.count ? made[index.index] : nil
  }

  mutating func keep(_ text: MadeText, for index: FileIndex) {
    while made.count <= index.index { made.append(nil) }
    made[index.index] = text
  }

  mutating func retain(_ index: FileIndex) { files[index.index].references += 1 }

  /// Drops a reference; the file as it was, if that was the last one.
  mutating func release(_ index: FileIndex) -> OpenFile? {
    precondition(files[index.index].references > 0, "open file \(index) is free")
    files[index.index].references -= 1
    guard files[index.index].references == 0 else { return nil }
    if index.index < made.count { made[index.index] = nil }
    return files[index.index]
  }

  mutating func advance(_ index: FileIndex, by count: Int) { files[index.index].offset += count }

  var usedCount: Int {
    var count = 0
    for file in files where file.references > 0 { count += 1 }
    return count
  }
}

extension OpenFile.Target: Digestible {
  func combine(into digest: inout Digest) {
    switch self {
    case .none: digest.combine(0)
    case .file(let file):
      digest.combine(1)
      digest.combine(file)
    case .device(let file, let major):
      digest.combine(2)
      digest.combine(file)
      digest.combine(major)
    case .pipe(let pipe):
      digest.combine(3)
      digest.combine(pipe)
    case .socket(let socket):
      digest.combine(4)
      digest.combine(socket.raw)
    }
  }
}

extension OpenFile: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(target)
    digest.combine(readable)
    digest.combine(writable)
    digest.combine(mount)
    digest.combine(mountOwner.raw)
    digest.combine(offset)
    digest.combine(payer.raw)
    digest.combine(references)
  }
}

extension OpenFileTable: Digestible {
  func combine(into digest: inout Digest) {
    for index in files.indices where files[index].references > 0 {
      digest.combine(index)
      digest.combine(files[index])
      digest.combine(made(FileIndex(index)))
    }
  }
}
