// What the page draws: a span, or several neighbours that were put together because they are too
// short to be seen.

import Sim

/// A stretch of time in a row of the page.
public struct Stretch: Sendable {
  /// From where to where, and what the longest span in it was.
  public var span: Span
  /// How many were put together; 0 for one as it was.
  public var merged: Int = 0
  /// For how long something ran in it.
  public private(set) var running: Int64
  /// For how long the process waited for a hart in it.
  public private(set) var waiting: Int64
  /// How many calls were made in it.
  public var calls: Int64 = 0
  /// How long the span is that gives it its looks.
  private var longest: Int64

  public init(_ span: Span) {
    self.span = span
    longest = span.duration
    running = span.state == .running ? span.duration : 0
    waiting = span.state == .runnable ? span.duration : 0
  }

  /// For how long something ran in it between two times; of what was put together its share.
  func running(from: Int64, to: Int64) -> Int64 {
    let (start, end) = (max(span.start, from), min(span.end, to))
    guard running > 0, end > start else { return 0 }
    let (part, whole) = (end &- start, span.duration)
    if part == whole || merged == 0 { return min(part, running) }
    let (high, low) = running.multipliedFullWidth(by: part)
    return whole > high && high >= 0 ? whole.dividingFullWidth((high, low)).quotient : running
  }

  /// Whether the two are so short together, and so near, that they may be put together.
  func isNear(_ next: Self, _ shortest: Int64) -> Bool {
    next.span.end &- span.start < shortest && next.span.start &- span.end < shortest
  }

  /// Takes in the next one; of what ran the longest gives it its looks.
  mutating func join(_ next: Self) {
    let (start, end) = (min(span.start, next.span.start), max(span.end, next.span.end))
    let sequence = span.sequence
    if next.span.state == .running, span.state != .running || next.longest > longest {
      span = next.span
      longest = next.longest
    }
    span.start = start
    span.sequence = sequence
    span.end = end
    merged = max(1, merged) + max(1, next.merged)
    running &+= next.running
    waiting &+= next.waiting
    calls &+= next.calls
  }
}
