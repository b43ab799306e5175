// Numbers that can be taken: those given back, and behind them all that nobody has had. It costs what
// was given back, however many numbers there are.

/// Which of the numbers below a limit are free; the one given back last is taken next, and then the
/// lowest that was never taken.
package struct FreeList: Sendable {
  private var returned: [UInt32] = []
  /// From here on nobody has had a number.
  private var next: UInt32
  private let limit: UInt32

  /// All numbers of a range, free.
  init(_ range: Range<Int>) {
    next = UInt32(range.lowerBound)
    limit = UInt32(range.upperBound)
  }

  package var count: Int { returned.count + Int(limit - next) }
  package var isEmpty: Bool { returned.isEmpty && next == limit }

  mutating func take() -> UInt32? {
    if let number = returned.popLast() { return number }
    if next == limit { return nil }
    next += 1
    return next - 1
  }

  mutating func giveBack(_ number: UInt32) { returned.append(number) }
}

extension FreeList: Digestible {
  /// Of those given back, the ones that are taken next: a digest must not take longer the more there are.
  func combine(into digest: inout Digest) {
    digest.combine(next)
    digest.combine(returned.count)
    for number in returned.suffix(16) { digest.combine(number) }
  }
}
