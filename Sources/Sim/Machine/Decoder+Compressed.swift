// The compressed instructions of RV64C, each expanded to the instruction that it abbreviates
// (unprivileged manual, chapter "C", tables of quadrants 0 to 2). Reserved encodings and those of
// floating point are illegal; hints (rd = x0, shifts by zero) are not.

extension Decoder {
  static func decodeCompressed(_ half: UInt16) -> Instruction {
    let bits = UInt32(half)
    let instruction =
      switch bits & 3 {
      case 0: quadrant0(bits)
      case 1: quadrant1(bits)
      default: quadrant2(bits)
      }
    return instruction ?? Instruction(operation: .illegal, immediate: Int64(half), length: 2)
  }

  private static func quadrant0(_ c: UInt32) -> Instruction? {
    let wordOffset = Int64(c.field(12, 10, to: 3) | c.field(6, 6, to: 2) | c.field(5, 5, to: 6))
    let doubleOffset = Int64(c.field(12, 10, to: 3) | c.field(6, 5, to: 6))
    switch c >> 13 {
    case 0:
      let immediate =
        c.field(12, 11, to: 4) | c.field(10, 7, to: 6) | c.field(6, 6, to: 2)
        | c.field(5, 5, to: 3)
      guard immediate != 0 else { return nil }
      return immediateForm(.addi, rd: c.shortLow, rs1: 2, Int64(immediate))
    case 2: return immediateForm(.lw, rd: c.shortLow, rs1: c.shortHigh, wordOffset)
    case 3: return immediateForm(.ld, rd: c.shortLow, rs1: c.shortHigh, doubleOffset)
    case 6: return storeForm(.sw, rs1: c.shortHigh, rs2: c.shortLow, wordOffset)
    case 7: return storeForm(.sd, rs1: c.shortHigh, rs2: c.shortLow, doubleOffset)
    default: return nil
    }
  }

  private static func quadrant1(_ c: UInt32) -> Instruction? {
    let rd = c.register(at: 7)
    let immediate = signed(c.field(12, 12, to: 5) | c.field(6, 2, to: 0), width: 6)
    switch c >> 13 {
    case 0: return immediateForm(.addi, rd: rd, rs1: rd, immediate)
    case 1: return rd == 0 ? nil : immediateForm(.addiw, rd: rd, rs1: rd, immediate)
    case 2: return immediateForm(.addi, rd: rd, rs1: 0, immediate)
    case 3:
      if rd == 2 {
        let offset = signed(
          c.field(12, 12, to: 9) | c.field(6, 6, to: 4) | c.field(5, 5, to: 6)
            | c.field(4, 3, to: 7) | c.field(2, 2, to: 5), width: 10)
        return offset == 0 ? nil : immediateForm(.addi, rd: 2, rs1: 2, offset)
      }
      guard immediate != 0 else { return nil }
      return Instruction(operation: .lui, rd: rd, immediate: immediate << 12, length: 2)
    case 4: return arithmetic(c, immediate)
    case 5:
      let offset = signed(
        c.field(12, 12, to: 11) | c.field(11, 11, to: 4) | c.field(10, 9, to: 8)
          | c.field(8, 8, to: 10) | c.field(7, 7, to: 6) | c.field(6, 6, to: 7)
          | c.field(5, 3, to: 1) | c.field(2, 2, to: 5), width: 12)
      return Instruction(operation: .jal, rd: 0, immediate: offset, length: 2)
    default:
      let offset = signed(
        c.field(12, 12, to: 8) | c.field(11, 10, to: 3) | c.field(6, 5, to: 6)
          | c.field(4, 3, to: 1) | c.field(2, 2, to: 5), width: 9)
      return storeForm(c >> 13 == 6 ? .beq : .bne, rs1: c.shortHigh, rs2: 0, offset)
    }
  }

  /// Quadrant 1, funct3 100: shifts, `andi`, and the register forms.
  private static func arithmetic(_ c: UInt32, _ immediate: Int64) -> Instruction? {
    let rd = c.shortHigh
    let rs2 = c.shortLow
    switch c >> 10 & 3 {
    case 0: return immediateForm(.srli, rd: rd, rs1: rd, immediate & 63)
    case 1: return immediateForm(.srai, rd: rd, rs1: rd, immediate & 63)
    case 2: return immediateForm(.andi, rd: rd, rs1: rd, immediate)
    default: break
    }
    switch (c >> 12 & 1) << 2 | c >> 5 & 3 {
    case 0: return registerForm(.sub, rd: rd, rs1: rd, rs2: rs2)
    case 1: return registerForm(.xor, rd: rd, rs1: rd, rs2: rs2)
    case 2: return registerForm(.or, rd: rd, rs1: rd, rs2: rs2)
    case 3: return registerForm(.and, rd: rd, rs1: rd, rs2: rs2)
    case 4: return registerForm(.subw, rd: rd, rs1: rd, rs2: rs2)
    case 5: return registerForm(.addw, rd: rd, rs1: rd, rs2: rs2)
    default: return nil
    }
  }

  private static func quadrant2(_ c: UInt32) -> Instruction? {
    let rd = c.register(at: 7)
    let rs2 = c.register(at: 2)
    switch c >> 13 {
    case 0:
      let amount = Int64(c.field(12, 12, to: 5) | c.field(6, 2, to: 0))
      return immediateForm(.slli, rd: rd, rs1: rd, amount)
    case 2:
      let offset = Int64(c.field(12, 12, to: 5) | c.field(6, 4, to: 2) | c.field(3, 2, to: 6))
      return rd == 0 ? nil : immediateForm(.lw, rd: rd, rs1: 2, offset)
    case 3:
      let offset = Int64(c.field(12, 12, to: 5) | c.field(6, 5, to: 3) | c.field(4, 2, to: 6))
      return rd == 0 ? nil : immediateForm(.ld, rd: rd, rs1: 2, offset)
    case 4:
      switch (c >> 12 & 1, rd, rs2) {
      case (0, 0, 0): return nil
      case (0, _, 0): return immediateForm(.jalr, rd: 0, rs1: rd, 0)
      case (0, _, _): return registerForm(.add, rd: rd, rs1: 0, rs2: rs2)
      case (_, 0, 0): return Instruction(operation: .ebreak, length: 2)
      case (_, _, 0): return immediateForm(.jalr, rd: 1, rs1: rd, 0)
      case (_, _, _): return registerForm(.add, rd: rd, rs1: rd, rs2: rs2)
      }
    case 6:
      let offset = Int64(c.field(12, 9, to: 2) | c.field(8, 7, to: 6))
      return storeForm(.sw, rs1: 2, rs2: rs2, offset)
    case 7:
      let offset = Int64(c.field(12, 10, to: 3) | c.field(9, 7, to: 6))
      return storeForm(.sd, rs1: 2, rs2: rs2, offset)
    default: return nil
    }
  }

  private static func immediateForm(
    _ operation: Operation, rd: UInt8, rs1: UInt8, _ immediate: Int64
  ) -> Instruction {
    Instruction(operation: operation, rd: rd, rs1: rs1, immediate: immediate, length: 2)
  }

  private static func registerForm(_ operation: Operation, rd: UInt8, rs1: UInt8, rs2: UInt8)
    -> Instruction
  {
    Instruction(operation: operation, rd: rd, rs1: rs1, rs2: rs2, length: 2)
  }

  private static func storeForm(
    _ operation: Operation, rs1: UInt8, rs2: UInt8, _ immediate: Int64
  ) -> Instruction {
    Instruction(operation: operation, rs1: rs1, rs2: rs2, immediate: immediate, length: 2)
  }

  private static func signed(_ value: UInt32, width: UInt32) -> Int64 {
    let shift = 32 - width
    return Int64(Int32(bitPattern: value << shift) >> Int32(shift))
  }
}

extension UInt32 {
  /// Bits `high` to `low`, moved so that the lowest of them stands at bit `place`.
  fileprivate func field(_ high: UInt32, _ low: UInt32, to place: UInt32) -> UInt32 {
    (self >> low & (1 << (high - low + 1) - 1)) << place
  }

  fileprivate func register(at low: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: self >> low & 31) }

  /// The three-bit register fields name x8 to x15.
  fileprivate var shortLow: UInt8 { UInt8(truncatingIfNeeded: self >> 2 & 7) + 8 }
  fileprivate var shortHigh: UInt8 { UInt8(truncatingIfNeeded: self >> 7 & 7) + 8 }
}
