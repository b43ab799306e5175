// References to files, counted file by file: those on the disk, and those that unions show.

import Sim

struct FileReferences {
  private(set) var inodes: [Int]
  /// By a union's place and a file's number in it.
  private(set) var unions: [[Int]]

  init(_ volumes: borrowing Volumes) {
    inodes = [Int](repeating: 0, count: volumes.disk.inodes.count)
    unions = volumes.unions.map { [Int](repeating: 0, count: $0.files.count) }
  }

  mutating func add(_ file: FileID) {
    switch file.volume.kind {
    case .disk: inodes[Int(file.inode)] += 1
    case .proc, .groups: break
    case .union(let place):
      if unions.indices.contains(place), unions[place].indices.contains(Int(file.inode)) {
        unions[place][Int(file.inode)] += 1
      }
    }
  }
}
