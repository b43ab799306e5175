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

  @Test func `a checkpoint and the memory go apart at the first write`() throws {
    var memory = Memory(frames: 4)
    let frame = try fresh(&memory)
    memory.writableBytes(of: frame).storeBytes(of: 1, as: UInt64.self)
    let epochs = (memory.epoch, memory.storeEpoch)
    var checkpoint = memory.checkpoint()
    #expect(memory.storeEpoch != epochs.1)
    #expect(memory.bytes(of: frame) == checkpoint.bytes(of: frame))
    memory.writableBytes(of: frame).storeBytes(of: 2, as: UInt64.self)
    #expect(memory.epoch != epochs.0)
    #expect(checkpoint.bytes(of: frame).load(as: UInt64.self) == 1)
    checkpoint.writableBytes(of: frame).storeBytes(of: 3, as: UInt64.self)
    #expect(memory.bytes(of: frame).load(as: UInt64.self) == 2)
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
