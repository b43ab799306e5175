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
    guard event.kind.family == .shm else { return }
    let key = Key(cid: event.container.raw, name: event.a0)
    let time = Int64(bitPattern: event.time.instructions)
    switch event.kind {
    case .shmAccess: return  // Of an address, not of a page by its name.
    case .shmExhausted: exhausted[key, default: 0] += 1
    case .shmCreate:
      pages.append(
        Page(
          name: event.a0, cid: key.cid, creator: event.process.raw, frame: event.a1, from: time))
      current[key] = pages.count - 1
    default:
      guard let index = current[key] else { return }
      pages[index].mappersMost = max(pages[index].mappersMost, event.a3)
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
