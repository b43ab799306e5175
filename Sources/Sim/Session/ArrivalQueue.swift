// Input that is on its way. It is kept by the time at which it arrives, and by nothing else: when the
// machine was told of it makes no difference, and it is no part of the machine's state before it arrives.

/// Arrivals in order of their times; of several at one time, in the order in which they were told.
struct ArrivalQueue: Sendable {
  private var inputs: [TimedInput] = []
  /// Those before this place have arrived.
  private var next = 0
  /// How many bytes are on their way.
  private(set) var byteCount = 0

  var isEmpty: Bool { next == inputs.count }
  /// When the first one arrives.
  var firstTime: Instant? { isEmpty ? nil : inputs[next].time }

  mutating func insert(_ input: TimedInput) {
    var place = inputs.count
    while place > next, inputs[place - 1].time > input.time { place -= 1 }
    inputs.insert(input, at: place)
    byteCount += input.bytes.count
  }

  /// Takes out the first one, if it arrives by then.
  mutating func takeFirst(by time: Instant) -> TimedInput? {
    guard let firstTime, firstTime <= time else { return nil }
    let input = inputs[next]
    next += 1
    byteCount -= input.bytes.count
    // So that it costs the same to take each, however many there are.
    if next * 2 >= inputs.count {
      inputs.removeFirst(next)
      next = 0
    }
    return input
  }
}
