// Loads and stores at every alignment, across pages, and where they fault.

import Sim
import TestSupport
import Testing

private let code = BareMachine.codeAddress
/// Two pages of data, their border at `border`.
private let border: UInt64 = 0x2_1000
private let pattern = (0..<64).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 129) }

private func machine(
  _ program: [UInt32], first: PageEntry.Permissions? = [.read, .write],
  second: PageEntry.Permissions? = [.read, .write]
) -> BareMachine {
  var machine = BareMachine(program)
  if let first { machine.map(border - 4096, first) }
  if let second { machine.map(border, second) }
  return machine
}

private func value(_ bytes: ArraySlice<UInt8>, signed: Bool) -> UInt64 {
  let raw = bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  let shift = 64 - 8 * bytes.count
  return signed ? UInt64(bitPattern: Int64(bitPattern: raw << shift) >> shift) : raw
}

private func fault(_ cause: Fault.Cause, _ address: UInt64, at pc: UInt64 = code) -> Trap {
  .fault(Fault(cause: cause, pc: pc, value: address))
}

@Suite struct MemoryAccessTests {
  @Test(arguments: LoadOperation.allCases)
  func `a load reads its bytes at every alignment, across pages too`(operation: LoadOperation) {
    var machine = machine([operation.word(7, -8, 5), operation.word(0, -8, 5), ecall])
    machine.write(pattern, at: border - 32)
    for place in 8...56 {
      // Once with nothing remembered, once with the TLB filled.
      machine.hart.forgetAddressSpace()
      for _ in 0..<2 {
        machine.hart[register: 5] = border - 32 + UInt64(place)
        machine.hart.pc = code
        #expect(machine.run() == (3, .call))
        let bytes = pattern[(place - 8)..<(place - 8 + operation.size)]
        #expect(machine.hart[register: 7] == value(bytes, signed: operation.isSigned))
        #expect(machine.hart[register: 0] == 0)
      }
    }
  }

  @Test(arguments: StoreOperation.allCases)
  func `a store writes its bytes and no others`(operation: StoreOperation) {
    var machine = machine([operation.word(6, 8, 5), ecall])
    machine.hart[register: 6] = 0x8877_6655_4433_2211
    for place in 0...55 {
      for _ in 0..<2 {
        machine.write(pattern, at: border - 32)
        machine.hart[register: 5] = border - 32 + UInt64(place) - 8
        machine.hart.pc = code
        #expect(machine.run() == (2, .call))
        var expected = pattern
        for index in 0..<operation.size { expected[place + index] = UInt8(0x11 * (index + 1)) }
        #expect(machine.read(border - 32, count: 64) == expected)
      }
    }
  }

  @Test func `an access faults where its page is missing or forbids it`() {
    let load = LoadOperation.ld.word(7, 0, 5)
    let store = StoreOperation.sd.word(6, 0, 5)
    let cases: [(UInt32, PageEntry.Permissions?, Fault.Cause)] = [
      (load, nil, .loadPage), (load, [], .loadPage), (load, [.execute], .loadPage),
      (store, nil, .storePage), (store, [.read], .storePage),
      (store, [.read, .execute], .storePage),
      (store, [.read, .copyOnWrite], .storePage),
    ]
    for (instruction, bad, cause) in cases {
      for offset in 0..<8 {
        var machine = machine([nop, instruction, ecall], second: bad)
        machine.write(pattern, at: border - 64)
        machine.hart[register: 5] = border - UInt64(offset)
        machine.hart[register: 6] = ~0
        machine.hart[register: 7] = 7
        // The second page faults at its start, the first at the address.
        #expect(machine.run() == (1, fault(cause, border, at: code + 4)))
        #expect(machine.hart[register: 7] == 7)
        #expect(machine.read(border - 64, count: 64) == pattern)
        #expect(machine.hart.clock == Instant(instructions: 1))

        var mirrored = BareMachine([nop, instruction, ecall])
        if let bad { mirrored.map(border - 4096, bad) }
        mirrored.map(border, [.read, .write])
        mirrored.hart[register: 5] = border - UInt64(offset)
        if offset > 0 {
          let end = mirrored.run()
          #expect(end == (1, fault(cause, border - UInt64(offset), at: code + 4)))
          #expect(mirrored.doubleword(at: border) == 0)
        }
      }
    }
  }

  @Test func `addresses from outside the table fault, to the ends of the address space`() {
    for address in [0, 8, 0x30_0000, 1 << 38, 1 << 63, ~0, ~7, ~0xfff] as [UInt64] {
      var machine = machine([
        LoadOperation.lw.word(7, 0, 5), StoreOperation.sw.word(7, 0, 5), ecall,
      ])
      machine.hart[register: 5] = address
      #expect(machine.run() == (0, fault(.loadPage, address)))
      machine.hart.pc = code + 4
      #expect(machine.run() == (0, fault(.storePage, address, at: code + 4)))
    }
  }

  @Test func `an instruction that faulted runs again once its page is there`() {
    // The first of a pair faults, and the second.
    for program in [
      [LoadOperation.lw.word(7, 0, 5), ImmediateOperation.addi.word(8, 7, 1), ecall],
      [RegisterOperation.add.word(5, 5, 0), LoadOperation.lw.word(7, 0, 5), ecall],
      [RegisterOperation.add.word(9, 5, 6), LoadOperation.lw.word(7, 0, 9), ecall],
      [LoadOperation.ld.word(6, 0, 2), LoadOperation.ld.word(7, 0, 5), ecall],
      [StoreOperation.sd.word(6, 0, 5), StoreOperation.sd.word(7, 8, 5), ecall],
      [StoreOperation.sw.word(6, 0, 2), StoreOperation.sw.word(6, 0, 5), ecall],
    ] {
      var machine = machine(program, second: nil)
      machine.hart[register: 2] = border - 64
      machine.hart[register: 5] = border
      let faulting = machine.run()
      guard case .fault(let fault) = faulting.trap else {
        Issue.record("nothing faulted")
        continue
      }
      #expect(fault.value == border)
      #expect(machine.hart.pc == code + UInt64(4 * faulting.retired))
      machine.map(border, [.read, .write])
      #expect(machine.run() == (3 - faulting.retired, .call))
    }
  }

  @Test func `a page that becomes writable after a copy takes the store`() {
    var machine = machine(
      [
        LoadOperation.ld.word(7, 0, 5), StoreOperation.sd.word(6, 0, 5),
        LoadOperation.ld.word(8, 0, 5), ecall,
      ], second: [.read, .copyOnWrite])
    machine.write(pattern, at: border)
    machine.hart[register: 5] = border
    machine.hart[register: 6] = 99
    #expect(machine.run() == (1, fault(.storePage, border, at: code + 4)))
    let shared = machine.table[Int(border >> 12)].frame
    let copy = machine.map(border, [.read, .write])
    machine.memory.writableBytes(of: copy).copyMemory(
      from: machine.memory.bytes(of: shared), byteCount: pageSize)
    #expect(machine.run() == (3, .call))
    #expect(machine.hart[register: 7] == value(pattern[0..<8], signed: false))
    #expect(machine.hart[register: 8] == 99)
    #expect(machine.memory.bytes(of: shared).load(as: UInt64.self) == machine.hart[register: 7])
  }

  @Test func `more pages than the TLB has places, and pages that share a place`() {
    var machine = BareMachine(frames: 2600)
    let base: UInt64 = 0x10_0000
    for page in 0..<2500 as Range<UInt64> { machine.map(base + page << 12, [.read, .write]) }
    // Adds each page's number to its first doubleword and walks on, twice.
    machine.load([
      LoadOperation.ld.word(7, 0, 5), RegisterOperation.add.word(7, 7, 8),
      StoreOperation.sd.word(7, 0, 5), RegisterOperation.add.word(5, 5, 9),
      ImmediateOperation.addi.word(8, 8, 1), BranchOperation.bne.word(8, 10, -20), ecall,
    ])
    for _ in 0..<2 {
      machine.hart[register: 5] = base
      machine.hart[register: 8] = 0
      machine.hart[register: 9] = 4096
      machine.hart[register: 10] = 2500
      machine.hart.pc = code
      #expect(machine.run(budget: 100_000) == (2500 * 6 + 1, .call))
    }
    for page in 0..<2500 as Range<UInt64> {
      #expect(machine.doubleword(at: base + page << 12) == 2 * page)
    }
  }
}
