// Instructions whose two halves lie in two pages, and pages of code that processes share while
// their neighbours differ.

import Sim
import TestSupport
import Testing

private let code = BareMachine.codeAddress
private let border = code + 4096

private func bytes(_ words: [UInt32]) -> [UInt8] {
  words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
}

/// Runs a straddling `li x7, 1`, then `ecall`.
private func machine() -> BareMachine {
  var machine = BareMachine()
  machine.load(bytes: bytes([li(7, 1), ecall]), at: border - 2)
  return machine
}

@Suite struct StraddlingTests {
  @Test func `an instruction across two pages runs, in every slicing`() {
    for slices in [[1], [2], [100], [1, 100]] {
      var machine = machine()
      for _ in 0..<3 {
        machine.hart.pc = border - 2
        #expect(machine.run(slices: slices) == (2, .call))
        #expect(machine.hart[register: 7] == 1)
      }
    }
  }

  @Test func `it faults at the second page when that cannot be executed`() {
    for permissions in [nil, [.read, .write]] as [PageEntry.Permissions?] {
      for warm in [false, true] {
        var machine = machine()
        if warm { machine.run() }
        if let permissions {
          machine.table[Int(border >> 12)].permissions = permissions
        } else {
          machine.table[Int(border >> 12)] = .absent
        }
        machine.hart.forgetAddressSpace()
        machine.hart[register: 7] = 9
        machine.hart.pc = border - 2
        let fault = Fault(cause: .fetchPage, pc: border - 2, value: border)
        #expect(machine.run() == (0, .fault(fault)))
        #expect(machine.hart[register: 7] == 9)
      }
    }
  }

  @Test func `a compressed instruction at the end needs no second page`() {
    var machine = BareMachine()
    machine.load(bytes: [0x9d, 0x43], at: border - 2)  // c.li x7, 7
    let fault = Fault(cause: .fetchPage, pc: border, value: border)
    #expect(machine.run() == (1, .fault(fault)))
    #expect(machine.hart[register: 7] == 7)
    #expect(machine.hart.pc == border)
  }

  @Test func `the second half changes, in place or by another page`() {
    var machine = machine()
    machine.run()
    machine.write([0x20, 0x00], at: border)  // li x7, 2
    machine.hart.pc = border - 2
    #expect(machine.run() == (2, .call))
    #expect(machine.hart[register: 7] == 2)

    machine.map(border, [.read, .execute])
    machine.write([0x30, 0x00, 0x73, 0, 0, 0], at: border)
    machine.hart.pc = border - 2
    #expect(machine.run() == (2, .call))
    #expect(machine.hart[register: 7] == 3)
  }

  @Test func `processes that share a page differ in the next one`() {
    var machine = machine()
    var tables = [machine.table]
    for value in 2...4 as ClosedRange<UInt8> {
      machine.map(border, [.read, .execute])
      machine.write([value << 4, 0x00, 0x73, 0, 0, 0], at: border)
      tables.append(machine.table)
    }
    for turn in 0..<12 {
      machine.table = tables[turn % 4]
      machine.hart.forgetAddressSpace()
      machine.hart.pc = border - 2
      #expect(machine.run() == (2, .call))
      #expect(machine.hart[register: 7] == UInt64(1 + turn % 4))
    }
  }

  @Test func `a shared page calls into whatever each process has mapped behind it`() {
    var machine = BareMachine([jal(1, 4096), ImmediateOperation.addi.word(8, 8, 1), ecall])
    var tables: [PageTable] = []
    for value in 0..<3 {
      machine.map(border, [.read, .execute])
      machine.load([li(7, value), ImmediateOperation.jalr.word(0, 1, 0)], at: border)
      tables.append(machine.table)
    }
    machine.table[Int(border >> 12)] = .absent
    tables.append(machine.table)
    for turn in 0..<12 {
      machine.table = tables[turn % 4]
      machine.hart.forgetAddressSpace()
      machine.hart.pc = code
      if turn % 4 == 3 {
        let fault = Fault(cause: .fetchPage, pc: border, value: border)
        #expect(machine.run() == (1, .fault(fault)))
      } else {
        #expect(machine.run() == (5, .call))
        #expect(machine.hart[register: 7] == UInt64(turn % 4))
      }
    }
  }

  @Test func `one frame of code at two addresses knows at which it runs`() {
    var machine = BareMachine([auipc(5, 0), jal(6, 4), ecall])
    machine.map(
      code + 0x8000, [.read, .execute], frame: machine.table[Int(code >> 12)].frame)
    for turn in 0..<6 as Range<UInt64> {
      let base = code + (turn % 2) * 0x8000
      machine.hart.pc = base
      #expect(machine.run() == (3, .call))
      #expect(machine.hart[register: 5] == base)
      #expect(machine.hart[register: 6] == base + 8)
    }
  }

  @Test func `a fetch faults where nothing can be executed`() {
    for pc in [0, 0x5000, 1 << 38, 1 << 63, ~1] as [UInt64] {
      var machine = BareMachine([ImmediateOperation.jalr.word(1, 5, 0)])
      machine.hart[register: 5] = pc
      #expect(machine.run() == (1, .fault(Fault(cause: .fetchPage, pc: pc, value: pc))))
      #expect(machine.hart[register: 1] == code + 4)
      #expect(machine.hart.pc == pc)
    }
    var machine = BareMachine()
    machine.map(0x3_0000, [.read, .write])
    machine.hart.pc = 0x3_0008
    let fault = Fault(cause: .fetchPage, pc: 0x3_0008, value: 0x3_0008)
    #expect(machine.run() == (0, .fault(fault)))
  }
}
