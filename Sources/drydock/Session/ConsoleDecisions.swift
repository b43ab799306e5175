// What a session at the command line decides: choices from the seed, and input from the script or
// the keyboard, and from the scenario's clients or the host's side of published ports. When the input has ended, a process that still waits for the console gets an end of
// input, ^D; a program that goes on reading gets only so many.

import Sim

/// Choices from a seed, input from a script or a keyboard.
struct ConsoleDecisions: Decisions {
  private var script: ScriptedDecisions
  private var scriptLines: Int
  private var clients: ClientScript
  let keyboard: Keyboard?
  /// Where ports are published.
  let host: HostPorts?
  /// Whose turn it is, where both have something.
  private var hostComesFirst = true
  /// How many ends of input are still to be given.
  private var endsLeft: Int
  /// For how many ticks in a row something has waited for the console of a busy machine.
  private var patience = 0

  private static let endOfInput: UInt8 = 4
  private static let endsForPrograms = 64
  /// A piped line is typed when the machine is idle, which makes the session the same however
  /// slowly the pipe comes; a machine that is never idle gets it after so many ticks.
  private static let ticksBusy = 100

  init(_ scenario: Scenario, keyboard: Keyboard?, host: HostPorts? = nil) {
    self.host = host
    script = ScriptedDecisions(scenario)
    scriptLines = scenario.script.count
    clients = ClientScript(scenario)
    self.keyboard = keyboard
    // A shell ends with its script; what is piped into it may have to end a program that reads.
    endsLeft =
      !scenario.program.isEmpty ? ConsoleDecisions.endsForPrograms : keyboard == nil ? 0 : 1
  }

  mutating func choose(_ choice: Choice, candidate: (Int) -> Candidate) -> Int {
    script.choose(choice, candidate: candidate)
  }

  mutating func input(_ request: InputRequest) -> InputAnswer {
    guard let host else { return clients.input(request, typed: typedInput(request)) }
    hostComesFirst.toggle()
    if hostComesFirst, let message = host.next() { return answer(message, request, host) }
    host.waitsForKeys = keyboard?.isTerminal == true || request.wanted
    switch typedInput(request) {
    case .bytes(let input): return .bytes(input)
    // Somebody may still connect.
    case .ended, .nothingYet, .hold: break
    }
    if let message = host.next() { return answer(message, request, host) }
    return host.holds(request) ? .hold : .nothingYet
  }

  private func answer(_ message: HostMessage, _ request: InputRequest, _ host: HostPorts)
    -> InputAnswer
  {
    .bytes(TimedInput(time: host.time(request), channel: .network, bytes: message.bytes))
  }

  private mutating func typedInput(_ request: InputRequest) -> InputAnswer {
    if scriptLines > 0 {
      let answer = script.typedInput(request)
      if case .bytes = answer { scriptLines -= 1 }
      return answer
    }
    guard request.hasRoom else { return .nothingYet }
    guard let keyboard else { return atEnd(request) }
    if keyboard.isTerminal {
      let keys = keyboard.takeKeys()
      if !keys.isEmpty { return .bytes(TimedInput(time: request.earliest, bytes: keys)) }
      return keyboard.hasEnded ? .ended : .nothingYet
    }
    guard request.wanted else {
      patience = 0
      return .nothingYet
    }
    patience += 1
    guard request.idle || patience > ConsoleDecisions.ticksBusy else { return .nothingYet }
    if let line = keyboard.takeLine() {
      patience = 0
      return .bytes(TimedInput(time: request.earliest, bytes: line))
    }
    return keyboard.hasEnded ? atEnd(request) : .nothingYet
  }

  private mutating func atEnd(_ request: InputRequest) -> InputAnswer {
    if clients.hasMore { return .nothingYet }
    if endsLeft == 0 { return .ended }
    guard request.idle && request.wanted else { return .nothingYet }
    endsLeft -= 1
    return .bytes(TimedInput(time: request.earliest, bytes: [ConsoleDecisions.endOfInput]))
  }
}
