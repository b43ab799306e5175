// How much is still to be found. By Good and Turing, the chance that the next run shows a behaviour that no
// run has shown is about the number of behaviours that were shown once, over the number of runs (Good,
// 1953).

/// Counts behaviours.
public struct Novelty: Sendable {
  private var counts: [UInt64: UInt32] = [:]
  public private(set) var runs = 0
  /// How many behaviours were seen exactly once.
  public private(set) var once = 0

  public init() {}

  public var distinct: Int { counts.count }

  public mutating func note(_ behaviour: UInt64) {
    runs += 1
    let count = counts[behaviour, default: 0] &+ 1
    counts[behaviour] = count
    if count == 1 { once += 1 }
    if count == 2 { once -= 1 }
  }

  /// The estimated chance that the next run shows something new; nil before the first.
  public var chance: Double? { runs == 0 ? nil : Double(once) / Double(runs) }
}
