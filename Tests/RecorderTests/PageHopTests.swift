// What the page draws of connections and datagrams, held against the views; and what the story tells of them.

import Recorder
import Sim
import TestSupport
import Testing

struct PageHopTests {
  let folder: TemporaryFolder
  var session: String { folder.file("s.db") }

  init() throws { folder = try TemporaryFolder() }

  private func hops(_ program: String, adjust: (inout Scenario) -> Void = { _ in }) throws
    -> [PageHop]
  {
    var scenario = GuestRun.scenario([program])
    adjust(&scenario)
    try record(scenario, to: session)
    return try PageData(TraceReader(path: session)).hops
  }

  private func number(_ sql: String) throws -> Int64 {
    guard case .integer(let number)? = try TraceQuery.run(sql, on: session).rows.first?.first
    else { return -1 }
    return number
  }

  @Test(arguments: ["net_stream", "net_switch"])
  func bytesThatWereReadComeFromWhoSentThem(_ program: String) throws {
    let hops = try hops(program)
    let read = try number(
      """
      SELECT sum(count) FROM socket WHERE event = 'socket_receive'
        AND flow IN (SELECT flow FROM connection)
      """)
    #expect(hops.filter { $0.sort == .sent }.reduce(0) { $0 + $1.bytes } == read && read > 0)
    let accepted = try number("SELECT count(*) FROM connection WHERE accept_ts IS NOT NULL")
    #expect(hops.filter { $0.sort == .connected }.reduce(0) { $0 + $1.count } == Int(accepted))
    for hop in hops {
      #expect(hop.start <= hop.end && hop.sequence <= hop.endSequence && hop.from > 0, "\(hop)")
    }
    for hop in hops where hop.sort == .connected {
      let pids = try number(
        "SELECT pid * 1000 + server_pid FROM connection WHERE flow = \(hop.flow)")
      #expect(pids == Int64(hop.from) * 1000 + Int64(hop.to))
    }
  }

  @Test func datagramsArriveOrDoNot() throws {
    let hops = try hops("net_burst") {
      $0.network.lossPerThousand = 300
      $0.seed = 5
    }
    func count(_ sort: PageHop.Sort) -> Int64 {
      Int64(hops.filter { $0.sort == sort }.reduce(0) { $0 + $1.count })
    }
    #expect(count(.datagram) == (try number("SELECT count(*) FROM packet WHERE fate = 'received'")))
    let dropped = try number("SELECT count(*) FROM packet WHERE fate <> 'received'")
    #expect(count(.dropped) == dropped && dropped > 0)
  }

  @Test("What the host sends, and what leaves for it, has the host at its other end")
  func theHostIsAtTheOtherEnd() throws {
    let sent = [UInt8](repeating: 7, count: 50_000)
    var scenario = GuestRun.scenario(["host_echo", "80", "2"])
    scenario.ports = [PublishedPort("127.0.0.1:8080:80")].compactMap { $0 }
    scenario.clients = (0..<2).map { number in
      HostClient(
        to: Endpoint(.loopback, 8080), from: UInt16(number + 1),
        [.init(.send(sent)), .init(.endSending)])
    }
    try record(scenario, to: session)
    let hops = try PageData(TraceReader(path: session)).hops
    func bytes(_ matches: (PageHop) -> Bool) -> Int64 {
      hops.filter { $0.sort == .sent && matches($0) }.reduce(0) { $0 + $1.bytes }
    }
    #expect(bytes { $0.from == PageHop.host && $0.to > 0 } == 100_000)
    #expect(bytes { $0.to == PageHop.host && $0.from > 0 } == 100_000)
    let connected = hops.filter { $0.sort == .connected && $0.from == PageHop.host && $0.to > 0 }
    #expect(connected.reduce(0) { $0 + $1.count } == 2)
  }

  @Test func aSessionWithoutANetworkHasNone() throws {
    #expect(try hops("pingpong").isEmpty)
  }

  @Test func theStoryTellsWhoListensAndWhoConnects() throws {
    try record(GuestRun.scenario(["net_switch"]), to: session)
    var report = StoryReport()
    let story = try TraceReader(path: session).run(&report)[0].rows.compactMap { row -> String? in
      if case .text(let text) = row[2] { text } else { nil }
    }
    for words in [
      " listens at 0.0.0.0:", " connects to 10.0.0.", " accepts a connection at 0.0.0.0:",
      " has the address 10.0.0.", " is refused a connection to 10.0.0.",
    ] {
      #expect(story.contains { $0.contains(words) }, "\(words)")
    }
    // What is refused is told once.
    #expect(!story.contains { $0.contains("is refused connect:") && $0.contains("nobody listens") })
  }
}
