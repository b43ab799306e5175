// What translated code takes of the host, however long a hart runs in one go.

import Sim
import TestSupport
import Testing

@Suite struct CodeCacheTests {
  /// Pages of `c.addi x8, 1` with a `c.jr x1` at every 32nd halfword, entered at each halfword in
  /// turn: every entry is a block of its own, half of them longer than 16 operations.
  @Test func `translations are dropped within a run when they become too many`() {
    let pages = 90
    let start: UInt64 = 0x10_0000
    var machine = BareMachine(frames: 256)
    var page: [UInt8] = []
    for half in 0..<2048 { page += half % 32 == 31 ? [0x82, 0x80] : [0x05, 0x04] }
    for index in 0..<pages { machine.load(bytes: page, at: start + UInt64(index * 4096)) }
    machine.load([
      0x0002_80e7,  // jalr x1, 0(x5): into the page, and back
      ImmediateOperation.addi.word(5, 5, 2),
      BranchOperation.bne.word(5, 6, -8), ecall,
    ])
    machine.hart[register: 5] = start
    machine.hart[register: 6] = start + UInt64(pages * 4096)
    let result = machine.hart.run(budget: 100_000_000, in: &machine.table, &machine.memory)
    #expect(result.trap == .call)
    // The last of each 32 adds nothing, the one before it once, and so on.
    #expect(machine.hart[register: 8] == UInt64(pages * 64 * (0..<32).reduce(0, +)))
    #expect(machine.code.bytes <= CodeCache.byteLimit + 100_000)
  }
}
