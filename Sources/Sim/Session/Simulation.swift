// The public door: a machine, its kernel and its harts, moved on step by step.
//
// Each hart has its own clock. The hart that is furthest behind always goes next, and what it does
// in the kernel happens only when no other busy hart is further behind, so that events come out in
// the order of their times. Between kernel entries harts run user code apart from each other, a
// slice at a time.

/// A machine with a kernel and its programs.
public struct Simulation: ~Copyable, Machine {
  public let scenario: Scenario
  let scenarioDigest: UInt64

  package internal(set) var kernel: Kernel
  var harts: [Hart]
  package internal(set) var contexts: [HartContext]

  var state: SessionState
  /// Instructions of user code that the step under way may still run.
  var allowance = Int.max
  /// Loads and stores that others see, for whoever asked for them; not part of the state.
  var keptAccesses: [KeptAccess]?
  /// As many bytes may be typed and not taken yet before no more are wanted.
  private static let heldAtMost = 65_536
  /// Virtual time at which the session ends, whatever runs.
  let limit: UInt64

  /// Makes the machine a value that is passed by its address. One that the compiler could take apart
  /// it would copy, a kilobyte, each time that another module looks at it.
  private let isPassedByAddress: any Sendable = ()

  /// Ticks between two digests of the machine's state.
  static let digestTicks: UInt64 = 64
  /// Events between two digests, where they come faster than that.
  static let digestEvents = 16_384

  /// Sets the machine up: disk, console, init. No event is emitted before the first step.
  public init(_ scenario: Scenario) throws(ScenarioError) {
    let kernel = try Kernel(scenario)
    let code = CodeCache()
    self.scenario = scenario
    scenarioDigest = scenario.digest
    self.kernel = kernel
    harts = (0..<scenario.harts).map { _ in Hart(sharing: code) }
    contexts = (0..<scenario.harts).map { HartContext(id: HartID(raw: UInt8($0))) }
    limit =
      (scenario.limitTicks.map { Instant(tick: $0, of: scenario.tick) } ?? .end).instructions
    state = SessionState(nextDigest: Simulation.digestTicks * scenario.tick)
    for index in contexts.indices.dropFirst() { contexts[index].mode = .idle }
    watchSharedPages()
  }

  // MARK: State

  /// Virtual time: no event to come is earlier.
  public var now: Instant {
    guard state.openRun != nil, let index = hartFurthestBehind else { return kernel.now }
    return max(kernel.now, harts[index].clock)
  }

  /// Texts that events mention by number.
  public var names: NameTable { kernel.names }

  /// The slot of the process that an event is about, if it still has one.
  package func slot(of pid: ProcessID) -> Slot? {
    if let current = kernel.current, kernel.processes.isUsed(current),
      kernel.processes[current].pid == pid
    {
      return current
    }
    return kernel.processes.slot(of: pid)
  }

  // MARK: Stepping

  /// One hart's next run or trap, or one arrival; emits zero or more events.
  ///
  /// - Parameter instructions: user code that is run at most. A run that is stopped by it goes on in
  ///   the next step, and comes to the same as one that is not stopped.
  public mutating func step(
    _ decisions: inout some Decisions, into sink: inout some EventSink,
    atMost instructions: Int
  ) -> StepResult {
    if let end = state.end { return .ended(end) }
    listen(sink.interest)
    allowance = instructions
    if state.openRun != nil { return goOnRunning(into: &sink) }
    if !state.hasBooted { boot(&decisions) }
    let result = advance(&decisions)
    if state.emitsDigests { digestIfDue() }
    if let end = state.end {
      emitEnd(end)
      deliver(into: &sink)
      return .ended(end)
    }
    deliver(into: &sink)
    return result
  }

  /// Whether a hart's run was stopped by `step`'s limit and goes on in the next step.
  public var isInRun: Bool { state.openRun != nil }

  private mutating func listen(_ interest: EventInterest) {
    kernel.emitsEverything = interest != .output
    state.emitsDigests = interest == .everything
  }

  private mutating func goOnRunning(into sink: inout some EventSink) -> StepResult {
    if let run = state.openRun { goOn(with: run) }
    if state.emitsDigests { digestIfDue() }
    deliver(into: &sink)
    return .ran
  }

  /// Ends the session from outside; a run that was stopped before its end is finished first.
  public mutating func stop(into sink: inout some EventSink) {
    guard state.end == nil else { return }
    listen(sink.interest)
    allowance = .max
    if state.openRun != nil { _ = goOnRunning(into: &sink) }
    state.end = .stopped
    emitEnd(.stopped)
    deliver(into: &sink)
  }

  private mutating func deliver(into sink: inout some EventSink) {
    if kernel.events.isEmpty { return }
    state.delivered += Int64(kernel.events.count)
    for event in kernel.events { sink.receive(event) }
    kernel.events.removeAll(keepingCapacity: true)
  }

  @inline(never)
  private mutating func boot(_ decisions: inout some Decisions) {
    state.hasBooted = true
    state.asksPreemption = decisions.wantsPreemption
    if state.asksPreemption { kernel.scheduler.forgetRounds() }
    watchSharedPages()
    kernel.emit(
      .booted(
        kernel.machineStamp, scenario: scenarioDigest, harts: scenario.harts, scenario.limits))
    if harts.count > 1 {
      for index in contexts.indices { drawSlice(on: index, &decisions) }
    }
    askForInput(&decisions, idle: false)
  }

  /// Whether loads and stores that other processes can see are recorded or decided about.
  var watchesSharedPages: Bool {
    scenario.recordsSharedAccesses || state.asksPreemption || keptAccesses != nil
  }

  /// Has harts stop in front of these, or not.
  func watchSharedPages() {
    for hart in harts { hart.watchesSharedPages = watchesSharedPages }
  }

  private mutating func advance(_ decisions: inout some Decisions) -> StepResult {
    guard let index = hartFurthestBehind else { return passIdleTime(&decisions) }
    let due = nextDue
    let clock = harts[index].clock
    // A call that began before the limit takes its hart past it.
    if min(clock, due ?? clock).instructions >= limit {
      reachLimit(on: contexts[index].id)
      return .ran
    }
    if let due, due <= clock {
      arrive(at: due, &decisions)
      return .ran
    }
    kernel.enter(at: clock, on: contexts[index].id, as: contexts[index].current)
    guard let slot = contexts[index].current else {
      dispatch(on: index, &decisions)
      return .ran
    }
    let effects: Effects
    if contexts[index].isHeldBack {
      effects = holdBack(slot, on: index)
    } else if state.asksPreemption, losesHart(slot, on: index, &decisions) {
      effects = yield(slot, on: index, .slice)
    } else if let trap = contexts[index].trap {
      contexts[index].trap = nil
      effects = handle(trap, of: slot, on: index)
    } else if contexts[index].givesWay {
      effects = yield(
        slot, on: index, clock.instructions < contexts[index].turnEnd ? .preempted : .slice)
    } else if clock.instructions >= contexts[index].nextStop {
      if clock.instructions >= contexts[index].nextTick {
        tick(slot, on: index, &decisions)
        effects = .none
      } else if clock.instructions >= contexts[index].quotaEnd {
        effects = endQuota(of: slot, on: index)
      } else {
        effects = endTurn(of: slot, on: index)
      }
    } else if kernel.processes[slot].isKilled {
      effects = exit(slot, on: index, status: -1, .kill)
    } else if kernel.processes[slot].pending != nil {
      effects = call(slot, on: index)
    } else {
      if !contexts[index].isTurnDrawn, isWaitedFor(slot) {
        drawTurn(of: slot, on: index, &decisions)
      }
      run(slot, on: index, until: due)
      return .ran
    }
    perform(effects, on: index)
    return .ran
  }

  /// The busy hart with the lowest clock; the lowest numbered of several. Inlined for the same reason
  /// as `nextDue`.
  private var hartFurthestBehind: Int? {
    @inline(__always) get {
      var best: Int?
      for index in contexts.indices where contexts[index].mode != .idle {
        if let found = best, harts[found].clock <= harts[index].clock { continue }
        best = index
      }
      return best
    }
  }

  var busyHarts: Int {
    var count = 0
    for context in contexts where context.mode != .idle { count += 1 }
    return count
  }

  private var latestClock: Instant {
    var latest = kernel.now
    for hart in harts where hart.clock > latest { latest = hart.clock }
    return latest
  }

  // MARK: Input and timers

  /// When the next sleeper wakes or input arrives. What the console has no room for waits.
  ///
  /// Inlined, as is `canType`, or else the whole machine would be copied for it at each step.
  private var nextDue: Instant? {
    @inline(__always) get {
      var due = kernel.timers.first
      if canType {
        due = min(due ?? kernel.now, kernel.now)
      } else if let arrival = state.arrivals.firstTime {
        due = min(due ?? arrival, arrival)
      }
      return due
    }
  }

  /// Whether the console takes some of what is held.
  private var canType: Bool {
    @inline(__always) get {
      !state.held.isEmpty && (kernel.console.hasRoom || state.held.contains(Console.interruptKey))
    }
  }

  private mutating func arrive(at due: Instant, _ decisions: inout some Decisions) {
    kernel.enter(at: max(kernel.now, due), on: HartID(raw: 0), as: nil)
    var effects = Effects.none
    settleTime()
    if kernel.network.conditions.isUncertain { decideOnDatagrams(&decisions) }
    kernel.wakeSleepers(&effects)
    // Nobody's time: what it comes to is bounded by what was typed and by who slept.
    defer { _ = kernel.takeCost() }
    var hasArrived = false
    while let input = state.arrivals.takeFirst(by: kernel.now) {
      switch input.channel {
      case .console: state.held += input.bytes
      case .network:
        if let message = HostMessage(bytes: input.bytes) { kernel.receive(message, &effects) }
      }
      hasArrived = true
    }
    if canType { state.held.removeFirst(kernel.type(state.held[...], &effects)) }
    if hasArrived { askForInput(&decisions, idle: false) }
    perform(effects)
  }

  @discardableResult
  mutating func askForInput(_ decisions: inout some Decisions, idle: Bool) -> InputAnswer {
    let answer = decisions.input(
      InputRequest(
        earliest: Instant(instructions: latestClock.instructions + 1), idle: idle,
        wanted: !kernel.console.readers.isEmpty,
        hasRoom: state.held.count + state.arrivals.byteCount < Simulation.heldAtMost,
        due: idle ? nextDue : nil, leaving: kernel.network.leaving))
    if case .bytes(var input) = answer {
      input.time = min(input.time, .end)
      state.arrivals.insert(input)
    }
    return answer
  }

  /// No hart is busy: input for a process that reads the console comes now, otherwise time jumps to the
  /// next thing due, and if there is none the session is over.
  private mutating func passIdleTime(_ decisions: inout some Decisions) -> StepResult {
    let reader = kernel.console.readers.waiting.first
    let isPublished = !scenario.ports.isEmpty
    // A scenario's clients are told of in advance, which keeps no line from being typed before that.
    let isAsked =
      !scenario.clients.isEmpty
      || state.arrivals.isEmpty && (reader != nil || isPublished || nextDue == nil)
    let answer = isAsked ? askForInput(&decisions, idle: true) : .nothingYet
    if answer == .hold, nextDue != nil { return .holding }
    if let due = nextDue {
      // What is so now is so for all of the ticks that are passed over.
      if due.instructions / kernel.tick > kernel.now.instructions / kernel.tick {
        kernel.tellGroupUses()
      }
      if due.instructions >= limit {
        reachLimit(on: kernel.hart)
      } else {
        arrive(at: due, &decisions)
      }
      return .ran
    }
    if reader != nil || isPublished, answer == .nothingYet || answer == .hold {
      return .waitingForInput
    }
    if let reader {
      state.end =
        scenario.program.isEmpty
        ? .inputEnded : .consoleExhausted(kernel.processes[reader].pid)
    } else if !scenario.clients.isEmpty, hasServer {
      state.end = .inputEnded
    } else {
      state.end = .deadlocked(kernel.processes.slotsByPID.compactMap { blockedPID($0) })
    }
    return .ran
  }

  /// Nothing happens after the limit, and the session ends at it.
  private mutating func reachLimit(on hart: HartID) {
    kernel.enter(
      at: Instant(instructions: max(kernel.now.instructions, limit)), on: hart, as: kernel.current)
    state.end = .limitReached
  }

  /// Whether a process waits for clients, of which no more come.
  private var hasServer: Bool {
    kernel.processes.slotsByPID.contains { slot in
      switch kernel.processes[slot].state {
      case .blocked(.connectionToCome), .blocked(.poll): true
      default: false
      }
    }
  }

  private func blockedPID(_ slot: Slot) -> ProcessID? {
    guard case .blocked = kernel.processes[slot].state else { return nil }
    return kernel.processes[slot].pid
  }

  // MARK: Digest and end

  /// The machine's init has exited.
  mutating func halt(status: Int32) { state.end = .halted(status: status) }

  /// Whether the machine's init has exited.
  package var hasHalted: Bool { if case .halted = state.end { true } else { false } }

  private mutating func digestIfDue() {
    state.eventsSinceDigest += kernel.events.count
    // Within a run that was stopped nothing happens that would not happen without stopping it.
    guard state.openRun == nil,
      kernel.now.instructions >= state.nextDigest
        || state.eventsSinceDigest >= Simulation.digestEvents
    else { return }
    let period = Simulation.digestTicks * scenario.tick
    state.nextDigest = (kernel.now.instructions / period + 1) * period
    state.eventsSinceDigest = 0
    emitDigest()
  }

  private mutating func emitDigest() {
    let written = kernel.takeWritten()
    let hash = stateDigest(written: written.hash)
    kernel.emit(.digested(kernel.machineStamp, hash, pages: written.frames))
  }

  /// A hash of what was written since the last digest, and of everything else that can make a
  /// difference to what follows.
  private mutating func stateDigest(written: UInt64) -> UInt64 {
    for index in contexts.indices { saveContext(of: index) }
    var digest = Digest(seed: written)
    digest.combine(kernel)
    digest.combine(contexts)
    for hart in harts { digest.combine(hart.clock.instructions) }
    digest.combine(state.held)
    return digest.value
  }

  private mutating func emitEnd(_ reason: EndReason) {
    kernel.tellGroupUses()
    var status: Int32 = 0
    switch reason {
    case .halted(let value): status = value
    case .deadlocked(let waiting): for pid in waiting { emitDeadlock(pid) }
    case .consoleExhausted, .inputEnded, .limitReached, .stopped: break
    }
    guard kernel.emitsEverything else { return }
    let hash = state.emitsDigests ? stateDigest(written: kernel.takeWritten().hash) : 0
    kernel.emit(.ended(kernel.machineStamp, reason, status: status, hash))
  }

  /// The holder of what a process waits for; `.none` when no single process is.
  private func holder(of reason: WaitReason) -> ProcessID {
    guard case .mutex(let mutex) = reason, let holder = kernel.mutexes[mutex].holder else {
      return .none
    }
    return kernel.pid(of: holder)
  }

  private mutating func emitDeadlock(_ pid: ProcessID) {
    guard let slot = kernel.processes.slot(of: pid),
      case .blocked(let reason) = kernel.processes[slot].state
    else { return }
    kernel.emit(.deadlocked(kernel.stamp(slot), on: reason, heldBy: holder(of: reason)))
  }
}
