// What several runs say of one figure: how it is on the average of all seeds, and how far off that may be.

/// A mean, and the half of its 95 % confidence interval.
public struct Estimate: Equatable, Sendable {
  public var mean: Double
  /// By Student's t with one degree of freedom less than there are values: the mean of all seeds lies so
  /// near with 95 %. nil for a single value.
  public var halfWidth: Double?

  /// - Parameter values: one for each run that has the figure.
  /// - Returns: nil if none has.
  public init?(_ values: [Double]) {
    if values.isEmpty { return nil }
    mean = values.reduce(0, +) / Double(values.count)
    guard values.count > 1 else { return }
    var squares = 0.0
    for value in values { squares += (value - mean) * (value - mean) }
    let variance = squares / Double(values.count - 1)
    halfWidth =
      Estimate.quantile(freedom: values.count - 1)
      * (variance / Double(values.count)).squareRoot()
  }

  /// Below which a variable with Student's t distribution stays with 97.5 %.
  static func quantile(freedom: Int) -> Double {
    if freedom <= tabulated.count { return tabulated[freedom - 1] }
    // Abramowitz and Stegun 26.7.5, which is right to a millionth from here on.
    let z = 1.959963985
    let v = Double(freedom)
    let cube = z * z * z
    let fifth = cube * z * z
    return z + (cube + z) / (4 * v) + (5 * fifth + 16 * cube + 3 * z) / (96 * v * v)
      + (3 * fifth * z * z + 19 * fifth + 17 * cube - 15 * z) / (384 * v * v * v)
  }

  private static let tabulated = [
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010,
    2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860, 2.0796, 2.0739,
    2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
  ]
}

/// Jain's fairness index of shares that are told one by one (Jain, Chiu, Hawe, 1984).
public struct FairnessIndex: Sendable {
  private var count = 0.0
  private var sum = 0.0
  private var squares = 0.0

  public init() {}

  public mutating func add(_ share: Double) {
    count += 1
    sum += share
    squares += share * share
  }

  /// Adds all shares that another was told.
  public mutating func add(_ other: FairnessIndex) {
    count += other.count
    sum += other.sum
    squares += other.squares
  }

  /// (Σx)² / (n Σx²): 1 where all are equal, 1/n where one has everything; nil for nobody.
  public var value: Double? { squares > 0 ? sum * sum / (count * squares) : nil }
}
