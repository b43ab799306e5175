// A database as its pages, for those who want to put them together wrongly. What is known here of
// SQLite's file format is the header of a page and the cells of an inner one (1.6 of its description).

import Foundation

/// The bytes of a database, page by page; pages count from 1.
public struct DatabasePages {
  public static let size = 4096
  /// The first byte of an inner page of a table, and of a leaf.
  public static let inner: UInt8 = 5
  public static let leaf: UInt8 = 13

  public var bytes: [UInt8]

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  public init(path: String) throws {
    bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  public func write(to path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  public var count: Int { bytes.count / DatabasePages.size }

  /// Where a page begins.
  public func start(of page: Int) -> Int { (page - 1) * DatabasePages.size }

  /// Where its header is: the first page has the file's before it.
  public func header(of page: Int) -> Int { start(of: page) + (page == 1 ? 100 : 0) }

  public func kind(of page: Int) -> UInt8 { bytes[header(of: page)] }

  public func number(at place: Int, size: Int) -> Int {
    bytes[place..<place + size].reduce(0) { $0 << 8 | Int($1) }
  }

  public mutating func put(_ number: Int, at place: Int, size: Int) {
    for index in 0..<size where place + index < bytes.count {
      bytes[place + index] = UInt8(truncatingIfNeeded: number >> (8 * (size - 1 - index)))
    }
  }

  /// The places of the numbers of a page's children; none of a leaf.
  public func childPlaces(of page: Int) -> [Int] {
    let header = header(of: page)
    guard kind(of: page) == DatabasePages.inner else { return [] }
    let cells = (0..<number(at: header + 3, size: 2)).map { cell in
      start(of: page) + number(at: header + 12 + 2 * cell, size: 2)
    }
    return cells.filter { $0 + 4 <= bytes.count } + [header + 8]
  }

  /// The first leaf below a page.
  public func firstLeaf(below page: Int) -> Int {
    var page = page
    while let place = childPlaces(of: page).first { page = number(at: place, size: 4) }
    return page
  }

  /// Puts a page behind the others.
  ///
  /// - Returns: its number.
  public mutating func append(_ page: [UInt8]) -> Int {
    bytes += page
    // The header says how many pages there are, and is believed if it was written last.
    put(count, at: 28, size: 4)
    put(number(at: 24, size: 4), at: 92, size: 4)
    return count
  }

  /// Makes a page an inner one, all of whose children are the same page.
  public mutating func makeInner(_ page: Int, width: Int, child: Int) {
    let header = header(of: page)
    let end = start(of: page) + DatabasePages.size
    for place in header..<end { bytes[place] = 0 }
    bytes[header] = DatabasePages.inner
    put(width, at: header + 3, size: 2)
    put(child, at: header + 8, size: 4)
    var content = end
    for cell in 0..<width {
      content -= 6
      put(child, at: content, size: 4)
      // The key, as a variable-length number of two bytes.
      let key = cell + 128
      bytes[content + 4] = UInt8(0x80 | key >> 7)
      bytes[content + 5] = UInt8(key & 0x7f)
      put(content - start(of: page), at: header + 12 + 2 * cell, size: 2)
    }
    put(content - start(of: page), at: header + 5, size: 2)
  }

  /// Makes a table's tree so high, each of its pages leading to the next so many times over: reading
  /// it takes `width` to the power of `height` leaves.
  public mutating func leadInCircles(_ root: Int, height: Int = 15, width: Int = 300) {
    let leaf = start(of: firstLeaf(below: root))
    var below = append(Array(bytes[leaf..<leaf + DatabasePages.size]))
    for _ in 1..<height {
      let page = append([UInt8](repeating: 0, count: DatabasePages.size))
      makeInner(page, width: width, child: below)
      below = page
    }
    makeInner(root, width: width, child: below)
  }

  /// The first page of a table's tree.
  public static func root(of table: String, in path: String) throws -> Int {
    let sql = "SELECT CAST(rootpage AS TEXT) FROM sqlite_schema WHERE name = '\(table)'"
    guard let root = try TraceSurgery.strings(sql, on: path).first.flatMap({ Int($0) }) else {
      throw CocoaError(.coderValueNotFound)
    }
    return root
  }
}
