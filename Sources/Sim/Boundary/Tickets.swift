// A drawing in which options have tickets: how many each has, in the order of the options, so that the
// holder of any ticket is found in as many steps as their number has bits, and one that comes, goes or
// gets other tickets costs no more.

/// Options in a line, each with its tickets.
///
/// The places of the line are a ring; node 1 of a tree is the whole ring, node n has the halves 2n and
/// 2n + 1, and the last level is the places. A place that was left stays vacant up to the next time that
/// the ring is full.
public struct Tickets: Equatable, Sendable {
  private var sums: [UInt64]
  private var counts: [Int32]
  private var head = 0
  /// How many places from the head on have been given out.
  private var span = 0

  private var size: Int { counts.count / 2 }

  /// A line with room for so many before it grows.
  public init(room: Int = 8) {
    var size = 1
    while size < room { size *= 2 }
    sums = Array(repeating: 0, count: size * 2)
    counts = Array(repeating: 0, count: size * 2)
  }

  /// A line of options with so many tickets each.
  public init(_ weights: [UInt64]) {
    self.init(room: max(weights.count, 1))
    for weight in weights { _ = append(weight) }
  }

  /// All tickets.
  public var total: UInt64 { sums[1] }
  /// How many options there are.
  public var count: Int { Int(counts[1]) }

  /// The option that holds a ticket, of those numbered from 0.
  public func option(holding ticket: UInt64) -> Int {
    precondition(ticket < total, "ticket \(ticket) of \(total)")
    var left = ticket
    var node = 1
    while node < size {
      node *= 2
      if left >= sums[node] {
        left -= sums[node]
        node += 1
      }
    }
    return option(at: node - size)
  }

  // MARK: Places

  /// Whether there is no place at the end: then the line is to be made anew.
  public var isFull: Bool { span == size }

  /// Puts an option at the end.
  ///
  /// - Returns: its place.
  public mutating func append(_ weight: UInt64) -> Int {
    precondition(!isFull, "no place is free")
    let place = (head + span) & (size - 1)
    span += 1
    add(place, count: 1, weight: weight)
    return place
  }

  /// Empties a place.
  public mutating func remove(at place: Int) {
    add(place, count: -1, weight: 0 &- sums[size + place])
    while span > 0, counts[size + head] == 0 {
      head = (head + 1) & (size - 1)
      span -= 1
    }
  }

  /// Gives the option at a place other tickets.
  public mutating func setWeight(_ weight: UInt64, at place: Int) {
    add(place, count: 0, weight: weight &- sums[size + place])
  }

  /// The tickets of the option at a place.
  public func weight(at place: Int) -> UInt64 { sums[size + place] }

  /// The place of an option.
  public func place(of option: Int) -> Int {
    precondition(option >= 0 && option < count, "option \(option) of \(count)")
    var rank = option + countBefore(head)
    if rank >= count { rank -= count }
    var node = 1
    while node < size {
      node *= 2
      if rank >= Int(counts[node]) {
        rank -= Int(counts[node])
        node += 1
      }
    }
    return node - size
  }

  private func option(at place: Int) -> Int {
    let rank = countBefore(place) - countBefore(head)
    return rank < 0 ? rank + count : rank
  }

  private func countBefore(_ place: Int) -> Int {
    var sum = 0
    var node = size + place
    while node > 1 {
      if node & 1 == 1 { sum += Int(counts[node - 1]) }
      node >>= 1
    }
    return sum
  }

  private mutating func add(_ place: Int, count: Int32, weight: UInt64) {
    var node = size + place
    while node > 0 {
      counts[node] += count
      sums[node] &+= weight
      node >>= 1
    }
  }
}
