// Random programs of valid RV64IMAC instructions that end by writing their memory and registers to
// descriptor 1, by a call with Linux's number, so that any RISC-V Linux can say what is right.
//
// Jumps lead forward, except one around the body; loads and stores stay in two pages of data,
// misaligned and across the border as they come.

/// A small generator for tests (SplitMix64): the same numbers on every host.
public struct TestRandom: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}

/// A program and its data, as bytes to be loaded at `address`, readable, writable and executable.
public struct RandomProgram {
  public static let address: UInt64 = 0x1_0000
  /// Where the first instruction is, relative to `address`.
  public private(set) var entry = 0
  public private(set) var bytes: [UInt8] = []

  private enum Item {
    case word(UInt32)
    /// What no branch may lead into.
    case words([UInt32])
    case half(UInt16)
    /// Control flow to the item so many further on.
    case branch(BranchOperation, Int, Int, over: Int)
    case shortBranch(ifZero: Bool, Int, over: Int)
    case jump(link: Int, over: Int)
    case shortJump(over: Int)
    /// Three words: the target's address in a register, and a jump there.
    case indirect(Int, link: Int, over: Int)
    case end

    var size: Int {
      switch self {
      case .half, .shortBranch, .shortJump: 2
      case .word, .branch, .jump: 4
      case .words(let words): 4 * words.count
      case .indirect: 12
      case .end: 0
      }
    }
  }

  private var random: TestRandom
  private var items: [Item] = []
  private let hasReservations: Bool

  /// x2, x3, x4 and x8 point into the data or count rounds, and stay what they are.
  private static let free = (0..<32).filter { ![2, 3, 4, 8].contains($0) }
  private static let freeShort = Array(9..<16)
  private static let rounds = 6

  /// - Parameter hasReservations: whether `lr` and `sc` occur, whose outcome a slice can change.
  public init(seed: UInt64, length: Int, hasReservations: Bool = true) {
    random = TestRandom(seed: seed)
    self.hasReservations = hasReservations
    while items.count < length { addItem() }
    items.append(.end)
    assemble()
  }

  // MARK: Instructions

  private mutating func pick<T>(_ choices: [T]) -> T {
    choices[Int.random(in: choices.indices, using: &random)]
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &random)
  }

  private mutating func target() -> Int { pick(RandomProgram.free) }
  private mutating func source() -> Int { number(0...31) }

  private mutating func addItem() {
    switch number(0...99) {
    case 0..<22:
      items.append(.word(pick(RegisterOperation.allCases).word(target(), source(), source())))
    case 22..<34:
      let operation = pick(ImmediateOperation.allCases.filter { $0 != .jalr })
      items.append(.word(operation.word(target(), source(), number(-2048...2047))))
    case 34..<42:
      let operation = pick(ShiftOperation.allCases)
      let amount = number(0...(operation.isWord ? 31 : 63))
      items.append(.word(operation.word(target(), source(), amount)))
    case 42..<45: items.append(.word(lui(target(), number(0...0xfffff))))
    case 45..<51:
      items.append(.word(pick(LoadOperation.allCases).word(target(), number(-2048...2047), 3)))
    case 51..<58:
      items.append(.word(pick(StoreOperation.allCases).word(source(), number(-2048...2047), 3)))
    case 58..<66:
      items.append(
        .branch(pick(BranchOperation.allCases), source(), source(), over: number(1...8)))
    case 66..<68: items.append(.jump(link: target(), over: number(1...8)))
    case 68: items.append(.indirect(pick([5, 6, 7, 9, 20]), link: target(), over: number(1...8)))
    case 69: items.append(.word(pick([fence, fenceI, nop, auipc(0, 1)])))
    case 70..<74: addAtomic()
    default: addCompressed()
    }
  }

  private mutating func addAtomic() {
    let size = pick([4, 8])
    let address = pick([9, 10, 21, 30])
    let offset = number(-255...254) * 8
    let place = ImmediateOperation.addi.word(address, 3, offset)
    let operation = pick(AtomicOperation.allCases)
    guard operation == .lr || operation == .sc else {
      items.append(.words([place, operation.word(size: size, target(), source(), address)]))
      return
    }
    guard hasReservations else { return }
    items.append(
      .words([
        place, AtomicOperation.lr.word(size: size, pick([11, 12]), 0, address),
        AtomicOperation.sc.word(size: size, target(), source(), address),
      ]))
  }

  private mutating func addCompressed() {
    let rd = pick(RandomProgram.free.filter { $0 != 0 })
    let rs2 = number(1...31)
    let short = pick(RandomProgram.freeShort)
    let shortSource = number(8...15)
    let immediate = number(0...63)
    let split = (immediate >> 5) << 12 | (immediate & 31) << 2
    switch number(0...17) {
    case 0: add(0x0001 | rd << 7 | split)  // c.addi
    case 1: add(0x2001 | rd << 7 | split)  // c.addiw
    case 2: add(0x4001 | rd << 7 | split)  // c.li
    case 3: add(0x6001 | rd << 7 | (split == 0 ? 4 : split))  // c.lui
    case 4: add(0x8001 | (short - 8) << 7 | split)  // c.srli
    case 5: add(0x8401 | (short - 8) << 7 | split)  // c.srai
    case 6: add(0x8801 | (short - 8) << 7 | split)  // c.andi
    case 7: add(0x8c01 | (short - 8) << 7 | (shortSource - 8) << 2 | number(0...3) << 5)
    case 8: add(0x9c01 | (short - 8) << 7 | (shortSource - 8) << 2 | number(0...1) << 5)
    case 9: add(0x0002 | rd << 7 | split)  // c.slli
    case 10: add(0x8002 | rd << 7 | rs2 << 2)  // c.mv
    case 11: add(0x9002 | rd << 7 | rs2 << 2)  // c.add
    case 12: add(pick([0x4002, 0x6002]) | rd << 7 | split)  // c.lwsp, c.ldsp
    case 13: add(pick([0xc002, 0xe002]) | number(0...63) << 7 | rs2 << 2)  // c.swsp, c.sdsp
    case 14:  // c.lw, c.ld from x8
      add(pick([0x4000, 0x6000]) | (short - 8) << 2 | number(0...3) << 5 | number(0...7) << 10)
    case 15:  // c.sw, c.sd to x8
      add(
        pick([0xc000, 0xe000]) | (shortSource - 8) << 2 | number(0...3) << 5 | number(0...7) << 10)
    case 16:
      items.append(.shortBranch(ifZero: pick([true, false]), shortSource, over: number(1...8)))
    default: add(0x0000 | (short - 8) << 2 | number(1...255) << 5)  // c.addi4spn
    }
    if number(0...20) == 0 { items.append(.shortJump(over: number(1...8))) }
  }

  private mutating func add(_ half: Int) { items.append(.half(UInt16(truncatingIfNeeded: half))) }

  // MARK: Layout

  /// Bytes before and behind x3 that the program shows at its end.
  private static let shown = 2048 + 16

  private mutating func assemble() {
    var starts: [Int] = []
    // A random start decides which instructions straddle two pages.
    var place = 2 * number(0...100)
    entry = place
    place += 8 + 4 * 31 + 12
    let body = place
    for item in items {
      starts.append(place)
      place += item.size
    }
    let middle = (place + 256 + 4095) / 4096 * 4096 + 4096

    bytes = Array(repeating: 0, count: entry)
    let offset = middle - entry
    let low = (offset + 2048) % 4096 - 2048
    emit(auipc(3, (offset - low) >> 12))
    emit(ImmediateOperation.addi.word(3, 3, low))
    for register in 1..<32 where register != 3 {
      emit(LoadOperation.ld.word(register, register * 8, 3))
    }
    emit(nop)
    emit(ImmediateOperation.addi.word(2, 3, -512))
    emit(ImmediateOperation.addi.word(8, 3, -64))
    emit(li(4, RandomProgram.rounds))
    precondition(bytes.count == body)
    for (index, item) in items.enumerated() {
      emit(item, at: starts[index]) { [count = items.count] in starts[min(index + $0, count - 1)] }
    }
    emit(ImmediateOperation.addi.word(4, 4, -1))
    emit(BranchOperation.beq.word(4, 0, 8))
    emit(jal(0, body - bytes.count))
    for register in 1..<32 {
      emit(StoreOperation.sd.word(register, -2048 + register * 8, 3))
    }
    emit(li(10, 1))
    emit(ImmediateOperation.addi.word(11, 3, -2048))
    emit(ImmediateOperation.addi.word(11, 11, -16))
    emit(li(12, 2047))
    emit(ImmediateOperation.addi.word(12, 12, 2 * RandomProgram.shown - 2047 - 2047))
    emit(ImmediateOperation.addi.word(12, 12, 2047))
    emit(li(17, 64))
    emit(ecall)
    emit(li(10, 0))
    emit(li(17, 93))
    emit(ecall)
    precondition(bytes.count <= middle - 4096)
    while bytes.count < middle + 4096 { bytes.append(UInt8(truncatingIfNeeded: random.next())) }
  }

  private mutating func emit(_ word: UInt32) {
    for shift in stride(from: 0 as UInt32, to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: word >> shift))
    }
  }

  private mutating func emit(_ half: Int) {
    bytes.append(UInt8(truncatingIfNeeded: half))
    bytes.append(UInt8(truncatingIfNeeded: half >> 8))
  }

  private mutating func emit(_ item: Item, at place: Int, target: (Int) -> Int) {
    precondition(bytes.count == place)
    switch item {
    case .word(let word): emit(word)
    case .words(let words):
      for word in words { emit(word) }
    case .half(let half): emit(Int(half))
    case .branch(let operation, let rs1, let rs2, let over):
      emit(operation.word(rs1, rs2, target(over) - place))
    case .shortBranch(let ifZero, let register, let over):
      let offset = target(over) - place
      let fields =
        (offset >> 8 & 1) << 12 | (offset >> 3 & 3) << 10 | (offset >> 6 & 3) << 5
        | (offset >> 1 & 3) << 3 | (offset >> 5 & 1) << 2
      emit((ifZero ? 0xc001 : 0xe001) | fields | (register - 8) << 7)
    case .jump(let link, let over): emit(jal(link, target(over) - place))
    case .shortJump(let over):
      let offset = target(over) - place
      let fields =
        (offset >> 11 & 1) << 12 | (offset >> 4 & 1) << 11 | (offset >> 8 & 3) << 9
        | (offset >> 10 & 1) << 8 | (offset >> 6 & 1) << 7 | (offset >> 7 & 1) << 6
        | (offset >> 1 & 7) << 3 | (offset >> 5 & 1) << 2
      emit(0xa001 | fields)
    case .indirect(let register, let link, let over):
      emit(auipc(register, 0))
      emit(ImmediateOperation.addi.word(register, register, target(over) - place))
      emit(ImmediateOperation.jalr.word(link, register, 0))
    case .end: break
    }
  }
}

extension BareMachine {
  /// Loads a random program, runs it in slices, and returns what it wrote, or nil if it fails.
  public static func output(of program: RandomProgram, slices: [Int]) -> [UInt8]? {
    var machine = BareMachine()
    for page in 0..<(program.bytes.count + 4095) / 4096 {
      machine.map(RandomProgram.address + UInt64(page) << 12, [.read, .write, .execute])
    }
    machine.write(program.bytes, at: RandomProgram.address)
    machine.hart.pc = RandomProgram.address + UInt64(program.entry)
    guard machine.run(slices: slices).trap == .call, machine.hart[register: 17] == 64 else {
      return nil
    }
    let output = machine.read(
      machine.hart[register: 11], count: Int(machine.hart[register: 12]))
    guard machine.run(slices: slices) == (3, .call), machine.hart[register: 17] == 93 else {
      return nil
    }
    return output
  }
}
