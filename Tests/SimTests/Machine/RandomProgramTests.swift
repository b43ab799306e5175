// Random programs do on the hart what they do on qemu-riscv64, and the same in every slicing.

import Sim
import TestSupport
import Testing

@Suite struct RandomProgramTests {
  @Test(
    .enabled(if: QemuOracle.isInstalled, "qemu-riscv64 is not installed"),
    arguments: 1...40 as ClosedRange<UInt64>)
  func `a random program ends as it does on qemu`(seed: UInt64) throws {
    let program = RandomProgram(seed: seed, length: 100 + Int(seed % 12) * 120)
    let expected = try QemuOracle.output(of: program)
    #expect(expected != nil, "qemu could not run the program of seed \(seed)")
    let output = BareMachine.output(of: program, slices: [1_000_000])
    let difference = zip(output ?? [], expected ?? []).enumerated().first { $1.0 != $1.1 }?.offset
    #expect(output?.count == expected?.count, "seed \(seed)")
    #expect(difference == nil, "seed \(seed): the first byte that differs")
  }

  @Test(arguments: 1001...1010 as ClosedRange<UInt64>)
  func `a random program ends the same in every slicing`(seed: UInt64) {
    let program = RandomProgram(
      seed: seed, length: 100 + Int(seed % 10) * 60, hasReservations: false)
    let whole = BareMachine.output(of: program, slices: [1_000_000])
    #expect(whole != nil, "seed \(seed)")
    for slices in [[1], [2, 3], [17, 64, 5], [63], [100, 1, 1, 65]] {
      let isSame = BareMachine.output(of: program, slices: slices) == whole
      #expect(isSame, "seed \(seed), slices \(slices)")
    }
  }
}
