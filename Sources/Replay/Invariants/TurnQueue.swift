// A queue of a mutex as the events have told it. Whose turn it is, is looked up and not looked for: a
// signal to one of thousands must not be held against all of them.

import Algorithms

/// Those who wait in one queue: by priority, and of one priority in the order of their arrival.
struct TurnQueue: Sendable {
  private struct Place: Sendable {
    var arrival: Int64
    var pid: Int32
  }

  /// Those of one priority; never empty.
  private struct Line: Sendable {
    var priority: Int
    /// In order of arrival; those before `first` have gone.
    var places: [Place]
    var first = 0
  }

  /// In order of priorities, the most urgent first.
  private var lines: [Line] = []

  /// Whose turn it is; nil if nobody waits.
  var next: Int32? { lines.first.map { $0.places[$0.first].pid } }

  /// Enters a process. One whose priority has changed keeps its arrival.
  mutating func insert(_ pid: Int32, arrival: Int64, priority: Int) {
    let place = Place(arrival: arrival, pid: pid)
    let line = lines.firstIndex { $0.priority >= priority } ?? lines.count
    if line < lines.count, lines[line].priority == priority {
      lines[line].places.insert(place, at: position(of: arrival, in: line))
    } else {
      lines.insert(Line(priority: priority, places: [place]), at: line)
    }
  }

  /// Takes a process out, if it is there.
  mutating func remove(arrival: Int64, priority: Int) {
    guard let line = lines.firstIndex(where: { $0.priority == priority }) else { return }
    let position = position(of: arrival, in: line)
    guard position < lines[line].places.count, lines[line].places[position].arrival == arrival
    else { return }
    if position == lines[line].first {
      lines[line].first += 1
    } else {
      lines[line].places.remove(at: position)
    }
    if lines[line].first == lines[line].places.count { lines.remove(at: line) }
  }

  /// Where an arrival is in a line, or would be.
  private func position(of arrival: Int64, in line: Int) -> Int {
    lines[line].places[lines[line].first...].partitioningIndex { $0.arrival >= arrival }
  }
}
