// The disk at its limits: large files, and what the console says when nothing is left.

import Sim
import TestSupport
import Testing

@Suite struct DiskTests {
  @Test(
    "A file has as many blocks as the scenario says, and not one more",
    arguments: [16, 100, 267, 268, 269, 11 + 256, 11 + 256 + 256, 11 + 256 + 257, 1500])
  func filesReachTheirLimit(blocks: Int) throws {
    var scenario = GuestRun.scenario(["large_file", "\(blocks)"])
    scenario.limits.fileBlocks = blocks
    scenario.limits.blocks = 4000
    if blocks < 100 {
      // Programs that are larger than that have to stay out.
      scenario.files.removeAll { file in
        guard case .file(let bytes) = file.content else { return false }
        return bytes.count > blocks * 1024
      }
    }
    let run = try CheckedRun(scenario)
    #expect(run.end == .halted(status: 0), "\(run.console)")
    #expect(run.violations.isEmpty, "\(run.violations)")
  }

  @Test("A disk that is full, or out of inodes, is told of in xv6's words")
  func fullDiskIsTold() throws {
    let inodes = try GuestRun([], typed: ["mkdir a b c d e f g h\n"]) {
      $0.limits.inodes = $0.files.count + 6
    }
    #expect(inodes.console.contains("ialloc: no inodes\n"), "\(inodes.console)")
    let blocks = try GuestRun(["limit_blocks"])
    #expect(blocks.console.contains("balloc: out of blocks\n"), "\(blocks.console)")
  }
}
