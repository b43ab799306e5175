// The loop: one switch, one line an operation, in the order of `Operation`. It calls nothing and
// knows neither the page table nor `Memory`: what its caches cannot answer it leaves to `Hart.run`,
// which performs the operation outside or fills the cache, and comes back.
//
// Time is counted where blocks end, not at every instruction. `remaining` is the instructions left
// less the most that a block retires, so that below zero a further block might not fit.

/// Why the loop came back.
enum LoopExit {
  /// The operation, which is inside a block, has to be performed outside.
  case outside
  /// Time is short; the operation is the first of a block, or a stub.
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
    // In bounds: every block ends with an operation that does not go on to p + 1.
    var p = start
    var remaining = budget

    loop: while true {
      switch p.code {
      case .jalr:
        remaining &-= p.retired
        let target = (x[p.rs1] &+ p.jumpOffset) & ~1
        x[p.rd] = p.immediate >> 12
        guard remaining >= 0, let next = x.operation(at: target) else {
          x.pc = target
          return (p, remaining, .jump)
        }
        x.entered = target
        p = next
        continue

      case .beq:
        guard x[p.rs1] == x[p.rs2] else { break }
        p = p.take(&remaining)
        if remaining < 0 { return (p, remaining, .boundary) }
        continue
      case .bne:
        guard x[p.rs1] != x[p.rs2] else { break }
        p = p.take(&remaining)
        if remaining < 0 { return (p, remaining, .boundary) }
        continue
      case .blt:
        guard Integer.less(x[p.rs1], x[p.rs2]) else { break }
        p = p.take(&remaining)
        if remaining < 0 { return (p, remaining, .boundary) }
        continue
      case .bge:
        guard !Integer.less(x[p.rs1], x[p.rs2]) else { break }
        p = p.take(&remaining)
        if remaining < 0 { return (p, remaining, .boundary) }
        continue
      case .bltu:
        guard x[p.rs1] < x[p.rs2] else { break }
        p = p.take(&remaining)
        if remaining < 0 { return (p, remaining, .boundary) }
        continue
      case .bgeu:
        guard x[p.rs1] >= x[p.rs2] else { break }
        p = p.take(&remaining)
        if remaining < 0 { return (p, remaining, .boundary) }
        continue

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
        remaining &-= p.retired
        let target = (x[p.rs1] &+ p.immediate) & ~1
        guard remaining >= 0, let next = x.operation(at: target) else {
          x.pc = target
          return (p, remaining, .jump)
        }
        x.entered = target
        p = next
        continue
      case .jump:
        p = p.take(&remaining)
        if remaining < 0 { return (p, remaining, .boundary) }
        continue
      case .farJump, .farLink:
        remaining &-= p.retired
        let target = p.immediate
        guard remaining >= 0, let next = x.operation(at: target) else {
          x.pc = target
          return (p, remaining, .jump)
        }
        x.entered = target
        p = next
        continue
      case .link: return (p, remaining, .link)
      case .guardHalf:
        guard x.page((x.entered | 0xfff) &+ 1, beginsWith: p.immediate) else { break loop }

      // The translator turns these into others, or into nothing.
      case .lui, .auipc, .jal, .fence, .fenceI, .header: break loop
      }
      p += 1
    }
    return (p, remaining, .outside)
  }
}

extension UnsafeMutablePointer<Op> {
  /// Leaves the block by this operation.
  @inline(__always)
  fileprivate func take(_ remaining: inout Int) -> OpPointer {
    remaining &-= retired
    return target
  }

  /// The offset of a `jalr`, whose immediate holds the link value as well.
  @inline(__always)
  fileprivate var jumpOffset: UInt64 {
    UInt64(bitPattern: Int64(bitPattern: pointee.immediate &<< 52) &>> 52)
  }
}
