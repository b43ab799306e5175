// Code that changes is run as it is now: with fence.i and without, by whatever address and whoever
// changes it.

import Sim
import TestSupport
import Testing

private let code = BareMachine.codeAddress
private let all: PageEntry.Permissions = [.read, .write, .execute]
private let store = StoreOperation.sw

/// A machine whose code can be written at the same address, with x5 = `code` and x6 = `word`.
private func machine(_ program: [UInt32], writing word: UInt32 = li(7, 2)) -> BareMachine {
  var machine = BareMachine()
  machine.map(code, all)
  machine.map(code + 4096, all)
  machine.load(program)
  machine.hart[register: 5] = code
  machine.hart[register: 6] = UInt64(word)
  return machine
}

@Suite struct SelfModifyingCodeTests {
  @Test(arguments: [1, 2, 3, 100])
  func `a store changes the very next instruction`(slice: Int) {
    for barrier in [[], [fenceI]] {
      let program = [store.word(6, barrier.isEmpty ? 4 : 8, 5)] + barrier + [li(7, 1), ecall]
      var machine = machine(program)
      #expect(machine.run(slices: [slice]) == (program.count, .call))
      #expect(machine.hart[register: 7] == 2)
    }
  }

  @Test func `an instruction may overwrite itself, and still completes`() {
    var machine = machine([store.word(6, 0, 5), li(8, 1), jal(0, -8)], writing: ecall)
    #expect(machine.run() == (4, .call))
    #expect(machine.hart.pc == code + 4)
    #expect(machine.hart[register: 8] == 1)
  }

  @Test func `a loop that rewrites its own body sees every change`() {
    // Adds 1, 2, 3, … by rewriting the immediate of its addi.
    let add = ImmediateOperation.addi.word(7, 7, 1)
    let program = [
      ImmediateOperation.addi.word(7, 7, 0), lui(9, 0x100), RegisterOperation.add.word(6, 6, 9),
      StoreOperation.sw.word(6, 0, 5), ImmediateOperation.addi.word(8, 8, 1),
      BranchOperation.bne.word(8, 10, -20), ecall,
    ]
    var machine = machine(program, writing: add - 0x10_0000)
    machine.hart[register: 10] = 50
    #expect(machine.run(slices: [7, 64]) == (301, .call))
    #expect(machine.hart[register: 7] == (0..<50).reduce(0, +))
  }

  /// By LLVM's assembler, with 40 bytes to the data.
  @Test(arguments: [
    [0xf418, 0xf81c],  // c.sd a4, 40(s0); c.sd a5, 48(s0)
    [0xd418, 0xd45c],  // c.sw a4, 40(s0); c.sw a5, 44(s0)
    [0xf418, 0x0685],  // c.sd a4, 40(s0); c.addi a3, 1
    [0xd418, 0x0685],  // c.sw a4, 40(s0); c.addi a3, 1
    [0xd418, 0x96ba],  // c.sw a4, 40(s0); c.add a3, a4
  ])
  func `after a compressed store beside code comes the next instruction`(pair: [UInt16]) {
    func end(slice: Int) -> (registers: RegisterFile, bytes: [UInt8]) {
      var machine = BareMachine()
      machine.map(code, all)
      // c.addi a3, 1, and an ecall.
      machine.load(
        bytes: (pair + [0x0685, 0x0073, 0]).flatMap {
          [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)]
        })
      for (register, value) in [(8, code), (14, 0x1111), (15, 0x2222)] {
        machine.hart[register: register] = value
      }
      #expect(machine.run(slices: [slice]) == (4, .call))
      return (machine.hart.registers, machine.read(code, count: 64))
    }
    let (whole, steps) = (end(slice: 100), end(slice: 1))
    #expect(whole.registers == steps.registers && whole.bytes == steps.bytes)
    #expect(whole.bytes[40...41].elementsEqual([0x11, 0x11]))
  }

  @Test func `a block that others are linked to changes`() {
    // The function at 64 is called, rewritten and called again, all in one page.
    var machine = machine([
      jal(1, 64), RegisterOperation.add.word(8, 7, 0), store.word(6, 64, 5), jal(1, 52),
      ecall,
    ])
    machine.write([0x93, 0x03, 0x10, 0, 0x67, 0x80, 0, 0], at: code + 64)
    #expect(machine.run() == (9, .call))
    #expect(machine.hart[register: 8] == 1)
    #expect(machine.hart[register: 7] == 2)
  }

  @Test func `a store by another address of the frame changes the code`() {
    var machine = BareMachine([
      // Warms up both the code and the pointer for writing to the alias.
      LoadOperation.lw.word(9, 12, 5), store.word(9, 12, 5), store.word(6, 12, 5), li(7, 1), ecall,
    ])
    let frame = machine.table[Int(code >> 12)].frame
    machine.map(0x4_0000, [.read, .write], frame: frame)
    machine.hart[register: 5] = 0x4_0000
    machine.hart[register: 6] = UInt64(li(7, 2))
    #expect(machine.run() == (5, .call))
    #expect(machine.hart[register: 7] == 2)
  }

  @Test func `what is written before it runs for the first time runs as written`() {
    // A writable page is written, run, and written again.
    var machine = machine([
      store.word(6, 256, 5), jal(1, 252), RegisterOperation.add.word(8, 7, 0),
      store.word(10, 256, 5), jal(1, 240), ecall,
    ])
    machine.write([0x67, 0x80, 0, 0], at: code + 260)
    machine.hart[register: 10] = UInt64(li(7, 3))
    #expect(machine.run() == (10, .call))
    #expect(machine.hart[register: 8] == 2)
    #expect(machine.hart[register: 7] == 3)
  }

  @Test func `the kernel changes code between two runs`() {
    var machine = machine([li(7, 1), jal(0, 0)])
    machine.run(budget: 10)
    machine.write([0x93, 0x03, 0x50, 0], at: code)
    machine.hart.pc = code
    machine.run(budget: 1)
    #expect(machine.hart[register: 7] == 5)
  }

  @Test func `another hart changes code`() {
    let cache = CodeCache()
    var memory = Memory(frames: 4)
    var table = PageTable()
    guard let frame = memory.allocate() else { return }
    table = PageTable([PageEntry(frame: frame, permissions: all)])
    func write(_ words: [UInt32], at offset: Int) {
      for (index, word) in words.enumerated() {
        memory.writableBytes(of: frame).storeBytes(
          of: word, toByteOffset: offset + index * 4, as: UInt32.self)
      }
    }
    write([li(7, 1), jal(0, -4)], at: 0)
    write([store.word(6, 0, 0), ecall], at: 1024)
    let harts = [Hart(sharing: cache), Hart(sharing: cache)]
    #expect(harts[0].run(budget: 9, in: &table, &memory) == (9, .budgetSpent))
    #expect(harts[0][register: 7] == 1)
    harts[1].pc = 1024
    harts[1][register: 6] = UInt64(li(7, 2))
    #expect(harts[1].run(budget: 9, in: &table, &memory) == (2, .call))
    #expect(harts[0].run(budget: 2, in: &table, &memory) == (2, .budgetSpent))
    #expect(harts[0][register: 7] == 2)
  }

  @Test func `data beside code is written without losing the translation`() {
    var machine = machine([
      store.word(6, 1024, 5), LoadOperation.lw.word(7, 1024, 5),
      ImmediateOperation.addi.word(6, 6, 1), BranchOperation.bne.word(6, 8, -12), ecall,
    ])
    machine.hart[register: 6] = 0
    machine.hart[register: 8] = 100
    #expect(machine.run() == (401, .call))
    #expect(machine.hart[register: 7] == 99)
    #expect(machine.memory.isTranslated(machine.table[Int(code >> 12)].frame))
  }

  @Test func `an atomic changes code like a store does`() {
    let swap = AtomicOperation.amoswap.word(size: 4, 0, 6, 5)
    var machine = machine([ImmediateOperation.addi.word(5, 5, 8), swap, li(7, 1), ecall])
    #expect(machine.run() == (4, .call))
    #expect(machine.hart[register: 7] == 2)
  }

  @Test func `what ran up to a budget's end is not run again once it is other code`() {
    // A block of four is cut after two of it, each time at the same place.
    var machine = machine([li(7, 1), li(8, 1), li(9, 1), ecall])
    func again() -> [UInt64] {
      machine.hart.pc = code
      for register in 7...9 { machine.hart[register: register] = 0 }
      #expect(machine.run(budget: 2) == (2, .budgetSpent))
      return [7, 8, 9].map { machine.hart[register: $0] }
    }
    for _ in 0..<3 { #expect(again() == [1, 1, 0]) }
    machine.load([li(8, 2)], at: code + 4)
    for _ in 0..<3 { #expect(again() == [1, 2, 0]) }
    // Another page at the same address, as after a switch to another process.
    let old = machine.table
    machine.table = PageTable()
    machine.map(code, all)
    machine.load([li(7, 5), li(8, 5), ecall])
    machine.hart.forgetAddressSpace()
    for _ in 0..<3 { #expect(again() == [5, 5, 0]) }
    machine.table = old
    machine.hart.forgetAddressSpace()
    #expect(again() == [1, 2, 0])
  }

  @Test func `a store across two pages changes the instruction that straddles them`() {
    var machine = machine([store.word(6, -2, 9), jal(0, 4090)])
    machine.hart[register: 9] = code + 4096
    machine.hart[register: 6] = UInt64(ecall)
    machine.write([0x73, 0, 0x10, 0], at: code + 4094)  // ebreak
    machine.hart.pc = code + 4094
    let fault = Fault(cause: .breakpoint, pc: code + 4094, value: code + 4094)
    #expect(machine.run() == (0, .fault(fault)))
    machine.hart.pc = code
    #expect(machine.run() == (3, .call))
    #expect(machine.hart.pc == code + 4098)
  }
}
