// Who ran on each hart of a machine that runs right now, kept for a page: a bounded number of stretches,
// however long it runs.

/// Rows of run slices, one a hart.
public struct HartLanes: Sendable {
  private var lines: StretchLines

  /// - Parameter limit: how many stretches are kept.
  public init(limit: Int) { lines = StretchLines(limit: limit) }

  public mutating func add(_ span: Span) {
    guard span.state == .running else { return }
    lines.add(Stretch(span), to: Int32(span.hart))
  }

  /// All of them, in order of time.
  public var stretches: [Stretch] {
    var found: [Stretch] = []
    lines.forEach(from: .min, to: .max, with: []) { found.append($1) }
    return found.sorted { ($0.span.start, $0.span.sequence) < ($1.span.start, $1.span.sequence) }
  }
}
