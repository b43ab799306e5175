// A file or directory as a union shows it, and what can be said of one by looking at nothing else. These
// questions come several times with each name of a path; they are the list's and not the union's, so
// that asking takes no copy of the union with a reference for each of its tables.

/// A file or directory in one of the lower layers.
package struct LowerFile: Equatable, Sendable {
  /// The topmost lower layer is 1.
  package let layer: Int
  package let inode: InodeNumber
}

/// A file as a union shows it. The union holds a reference to each inode that is named here.
package struct UnionFile: Sendable {
  package internal(set) var kind: Inode.Kind
  /// In the upper layer; 0 if it is not there.
  package internal(set) var upper: InodeNumber
  /// From top to bottom: all of a directory's, and of a file the one that counts.
  package internal(set) var lowers: [LowerFile]
  /// Where it was found last, and by which name; a directory is nowhere else.
  package internal(set) var parent: InodeNumber
  package internal(set) var name: Name
  /// Open files, working directories, roots and mounts that refer to it.
  package internal(set) var references = 0
  /// Mounts that hide it.
  package internal(set) var mountPoints = 0
  /// A directory that was removed, and is still referred to. It shows nothing, whatever is made in its
  /// layers without the union.
  package internal(set) var isRemoved = false
  /// What a directory shows; nil until it is first read.
  var listing: UnionListing?
  /// Another one with each change of `upper` and `lowers`, and for each file that gets the number.
  var shape: UInt64 = 0

  /// What stands at a number that no file has.
  static let vacant = UnionFile(
    kind: .free, upper: 0, lowers: [], parent: 0, name: .current)
}

extension [UnionFile] {
  /// A file's place in the list.
  @inline(__always)
  func place(of number: InodeNumber) -> Int {
    precondition(self[Int(number)].kind != .free, "a union has no file \(number)")
    return Int(number)
  }

  func kind(of number: InodeNumber) -> Inode.Kind { self[place(of: number)].kind }

  func parent(of number: InodeNumber) -> InodeNumber { self[place(of: number)].parent }

  func name(of number: InodeNumber) -> Name { self[place(of: number)].name }

  /// Whether a mount hides it.
  func isMountPoint(_ number: InodeNumber) -> Bool { self[place(of: number)].mountPoints != 0 }

  func isInUpperLayer(_ number: InodeNumber) -> Bool { self[place(of: number)].upper != 0 }

  /// The inode of the disk that has a file's data now.
  func data(of number: InodeNumber) -> InodeNumber {
    let place = place(of: number)
    if self[place].upper != 0 { return self[place].upper }
    return self[place].lowers.isEmpty ? 0 : self[place].lowers[0].inode
  }

  /// Where reading a file takes its bytes.
  func source(of number: InodeNumber) -> DataSource {
    kind(of: number) == .directory ? .made : .disk(data(of: number))
  }

  /// The layer that a file is in, the uppermost one of a directory; the upper layer is 0.
  func layer(of number: InodeNumber) -> Int {
    let place = place(of: number)
    return self[place].upper != 0 || self[place].lowers.isEmpty ? 0 : self[place].lowers[0].layer
  }

  func isRemoved(_ number: InodeNumber, on disk: FileSystem) -> Bool {
    let place = place(of: number)
    if self[place].isRemoved { return true }
    let upper = Int(self[place].upper)
    if upper != 0 && disk.inodes[upper].links > 0 { return false }
    for layer in self[place].lowers.indices
    where disk.inodes[Int(self[place].lowers[layer].inode)].links > 0 {
      return false
    }
    return true
  }

  /// What is known without looking at more than the file: of a directory's entries, what was found when
  /// somebody last asked for them.
  func facts(of number: InodeNumber, on disk: FileSystem) -> FileFacts {
    guard kind(of: number) == .directory else { return disk.facts(of: data(of: number)) }
    let listing = self[Int(number)].listing
    return FileFacts(
      kind: .directory, links: Int16(clamping: 1 + (listing?.subdirectories ?? 0)),
      size: UInt32((listing?.entries.count ?? 2) * FileSystem.entrySize))
  }
}

extension UnionFile: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(kind.rawValue)
    digest.combine(upper)
    for lower in lowers { digest.combine(lower.inode) }
    digest.combine(parent)
    digest.combine(name)
    digest.combine(references)
    digest.combine(mountPoints)
    digest.combine(isRemoved)
    digest.combine(listing)
  }
}
