// What directories of the disk show as the layers of a union, worked out from them alone: a second
// reading of the rules, beside the kernel's.

import Sim

struct LayerView {
  struct Entry {
    var name: Name
    /// What has the name: of a file the one that counts, of a directory all, from top to bottom.
    var layers: [InodeNumber]
  }

  private let disk: FileSystem

  init(_ disk: FileSystem) { self.disk = disk }

  /// The layers that a file of a union has now, the upper one first.
  func layers(of file: UnionFile) -> [InodeNumber] {
    (file.upper == 0 ? [] : [file.upper]) + file.lowers.map(\.inode)
  }

  /// What a name is in these directories, given from top to bottom; nil if they show nothing.
  func find(_ name: Name, in layers: [InodeNumber]) -> [InodeNumber]? {
    entries(of: layers).first { $0.name == name }?.layers
  }

  /// All that these directories show.
  func entries(of layers: [InodeNumber]) -> [Entry] {
    var shown: [Entry] = []
    /// Names of which the layers further down say nothing any more.
    var settled: [Name] = []
    for layer in layers {
      let here = raw(layer)
      for (name, inode) in here where !settled.contains(name) {
        let place = shown.firstIndex { $0.name == name }
        if disk.isWhiteout(inode) {
          settled.append(name)
        } else if disk[inode].kind != .directory {
          if place == nil { shown.append(Entry(name: name, layers: [inode])) }
          settled.append(name)
        } else {
          if let place {
            shown[place].layers.append(inode)
          } else {
            shown.append(Entry(name: name, layers: [inode]))
          }
          if disk[inode].isOpaque { settled.append(name) }
        }
      }
    }
    return shown
  }

  /// A directory's own entries.
  private func raw(_ directory: InodeNumber) -> [(Name, InodeNumber)] {
    let bytes = disk.read(directory, at: 0, count: Int(disk[directory].size))
    var entries: [(Name, InodeNumber)] = []
    for start in stride(from: 2 * FileSystem.entrySize, to: bytes.count, by: FileSystem.entrySize) {
      let inode = InodeNumber(bytes[start]) | InodeNumber(bytes[start + 1]) << 8
      if inode == 0 { continue }
      entries.append((Name(bytes[(start + 2)..<(start + 16)].prefix { $0 != 0 }), inode))
    }
    return entries
  }

  /// All that is in directories and below them.
  struct Summary: Sendable {
    /// Of what is there, without the data of files that were left out.
    var hash: UInt64
    var leftOut = 0
    /// How many files there are.
    var count = 0
  }

  /// What is in these directories and below them.
  ///
  /// - Parameter isUpper: by inode, files whose data do not count: they have names in an upper layer
  ///   as well, by which a union may change them.
  func summary(of layers: [InodeNumber], but isUpper: [Bool]) -> Summary {
    var digest = Digest()
    var summary = Summary(hash: 0)
    var open = layers
    while let inode = open.popLast() {
      digest.combine(UInt64(inode))
      summary.count += 1
      if disk[inode].kind != .directory && isUpper[Int(inode)] {
        summary.leftOut += 1
        continue
      }
      digest.combine(UInt64(disk[inode].size))
      digest.combine(disk.read(inode, at: 0, count: Int(disk[inode].size)))
      if disk[inode].kind == .directory {
        for (_, below) in raw(inode) { open.append(below) }
      }
    }
    summary.hash = digest.value
    return summary
  }
}
