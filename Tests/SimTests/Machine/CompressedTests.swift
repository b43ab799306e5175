// A compressed instruction does what the four-byte one does that it abbreviates.

import Sim
import TestSupport
import Testing

private let code = BareMachine.codeAddress
private let data: UInt64 = 0x2_0000

private let r = RegisterOperation.self
private let i = ImmediateOperation.self
private let s = ShiftOperation.self

/// Spelled by LLVM's assembler: the halfword, and the word it stands for.
private let expansions: [(name: String, half: UInt16, word: UInt32)] = [
  ("c.addi4spn s0, sp, 4", 0x0040, i.addi.word(8, 2, 4)),
  ("c.addi4spn a5, sp, 1020", 0x1ffc, i.addi.word(15, 2, 1020)),
  ("c.lw s1, 0(s0)", 0x4004, LoadOperation.lw.word(9, 0, 8)),
  ("c.lw a5, 124(a0)", 0x5d7c, LoadOperation.lw.word(15, 124, 10)),
  ("c.ld s1, 0(s0)", 0x6004, LoadOperation.ld.word(9, 0, 8)),
  ("c.ld a5, 248(a0)", 0x7d7c, LoadOperation.ld.word(15, 248, 10)),
  ("c.sw s1, 68(s0)", 0xc064, StoreOperation.sw.word(9, 68, 8)),
  ("c.sd a5, 192(s0)", 0xe07c, StoreOperation.sd.word(15, 192, 8)),
  ("c.addi a0, -1", 0x157d, i.addi.word(10, 10, -1)),
  ("c.addi t6, 31", 0x0ffd, i.addi.word(31, 31, 31)),
  ("c.addi a0, -32", 0x1501, i.addi.word(10, 10, -32)),
  ("c.addiw a0, 0", 0x2501, i.addiw.word(10, 10, 0)),
  ("c.addiw t1, -5", 0x336d, i.addiw.word(6, 6, -5)),
  ("c.li a0, -32", 0x5501, i.addi.word(10, 0, -32)),
  ("c.li s11, 31", 0x4dfd, i.addi.word(27, 0, 31)),
  ("c.addi16sp 16", 0x6141, i.addi.word(2, 2, 16)),
  ("c.addi16sp 496", 0x617d, i.addi.word(2, 2, 496)),
  ("c.addi16sp -512", 0x7101, i.addi.word(2, 2, -512)),
  ("c.addi16sp -16", 0x717d, i.addi.word(2, 2, -16)),
  ("c.lui a0, 1", 0x6505, lui(10, 1)),
  ("c.lui t0, 31", 0x62fd, lui(5, 31)),
  ("c.lui a0, -32", 0x7501, lui(10, 0xfffe0)),
  ("c.srli a0, 1", 0x8105, s.srli.word(10, 10, 1)),
  ("c.srli a5, 63", 0x93fd, s.srli.word(15, 15, 63)),
  ("c.srai a0, 32", 0x9501, s.srai.word(10, 10, 32)),
  ("c.andi a0, -1", 0x997d, i.andi.word(10, 10, -1)),
  ("c.andi s0, 21", 0x8855, i.andi.word(8, 8, 21)),
  ("c.sub a0, a1", 0x8d0d, r.sub.word(10, 10, 11)),
  ("c.xor a0, a1", 0x8d2d, r.xor.word(10, 10, 11)),
  ("c.or a0, a1", 0x8d4d, r.or.word(10, 10, 11)),
  ("c.and a0, a1", 0x8d6d, r.and.word(10, 10, 11)),
  ("c.subw a0, a1", 0x9d0d, r.subw.word(10, 10, 11)),
  ("c.addw a0, a1", 0x9d2d, r.addw.word(10, 10, 11)),
  ("c.slli a0, 1", 0x0506, s.slli.word(10, 10, 1)),
  ("c.slli t6, 63", 0x1ffe, s.slli.word(31, 31, 63)),
  ("c.lwsp a0, 4(sp)", 0x4512, LoadOperation.lw.word(10, 4, 2)),
  ("c.lwsp ra, 252(sp)", 0x50fe, LoadOperation.lw.word(1, 252, 2)),
  ("c.ldsp a0, 8(sp)", 0x6522, LoadOperation.ld.word(10, 8, 2)),
  ("c.ldsp ra, 504(sp)", 0x70fe, LoadOperation.ld.word(1, 504, 2)),
  ("c.swsp a0, 128(sp)", 0xc12a, StoreOperation.sw.word(10, 128, 2)),
  ("c.sdsp ra, 504(sp)", 0xff86, StoreOperation.sd.word(1, 504, 2)),
  ("c.mv a0, t6", 0x857e, r.add.word(10, 0, 31)),
  ("c.add a0, t6", 0x957e, r.add.word(10, 10, 31)),
]

/// Instructions that move the pc, with how far from the start they lead.
private let jumps: [(name: String, half: UInt16, offset: Int, link: Bool)] = [
  ("c.j 2", 0xa009, 2, false), ("c.j 2046", 0xaffd, 2046, false),
  ("c.j -2048", 0xb001, -2048, false), ("c.j 1366", 0xab99, 1366, false),
  ("c.beqz a0, 4 (taken)", 0xc111, 4, false), ("c.beqz a0, -256 (taken)", 0xd101, -256, false),
  ("c.beqz a0, 254 (taken)", 0xcd7d, 254, false), ("c.bnez a0, 254 (not)", 0xed7d, 2, false),
  ("c.bnez s0, 254 (taken)", 0xec7d, 254, false), ("c.jr a1", 0x8582, 64, false),
  ("c.jalr a1", 0x9582, 64, true),
]

@Suite struct CompressedTests {
  @Test(arguments: expansions.indices)
  func `a compressed instruction does what its expansion does`(index: Int) {
    let (name, half, word) = expansions[index]
    func after(_ bytes: [UInt8]) -> BareMachine {
      var machine = BareMachine()
      machine.load(bytes: bytes)
      machine.map(data, [.read, .write])
      machine.write((0..<1024).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ 5) }, at: data)
      for register in 1..<32 {
        machine.hart[register: register] = data + UInt64(register * 8)
      }
      #expect(machine.run(budget: 1) == (1, .budgetSpent), "\(name)")
      return machine
    }
    let short = after([UInt8(half & 0xff), UInt8(half >> 8)])
    let long = after((0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) })
    #expect(short.hart.registers == long.hart.registers, "\(name)")
    #expect(short.read(data, count: 4096) == long.read(data, count: 4096), "\(name)")
    #expect(short.hart.pc == code + 2)
  }

  @Test(arguments: jumps.indices)
  func `a compressed jump or branch leads where it says`(index: Int) {
    let (name, half, offset, link) = jumps[index]
    var machine = BareMachine()
    machine.map(code - 4096, [.read, .execute])
    machine.load(bytes: [UInt8(half & 0xff), UInt8(half >> 8)])
    machine.hart[register: 8] = 1
    machine.hart[register: 11] = code + 65
    #expect(machine.run(budget: 1) == (1, .budgetSpent), "\(name)")
    #expect(machine.hart.pc == code &+ UInt64(bitPattern: Int64(offset)), "\(name)")
    #expect(machine.hart[register: 1] == (link ? code + 2 : 0), "\(name)")
  }

  @Test func `c.ebreak is a breakpoint`() {
    var machine = BareMachine()
    machine.load(bytes: [1, 0, 0x02, 0x90])
    let fault = Fault(cause: .breakpoint, pc: code + 2, value: code + 2)
    #expect(machine.run() == (1, .fault(fault)))
  }
}
