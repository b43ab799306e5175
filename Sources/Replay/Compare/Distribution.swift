// Values of which mean, percentiles and the largest are wanted, in bounded memory: a few thousand are kept
// as they are; of more it is kept how many lie in each of some bins, which are narrow enough for a
// percentile to be less than one part in 128 too high.

/// How numbers from 0 on are distributed.
public struct Distribution: Sendable {
  /// So many values are kept.
  static let exactLimit = 2048
  /// Bins for each power of two, as a power of two; numbers below twice that have a bin each.
  private static let binBits = 7

  private var values: [Int64] = []
  private var bins: [Int64] = []
  public private(set) var count = 0
  /// Wraps where no session gets to.
  public private(set) var total: Int64 = 0
  public private(set) var most: Int64 = 0

  public init() {}

  public mutating func add(_ value: Int64) {
    let value = max(0, value)
    count += 1
    total &+= value
    most = max(most, value)
    if bins.isEmpty, values.count < Distribution.exactLimit { return values.append(value) }
    if bins.isEmpty { spill() }
    bins[Distribution.bin(of: value)] += 1
  }

  /// Adds all of another's values.
  public mutating func add(_ other: Distribution) {
    if other.bins.isEmpty {
      for value in other.values { add(value) }
      return
    }
    if bins.isEmpty { spill() }
    for (bin, held) in other.bins.enumerated() { bins[bin] += held }
    count += other.count
    total &+= other.total
    most = max(most, other.most)
  }

  /// From now on only the bins are kept.
  private mutating func spill() {
    bins = Array(repeating: 0, count: Distribution.bin(of: .max) + 1)
    for value in values { bins[Distribution.bin(of: value)] += 1 }
    values = []
  }

  /// nil where there is no value.
  public var mean: Double? { count == 0 ? nil : Double(total) / Double(count) }

  /// The lowest value that so many of a hundred do not exceed (nearest rank); nil where there is none.
  public func percentile(_ wanted: Int) -> Int64? {
    guard count > 0 else { return nil }
    let rank = max(1, (count * wanted + 99) / 100)
    if bins.isEmpty { return values.sorted()[rank - 1] }
    var seen = 0
    for (bin, held) in bins.enumerated() {
      seen += Int(held)
      if seen >= rank { return min(most, Distribution.highest(in: bin)) }
    }
    return most
  }

  private static func bin(of value: Int64) -> Int {
    let bits = 63 - max(1, value).leadingZeroBitCount
    let shift = max(0, bits - binBits)
    return shift << binBits + Int(value >> Int64(shift))
  }

  /// The highest value of a bin.
  private static func highest(in bin: Int) -> Int64 {
    let shift = max(0, bin >> binBits - 1)
    let first = Int64(bin - shift << binBits)
    return first << Int64(shift) + (1 << Int64(shift) - 1)
  }
}
