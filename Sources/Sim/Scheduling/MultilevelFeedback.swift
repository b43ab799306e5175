// A multi-level feedback queue, by the rules of Arpaci-Dusseau, "Operating Systems: Three Easy Pieces",
// chapter 8 (after Corbató, "An Experimental Time-Sharing System", 1962):
//   1 and 2. Who is at a higher level runs; those at one level take turns.
//   3. Who is new begins at the highest level, which here is the level of its priority.
//   4. Who has used its allotment at a level, in however many turns, moves down one.
//   5. Every 50 ticks all move to level 0.
// An allotment is a tick. A turn during which all were moved up does not count.

struct MultilevelFeedback: SchedulingPolicy {
  /// Ticks between two moves of all to level 0.
  static let boostTicks: UInt64 = 50

  private struct Job {
    var isKnown = false
    var level = 0
    /// Of the allotment at this level.
    var spent: UInt64 = 0
    /// What it had used in all when it was last looked at.
    var charged: UInt64 = 0
    /// Which period between two boosts this belongs to.
    var period: UInt64 = 0
    /// The level at which it is in line; nil if it does not wait.
    var waitsAt: Int?
  }

  private var levels = StrictPriority()
  private var jobs: [Job] = []
  private var period: UInt64 = 0
  private let allotment: UInt64
  private let mistakes: SchedulerMistakes

  init(tick: UInt64, _ mistakes: SchedulerMistakes) {
    allotment = tick
    self.mistakes = mistakes
  }

  var waitingCount: Int { levels.waitingCount }
  var options: Int { levels.options }
  func candidate(_ index: Int) -> Slot { levels.candidate(index) }

  func standing(of slot: Slot) -> Standing {
    let job = job(slot, used: jobs[slot].charged)
    return Standing(rank: Int64(job.level), measure: Int64(job.spent))
  }

  /// The job as it is when it has used so much in all.
  private func job(_ slot: Slot, used: UInt64) -> Job {
    var job = jobs[slot]
    if job.period != period {
      (job.level, job.spent, job.period) = (0, 0, period)
    } else {
      job.spent += used - job.charged
      let lowest = Scheduler.priorities - 1
      let steps = min(job.spent / allotment, UInt64(lowest - job.level))
      job.level += Int(steps)
      job.spent = job.level == lowest ? 0 : job.spent - steps * allotment
    }
    job.charged = used
    return job
  }

  mutating func insert(_ slot: Slot, priority: Int, used: UInt64, keepsTurn: Bool) {
    while jobs.count <= slot { jobs.append(Job()) }
    if jobs[slot].isKnown {
      jobs[slot] = job(slot, used: used)
    } else {
      jobs[slot] = Job(isKnown: true, level: priority, charged: used, period: period)
    }
    jobs[slot].waitsAt = jobs[slot].level
    if keepsTurn {
      levels.prepend(slot, priority: jobs[slot].level)
    } else {
      levels.append(slot, priority: jobs[slot].level)
    }
  }

  mutating func take(_ index: Int) -> Slot {
    guard let slot = levels.take(index) else { preconditionFailure("nobody waits") }
    // Were all moved up while it waited, its turn is one of the new period.
    if jobs[slot].period != period { jobs[slot] = job(slot, used: jobs[slot].charged) }
    jobs[slot].waitsAt = nil
    return slot
  }

  mutating func remove(_ slot: Slot) {
    guard let level = jobs[slot].waitsAt else { return }
    levels.remove(slot, priority: level)
    jobs[slot].waitsAt = nil
  }

  mutating func removeAll(where isTaken: (Slot) -> Bool) {
    var taken: [Slot] = []
    levels.removeAll { slot in
      if isTaken(slot) { taken.append(slot) }
      return isTaken(slot)
    }
    for slot in taken { jobs[slot].waitsAt = nil }
  }

  mutating func leave(_ slot: Slot, used: UInt64) {
    guard jobs.indices.contains(slot), jobs[slot].isKnown else { return }
    jobs[slot] = job(slot, used: used)
    if mistakes.contains(.allotmentRenewed) { jobs[slot].spent = 0 }
  }

  mutating func forget(_ slot: Slot, used: UInt64, parent: Slot?) {
    if jobs.indices.contains(slot) { jobs[slot] = Job() }
  }

  /// A new priority is a new beginning, at its level.
  mutating func setPriority(_ slot: Slot, to priority: Int, used: UInt64) {
    guard jobs.indices.contains(slot), jobs[slot].isKnown else { return }
    let waits = jobs[slot].waitsAt != nil
    remove(slot)
    jobs[slot] = Job(isKnown: true, level: priority, charged: used, period: period)
    guard waits else { return }
    jobs[slot].waitsAt = priority
    levels.append(slot, priority: priority)
  }

  mutating func noteTick(_ tick: UInt64) {
    let now = tick / MultilevelFeedback.boostTicks
    if now == period || mistakes.contains(.boostForgotten) { return }
    period = now
    // Those who wait at level 0 stay where they are: what a job had in another period is not looked at.
    for slot in levels.raiseAll() { jobs[slot].waitsAt = 0 }
  }

  func slice(of slot: Slot, used: UInt64) -> UInt64 { allotment - job(slot, used: used).spent }

  func isWaitedFor(_ slot: Slot, used: UInt64) -> Bool {
    guard let best = levels.best else { return false }
    return best <= job(slot, used: used).level
  }

  var urgency: Int64? { levels.best.map { Int64($0) } }
  func urgency(ofRunning slot: Slot, used: UInt64) -> Int64 { Int64(job(slot, used: used).level) }
}

extension MultilevelFeedback: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(levels)
    digest.combine(period)
    for job in jobs where job.isKnown {
      digest.combine(job.level)
      digest.combine(job.spent)
      digest.combine(job.charged)
      digest.combine(job.period)
      digest.combine(job.waitsAt)
    }
  }
}
