// Two sessions side by side. Each process is held against the same process of the other session, event
// by event, whatever the schedules were; then the processes' events are put into one list again, in
// order of time.

import Algorithms
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

  /// In the order of the first session; what only the second has stands where its time is, so that the
  /// times of a list of them never step back.
  public private(set) var rows: [Row] = []

  /// - Parameters:
  ///   - includingSchedule: also who ran when and why, which differs wherever the seed does.
  ///   - includingPlumbing: also what the container manager and its helpers did.
  /// - Throws: `TraceError` if one of the traces cannot be read.
  public init(
    _ a: TraceReader, _ b: TraceReader, includingSchedule: Bool = false,
    includingPlumbing: Bool = true
  ) throws(TraceError) {
    func strands(_ reader: TraceReader) throws(TraceError) -> Strands {
      try Strands(
        reader, includingSchedule: includingSchedule,
        without: includingPlumbing ? .none : Plumbing(reader))
    }
    let first = try strands(a)
    let second = try strands(b)
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
    var base: [Row] = []
    base.reserveCapacity(a.order.count)
    var isCommon = b.all.map { [Bool](repeating: false, count: $0.sequences.count) }
    var done = [Int](repeating: 0, count: a.all.count)
    let others = a.all.map { b.place($0.lineage) }
    for event in a.order {
      let counterpart = pairs[event.strand][done[event.strand]]
      done[event.strand] += 1
      var row = Row(first: event.sequence, second: 0)
      if let counterpart, let other = others[event.strand] {
        row.second = b.all[other].sequences[counterpart]
        isCommon[other][counterpart] = true
      }
      base.append(row)
    }
    // Behind what the first session has at that time.
    var alone: [(row: Int, sequence: Int64)] = []
    for (index, strand) in b.all.enumerated() {
      for place in strand.sequences.indices where !isCommon[index][place] {
        let row = a.order.partitioningIndex { $0.time > strand.times[place] }
        alone.append((row, strand.sequences[place]))
      }
    }
    alone.sort { $0 < $1 }
    rows.reserveCapacity(base.count + alone.count)
    var rest = alone[...]
    for (index, row) in base.enumerated() {
      while let first = rest.first, first.row <= index {
        rows.append(Row(first: 0, second: first.sequence))
        rest = rest.dropFirst()
      }
      rows.append(row)
    }
    rows += rest.map { Row(first: 0, second: $0.sequence) }
  }
}

/// A session's events by process.
private struct Strands {
  struct Strand {
    var lineage: EventSignatures.Lineage
    var values: [UInt64] = []
    var sequences: [Int64] = []
    var times: [Int64] = []
  }

  /// In order of their first events.
  private(set) var all: [Strand] = []
  /// Every event, when it happened, and the place of its strand.
  private(set) var order: [(sequence: Int64, time: Int64, strand: Int)] = []
  /// Places in `all`, in order of their lineages.
  private var byLineage: [Int] = []

  init(_ reader: TraceReader, includingSchedule: Bool, without plumbing: Plumbing)
    throws(TraceError)
  {
    var signatures = EventSignatures(reader, includingSchedule: includingSchedule)
    // No two processes of a session have a pid in common, or a lineage.
    var places = KeyedList<Int>()
    defer { byLineage = all.indices.sorted { all[$0].lineage < all[$1].lineage } }
    let stream = reader.events()
    while true {
      let sequence = stream.sequence
      guard let event = try stream.next() else { return }
      guard let (lineage, value) = signatures.signature(of: event),
        event.kind == .output || !plumbing.contains(event.process.raw)
      else { continue }
      let time = Int64(bitPattern: event.time.instructions)
      let place = places[event.process.raw] ?? all.count
      if place == all.count {
        places[event.process.raw] = place
        all.append(Strand(lineage: lineage))
      }
      all[place].values.append(value)
      all[place].sequences.append(sequence)
      all[place].times.append(time)
      order.append((sequence, time, place))
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
