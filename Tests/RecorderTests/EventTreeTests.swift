import Foundation
import Recorder
import Sim
import TestSupport
import Testing

/// A tree of pages that leads whoever looks an event up to another place than whoever reads them all
/// is told; SQLite itself is asked which trees those are.
struct EventTreeTests {
  let folder: TemporaryFolder
  let whole: DatabasePages
  let root: Int
  var path: String { folder.file("t.db") }

  init() throws {
    folder = try TemporaryFolder()
    let path = folder.file("whole.db")
    try SyntheticSession(events: 10_000).write(to: path)
    whole = try DatabasePages(path: path)
    let number = try TraceSurgery.strings(
      "SELECT rootpage FROM sqlite_schema WHERE name = 'event'", on: path)
    root = try #require(number.first.flatMap { Int($0) })
  }

  /// What is wrong with a file's tree of events.
  private func problem(_ pages: DatabasePages) -> String? {
    do {
      let bytes = pages.bytes
      var tree = try EventTree(header: Array(bytes.prefix(100)), size: bytes.count) {
        offset, page in
        guard offset + page.count <= bytes.count else { return false }
        page.replaceSubrange(page.indices, with: bytes[offset..<offset + page.count])
        return true
      }
      try tree.check(from: root)
      return nil
    } catch {
      return "\(error)"
    }
  }

  private func changed(_ change: (inout DatabasePages) -> Void) -> DatabasePages {
    var pages = whole
    change(&pages)
    return pages
  }

  @Test func aTreeAsItWasWrittenIsInOrder() {
    #expect(whole.kind(of: root) == DatabasePages.inner)
    #expect(problem(whole) == nil)
  }

  @Test func pagesThatLeadElsewhereAreTold() {
    let places = whole.childPlaces(of: root)
    let children = places.map { whole.number(at: $0, size: 4) }
    func leading(to page: Int) -> DatabasePages {
      changed { $0.put(page, at: places[2], size: 4) }
    }
    #expect(problem(leading(to: root))?.contains("two ways to page \(root)") == true)
    #expect(problem(leading(to: children[1]))?.contains("two ways") == true)
    #expect(problem(leading(to: 0))?.contains("page 0, which is not there") == true)
    #expect(problem(leading(to: 0xffff_ffff))?.contains("which is not there") == true)
    #expect(problem(leading(to: 1))?.contains("which is not there") == true)
    let swapped = changed {
      $0.put(children[1], at: places[2], size: 4)
      $0.put(children[2], at: places[1], size: 4)
    }
    #expect(problem(swapped)?.contains("which is to end at") == true)
  }

  @Test func cellsThatLieOutsideTheirPageAreTold() {
    let leaf = whole.firstLeaf(below: root)
    let header = whole.header(of: leaf)
    for (place, value) in [(3, 0xffff), (8, 0), (8, 0xffff), (8, 4095)] {
      let pages = changed { $0.put(value, at: header + place, size: 2) }
      #expect(problem(pages) != nil, "\(value) at \(place)")
    }
    #expect(problem(changed { $0.bytes[header] = 10 })?.contains("of kind 10") == true)
    #expect(problem(changed { $0.put(3, at: 16, size: 2) })?.contains("pages of 3 bytes") == true)
  }

  /// Of any change to the heads of pages and to the places and keys of cells that is not told, SQLite
  /// finds each row that it reads when it looks it up.
  @Test func whatIsNotToldMakesNoDifferenceToSQLite() throws {
    var random = TestRandom(seed: 11)
    let inner = [root]
    let leaves = whole.childPlaces(of: root).map { whole.number(at: $0, size: 4) }
    var accepted = 0
    var told = 0
    for _ in 0..<400 {
      let page =
        Int.random(in: 0..<3, using: &random) == 0
        ? inner[0] : leaves.randomElement(using: &random) ?? root
      let header = whole.header(of: page)
      let cells = whole.number(at: header + 3, size: 2)
      let places = header + (page == root ? 12 : 8)
      let pages = changed { pages in
        let cell = Int.random(in: 0..<max(cells, 1), using: &random)
        let start = whole.start(of: page) + whole.number(at: places + 2 * cell, size: 2)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: pages.put(cells - Int.random(in: 0..<3, using: &random), at: header + 3, size: 2)
        case 1:
          let other = Int.random(in: 0..<max(cells, 1), using: &random)
          pages.put(
            whole.number(at: places + 2 * other, size: 2), at: places + 2 * cell, size: 2)
        case 2: pages.bytes[start + Int.random(in: 0..<7, using: &random)] ^= 1
        default:
          pages.bytes[start + Int.random(in: 0..<7, using: &random)] =
            UInt8.random(in: 0...255, using: &random)
        }
      }
      guard problem(pages) == nil else {
        told += 1
        continue
      }
      accepted += 1
      try pages.write(to: path)
      // What SQLite does not read at all, no answer depends on.
      let hidden = try? TraceSurgery.strings(
        """
        SELECT count(*) FROM event a
        WHERE NOT EXISTS (SELECT 1 FROM event b WHERE b.seq = a.seq AND b.time IS a.time)
        """, on: path)
      #expect(hidden == nil || hidden == ["0"])
    }
    #expect(accepted > 20 && told > 100, "\(accepted) accepted, \(told) told")
  }
}
