// What is not RV64IMAC in user mode is illegal, and says so with its bits.

import Sim
import TestSupport
import Testing

private let code = BareMachine.codeAddress

/// The cause of running one instruction, or nil if it is legal.
private func fault(of bits: UInt32) -> Fault? {
  var machine = BareMachine()
  machine.load(bytes: (0..<4).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) } + [1, 0, 1, 0])
  guard case .fault(let fault) = machine.run(budget: 1).trap else { return nil }
  return fault.cause == .loadPage || fault.cause == .storePage || fault.cause == .breakpoint
    ? nil : fault
}

@Suite struct IllegalInstructionTests {
  @Test(
    arguments: [
      ("all zeros", 0x0000_0000), ("all ones", 0xffff_ffff), ("48-bit encoding", 0x0000_001f),
      ("load, funct3 7", 0x0000_7003), ("store, funct3 4", 0x0000_4023),
      ("branch, funct3 2", 0x0000_2063), ("branch, funct3 3", 0x0000_3063),
      ("jalr, funct3 1", 0x0000_1067), ("slli with bit 26", 0x0400_1013),
      ("srli with bit 31", 0x8000_5013), ("slliw by 32", 0x0200_101b), ("srliw by 32", 0x0200_501b),
      ("sraiw by 32", 0x4200_501b), ("op-imm-32, funct3 2", 0x0000_201b),
      ("op, funct7 0x40", 0x8000_0033), ("sub, funct3 1", 0x4000_1033),
      ("op-32, funct3 2", 0x0000_203b), ("mulhw", 0x0200_103b), ("andn (Zbb)", 0x4000_7033),
      ("lr.w with rs2", 0x1010_202f), ("amo, funct3 0", 0x0000_002f),
      ("amo, funct5 5", 0x2800_202f),
      ("amocas.w (Zacas)", 0x2800_202f), ("misc-mem, funct3 2", 0x0000_200f),
      ("flw", 0x0000_2007), ("fld", 0x0000_3007), ("fsw", 0x0000_2027), ("fsd", 0x0000_3027),
      ("fadd.s", 0x0000_0053), ("fadd.d", 0x0200_0053), ("fmadd.s", 0x0000_0043),
      ("vector", 0x0000_0057), ("custom-0", 0x0000_000b),
      ("uret", 0x0020_0073), ("sret", 0x1020_0073), ("mret", 0x3020_0073), ("wfi", 0x1050_0073),
      ("sfence.vma", 0x1200_0073), ("ecall with rd", 0x0000_00f3), ("ecall with rs1", 0x0000_8073),
      ("ebreak with rd", 0x0010_00f3), ("system, funct3 4", 0x0000_4073),
      ("csrrw cycle", 0xc000_1073), ("csrrs cycle with rs1", 0xc000_a073),
      ("csrrsi cycle, 1", 0xc000_e073), ("csrrwi time, 0", 0xc010_5073),
      ("rdcycleh", 0xc800_2073), ("hpmcounter3", 0xc030_2073), ("fcsr", 0x0030_2073),
      ("sstatus", 0x1000_2073), ("mhartid", 0xf140_2073),
    ] as [(String, UInt32)])
  func `a reserved, privileged or floating-point instruction is illegal`(
    name: String, bits: UInt32
  ) {
    let value = UInt64(bits & 3 == 3 ? bits : bits & 0xffff)
    let expected = Fault(cause: .illegalInstruction, pc: code, value: value)
    #expect(fault(of: bits) == expected, "\(name)")
  }

  @Test(
    arguments: [
      ("fence with all fields", 0xfff0_8f8f), ("pause", 0x0100_000f),
      ("fence.i with fields", 0xfff1_900f), ("slli into x0", 0x0010_1013),
      ("lui into x0", 0x0000_1037), ("add into x0", 0x0020_8033), ("rdtime into x0", 0xc010_2073),
      ("srai by 63", 0x43f0_d093), ("c.nop with immediate", 0x0000_0005),
      ("c.addi x1, 0", 0x0000_0081),
      ("c.li x0", 0x0000_4005), ("c.lui x0", 0x0000_6005), ("c.mv x0", 0x0000_8006),
      ("c.add x0", 0x0000_9006), ("c.slli x0", 0x0000_0006), ("c.slli by 0", 0x0000_0082),
      ("c.srli by 0", 0x0000_8001), ("c.srai by 0", 0x0000_8401),
    ] as [(String, UInt32)])
  func `a hint is legal and does nothing`(name: String, bits: UInt32) {
    var machine = BareMachine()
    machine.load(bytes: (0..<4).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) } + [1, 0])
    let before = machine.hart.registers
    #expect(machine.run(budget: 1) == (1, .budgetSpent), "\(name)")
    if !name.contains("srai by 63") { #expect(machine.hart.registers == before) }
  }

  @Test func `of the compressed encodings exactly the defined ones are legal`() {
    // As many as LLVM's disassembler refuses, and the 31 of `c.lui` with immediate 0 beside.
    #expect((0...UInt16.max).count { $0 & 3 != 3 && isReserved($0) } == 10_601)
    var machine = BareMachine()
    var mistaken: [UInt16] = []
    for half in 0...UInt16.max where half & 3 != 3 {
      machine.hart.forgetAddressSpace()
      machine.load(bytes: [UInt8(half & 0xff), UInt8(half >> 8)])
      var isIllegal = false
      if case .fault(let fault) = machine.run(budget: 1).trap {
        isIllegal = fault == Fault(cause: .illegalInstruction, pc: code, value: UInt64(half))
      }
      if isIllegal != isReserved(half) { mistaken.append(half) }
      machine.hart.registers = RegisterFile()
    }
    #expect(mistaken.isEmpty)
  }

  /// The reserved and floating-point encodings, family by family as the manual's tables have them.
  private func isReserved(_ half: UInt16) -> Bool {
    let rd = half >> 7 & 31
    let rs2 = half >> 2 & 31
    let isImmediateZero = half & 0x107c == 0
    switch (half & 3, half >> 13) {
    case (0, 0): return half & 0x1fe0 == 0  // c.addi4spn with 0
    case (0, 1), (0, 5), (2, 1), (2, 5): return true  // c.fld, c.fsd, c.fldsp, c.fsdsp
    case (0, 4): return true
    case (1, 1): return rd == 0  // c.addiw
    case (1, 3): return isImmediateZero  // c.lui, c.addi16sp
    case (1, 4): return half >> 10 & 7 == 7 && half & 0x40 != 0
    case (2, 2), (2, 3): return rd == 0  // c.lwsp, c.ldsp
    case (2, 4): return half >> 12 & 1 == 0 && rd == 0 && rs2 == 0  // c.jr x0
    default: return false
    }
  }
}
