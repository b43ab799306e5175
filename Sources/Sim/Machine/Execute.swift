// The loop: one switch, one line an operation, in the order of `Operation`. It calls nothing and
// knows neither the page table nor `Memory`: what its caches cannot answer it leaves to `Hart.run`,
// which performs the operation outside or fills the cache, and comes back.
//
// Time is counted where blocks end, not at every instruction. `remaining` is the instructions left
// less the most that a block retires, so that below zero a further block might not fit.
//
// Speed hangs on LLVM not merging the ends of the cases (`movzwl`, `sub`, `jns` of the branches,
// above all) and on each case having a jump of its own to the next. `Package.swift` tells it so; by
// itself it would go by the number of cases.

/// Why the loop came back.
enum LoopExit {
  /// The operation, which is inside a block, has to be performed outside.
  case outside
  /// Time is short; the operation is one before a block, or one before a stub.
  case boundary
  /// Time is short or the target unknown; `HartState.pc` holds the guest's address.
  case jump
  /// The operation is a `link` stub.
  case link
}

extension Hart {
  /// Runs from `start`, which must be in a block that is valid, until the loop needs help.
  @inline(never)
  static func execute(_ start: OpPointer, _ x: HartState, remaining budget: Int)
    -> (op: OpPointer, remaining: Int, exit: LoopExit)
  {
    // In bounds: every block ends with an operation that does not go on to p + 1, and links point
    // one before the operation that comes next.
    var p = start
    var remaining = budget

    loop: while true {
      switch p.code {
      case .jalr:
        let target = (x[p.rs1] &+ p.jumpOffset) & ~1
        x[p.rd] = p.immediate >> 12
        guard x.jump(to: target, &p, &remaining) else { return (p, remaining, .jump) }

      case .beq:
        guard p.branch(x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .bne:
        guard p.branch(!x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .blt:
        guard p.branch(x.less(p), &remaining) else { return (p, remaining, .boundary) }
      case .bge:
        guard p.branch(!x.less(p), &remaining) else { return (p, remaining, .boundary) }
      case .bltu:
        guard p.branch(x.lessUnsigned(p), &remaining) else { return (p, remaining, .boundary) }
      case .bgeu:
        guard p.branch(!x.lessUnsigned(p), &remaining) else { return (p, remaining, .boundary) }

      case .lb: guard x.load(Int8.self, p) else { break loop }
      case .lh: guard x.load(Int16.self, p) else { break loop }
      case .lw: guard x.load(Int32.self, p) else { break loop }
      case .ld: guard x.load(Int64.self, p) else { break loop }
      case .lbu: guard x.load(UInt8.self, p) else { break loop }
      case .lhu: guard x.load(UInt16.self, p) else { break loop }
      case .lwu: guard x.load(UInt32.self, p) else { break loop }
      case .sb: guard x.store(UInt8.self, p) else { break loop }
      case .sh: guard x.store(UInt16.self, p) else { break loop }
      case .sw: guard x.store(UInt32.self, p) else { break loop }
      case .sd: guard x.store(UInt64.self, p) else { break loop }

      case .addi: x[p.rd] = x[p.rs1] &+ p.immediate
      case .slti: x[p.rd] = Integer.slt(x[p.rs1], p.immediate)
      case .sltiu: x[p.rd] = Integer.sltu(x[p.rs1], p.immediate)
      case .xori: x[p.rd] = x[p.rs1] ^ p.immediate
      case .ori: x[p.rd] = x[p.rs1] | p.immediate
      case .andi: x[p.rd] = x[p.rs1] & p.immediate
      case .slli: x[p.rd] = x[p.rs1] &<< p.immediate
      case .srli: x[p.rd] = x[p.rs1] &>> p.immediate
      case .srai: x[p.rd] = Integer.sra(x[p.rs1], p.immediate)
      case .addiw: x[p.rd] = Integer.addw(x[p.rs1], p.immediate)
      case .slliw: x[p.rd] = Integer.sllw(x[p.rs1], p.immediate)
      case .srliw: x[p.rd] = Integer.srlw(x[p.rs1], p.immediate)
      case .sraiw: x[p.rd] = Integer.sraw(x[p.rs1], p.immediate)

      case .add: x[p.rd] = x[p.rs1] &+ x[p.rs2]
      case .sub: x[p.rd] = x[p.rs1] &- x[p.rs2]
      case .sll: x[p.rd] = x[p.rs1] &<< x[p.rs2]
      case .slt: x[p.rd] = Integer.slt(x[p.rs1], x[p.rs2])
      case .sltu: x[p.rd] = Integer.sltu(x[p.rs1], x[p.rs2])
      case .xor: x[p.rd] = x[p.rs1] ^ x[p.rs2]
      case .srl: x[p.rd] = x[p.rs1] &>> x[p.rs2]
      case .sra: x[p.rd] = Integer.sra(x[p.rs1], x[p.rs2])
      case .or: x[p.rd] = x[p.rs1] | x[p.rs2]
      case .and: x[p.rd] = x[p.rs1] & x[p.rs2]
      case .addw: x[p.rd] = Integer.addw(x[p.rs1], x[p.rs2])
      case .subw: x[p.rd] = Integer.subw(x[p.rs1], x[p.rs2])
      case .sllw: x[p.rd] = Integer.sllw(x[p.rs1], x[p.rs2])
      case .srlw: x[p.rd] = Integer.srlw(x[p.rs1], x[p.rs2])
      case .sraw: x[p.rd] = Integer.sraw(x[p.rs1], x[p.rs2])

      case .mul: x[p.rd] = x[p.rs1] &* x[p.rs2]
      case .mulh: x[p.rd] = Multiply.mulh(x[p.rs1], x[p.rs2])
      case .mulhsu: x[p.rd] = Multiply.mulhsu(x[p.rs1], x[p.rs2])
      case .mulhu: x[p.rd] = Multiply.mulhu(x[p.rs1], x[p.rs2])
      case .div: x[p.rd] = Multiply.div(x[p.rs1], x[p.rs2])
      case .divu: x[p.rd] = Multiply.divu(x[p.rs1], x[p.rs2])
      case .rem: x[p.rd] = Multiply.rem(x[p.rs1], x[p.rs2])
      case .remu: x[p.rd] = Multiply.remu(x[p.rs1], x[p.rs2])
      case .mulw: x[p.rd] = Multiply.mulw(x[p.rs1], x[p.rs2])
      case .divw: x[p.rd] = Multiply.divw(x[p.rs1], x[p.rs2])
      case .divuw: x[p.rd] = Multiply.divuw(x[p.rs1], x[p.rs2])
      case .remw: x[p.rd] = Multiply.remw(x[p.rs1], x[p.rs2])
      case .remuw: x[p.rd] = Multiply.remuw(x[p.rs1], x[p.rs2])

      case .ecall, .ebreak, .readCounter, .illegal,
        .lrW, .scW, .amoswapW, .amoaddW, .amoxorW, .amoandW, .amoorW,
        .amominW, .amomaxW, .amominuW, .amomaxuW,
        .lrD, .scD, .amoswapD, .amoaddD, .amoxorD, .amoandD, .amoorD,
        .amominD, .amomaxD, .amominuD, .amomaxuD:
        break loop

      case .loadImmediate: x[p.rd] = p.immediate
      case .jumpRegister:
        let target = (x[p.rs1] &+ p.immediate) & ~1
        guard x.jump(to: target, &p, &remaining) else { return (p, remaining, .jump) }
      case .jump:
        guard p.branch(true, &remaining) else { return (p, remaining, .boundary) }
      case .farJump, .farLink:
        guard x.jump(to: p.immediate, &p, &remaining) else { return (p, remaining, .jump) }
      case .link: return (p, remaining, .link)
      case .guardHalf:
        guard x.page((x.entered | 0xfff) &+ 1, beginsWith: p.immediate) else { break loop }

      case .addLbu:
        let value = x.add(&p)
        guard x.load(UInt8.self, p, at: value &+ p.immediate) else { break loop }
      case .addLhu:
        let value = x.add(&p)
        guard x.load(UInt16.self, p, at: value &+ p.immediate) else { break loop }
      case .addLw:
        let value = x.add(&p)
        guard x.load(Int32.self, p, at: value &+ p.immediate) else { break loop }
      case .addLwu:
        let value = x.add(&p)
        guard x.load(UInt32.self, p, at: value &+ p.immediate) else { break loop }
      case .addLd:
        let value = x.add(&p)
        guard x.load(Int64.self, p, at: value &+ p.immediate) else { break loop }
      case .addSb:
        let value = x.add(&p)
        guard x.store(UInt8.self, p, at: value &+ p.immediate) else { break loop }
      case .addSw:
        let value = x.add(&p)
        guard x.store(UInt32.self, p, at: value &+ p.immediate) else { break loop }
      case .addSd:
        let value = x.add(&p)
        guard x.store(UInt64.self, p, at: value &+ p.immediate) else { break loop }
      case .slliAdd:
        let value = x.slli(&p)
        x[p.rd] = value &+ x[p.rs2]
      case .slliSrli:
        let value = x.slli(&p)
        x[p.rd] = value &>> p.immediate
      case .slliOr:
        let value = x.slli(&p)
        x[p.rd] = value | x[p.rs2]
      case .slliXor:
        let value = x.slli(&p)
        x[p.rd] = value ^ x[p.rs2]
      case .srliAdd:
        let value = x.srli(&p)
        x[p.rd] = value &+ x[p.rs2]
      case .srliXor:
        let value = x.srli(&p)
        x[p.rd] = value ^ x[p.rs2]
      case .srliwOr:
        let value = x.srliw(&p)
        x[p.rd] = value | x[p.rs2]
      case .mulAdd:
        let value = x.mul(&p)
        x[p.rd] = value &+ x[p.rs2]
      case .xorAndi:
        let value = x.xor(&p)
        x[p.rd] = value & p.immediate
      case .srliAndi:
        let value = x.srli(&p)
        x[p.rd] = value & p.immediate
      case .andiSlli:
        let value = x.andi(&p)
        x[p.rd] = value &<< p.immediate
      case .addiAddi:
        x.addi(&p)
        x[p.rd] = x[p.rs1] &+ p.immediate
      case .addiAdd:
        x.addi(&p)
        x[p.rd] = x[p.rs1] &+ x[p.rs2]
      case .addAddi:
        x.add(&p)
        x[p.rd] = x[p.rs1] &+ p.immediate
      case .addAdd:
        x.add(&p)
        x[p.rd] = x[p.rs1] &+ x[p.rs2]
      case .xorXor:
        x.xor(&p)
        x[p.rd] = x[p.rs1] ^ x[p.rs2]
      case .slliSrliw:
        x.slli(&p)
        x[p.rd] = Integer.srlw(x[p.rs1], p.immediate)
      case .orSlli:
        x.or(&p)
        x[p.rd] = x[p.rs1] &<< p.immediate
      case .orOr:
        x.or(&p)
        x[p.rd] = x[p.rs1] | x[p.rs2]
      case .andAnd:
        x.and(&p)
        x[p.rd] = x[p.rs1] & x[p.rs2]
      case .andXor:
        x.and(&p)
        x[p.rd] = x[p.rs1] ^ x[p.rs2]
      case .xorAdd:
        x.xor(&p)
        x[p.rd] = x[p.rs1] &+ x[p.rs2]
      case .lwSrliw:
        guard x.load(Int32.self, p) else { break loop }
        p += 1
        x[p.rd] = Integer.srlw(x[p.rs1], p.immediate)
      case .lbuXor:
        guard x.load(UInt8.self, p) else { break loop }
        p += 1
        x[p.rd] = x[p.rs1] ^ x[p.rs2]
      case .lbuSlli:
        guard x.load(UInt8.self, p) else { break loop }
        p += 1
        x[p.rd] = x[p.rs1] &<< p.immediate
      case .lwAdd:
        guard x.load(Int32.self, p) else { break loop }
        p += 1
        x[p.rd] = x[p.rs1] &+ x[p.rs2]
      case .ldAdd:
        guard x.load(Int64.self, p) else { break loop }
        p += 1
        x[p.rd] = x[p.rs1] &+ x[p.rs2]
      case .lbuAdd:
        guard x.load(UInt8.self, p) else { break loop }
        p += 1
        x[p.rd] = x[p.rs1] &+ x[p.rs2]
      case .addiwAddi:
        x.addiw(&p)
        x[p.rd] = x[p.rs1] &+ p.immediate
      case .addiwAdd:
        x.addiw(&p)
        x[p.rd] = x[p.rs1] &+ x[p.rs2]
      case .addiSb:
        x.addi(&p)
        guard x.store(UInt8.self, p) else { break loop }
      case .srliAddi:
        x.srli(&p)
        x[p.rd] = x[p.rs1] &+ p.immediate
      case .slliSub:
        x.slli(&p)
        x[p.rd] = x[p.rs1] &- x[p.rs2]
      case .addiLbu:
        x.addi(&p)
        guard x.load(UInt8.self, p) else { break loop }
      case .addiLw:
        x.addi(&p)
        guard x.load(Int32.self, p) else { break loop }
      case .addiLd:
        x.addi(&p)
        guard x.load(Int64.self, p) else { break loop }
      case .addiSw:
        x.addi(&p)
        guard x.store(UInt32.self, p) else { break loop }
      case .addiSd:
        x.addi(&p)
        guard x.store(UInt64.self, p) else { break loop }
      case .lbuAddi:
        guard x.load(UInt8.self, p) else { break loop }
        p += 1
        x[p.rd] = x[p.rs1] &+ p.immediate
      case .lwAddi:
        guard x.load(Int32.self, p) else { break loop }
        p += 1
        x[p.rd] = x[p.rs1] &+ p.immediate
      case .ldAddi:
        guard x.load(Int64.self, p) else { break loop }
        p += 1
        x[p.rd] = x[p.rs1] &+ p.immediate
      case .lbuLbu:
        guard x.load(UInt8.self, p) else { break loop }
        p += 1
        guard x.load(UInt8.self, p) else { break loop }
      case .lwLw:
        guard x.load(Int32.self, p) else { break loop }
        p += 1
        guard x.load(Int32.self, p) else { break loop }
      case .ldLd:
        guard x.load(Int64.self, p) else { break loop }
        p += 1
        guard x.load(Int64.self, p) else { break loop }
      case .sbAddi:
        guard x.store(UInt8.self, p) else { break loop }
        p += 1
        x[p.rd] = x[p.rs1] &+ p.immediate
      case .swAddi:
        guard x.store(UInt32.self, p) else { break loop }
        p += 1
        x[p.rd] = x[p.rs1] &+ p.immediate
      case .sdAddi:
        guard x.store(UInt64.self, p) else { break loop }
        p += 1
        x[p.rd] = x[p.rs1] &+ p.immediate
      case .sbAdd:
        guard x.store(UInt8.self, p) else { break loop }
        p += 1
        x[p.rd] = x[p.rs1] &+ x[p.rs2]
      case .swAdd:
        guard x.store(UInt32.self, p) else { break loop }
        p += 1
        x[p.rd] = x[p.rs1] &+ x[p.rs2]
      case .swSw:
        guard x.store(UInt32.self, p) else { break loop }
        p += 1
        guard x.store(UInt32.self, p) else { break loop }
      case .sdSd:
        guard x.store(UInt64.self, p) else { break loop }
        p += 1
        guard x.store(UInt64.self, p) else { break loop }
      case .addiBeq:
        x.addi(&p)
        guard p.branch(x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .addiBne:
        x.addi(&p)
        guard p.branch(!x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .addiBlt:
        x.addi(&p)
        guard p.branch(x.less(p), &remaining) else { return (p, remaining, .boundary) }
      case .addiBge:
        x.addi(&p)
        guard p.branch(!x.less(p), &remaining) else { return (p, remaining, .boundary) }
      case .addiBltu:
        x.addi(&p)
        guard p.branch(x.lessUnsigned(p), &remaining) else { return (p, remaining, .boundary) }
      case .addiBgeu:
        x.addi(&p)
        guard p.branch(!x.lessUnsigned(p), &remaining) else { return (p, remaining, .boundary) }
      case .addBeq:
        x.add(&p)
        guard p.branch(x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .addBne:
        x.add(&p)
        guard p.branch(!x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .addBltu:
        x.add(&p)
        guard p.branch(x.lessUnsigned(p), &remaining) else { return (p, remaining, .boundary) }
      case .addiwBeq:
        x.addiw(&p)
        guard p.branch(x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .addiwBne:
        x.addiw(&p)
        guard p.branch(!x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .loadImmediateBeq:
        x.loadImmediate(&p)
        guard p.branch(x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .loadImmediateBne:
        x.loadImmediate(&p)
        guard p.branch(!x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .loadImmediateBltu:
        x.loadImmediate(&p)
        guard p.branch(x.lessUnsigned(p), &remaining) else { return (p, remaining, .boundary) }
      case .andiBeq:
        x.andi(&p)
        guard p.branch(x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .andiBne:
        x.andi(&p)
        guard p.branch(!x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .xorBne:
        x.xor(&p)
        guard p.branch(!x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .addiwBlt:
        x.addiw(&p)
        guard p.branch(x.less(p), &remaining) else { return (p, remaining, .boundary) }
      case .addiwBltu:
        x.addiw(&p)
        guard p.branch(x.lessUnsigned(p), &remaining) else { return (p, remaining, .boundary) }
      case .lwBlt:
        guard x.load(Int32.self, p) else { break loop }
        p += 1
        guard p.branch(x.less(p), &remaining) else { return (p, remaining, .boundary) }
      case .lwBge:
        guard x.load(Int32.self, p) else { break loop }
        p += 1
        guard p.branch(!x.less(p), &remaining) else { return (p, remaining, .boundary) }
      case .addiwBge:
        x.addiw(&p)
        guard p.branch(!x.less(p), &remaining) else { return (p, remaining, .boundary) }
      case .addBlt:
        x.add(&p)
        guard p.branch(x.less(p), &remaining) else { return (p, remaining, .boundary) }
      case .lbuBeq:
        guard x.load(UInt8.self, p) else { break loop }
        p += 1
        guard p.branch(x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .lbuBne:
        guard x.load(UInt8.self, p) else { break loop }
        p += 1
        guard p.branch(!x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .lwBeq:
        guard x.load(Int32.self, p) else { break loop }
        p += 1
        guard p.branch(x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .lwBne:
        guard x.load(Int32.self, p) else { break loop }
        p += 1
        guard p.branch(!x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .lwBltu:
        guard x.load(Int32.self, p) else { break loop }
        p += 1
        guard p.branch(x.lessUnsigned(p), &remaining) else { return (p, remaining, .boundary) }
      case .lwBgeu:
        guard x.load(Int32.self, p) else { break loop }
        p += 1
        guard p.branch(!x.lessUnsigned(p), &remaining) else { return (p, remaining, .boundary) }
      case .ldBeq:
        guard x.load(Int64.self, p) else { break loop }
        p += 1
        guard p.branch(x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .ldBne:
        guard x.load(Int64.self, p) else { break loop }
        p += 1
        guard p.branch(!x.equal(p), &remaining) else { return (p, remaining, .boundary) }

      case .slliAddLbu:
        let shifted = x.slli(&p)
        let sum = shifted &+ x[p.rs2]
        x[p.rd] = sum
        p += 1
        guard x.load(UInt8.self, p, at: sum &+ p.immediate) else { break loop }
      case .slliAddLw:
        let shifted = x.slli(&p)
        let sum = shifted &+ x[p.rs2]
        x[p.rd] = sum
        p += 1
        guard x.load(Int32.self, p, at: sum &+ p.immediate) else { break loop }
      case .slliAddLd:
        let shifted = x.slli(&p)
        let sum = shifted &+ x[p.rs2]
        x[p.rd] = sum
        p += 1
        guard x.load(Int64.self, p, at: sum &+ p.immediate) else { break loop }
      case .lbuAddiBeq:
        guard x.load(UInt8.self, p) else { break loop }
        p += 1
        x.addi(&p)
        guard p.branch(x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .lbuAddiBne:
        guard x.load(UInt8.self, p) else { break loop }
        p += 1
        x.addi(&p)
        guard p.branch(!x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .lwAddiBltu:
        guard x.load(Int32.self, p) else { break loop }
        p += 1
        x.addi(&p)
        guard p.branch(x.lessUnsigned(p), &remaining) else { return (p, remaining, .boundary) }
      case .lwAddiBne:
        guard x.load(Int32.self, p) else { break loop }
        p += 1
        x.addi(&p)
        guard p.branch(!x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .ldAddiBne:
        guard x.load(Int64.self, p) else { break loop }
        p += 1
        x.addi(&p)
        guard p.branch(!x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .addiAddiBne:
        x.addi(&p)
        x.addi(&p)
        guard p.branch(!x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .sbAddiBne:
        guard x.store(UInt8.self, p) else { break loop }
        p += 1
        x.addi(&p)
        guard p.branch(!x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .swAddiBne:
        guard x.store(UInt32.self, p) else { break loop }
        p += 1
        x.addi(&p)
        guard p.branch(!x.equal(p), &remaining) else { return (p, remaining, .boundary) }
      case .sbAddBltu:
        guard x.store(UInt8.self, p) else { break loop }
        p += 1
        x.add(&p)
        guard p.branch(x.lessUnsigned(p), &remaining) else { return (p, remaining, .boundary) }

      // The translator turns these into others, or into nothing.
      case .lui, .auipc, .jal, .fence, .fenceI, .header: break loop
      }
      p += 1
    }
    return (p, remaining, .outside)
  }
}

extension UnsafeMutablePointer<Op> {
  /// Leaves the block if the branch is taken; whether there is time for a further block.
  @inline(__always)
  fileprivate mutating func branch(_ isTaken: Bool, _ remaining: inout Int) -> Bool {
    guard isTaken else { return true }
    remaining &-= retired
    self = target
    return remaining >= 0
  }

  /// The offset of a `jalr`, whose immediate holds the link value as well.
  @inline(__always)
  fileprivate var jumpOffset: UInt64 {
    UInt64(bitPattern: Int64(bitPattern: pointee.immediate &<< 52) &>> 52)
  }
}
