// Rows of stretches, as many as there is room for: whenever there are too many, neighbours too short
// to be seen are put together, and what counts as too short doubles. So a quiet hour keeps its every
// stretch while a busy second is summed up.

import Algorithms

/// Rows of stretches, each in order of time.
struct StretchLines: Sendable {
  private var lines = PIDTable<[Stretch]>()
  private var count = 0
  /// Stretches shorter than this together were put together; 0 when none were.
  private(set) var shortest: Int64
  private let limit: Int
  /// How many there may be before it is worth putting them together.
  private let room: Int

  /// - Parameters:
  ///   - limit: how many stretches there may be in all rows.
  ///   - slack: how many times as many are taken in before they are put together.
  ///   - shortest: what is too short to be seen from the outset.
  init(limit: Int, slack: Int = 2, shortest: Int64 = 0) {
    self.limit = limit
    room = limit.multipliedReportingOverflow(by: slack).overflow ? .max : limit * slack
    self.shortest = shortest
  }

  /// How many rows there are.
  var rowCount: Int { lines.entries.count }

  mutating func add(_ stretch: Stretch, to row: Int32) {
    if lines[row] == nil { lines[row] = [] }
    lines[row]?.append(stretch, &count, shortest)
    if count > room { shrink() }
  }

  /// Puts neighbours together until there are few enough.
  mutating func shrink() {
    while count > limit, shortest <= .max / 4 {
      shortest = max(16, shortest * 2)
      for (row, line) in lines.entries {
        count -= line.count
        var joined: [Stretch] = []
        for stretch in line { joined.append(stretch, &count, shortest) }
        lines[row] = joined
      }
    }
  }

  /// What can be seen of a window, in order of time.
  ///
  /// - Parameters:
  ///   - open: stretches that still go on.
  ///   - shortest: what is too short to be seen.
  ///   - limit: how many there may be.
  ///   - isWanted: whose stretches are wanted.
  ///   - rest: takes those that are not wanted.
  /// - Returns: the stretches, what was too short to be seen in the end, and from when on some are left
  ///   out, if they are.
  func window(
    from: Int64, to: Int64, with open: [(Int32, Stretch)] = [], shortest: Int64, limit: Int,
    where isWanted: (Stretch) -> Bool = { _ in true }, rest: (Stretch) -> Void = { _ in }
  ) -> (stretches: [Stretch], shortest: Int64, cut: Int64?) {
    var seen = StretchLines(limit: limit, slack: 8, shortest: shortest)
    forEach(from: from, to: to, with: open) { row, stretch in
      if isWanted(stretch) { seen.add(stretch, to: row) } else { rest(stretch) }
    }
    seen.shrink()
    let all = seen.lines.entries.flatMap(\.value)
      .sorted { ($0.span.start, $0.span.sequence) < ($1.span.start, $1.span.sequence) }
    // In more rows than that there is no putting together.
    return (
      Array(all.prefix(limit)), max(self.shortest, seen.shortest),
      all.count > limit ? all[limit].span.start : nil
    )
  }

  /// Goes through what overlaps a window, row by row.
  func forEach(
    from: Int64, to: Int64, with open: [(Int32, Stretch)], _ body: (Int32, Stretch) -> Void
  ) {
    for (row, line) in lines.entries {
      var index = line.firstIndex(endingAt: from)
      while index < line.count, line[index].span.start <= to {
        body(row, line[index])
        index += 1
      }
    }
    for (row, stretch) in open where stretch.span.start <= to && stretch.span.end >= from {
      body(row, stretch)
    }
  }
}

extension [Stretch] {
  /// Puts one at the end, or together with the one that is there.
  fileprivate mutating func append(_ stretch: Stretch, _ count: inout Int, _ shortest: Int64) {
    if let last = indices.last, self[last].isNear(stretch, shortest) {
      self[last].join(stretch)
    } else {
      append(stretch)
      count += 1
    }
  }

  /// The first that ends at a time or later.
  fileprivate func firstIndex(endingAt time: Int64) -> Int {
    partitioningIndex { $0.span.end >= time }
  }
}
