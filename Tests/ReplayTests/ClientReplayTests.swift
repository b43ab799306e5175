// A scenario's clients: what they send arrives at its times or when the machine is idle, what the machine answers is
// taken, and the session replays from what the trace has, which is the whole scenario again.

import Recorder
import Replay
import Sim
import TestSupport
import Testing

struct ClientReplayTests {
  let folder: TemporaryFolder
  var path: String { folder.file("t.db") }

  init() throws { folder = try TemporaryFolder() }

  private static let port = Endpoint(.loopback, 8080)

  private func scenario(_ clients: [HostClient], program: [String]? = nil, harts: Int = 1)
    -> Scenario
  {
    var scenario = GuestRun.scenario(program ?? ["host_echo", "80", "\(clients.count)"])
    scenario.harts = harts
    scenario.seed = UInt64(harts)
    scenario.ports = [PublishedPort("127.0.0.1:8080:80")].compactMap { $0 }
    scenario.clients = clients
    return scenario
  }

  private func record(_ scenario: Scenario) throws -> (events: [Event], reader: TraceReader) {
    var session = try RecordingSession(
      scenario, ScriptedDecisions(scenario), to: path, overwrite: true, alsoTo: CollectingSink())
    var result = try session.step()
    while case .ran = result { result = try session.step() }
    guard case .ended = result else {
      Issue.record("the session does not end: \(result)")
      return ([], try TraceReader(path: path))
    }
    let count = try session.finish()
    #expect(
      try RecordedSession.replay(path) == .finished(ReplaySummary(events: count, isComplete: true)))
    let reader = try TraceReader(path: path)
    #expect(try reader.violations(atMost: 1).isEmpty)
    #expect(reader.scenario == scenario)
    return (session.sink.other.events, reader)
  }

  private func output(_ events: [Event]) -> [UInt8] {
    events.filter { $0.kind == .hostOutput }.flatMap(\.packedBytes)
  }

  private func messages(_ reader: TraceReader) -> [(UInt64, HostMessage?)] {
    reader.inputs.filter { $0.input.channel == .network }.map {
      ($0.input.time.instructions, HostMessage(bytes: $0.input.bytes))
    }
  }

  @Test("What a client sends comes back to it, however much that is", arguments: [1, 2, 4])
  func bytesComeBack(harts: Int) throws {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
    let client = HostClient(
      to: ClientReplayTests.port, from: 40_000, [.init(.send(bytes)), .init(.endSending)])
    let (events, reader) = try record(scenario([client], harts: harts))
    #expect(output(events) == bytes)
    #expect(reader.summary.end == "halted", "\(reader.summary)")
  }

  @Test("Who reads so many bytes and no more is sent those and a window more")
  func readersStop() throws {
    let bytes = [UInt8](repeating: 7, count: 200_000)
    for (reads, taken) in [(0 as UInt64, 0), (50_000, 50_000)] {
      let client = HostClient(
        to: ClientReplayTests.port, from: 1, reads: reads, [.init(.send(bytes))])
      let (events, _) = try record(scenario([client]))
      #expect(output(events).count == HostConnection.outgoingWindow + taken)
    }
    let again = HostClient(
      to: ClientReplayTests.port, from: 1, reads: 0,
      [.init(.send(bytes)), .init(.take(65_536)), .init(.take(65_536)), .init(.take(65_536))]
        + [.init(.take(3392)), .init(.endSending)])
    #expect(try output(record(scenario([again])).events) == bytes)
  }

  @Test("Steps of a time happen at it, of several clients each, and others when all are idle")
  func timesAreKept() throws {
    let (first, second) = (5_000_000 as UInt64, 5_000_321 as UInt64)
    let clients = [
      HostClient(
        to: ClientReplayTests.port, from: 1, at: first,
        [.init(.send([1]), at: first + 200_000), .init(.endSending, at: first + 450_000)]),
      HostClient(
        to: ClientReplayTests.port, from: 2, at: second,
        [.init(.send([2, 2]), at: second), .init(.send([3]), at: 9_000_000), .init(.endSending)]),
    ]
    let (events, reader) = try record(scenario(clients))
    let told = messages(reader)
    let expected: [HostMessage] = [
      HostMessage(1, .opened(place: 0, from: 1)), HostMessage(2, .opened(place: 0, from: 2)),
      HostMessage(2, .bytes([2, 2])), HostMessage(1, .bytes([1])), HostMessage(1, .ended),
      HostMessage(2, .bytes([3])), HostMessage(2, .ended),
    ]
    #expect(told.map(\.1) == expected)
    #expect(told[0].0 == first && told[1].0 == second)
    #expect(told[3].0 == first + 200_000 && told[4].0 == first + 450_000 && told[5].0 == 9_000_000)
    #expect(told[6].0 > 9_000_000 && told[6].0 < 9_100_000)
    #expect(output(events).sorted() == [1, 2, 2, 3])
  }

  @Test("A server that waits for further clients when the last is done is no deadlock")
  func serversWaitOn() throws {
    let client = HostClient(
      to: ClientReplayTests.port, from: 1, [.init(.send([1])), .init(.endConnection)])
    let (events, reader) = try record(scenario([client], program: ["host_echo", "80", "0"]))
    #expect(reader.summary.end == "input ended")
    #expect(!events.contains { $0.kind == .deadlock })
  }

  @Test("Lines without a time are typed before clients without one come, and none keeps the other")
  func scriptsAndClients() throws {
    let client = HostClient(
      to: ClientReplayTests.port, from: 1, [.init(.send([65])), .init(.endSending)])
    var scenario = scenario([client], program: [])
    scenario.files += GuestRun.scenario(["host_echo"]).files.suffix(1)
    scenario.script = ["host_echo 80 1 &\n", "echo typed\n"].map {
      ScriptLine(bytes: Array($0.utf8))
    }
    let (events, reader) = try record(scenario)
    #expect(output(events) == [65])
    #expect(reader.inputs.map(\.input.channel.rawValue) == [0, 0, 1, 1, 1])
    #expect(reader.summary.end == "input ended")
  }

  @Test("A line without a time does not wait for a client that comes later")
  func scriptsDoNotWait() throws {
    let time = 150_000 as UInt64
    var scenario = scenario(
      [HostClient(to: ClientReplayTests.port, from: 1, at: time, [.init(.endConnection)])],
      program: [])
    scenario.script = [ScriptLine(bytes: Array("echo typed\n".utf8))]
    let told = try record(scenario).reader.inputs.map(\.input)
    // Input is in a trace in the order in which it was told.
    let inputs = told.sorted { $0.time < $1.time }
    #expect(inputs.map(\.channel.rawValue).sorted() == [0, 1, 1])
    #expect(inputs.first?.channel == .console && inputs[0].time.instructions < time)
    #expect(inputs.first { $0.channel == .network }?.time.instructions == time)
  }

  @Test("Any clients at any times make a session that replays", arguments: 1...10)
  func randomClientsReplay(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let clients = (0..<12).map { number in
      var time = random.next(below: 2) == 0 ? nil : random.next(below: 3_000_000 as UInt64)
      let start = time
      var steps: [HostClient.Step] = []
      for _ in 0..<random.next(below: 6) {
        if random.next(below: 3) == 0 { time = (time ?? 0) + random.next(below: 500_000 as UInt64) }
        let isTimed = random.next(below: 2) == 0
        let action: HostClient.Action =
          random.next(below: 4) == 0
          ? .take(UInt32(1 + random.next(below: 90_000)))
          : .send([UInt8](repeating: UInt8(seed), count: 1 + random.next(below: 20_000)))
        steps.append(HostClient.Step(action, at: isTimed ? time : nil))
      }
      switch random.next(below: 3) {
      case 0: steps.append(.init(.endSending))
      case 1: steps.append(.init(.endConnection))
      default: break
      }
      return HostClient(
        to: ClientReplayTests.port, from: UInt16(number + 1), at: start,
        reads: random.next(below: 3) == 0 ? random.next(below: 50_000 as UInt64) : nil, steps)
    }
    _ = try record(scenario(clients, harts: 1 + Int(seed % 4)))
  }

  @Test("What no client can do is said with its place, and no machine is made of it")
  func badClientsAreRefused() {
    let to = ClientReplayTests.port
    for (client, words) in [
      (
        HostClient(to: Endpoint(.loopback, 9090), from: 1),
        "found client 1 to 127.0.0.1:9090, expected a published port; published: 127.0.0.1:8080:80"
      ),
      (
        HostClient(to: to, from: 1, at: 9, [.init(.endSending, at: 8)]),
        "client 1, step 1: found time 8 after 9, expected times that do not step back"
      ),
      (
        HostClient(to: to, from: 1, [.init(.endSending), .init(.send([1]))]),
        "step 2: found something to send behind the end of sending"
      ),
      (
        HostClient(to: to, from: 1, [.init(.endConnection), .init(.take(1))]),
        "step 2: found a step behind the connection's end"
      ),
      (HostClient(to: to, from: 1, [.init(.send([]))]), "found nothing to send"),
      (HostClient(to: to, from: 1, [.init(.take(0))]), "found 0 bytes to take"),
      (
        HostClient(
          to: to, from: 1,
          [.init(.send([UInt8](repeating: 0, count: HostClient.bytesAtMost + 1)))]),
        "bytes to send, expected at most 4194304"
      ),
    ] {
      let error = #expect(throws: ScenarioError.self) { _ = try Simulation(scenario([client])) }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "none")")
    }
  }
}
