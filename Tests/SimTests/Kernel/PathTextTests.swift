// The path of a directory, as mounts are told of by it.

import TestSupport
import Testing

@testable import Sim

@Suite struct PathTextTests {
  /// A kernel on whose disk a directory lies so deep, and where that is.
  private func kernel(depth: Int) throws -> (kernel: Kernel, bottom: Location) {
    var kernel = try Kernel(limits: Limits(), tick: 1000)
    kernel.volumes.disk = try FileSystem(blocks: 30_000, inodes: depth + 2)
    var bottom = FileSystem.root
    for _ in 0..<depth {
      bottom = try kernel.volumes.disk.create(.directory, as: Name("fourteen bytes"), in: bottom)
    }
    return (kernel, Location(mount: .disk, FileID(bottom)))
  }

  @Test("It has all names from the root down, and costs no more than in proportion to how many")
  func costsWhatTheDepthIs() throws {
    func cost(_ depth: Int) throws -> Double {
      let (kernel, bottom) = try kernel(depth: depth)
      var text: [UInt8] = []
      var looked = 0
      let cost = processorTime { text = kernel.pathText(of: bottom, .outside, looked: &looked) }
      #expect(text.count == depth * 15 && text.starts(with: Array("/fourteen bytes/f".utf8)))
      #expect(looked >= depth * 2)
      return cost
    }
    let (shallow, deep) = (try cost(3000), try cost(24_000))
    #expect(deep < 24 * shallow, "\(shallow) s, \(deep) s")
  }
}
