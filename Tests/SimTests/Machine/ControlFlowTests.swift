// Jumps, branches and the clock.

import Sim
import TestSupport
import Testing

private let code = BareMachine.codeAddress

@Suite struct ControlFlowTests {
  @Test(arguments: BranchOperation.allCases)
  func `a branch is taken when its condition holds`(operation: BranchOperation) {
    let values: [UInt64] = [0, 1, ~0, 1 << 63, (1 << 63) - 1, 0x8000_0000, 0xffff_ffff_8000_0000]
    // Backwards to x7 = 1, forwards to x7 = 2, not at all to x7 = 3.
    for (offset, landing) in [(-8, UInt64(1)), (12, 2)] {
      var machine = BareMachine([
        li(7, 1), ecall, operation.word(5, 6, offset), li(7, 3), ecall, li(7, 2), ecall,
      ])
      for a in values {
        for b in values {
          machine.hart[register: 5] = a
          machine.hart[register: 6] = b
          machine.hart.pc = code + 8
          #expect(machine.run() == (3, .call))
          let isLess = Int64(bitPattern: a) < Int64(bitPattern: b)
          let isTaken =
            switch operation {
            case .beq: a == b
            case .bne: a != b
            case .blt: isLess
            case .bge: !isLess
            case .bltu: a < b
            case .bgeu: a >= b
            }
          #expect(machine.hart[register: 7] == (isTaken ? landing : 3), "\(a) \(operation) \(b)")
        }
      }
    }
  }

  @Test func `branches and jumps reach as far as their immediates go`() {
    for offset in [-4096, -2048, -4, 4, 2046, 4094, -4094] {
      var machine = BareMachine()
      let from: UInt64 = 0x1_2000
      let to = from &+ UInt64(bitPattern: Int64(offset))
      machine.load([ecall], at: to)
      machine.load([BranchOperation.beq.word(0, 0, offset)], at: from)
      #expect(machine.run() == (2, .call))
      #expect(machine.hart.pc == to + 4)
    }
    for offset in [-0x10_0000, -0x1_2344, 0xf_fffe, 0x800, -0x800] {
      var machine = BareMachine()
      let from: UInt64 = 0x20_0000
      let to = from &+ UInt64(bitPattern: Int64(offset))
      machine.load([ecall], at: to)
      machine.load([jal(1, offset)], at: from)
      #expect(machine.run() == (2, .call))
      #expect(machine.hart.pc == to + 4)
      #expect(machine.hart[register: 1] == from + 4)
    }
  }

  @Test func `jalr links, clears the lowest bit, and may jump by the register that it sets`() {
    let jalr = ImmediateOperation.jalr
    var machine = BareMachine([
      auipc(5, 0), jalr.word(5, 5, 17), nop, nop, jalr.word(0, 5, 13), ecall,
    ])
    // To the fifth word, linking the third, and from there to 0x15 with bit 0 cleared.
    #expect(machine.run() == (4, .call))
    #expect(machine.hart[register: 5] == code + 8)
    #expect(machine.hart.pc == code + 24)
  }

  @Test func `a loop that jumps to itself runs until its time is over`() {
    for program in [[jal(0, 0)], [nop, jal(0, -4)], [jal(0, 4), jal(0, -4)]] {
      for budget in [1, 2, 63, 64, 65, 1001] {
        var machine = BareMachine(program)
        #expect(machine.run(budget: budget) == (budget, .budgetSpent))
        let expected = code + (program.count == 2 && budget % 2 == 1 ? 4 : 0)
        #expect(machine.hart.pc == expected)
      }
    }
  }

  @Test func `code runs from page to page, and calls across pages return`() {
    var machine = BareMachine(Array(repeating: ImmediateOperation.addi.word(5, 5, 1), count: 2500))
    machine.write([0x73, 0, 0, 0], at: code + 2400 * 4)
    #expect(machine.run() == (2401, .call))
    #expect(machine.hart[register: 5] == 2400)

    let back = ImmediateOperation.jalr.word(0, 1, 0)
    machine = BareMachine([
      jal(1, 0x2000), jal(1, 0x27fc), ImmediateOperation.addi.word(6, 6, 1), ecall,
    ])
    machine.load([ImmediateOperation.addi.word(5, 5, 1), back], at: code + 0x2000)
    machine.load([ImmediateOperation.addi.word(5, 5, 16), back], at: code + 0x2800)
    machine.hart.pc = code
    #expect(machine.run() == (8, .call))
    #expect(machine.hart[register: 5] == 17)
    #expect(machine.hart[register: 6] == 1)
  }

  @Test func `counters read virtual time to the instruction, however the time is sliced`() {
    // rdcycle, rdtime, rdinstret; then csrrc, csrrsi, csrrci of instret with nothing to write.
    let read: [UInt32] = [
      0xc000_22f3, 0xc010_2373, 0xc020_23f3, 0xc020_3473, 0xc020_64f3, 0xc020_7573,
    ]
    for slices in [[1], [2], [3, 1], [1000]] {
      var machine = BareMachine([nop, nop] + read + [nop, 0xc000_25f3, ecall])
      machine.hart.clock = Instant(instructions: 1000)
      #expect(machine.run(slices: slices) == (11, .call))
      for (index, register) in (5...10).enumerated() {
        #expect(machine.hart[register: register] == 1002 + UInt64(index))
      }
      #expect(machine.hart[register: 11] == 1009)
      #expect(machine.hart.clock == Instant(instructions: 1011))
    }
  }

  @Test func `a call retires, leaves the pc behind it, and the clock tells what retired`() {
    var machine = BareMachine([nop, fence, fenceI, ecall, nop, ebreak])
    #expect(machine.run() == (4, .call))
    #expect(machine.hart.pc == code + 16)
    #expect(machine.hart.clock == Instant(instructions: 4))
    let fault = Fault(cause: .breakpoint, pc: code + 20, value: code + 20)
    #expect(machine.run() == (1, .fault(fault)))
    #expect(machine.hart.pc == code + 20)
    #expect(machine.hart.clock == Instant(instructions: 5))
    #expect(machine.run(budget: 0) == (0, .budgetSpent))
  }

  @Test func `the pc has no lowest bit, and x0 none at all`() {
    let hart = Hart(sharing: CodeCache())
    hart.pc = 0x1001
    #expect(hart.pc == 0x1000)
    hart[register: 0] = 5
    #expect(hart[register: 0] == 0)
    var registers = RegisterFile()
    for index in 0..<32 { registers[index] = UInt64(index) + 100 }
    hart.registers = registers
    #expect(hart.registers == registers)
    #expect(registers[0] == 0 && hart[register: 0] == 0 && hart[register: 31] == 131)
    registers[31] = 0
    #expect(hart.registers != registers)
  }
}
