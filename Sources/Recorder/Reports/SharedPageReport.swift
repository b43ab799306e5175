// Which pages were shared, by how many, and for how long.

import Sim

/// The shared pages' report.
public struct SharedPageReport: Report, Sendable {
  private struct Key: Hashable {
    var cid: Int32
    var name: Int64
  }

  private struct Page: Sendable {
    var name: Int64
    var cid: Int32
    var creator: Int32
    var frame: Int64
    var from: Int64
    var until: Int64?
    var mappersMost: Int64 = 0
    var maps: Int64 = 0
    var inherited: Int64 = 0
    var unmaps: Int64 = 0
  }

  private var pages: [Page] = []
  private var current: [Key: Int] = [:]
  private var exhausted: [Key: Int64] = [:]

  public init() {}

  public mutating func receive(_ event: Event, _ sequence: Int64) {
    switch event.kind {
    case .shmCreate, .shmMap, .shmInherit, .shmUnmap, .shmFree: receivePage(event)
    case .shmExhausted:
      let name = event[word: SharedPagesExhaustedEvent.name]
      exhausted[Key(cid: event.container.raw, name: name), default: 0] += 1
    default: break
    }
  }

  private mutating func receivePage(_ event: Event) {
    let key = Key(cid: event.container.raw, name: event[word: SharedPageEvent.name])
    let time = Int64(bitPattern: event.time.instructions)
    if event.kind == .shmCreate {
      pages.append(
        Page(
          name: key.name, cid: key.cid, creator: event.process.raw,
          frame: event[SharedPageEvent.frame], from: time))
      current[key] = pages.count - 1
      return
    }
    guard let index = current[key] else { return }
    pages[index].mappersMost = max(pages[index].mappersMost, event[SharedPageEvent.mappers])
    switch event.kind {
    case .shmMap: pages[index].maps += 1
    case .shmInherit: pages[index].inherited += 1
    case .shmUnmap: pages[index].unmaps += 1
    case .shmFree:
      pages[index].until = time
      current[key] = nil
    default: break
    }
  }

  public mutating func finish(_ session: SessionFacts) -> [ReportTable] {
    let rows: [[QueryResult.Value]] = pages.map { page in
      [
        .text(session.text(page.name)), .integer(Int64(page.cid)),
        .text(session.who(page.creator)), .integer(page.frame), .integer(page.from),
        .optional(page.until), .integer((page.until ?? session.end) &- page.from),
        .integer(page.maps), .integer(page.inherited), .integer(page.unmaps),
        .integer(page.mappersMost),
      ]
    }
    let refused: [[QueryResult.Value]] = exhausted.sorted {
      ($0.key.cid, $0.key.name) < ($1.key.cid, $1.key.name)
    }.map { key, count in
      [.text(session.text(key.name)), .integer(Int64(key.cid)), .integer(count)]
    }
    return [
      ReportTable(
        "pages", "Shared pages in the order they were made",
        [
          "name", "cid", "made_by", "frame", "from", "to", "lifetime", "maps", "inherited",
          "unmaps", "mappers_most",
        ], rows),
      ReportTable(
        "exhausted", "Pages that could not be had", ["name", "cid", "times"], refused),
    ]
  }
}
