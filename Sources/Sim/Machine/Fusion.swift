// Pairs of operations that one dispatch performs. Fusing changes only the code of the first: both
// keep their fields, so that when the second has to be left to `Hart.run`, it is found at p + 1
// as if it had never been fused, and when the first has to, it is known by its place.
//
// The pairs are those that compiled C executes most.

extension Operation {
  /// What performs both where `second` takes the result of `self` as its `rs1`.
  func fusedFeeding(_ second: Operation) -> Operation? {
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
  func fused(with second: Operation) -> Operation? {
    switch (self, second) {
    case (.addi, .addi): .addiAddi
    case (.addi, .add): .addiAdd
    case (.add, .addi): .addAddi
    case (.add, .add): .addAdd
    case (.xor, .xor): .xorXor
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

  /// The load or store that a fused operation begins with; itself if it is not fused.
  var unfused: Operation {
    switch self {
    case .lbuXor, .lbuSlli, .lbuAddi, .lbuLbu, .lbuBeq, .lbuBne: .lbu
    case .lwSrliw, .lwAddi, .lwLw, .lwBeq, .lwBne, .lwBltu, .lwBgeu: .lw
    case .ldAddi, .ldLd, .ldBeq, .ldBne: .ld
    case .sbAddi, .sbAdd: .sb
    case .swAddi, .swAdd, .swSw: .sw
    case .sdAddi, .sdSd: .sd
    default: self
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
  /// Fuses the operations from here to `end` in pairs, the first two that fit first.
  func fusePairs(upTo end: OpPointer) {
    var first = self
    while first + 1 < end {
      first += first.fuseWithNext() ? 2 : 1
    }
  }

  private func fuseWithNext() -> Bool {
    let second = self + 1
    if second.code.isCommutative && second.rs2 == rd && second.rs1 != rd {
      swap(&second.pointee.rs1, &second.pointee.rs2)
    }
    let feeds = second.rs1 == rd
    guard
      let fused = (feeds ? code.fusedFeeding(second.code) : nil) ?? code.fused(with: second.code)
    else { return false }
    pointee.code = fused
    return true
  }
}
