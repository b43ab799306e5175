// The vocabulary of the hart: every operation it can perform, first those of the RISC-V manual in
// the manual's order, then those that exist only in translated code. One enum for both, so that
// the loop is one dense switch; the compiler points out every place a new operation concerns.

/// What an instruction, or an operation of translated code, does.
enum Operation: UInt8, CaseIterable {
  // RV64I: upper immediates and jumps.
  case lui, auipc, jal, jalr
  // RV64I: branches.
  case beq, bne, blt, bge, bltu, bgeu
  // RV64I: loads and stores.
  case lb, lh, lw, ld, lbu, lhu, lwu
  case sb, sh, sw, sd
  // RV64I: register and immediate.
  case addi, slti, sltiu, xori, ori, andi, slli, srli, srai
  case addiw, slliw, srliw, sraiw
  // RV64I: register and register.
  case add, sub, sll, slt, sltu, xor, srl, sra, or, and
  case addw, subw, sllw, srlw, sraw
  // RV64I, Zifencei: ordering and the environment.
  case fence, fenceI, ecall, ebreak
  // Zicntr: reading cycle, time or instret; all of them show virtual time.
  case readCounter
  // M.
  case mul, mulh, mulhsu, mulhu, div, divu, rem, remu
  case mulw, divw, divuw, remw, remuw
  // A, on words and on doublewords.
  case lrW, scW, amoswapW, amoaddW, amoxorW, amoandW, amoorW
  case amominW, amomaxW, amominuW, amomaxuW
  case lrD, scD, amoswapD, amoaddD, amoxorD, amoandD, amoorD
  case amominD, amomaxD, amominuD, amomaxuD
  /// Anything else; the immediate holds the instruction's bits.
  case illegal

  // Translated code only.
  /// Before a block: what its exits need to know of it.
  case header
  /// `rd` takes the immediate.
  case loadImmediate
  /// `jalr` with no link.
  case jumpRegister
  /// Goes to the operation that the immediate points at, in the same page of code.
  case jump
  /// Goes to the guest address in the immediate, which may be in any page.
  case farJump
  /// The same, standing for a branch's target in another page.
  case farLink
  /// A target in this page that is not linked yet; the immediate points at the branch to patch.
  case link
  /// Goes on only if the next page still holds the second half of a straddling instruction.
  case guardHalf

  // Fused pairs (`Fusion.swift`): the operation at p as the name's first half says, then that at
  // p + 1. In the first three lines the second takes the first one's result as its `rs1`.
  case addLbu, addLhu, addLw, addLwu, addLd, addSb, addSw, addSd
  case slliAdd, slliSrli, slliOr, slliXor, srliAdd, srliXor, srliwOr, mulAdd
  case xorAndi, srliAndi, andiSlli
  case addiAddi, addiAdd, addAddi, addAdd, xorXor
  case slliSrliw, orSlli, orOr, andAnd, andXor, xorAdd, lwSrliw, lbuXor, lbuSlli
  case lwAdd, ldAdd, lbuAdd, addiwAddi, addiwAdd, addiSb, srliAddi, slliSub
  case addiLbu, addiLw, addiLd, addiSw, addiSd
  case lbuAddi, lwAddi, ldAddi, lbuLbu, lwLw, ldLd
  case sbAddi, swAddi, sdAddi, sbAdd, swAdd, swSw, sdSd
  case addiBeq, addiBne, addiBlt, addiBge, addiBltu, addiBgeu
  case addBeq, addBne, addBltu, addiwBeq, addiwBne
  case loadImmediateBeq, loadImmediateBne, loadImmediateBltu
  case andiBeq, andiBne, xorBne, addiwBlt, addiwBltu
  case lwBlt, lwBge, addiwBge, addBlt
  case lbuBeq, lbuBne, lwBeq, lwBne, lwBltu, lwBgeu, ldBeq, ldBne

  // Fused triples: a pair and what follows; in the first line that takes the pair's result.
  case slliAddLbu, slliAddLw, slliAddLd
  case lbuAddiBeq, lbuAddiBne, lwAddiBltu, lwAddiBne, ldAddiBne, addiAddiBne
  case sbAddiBne, swAddiBne, sbAddBltu
}

/// One decoded instruction, compressed ones expanded.
struct Instruction: Equatable {
  var operation: Operation
  var rd: UInt8 = 0
  var rs1: UInt8 = 0
  var rs2: UInt8 = 0
  /// Sign-extended; a shift's amount; an illegal instruction's bits.
  var immediate: Int64 = 0
  /// In bytes: 2 or 4.
  var length: UInt8
}
