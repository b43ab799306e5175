// A hart in user mode. It runs translated code (`Execute.swift`) and helps out where that needs the
// page table or memory: misses, faults, atomics, blocks not translated yet, and the last few
// instructions of a budget. The owner of the hart decides what a trap means.
//
// Everything that it remembers beside registers, pc and clock is a cache.

/// One hardware thread, RV64IMAC, user mode only.
public final class Hart {
  let x: HartState
  private let code: CodeCache
  /// For a block of one instruction, which runs once.
  private let scratch: OpPointer
  private let tails: TailCache

  /// Whether loads from and stores to pages shared by name are kept in `sharedAccesses`. Those
  /// pages then stay out of the TLBs; nothing else becomes slower. To be set before the first run.
  ///
  /// This and the next three are looked at in each run: nobody holds on to them while a hart runs, and to
  /// prove that each time would cost more than all else there.
  @exclusivity(unchecked) public var watchesSharedPages = false
  /// Loads from and stores to shared pages, in order, until they are taken.
  @exclusivity(unchecked) public var sharedAccesses: [SharedAccess] = []
  /// Watched accesses are made before this time only: at the first one from it on, `run` stops in
  /// front of it. So a holder with several harts can have memory see all their accesses in the order
  /// of their times.
  @exclusivity(unchecked) public var sharedAccessEnd = Instant.end
  /// As many watched accesses are made in one run: `run` stops in front of the next one.
  @exclusivity(unchecked) public var sharedAccessesAtMost = Int.max
  /// The one that `run` has stopped in front of last.
  @exclusivity(unchecked) public private(set) var refusedAccess: SharedAccess?
  /// Whether all pages are watched, and not only those that are shared by name.
  private var watchesAllPages = false
  /// The operation under way is on a watched page and will be kept.
  var isWatching = false

  /// A hart with all registers zero, whose translated code is kept in `code`.
  /// - Parameter code: one for all the harts of a memory.
  public init(sharing code: CodeCache) {
    self.code = code
    x = HartState.allocate()
    scratch = .allocate(capacity: Translator.operationsAtMost)
    tails = .allocate()
  }

  deinit {
    x.deallocate()
    scratch.deallocate()
    tails.deallocate()
  }

  /// Where the next instruction stands; its lowest bit is always zero, as that of `sepc`.
  public var pc: UInt64 {
    get { x.pc }
    set { x.pc = newValue & ~1 }
  }

  /// This hart's virtual time; `run` advances it by what retires, its holder by anything else.
  public var clock: Instant {
    get { Instant(instructions: x.clock) }
    set { x.clock = newValue.instructions }
  }

  /// The registers of whatever runs on the hart.
  public var registers: RegisterFile {
    get { RegisterFile(x.words) }
    set { newValue.copy(to: x.words) }
  }

  /// Register `index`, which is below 32; x0 reads zero.
  public subscript(register index: Int) -> UInt64 {
    get {
      precondition(0 <= index && index < 32, "there is no register \(index)")
      return x.words[index]
    }
    set {
      precondition(0 <= index && index < 32, "there is no register \(index)")
      if index != 0 { x.words[index] = newValue }
    }
  }

  /// Forgets what was remembered of the address space (TLBs, jump cache, reservation): to be called
  /// when another one is attached. That the present one has changed, `run` sees itself.
  public func forgetAddressSpace() {
    x.forgetAll()
    x.reservation = nil
  }

  /// Takes away what `lr` reserved: another hart has stored to a shared page, or gets to run.
  public func dropReservation() { x.reservation = nil }

  // MARK: Keeping and putting back

  /// What a hart holds of the program that it runs. All else in it is cache.
  package struct Snapshot: Sendable {
    fileprivate let registers: RegisterFile
    fileprivate let pc: UInt64
    fileprivate let clock: Instant
    fileprivate let reservation: UInt64?
  }

  package func snapshot() -> Snapshot {
    Snapshot(registers: registers, pc: pc, clock: clock, reservation: x.reservation)
  }

  /// Puts a state back; the memory that goes with it is put back by `Memory.restore`.
  package func restore(_ snapshot: Snapshot) {
    forgetAddressSpace()
    sharedAccesses.removeAll(keepingCapacity: true)
    registers = snapshot.registers
    pc = snapshot.pc
    clock = snapshot.clock
    x.reservation = snapshot.reservation
  }

  // MARK: Running

  /// Runs user code until the budget is spent, exactly, or a trap ends it. A budget that is spent in
  /// parts comes to the same as one that is spent at once.
  ///
  /// `retired` counts only completed instructions; `ecall` counts as completed, a faulting one not.
  public func run(budget: Int, in table: inout PageTable, _ memory: inout Memory)
    -> (retired: Int, trap: Trap)
  {
    precondition(budget >= 0, "a budget of \(budget) instructions")
    x.synchronize(with: table, memory)
    var left = budget
    let trap = run(&left, deadline: x.clock &+ UInt64(budget), table, &memory)
    x.clock &+= UInt64(budget - left)
    switch trap {
    case .call, .fault: x.reservation = nil
    case .budgetSpent, .outOfTurn: break
    }
    return (budget - left, trap)
  }

  /// Runs until `left` is zero or a trap comes. Time is `deadline` less what is left.
  private func run(
    _ left: inout Int, deadline: UInt64, _ table: borrowing PageTable, _ memory: inout Memory
  ) -> Trap {
    /// Whether the next instruction cannot run from a shared block.
    var alone = false
    blocks: while left > 0 {
      let pc = x.pc
      guard var next = x.operation(at: pc) ?? findBlockWithRoom(at: pc, table, &memory) else {
        return .fault(Fault(cause: .fetchPage, pc: pc, value: pc))
      }
      if alone || left < Translator.instructionsAtMost && next[-1].retired > left {
        next =
          alone ? translateAlone(at: pc, table, memory) : tail(at: pc, atMost: left, table, memory)
        alone = false
      }
      x.entered = pc

      while true {
        let end = Hart.execute(next, x, remaining: left - Translator.instructionsAtMost)
        left = end.remaining + Translator.instructionsAtMost
        switch end.exit {
        case .jump:
          continue blocks
        case .boundary:
          x.pc = address(ofBoundary: end.op + 1)
          continue blocks
        case .link:
          let target = pageEntered | UInt64(end.op.pointee.offset)
          if code.isFull {
            // Nothing is left of what was translated, this operation neither.
            x.pc = target
            continue blocks
          }
          guard let block = findBlock(at: target, table, &memory) else {
            preconditionFailure("a page that runs is not executable")
          }
          let branch = end.op.target
          branch.pointee.immediate = (block - 1).asImmediate
          next = block
        case .outside:
          let p = end.op
          let retired = p.retired
          switch perform(p, now: deadline &- UInt64(left - retired + 1), table, &memory) {
          case .resume(let op):
            next = op
          case .leave:
            left -= retired
            x.pc = address(of: p) &+ p.storeLength
            continue blocks
          case .translateAlone:
            left -= retired
            x.pc = address(of: p)
            alone = true
            continue blocks
          case .outOfTurn:
            left -= retired - 1
            x.pc = address(of: p)
            return .outOfTurn
          case .fault(let cause, let value):
            left -= p.code == .guardHalf ? retired : retired - 1
            x.pc = address(of: p)
            return .fault(Fault(cause: cause, pc: x.pc, value: value))
          case .call:
            left -= retired
            x.pc = address(of: p) &+ 4
            return .call
          }
        }
      }
    }
    return .budgetSpent
  }

  /// Performs an operation that the loop cannot, and keeps what it did to a shared page.
  private func perform(
    _ p: OpPointer, now: UInt64, _ table: borrowing PageTable, _ memory: inout Memory
  ) -> Outcome {
    guard watchesSharedPages, var access = sharedAccess(p, table, now: now) else {
      return performUnwatched(p, now: now, table, &memory)
    }
    if storesNothing(p) {
      // No access, but its page must not be remembered as one that nobody watches.
      isWatching = true
      defer { isWatching = false }
      return performUnwatched(p, now: now, table, &memory)
    }
    if now >= sharedAccessEnd.instructions || sharedAccesses.count >= sharedAccessesAtMost {
      refusedAccess = access
      return .outOfTurn
    }
    isWatching = true
    let outcome = performUnwatched(p, now: now, table, &memory)
    isWatching = false
    switch outcome {
    case .resume, .leave:
      if !access.isStore { access.value = x[p.rd] }
      sharedAccesses.append(access)
    case .fault, .translateAlone, .outOfTurn, .call: break
    }
    return outcome
  }

  private func performUnwatched(
    _ p: OpPointer, now: UInt64, _ table: borrowing PageTable, _ memory: inout Memory
  ) -> Outcome {
    // Most of what comes here.
    if p.code == .ecall { return .call }
    switch p.code.unfused.family {
    case .load(let bytes, let isSigned):
      return load(p, bytes: Int(bytes), isSigned: isSigned, table, memory)
    case .store(let bytes):
      return store(p, bytes: Int(bytes), table, &memory)
    case .call:
      return .call
    case .breakpoint:
      return .fault(.breakpoint, value: address(of: p))
    case .illegal:
      return .fault(.illegalInstruction, value: p.immediate)
    case .counter:
      x[p.rd] = now
      return .resume(p + 1)
    case .guardHalf:
      let page = (x.entered | 0xfff) &+ 1
      guard let bytes = executable(page, table, memory) else {
        return .fault(.fetchPage, value: page)
      }
      x.rememberGuarded(page: page, bytes: bytes)
      return x.page(page, beginsWith: p.immediate) ? .resume(p + 1) : .translateAlone
    case .loadReserved(let bytes):
      return loadReserved(p, bytes: Int(bytes), table, memory)
    case .storeConditional(let bytes):
      return storeConditional(p, bytes: Int(bytes), table, &memory)
    case .atomic(let combination, let bytes):
      return atomic(p, combination, bytes: Int(bytes), table, &memory)
    case .constant, .computation, .jump, .branch, .ordering, .boundary, .fused, .fusedComputation:
      preconditionFailure("the loop performs \(p.code) itself")
    }
  }

  /// Has all pages watched, as where several threads run in them, or only those that are shared by name.
  func watchAllPages(_ watches: Bool) {
    if watches == watchesAllPages { return }
    watchesAllPages = watches
    forgetAddressSpace()
  }

  /// What the operation is about to do to a page that is shared by name, if it is; a load's value
  /// is not known yet.
  private func sharedAccess(_ p: OpPointer, _ table: borrowing PageTable, now: UInt64)
    -> SharedAccess?
  {
    guard let kind = p.code.unfused.memoryAccess else { return nil }
    let address = x[p.rs1] &+ (kind.isAtomic ? 0 : p.immediate)
    // What crosses a page's end may have either half in a shared one.
    let last = address &+ UInt64(kind.size - 1)
    guard watchesAllPages || isShared(address, table) || isShared(last, table) else { return nil }
    return SharedAccess(
      time: Instant(instructions: now), address: address, size: kind.size,
      value: kind.stores ? x[p.rs2] & (UInt64.max >> UInt64(64 - 8 * kind.size)) : 0,
      isStore: kind.stores, isAtomic: kind.isAtomic, pc: self.address(of: p))
  }

  private func isShared(_ address: UInt64, _ table: borrowing PageTable) -> Bool {
    table.entry(at: address)?.permissions.contains(.shared) ?? false
  }

  // MARK: Addresses

  private var pageEntered: UInt64 { x.entered & ~0xfff }

  /// Where the instruction of an operation stands.
  private func address(of p: OpPointer) -> UInt64 { pageEntered &+ UInt64(p.pointee.offset) }

  /// Where a block begins, or where a stub leads.
  private func address(ofBoundary p: OpPointer) -> UInt64 {
    switch p.code {
    case .farLink: p.immediate
    case .link: address(of: p)
    default: address(of: p - 1)
    }
  }

  // MARK: Blocks

  /// The same as `findBlock`, where nothing is held of what was translated so far: if that is too
  /// much, it is dropped first.
  private func findBlockWithRoom(
    at pc: UInt64, _ table: borrowing PageTable, _ memory: inout Memory
  ) -> OpPointer? {
    if code.isFull { code.trim(&memory) }
    return findBlock(at: pc, table, &memory)
  }

  /// The block at `pc`, translated now if need be; nil if its page cannot be executed.
  private func findBlock(
    at pc: UInt64, _ table: borrowing PageTable, _ memory: inout Memory
  ) -> OpPointer? {
    guard let entry = table.entry(at: pc), entry.permissions.contains(.execute) else {
      return nil
    }
    let block = code.block(
      at: pc, in: entry.frame, following: following(pc, table, memory), &memory)
    x.synchronize(with: memory)
    x.remember(operation: block, at: pc)
    return block
  }

  /// A block of at most `limit` instructions at `pc`, in a page that is executable.
  private func tail(
    at pc: UInt64, atMost limit: Int, _ table: borrowing PageTable, _ memory: Memory
  ) -> OpPointer {
    guard let frame = table.entry(at: pc)?.frame else {
      preconditionFailure("a page that runs is not there")
    }
    let key = TailCache.Key(pc: pc, frame: frame, limit: limit, epoch: memory.epoch)
    return tails.block(key) { room in
      let chunks = translateOnce(at: pc, atMost: limit, into: room, table, memory)
      // A store to any of it raises the epoch from now on.
      memory.markTranslated(frame, chunks: chunks)
    }
  }

  /// A block of the one instruction at `pc`, in a page that is executable, which is valid until the
  /// next one.
  private func translateAlone(
    at pc: UInt64, _ table: borrowing PageTable, _ memory: Memory
  ) -> OpPointer {
    _ = translateOnce(at: pc, atMost: 1, into: scratch, table, memory)
    return scratch + 1
  }

  /// - Returns: what of the page was translated.
  private func translateOnce(
    at pc: UInt64, atMost limit: Int, into room: OpPointer, _ table: borrowing PageTable,
    _ memory: Memory
  ) -> UInt64 {
    guard let source = executable(pc & ~0xfff, table, memory) else {
      preconditionFailure("a page that runs is not executable")
    }
    var translator = Translator(
      source: source, base: pc & ~0xfff, following: following(pc, table, memory), into: room)
    translator.translateOnce(at: Int(truncatingIfNeeded: pc & 0xfff), atMost: limit)
    return translator.chunks
  }

  /// The first halfword of the page behind that of `pc`, if it can be executed.
  private func following(_ pc: UInt64, _ table: borrowing PageTable, _ memory: Memory) -> UInt16? {
    executable((pc | 0xfff) &+ 1, table, memory)?.load(as: UInt16.self)
  }

  /// The bytes of the page at `page`, if it can be executed.
  private func executable(_ page: UInt64, _ table: borrowing PageTable, _ memory: Memory)
    -> UnsafeRawPointer?
  {
    guard let entry = table.entry(at: page), entry.permissions.contains(.execute) else {
      return nil
    }
    return memory.bytes(of: entry.frame)
  }
}
