// Where the tool's memory comes from. A machine's blocks, frames and tables are many pieces of a few KiB, touched soon
// after they are asked for; on a virtual host the page fault for each 4 KiB costs several times what filling them
// does. So the heap begins with a part that has pages of 2 MiB, where the host has such. Nothing depends on it.

import Foundation

enum HugePages {
  private static let pageSize = 2 << 20
  /// How long that part is: address space, which becomes memory where it is touched. glibc gives no more than
  /// 32 MiB from its heap.
  private static let size = 28 << 20

  /// Asks the host for huge pages, before anything large is allocated.
  static func use() {
    // The first time the piece is a mapping of its own. When that is freed, glibc gives pieces of its size from its
    // heap (mallopt(3), on `M_MMAP_THRESHOLD`), which so becomes as long as the piece, and stays so.
    for _ in 0..<2 {
      guard let piece = malloc(size) else { return }
      let begin = (Int(bitPattern: piece) + pageSize - 1) / pageSize * pageSize
      let end = (Int(bitPattern: piece) + size) / pageSize * pageSize
      madvise(UnsafeMutableRawPointer(bitPattern: begin), end - begin, MADV_HUGEPAGE)
      free(piece)
    }
  }
}
