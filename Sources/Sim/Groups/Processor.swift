// The processor as a group has it: its weight, what it and all below it have used, and its quota. Time is counted
// here when it is settled (`Kernel.settleTime`), and not with every call. A quota is so much in each period; periods
// begin at the multiples of their length. What a call costs beyond the quota is owed in the next period.

/// What a group has used, and how much it may.
package struct ProcessorUse: Equatable, Sendable {
  package internal(set) var weight = ProcessorUse.usualWeight
  /// In all, in instructions.
  package internal(set) var usage: UInt64 = 0
  /// At most so much in each period; nil where there is no quota.
  package internal(set) var quota: UInt64?
  package internal(set) var period = ProcessorUse.usualPeriod
  /// Since the period began, with what was owed from before.
  package internal(set) var used: UInt64 = 0
  /// Which period that is.
  var index: UInt64 = 0
  /// Periods that are over; those in which it was throttled; and for how long.
  var periods: UInt64 = 0
  package internal(set) var throttledPeriods: UInt64 = 0
  var throttledTime: UInt64 = 0
  /// Since when it is throttled.
  package internal(set) var throttledSince: Instant?

  package static let usualPeriod: UInt64 = 1_000_000
  static let usualWeight = 100

  /// What is left of the present period's quota.
  package var left: UInt64 {
    guard let quota else { return .max }
    return quota > used ? quota - used : 0
  }

  /// When the present period is over.
  package var end: UInt64 { (index + 1) * period }

  /// Goes on to the period of a moment.
  ///
  /// - Parameter over: what was used beyond the beginning of that period already.
  mutating func renew(at now: Instant, over: UInt64, forgetsDebt: Bool) {
    guard let quota, now.instructions / period > index else { return }
    let elapsed = now.instructions / period - index
    index += elapsed
    periods += elapsed
    let (paid, overflow) = quota.multipliedReportingOverflow(by: elapsed)
    used = overflow || paid > used || forgetsDebt ? 0 : used - paid
    used = max(used, forgetsDebt ? 0 : over)
  }

  /// Gives the group another quota, or none. Within one period nobody gets more by that than the larger one.
  mutating func limit(to new: UInt64?, per length: UInt64, at now: Instant) {
    if let quota, let new {
      let debt = used > quota ? used - quota : 0
      used = min(used - debt, new) + debt
    } else {
      used = 0
    }
    (quota, period, index) = (new, length, now.instructions / length)
  }
}

extension GroupTable {
  mutating func setQuota(
    of id: GroupID, to quota: UInt64?, per period: UInt64, at now: Instant
  ) {
    update(id) { $0.processor.limit(to: quota, per: period, at: now) }
    limited.removeAll { $0 == id }
    if quota != nil { limited.append(id) }
  }

  /// Adds time that was used in a group to its own and to that of all above.
  mutating func addTime(_ amount: UInt64, in id: GroupID) {
    change(around: id) {
      $0.processor.usage += amount
      if $0.processor.quota != nil { $0.processor.used += amount }
    }
  }

  /// The uppermost group on the way to this one that has used its quota, if any has.
  package func throttledGroup(around id: GroupID) -> GroupID? {
    uppermost(around: id) { $0.processor.throttledSince != nil }
  }

  /// What is left of quotas on the way to this group; nil where there is none.
  func quotaLeft(in id: GroupID) -> (left: UInt64, end: UInt64)? {
    var found: (left: UInt64, end: UInt64)?
    forEach(around: id) {
      guard $0.processor.quota != nil else { return }
      found = (
        min(found?.left ?? .max, $0.processor.left), min(found?.end ?? .max, $0.processor.end)
      )
    }
    return found
  }
}

extension ProcessorUse: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(weight)
    digest.combine(usage)
    digest.combine(quota ?? 0)
    digest.combine(period)
    digest.combine(used)
    digest.combine(index)
    digest.combine(periods)
    digest.combine(throttledPeriods)
    digest.combine(throttledTime)
    digest.combine(throttledSince?.instructions ?? 0)
  }
}
