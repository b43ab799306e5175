// What is done to the pages of a database, and to a log beside it (the SQLite file format, 1.3 to 1.6
// and 4).

import Foundation
import TestSupport

extension PageTarget {
  /// Fields of the database's header that say where something is, or how much of it.
  private static let headerFields = [
    (16, 2), (18, 1), (19, 1), (20, 1), (24, 4), (28, 4), (32, 4), (36, 4), (40, 4), (44, 4),
    (52, 4), (56, 4), (64, 4), (92, 4),
  ]

  /// A page that somebody may be led to, or none.
  private static func target(_ pages: DatabasePages, _ roots: [Int], _ mutator: inout Mutator)
    -> Int
  {
    switch mutator.below(8) {
    case 0: mutator.pick([0, 1, pages.count, pages.count + 1, 0x7fff_ffff, 0xffff_ffff])
    case 1, 2: mutator.pick(roots)
    default: 1 + mutator.below(pages.count)
    }
  }

  /// Changes one thing.
  static func change(_ pages: inout DatabasePages, _ roots: [Int], _ mutator: inout Mutator) {
    let page = mutator.oneIn(3) ? mutator.pick(roots) : 1 + mutator.below(pages.count)
    guard page <= pages.count else { return }
    let header = pages.header(of: page)
    switch mutator.below(14) {
    case 0, 1:
      pages.leadInCircles(
        page, height: 1 + mutator.below(20), width: 1 + mutator.below(mutator.oneIn(2) ? 480 : 4))
    case 2, 3:
      // A child that is somebody else's, or an ancestor.
      let inner = (1...pages.count).filter { pages.kind(of: $0) == DatabasePages.inner }
      guard !inner.isEmpty else { return }
      let parent = mutator.pick(inner)
      let places = pages.childPlaces(of: parent)
      let child = mutator.oneIn(3) ? parent : target(pages, roots, &mutator)
      for place in mutator.oneIn(3) ? places : [mutator.pick(places)] {
        pages.put(child, at: place, size: 4)
      }
    case 4: swap(&pages, page, 1 + mutator.below(pages.count))
    case 5: copy(&pages, page, to: 1 + mutator.below(pages.count))
    case 6: changeCells(&pages, header, &mutator)
    case 7:
      let count = pages.number(at: header + 3, size: 2)
      let other = mutator.oneIn(2) ? count + mutator.below(5) - 2 : Int(mutator.number() & 0xffff)
      pages.put(other, at: header + 3, size: 2)
    case 8: pages.bytes[header] = UInt8(mutator.pick([2, 5, 10, 13, 0, 255]))
    case 9: lengthen(&pages, page, target(pages, roots, &mutator), &mutator)
    case 10: pages.put(target(pages, roots, &mutator), at: pages.start(of: page), size: 4)
    case 11:
      // The list of free pages.
      pages.put(target(pages, roots, &mutator), at: 32, size: 4)
      pages.put(mutator.below(pages.count + 2), at: 36, size: 4)
    case 12:
      let field = mutator.pick(headerFields)
      pages.put(Int(truncatingIfNeeded: mutator.number()), at: field.0, size: field.1)
    default: pages.bytes[mutator.below(pages.bytes.count)] ^= UInt8(1 << mutator.below(8))
    }
  }

  private static func swap(_ pages: inout DatabasePages, _ first: Int, _ second: Int) {
    let size = DatabasePages.size
    let (one, other) = (pages.start(of: first), pages.start(of: second))
    let kept = Array(pages.bytes[one..<one + size])
    pages.bytes.replaceSubrange(one..<one + size, with: pages.bytes[other..<other + size])
    pages.bytes.replaceSubrange(other..<other + size, with: kept)
  }

  private static func copy(_ pages: inout DatabasePages, _ page: Int, to other: Int) {
    let (from, to) = (pages.start(of: page), pages.start(of: other))
    pages.bytes.replaceSubrange(
      to..<to + DatabasePages.size, with: pages.bytes[from..<from + DatabasePages.size])
  }

  /// Changes where a page's cells are said to be.
  private static func changeCells(
    _ pages: inout DatabasePages, _ header: Int, _ mutator: inout Mutator
  ) {
    let first = header + (pages.bytes[header] == DatabasePages.inner ? 12 : 8)
    let count = min(pages.number(at: header + 3, size: 2), 1000)
    let places = (0..<count).map { first + 2 * $0 }.filter { $0 + 2 <= pages.bytes.count }
    guard !places.isEmpty else { return }
    let cells = places.map { pages.number(at: $0, size: 2) }
    switch mutator.below(3) {
    case 0:
      let one = mutator.pick(cells)
      for place in places { pages.put(one, at: place, size: 2) }
    case 1:
      for (place, cell) in zip(places, cells.reversed()) { pages.put(cell, at: place, size: 2) }
    default:
      pages.put(mutator.below(DatabasePages.size + 8), at: mutator.pick(places), size: 2)
    }
  }

  /// Makes a value so long that it goes on in other pages, from one that is no such page on.
  private static func lengthen(
    _ pages: inout DatabasePages, _ page: Int, _ next: Int, _ mutator: inout Mutator
  ) {
    guard pages.kind(of: page) == DatabasePages.leaf else { return }
    let header = pages.header(of: page)
    let count = pages.number(at: header + 3, size: 2)
    guard (1...1000).contains(count) else { return }
    let place = header + 8 + 2 * mutator.below(count)
    guard place + 2 <= pages.bytes.count else { return }
    let cell = pages.start(of: page) + pages.number(at: place, size: 2)
    // A length of four bytes; what follows is taken for the key and the row.
    let length = mutator.pick([5000, 1 << 16, 1 << 20, 1 << 27])
    for (index, shift) in [21, 14, 7, 0].enumerated() where cell + index < pages.bytes.count {
      let digit = UInt8(length >> shift & 0x7f)
      pages.bytes[cell + index] = index < 3 ? digit | 0x80 : digit
    }
    for offset in [500, 1000, 4000] where cell + offset + 4 <= pages.bytes.count {
      pages.put(next, at: cell + offset, size: 4)
    }
  }

  // MARK: Logs

  private static let logHeader = 32
  private static let frameHeader = 24
  private static var frame: Int { frameHeader + DatabasePages.size }

  /// Changes one thing about a log.
  static func change(log: inout [UInt8], _ mutator: inout Mutator) {
    let frames = (log.count - logHeader) / frame
    guard frames > 0 else { return }
    let start = logHeader + frame * mutator.below(frames)
    var pages = DatabasePages(log)
    defer { log = pages.bytes }
    switch mutator.below(6) {
    case 0: pages.put(1 + mutator.below(60), at: start, size: 4)
    case 1: pages.put(mutator.below(200), at: start + 4, size: 4)
    case 2: pages.put(Int(mutator.number() & 0xffff_ffff), at: mutator.pick([8, 12, 16]), size: 4)
    case 3:
      let other = logHeader + frame * mutator.below(frames) + frameHeader
      let content = pages.bytes[other..<other + DatabasePages.size]
      pages.bytes.replaceSubrange(
        start + frameHeader..<start + frame, with: Array(content))
    case 4:
      let place = start + frameHeader + mutator.pick([0, 1, 3, 5, 8, 10, 12, 100, 103, 108])
      pages.put(Int(mutator.number() & 0xffff), at: place, size: mutator.pick([1, 2, 4]))
    default: pages.bytes[mutator.below(log.count)] ^= UInt8(1 << mutator.below(8))
    }
  }

  /// Makes a log's sums right again, so that it is believed.
  static func sum(log: inout [UInt8]) {
    var pages = DatabasePages(log)
    defer { log = pages.bytes }
    let isBig = pages.number(at: 0, size: 4) & 1 == 1
    var sums: (UInt32, UInt32) = (0, 0)
    func add(_ range: Range<Int>) {
      for place in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
        let words = [place, place + 4].map { place in
          let word = UInt32(truncatingIfNeeded: pages.number(at: place, size: 4))
          return isBig ? word : word.byteSwapped
        }
        sums.0 = sums.0 &+ words[0] &+ sums.1
        sums.1 = sums.1 &+ words[1] &+ sums.0
      }
    }
    func store(at place: Int) {
      pages.put(Int(sums.0), at: place, size: 4)
      pages.put(Int(sums.1), at: place + 4, size: 4)
    }
    add(0..<24)
    store(at: 24)
    var start = logHeader
    while start + frame <= pages.bytes.count {
      add(start..<start + 8)
      add(start + frameHeader..<start + frame)
      store(at: start + 16)
      start += frame
    }
  }
}
