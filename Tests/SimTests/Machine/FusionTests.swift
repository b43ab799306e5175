// What the translator fuses does what its parts do. Single steps are never fused, so every sequence
// is run whole and in single steps, and must end the same, faults included.

import Sim
import TestSupport
import Testing

private let code = BareMachine.codeAddress
private let data: UInt64 = 0x2_0000

/// An instruction by its registers; what it has no use for it ignores.
private typealias Maker = @Sendable (_ rd: Int, _ rs1: Int, _ rs2: Int) -> UInt32

private let immediates: [Maker] = [
  { rd, rs1, _ in ImmediateOperation.addi.word(rd, rs1, 8) },
  { rd, rs1, _ in ImmediateOperation.addiw.word(rd, rs1, -3) },
  { rd, rs1, _ in ImmediateOperation.andi.word(rd, rs1, 0x7f8) },
  { rd, rs1, _ in ShiftOperation.slli.word(rd, rs1, 3) },
  { rd, rs1, _ in ShiftOperation.srli.word(rd, rs1, 3) },
  { rd, rs1, _ in ShiftOperation.srliw.word(rd, rs1, 2) },
  { rd, _, _ in li(rd, 72) },
]
private let computations: [Maker] =
  immediates + [
    { RegisterOperation.add.word($0, $1, $2) }, { RegisterOperation.sub.word($0, $1, $2) },
    { RegisterOperation.xor.word($0, $1, $2) }, { RegisterOperation.or.word($0, $1, $2) },
    { RegisterOperation.and.word($0, $1, $2) }, { RegisterOperation.mul.word($0, $1, $2) },
  ]
private let loads: [Maker] = LoadOperation.allCases.map { operation in
  { rd, rs1, _ in operation.word(rd, 16, rs1) }
}
private let stores: [Maker] = StoreOperation.allCases.map { operation in
  { _, rs1, rs2 in operation.word(rs2, 24, rs1) }
}
private let branches: [Maker] = BranchOperation.allCases.map { operation in
  { _, rs1, rs2 in operation.word(rs1, rs2, 8) }
}

private struct End: Equatable {
  var retired: Int
  var trap: Trap
  var registers: RegisterFile
  var pc: UInt64
  var bytes: [UInt8]
}

/// One machine for many sequences: making one costs more than running one.
private struct Bench {
  private var machine = BareMachine(Array(repeating: nop, count: 8))

  private let pattern = (0..<192).map { UInt8(truncatingIfNeeded: $0 &* 91 &+ 7) }

  init() { machine.map(data, [.read, .write]) }

  private mutating func end(slices: [Int]) -> End {
    machine.hart.forgetAddressSpace()
    machine.hart.pc = code
    machine.hart.registers = RegisterFile()
    // Addresses in x5, x9 << 3 and x5 + x8; numbers elsewhere.
    for (register, value) in [
      (5, data + 64), (6, 0x1234_5678_9abc_def0), (8, 32), (9, (data + 128) >> 3), (10, 1),
      (12, 72), (14, ~0),
    ] {
      machine.hart[register: register] = value
    }
    machine.write(pattern, at: data + 64)
    let (retired, trap) = machine.run(slices: slices)
    return End(
      retired: retired, trap: trap, registers: machine.hart.registers, pc: machine.hart.pc,
      bytes: machine.read(data + 64, count: 192))
  }

  /// Whether a sequence ends the same whole and in single steps.
  mutating func agrees(_ sequence: [UInt32]) -> Bool {
    let words = sequence + [ImmediateOperation.addi.word(13, 13, 1), ecall, ecall]
    machine.load(words)
    return end(slices: [100]) == end(slices: [1])
  }
}

@Suite struct FusionTests {
  @Test func `every pair does what its parts do`() {
    var bench = Bench()
    let all = computations + loads + stores + branches
    for (i, first) in (computations + loads + stores).enumerated() {
      for (j, second) in all.enumerated() {
        // The second takes the first one's result as rs1, or as rs2.
        for (rs1, rs2) in [(7, 12), (5, 7)] {
          let sequence = [first(7, i % 2 == 0 ? 5 : 9, 8), second(11, rs1, rs2)]
          let isSame = bench.agrees(sequence)
          #expect(isSame, "\(i), \(j): \(sequence.map { String($0, radix: 16) }) by \(rs1), \(rs2)")
        }
      }
    }
  }

  @Test func `triples do what their parts do`() {
    var bench = Bench()
    let firsts: [Maker] = loads + stores + [immediates[0], immediates[3]]
    let seconds: [Maker] = [computations[0], computations[7]]
    for (i, first) in firsts.enumerated() {
      for (j, second) in seconds.enumerated() {
        for (k, third) in (loads + branches + [immediates[0]]).enumerated() {
          for (base, rs1) in [(5, 11), (9, 11), (5, 7)] {
            let sequence = [first(7, base, 12), second(11, 7, 8), third(15, rs1, 12)]
            let isSame = bench.agrees(sequence)
            #expect(isSame, "\(i), \(j), \(k): \(sequence.map { String($0, radix: 16) })")
          }
        }
      }
    }
  }
}
