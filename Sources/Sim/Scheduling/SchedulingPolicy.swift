// What a policy has to answer. It is told of every process that comes to wait, is taken, blocks or ends,
// and of the instructions that each has used in all: those retired, and what the kernel's work for it
// cost. What was used since it was last told is what a run cost. A policy is a value, in fixed-point
// numbers; whoever it does not know yet is new.

/// Who is next, for how long, and who has to give way.
protocol SchedulingPolicy: Sendable, Digestible {
  /// How many wait.
  var waitingCount: Int { get }
  /// How many of those are equally entitled to the next hart.
  var options: Int { get }
  func candidate(_ index: Int) -> Slot
  /// What each of these has in a drawing; nil where it is none.
  var tickets: Tickets? { get }
  func standing(of slot: Slot) -> Standing
  /// The lag with which one that waits came; nil where there is no such thing.
  func lagOnComing(of slot: Slot) -> Int64?

  /// Puts a process in line: one that has become runnable, or one that ran and gives its hart up.
  ///
  /// - Parameter keepsTurn: whether it lost its hart before it had used up its turn.
  mutating func insert(_ slot: Slot, priority: Int, used: UInt64, keepsTurn: Bool)
  mutating func take(_ index: Int) -> Slot
  /// One that waits has a hart: it came with that from another line.
  mutating func start(_ slot: Slot)
  mutating func remove(_ slot: Slot)
  mutating func removeAll(where isTaken: (Slot) -> Bool)
  /// A running process blocks; one that is not known to run is left alone.
  mutating func leave(_ slot: Slot, used: UInt64)
  /// A running process has a child, which comes to wait next.
  mutating func share(_ parent: Slot, used: UInt64, with child: Slot, priority: Int)
  /// A process that does not wait has ended, and has used so much in all.
  mutating func forget(_ slot: Slot, used: UInt64, parent: Slot?)
  mutating func setPriority(_ slot: Slot, to priority: Int, used: UInt64)

  /// A running process has used so much in all.
  mutating func charge(_ slot: Slot, used: UInt64)
  /// Called when all who run have been charged, before anybody is taken.
  mutating func settle()
  mutating func noteTick(_ tick: UInt64)
  /// How long a process may run that gets a hart, or has used up its turn with nobody waiting.
  func slice(of slot: Slot, used: UInt64) -> UInt64
  func isWaitedFor(_ slot: Slot, used: UInt64) -> Bool

  /// How urgent the next one is; nil where nobody is taken off a hart before the end of a turn. What is
  /// less is more urgent, by the sign of the difference.
  var urgency: Int64? { get }
  func urgency(ofRunning slot: Slot, used: UInt64) -> Int64
}

extension SchedulingPolicy {
  var tickets: Tickets? { nil }
  func lagOnComing(of slot: Slot) -> Int64? { nil }
  mutating func start(_ slot: Slot) { remove(slot) }
  mutating func charge(_ slot: Slot, used: UInt64) {}
  mutating func settle() {}
  mutating func share(_ parent: Slot, used: UInt64, with child: Slot, priority: Int) {}
  mutating func noteTick(_ tick: UInt64) {}
  func isWaitedFor(_ slot: Slot, used: UInt64) -> Bool { waitingCount > 0 }
  var urgency: Int64? { nil }
  func urgency(ofRunning slot: Slot, used: UInt64) -> Int64 { 0 }
}

/// Mistakes that policies can be told to make; see `Defect`.
struct SchedulerMistakes: OptionSet, Sendable {
  let rawValue: UInt16

  static let lowestFirst = Self(rawValue: 1 << 0)
  static let newestFirst = Self(rawValue: 1 << 1)
  static let fifoSlices = Self(rawValue: 1 << 2)
  static let boostForgotten = Self(rawValue: 1 << 3)
  static let allotmentRenewed = Self(rawValue: 1 << 4)
  static let ticketsEqual = Self(rawValue: 1 << 5)
  static let ticketsStale = Self(rawValue: 1 << 6)
  static let strideEqual = Self(rawValue: 1 << 7)
  static let passKeptAsleep = Self(rawValue: 1 << 8)
  static let eligibilityIgnored = Self(rawValue: 1 << 9)
  static let lagUnbounded = Self(rawValue: 1 << 10)
  static let weightIgnored = Self(rawValue: 1 << 11)
  static let timeSavedUp = Self(rawValue: 1 << 12)
}

/// Weights of the proportional policies. Three steps of priority are a factor of two, which is within
/// 3 % of Linux's table for nice values (kernel/sched/core.c, `sched_prio_to_weight`) and
/// makes whole ratios possible; priority 8, a container's, weighs 1024, as nice 0 does there.
package enum Weight {
  private static let table: [UInt64] = [
    6502, 5161, 4096, 3251, 2580, 2048, 1625, 1290, 1024, 813, 645, 512, 406, 323, 256, 203,
  ]

  /// What a process of this priority weighs.
  package static func of(priority: Int) -> UInt64 { table[priority] }

  /// Fractions of an instruction in virtual time.
  package static let scale: UInt64 = 20

  /// How much virtual time an amount of service is for somebody of this weight.
  package static func time(_ service: UInt64, of weight: UInt64) -> Int64 {
    Int64(bitPattern: (service << scale) / max(weight, 1))
  }

  /// A distance in virtual time times `to`, divided by `from`, rounded towards nothing.
  package static func scaled(_ distance: Int64, from: UInt64, to: UInt64) -> Int64 {
    let product = distance.magnitude.multipliedFullWidth(by: to)
    // Beyond what is bounded by slices only a mistake gets.
    guard product.high < from else { return distance < 0 ? .min / 4 : .max / 4 }
    let size = Int64(clamping: from.dividingFullWidth(product).quotient)
    return distance < 0 ? -size : size
  }
}
