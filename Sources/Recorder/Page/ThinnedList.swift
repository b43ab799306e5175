// Something that happened at times, of which only so much is kept: when there is too much, what lies near each other is
// put together, and what is near is more from then on.

/// Entries in the order of their times.
struct ThinnedList<Value: Sendable>: Sendable {
  struct Entry: Sendable {
    var time: Int64
    var value: Value
  }

  private(set) var entries: [Entry] = []
  /// Entries nearer to each other than that have been put together.
  private var spacing: Int64 = 0

  /// - Parameters:
  ///   - limit: how many there may be.
  ///   - merge: puts a later value together with an earlier one, in place of that.
  mutating func add(
    _ value: Value, at time: Int64, limit: Int, merge: (inout Value, Value) -> Void
  ) {
    ThinnedList.append(Entry(time: time, value: value), to: &entries, spacing, merge)
    guard entries.count > limit else { return }
    while entries.count > limit / 2, spacing <= .max / 4 {
      spacing = max(16, spacing * 2)
      entries = ThinnedList.joined(entries, spacing, merge)
    }
  }

  /// Those from one time to another, and the last before them; at most so many.
  func window(
    from: Int64, to: Int64, spacing: Int64, limit: Int, merge: (inout Value, Value) -> Void
  ) -> [Entry] {
    var first = entries.partitioningIndex { $0.time > from }
    if first > 0 { first -= 1 }
    let seen = Array(entries[first...].prefix { $0.time <= to })
    var spacing = spacing
    var found = ThinnedList.joined(seen, spacing, merge)
    while found.count > limit, spacing <= .max / 4 {
      spacing = max(16, spacing * 2)
      found = ThinnedList.joined(seen, spacing, merge)
    }
    return found
  }

  private static func joined(
    _ all: [Entry], _ spacing: Int64, _ merge: (inout Value, Value) -> Void
  ) -> [Entry] {
    var found: [Entry] = []
    for entry in all { append(entry, to: &found, spacing, merge) }
    return found
  }

  private static func append(
    _ entry: Entry, to entries: inout [Entry], _ spacing: Int64,
    _ merge: (inout Value, Value) -> Void
  ) {
    guard let last = entries.last, entry.time &- last.time < max(1, spacing) else {
      entries.append(entry)
      return
    }
    merge(&entries[entries.count - 1].value, entry.value)
  }
}

/// A sum that grows, evenly between the times at which it is known.
struct GrowingSum: Sendable {
  private var points: [(time: Int64, sum: Int64)] = []
  private var spacing: Int64 = 0

  mutating func add(_ sum: Int64, at time: Int64, limit: Int) {
    append((time, sum))
    guard points.count > limit else { return }
    while points.count > limit / 2, spacing <= .max / 4 {
      spacing = max(16, spacing * 2)
      let all = points
      points = []
      for point in all { append(point) }
    }
  }

  private mutating func append(_ point: (time: Int64, sum: Int64)) {
    let count = points.count
    if count > 1, point.time &- points[count - 2].time < max(1, spacing) {
      points[count - 1] = point
    } else {
      points.append(point)
    }
  }

  /// What it had come to at a time.
  func value(at time: Int64) -> Int64 {
    let next = points.partitioningIndex { $0.time > time }
    guard next > 0 else { return 0 }
    let before = points[next - 1]
    guard next < points.count else { return before.sum }
    let after = points[next]
    let share = Double(time &- before.time) / Double(max(1, after.time &- before.time))
    return before.sum &+ (Int64(exactly: (Double(after.sum &- before.sum) * share).rounded()) ?? 0)
  }
}
