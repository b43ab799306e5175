// Frames: who uses them, what they hold, and what was written.

import Sim
import Testing

private func fresh(_ memory: inout Memory) throws -> PageFrame {
  let frame = memory.allocate()
  return try #require(frame)
}

@Suite struct MemoryTests {
  @Test func `frames are handed out zeroed, counted, and handed out again`() throws {
    var memory = Memory(frames: 3)
    let first = try fresh(&memory)
    memory.writableBytes(of: first).storeBytes(of: 7, as: UInt64.self)
    let second = try fresh(&memory)
    let third = try fresh(&memory)
    #expect(first != second && second != third)
    #expect(memory.allocate() == nil)
    memory.retain(first)
    #expect(memory.userCount(first) == 2)
    memory.release(first)
    #expect(memory.freeCount == 0)
    memory.release(first)
    #expect(memory.freeCount == 1)
    let again = try fresh(&memory)
    #expect(again == first)
    #expect(memory.bytes(of: again).load(as: UInt64.self) == 0)
  }

  @Test func `a snapshot is what memory was, however often it is put back`() throws {
    var memory = Memory(frames: 200)
    var frames: [PageFrame] = []
    for value in 0..<150 {
      let frame = try fresh(&memory)
      memory.writableBytes(of: frame).storeBytes(of: UInt64(value), as: UInt64.self)
      frames.append(frame)
    }
    for frame in frames[100...] { memory.release(frame) }
    let free = memory.freeCount
    let snapshot = memory.snapshot()
    for _ in 0..<2 {
      memory.writableBytes(of: frames[7]).storeBytes(of: 70, as: UInt64.self)
      memory.retain(frames[8])
      memory.release(frames[9])
      let again = try fresh(&memory)
      #expect(again == frames[9])
      let next = try fresh(&memory)
      #expect(next == frames[149])
      #expect(memory.bytes(of: frames[7]).load(as: UInt64.self) == 70)
      #expect(memory.bytes(of: again).load(as: UInt64.self) == 0)

      memory.restore(snapshot)
      #expect(memory.freeCount == free)
      #expect(memory.userCount(frames[8]) == 1)
      #expect(memory.userCount(frames[149]) == 0)
      for (value, frame) in frames[..<100].enumerated() {
        #expect(memory.bytes(of: frame).load(as: UInt64.self) == UInt64(value))
      }
    }
  }

  @Test func `putting back drops the translations of pages that changed, and no others`() throws {
    var memory = Memory(frames: 4)
    let kept = try fresh(&memory)
    let changed = try fresh(&memory)
    let snapshot = memory.snapshot()
    memory.writableBytes(of: changed).storeBytes(of: 1, as: UInt64.self)
    memory.markTranslated(kept, chunks: 1)
    memory.markTranslated(changed, chunks: 1)
    let epoch = memory.epoch
    memory.restore(snapshot)
    #expect(memory.epoch != epoch)
    #expect(memory.isTranslated(kept))
    #expect(!memory.isTranslated(changed))
  }

  @Test func `a memory of four gigabytes costs what is used of it`() throws {
    // By frame, it would be a few hundred megabytes.
    var memories: [Memory] = []
    for _ in 0..<2000 { memories.append(Memory(frames: 1 << 20)) }
    let frame = try fresh(&memories[1])
    memories[1].release(frame)
    #expect(memories.allSatisfy { $0.freeCount == 1 << 20 })
  }

  @Test func `the digest of what was written depends on the bytes and not on their order`() throws {
    func digest(_ writes: [(frame: Int, value: UInt64)]) throws -> (UInt64, Int) {
      var memory = Memory(frames: 4)
      let frames = try [fresh(&memory), fresh(&memory), fresh(&memory)]
      _ = memory.takeWritten()
      #expect(memory.takeWritten().frames == 0)
      for write in writes {
        memory.writableBytes(of: frames[write.frame]).storeBytes(of: write.value, as: UInt64.self)
      }
      let taken = memory.takeWritten()
      return (taken.hash, taken.frames)
    }
    let reference = try digest([(0, 5), (2, 6)])
    #expect(reference.1 == 2)
    #expect(try digest([(2, 6), (0, 5)]) == reference)
    #expect(try digest([(2, 5), (0, 6)]) != reference)
    #expect(try digest([(0, 5), (1, 6)]) != reference)
    #expect(try digest([(0, 5), (2, 6), (2, 6)]) == reference)
  }
}
