// A page table that changes while a hart is attached to it: what the hart remembers of a page that was
// there is forgotten by itself.

import Sim
import TestSupport
import Testing

private let code = BareMachine.codeAddress
private let data: UInt64 = 0x2_0000

@Suite struct ChangedPageTests {
  /// A machine that has loaded from and stored to `data`, and is about to do so again.
  private func warmMachine() -> BareMachine {
    var machine = BareMachine([
      LoadOperation.ld.word(7, 0, 5), StoreOperation.sd.word(6, 8, 5), ecall,
    ])
    machine.map(data, [.read, .write])
    machine.hart[register: 5] = data
    #expect(machine.run() == (3, .call))
    machine.hart.pc = code
    return machine
  }

  @Test func `another frame is seen at once`() throws {
    var machine = warmMachine()
    let old = try #require(machine.table.entry(at: data)).frame
    let allocated = machine.memory.allocate()
    let new = try #require(allocated)
    machine.table[Int(data >> 12)] = PageEntry(frame: new, permissions: [.read, .write])
    machine.write([9, 0, 0, 0, 0, 0, 0, 0], at: data)
    machine.hart[register: 6] = 5
    #expect(machine.run() == (3, .call))
    #expect(machine.hart[register: 7] == 9)
    #expect(machine.doubleword(at: data + 8) == 5)
    #expect(machine.memory.bytes(of: old).load(fromByteOffset: 8, as: UInt64.self) == 0)
  }

  @Test func `a permission that was taken away is missed at once`() throws {
    var machine = warmMachine()
    machine.table[Int(data >> 12)].permissions = [.read]
    let stored = Fault(cause: .storePage, pc: code + 4, value: data + 8)
    #expect(machine.run() == (1, .fault(stored)))
    machine.table[Int(data >> 12)] = .absent
    machine.hart.pc = code
    let loaded = Fault(cause: .loadPage, pc: code, value: data)
    #expect(machine.run() == (0, .fault(loaded)))
  }

  @Test func `pages that go with the end of the table are missed at once`() {
    var machine = warmMachine()
    let removed = machine.table.removeLastMapped(from: Int(data >> 12))
    #expect(removed != nil)
    machine.table.shorten(to: Int(data >> 12))
    let loaded = Fault(cause: .loadPage, pc: code, value: data)
    #expect(machine.run() == (0, .fault(loaded)))
  }

  @Test func `code of another frame runs at once`() throws {
    var machine = warmMachine()
    let allocated = machine.memory.allocate()
    let frame = try #require(allocated)
    machine.table[Int(code >> 12)] = PageEntry(frame: frame, permissions: [.read, .execute])
    machine.write([0x73, 0, 0, 0], at: code)
    #expect(machine.run() == (1, .call))
  }
}
