// The tree of pages that holds the events, gone through as SQLite's file format (1.6) has it: whether
// looking an event up leads to the row that going through all of them shows. SQLite's own check does
// this too, but then takes every row apart, which the reader does anyway, and costs thirty times as
// much. Nothing is believed: each page is read once at the most, whatever they say.

/// A walk through a table's pages.
package struct EventTree {
  /// What was found.
  package struct Disagreement: Error, CustomStringConvertible {
    package var description: String
  }

  /// Levels of a tree: SQLite follows no more.
  private static let levelsAtMost = 20
  private static let inner: UInt8 = 5
  private static let leaf: UInt8 = 13

  private let pageSize: Int
  /// Bytes of a page that are not reserved for others.
  private let usableSize: Int
  private var window: RunOfPages
  /// By number; pages are numbered from 1.
  private var isSeen: [Bool]
  /// A page for each level.
  private var pages: [[UInt8]] = []
  /// On which level the leaves are.
  private var leafLevel: Int?

  /// - Parameters:
  ///   - header: the first 100 bytes of the file.
  ///   - size: of the file.
  ///   - read: fills the bytes from an offset on, or says that it cannot.
  package init(
    header: [UInt8], size: Int, read: @escaping (_ offset: Int, _ bytes: inout [UInt8]) -> Bool
  ) throws(Disagreement) {
    let said = header.count < 100 ? 0 : Int(header[16]) << 8 | Int(header[17])
    pageSize = said == 1 ? 65_536 : said
    guard pageSize >= 512, pageSize & (pageSize - 1) == 0, pageSize - Int(header[20]) >= 480 else {
      throw Disagreement(description: "pages of \(pageSize) bytes")
    }
    usableSize = pageSize - Int(header[20])
    let count = size / pageSize
    window = RunOfPages(pageSize: pageSize, pageCount: count, read: read)
    isSeen = Array(repeating: false, count: count + 1)
  }

  /// Goes through the tree whose first page has this number.
  package mutating func check(from root: Int) throws(Disagreement) {
    // The first page begins with the file's header, and is the schema's.
    try require(root > 1, "the table begins on page \(root)")
    try walk(root, after: nil, upTo: nil, level: 0)
  }

  /// Checks a page and what is below it: all keys there are above `low`, and not above `high`.
  private mutating func walk(
    _ number: Int, after low: Int64?, upTo high: Int64?, level: Int
  ) throws(Disagreement) {
    try require(number > 1 && number < isSeen.count, "a way to page \(number), which is not there")
    try require(!isSeen[number], "two ways to page \(number)")
    try require(level < EventTree.levelsAtMost, "page \(number) on level \(level)")
    isSeen[number] = true
    if level == pages.count { pages.append(Array(repeating: 0, count: pageSize)) }
    try require(window.read(number, into: &pages[level]), "page \(number) cannot be read")
    // Kept as long as this page is looked at, and filled anew only after that.
    let page = pages[level]

    let kind = page[0]
    try require(
      kind == EventTree.inner || kind == EventTree.leaf, "page \(number) of kind \(kind)")
    let isLeaf = kind == EventTree.leaf
    let cellCount = page.integer(at: 3, bytes: 2)
    let places = isLeaf ? 8 : 12
    try require(
      places + 2 * cellCount <= usableSize, "\(cellCount) cells on page \(number)")
    if isLeaf {
      try require(leafLevel == nil || leafLevel == level, "rows on page \(number), level \(level)")
      leafLevel = level
    }
    if isLeaf { return try checkRows(page, number, count: cellCount, after: low, upTo: high) }
    var last = low
    for index in 0..<cellCount {
      let cell = try page.withUnsafeBufferPointer { (page) throws(Disagreement) in
        try self.cell(index, of: cellCount, from: places, on: page, number)
      }
      var place = cell + 4
      guard let key = page.withUnsafeBufferPointer({ $0.varint(at: &place, before: usableSize) })
      else { throw EventTree.goesPast(number) }
      try EventTree.requireOrder(key, after: last, upTo: high, number)
      try walk(page.integer(at: cell, bytes: 4), after: last, upTo: key, level: level + 1)
      last = key
    }
    try walk(page.integer(at: 8, bytes: 4), after: last, upTo: high, level: level + 1)
  }

  /// Checks the rows of a leaf.
  private func checkRows(
    _ page: [UInt8], _ number: Int, count: Int, after low: Int64?, upTo high: Int64?
  ) throws(Disagreement) {
    try page.withUnsafeBufferPointer { (page) throws(Disagreement) in
      var last = low
      for index in 0..<count {
        // A row begins with how long it is.
        var place = try cell(index, of: count, from: 8, on: page, number)
        guard page.varint(at: &place, before: usableSize) != nil,
          let key = page.varint(at: &place, before: usableSize)
        else { throw EventTree.goesPast(number) }
        try EventTree.requireOrder(key, after: last, upTo: high, number)
        last = key
      }
    }
  }

  /// Where a cell is. It has more bytes than four; what is not so long lies within the page all the same.
  @inline(__always)
  private func cell(
    _ index: Int, of count: Int, from places: Int, on page: UnsafeBufferPointer<UInt8>,
    _ number: Int
  ) throws(Disagreement) -> Int {
    // In bounds: the places of all cells lie within the page.
    let cell = Int(page[places + 2 * index]) << 8 | Int(page[places + 2 * index + 1])
    guard cell >= places + 2 * count && cell + 4 <= usableSize else {
      throw Disagreement(description: "cell \(index) of page \(number) at \(cell)")
    }
    return cell
  }

  @inline(__always)
  private static func requireOrder(
    _ key: Int64, after low: Int64?, upTo high: Int64?, _ number: Int
  ) throws(Disagreement) {
    if let low, key <= low {
      throw Disagreement(description: "key \(key) on page \(number) after \(low)")
    }
    if let high, key > high {
      throw Disagreement(description: "key \(key) on page \(number), which is to end at \(high)")
    }
  }

  private static func goesPast(_ number: Int) -> Disagreement {
    Disagreement(description: "a cell that goes past page \(number)")
  }

  private func require(_ holds: Bool, _ found: @autoclosure () -> String) throws(Disagreement) {
    if !holds { throw Disagreement(description: found()) }
  }
}

/// Pages that follow each other, as those of a tree mostly do which has grown at its end, are read
/// several at a time.
private struct RunOfPages {
  private static let pagesAtMost = 16

  private let pageSize: Int
  private let pageCount: Int
  private let read: (_ offset: Int, _ bytes: inout [UInt8]) -> Bool
  private var bytes: [UInt8] = []
  /// The number of the first page in `bytes`.
  private var first = 0

  init(
    pageSize: Int, pageCount: Int, read: @escaping (_ offset: Int, _ bytes: inout [UInt8]) -> Bool
  ) {
    self.pageSize = pageSize
    self.pageCount = pageCount
    self.read = read
  }

  /// Fills a page; whether that went well.
  mutating func read(_ number: Int, into page: inout [UInt8]) -> Bool {
    if number < first || number >= first + bytes.count / pageSize {
      // One that comes right behind is the third or a later one of several.
      let follows = number == first + bytes.count / pageSize
      let count = follows ? min(RunOfPages.pagesAtMost, pageCount - number + 1) : 1
      if bytes.count != count * pageSize { bytes = Array(repeating: 0, count: count * pageSize) }
      first = number
      guard read((number - 1) * pageSize, &bytes) else {
        bytes = []
        return false
      }
    }
    let start = (number - first) * pageSize
    page.withUnsafeMutableBytes { page in
      bytes.withUnsafeBytes {
        page.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + pageSize]))
      }
    }
    return true
  }
}

extension [UInt8] {
  /// A big-endian number.
  fileprivate func integer(at place: Int, bytes: Int) -> Int {
    var value = 0
    for index in 0..<bytes { value = value << 8 | Int(self[place + index]) }
    return value
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// SQLite's number of one to nine bytes, all of them before `end`; `place` is behind it then.
  fileprivate func varint(at place: inout Int, before end: Int) -> Int64? {
    // In bounds: `end` is at most the page's.
    var value: UInt64 = 0
    for index in 0..<9 {
      guard place < end else { return nil }
      let byte = self[place]
      place += 1
      if index == 8 { return Int64(bitPattern: value << 8 | UInt64(byte)) }
      value = value << 7 | UInt64(byte & 0x7f)
      if byte < 0x80 { break }
    }
    return Int64(bitPattern: value)
  }
}
