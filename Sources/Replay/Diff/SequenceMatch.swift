// Which elements of two sequences belong together: a longest common subsequence, found as Eugene
// Myers describes it in "An O(ND) Difference Algorithm and Its Variations" (1986), in linear space.
// Where the two have little in common it settles for less than the longest, so that the time taken
// stays in proportion to the length.

/// Pairs of equal elements of two sequences, rising in both.
struct SequenceMatch {
  /// Index in the first sequence and index in the second.
  private(set) var pairs: [(first: Int, second: Int)] = []
  private let first: [UInt64]
  private let second: [UInt64]
  /// The furthest reaching ends of paths from the start and from the end, by diagonal.
  private var forward: [Int]
  private var backward: [Int]

  /// Edits after which a middle is no longer looked for, but taken from the best path so far.
  private static let patience = 1024

  init(_ first: [UInt64], _ second: [UInt64]) {
    self.first = first
    self.second = second
    let width = 2 * min(SequenceMatch.patience, (first.count + second.count + 1) / 2) + 3
    forward = Array(repeating: 0, count: width)
    backward = Array(repeating: 0, count: width)
    match(0..<first.count, 0..<second.count)
  }

  private mutating func match(_ rows: Range<Int>, _ columns: Range<Int>) {
    var (x, y) = (rows.lowerBound, columns.lowerBound)
    var (endX, endY) = (rows.upperBound, columns.upperBound)
    while endX > x, endY > y, first[endX - 1] == second[endY - 1] {
      endX -= 1
      endY -= 1
    }
    // Only the first part of what a middle divides is gone into; sequences with little in common are
    // divided at nearly every edit, far too often to go into both.
    while true {
      while x < endX, y < endY, first[x] == second[y] {
        pairs.append((x, y))
        x += 1
        y += 1
      }
      guard x < endX, y < endY else { break }
      let middle = self.middle(x..<endX, y..<endY)
      match(x..<middle.first, y..<middle.second)
      (x, y) = middle
    }
    for offset in 0..<(rows.upperBound - endX) { pairs.append((endX + offset, endY + offset)) }
  }

  /// A point on a shortest way from the one corner to the other, and never a corner itself: paths
  /// of growing length from both corners, until two meet.
  private mutating func middle(_ rows: Range<Int>, _ columns: Range<Int>) -> (
    first: Int, second: Int
  ) {
    let (width, height) = (rows.count, columns.count)
    let delta = width - height
    let zero = forward.count / 2
    let last = min((width + height + 1) / 2, SequenceMatch.patience)
    forward[zero + 1] = 0
    backward[zero + 1] = 0
    for edits in 0...last {
      for diagonal in stride(from: -edits, through: edits, by: 2) {
        var x = SequenceMatch.step(forward, diagonal, edits, zero)
        while x < width, x - diagonal < height,
          first[rows.lowerBound + x] == second[columns.lowerBound + x - diagonal]
        {
          x += 1
        }
        forward[zero + diagonal] = x
        let opposite = delta - diagonal
        if delta % 2 != 0, abs(opposite) < edits, x + backward[zero + opposite] >= width {
          return (rows.lowerBound + x, columns.lowerBound + x - diagonal)
        }
      }
      for diagonal in stride(from: -edits, through: edits, by: 2) {
        var x = SequenceMatch.step(backward, diagonal, edits, zero)
        while x < width, x - diagonal < height,
          first[rows.upperBound - 1 - x] == second[columns.upperBound - 1 - x + diagonal]
        {
          x += 1
        }
        backward[zero + diagonal] = x
        let opposite = delta - diagonal
        if delta % 2 == 0, abs(opposite) <= edits, x + forward[zero + opposite] >= width {
          return (rows.upperBound - x, columns.upperBound - x + diagonal)
        }
      }
    }
    return furthest(rows, columns, edits: last, zero)
  }

  /// Where a path on this diagonal is after one more edit: below or right of a neighbour's end.
  private static func step(_ ends: [Int], _ diagonal: Int, _ edits: Int, _ zero: Int) -> Int {
    let below = ends[zero + diagonal + 1]
    if diagonal == -edits { return below }
    let right = ends[zero + diagonal - 1] + 1
    return diagonal == edits ? right : max(right, below)
  }

  /// The end of the path from the start that has come furthest.
  private func furthest(_ rows: Range<Int>, _ columns: Range<Int>, edits: Int, _ zero: Int) -> (
    first: Int, second: Int
  ) {
    var best = (first: 0, second: 0)
    for diagonal in stride(from: -edits, through: edits, by: 2) {
      let x = forward[zero + diagonal]
      let y = x - diagonal
      if x <= rows.count, y >= 0, y <= columns.count, x + y > best.first + best.second {
        best = (x, y)
      }
    }
    return (rows.lowerBound + best.first, columns.lowerBound + best.second)
  }
}
