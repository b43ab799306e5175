// The one way in. Whatever could differ between two runs of one scenario asks here and nowhere
// else: who runs next, how finely the harts interleave, what arrives and when. A source of decisions is
// told what it decides between, so that it can search, replay or draw without knowing the machine.

/// A place where a run could have gone otherwise.
public enum ChoicePoint: Equatable, Sendable {
  /// Which of the equally entitled processes this hart takes; option 0 is the first in line.
  case dispatch(HartID)
  /// How finely this hart interleaves with the others until its next tick; option 0 is the usual.
  case slice(HartID)
  /// How much of its slice a process has on this hart when others wait for it; option 0 is all.
  case turn(HartID)
  /// Whether the process on this hart loses it, just before something that others can see: a load from
  /// or a store to a shared page, or a call. Option 0 is that it goes on. Asked only for sources that
  /// want it (`Decisions.wantsPreemption`).
  case preempt(HartID)
  /// Whether an injected fault strikes; option 0 is that it does not. Reserved: no machine asks so far.
  case fault
  /// Whether a datagram is lost on its way; option 0 is that it is not.
  case loss
  /// How much longer than usual a datagram takes; option 0 is not at all.
  case delay

  /// What is chosen; the raw value is the code of the point in a trace.
  public enum Kind: UInt8, CaseIterable, Sendable {
    case dispatch = 1
    case slice, fault, turn, preempt, loss, delay

    public var name: String {
      switch self {
      case .dispatch: "dispatch"
      case .slice: "slice"
      case .fault: "fault"
      case .turn: "turn"
      case .preempt: "preempt"
      case .loss: "loss"
      case .delay: "delay"
      }
    }
  }

  public var kind: Kind {
    switch self {
    case .dispatch: .dispatch
    case .slice: .slice
    case .fault: .fault
    case .turn: .turn
    case .preempt: .preempt
    case .loss: .loss
    case .delay: .delay
    }
  }

  /// The hart that the choice is for; 0 where it is for none.
  public var hart: HartID {
    switch self {
    case .dispatch(let hart), .slice(let hart), .turn(let hart), .preempt(let hart): hart
    case .fault, .loss, .delay: HartID(raw: 0)
    }
  }
}

/// What an option stands for.
public enum Candidate: Equatable, Sendable {
  /// Of `dispatch`: who gets the hart. Of `preempt`: who keeps it, or the first of those who get it;
  /// the others follow (`Preemption.waiting`).
  case process(ProcessID)
  /// Of `slice`, `turn` and `delay`: how many instructions.
  case instructions(UInt64)
  /// Of `loss`: which datagram is lost; none if it arrives.
  case datagram(FlowID)

  /// The candidate as a trace has it, where the point says which of these it is.
  public var number: Int64 {
    switch self {
    case .process(let pid): Int64(pid.raw)
    case .instructions(let count): Int64(bitPattern: count)
    case .datagram(let flow): flow.raw
    }
  }
}

/// A choice that is to be made.
public struct Choice: Equatable, Sendable {
  public var point: ChoicePoint
  /// How many options there are: two or more.
  public var options: Int
  /// The number of the event before which it is made: the next one. Right where all events are listened
  /// to (`EventInterest.everything`).
  public var sequence: Int64
  /// How likely each option is to be drawn, in proportion, where that is a policy; nil where all options
  /// are as good as one another.
  public var tickets: Tickets?
  /// Of `preempt`: what it is in front of.
  public var preemption: Preemption?

  public init(
    _ point: ChoicePoint, options: Int, sequence: Int64, tickets: Tickets? = nil,
    preemption: Preemption? = nil
  ) {
    self.preemption = preemption
    self.point = point
    self.options = options
    self.sequence = sequence
    self.tickets = tickets
  }
}

/// What a process could be preempted in front of, for sources of decisions that look further than one step.
public struct Preemption: Equatable, Sendable {
  /// What it does first of all when it goes on, now or later.
  public var operation: VisibleOperation
  /// How many wait that are as entitled to the hart: candidates 1 to this many, in line, of whom one gets
  /// it by the choice that follows.
  public var waiting: Int

  public init(operation: VisibleOperation, waiting: Int) {
    self.operation = operation
    self.waiting = waiting
  }
}

/// Where input comes from, and for whom.
public enum InputChannel: UInt8, CaseIterable, Sendable {
  /// Typed at the console.
  case console = 0
  /// What the host's side of published ports tells: each input is a `HostMessage`.
  case network = 1

  public var name: String {
    switch self {
    case .console: "console"
    case .network: "network"
    }
  }
}

/// Bytes that arrive at a point in virtual time.
public struct TimedInput: Equatable, Sendable {
  public var time: Instant
  public var channel: InputChannel
  public var bytes: [UInt8]

  public init(time: Instant, channel: InputChannel = .console, bytes: [UInt8]) {
    self.time = time
    self.channel = channel
    self.bytes = bytes
  }
}

/// Bytes that have left for a client of the host's, who has not taken them.
public struct LeavingBytes: Equatable, Sendable {
  /// The client's connection, by the host's number of it.
  public var connection: UInt32
  public var bytes: Int

  public init(connection: UInt32, bytes: Int) {
    self.connection = connection
    self.bytes = bytes
  }
}

/// What the machine tells when it asks for input.
public struct InputRequest: Equatable, Sendable {
  /// No hart has got this far: input made up now has to arrive at this instant or later.
  public var earliest: Instant
  /// Nothing is runnable, and no input is on its way but what scenarios' clients are to send later.
  public var idle: Bool
  /// Whether a process waits for the console.
  public var wanted: Bool
  /// Whether more is to come now: what nobody reads should not pile up. Input whose time is settled comes
  /// all the same.
  public var hasRoom: Bool
  /// Of a machine that is idle, when something is due all the same; nil if nothing is.
  public var due: Instant?
  /// What has left for the host's clients and was not taken, of each of whom there is some.
  public var leaving: [LeavingBytes]

  public init(
    earliest: Instant, idle: Bool, wanted: Bool, hasRoom: Bool, due: Instant? = nil,
    leaving: [LeavingBytes] = []
  ) {
    self.due = due
    self.leaving = leaving
    self.earliest = earliest
    self.idle = idle
    self.wanted = wanted
    self.hasRoom = hasRoom
  }
}

/// The answer to an `InputRequest`.
public enum InputAnswer: Equatable, Sendable {
  /// Bytes and the instant at which they arrive, which may be long after this. What is said in advance
  /// changes nothing before it arrives, so that a session is the same whenever its input was told.
  case bytes(TimedInput)
  /// Nothing so far; the machine asks again.
  case nothingYet
  /// Nothing so far, and an idle machine's time is not to go on either: the machine asks again in the next step.
  case hold
  /// There will never be any more.
  case ended
}

/// Everything that could have gone otherwise.
///
/// A seeded source draws, a recorded source repeats, a searching source tries.
public protocol Decisions {
  /// Whether `ChoicePoint.preempt` is asked. Looked at once, when the machine is switched on.
  var wantsPreemption: Bool { get }

  /// Whether it wants to be told of operations in front of which there is no choice (`goesOn`).
  var wantsOperations: Bool { get }

  /// A process does what it is in front of, since nobody waits who is as entitled to its hart.
  mutating func goesOn(_ process: ProcessID, with operation: VisibleOperation)

  /// Makes a choice.
  ///
  /// - Parameter candidate: what an option stands for, by its index. It costs something only where it is
  ///   called.
  /// - Returns: the index of one of the options.
  mutating func choose(_ choice: Choice, candidate: (Int) -> Candidate) -> Int

  /// The next input, asked for at the start, at each tick, when the machine is idle, and after each arrival.
  mutating func input(_ request: InputRequest) -> InputAnswer
}

extension Decisions {
  public var wantsPreemption: Bool { false }
  public var wantsOperations: Bool { false }
  public mutating func goesOn(_ process: ProcessID, with operation: VisibleOperation) {}
}
