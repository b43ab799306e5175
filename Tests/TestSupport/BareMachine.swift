// A hart with memory and an address space, and no kernel: what tests of the machine hold.

import Sim

/// One hart running in one address space.
public struct BareMachine {
  public var memory: Memory
  public var table = PageTable()
  public let hart: Hart
  public let code = CodeCache()

  /// Where `load` puts programs unless told otherwise.
  public static let codeAddress: UInt64 = 0x1_0000

  public init(frames: Int = 64) {
    memory = Memory(frames: frames)
    hart = Hart(sharing: code)
  }

  /// A machine with a program at `codeAddress` in as many executable pages as it takes.
  public init(_ program: [UInt32], frames: Int = 64) {
    self.init(frames: frames)
    load(program)
  }

  /// Maps a fresh page, or `frame`, at `address`.
  @discardableResult
  public mutating func map(
    _ address: UInt64, _ permissions: PageEntry.Permissions, frame: PageFrame? = nil
  ) -> PageFrame {
    let page = Int(address >> 12)
    while table.count <= page { table.append(.absent) }
    guard let frame = frame ?? memory.allocate() else { fatalError("the test needs more frames") }
    table[page] = PageEntry(frame: frame, permissions: permissions)
    return frame
  }

  /// Writes a program, mapping executable pages where none are, and points the hart at it.
  public mutating func load(_ program: [UInt32], at address: UInt64 = codeAddress) {
    load(
      bytes: program.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
      },
      at: address)
  }

  public mutating func load(bytes: [UInt8], at address: UInt64 = codeAddress) {
    for page in (address >> 12)...((address + UInt64(max(bytes.count, 1)) - 1) >> 12)
    where table.entry(at: page << 12) == nil {
      map(page << 12, [.read, .execute])
    }
    write(bytes, at: address)
    hart.pc = address
  }

  /// Writes as a kernel does: whatever the permissions.
  public mutating func write(_ bytes: [UInt8], at address: UInt64) {
    var done = 0
    while done < bytes.count {
      let place = address + UInt64(done)
      let offset = Int(place & 0xfff)
      let count = min(bytes.count - done, pageSize - offset)
      let page = memory.writableBytes(of: frame(at: place), changing: offset..<offset + count)
      bytes.withUnsafeBytes { source in
        UnsafeMutableRawBufferPointer(start: page + offset, count: count)
          .copyBytes(from: source[done..<done + count])
      }
      done += count
    }
  }

  public func read(_ address: UInt64, count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let place = address + UInt64(bytes.count)
      let offset = Int(place & 0xfff)
      let size = min(count - bytes.count, pageSize - offset)
      bytes += UnsafeRawBufferPointer(
        start: memory.bytes(of: frame(at: place)) + offset, count: size)
    }
    return bytes
  }

  /// The doubleword at an address.
  public func doubleword(at address: UInt64) -> UInt64 {
    read(address, count: 8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func frame(at address: UInt64) -> PageFrame {
    guard let entry = table.entry(at: address) else {
      fatalError("the test maps no page at \(address)")
    }
    return entry.frame
  }

  @discardableResult
  public mutating func run(budget: Int = 10_000) -> (retired: Int, trap: Trap) {
    hart.run(budget: budget, in: &table, &memory)
  }

  /// Runs in slices of the given lengths, over and over, until something but time ends a run.
  public mutating func run(slices: [Int], atMost limit: Int = 1_000_000) -> (
    retired: Int, trap: Trap
  ) {
    var retired = 0
    var turn = 0
    while retired < limit {
      let slice = slices[turn % slices.count]
      let end = run(budget: slice)
      retired += end.retired
      turn += 1
      guard end.trap == .budgetSpent else { return (retired, end.trap) }
      precondition(end.retired == slice, "a slice of \(slice) retired \(end.retired)")
    }
    return (retired, .budgetSpent)
  }
}
