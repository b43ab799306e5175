// Translated code, kept by the physical page that it was translated from, so that processes that
// share a page share its translation. It is a cache: dropping it at any moment changes nothing.
//
// A page of code is current while `Memory` says that its frame is translated, and serves one
// virtual page only, since link values and `auipc` results are worked out in advance.

/// The translated code of one memory, shared by all harts that run on it.
///
/// A memory must have no second cache beside this one.
public final class CodeCache {
  /// By frame; nil where nothing was ever translated.
  private var pages: UnsafeMutableBufferPointer<UnsafeMutablePointer<CodePage>?>
  /// Chunks allocated in all pages; behind a pointer for the same reason as in `TranslationMap`.
  private let count: UnsafeMutablePointer<Int>
  private var chunkCount: Int {
    get { count.pointee }
    set { count.pointee = newValue }
  }
  /// Beyond this many chunks everything is dropped: 32 MiB, and at most twice that for tables.
  private static let chunkLimit = (32 << 20) / (CodePage.chunkCapacity * MemoryLayout<Op>.stride)

  /// Bytes of translated code, and how many there may be before it is trimmed.
  package var bytes: Int { chunkCount * CodePage.chunkCapacity * MemoryLayout<Op>.stride }
  package static var byteLimit: Int {
    chunkLimit * CodePage.chunkCapacity * MemoryLayout<Op>.stride
  }

  public init() {
    pages = .allocate(capacity: 0)
    count = .allocate(capacity: 1)
    count.initialize(to: 0)
  }

  deinit {
    for case let page? in pages {
      page.pointee.free()
      page.deinitialize(count: 1)
      page.deallocate()
    }
    pages.deallocate()
    count.deallocate()
  }

  /// Whether so much has been translated that it is to be trimmed.
  @inline(__always)
  var isFull: Bool { chunkCount > CodeCache.chunkLimit }

  /// Makes room by dropping everything. No hart may be inside `execute`, nor hold an operation that
  /// it would go on with.
  func trim(_ memory: inout Memory) {
    memory.dropAllTranslations()
    for case let page? in pages { page.pointee.free() }
    chunkCount = 0
  }

  /// The first operation of the block at `pc`, whose page is mapped to `frame` and executable.
  ///
  /// `memory.epoch` and `storeEpoch` rise when other things that harts remember go stale by this.
  /// - Parameter following: the first halfword of the next virtual page, if that is executable.
  func block(at pc: UInt64, in frame: PageFrame, following: UInt16?, _ memory: inout Memory)
    -> OpPointer
  {
    let page = page(of: frame, at: pc & ~0xfff, &memory)
    let offset = Int(truncatingIfNeeded: pc & 0xfff)
    if let block = page.pointee.block(at: offset) { return block }

    if page.pointee.room < Translator.operationsAtMost {
      page.pointee.addChunk()
      chunkCount += 1
    }
    var translator = Translator(
      source: memory.bytes(of: frame), base: pc & ~0xfff, following: following,
      into: page.pointee.next)
    translator.translateBlock(at: offset) { page.pointee.block(at: $0) }
    memory.markTranslated(frame, chunks: translator.chunks)
    return page.pointee.accept(translator, at: offset)
  }

  private func page(of frame: PageFrame, at base: UInt64, _ memory: inout Memory)
    -> UnsafeMutablePointer<CodePage>
  {
    if pages.count < memory.frameCount { grow(to: memory.frameCount) }
    // In bounds: the table was just made as long as there are frames.
    guard let page = pages[Int(frame.raw)] else {
      let page = UnsafeMutablePointer<CodePage>.allocate(capacity: 1)
      page.initialize(to: CodePage(base: base))
      pages[Int(frame.raw)] = page
      return page
    }
    if page.pointee.base != base || !memory.isTranslated(frame) {
      // Raises the epoch if harts may still remember blocks of the old page.
      memory.dropTranslation(of: frame)
      chunkCount -= page.pointee.chunkCount
      page.pointee.free()
      page.pointee = CodePage(base: base)
    }
    return page
  }

  private func grow(to count: Int) {
    let larger = UnsafeMutableBufferPointer<UnsafeMutablePointer<CodePage>?>.allocate(
      capacity: count)
    larger.initialize(repeating: nil)
    for index in pages.indices { larger[index] = pages[index] }
    pages.deallocate()
    pages = larger
  }
}

/// The translated code of one page.
private struct CodePage {
  /// The virtual page that it was translated for.
  let base: UInt64
  /// The block that begins at each halfword; nothing until the first is there.
  private var blocks: UnsafeMutablePointer<OpPointer?>?
  private var chunks: [OpPointer] = []
  /// Operations used in the last chunk.
  private var used = CodePage.chunkCapacity

  static let chunkCapacity = 512

  init(base: UInt64) { self.base = base }

  func block(at offset: Int) -> OpPointer? {
    // In bounds: an offset is below 4096 and even.
    blocks.flatMap { $0[offset >> 1] }
  }

  var chunkCount: Int { chunks.count }
  var room: Int { CodePage.chunkCapacity - used }
  /// Where the next block goes; only when there is room.
  var next: OpPointer { chunks[chunks.count - 1] + used }

  mutating func addChunk() {
    chunks.append(.allocate(capacity: CodePage.chunkCapacity))
    used = 0
  }

  /// Keeps what was translated at `next`, and returns its first operation.
  mutating func accept(_ translator: Translator, at offset: Int) -> OpPointer {
    let first = next + 1
    used += translator.count
    let blocks = blocks ?? newBlocks()
    blocks[offset >> 1] = first
    return first
  }

  private mutating func newBlocks() -> UnsafeMutablePointer<OpPointer?> {
    let new = UnsafeMutablePointer<OpPointer?>.allocate(capacity: pageSize / 2)
    new.initialize(repeating: nil, count: pageSize / 2)
    blocks = new
    return new
  }

  mutating func free() {
    for chunk in chunks { chunk.deallocate() }
    chunks = []
    used = CodePage.chunkCapacity
    blocks?.deallocate()
    blocks = nil
  }
}
