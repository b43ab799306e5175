// What directories of the disk show as the layers of a union, worked out from them alone: a second
// reading of the rules, beside the kernel's.

import Algorithms
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
    let shown = counting(layers.lazy.compactMap { layer in raw(layer).first { $0.0 == name }?.1 })
    return shown.isEmpty ? nil : shown
  }

  /// All that these directories show, in the order of the names. Looked for name by name, it would cost
  /// the square of what is there.
  func entries(of layers: [InodeNumber]) -> [Entry] {
    var all: [(name: Name, place: Int, inode: InodeNumber)] = []
    for (place, layer) in layers.enumerated() {
      for (name, inode) in raw(layer) { all.append((name, place, inode)) }
    }
    all.sort { ($0.name, $0.place) < ($1.name, $1.place) }
    var shown: [Entry] = []
    for same in all.chunked(on: \.name) {
      let layers = counting(same.1.lazy.map(\.inode))
      if !layers.isEmpty { shown.append(Entry(name: same.0, layers: layers)) }
    }
    return shown
  }

  /// What counts of all that the layers have under one name, given from top to bottom: down to the first
  /// that is no directory or hides what is below it.
  private func counting(_ inodes: some Sequence<InodeNumber>) -> [InodeNumber] {
    var counting: [InodeNumber] = []
    for inode in inodes {
      if disk.isWhiteout(inode) { break }
      if disk[inode].kind == .directory {
        counting.append(inode)
        if disk[inode].isOpaque { break }
      } else {
        if counting.isEmpty { counting.append(inode) }
        break
      }
    }
    return counting
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
