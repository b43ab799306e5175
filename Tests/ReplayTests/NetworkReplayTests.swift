// Sessions with a network: recorded, replayed with every invariant, and asked in SQL.

import Recorder
import Replay
import Sim
import TestSupport
import Testing

struct NetworkReplayTests {
  let folder: TemporaryFolder
  var path: String { folder.file("t.db") }

  init() throws { folder = try TemporaryFolder() }

  private func record(_ scenario: Scenario) throws -> Int64 {
    var session = try RecordingSession(
      scenario, ScriptedDecisions(scenario), to: path, alsoTo: CollectingSink())
    while case .ran = try session.step() {}
    return try session.finish()
  }

  private func rows(_ sql: String) throws -> [[QueryResult.Value]] {
    try TraceQuery.run(sql, on: path).rows
  }

  @Test("What was lost and overtaken is so again in a replay", arguments: [1, 2, 4])
  func chancesAreRecorded(harts: Int) throws {
    var scenario = GuestRun.scenario(["net_burst"])
    scenario.harts = harts
    scenario.seed = 5
    scenario.network.lossPerThousand = 200
    scenario.network.spread = 8000
    let count = try record(scenario)
    #expect(
      try RecordedSession.replay(path) == .finished(ReplaySummary(events: count, isComplete: true)))
    #expect(try TraceReader(path: path).scenario.network == scenario.network)
    let fates = try rows("SELECT fate, count(*) FROM packet GROUP BY fate ORDER BY fate")
    #expect(fates.map(\.first) == [.text("lost on the way"), .text("received")], "\(fates)")
    let lost = try rows(
      """
      SELECT count(*), (SELECT count(*) FROM packet WHERE fate LIKE 'lost%') FROM decision
      WHERE point = 'loss' AND decided LIKE 'datagram % is lost'
      """)
    #expect(lost.first?.first == lost.first?.last)
    #expect(try rows("SELECT 1 FROM decision WHERE decided LIKE 'a datagram takes % longer'") != [])
    #expect(try TraceReader(path: path).violations(atMost: 1).isEmpty)
  }

  @Test(
    "Connections, containers and limits hold every invariant, and replay",
    arguments: [
      "net_socket", "net_stream", "net_datagram", "net_poll", "net_switch", "net_limits",
      "net_hostile", "net_echo", "net_resolve",
    ],
    [1, 2])
  func guestsReplay(program: String, harts: Int) throws {
    var scenario = GuestRun.scenario([program])
    scenario.harts = harts
    scenario.seed = UInt64(harts)
    let count = try record(scenario)
    #expect(
      try RecordedSession.replay(path) == .finished(ReplaySummary(events: count, isComplete: true)))
    #expect(try TraceReader(path: path).violations(atMost: 1).isEmpty)
  }

  @Test("Random calls on sockets break no invariant, and replay", arguments: 1...12)
  func randomCallsReplay(seed: Int) throws {
    var scenario = GuestRun.scenario(["net_random", "\(seed)"])
    scenario.harts = 1 + seed % 4
    scenario.seed = UInt64(seed)
    scenario.network.lossPerThousand = UInt64(seed % 3 * 50)
    scenario.network.spread = UInt64(seed % 2 * 3000)
    let count = try record(scenario)
    #expect(
      try RecordedSession.replay(path) == .finished(ReplaySummary(events: count, isComplete: true)))
    #expect(try TraceReader(path: path).violations(atMost: 1).isEmpty)
  }

  @Test("The view of connections says who, from where, how much and how long")
  func connectionsAreTold() throws {
    _ = try record(GuestRun.scenario(["net_switch"]))
    let found = try rows(
      """
      SELECT cid, local, remote, server_cid, sent, received FROM connection
      WHERE accept_ts > start_ts AND end_ts > accept_ts AND why IS NULL ORDER BY flow
      """)
    #expect(
      found.contains([
        .integer(0), .text("10.0.0.1:49152"), .text("10.0.0.2:80"), .integer(3), .integer(5),
        .integer(9005),
      ]), "\(found)")
  }

  @Test("The echo service is the socket 0, which reads what is asked and sends the answer")
  func echoesAreTold() throws {
    _ = try record(GuestRun.scenario(["ping", "-c", "2", "127.0.0.1"]))
    let found = try rows("SELECT pid, from_endpoint, to_endpoint, server_pid, fate FROM packet")
    let (asks, answers) = (
      found.filter { $0[3] == .integer(0) }, found.filter { $0[0] == .integer(0) }
    )
    #expect(asks.count == 2 && answers.count == 2 && found.count == 4)
    for row in asks { #expect(row[2] == .text("127.0.0.1:7") && row[4] == .text("received")) }
    for row in answers { #expect(row[1] == .text("127.0.0.1:7") && row[4] == .text("received")) }
    #expect(try TraceReader(path: path).violations(atMost: 1).isEmpty)
  }

  @Test("A web server under all that is done to it holds every invariant, and replays")
  func serverReplays() throws {
    var scenario = GuestRun.scenario(["net_httpd"])
    scenario.harts = 2
    let count = try record(scenario)
    #expect(
      try RecordedSession.replay(path) == .finished(ReplaySummary(events: count, isComplete: true)))
    #expect(try TraceReader(path: path).violations(atMost: 1).isEmpty)
  }

  @Test("A session with a network goes on from a snapshot as it went", arguments: [1, 2])
  func snapshotsHoldTheNetwork(harts: Int) throws {
    var scenario = GuestRun.scenario(["net_switch"])
    scenario.harts = harts
    scenario.seed = 2
    let whole = try GuestRun(scenario).events
    for kept in [60, 200, 400] {
      var machine = try Simulation(scenario)
      var decisions = ScriptedDecisions(scenario)
      var sink = CollectingSink()
      while sink.events.count < kept { _ = machine.step(&decisions, into: &sink) }
      let snapshot = machine.snapshot()
      let (then, before) = (decisions, sink.events)
      while case .ran = machine.step(&decisions, into: &sink) {}
      machine.restore(snapshot)
      decisions = then
      var again = CollectingSink()
      while case .ran = machine.step(&decisions, into: &again) {}
      #expect(sink.events == whole && before + again.events == whole)
    }
  }
}
