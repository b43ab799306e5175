// Programs whose symbols and lines have bytes, header fields and pieces changed. What is read of them
// has to hold together, however little that is.

import Foundation
import Sim
import Symbols
import TestGuests
import Userland

struct SymbolsTarget: BytesTarget {
  static let suffix = "elf"
  private let corpus: [[UInt8]]

  init(folder: String) throws {
    corpus =
      [SymbolsTarget.program(version: 4), SymbolsTarget.program(version: 5)]
      + (Userland.all + TestGuests.all).map(\.bytes).filter { $0.count < 4000 }.prefix(4)
  }

  func input(_ seed: UInt64) -> [UInt8] {
    var mutator = Mutator(seed: seed)
    var bytes = mutator.oneIn(8) ? mutator.pick(corpus) : corpus[mutator.below(2)]
    if mutator.oneIn(3) {
      mutator.mutate(&bytes, corpus)
      return bytes
    }
    // Where it stays an ELF file of sections, more of what is inside is reached.
    for _ in 0...mutator.below(6) {
      var number = mutator.number()
      if mutator.oneIn(2) { number &= 0xff }
      let size = mutator.pick([1, 2, 4, 8])
      mutator.put(number, size: size, at: mutator.below(bytes.count), in: &bytes)
    }
    return bytes
  }

  func attempt(_ input: [UInt8], turn: UInt64?) throws -> Attempt {
    let program = ProgramSymbols(input)
    if let wrong = SymbolsTarget.contradiction(program) { return .failed(wrong) }
    return program.symbols.isEmpty && program.lines.isEmpty
      ? .refused : .taken(events: program.symbols.count + program.lines.count)
  }

  private static func contradiction(_ program: ProgramSymbols) -> String? {
    if program.symbols.isEmpty || program.lines.isEmpty, program.problem == nil {
      return "nothing is read, and no reason given"
    }
    for (one, next) in zip(program.symbols, program.symbols.dropFirst())
    where one.address >= next.address {
      return "\(one) stands before \(next)"
    }
    for (one, next) in zip(program.lines, program.lines.dropFirst())
    where next.address < one.address || next.address - one.address < one.size {
      return "\(one) reaches into \(next)"
    }
    for line in program.lines where !program.files.indices.contains(line.file) || line.line < 1 {
      return "\(line) is of no file"
    }
    return nil
  }

  // MARK: What is changed

  /// A program of three functions with their lines, made by hand: no compiler is needed to fuzz.
  private static func program(version: UInt8) -> [UInt8] {
    var names: [UInt8] = [0]
    func name(_ text: String) -> UInt64 {
      defer { names += Array(text.utf8) + [0] }
      return UInt64(names.count)
    }
    var symbols = [UInt8](repeating: 0, count: 24)
    for (index, function) in ["_start", "deposit", "main"].enumerated() {
      symbols += number(name(function), 4) + [0x12, 0, 1, 0]
      symbols += number(UInt64(0x1000 + 16 * index), 8) + number(16, 8)
    }
    let lines = unit(version)
    let strings = Array("/home/user\0counter.c\0".utf8)
    let sections: [(name: String, type: UInt64, flags: UInt64, bytes: [UInt8])] = [
      (".text", 1, 6, [UInt8](repeating: 1, count: 48)), (".symtab", 2, 0, symbols),
      (".debug_line", 1, 0, lines), (".debug_line_str", 1, 0, strings),
    ]
    var headers = [UInt8](repeating: 0, count: 64)
    var body: [UInt8] = []
    for section in sections {
      headers += number(name(section.name), 4) + number(section.type, 4) + number(section.flags, 8)
      headers += number(section.name == ".text" ? 0x1000 : 0, 8)
      headers += number(UInt64(64 + body.count), 8) + number(UInt64(section.bytes.count), 8)
      headers += number(5, 4) + [UInt8](repeating: 0, count: 20)
      body += section.bytes
    }
    headers += number(name(".strtab"), 4) + number(3, 4) + number(0, 16)
    headers += number(UInt64(64 + body.count), 8) + number(UInt64(names.count), 8)
    headers += [UInt8](repeating: 0, count: 24)
    body += names
    var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
    file += number(2, 2) + number(243, 2) + number(1, 4) + number(0x1000, 8) + number(0, 8)
    file += number(UInt64(64 + body.count), 8) + number(0, 4) + number(64, 2) + number(0, 4)
    file += number(64, 2) + number(6, 2) + number(5, 2)
    return file + body + headers
  }

  /// A line table's unit: one sequence with every operation.
  private static func unit(_ version: UInt8) -> [UInt8] {
    var header: [UInt8] = [1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]
    if version >= 5 {
      header += [1, 1, 0x1f, 1] + number(0, 4)
      header += [2, 1, 0x1f, 2, 0x0b, 1] + number(11, 4) + [0]
    } else {
      header += Array("sub\0\0counter.c\0".utf8) + [1, 0, 0, 0]
    }
    var program: [UInt8] = [0, 9, 2] + number(0x1000, 8)
    program += [
      4, version >= 5 ? 0 : 1, 3, 16, 1, 5, 3, 0x4b, 6, 10, 2, 8, 1, 8, 9, 4, 0, 0x83, 11,
    ]
    program += [3, 0x7e, 7, 12, 1, 1, 0, 2, 4, 1, 2, 2, 0, 1, 1]
    let rest = number(UInt64(header.count), 4) + header + program
    let unit = [version, 0] + (version >= 5 ? [8, 0] : []) + rest
    return number(UInt64(unit.count), 4) + unit
  }

  private static func number(_ value: UInt64, _ size: Int) -> [UInt8] {
    (0..<size).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) : 0 }
  }
}
