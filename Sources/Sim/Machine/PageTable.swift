// A page table: pages by number, each with a frame and permissions, or to come when it is first
// touched. Only what has been mapped takes room, so that a gigabyte that nobody touched is a number.
// It is data of an address space. What a hart remembers of it (its TLBs) is dropped when it changes.

/// A page's place in virtual memory: its address divided by 4096.
public typealias PageNumber = Int

/// The page size, in bytes.
public let pageSize = 4096

/// One page's mapping.
public struct PageEntry: Equatable, Sendable {
  public struct Permissions: OptionSet, Sendable {
    public var rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let read = Permissions(rawValue: 1)
    public static let write = Permissions(rawValue: 2)
    public static let execute = Permissions(rawValue: 4)
    /// Writable as far as the process knows; the first store copies the frame if it is shared.
    /// Excludes `write`.
    public static let copyOnWrite = Permissions(rawValue: 8)
    /// A page shared by name: fork passes the same frame on, for both to write.
    public static let shared = Permissions(rawValue: 16)
    /// No frame so far: the first load or store brings a page of zeros.
    fileprivate static let untouched = Permissions(rawValue: 32)
  }

  public var frame: PageFrame
  public var permissions: Permissions
  /// False for the guard page, for a page whose shared mapping was removed, and for one that nobody
  /// has touched yet.
  public var present: Bool

  public init(frame: PageFrame, permissions: Permissions) {
    self.frame = frame
    self.permissions = permissions
    self.present = true
  }

  /// Whether it is a page that the process alone writes, at once or after copying it.
  package var isOwn: Bool {
    present && !permissions.contains(.shared)
      && (permissions.contains(.write) || permissions.contains(.copyOnWrite))
  }

  /// Whether it is not there yet and comes when it is touched.
  package var isUntouched: Bool { permissions == .untouched }

  /// Whether nothing is there and nothing will come.
  package var isHole: Bool { !present && !isUntouched }

  private init(absentWith permissions: Permissions) {
    frame = PageFrame(raw: 0)
    self.permissions = permissions
    present = false
  }

  /// No frame: every access faults.
  public static let absent = PageEntry(absentWith: [])
  /// No frame yet.
  package static let untouched = PageEntry(absentWith: .untouched)
}

/// Pages by number. Addresses at or above `count * 4096` are not mapped.
public struct PageTable: Sendable {
  /// Pages that follow each other are kept in pieces of this many, a power of two.
  private static let pieceLength = 1 << pieceBits
  private static let pieceBits = 5

  /// Where a piece begins, and where its entries are kept.
  private struct Piece: Sendable {
    var number: Int
    var start: Int
  }

  /// In order of their numbers. Of a process without gaps the piece of a number stands at that place.
  private var pieces: [Piece] = []
  /// The entries of all pieces, each piece's together.
  private var entries: [PageEntry] = []
  /// The numbers of the pieces in the order in which their entries are kept.
  private var owners: [Int] = []
  /// One more than the highest page's number. What has no piece below it is untouched.
  public private(set) var count = 0
  /// Pages that have a frame.
  package private(set) var mappedCount = 0
  /// Pages below `count` that are not there and never come.
  package private(set) var holeCount = 0
  /// Changes after which a remembered translation may be wrong: of a page that was there,
  /// or of many.
  private(set) var changes: UInt64 = 0

  public init() {}

  /// A table of these pages, from 0 up.
  public init(_ entries: [PageEntry]) {
    for entry in entries { append(entry) }
  }

  /// The entry that maps `address`, if a page is there.
  @inline(__always)
  public func entry(at address: UInt64) -> PageEntry? {
    let page = address >> 12
    guard page < UInt64(count) else { return nil }
    guard let place = place(of: Int(truncatingIfNeeded: page)) else { return nil }
    let entry = entries[place]
    return entry.present ? entry : nil
  }

  /// A page below `count`.
  public subscript(_ page: PageNumber) -> PageEntry {
    get {
      precondition(page >= 0 && page < count, "page \(page) of \(count)")
      return place(of: page).map { entries[$0] } ?? .untouched
    }
    set {
      precondition(page >= 0 && page < count, "page \(page) of \(count)")
      let place = makePlace(of: page)
      if entries[place].present { changes &+= 1 }
      account(for: entries[place], by: -1)
      account(for: newValue, by: 1)
      entries[place] = newValue
    }
  }

  /// Adds a page behind the last.
  public mutating func append(_ entry: PageEntry) {
    count += 1
    self[count - 1] = entry
  }

  /// Adds pages that come when they are touched, up to `count` in all.
  package mutating func extend(to count: Int) {
    precondition(count >= self.count, "a table does not shrink by growing")
    self.count = count
  }

  /// Takes the last of the pages from `first` on that has a frame out of the table, if there is one.
  package mutating func removeLastMapped(from first: PageNumber) -> PageEntry? {
    while let last = pieces.last {
      let base = last.number * PageTable.pieceLength
      for within in (0..<PageTable.pieceLength).reversed() {
        guard base + within >= first else { return nil }
        let entry = entries[last.start + within]
        guard entry.present else { continue }
        self[base + within] = .untouched
        return entry
      }
      removeLastPiece()
    }
    return nil
  }

  /// Shortens the table to `count` pages; those behind have no frames any more.
  package mutating func shorten(to count: Int) {
    while let last = pieces.last, last.number * PageTable.pieceLength >= count { removeLastPiece() }
    if let last = pieces.last {
      let base = last.number * PageTable.pieceLength
      for page in max(count, base)..<max(count, base + PageTable.pieceLength)
      where page < self.count {
        self[page] = .untouched
      }
    }
    self.count = min(self.count, count)
  }

  private mutating func account(for entry: PageEntry, by change: Int) {
    if entry.present { mappedCount += change }
    if entry.isHole { holeCount += change }
  }

  // MARK: Pieces

  /// Where the entry of a page is kept; nil if its piece has none.
  @inline(__always)
  private func place(of page: PageNumber) -> Int? {
    let number = page >> PageTable.pieceBits
    if number < pieces.count, pieces[number].number == number {
      return pieces[number].start + (page & (PageTable.pieceLength - 1))
    }
    return sparsePlace(of: page)
  }

  private func sparsePlace(of page: PageNumber) -> Int? {
    let index = firstPiece(from: page / PageTable.pieceLength)
    guard index < pieces.count, pieces[index].number == page / PageTable.pieceLength else {
      return nil
    }
    return pieces[index].start + page % PageTable.pieceLength
  }

  /// The place among `pieces` of the first whose number is at least this.
  private func firstPiece(from number: Int) -> Int {
    var (low, high) = (0, pieces.count)
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func makePlace(of page: PageNumber) -> Int {
    if let place = place(of: page) { return place }
    let number = page / PageTable.pieceLength
    let start = entries.count
    entries.append(contentsOf: repeatElement(.untouched, count: PageTable.pieceLength))
    owners.append(number)
    pieces.insert(Piece(number: number, start: start), at: firstPiece(from: number))
    return start + page % PageTable.pieceLength
  }

  /// Drops the last piece; what was kept at the end moves to its place.
  private mutating func removeLastPiece() {
    changes &+= 1
    let start = pieces.removeLast().start
    for within in 0..<PageTable.pieceLength { account(for: entries[start + within], by: -1) }
    let end = entries.count - PageTable.pieceLength
    if start != end {
      for within in 0..<PageTable.pieceLength { entries[start + within] = entries[end + within] }
      let owner = owners[owners.count - 1]
      owners[start / PageTable.pieceLength] = owner
      pieces[firstPiece(from: owner)].start = start
    }
    entries.removeLast(PageTable.pieceLength)
    owners.removeLast()
  }

  // MARK: All pages

  /// Visits every page that has a frame, in order.
  @inline(__always)
  package func forEachMapped(_ body: (PageNumber, PageEntry) -> Void) {
    forEachMapped(in: 0..<count, body)
  }

  /// Visits those of a range.
  @inline(__always)
  package func forEachMapped(in range: Range<PageNumber>, _ body: (PageNumber, PageEntry) -> Void) {
    if range.isEmpty { return }
    var index = firstPiece(from: range.lowerBound / PageTable.pieceLength)
    while index < pieces.count {
      let base = pieces[index].number * PageTable.pieceLength
      guard base < range.upperBound else { return }
      let start = pieces[index].start - base
      let end = min(range.upperBound, base + PageTable.pieceLength)
      for page in max(range.lowerBound, base)..<end {
        let entry = entries[start + page]
        if entry.present { body(page, entry) }
      }
      index += 1
    }
  }

  /// Visits every page that may be written at once, in order: after a fork these are few of many, and
  /// only they are worth a call of a closure from another module.
  package func forEachWritable(_ body: (PageNumber, PageEntry) -> Void) {
    forEachMapped { page, entry in
      if entry.permissions.contains(.write) { body(page, entry) }
    }
  }

  /// Changes every page that has a frame, in no order of pages; each goes on having one.
  @inline(__always)
  mutating func changeMapped(_ change: (inout PageEntry) -> Void) {
    changes &+= 1
    entries.withUnsafeMutableBufferPointer { entries in
      for place in entries.indices where entries[place].present {
        change(&entries[place])
        precondition(entries[place].present, "no page goes here")
      }
    }
  }
}

extension PageTable: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(count)
    digest.combine(mappedCount)
    digest.combine(holeCount)
    var sum: UInt64 = 0
    forEachMapped { page, entry in
      let mapping = UInt64(entry.frame.raw) << 8 | UInt64(entry.permissions.rawValue)
      sum &+= (mapping | 1 << 48) &* (UInt64(truncatingIfNeeded: page) &* 0x9e37_79b9_7f4a_7c15 | 1)
    }
    digest.combine(sum)
  }
}
