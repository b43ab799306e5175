// Two sessions side by side. Each process is held against the same process of the other session, event
// by event, whatever the schedules were; then the processes' events are put into one list again, in
// the order of the first session.

import Recorder
import Sim

/// The events of two sessions, each with its counterpart if it has one.
public struct EventAlignment: Sendable {
  /// Numbers of events, 0 for none.
  public struct Row: Equatable, Sendable {
    public var first: Int64
    public var second: Int64

    /// Whether both sessions have the event.
    public var isCommon: Bool { first != 0 && second != 0 }
  }

  /// In the order of the first session; what only the second has stands after what its process did
  /// before in both.
  public private(set) var rows: [Row] = []

  /// - Parameter includingSchedule: also who ran when and why, which differs wherever the seed does.
  /// - Throws: `TraceError` if one of the traces cannot be read.
  public init(_ a: TraceReader, _ b: TraceReader, includingSchedule: Bool = false)
    throws(TraceError)
  {
    let first = try Strands(a, includingSchedule: includingSchedule)
    let second = try Strands(b, includingSchedule: includingSchedule)
    let pairs = EventAlignment.pair(first, second)
    merge(first, second, pairs)
  }

  /// For each strand of the first session its events' counterparts, by place.
  private static func pair(_ a: Strands, _ b: Strands) -> [[Int?]] {
    a.all.map { strand in
      var counterparts = [Int?](repeating: nil, count: strand.values.count)
      guard let other = b.place(strand.lineage) else { return counterparts }
      for pair in SequenceMatch(strand.values, b.all[other].values).pairs {
        counterparts[pair.first] = pair.second
      }
      return counterparts
    }
  }

  private mutating func merge(_ a: Strands, _ b: Strands, _ pairs: [[Int?]]) {
    // How far each strand has got: in the first session by its place, in the second by lineage.
    var done = [Int](repeating: 0, count: a.all.count)
    var taken = [Int](repeating: 0, count: b.all.count)
    for (sequence, strand) in a.order {
      let counterpart = pairs[strand][done[strand]]
      done[strand] += 1
      guard let counterpart, let other = b.place(a.all[strand].lineage) else {
        rows.append(Row(first: sequence, second: 0))
        continue
      }
      for place in taken[other]..<counterpart {
        rows.append(Row(first: 0, second: b.all[other].sequences[place]))
      }
      rows.append(Row(first: sequence, second: b.all[other].sequences[counterpart]))
      taken[other] = counterpart + 1
    }
    var left: [Int64] = []
    for (index, strand) in b.all.enumerated() { left += strand.sequences[taken[index]...] }
    rows += left.sorted().map { Row(first: 0, second: $0) }
  }
}

/// A session's events by process.
private struct Strands {
  struct Strand {
    var lineage: EventSignatures.Lineage
    var values: [UInt64] = []
    var sequences: [Int64] = []
  }

  /// In order of their first events.
  private(set) var all: [Strand] = []
  /// Every event, and the place of its strand.
  private(set) var order: [(sequence: Int64, strand: Int)] = []
  /// Places in `all`, in order of their lineages.
  private var byLineage: [Int] = []

  init(_ reader: TraceReader, includingSchedule: Bool) throws(TraceError) {
    var signatures = EventSignatures(reader, includingSchedule: includingSchedule)
    // No two processes of a session have a pid in common, or a lineage.
    var places = KeyedList<Int>()
    defer { byLineage = all.indices.sorted { all[$0].lineage < all[$1].lineage } }
    let stream = reader.events()
    while true {
      let sequence = stream.sequence
      guard let event = try stream.next() else { return }
      guard let (lineage, value) = signatures.signature(of: event) else { continue }
      let place = places[event.process.raw] ?? all.count
      if place == all.count {
        places[event.process.raw] = place
        all.append(Strand(lineage: lineage))
      }
      all[place].values.append(value)
      all[place].sequences.append(sequence)
      order.append((sequence, place))
    }
  }

  /// The place of the process that is called so in any session.
  func place(_ lineage: EventSignatures.Lineage) -> Int? {
    var range = byLineage.indices
    while let first = range.first {
      let middle = first + range.count / 2
      let place = byLineage[middle]
      if all[place].lineage == lineage { return place }
      range =
        all[place].lineage < lineage ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return nil
  }
}

extension EventAlignment {
  /// A stretch of rows that differ, with a few common ones around it.
  public struct Hunk: Equatable, Sendable {
    public var rows: Range<Int>
    /// Common rows between the hunk before, or the beginning, and this one.
    public var skipped: Int
  }

  /// Where the two differ.
  ///
  /// - Parameter context: common rows shown before and after, at the most.
  public func hunks(context: Int = 3) -> [Hunk] {
    var hunks: [Hunk] = []
    for (index, row) in rows.enumerated() where !row.isCommon {
      let end = min(rows.count, index + 1 + context)
      let begin = max(0, index - context)
      if let last = hunks.last, begin <= last.rows.upperBound {
        hunks[hunks.count - 1].rows = last.rows.lowerBound..<end
      } else {
        let before = hunks.last?.rows.upperBound ?? 0
        hunks.append(Hunk(rows: begin..<end, skipped: begin - before))
      }
    }
    return hunks
  }

  /// Rows that both sessions have.
  public var commonCount: Int { rows.reduce(0) { $0 + ($1.isCommon ? 1 : 0) } }
}
