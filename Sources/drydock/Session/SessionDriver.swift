// Moves a session on until it ends: lets the guest print, waits for the keyboard, listens to signals,
// shows progress, and finally says how it ended.

import ArgumentParser
import Foundation
import Recorder
import Sim

/// A machine that can be driven, recorded or not.
protocol DrivenSession: ~Copyable {
  var now: Instant { get }
  var names: NameTable { get }
  /// How many events there are, if they are counted.
  var events: Int64? { get }
  func describe(_ process: ProcessID) -> String?
  mutating func step() throws -> StepResult
  /// Makes what has happened so far safe.
  mutating func commit() throws
  mutating func stop() throws
}

/// A machine that nobody records.
struct PlainSession<Kept: Machine & ~Copyable>: ~Copyable, DrivenSession {
  private var machine: Kept
  private var decisions: ConsoleDecisions
  private var sink: ConsoleSink

  init(_ machine: consuming Kept, _ decisions: ConsoleDecisions, _ sink: ConsoleSink) {
    self.machine = machine
    self.decisions = decisions
    self.sink = sink
  }

  var now: Instant { machine.now }
  var names: NameTable { machine.names }
  var events: Int64? { nil }
  func describe(_ process: ProcessID) -> String? { machine.describe(process) }
  mutating func step() throws -> StepResult { machine.step(&decisions, into: &sink) }
  mutating func commit() throws {}
  mutating func stop() throws { machine.stop(into: &sink) }
}

extension RecordingSession: DrivenSession where Kept: ~Copyable {
  var now: Instant { machine.now }
  var names: NameTable { machine.names }
  var events: Int64? { eventCount }
  func describe(_ process: ProcessID) -> String? { machine.describe(process) }
}

/// How a driven session came to its end.
enum SessionOutcome {
  case ended(EndReason)
  /// The person typed Ctrl-A x.
  case left
  case interrupted(Int32)
  /// Nobody reads standard output any more.
  case unheard
}

/// Drives sessions.
struct SessionDriver {
  let output: OutputBuffer
  let live: LiveEvents?
  let liveOutput: OutputBuffer
  private let foreignCalls = ForeignCalls()
  let keyboard: Keyboard?
  private let host: HostPorts?
  private var progress: Progress
  /// A person sits at the keyboard and sees what is printed.
  private let isInteractive: Bool
  private let isShell: Bool
  /// The person has been told which keys leave, or need not be.
  private var hasToldKeys: Bool

  /// Steps between looks at the clock and the keyboard.
  private static let stepsBetweenLooks = 64
  private static let outputPeriod = 0.02
  /// How long events may stay uncommitted, and invisible to readers, in seconds.
  private static let commitPeriod = 1.0

  init(_ options: SessionOptions, _ scenario: Scenario, _ decisions: ConsoleDecisions) {
    let keyboard = decisions.keyboard
    host = decisions.host
    let output = OutputBuffer(STDOUT_FILENO)
    let liveOutput = OutputBuffer(STDERR_FILENO)
    self.output = output
    self.liveOutput = liveOutput
    live = options.live ? LiveEvents(liveOutput, scenario.files) : nil
    self.keyboard = keyboard
    isInteractive = keyboard?.isTerminal == true
    isShell = scenario.program.isEmpty
    hasToldKeys = !isInteractive || isatty(STDERR_FILENO) == 0
    progress = Progress(isShown: !isInteractive && live == nil)
    let progress = progress
    output.willWrite = { progress.hide() }
  }

  var sink: ConsoleSink {
    ConsoleSink(output: output, live: live, foreignCalls: foreignCalls, host: host)
  }

  /// Runs the session to its end, whatever ends it.
  ///
  /// - Throws: `TraceError` if it cannot be recorded any further.
  mutating func run(_ session: inout some DrivenSession & ~Copyable) throws -> SessionOutcome {
    Interruption.watch()
    if isInteractive { Terminal.makeRaw() }
    if isShell { tellKeys() }
    for line in host?.lines ?? [] { say(line) }
    defer {
      host?.finish()
      live?.write(session.names)
      liveOutput.flush()
      output.flush()
      progress.hide()
      Terminal.restore()
    }
    var steps = 0
    let start = Date.timeIntervalSinceReferenceDate
    var lastLook = start
    var lastCommit = start
    while true {
      let result = try session.step()
      if let live { live.write(session.names) }
      if foreignCalls.areWaiting { foreignCalls.write(session.names, after: output) }
      switch result {
      case .ended(let reason): return .ended(reason)
      case .waitingForInput:
        output.flush()
        liveOutput.flush()
        if interruption == nil, host != nil || keyboard?.hasEnded == false {
          try rest(&session, milliseconds: -1)
          lastLook = Date.timeIntervalSinceReferenceDate
        }
        steps = SessionDriver.stepsBetweenLooks
      case .holding:
        output.flush()
        liveOutput.flush()
        if interruption == nil { try rest(&session, milliseconds: host?.holdLeft ?? 0) }
        steps = SessionDriver.stepsBetweenLooks
      case .ran:
        steps += 1
      }
      guard steps >= SessionDriver.stepsBetweenLooks else { continue }
      steps = 0
      if let outcome = interruption {
        host?.stop()
        try session.stop()
        return outcome
      }
      let now = Date.timeIntervalSinceReferenceDate
      guard now - lastLook >= SessionDriver.outputPeriod else { continue }
      lastLook = now
      output.flush()
      progress.show(session.now, session.events, at: now)
      if now - start > SessionDriver.patience { tellKeys() }
      guard now - lastCommit >= SessionDriver.commitPeriod else { continue }
      lastCommit = now
      try session.commit()
    }
  }

  private var interruption: SessionOutcome? {
    if let signal = Interruption.signal { return .interrupted(signal) }
    if keyboard?.wantsToLeave == true { return .left }
    if output.isBroken { return .unheard }
    return nil
  }

  private static let restAfter: Int32 = 200
  /// After how many seconds a person may want to leave a program that asks for nothing.
  private static let patience = 1.0

  /// Says which keys leave: at once in a shell, else when a program waits for keys or takes its time.
  private mutating func tellKeys() {
    guard !hasToldKeys else { return }
    hasToldKeys = true
    say("Ctrl-A x leaves; every other key goes to the guest, Ctrl-C too")
  }

  /// Waits for the keyboard and the host's connections; when that takes a while, commits the recording meanwhile.
  ///
  /// - Parameter milliseconds: how long at the most; -1 for as long as it takes.
  private mutating func rest(
    _ session: inout some DrivenSession & ~Copyable, milliseconds: Int32
  ) throws {
    tellKeys()
    let first = milliseconds < 0 ? SessionDriver.restAfter : milliseconds
    waitForInput(milliseconds: min(first, SessionDriver.restAfter))
    if milliseconds >= 0, milliseconds <= SessionDriver.restAfter { return }
    if host?.hasMessages == true || hearsKeys && keyboard?.hasSomething == true
      || Interruption.signal != nil
    {
      return
    }
    try session.commit()
    waitForInput(milliseconds: milliseconds)
  }

  /// Whether what is typed can be taken now.
  private var hearsKeys: Bool {
    guard let keyboard, !keyboard.hasEnded else { return false }
    guard let host else { return true }
    return host.waitsForKeys && !(keyboard.isTerminal && Terminal.isElsewhere)
  }

  private func waitForInput(milliseconds: Int32) {
    guard let host else {
      keyboard?.wait(milliseconds: milliseconds)
      return
    }
    let keys = hearsKeys ? keyboard.map { [$0.descriptor] } ?? [] : []
    host.wait(milliseconds: milliseconds, alsoFor: keys + [Interruption.descriptor])
  }

  /// Says something in a line of its own, also where the guest's last line has no end.
  func say(_ text: String) {
    output.flush()
    var (first, second) = (stat(), stat())
    let isOnePlace =
      fstat(STDOUT_FILENO, &first) == 0 && fstat(STDERR_FILENO, &second) == 0
      && first.st_dev == second.st_dev && first.st_ino == second.st_ino
    if output.isWithinLine && isOnePlace {
      writeToStandardError("\n")
      output.isWithinLine = false
    }
    complain(text)
  }

  // MARK: How it ended

  /// Says what went wrong, if anything did, and gives the tool's exit status.
  func conclude(
    _ outcome: SessionOutcome, _ session: borrowing some DrivenSession & ~Copyable,
    _ scenario: Scenario
  ) -> ExitCode {
    switch outcome {
    case .left: return .success
    case .interrupted(let signal): return ExitCode(128 + signal)
    case .unheard: return ExitCode(output.failureStatus())
    case .ended(.halted(let status)): return ExitCode(status & 0xff)
    case .ended(.inputEnded), .ended(.stopped): return .success
    case .ended(.limitReached):
      let limit =
        scenario.limitTicks.map { "the limit of \($0) ticks" } ?? "the end of virtual time"
      say("\(limit) was reached at time \(session.now.instructions)")
      return .bad
    case .ended(.consoleExhausted(let pid)):
      let name = processes(session, [pid]).first ?? "pid \(pid.raw)"
      say("the console's input has ended, and \(name)")
      return .bad
    case .ended(.deadlocked(let pids)):
      say(
        "deadlock at time \(session.now.instructions): "
          + processes(session, pids).joined(separator: "; "))
      return .bad
    }
  }

  private func processes(
    _ session: borrowing some DrivenSession & ~Copyable, _ pids: [ProcessID]
  ) -> [String] {
    pids.compactMap { session.describe($0) }.map { printable($0) }
  }
}
