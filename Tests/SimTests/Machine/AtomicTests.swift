// The A extension on one hart and on two.

import Sim
import TestSupport
import Testing

private let code = BareMachine.codeAddress
private let data: UInt64 = 0x2_0000

private func machine(_ program: [UInt32], _ permissions: PageEntry.Permissions = [.read, .write])
  -> BareMachine
{
  var machine = BareMachine(program)
  machine.map(data, permissions)
  machine.hart[register: 5] = data
  return machine
}

private func expected(_ operation: AtomicOperation, _ old: Int64, _ source: Int64) -> Int64 {
  switch operation {
  case .amoadd: old &+ source
  case .amoswap: source
  case .amoxor: old ^ source
  case .amoor: old | source
  case .amoand: old & source
  case .amomin: min(old, source)
  case .amomax: max(old, source)
  case .amominu: Int64(bitPattern: min(UInt64(bitPattern: old), UInt64(bitPattern: source)))
  case .amomaxu: Int64(bitPattern: max(UInt64(bitPattern: old), UInt64(bitPattern: source)))
  case .lr, .sc: 0
  }
}

@Suite struct AtomicTests {
  @Test(arguments: AtomicOperation.allCases.filter { $0 != .lr && $0 != .sc })
  func `an amo combines memory with a register and returns what was there`(
    operation: AtomicOperation
  ) {
    let values: [Int64] = [
      0, 1, -1, .max, .min, 0x7fff_ffff, 0x8000_0000, -0x8000_0000, 0x1234_5678_9abc_def0,
    ]
    var machine = machine([
      operation.word(size: 8, 7, 6, 5), ImmediateOperation.addi.word(5, 5, 8),
      operation.word(size: 4, 8, 6, 5), ImmediateOperation.addi.word(5, 5, 8),
      operation.word(size: 8, 6, 6, 5), operation.word(size: 8, 0, 6, 5), ecall,
    ])
    for old in values {
      for source in values {
        for offset in [0, 8, 16] as [UInt64] {
          machine.write(
            (0..<8).map { UInt8(truncatingIfNeeded: old >> ($0 * 8)) }, at: data + offset)
        }
        machine.hart[register: 5] = data
        machine.hart[register: 6] = UInt64(bitPattern: source)
        machine.hart.pc = code
        #expect(machine.run() == (7, .call))
        let whole = expected(operation, old, source)
        #expect(machine.hart[register: 7] == UInt64(bitPattern: old))
        #expect(machine.doubleword(at: data) == UInt64(bitPattern: whole))

        let oldWord = Int64(Int32(truncatingIfNeeded: old))
        let word = expected(operation, oldWord, Int64(Int32(truncatingIfNeeded: source)))
        #expect(machine.hart[register: 8] == UInt64(bitPattern: oldWord))
        let upper = UInt64(bitPattern: old) & ~0xffff_ffff
        #expect(
          machine.doubleword(at: data + 8) == upper | UInt64(UInt32(truncatingIfNeeded: word)))

        #expect(machine.hart[register: 6] == UInt64(bitPattern: old))
        let again = expected(operation, whole, old)
        #expect(machine.doubleword(at: data + 16) == UInt64(bitPattern: again))
      }
    }
  }

  @Test func `misaligned atomics fault, and so do those on pages that forbid it`() {
    for operation in AtomicOperation.allCases {
      for size in [4, 8] {
        let program = [operation.word(size: size, 7, operation == .lr ? 0 : 6, 5), ecall]
        for offset in 1..<UInt64(size) {
          var machine = machine(program)
          machine.hart[register: 5] = data + offset
          let cause: Fault.Cause = operation == .lr ? .misalignedLoad : .misalignedStore
          let fault = Fault(cause: cause, pc: code, value: data + offset)
          #expect(machine.run() == (0, .fault(fault)))
        }
        var missing = machine(program)
        missing.hart[register: 5] = data + 4096
        let cause: Fault.Cause = operation == .lr ? .loadPage : .storePage
        #expect(
          missing.run() == (0, .fault(Fault(cause: cause, pc: code, value: data + 4096))))
        var readOnly = machine(program, [.read, .copyOnWrite])
        let end = readOnly.run()
        if operation == .lr {
          #expect(end == (2, .call))
        } else {
          #expect(end == (0, .fault(Fault(cause: .storePage, pc: code, value: data))))
        }
      }
    }
  }

  @Test func `sc stores once after lr to the same address, and only then`() {
    let lr = AtomicOperation.lr.word(size: 8, 7, 0, 5)
    func sc(_ rd: Int, _ address: Int = 5) -> UInt32 {
      AtomicOperation.sc.word(size: 8, rd, 6, address)
    }
    var machine = machine([
      sc(8), lr, nop, sc(9), sc(10), lr, sc(11, 12), sc(13), ecall,
    ])
    machine.hart[register: 6] = 42
    machine.hart[register: 12] = data + 8
    #expect(machine.run() == (9, .call))
    #expect(machine.doubleword(at: data) == 42)
    #expect(machine.doubleword(at: data + 8) == 0)
    let results = [8, 9, 10, 11, 13].map { machine.hart[register: $0] }
    #expect(results == [1, 0, 1, 1, 1])
  }

  @Test func `lr.w sign-extends, and sc.w stores a word`() {
    var machine = machine([
      AtomicOperation.lr.word(size: 4, 7, 0, 5), AtomicOperation.sc.word(size: 4, 8, 6, 5), ecall,
    ])
    machine.write([0, 0, 0, 0x80, 9, 9, 9, 9], at: data)
    machine.hart[register: 6] = ~0
    machine.run()
    #expect(machine.hart[register: 7] == 0xffff_ffff_8000_0000)
    #expect(machine.hart[register: 8] == 0)
    #expect(machine.doubleword(at: data) == 0x0909_0909_ffff_ffff)
  }

  @Test func `a reservation outlasts a run that is stopped, but no trap and nobody who takes it`() {
    let program = [
      AtomicOperation.lr.word(size: 8, 7, 0, 5), nop, AtomicOperation.sc.word(size: 8, 8, 6, 5),
      ecall,
    ]
    for budget in [1, 2] {
      var stopped = machine(program)
      stopped.run(budget: budget)
      stopped.run()
      #expect(stopped.hart[register: 8] == 0)
      var taken = machine(program)
      taken.run(budget: budget)
      taken.hart.dropReservation()
      taken.run()
      #expect(taken.hart[register: 8] == 1)
      var moved = machine(program)
      moved.run(budget: budget)
      moved.hart.forgetAddressSpace()
      moved.run()
      #expect(moved.hart[register: 8] == 1)
    }
    var called = machine([program[0], ecall, program[2], ecall])
    called.run()
    called.run()
    #expect(called.hart[register: 8] == 1)
  }

  @Test func `two harts that take turns add up by lr and sc, and by amo`() {
    let loop = [
      AtomicOperation.lr.word(size: 8, 7, 0, 5), ImmediateOperation.addi.word(7, 7, 1),
      AtomicOperation.sc.word(size: 8, 8, 7, 5), BranchOperation.bne.word(8, 0, -12),
      AtomicOperation.amoadd.word(size: 8, 0, 6, 9), ImmediateOperation.addi.word(10, 10, -1),
      BranchOperation.bne.word(10, 0, -24), ecall,
    ]
    let cache = CodeCache()
    var memory = Memory(frames: 4)
    var table = PageTable()
    guard let text = memory.allocate(), let shared = memory.allocate() else { return }
    table.append(PageEntry(frame: text, permissions: [.read, .execute]))
    table.append(PageEntry(frame: shared, permissions: [.read, .write]))
    for (index, word) in loop.enumerated() {
      memory.writableBytes(of: text).storeBytes(
        of: word, toByteOffset: index * 4, as: UInt32.self)
    }
    let harts = (0..<3).map { _ in Hart(sharing: cache) }
    for hart in harts {
      hart[register: 5] = 4096
      hart[register: 6] = 1
      hart[register: 9] = 4104
      hart[register: 10] = 200
    }
    var done = [false, false, false]
    var turn = 0
    while done.contains(false) {
      let index = turn % 3
      if !done[index] {
        let end = harts[index].run(budget: 1 + turn % 23, in: &table, &memory)
        harts[index].dropReservation()
        done[index] = end.trap == .call
      }
      turn += 1
    }
    let bytes = memory.bytes(of: shared)
    #expect(bytes.load(as: UInt64.self) == 600)
    #expect(bytes.load(fromByteOffset: 8, as: UInt64.self) == 600)
  }
}
