// From guest instructions to a block of operations. A block follows the code straight ahead and
// through direct jumps, at most 64 instructions far, and never out of its page: the operations
// depend on this page's bytes and virtual address alone, which is what lets processes share them.
//
// Branches to places in the page that have no block yet point at a `link` stub behind the block.

/// Writes one block to `start`; the caller provides room for `operationsAtMost`.
struct Translator {
  /// At most this many instructions retire in a block; `Hart.run` relies on it.
  static let instructionsAtMost = 64
  /// A header, a guard, one operation an instruction, a closing jump, a stub for each branch.
  static let operationsAtMost = 2 * instructionsAtMost + 4

  /// The page's 4096 bytes.
  private let source: UnsafeRawPointer
  /// The page's virtual address.
  private let base: UInt64
  /// The first halfword of the next virtual page, if that can be executed.
  private let following: UInt16?
  private let start: OpPointer
  /// Operations written, the header included.
  private(set) var count = 1
  /// Instructions that retire up to here.
  private var retired = 0
  /// Instructions from the beginning of the block back to it, once it has come there.
  private var round: Int?
  /// What of the page was translated, as `Memory` counts it.
  private(set) var chunks: UInt64 = 0
  /// The register that the last operation set, and to what, if that is known now.
  private var constant: (register: UInt8, value: UInt64)?

  init(source: UnsafeRawPointer, base: UInt64, following: UInt16?, into start: OpPointer) {
    self.source = source
    self.base = base
    self.following = following
    self.start = start
  }

  /// Translates the block at `offset`, finding blocks to link with by `block`.
  mutating func translateBlock(at offset: Int, linkingTo block: (Int) -> OpPointer?) {
    translate(at: offset, atMost: Translator.instructionsAtMost)
    let end = count
    for index in 1..<count where start[index].code.isLinkable {
      let target = start[index].immediate
      let targetOffset = Int(truncatingIfNeeded: target & 0xfff)
      if target & ~0xfff != base {
        link(index, to: stub(.farLink, offset: targetOffset, immediate: target))
      } else if targetOffset == offset {
        link(index, to: start + 1)
      } else if let known = block(targetOffset) {
        link(index, to: known)
      } else {
        let branch = (start + index).asImmediate
        link(index, to: stub(.link, offset: targetOffset, immediate: branch))
      }
    }
    (start + 1).fuse(upTo: start + end)
  }

  /// Translates at most `limit` instructions, to be run once: nothing is linked, so that every
  /// exit gives the guest's address.
  mutating func translateOnce(at offset: Int, atMost limit: Int) {
    translate(at: offset, atMost: limit)
    for index in 1..<count where start[index].code.isLinkable {
      let target = start[index].immediate
      let targetOffset = Int(truncatingIfNeeded: target & 0xfff)
      link(index, to: stub(.farLink, offset: targetOffset, immediate: target))
    }
  }

  // MARK: Blocks

  private mutating func translate(at first: Int, atMost limit: Int) {
    var offset = first
    while true {
      if retired == limit {
        emit(.jump, at: offset, immediate: base &+ UInt64(offset))
        break
      }
      if offset >= pageSize {
        emit(.farJump, at: offset, immediate: base &+ UInt64(offset))
        break
      }
      let half = source.load(fromByteOffset: offset, as: UInt16.self)
      var bits = UInt32(half)
      if Decoder.isLong(half) {
        if offset + 4 <= pageSize {
          bits |= UInt32(source.load(fromByteOffset: offset + 2, as: UInt16.self)) << 16
        } else {
          // No halfword equals the immediate when there is no next page.
          let expected = following.map(UInt64.init) ?? ~0
          emit(.guardHalf, at: offset, immediate: expected)
          chunks |= TranslationMap.chunks(of: offset..<pageSize)
          guard let following else { break }
          bits |= UInt32(following) << 16
        }
      }
      let instruction = Decoder.decode(bits)
      retired += 1
      chunks |= TranslationMap.chunks(of: offset..<min(offset + Int(instruction.length), pageSize))
      guard let next = emit(instruction, at: offset, blockStart: first) else { break }
      offset = next
    }
    start.initialize(to: Op(.header, retired: retired, offset: first))
  }

  /// Emits one instruction; where to go on, or nil when the block ends with it.
  private mutating func emit(_ instruction: Instruction, at offset: Int, blockStart: Int) -> Int? {
    let next = offset + Int(instruction.length)
    let pc = base &+ UInt64(offset)
    let immediate = UInt64(bitPattern: instruction.immediate)
    let rd = instruction.rd

    switch instruction.operation.family {
    case .constant:
      emitConstant(
        rd, instruction.operation == .auipc ? pc &+ immediate : immediate, at: offset)
      return next
    case .jump where instruction.operation == .jal:
      let target = pc &+ immediate
      emitConstant(rd, base &+ UInt64(next), at: offset)
      let targetOffset = Int(truncatingIfNeeded: target & 0xfff)
      if target & ~0xfff != base {
        emit(.farJump, at: offset, immediate: target)
        return nil
      }
      if rd == 0 && targetOffset <= offset {
        // A loop is the block of its head, whole rounds of it, so that it runs at one speed from
        // wherever it is entered: a slice may end at any of its instructions.
        if targetOffset == blockStart && hasRoomForRound() { return targetOffset }
        emit(.jump, at: offset, immediate: target)
        return nil
      }
      if targetOffset == blockStart {
        emit(.jump, at: offset, immediate: target)
        return nil
      }
      return targetOffset
    case .jump where rd == 0:
      emit(.jumpRegister, rs1: instruction.rs1, at: offset, immediate: immediate)
      return nil
    case .jump:
      // The link value shares the immediate: pages lie below 2^52.
      let link = base &+ UInt64(next)
      emit(
        .jalr, rd: rd, rs1: instruction.rs1, at: offset,
        immediate: link << 12 | immediate & 0xfff)
      return nil
    case .branch:
      emit(
        instruction.operation, rs1: instruction.rs1, rs2: instruction.rs2, at: offset,
        immediate: pc &+ immediate)
      return next
    case .store:
      emit(
        instruction.operation, rd: instruction.length, rs1: instruction.rs1,
        rs2: instruction.rs2, at: offset, immediate: immediate)
      return next
    case .ordering:
      // Harts take turns, and a store into code is noticed by itself.
      return next
    case .call, .breakpoint, .illegal:
      emit(instruction.operation, at: offset, immediate: immediate)
      return nil
    case .computation, .load, .loadReserved, .storeConditional, .atomic, .counter:
      emitRegisterForm(instruction, at: offset)
      return next
    case .guardHalf, .boundary, .fused, .fusedComputation:
      preconditionFailure("\(instruction.operation) is no instruction")
    }
  }

  /// Whether as many instructions as lay in the block when it first came back to its beginning
  /// fit once more.
  private mutating func hasRoomForRound() -> Bool {
    let length = round ?? retired
    round = length
    return retired + length <= Translator.instructionsAtMost
  }

  /// Everything that computes, loads or is atomic.
  private mutating func emitRegisterForm(_ instruction: Instruction, at offset: Int) {
    let operation = instruction.operation
    let immediate = UInt64(bitPattern: instruction.immediate)
    let rd = instruction.rd
    // What only computes for x0 is a hint.
    if rd == 0 && !operation.touchesMemory { return }
    if operation == .addi || operation == .addiw {
      var known: UInt64? = instruction.rs1 == 0 ? 0 : nil
      if let constant, constant.register == instruction.rs1 { known = constant.value }
      if let known {
        let sum = known &+ immediate
        emitConstant(
          rd, operation == .addi ? sum : Integer.signExtendWord(sum), at: offset)
        return
      }
    }
    // Moves are spelled in several ways.
    if operation == .add && (instruction.rs1 == 0 || instruction.rs2 == 0) {
      emit(.addi, rd: rd, rs1: instruction.rs1 | instruction.rs2, at: offset, immediate: 0)
      return
    }
    emit(
      operation, rd: rd == 0 ? HartState.sink : rd, rs1: instruction.rs1, rs2: instruction.rs2,
      at: offset, immediate: immediate)
  }

  /// A constant built by two instructions in one register becomes one operation: nothing can
  /// come between them.
  private mutating func emitConstant(_ rd: UInt8, _ value: UInt64, at offset: Int) {
    guard rd != 0 else { return }
    if let constant, constant.register == rd {
      // Only `loadImmediate` sets `constant`, so the last operation is one.
      let last = start + (count - 1)
      last.pointee.immediate = value
      last.pointee.retired = UInt16(truncatingIfNeeded: retired)
    } else {
      emit(.loadImmediate, rd: rd, at: offset, immediate: value)
    }
    constant = (rd, value)
  }

  private mutating func emit(
    _ code: Operation, rd: UInt8 = 0, rs1: UInt8 = 0, rs2: UInt8 = 0, at offset: Int,
    immediate: UInt64
  ) {
    // In bounds: one operation for each of at most 64 instructions, a guard, and a jump.
    (start + count).initialize(
      to: Op(
        code, rd: rd, rs1: rs1, rs2: rs2, retired: retired, offset: offset, immediate: immediate))
    count += 1
    constant = nil
  }

  // MARK: Links

  private mutating func stub(_ code: Operation, offset: Int, immediate: UInt64) -> OpPointer {
    // In bounds: at most one stub for each instruction and one for the closing jump.
    let stub = start + count
    stub.initialize(to: Op(code, retired: 0, offset: offset, immediate: immediate))
    count += 1
    return stub
  }

  /// Links point one before the operation that comes next, since every operation ends in p + 1.
  private func link(_ index: Int, to target: OpPointer) {
    start[index].immediate = (target - 1).asImmediate
  }
}

extension Operation {
  /// Whether the immediate is a target to be linked.
  fileprivate var isLinkable: Bool {
    if case .branch = family { true } else { self == .jump }
  }

  /// Whether it may fault, and so must run even when its result goes to x0.
  fileprivate var touchesMemory: Bool {
    memoryAccess != nil
  }
}
