// From bits to an `Instruction`, after the RISC-V unprivileged manual (RV64IMA, Zicsr, Zifencei,
// Zicntr). Whatever the manual reserves, and all of F, D and the privileged instructions, decodes
// as illegal; hints decode as the instructions that they are spelled with.

enum Decoder {
  /// Whether an instruction that begins with this halfword has four bytes.
  @inline(__always)
  static func isLong(_ half: UInt16) -> Bool { half & 3 == 3 }

  /// Decodes the instruction in `bits`, whose upper half is ignored when it is a compressed one.
  static func decode(_ bits: UInt32) -> Instruction {
    guard isLong(UInt16(truncatingIfNeeded: bits)) else {
      return decodeCompressed(UInt16(truncatingIfNeeded: bits))
    }
    let word = Word(bits: bits)
    switch bits & 0x7f {
    case 0x03: return load(word)
    case 0x0f: return ordering(word)
    case 0x13: return immediateArithmetic(word)
    case 0x17: return word.upper(.auipc)
    case 0x1b: return immediateArithmeticOnWords(word)
    case 0x23: return store(word)
    case 0x2f: return atomic(word)
    case 0x33: return registerArithmetic(word)
    case 0x37: return word.upper(.lui)
    case 0x3b: return registerArithmeticOnWords(word)
    case 0x63: return branch(word)
    case 0x67: return word.funct3 == 0 ? word.iType(.jalr) : word.illegal
    case 0x6f: return word.jump
    case 0x73: return system(word)
    default: return word.illegal
    }
  }

  private static func load(_ word: Word) -> Instruction {
    switch word.funct3 {
    case 0: return word.iType(.lb)
    case 1: return word.iType(.lh)
    case 2: return word.iType(.lw)
    case 3: return word.iType(.ld)
    case 4: return word.iType(.lbu)
    case 5: return word.iType(.lhu)
    case 6: return word.iType(.lwu)
    default: return word.illegal
    }
  }

  private static func store(_ word: Word) -> Instruction {
    switch word.funct3 {
    case 0: return word.sType(.sb)
    case 1: return word.sType(.sh)
    case 2: return word.sType(.sw)
    case 3: return word.sType(.sd)
    default: return word.illegal
    }
  }

  private static func branch(_ word: Word) -> Instruction {
    switch word.funct3 {
    case 0: return word.bType(.beq)
    case 1: return word.bType(.bne)
    case 4: return word.bType(.blt)
    case 5: return word.bType(.bge)
    case 6: return word.bType(.bltu)
    case 7: return word.bType(.bgeu)
    default: return word.illegal
    }
  }

  /// The unused fields of `fence` are reserved for finer fences and to be ignored (section 2.7).
  private static func ordering(_ word: Word) -> Instruction {
    switch word.funct3 {
    case 0: return Instruction(operation: .fence, length: 4)
    case 1: return Instruction(operation: .fenceI, length: 4)
    default: return word.illegal
    }
  }

  private static func immediateArithmetic(_ word: Word) -> Instruction {
    switch (word.funct3, word.bits >> 26) {
    case (0, _): return word.iType(.addi)
    case (1, 0): return word.shift(.slli, mask: 63)
    case (2, _): return word.iType(.slti)
    case (3, _): return word.iType(.sltiu)
    case (4, _): return word.iType(.xori)
    case (5, 0): return word.shift(.srli, mask: 63)
    case (5, 0x10): return word.shift(.srai, mask: 63)
    case (6, _): return word.iType(.ori)
    case (7, _): return word.iType(.andi)
    default: return word.illegal
    }
  }

  private static func immediateArithmeticOnWords(_ word: Word) -> Instruction {
    switch (word.funct3, word.funct7) {
    case (0, _): return word.iType(.addiw)
    case (1, 0): return word.shift(.slliw, mask: 31)
    case (5, 0): return word.shift(.srliw, mask: 31)
    case (5, 0x20): return word.shift(.sraiw, mask: 31)
    default: return word.illegal
    }
  }

  private static func registerArithmetic(_ word: Word) -> Instruction {
    switch (word.funct7, word.funct3) {
    case (0, 0): return word.rType(.add)
    case (0x20, 0): return word.rType(.sub)
    case (0, 1): return word.rType(.sll)
    case (0, 2): return word.rType(.slt)
    case (0, 3): return word.rType(.sltu)
    case (0, 4): return word.rType(.xor)
    case (0, 5): return word.rType(.srl)
    case (0x20, 5): return word.rType(.sra)
    case (0, 6): return word.rType(.or)
    case (0, 7): return word.rType(.and)
    case (1, 0): return word.rType(.mul)
    case (1, 1): return word.rType(.mulh)
    case (1, 2): return word.rType(.mulhsu)
    case (1, 3): return word.rType(.mulhu)
    case (1, 4): return word.rType(.div)
    case (1, 5): return word.rType(.divu)
    case (1, 6): return word.rType(.rem)
    case (1, 7): return word.rType(.remu)
    default: return word.illegal
    }
  }

  private static func registerArithmeticOnWords(_ word: Word) -> Instruction {
    switch (word.funct7, word.funct3) {
    case (0, 0): return word.rType(.addw)
    case (0x20, 0): return word.rType(.subw)
    case (0, 1): return word.rType(.sllw)
    case (0, 5): return word.rType(.srlw)
    case (0x20, 5): return word.rType(.sraw)
    case (1, 0): return word.rType(.mulw)
    case (1, 4): return word.rType(.divw)
    case (1, 5): return word.rType(.divuw)
    case (1, 6): return word.rType(.remw)
    case (1, 7): return word.rType(.remuw)
    default: return word.illegal
    }
  }

  /// The order bits `aq` and `rl` change nothing here: harts take turns.
  private static func atomic(_ word: Word) -> Instruction {
    let onWords = word.funct3 == 2
    guard onWords || word.funct3 == 3 else { return word.illegal }
    switch word.funct7 >> 2 {
    case 0x00: return word.rType(onWords ? .amoaddW : .amoaddD)
    case 0x01: return word.rType(onWords ? .amoswapW : .amoswapD)
    case 0x02: return word.rs2 == 0 ? word.rType(onWords ? .lrW : .lrD) : word.illegal
    case 0x03: return word.rType(onWords ? .scW : .scD)
    case 0x04: return word.rType(onWords ? .amoxorW : .amoxorD)
    case 0x08: return word.rType(onWords ? .amoorW : .amoorD)
    case 0x0c: return word.rType(onWords ? .amoandW : .amoandD)
    case 0x10: return word.rType(onWords ? .amominW : .amominD)
    case 0x14: return word.rType(onWords ? .amomaxW : .amomaxD)
    case 0x18: return word.rType(onWords ? .amominuW : .amominuD)
    case 0x1c: return word.rType(onWords ? .amomaxuW : .amomaxuD)
    default: return word.illegal
    }
  }

  /// Only the three user counters exist, and only to be read: a csrrs or csrrc whose source is
  /// x0 or zero does not write (section 6.1).
  private static func system(_ word: Word) -> Instruction {
    switch word.funct3 {
    case 0 where word.bits == 0x0000_0073: return Instruction(operation: .ecall, length: 4)
    case 0 where word.bits == 0x0010_0073: return Instruction(operation: .ebreak, length: 4)
    case 2, 3, 6, 7:
      let counters: ClosedRange<UInt32> = 0xc00...0xc02
      guard word.rs1 == 0, counters.contains(word.bits >> 20) else { return word.illegal }
      return Instruction(operation: .readCounter, rd: word.rd, length: 4)
    default: return word.illegal
    }
  }
}

/// The fields of a four-byte instruction (section 2.2).
private struct Word {
  let bits: UInt32

  var rd: UInt8 { UInt8(truncatingIfNeeded: bits >> 7 & 31) }
  var rs1: UInt8 { UInt8(truncatingIfNeeded: bits >> 15 & 31) }
  var rs2: UInt8 { UInt8(truncatingIfNeeded: bits >> 20 & 31) }
  var funct3: UInt32 { bits >> 12 & 7 }
  var funct7: UInt32 { bits >> 25 }
  private var signed: Int32 { Int32(bitPattern: bits) }

  var illegal: Instruction {
    Instruction(operation: .illegal, immediate: Int64(bits), length: 4)
  }

  func rType(_ operation: Operation) -> Instruction {
    Instruction(operation: operation, rd: rd, rs1: rs1, rs2: rs2, length: 4)
  }

  func iType(_ operation: Operation) -> Instruction {
    Instruction(
      operation: operation, rd: rd, rs1: rs1, immediate: Int64(signed >> 20), length: 4)
  }

  func shift(_ operation: Operation, mask: UInt32) -> Instruction {
    Instruction(
      operation: operation, rd: rd, rs1: rs1, immediate: Int64(bits >> 20 & mask), length: 4)
  }

  func sType(_ operation: Operation) -> Instruction {
    let immediate = (signed >> 25) << 5 | Int32(rd)
    return Instruction(
      operation: operation, rs1: rs1, rs2: rs2, immediate: Int64(immediate), length: 4)
  }

  func bType(_ operation: Operation) -> Instruction {
    let low = Int32(bitPattern: bits >> 7 & 0x1e | bits >> 20 & 0x7e0 | (bits << 4) & 0x800)
    return Instruction(
      operation: operation, rs1: rs1, rs2: rs2, immediate: Int64((signed >> 31) << 12 | low),
      length: 4)
  }

  func upper(_ operation: Operation) -> Instruction {
    Instruction(
      operation: operation, rd: rd, immediate: Int64(Int32(bitPattern: bits & 0xffff_f000)),
      length: 4)
  }

  var jump: Instruction {
    let low = Int32(bitPattern: bits >> 20 & 0x7fe | bits >> 9 & 0x800 | bits & 0xff000)
    return Instruction(
      operation: .jal, rd: rd, immediate: Int64((signed >> 31) << 20 | low), length: 4)
  }
}
