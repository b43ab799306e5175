// A tiny assembler: RV64IMA instructions as words, for tests that need one exact instruction or a
// short program. Written from the manual's tables, independently of the decoder that it tests.

/// A register's number, under its ABI name.
public enum Register {
  public static let zero = 0, ra = 1, sp = 2, gp = 3, tp = 4
  public static let t0 = 5, t1 = 6, t2 = 7, s0 = 8, s1 = 9
  public static let a0 = 10, a1 = 11, a2 = 12, a3 = 13, a4 = 14, a5 = 15, a6 = 16, a7 = 17
}

/// Operations on two registers.
public enum RegisterOperation: String, CaseIterable, Sendable {
  case add, sub, sll, slt, sltu, xor, srl, sra, or, and
  case addw, subw, sllw, srlw, sraw
  case mul, mulh, mulhsu, mulhu, div, divu, rem, remu
  case mulw, divw, divuw, remw, remuw

  public func word(_ rd: Int, _ rs1: Int, _ rs2: Int) -> UInt32 {
    let (funct7, funct3): (Int, Int) =
      switch self {
      case .add, .addw: (0, 0)
      case .sub, .subw: (0x20, 0)
      case .sll, .sllw: (0, 1)
      case .slt: (0, 2)
      case .sltu: (0, 3)
      case .xor: (0, 4)
      case .srl, .srlw: (0, 5)
      case .sra, .sraw: (0x20, 5)
      case .or: (0, 6)
      case .and: (0, 7)
      case .mul, .mulw: (1, 0)
      case .mulh: (1, 1)
      case .mulhsu: (1, 2)
      case .mulhu: (1, 3)
      case .div, .divw: (1, 4)
      case .divu, .divuw: (1, 5)
      case .rem, .remw: (1, 6)
      case .remu, .remuw: (1, 7)
      }
    let opcode = rawValue.last == "w" ? 0x3b : 0x33
    return assemble(opcode, rd: rd, funct3: funct3, rs1: rs1, rs2: rs2, funct7: funct7)
  }
}

/// Operations on a register and a 12-bit immediate.
public enum ImmediateOperation: String, CaseIterable, Sendable {
  case addi, slti, sltiu, xori, ori, andi, addiw, jalr

  public func word(_ rd: Int, _ rs1: Int, _ immediate: Int) -> UInt32 {
    let (opcode, funct3): (Int, Int) =
      switch self {
      case .addi: (0x13, 0)
      case .slti: (0x13, 2)
      case .sltiu: (0x13, 3)
      case .xori: (0x13, 4)
      case .ori: (0x13, 6)
      case .andi: (0x13, 7)
      case .addiw: (0x1b, 0)
      case .jalr: (0x67, 0)
      }
    return assemble(opcode, rd: rd, funct3: funct3, rs1: rs1, immediate: immediate)
  }
}

/// Shifts by a constant.
public enum ShiftOperation: String, CaseIterable, Sendable {
  case slli, srli, srai, slliw, srliw, sraiw

  public var isWord: Bool { rawValue.last == "w" }

  public func word(_ rd: Int, _ rs1: Int, _ amount: Int) -> UInt32 {
    let funct3 = self == .slli || self == .slliw ? 1 : 5
    let arithmetic = self == .srai || self == .sraiw ? 0x400 : 0
    return assemble(
      isWord ? 0x1b : 0x13, rd: rd, funct3: funct3, rs1: rs1, immediate: arithmetic | amount)
  }
}

public enum LoadOperation: Int, CaseIterable, Sendable {
  case lb = 0
  case lh, lw, ld, lbu, lhu, lwu

  public var size: Int { 1 << (rawValue & 3) }
  public var isSigned: Bool { rawValue < 4 }

  public func word(_ rd: Int, _ immediate: Int, _ rs1: Int) -> UInt32 {
    assemble(0x03, rd: rd, funct3: rawValue, rs1: rs1, immediate: immediate)
  }
}

public enum StoreOperation: Int, CaseIterable, Sendable {
  case sb = 0
  case sh, sw, sd

  public var size: Int { 1 << rawValue }

  public func word(_ rs2: Int, _ immediate: Int, _ rs1: Int) -> UInt32 {
    assemble(
      0x23, rd: immediate & 31, funct3: rawValue, rs1: rs1, rs2: rs2,
      funct7: immediate >> 5 & 0x7f)
  }
}

public enum BranchOperation: Int, CaseIterable, Sendable {
  case beq = 0
  case bne = 1
  case blt = 4
  case bge = 5
  case bltu = 6
  case bgeu = 7

  public func word(_ rs1: Int, _ rs2: Int, _ offset: Int) -> UInt32 {
    assemble(
      0x63, rd: offset & 0x1e | offset >> 11 & 1, funct3: rawValue, rs1: rs1, rs2: rs2,
      funct7: (offset >> 12 & 1) << 6 | offset >> 5 & 0x3f)
  }
}

public enum AtomicOperation: Int, CaseIterable, Sendable {
  case amoadd = 0x00
  case amoswap = 0x01
  case lr = 0x02
  case sc = 0x03
  case amoxor = 0x04
  case amoor = 0x08
  case amoand = 0x0c
  case amomin = 0x10
  case amomax = 0x14
  case amominu = 0x18
  case amomaxu = 0x1c

  /// - Parameter size: 4 or 8.
  public func word(size: Int, _ rd: Int, _ rs2: Int, _ rs1: Int) -> UInt32 {
    assemble(0x2f, rd: rd, funct3: size == 4 ? 2 : 3, rs1: rs1, rs2: rs2, funct7: rawValue << 2)
  }
}

public func lui(_ rd: Int, _ upper: Int) -> UInt32 {
  UInt32(truncatingIfNeeded: upper << 12 | rd << 7 | 0x37)
}

public func auipc(_ rd: Int, _ upper: Int) -> UInt32 {
  UInt32(truncatingIfNeeded: upper << 12 | rd << 7 | 0x17)
}

public func jal(_ rd: Int, _ offset: Int) -> UInt32 {
  let fields =
    (offset >> 20 & 1) << 31 | (offset >> 1 & 0x3ff) << 21 | (offset >> 11 & 1) << 20
    | (offset >> 12 & 0xff) << 12
  return UInt32(truncatingIfNeeded: fields | rd << 7 | 0x6f)
}

/// `li` for an immediate of 12 bits.
public func li(_ rd: Int, _ immediate: Int) -> UInt32 {
  ImmediateOperation.addi.word(rd, 0, immediate)
}

public let ecall: UInt32 = 0x73
public let ebreak: UInt32 = 0x10_0073
public let fence: UInt32 = 0x0ff0_000f
public let fenceI: UInt32 = 0x100f
public let nop: UInt32 = 0x13

private func assemble(
  _ opcode: Int, rd: Int, funct3: Int, rs1: Int, rs2: Int = 0, funct7: Int = 0
) -> UInt32 {
  UInt32(
    truncatingIfNeeded: funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode)
}

private func assemble(_ opcode: Int, rd: Int, funct3: Int, rs1: Int, immediate: Int) -> UInt32 {
  UInt32(
    truncatingIfNeeded: (immediate & 0xfff) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode)
}
