// The family of each operation, for code that treats several alike. There is one switch that
// names them all, so that the compiler asks of a new operation which family it is in, and everybody else
// switches over families.

/// What an atomic operation makes of what is in memory and of its operand.
enum AtomicCombination {
  case swap, add, xor, and, or, minimum, maximum, unsignedMinimum, unsignedMaximum
}

/// Operations that are treated alike.
enum OperationFamily {
  /// A constant that the translator works out.
  case constant
  /// Registers and an immediate in, a register out, and nothing else.
  case computation
  /// Goes somewhere, always.
  case jump
  /// Goes somewhere or on.
  case branch
  case load(bytes: UInt8, isSigned: Bool)
  case store(bytes: UInt8)
  case loadReserved(bytes: UInt8)
  case storeConditional(bytes: UInt8)
  case atomic(AtomicCombination, bytes: UInt8)
  /// Orders what is in order anyway.
  case ordering
  case counter
  case call
  case breakpoint
  case illegal
  case guardHalf
  /// Performs nothing, and stands before or behind a block.
  case boundary
  /// Several at once, of which the first may have to be left to `Hart.run`: a load or a store.
  case fused(first: Operation)
  /// Several at once, of which the first never fails.
  case fusedComputation
}

extension Operation {
  /// The family that it is in.
  var family: OperationFamily {
    switch self {
    case .lui, .auipc: .constant
    case .jal, .jalr, .jumpRegister, .jump, .farJump: .jump
    case .beq, .bne, .blt, .bge, .bltu, .bgeu: .branch
    case .lb: .load(bytes: 1, isSigned: true)
    case .lh: .load(bytes: 2, isSigned: true)
    case .lw: .load(bytes: 4, isSigned: true)
    case .ld: .load(bytes: 8, isSigned: false)
    case .lbu: .load(bytes: 1, isSigned: false)
    case .lhu: .load(bytes: 2, isSigned: false)
    case .lwu: .load(bytes: 4, isSigned: false)
    case .sb: .store(bytes: 1)
    case .sh: .store(bytes: 2)
    case .sw: .store(bytes: 4)
    case .sd: .store(bytes: 8)
    case .addi, .slti, .sltiu, .xori, .ori, .andi, .slli, .srli, .srai, .addiw, .slliw, .srliw,
      .sraiw, .add, .sub, .sll, .slt, .sltu, .xor, .srl, .sra, .or, .and, .addw, .subw, .sllw,
      .srlw, .sraw, .mul, .mulh, .mulhsu, .mulhu, .div, .divu, .rem, .remu, .mulw, .divw, .divuw,
      .remw, .remuw, .loadImmediate:
      .computation
    case .fence, .fenceI: .ordering
    case .ecall: .call
    case .ebreak: .breakpoint
    case .readCounter: .counter
    case .lrW: .loadReserved(bytes: 4)
    case .lrD: .loadReserved(bytes: 8)
    case .scW: .storeConditional(bytes: 4)
    case .scD: .storeConditional(bytes: 8)
    case .amoswapW: .atomic(.swap, bytes: 4)
    case .amoaddW: .atomic(.add, bytes: 4)
    case .amoxorW: .atomic(.xor, bytes: 4)
    case .amoandW: .atomic(.and, bytes: 4)
    case .amoorW: .atomic(.or, bytes: 4)
    case .amominW: .atomic(.minimum, bytes: 4)
    case .amomaxW: .atomic(.maximum, bytes: 4)
    case .amominuW: .atomic(.unsignedMinimum, bytes: 4)
    case .amomaxuW: .atomic(.unsignedMaximum, bytes: 4)
    case .amoswapD: .atomic(.swap, bytes: 8)
    case .amoaddD: .atomic(.add, bytes: 8)
    case .amoxorD: .atomic(.xor, bytes: 8)
    case .amoandD: .atomic(.and, bytes: 8)
    case .amoorD: .atomic(.or, bytes: 8)
    case .amominD: .atomic(.minimum, bytes: 8)
    case .amomaxD: .atomic(.maximum, bytes: 8)
    case .amominuD: .atomic(.unsignedMinimum, bytes: 8)
    case .amomaxuD: .atomic(.unsignedMaximum, bytes: 8)
    case .illegal: .illegal
    case .header, .farLink, .link: .boundary
    case .guardHalf: .guardHalf

    case .lbuXor, .lbuSlli, .lbuAdd, .lbuAddi, .lbuLbu, .lbuBeq, .lbuBne, .lbuAddiBeq,
      .lbuAddiBne:
      .fused(first: .lbu)
    case .lwSrliw, .lwAdd, .lwAddi, .lwLw, .lwBlt, .lwBge, .lwBeq, .lwBne, .lwBltu, .lwBgeu,
      .lwAddiBltu, .lwAddiBne:
      .fused(first: .lw)
    case .ldAdd, .ldAddi, .ldLd, .ldBeq, .ldBne, .ldAddiBne: .fused(first: .ld)
    case .sbAddi, .sbAdd, .sbAddiBne, .sbAddBltu: .fused(first: .sb)
    case .swAddi, .swAdd, .swSw, .swAddiBne: .fused(first: .sw)
    case .sdAddi, .sdSd: .fused(first: .sd)
    case .addLbu, .addLhu, .addLw, .addLwu, .addLd, .addSb, .addSw, .addSd,
      .slliAdd, .slliSrli, .slliOr, .slliXor, .srliAdd, .srliXor, .srliwOr, .mulAdd,
      .xorAndi, .srliAndi, .andiSlli, .addiAddi, .addiAdd, .addAddi, .addAdd, .xorXor,
      .slliSrliw, .orSlli, .orOr, .andAnd, .andXor, .xorAdd,
      .addiwAddi, .addiwAdd, .addiSb, .srliAddi, .slliSub,
      .addiLbu, .addiLw, .addiLd, .addiSw, .addiSd,
      .addiBeq, .addiBne, .addiBlt, .addiBge, .addiBltu, .addiBgeu,
      .addBeq, .addBne, .addBltu, .addiwBeq, .addiwBne,
      .loadImmediateBeq, .loadImmediateBne, .loadImmediateBltu,
      .andiBeq, .andiBne, .xorBne, .addiwBlt, .addiwBltu, .addiwBge, .addBlt,
      .slliAddLbu, .slliAddLw, .slliAddLd, .addiAddiBne:
      .fusedComputation
    }
  }

  /// The operation that a fused one begins with, where that may have to be performed by itself; itself
  /// otherwise.
  var unfused: Operation {
    if case .fused(let first) = family { first } else { self }
  }
}
