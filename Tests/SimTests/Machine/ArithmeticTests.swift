// Every computing instruction on edge values, against Swift's own arithmetic.

import Sim
import TestSupport
import Testing

private let edges: [UInt64] = [
  0, 1, 2, 31, 32, 63, 64, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x1_0000_0000,
  0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0xffff_ffff_8000_0000, ~0, ~1,
  0x0123_4567_89ab_cdef, 0xdead_beef_0bad_f00d,
]

private func signed(_ a: UInt64) -> Int64 { Int64(bitPattern: a) }
private func word(_ a: UInt64) -> Int32 { Int32(truncatingIfNeeded: a) }
private func extend(_ a: Int32) -> UInt64 { UInt64(bitPattern: Int64(a)) }
private func extend(_ a: UInt32) -> UInt64 { extend(Int32(bitPattern: a)) }

/// What the manual says that `a op b` is.
private func expected(_ operation: RegisterOperation, _ a: UInt64, _ b: UInt64) -> UInt64 {
  let unsignedA = UInt32(truncatingIfNeeded: a)
  let unsignedB = UInt32(truncatingIfNeeded: b)
  switch operation {
  case .add: return a &+ b
  case .sub: return a &- b
  case .sll: return a << (b % 64)
  case .slt: return signed(a) < signed(b) ? 1 : 0
  case .sltu: return a < b ? 1 : 0
  case .xor: return a ^ b
  case .srl: return a >> (b % 64)
  case .sra: return UInt64(bitPattern: signed(a) >> (b % 64))
  case .or: return a | b
  case .and: return a & b
  case .addw: return extend(word(a) &+ word(b))
  case .subw: return extend(word(a) &- word(b))
  case .sllw: return extend(unsignedA << (b % 32))
  case .srlw: return extend(unsignedA >> (b % 32))
  case .sraw: return extend(word(a) >> Int32(b % 32))
  case .mul: return UInt64(truncatingIfNeeded: Int128(signed(a)) * Int128(signed(b)))
  case .mulh: return UInt64(truncatingIfNeeded: (Int128(signed(a)) * Int128(signed(b))) >> 64)
  case .mulhsu: return UInt64(truncatingIfNeeded: (Int128(signed(a)) * Int128(b)) >> 64)
  case .mulhu: return UInt64(truncatingIfNeeded: (UInt128(a) * UInt128(b)) >> 64)
  case .div:
    return b == 0 ? ~0 : UInt64(bitPattern: signed(a).dividedReportingOverflow(by: signed(b)).0)
  case .divu: return b == 0 ? ~0 : a / b
  case .rem:
    let remainder = signed(a).remainderReportingOverflow(dividingBy: signed(b))
    return b == 0 ? a : remainder.overflow ? 0 : UInt64(bitPattern: remainder.0)
  case .remu: return b == 0 ? a : a % b
  case .mulw: return extend(word(a) &* word(b))
  case .divw:
    return word(b) == 0 ? ~0 : extend(word(a).dividedReportingOverflow(by: word(b)).0)
  case .divuw: return unsignedB == 0 ? ~0 : extend(unsignedA / unsignedB)
  case .remw:
    let remainder = word(a).remainderReportingOverflow(dividingBy: word(b))
    return word(b) == 0 ? extend(word(a)) : remainder.overflow ? 0 : extend(remainder.0)
  case .remuw: return extend(unsignedB == 0 ? unsignedA : unsignedA % unsignedB)
  }
}

@Suite struct ArithmeticTests {
  @Test(arguments: RegisterOperation.allCases)
  func `an operation on two registers gives what Swift computes`(operation: RegisterOperation) {
    var machine = BareMachine([operation.word(7, 5, 6), ecall])
    for a in edges {
      for b in edges {
        machine.hart[register: 5] = a
        machine.hart[register: 6] = b
        machine.hart.pc = BareMachine.codeAddress
        #expect(machine.run() == (2, .call))
        #expect(machine.hart[register: 7] == expected(operation, a, b), "\(a) \(operation) \(b)")
        #expect(machine.hart[register: 5] == a && machine.hart[register: 6] == b)
      }
    }
  }

  @Test(arguments: RegisterOperation.allCases)
  func `a result may overwrite a source, and is lost in x0`(operation: RegisterOperation) {
    var machine = BareMachine([
      operation.word(5, 5, 6), operation.word(6, 7, 6), operation.word(0, 8, 9),
      operation.word(8, 8, 8), operation.word(9, 0, 9), ecall,
    ])
    for (index, a) in edges.enumerated() {
      let b = edges[(index + 5) % edges.count]
      for register in [5, 7, 8] { machine.hart[register: register] = a }
      for register in [6, 9] { machine.hart[register: register] = b }
      machine.hart.pc = BareMachine.codeAddress
      #expect(machine.run() == (6, .call))
      #expect(machine.hart[register: 5] == expected(operation, a, b))
      #expect(machine.hart[register: 6] == expected(operation, a, b))
      #expect(machine.hart[register: 8] == expected(operation, a, a))
      #expect(machine.hart[register: 9] == expected(operation, 0, b))
      #expect(machine.hart[register: 0] == 0)
    }
  }

  @Test(arguments: ImmediateOperation.allCases.filter { $0 != .jalr })
  func `an operation on an immediate gives what Swift computes`(operation: ImmediateOperation) {
    let same: RegisterOperation =
      switch operation {
      case .addi, .jalr: .add
      case .slti: .slt
      case .sltiu: .sltu
      case .xori: .xor
      case .ori: .or
      case .andi: .and
      case .addiw: .addw
      }
    for immediate in [0, 1, -1, 2, 63, -64, 2047, -2048] {
      var machine = BareMachine([
        operation.word(7, 5, immediate), operation.word(0, 5, immediate), ecall,
      ])
      for a in edges {
        machine.hart[register: 5] = a
        machine.hart.pc = BareMachine.codeAddress
        #expect(machine.run() == (3, .call))
        let b = UInt64(bitPattern: Int64(immediate))
        #expect(machine.hart[register: 7] == expected(same, a, b), "\(a) \(operation) \(immediate)")
      }
    }
  }

  @Test(arguments: ShiftOperation.allCases)
  func `a shift by a constant gives what Swift computes`(operation: ShiftOperation) {
    let same: RegisterOperation =
      switch operation {
      case .slli: .sll
      case .srli: .srl
      case .srai: .sra
      case .slliw: .sllw
      case .srliw: .srlw
      case .sraiw: .sraw
      }
    for amount in 0..<(operation.isWord ? 32 : 64) {
      var machine = BareMachine([operation.word(7, 5, amount), ecall])
      for a in edges {
        machine.hart[register: 5] = a
        machine.hart.pc = BareMachine.codeAddress
        machine.run()
        #expect(machine.hart[register: 7] == expected(same, a, UInt64(amount)))
      }
    }
  }

  @Test func `upper immediates are sign-extended, and auipc adds the pc`() {
    for upper in [0, 1, 0x7ffff, 0x80000, 0xfffff] {
      var machine = BareMachine([nop, lui(5, upper), auipc(6, upper), lui(0, upper), ecall])
      machine.run()
      let value = extend(Int32(truncatingIfNeeded: upper << 12))
      #expect(machine.hart[register: 5] == value)
      #expect(machine.hart[register: 6] == value &+ BareMachine.codeAddress &+ 8)
      #expect(machine.hart[register: 0] == 0)
    }
  }

  @Test func `constants built in steps come out whole, wherever time ends`() {
    let program = [
      lui(5, 0x12345), ImmediateOperation.addi.word(5, 5, 0x678),
      ShiftOperation.slli.word(5, 5, 12),
      ImmediateOperation.addi.word(5, 5, -1), li(6, 7), ImmediateOperation.addiw.word(6, 6, -8),
      lui(7, 0x80000), ImmediateOperation.addiw.word(7, 7, -1), auipc(8, 1),
      ImmediateOperation.addi.word(8, 8, 4), li(9, 5), ImmediateOperation.addi.word(10, 9, 5),
    ]
    let values: [(register: Int, value: UInt64)] = [
      (5, 0x1234_5000), (5, 0x1234_5678), (5, 0x123_4567_8000), (5, 0x123_4567_7fff), (6, 7),
      (6, ~0), (7, 0xffff_ffff_8000_0000), (7, 0x7fff_ffff), (8, BareMachine.codeAddress + 0x1020),
      (8, BareMachine.codeAddress + 0x1024), (9, 5), (10, 10),
    ]
    for budget in 1...program.count {
      var machine = BareMachine(program + [ecall])
      #expect(machine.run(budget: budget) == (budget, .budgetSpent))
      let (register, value) = values[budget - 1]
      #expect(machine.hart[register: register] == value, "after \(budget) instructions")
      #expect(machine.hart.pc == BareMachine.codeAddress + UInt64(4 * budget))
    }
  }
}
