// Connections from the host as a session's input, made up without any socket: whatever comes at whatever time, in
// whatever pieces, the session replays, and holds every invariant.

import Recorder
import Replay
import Sim
import TestSupport
import Testing

struct HostReplayTests {
  let folder: TemporaryFolder
  var path: String { folder.file("t.db") }

  init() throws { folder = try TemporaryFolder() }

  /// Gives messages one by one, at every chance or when the machine is idle.
  private struct Host: Decisions {
    var choices: ScriptedDecisions
    var messages: ArraySlice<HostMessage>
    var waits: Bool

    mutating func choose(_ choice: Choice, candidate: (Int) -> Candidate) -> Int {
      choices.choose(choice, candidate: candidate)
    }

    mutating func input(_ request: InputRequest) -> InputAnswer {
      if waits, !request.idle { return .nothingYet }
      guard let message = messages.popFirst() else { return .nothingYet }
      return .bytes(
        TimedInput(time: request.earliest, channel: .network, bytes: message.bytes))
    }
  }

  private func scenario(harts: Int, connections: Int) -> Scenario {
    var scenario = GuestRun.scenario(["host_echo", "80", "\(connections)"])
    scenario.harts = harts
    scenario.seed = UInt64(harts)
    scenario.ports = [PublishedPort("127.0.0.1:8080:80")].compactMap { $0 }
    return scenario
  }

  private func record(_ scenario: Scenario, _ messages: [HostMessage], waits: Bool) throws
    -> [Event]
  {
    let host = Host(
      choices: ScriptedDecisions(scenario), messages: messages[...], waits: waits)
    var session = try RecordingSession(scenario, host, to: path, alsoTo: CollectingSink())
    while case .ran = try session.step() {}
    let count = try session.finish()
    #expect(
      try RecordedSession.replay(path) == .finished(ReplaySummary(events: count, isComplete: true)))
    #expect(try TraceReader(path: path).violations(atMost: 1).isEmpty)
    return session.sink.other.events
  }

  private func output(_ events: [Event]) -> [UInt8] {
    events.filter { $0.kind == .hostOutput }.flatMap(\.packedBytes)
  }

  @Test("What comes back is what was sent, through windows of any size", arguments: [1, 2, 4])
  func bytesComeBack(harts: Int) throws {
    let bytes = (0..<30_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
    let messages: [HostMessage] =
      [HostMessage(1, .opened(place: 0, from: 40_000)), HostMessage(1, .bytes(bytes))]
      + [HostMessage(1, .ended)]
    let events = try record(
      scenario(harts: harts, connections: 1), messages, waits: true)
    #expect(output(events) == bytes)
    let ends = events.filter { $0.kind == .socketClose && $0[SocketCloseEvent.socket] == .none }
    #expect(ends.count == 1 && ends.first?[SocketCloseEvent.sent] == 30_000)
  }

  @Test("The story tells that it is the host that connects")
  func storyTellsOfTheHost() throws {
    let messages = [HostMessage(1, .opened(place: 0, from: 40_000)), HostMessage(1, .ended)]
    _ = try record(scenario(harts: 1, connections: 1), messages, waits: true)
    var report = StoryReport()
    let story = try TraceReader(path: path).run(&report)[0].rows.map { $0[2] }
    #expect(story.contains(.text("The host connects to 10.0.0.1:80.")), "\(story)")
  }

  @Test("A writer waits while the host takes nothing, and goes on when it does")
  func slowHostsFillTheWindow() throws {
    let bytes = [UInt8](repeating: 7, count: 100_000)
    let open: [HostMessage] = [
      HostMessage(1, .opened(place: 0, from: 40_000)), HostMessage(1, .bytes(bytes)),
    ]
    let scenario = scenario(harts: 1, connections: 1)
    let held = try record(scenario, open, waits: true)
    #expect(output(held).count == HostConnection.outgoingWindow)
    let taken = folder.file("u.db")
    let host = Host(
      choices: ScriptedDecisions(scenario),
      messages: (open + [HostMessage(1, .taken(60_000)), HostMessage(1, .ended)])[...],
      waits: true)
    var session = try RecordingSession(scenario, host, to: taken, alsoTo: CollectingSink())
    while case .ran = try session.step() {}
    _ = try session.finish()
    #expect(output(session.sink.other.events) == bytes)
  }

  @Test(
    "Messages in any order, of connections that there are or not, break nothing", arguments: 1...12)
  func randomMessagesReplay(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let messages = (0..<80).map { _ in
      let number = UInt32(random.next(below: 5))
      let content: HostMessage.Content =
        switch random.next(below: 6) {
        case 0, 1:
          .opened(place: UInt16(random.next(below: 2)), from: UInt16(random.next(below: 65_536)))
        case 2: .ended
        case 3: .reset
        case 4: .taken(UInt32(random.next(below: 100_000)))
        default: .bytes([UInt8](repeating: UInt8(seed), count: 1 + random.next(below: 9000)))
        }
      return HostMessage(number, content)
    }
    let scenario = scenario(harts: 1 + Int(seed % 4), connections: 20)
    _ = try record(scenario, messages, waits: seed % 2 == 0)
  }

  @Test("A message is what its bytes say, and other bytes are none")
  func messagesAreBytes() {
    let contents: [HostMessage.Content] = [
      .opened(place: 3, from: 65_535), .bytes([1]), .bytes([0, 255]), .ended, .reset,
      .taken(1 << 31),
    ]
    for content in contents {
      let message = HostMessage(77, content)
      #expect(HostMessage(bytes: message.bytes) == message)
      #expect(HostMessage(bytes: message.bytes.dropLast() + []) != message)
    }
    for bytes: [UInt8] in [
      [], [1, 0, 0, 0], [1, 0, 0, 0, 1], [1, 0, 0, 0, 9], [1, 0, 0, 0, 2, 0],
    ] {
      #expect(HostMessage(bytes: bytes) == nil)
    }
  }

  @Test("A published port is an address, two ports and whom it leads to")
  func portsAreTexts() {
    for (text, description) in [
      ("127.0.0.1:8080:web:80", "127.0.0.1:8080:web:80"), ("8080:80", "127.0.0.1:8080:80"),
      ("0.0.0.0:0:10.0.0.2:80", "0.0.0.0:0:10.0.0.2:80"), ("1:c1:2", "127.0.0.1:1:c1:2"),
    ] {
      #expect(PublishedPort(text)?.description == description)
    }
    for text in [
      "", "80", ":", "80:", ":80", "80:0", "65536:80", "1:65536", "1:a/b:2", "1::2", "-1:2", "1:+2",
      "127.0.0.1:2", "1.2.3.4:5:6:7:8", "1:a:b:2", "1.2.3.256:1:2",
    ] {
      #expect(PublishedPort(text) == nil, "\(text)")
    }
  }
}
