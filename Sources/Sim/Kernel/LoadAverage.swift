// How many processes wanted to run, for those who ask the machine inside (`/proc/loadavg`).

/// How many could run, on average over the last 1, 5 and 15 minutes: Linux's sums (kernel/sched/loadavg.c),
/// where a second is a tick.
struct LoadAverage: Equatable, Sendable {
  /// In 2048ths.
  private(set) var values: InlineArray<3, UInt64> = [0, 0, 0]
  /// When it is looked at next, in instructions.
  private(set) var due: UInt64
  private let period: UInt64

  static let one: UInt64 = 2048
  private static let factors: InlineArray<3, UInt64> = [1884, 2014, 2037]

  init(tick: UInt64) {
    let (period, overflow) = tick.multipliedReportingOverflow(by: 5)
    self.period = overflow ? .max : period
    due = self.period
  }

  /// Takes note that so many could run, at each of the moments up to `time` that are due.
  mutating func note(_ active: Int, until time: Instant) {
    while due <= time.instructions {
      var isSettled = true
      for index in values.indices {
        let new = LoadAverage.next(
          values[index], LoadAverage.factors[index], UInt64(active) * LoadAverage.one)
        if new != values[index] { isSettled = false }
        values[index] = new
      }
      let steps = isSettled ? (time.instructions - due) / period + 1 : 1
      let (step, overflow) = period.multipliedReportingOverflow(by: steps)
      let (next, beyond) = due.addingReportingOverflow(step)
      due = overflow || beyond ? .max : next
      if due == .max { return }
    }
  }

  private static func next(_ load: UInt64, _ factor: UInt64, _ active: UInt64) -> UInt64 {
    let sum = load * factor + active * (one - factor)
    return (sum + (active >= load ? one - 1 : 0)) / one
  }

  static func == (a: Self, b: Self) -> Bool {
    a.due == b.due && a.period == b.period
      && a.values.indices.allSatisfy { a.values[$0] == b.values[$0] }
  }
}

extension Kernel {
  /// Notes what was going on up to now; whoever enters has changed nothing yet.
  mutating func noteLoad(until time: Instant) {
    var active = scheduler.waitingCount
    for (hart, use) in hartUses.enumerated() {
      guard let slot = use.occupant, processes.isUsed(slot) else { continue }
      if processes[slot].state == .running(on: HartID(raw: UInt8(hart))) { active += 1 }
    }
    load.note(active, until: time)
  }
}

extension LoadAverage: Digestible {
  func combine(into digest: inout Digest) {
    for index in values.indices { digest.combine(values[index]) }
    digest.combine(due)
  }
}
