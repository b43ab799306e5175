// The hart against qemu-riscv64, on the same ELF files, turn by turn.

import Foundation
import Sim

let interpreterBenchmark = Benchmark(
  verb: "interpreter",
  summary: "the hart against qemu-riscv64 on three CPU-bound C programs",
  run: compareInterpreter)

/// How often each program runs on each; the fastest run counts, since the host has other work too.
private let rounds = 3

private func compareInterpreter() throws {
  let names = ["sort", "compress", "queens"]
  print(row("program", "instructions", "qemu MIPS", "hart MIPS", "ratio"))
  var ratios: [Double] = []
  for name in names {
    let file = try GuestCompiler.compile(name)
    defer { try? FileManager.default.removeItem(at: file) }
    let bytes = [UInt8](try Data(contentsOf: file))
    var qemuSeconds = Double.infinity
    var hartSeconds = Double.infinity
    var instructions: UInt64 = 0
    for _ in 0..<rounds {
      let expected = try runOnQemu(file)
      qemuSeconds = min(qemuSeconds, expected.seconds)

      var guest = try BareGuest(elf: bytes)
      let start = ProcessorTime.own
      let output = try guest.run()
      hartSeconds = min(hartSeconds, ProcessorTime.own - start)
      instructions = guest.instructions
      guard output == expected.output else {
        throw BenchmarkError(
          description: "\(name) gives another output on the hart than on qemu: "
            + "found \(String(decoding: output, as: UTF8.self)), "
            + "expected \(String(decoding: expected.output, as: UTF8.self))")
      }
    }
    let millions = Double(instructions) / 1e6
    ratios.append(qemuSeconds / hartSeconds)
    print(
      row(
        name, "\(instructions)", String(format: "%.0f", millions / qemuSeconds),
        String(format: "%.0f", millions / hartSeconds),
        String(format: "%.3f", qemuSeconds / hartSeconds)))
  }
  let mean = exp(ratios.map(log).reduce(0, +) / Double(ratios.count))
  print(row("geometric mean", "", "", "", String(format: "%.3f", mean)))
}

private func row(_ cells: String...) -> String {
  zip(cells, [16, 14, 11, 11, 8]).enumerated().map { index, cell in
    let padding = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
    return index == 0 ? cell.0 + padding : padding + cell.0
  }.joined()
}

private func runOnQemu(_ file: URL) throws -> (output: [UInt8], seconds: Double) {
  let qemu = URL(fileURLWithPath: "/usr/bin/qemu-riscv64")
  guard FileManager.default.isExecutableFile(atPath: qemu.path) else {
    throw BenchmarkError(description: "no \(qemu.path); install qemu-user to compare with it")
  }
  let start = ProcessorTime.children
  let output = try Subprocess.run(qemu, [file.path])
  return (output, ProcessorTime.children - start)
}
