// Everything that the loop touches lies behind one pointer: the registers, the TLBs, and the cache
// from guest addresses to translated operations. Registers in class fields or in an array would
// cost a factor of eight.
//
// Bounds: register indices come from five-bit fields or are `sink`; cache indices are masked to
// the cache's size; the block is `wordCount` words. Nothing else computes an index.

/// A view of one hart's block of words; the hart allocates it and frees it.
struct HartState {
  let words: UnsafeMutablePointer<UInt64>

  // MARK: Layout

  /// Writes to x0 go here.
  static let sink: UInt8 = 32
  /// Where the next instruction stands, while the loop is not running.
  private static let pcWord = 33
  /// Some address in the page of the block that runs.
  private static let enteredWord = 34
  private static let clockWord = 35
  /// The address that `lr` reserved, or `none`.
  private static let reservationWord = 36
  /// The page that holds the second half of the last straddling instruction, and its bytes.
  private static let guardTagWord = 37
  private static let guardBytesWord = 38
  /// `Memory.epoch` and `storeEpoch` as of when everything below was right.
  private static let epochWord = 39
  private static let storeEpochWord = 40
  /// `PageTable.changes` as of then.
  private static let changesWord = 41

  /// A direct-mapped cache: pairs of a tag and a value, and a journal of the pairs in use, so that
  /// forgetting costs as much as was remembered.
  struct Cache {
    let start: Int
    let pairs: Int
    var countWord: Int { start + pairs * 2 }
    var journal: Int { countWord + 1 }
    var end: Int { journal + pairs }

    /// Where the pair for a page is, relative to `start`: below twice the number of pairs.
    @inline(__always)
    func index(_ address: UInt64) -> Int {
      Int(truncatingIfNeeded: address >> 11 & UInt64(pairs * 2 - 2))
    }
  }
  /// Pages that can be read, and where their bytes are, relative to the guest's address.
  static let loads = Cache(start: 64, pairs: 1024)
  /// Pages that can be written without any ado.
  static let stores = Cache(start: loads.end, pairs: 1024)
  /// Operations by guest address.
  static let jumps = Cache(start: stores.end, pairs: 2048)
  static let wordCount = jumps.end

  /// No page address and no instruction's address is odd.
  private static let none: UInt64 = 1

  static func allocate() -> HartState {
    let state = HartState(words: .allocate(capacity: wordCount))
    state.words.initialize(repeating: 0, count: wordCount)
    for cache in [loads, stores, jumps] {
      for pair in 0..<cache.pairs { state.words[cache.start + pair * 2] = none }
    }
    state.reservation = nil
    state.words[guardTagWord] = none
    return state
  }

  func deallocate() { words.deallocate() }

  // MARK: Registers

  @inline(__always)
  subscript(register: UInt8) -> UInt64 {
    get { words[Int(register)] }
    nonmutating set { words[Int(register)] = newValue }
  }

  var pc: UInt64 {
    @inline(__always) get { words[HartState.pcWord] }
    @inline(__always) nonmutating set { words[HartState.pcWord] = newValue }
  }

  /// The address through which the running page of code was last entered.
  var entered: UInt64 {
    @inline(__always) get { words[HartState.enteredWord] }
    @inline(__always) nonmutating set { words[HartState.enteredWord] = newValue }
  }

  var clock: UInt64 {
    @inline(__always) get { words[HartState.clockWord] }
    @inline(__always) nonmutating set { words[HartState.clockWord] = newValue }
  }

  var reservation: UInt64? {
    get {
      let address = words[HartState.reservationWord]
      return address == HartState.none ? nil : address
    }
    nonmutating set { words[HartState.reservationWord] = newValue ?? HartState.none }
  }

  // MARK: TLBs

  /// Whether `size` bytes at a guest's address lie in one page that `cache` knows: one comparison
  /// checks presence, permission and page crossing.
  ///
  /// A crossing access ends in another page than that of its index, whose tag is never there.
  @inline(__always)
  func knows(_ cache: Cache, _ address: UInt64, size: Int) -> Bool {
    words[cache.start + cache.index(address)] == (address &+ UInt64(size &- 1)) & ~0xfff
  }

  /// Where the bytes at an address are that `cache` knows.
  ///
  /// In bounds: tag and value were stored together for a whole page.
  @inline(__always)
  func host(_ cache: Cache, _ address: UInt64) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(
      bitPattern: UInt(truncatingIfNeeded: words[cache.start + cache.index(address) + 1] &+ address)
    ).unsafelyUnwrapped
  }

  /// Remembers where the bytes of the page around `address` are.
  func remember(_ cache: Cache, page address: UInt64, bytes: UnsafeRawPointer) {
    let page = address & ~0xfff
    store(
      cache, cache.index(page), tag: page, value: UInt64(UInt(bitPattern: bytes)) &- page)
  }

  // MARK: Jump cache

  /// The first operation of the block at `pc`, if it is remembered.
  func operation(at pc: UInt64) -> OpPointer? {
    let index = HartState.jumpIndex(pc)
    return words[index] == pc ? place(index) + 1 : nil
  }

  /// Moves `p` one before the block at `target`, if there is time and the block is remembered;
  /// else leaves the target in `pc`.
  @inline(__always)
  func jump(to target: UInt64, _ p: inout OpPointer, _ remaining: inout Int) -> Bool {
    remaining &-= p.retired
    let index = HartState.jumpIndex(target)
    guard remaining >= 0 && words[index] == target else {
      pc = target
      return false
    }
    entered = target
    p = place(index)
    return true
  }

  /// In bounds: the pair is in use.
  @inline(__always)
  private func place(_ index: Int) -> OpPointer {
    OpPointer(bitPattern: UInt(truncatingIfNeeded: words[index + 1])).unsafelyUnwrapped
  }

  func remember(operation: OpPointer, at pc: UInt64) {
    store(
      HartState.jumps, HartState.jumpIndex(pc) - HartState.jumps.start, tag: pc,
      value: (operation - 1).asImmediate)
  }

  /// The offset in the page, which is even, moved a little by the page's number.
  @inline(__always)
  private static func jumpIndex(_ pc: UInt64) -> Int {
    jumps.start + Int(truncatingIfNeeded: (pc ^ pc >> 9) & UInt64(jumps.pairs * 2 - 2))
  }

  // MARK: Guards

  /// Whether the page at `page`, known to be executable, begins with the halfword `half`.
  @inline(__always)
  func page(_ page: UInt64, beginsWith half: UInt64) -> Bool {
    guard words[HartState.guardTagWord] == page else { return false }
    let bytes = UnsafePointer<UInt16>(
      bitPattern: UInt(truncatingIfNeeded: words[HartState.guardBytesWord])
    ).unsafelyUnwrapped
    return UInt64(bytes.pointee) == half
  }

  func rememberGuarded(page: UInt64, bytes: UnsafeRawPointer) {
    words[HartState.guardTagWord] = page
    words[HartState.guardBytesWord] = UInt64(UInt(bitPattern: bytes))
  }

  // MARK: Forgetting

  /// Forgets what may have become wrong since the last call.
  @inline(__always)
  func synchronize(with table: borrowing PageTable, _ memory: borrowing Memory) {
    if words[HartState.changesWord] != table.changes {
      words[HartState.changesWord] = table.changes
      forgetAll()
    }
    synchronize(with: memory)
  }

  @inline(__always)
  func synchronize(with memory: borrowing Memory) {
    if words[HartState.epochWord] != memory.epoch {
      forgetAll()
    } else if words[HartState.storeEpochWord] != memory.storeEpoch {
      forget(HartState.stores)
    }
    words[HartState.epochWord] = memory.epoch
    words[HartState.storeEpochWord] = memory.storeEpoch
  }

  func forgetAll() {
    forget(HartState.loads)
    forget(HartState.stores)
    forget(HartState.jumps)
    words[HartState.guardTagWord] = HartState.none
  }

  /// A pair that is in use is in the journal already, so the journal never outgrows the cache.
  private func store(_ cache: Cache, _ index: Int, tag: UInt64, value: UInt64) {
    let place = cache.start + index
    if words[place] == HartState.none {
      let count = words[cache.countWord]
      words[cache.journal + Int(truncatingIfNeeded: count)] = UInt64(place)
      words[cache.countWord] = count + 1
    }
    words[place] = tag
    words[place + 1] = value
  }

  private func forget(_ cache: Cache) {
    let count = Int(truncatingIfNeeded: words[cache.countWord])
    for entry in 0..<count {
      words[Int(truncatingIfNeeded: words[cache.journal + entry])] = HartState.none
    }
    words[cache.countWord] = 0
  }
}
