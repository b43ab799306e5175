// Time is exact: however a program is sliced, and whatever is forgotten on the way, it does the same.

import Sim
import TestSupport
import Testing

private let code = BareMachine.codeAddress
private let data: UInt64 = 0x2_0000

/// Sorts 40 words by insertion and calls a function for each, in another page: loops, fused pairs,
/// calls, loads and stores that cross pages, multiplication and division.
private let program: [UInt32] = {
  let i = ImmediateOperation.self
  let r = RegisterOperation.self
  return [
    // Fill: s0 = data, s1 = count, a0 = seed.
    lui(8, 0x20), i.addi.word(8, 8, -6), li(9, 40), li(10, 77), li(5, 0), r.add.word(6, 8, 0),
    li(7, 1103), r.mul.word(10, 10, 7), i.addi.word(10, 10, 345),  // fill:
    ShiftOperation.srli.word(11, 10, 3), StoreOperation.sw.word(11, 0, 6), i.addi.word(6, 6, 4),
    i.addi.word(5, 5, 1), BranchOperation.bltu.word(5, 9, -24),
    // Sort: t0 = i.
    li(5, 1),
    ShiftOperation.slli.word(6, 5, 2), r.add.word(6, 6, 8),  // outer:
    LoadOperation.lw.word(12, 0, 6),
    BranchOperation.beq.word(6, 8, 24),  // inner:
    LoadOperation.lw.word(13, -4, 6), BranchOperation.bge.word(12, 13, 16),
    StoreOperation.sw.word(13, 0, 6), i.addi.word(6, 6, -4), jal(0, -20),
    StoreOperation.sw.word(12, 0, 6),  // place:
    i.addi.word(5, 5, 1), BranchOperation.bne.word(5, 9, -44),
    // Sum by a function one page on.
    li(5, 0), li(14, 0),
    ShiftOperation.slli.word(6, 5, 2), r.add.word(6, 6, 8),  // sum:
    LoadOperation.lw.word(10, 0, 6),
    jal(1, 0x1000 - 4 * 32),
    r.add.word(14, 14, 10), i.addi.word(5, 5, 1), BranchOperation.blt.word(5, 9, -24),
    0xc020_2873,  // rdinstret a6
    ecall,
  ]
}()

private let function: [UInt32] = [
  li(15, 13), RegisterOperation.remu.word(11, 10, 15), BranchOperation.bne.word(11, 0, 8),
  ImmediateOperation.xori.word(10, 10, -1), RegisterOperation.mul.word(10, 10, 10),
  ImmediateOperation.jalr.word(0, 1, 0),
]

private func machine() -> BareMachine {
  var machine = BareMachine()
  machine.load(function, at: code + 0x1000)
  machine.load(program, at: code)
  machine.map(data - 4096, [.read, .write])
  machine.map(data, [.read, .write])
  return machine
}

private struct Outcome: Equatable {
  var retired: Int
  var registers: RegisterFile
  var pc: UInt64
  var clock: Instant
  var bytes: [UInt8]

  init(_ machine: BareMachine, retired: Int) {
    self.retired = retired
    registers = machine.hart.registers
    pc = machine.hart.pc
    clock = machine.hart.clock
    bytes = machine.read(data - 64, count: 256)
  }
}

private let whole: Outcome = {
  var machine = machine()
  let end = machine.run(budget: 100_000)
  precondition(end.trap == .call, "the program ends in \(end)")
  return Outcome(machine, retired: end.retired)
}()

@Suite struct BudgetTests {
  @Test func `the program sorts and counts`() {
    let words = stride(from: 0, to: 160, by: 4).map { offset in
      whole.bytes[58 + offset..<62 + offset].reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
    }
    #expect(words.map { Int32(bitPattern: $0) } == words.map { Int32(bitPattern: $0) }.sorted())
    #expect(Set(words).count > 30)
    #expect(whole.registers[16] == UInt64(whole.retired - 2))
    #expect(whole.retired > 3000)
  }

  @Test func `every budget gives the same end as one long run`() {
    for budget in Array(1...70) + [100, 127, 128, 129, 500, 1000, whole.retired - 1] {
      var machine = machine()
      let end = machine.run(slices: [budget])
      #expect(end.trap == .call)
      #expect(Outcome(machine, retired: end.retired) == whole, "in slices of \(budget)")
    }
  }

  @Test func `slices of all lengths, mixed, give the same end`() {
    for start in 1...20 {
      var machine = machine()
      let end = machine.run(slices: (0..<60).map { 1 + ($0 * 37 + start * 11) % 150 })
      #expect(Outcome(machine, retired: end.retired) == whole)
    }
  }

  @Test func `wherever time ends, the state there is that of single steps`() {
    var stepped = machine()
    for count in 1..<600 {
      #expect(stepped.run(budget: 1) == (1, .budgetSpent))
      var at = machine()
      #expect(at.run(budget: count) == (count, .budgetSpent))
      #expect(Outcome(at, retired: count) == Outcome(stepped, retired: count))
    }
  }

  @Test func `forgetting everything at any moment changes nothing`() {
    for start in 1...10 as ClosedRange<UInt64> {
      var random = start &* 0x9e37_79b9_7f4a_7c15
      var machine = machine()
      var retired = 0
      var trap = Trap.budgetSpent
      while trap == .budgetSpent {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        switch random >> 60 {
        case 0, 1: machine.hart.forgetAddressSpace()
        case 2: machine.memory.dropAllTranslations()
        case 3: _ = machine.memory.takeWritten()
        case 4: machine.memory.restore(machine.memory.snapshot())
        case 5:
          machine.memory.dropTranslation(of: machine.table[Int(code >> 12)].frame)
        default: break
        }
        let end = machine.run(budget: 1 + Int(random >> 32 & 255))
        retired += end.retired
        trap = end.trap
      }
      #expect(Outcome(machine, retired: retired) == whole)
    }
  }

  @Test func `what is put back goes on as it went on`() {
    var machine = machine()
    machine.run(budget: 700)
    let then = Outcome(machine, retired: 700)
    let memory = machine.memory.snapshot()
    let hart = machine.hart.snapshot()
    for _ in 0..<2 {
      let rest = machine.run(budget: 100_000)
      #expect(Outcome(machine, retired: 700 + rest.retired) == whole)
      machine.memory.restore(memory)
      machine.hart.restore(hart)
      #expect(Outcome(machine, retired: 700) == then)
    }
  }
}
