// Pairs and triples of operations that one dispatch performs. Fusing changes only the code of the
// first: all keep their fields, so that when a later one has to be left to `Hart.run`, it is found
// in its place as if it had never been fused, and when the first has to, `unfused` tells it.
//
// They are those that compiled C executes most.

extension Operation {
  /// What performs both where `second` takes the result of `self` as its `rs1`.
  fileprivate func fusedFeeding(_ second: Operation) -> Operation? {
    switch (self, second) {
    case (.add, .lbu): .addLbu
    case (.add, .lhu): .addLhu
    case (.add, .lw): .addLw
    case (.add, .lwu): .addLwu
    case (.add, .ld): .addLd
    case (.add, .sb): .addSb
    case (.add, .sw): .addSw
    case (.add, .sd): .addSd
    case (.slli, .add): .slliAdd
    case (.slli, .srli): .slliSrli
    case (.slli, .or): .slliOr
    case (.slli, .xor): .slliXor
    case (.srli, .add): .srliAdd
    case (.srli, .xor): .srliXor
    case (.srliw, .or): .srliwOr
    case (.mul, .add): .mulAdd
    case (.xor, .andi): .xorAndi
    case (.srli, .andi): .srliAndi
    case (.andi, .slli): .andiSlli
    default: nil
    }
  }

  /// What performs both, whatever their registers.
  fileprivate func fused(with second: Operation) -> Operation? {
    switch (self, second) {
    case (.addi, .addi): .addiAddi
    case (.addi, .add): .addiAdd
    case (.add, .addi): .addAddi
    case (.add, .add): .addAdd
    case (.xor, .xor): .xorXor
    case (.lw, .add): .lwAdd
    case (.ld, .add): .ldAdd
    case (.lbu, .add): .lbuAdd
    case (.addiw, .addi): .addiwAddi
    case (.addiw, .add): .addiwAdd
    case (.addi, .sb): .addiSb
    case (.srli, .addi): .srliAddi
    case (.slli, .sub): .slliSub
    case (.addi, .lbu): .addiLbu
    case (.addi, .lw): .addiLw
    case (.addi, .ld): .addiLd
    case (.addi, .sw): .addiSw
    case (.addi, .sd): .addiSd
    case (.lbu, .addi): .lbuAddi
    case (.lw, .addi): .lwAddi
    case (.ld, .addi): .ldAddi
    case (.lbu, .lbu): .lbuLbu
    case (.lw, .lw): .lwLw
    case (.ld, .ld): .ldLd
    case (.sb, .addi): .sbAddi
    case (.sw, .addi): .swAddi
    case (.sd, .addi): .sdAddi
    case (.sb, .add): .sbAdd
    case (.sw, .add): .swAdd
    case (.sw, .sw): .swSw
    case (.sd, .sd): .sdSd
    case (.addi, .beq): .addiBeq
    case (.addi, .bne): .addiBne
    case (.addi, .blt): .addiBlt
    case (.addi, .bge): .addiBge
    case (.addi, .bltu): .addiBltu
    case (.addi, .bgeu): .addiBgeu
    case (.add, .beq): .addBeq
    case (.add, .bne): .addBne
    case (.add, .bltu): .addBltu
    case (.addiw, .beq): .addiwBeq
    case (.addiw, .bne): .addiwBne
    case (.loadImmediate, .beq): .loadImmediateBeq
    case (.loadImmediate, .bne): .loadImmediateBne
    case (.loadImmediate, .bltu): .loadImmediateBltu
    case (.andi, .beq): .andiBeq
    case (.andi, .bne): .andiBne
    case (.lw, .blt): .lwBlt
    case (.lw, .bge): .lwBge
    case (.addiw, .bge): .addiwBge
    case (.add, .blt): .addBlt
    case (.lbu, .beq): .lbuBeq
    case (.lbu, .bne): .lbuBne
    case (.lw, .beq): .lwBeq
    case (.lw, .bne): .lwBne
    case (.lw, .bltu): .lwBltu
    case (.lw, .bgeu): .lwBgeu
    case (.ld, .beq): .ldBeq
    case (.ld, .bne): .ldBne
    case (.slli, .srliw): .slliSrliw
    case (.or, .slli): .orSlli
    case (.or, .or): .orOr
    case (.and, .and): .andAnd
    case (.and, .xor): .andXor
    case (.xor, .add): .xorAdd
    case (.lw, .srliw): .lwSrliw
    case (.lbu, .xor): .lbuXor
    case (.lbu, .slli): .lbuSlli
    case (.xor, .bne): .xorBne
    case (.addiw, .blt): .addiwBlt
    case (.addiw, .bltu): .addiwBltu
    default: nil
    }
  }

  /// What performs a fused pair and `third`, which takes the pair's result as its `rs1`.
  fileprivate func extendedFeeding(_ third: Operation) -> Operation? {
    switch (self, third) {
    case (.slliAdd, .lbu): .slliAddLbu
    case (.slliAdd, .lw): .slliAddLw
    case (.slliAdd, .ld): .slliAddLd
    default: nil
    }
  }

  /// What performs a fused pair and `third`, whatever their registers.
  fileprivate func extended(by third: Operation) -> Operation? {
    switch (self, third) {
    case (.lbuAddi, .beq): .lbuAddiBeq
    case (.lbuAddi, .bne): .lbuAddiBne
    case (.lwAddi, .bltu): .lwAddiBltu
    case (.lwAddi, .bne): .lwAddiBne
    case (.ldAddi, .bne): .ldAddiBne
    case (.addiAddi, .bne): .addiAddiBne
    case (.sbAddi, .bne): .sbAddiBne
    case (.swAddi, .bne): .swAddiBne
    case (.sbAdd, .bltu): .sbAddBltu
    default: nil
    }
  }

  /// Whether `rs1` and `rs2` may change places.
  fileprivate var isCommutative: Bool {
    switch self {
    case .add, .xor, .or: true
    default: false
    }
  }
}

extension UnsafeMutablePointer<Op> {
  /// Fuses the operations from here to `end`, the first that fit first.
  func fuse(upTo end: OpPointer) {
    var first = self
    while first + 1 < end {
      guard let pair = first.fused(with: first + 1) else {
        first += 1
        continue
      }
      if first + 2 < end, let triple = (first + 1).extended(pair, by: first + 2) {
        first.pointee.code = triple
        first += 3
      } else {
        first.pointee.code = pair
        first += 2
      }
    }
  }

  private func fused(with second: OpPointer) -> Operation? {
    let feeds = feeds(second)
    return (feeds ? code.fusedFeeding(second.code) : nil) ?? code.fused(with: second.code)
  }

  /// Called on the second of a pair.
  private func extended(_ pair: Operation, by third: OpPointer) -> Operation? {
    let feeds = feeds(third)
    return (feeds ? pair.extendedFeeding(third.code) : nil) ?? pair.extended(by: third.code)
  }

  /// Whether the result of this operation is the `rs1` of `next`, possibly by changing its sources.
  private func feeds(_ next: OpPointer) -> Bool {
    if next.code.isCommutative && next.rs2 == rd && next.rs1 != rd {
      swap(&next.pointee.rs1, &next.pointee.rs2)
    }
    return next.rs1 == rd
  }
}
