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

  /// A slice may end at any instruction, and the next one begins there; a loop of which each entry
  /// had a copy of its own would be as fast or slow as the place is lucky.
  @Test func `a loop is translated once, wherever it is entered`() {
    let length = 60
    let start = BareMachine.codeAddress
    var machine = BareMachine(
      (1..<length).map { _ in ImmediateOperation.addi.word(5, 5, 1) } + [jal(0, -4 * (length - 1))])
    for entry in 0..<length {
      machine.hart.pc = start + UInt64(4 * entry)
      let result = machine.hart.run(budget: 10 * length, in: &machine.table, &machine.memory)
      #expect(result.trap == .budgetSpent && machine.hart.pc == start + UInt64(4 * entry))
    }
    #expect(machine.hart[register: 5] == UInt64(10 * length * (length - 1)))
    // From each entry the rest of the loop, half of it on the average, and a jump to its head; where
    // each went round by itself these were 65,536 bytes.
    #expect(machine.code.bytes <= 16 * (length * (length / 2 + 4) + 1024))
  }

  /// As many rounds as fit, and no part of one: the block ends where the loop does.
  @Test(arguments: [1, 2, 3, 7, 21, 22, 31, 32, 33, 63, 64, 65])
  func `a short loop goes round several times in a block`(length: Int) {
    let body = (1..<length).map { _ in ImmediateOperation.addi.word(5, 5, 1) }
    var machine = BareMachine(body + [jal(0, -4 * (length - 1))])
    var total = 0
    for budget in [1, length, 3 * length + 1, 64, 1000, 2] {
      let result = machine.hart.run(budget: budget, in: &machine.table, &machine.memory)
      total += budget
      #expect(result.trap == .budgetSpent && result.retired == budget)
      let place = UInt64(total % length)
      #expect(machine.hart.pc == BareMachine.codeAddress + 4 * place)
      #expect(
        machine.hart[register: 5] == UInt64(total / length * (length - 1) + total % length))
    }
  }
}
