// Published ports, with real sockets: who connects from the host reaches the container that was meant, the session
// replays without any socket, and nobody's slowness or end is anybody else's.

import Foundation
import Recorder
import TestGuests
import TestSupport
import Testing

struct PublishTests {
  let folder: TemporaryFolder
  var path: String { folder.file("t.db") }

  init() throws { folder = try TemporaryFolder() }

  /// A session with a server that takes `count` connections and listens by now, and the host's port that leads to it.
  private func start(
    _ count: Int, target: String = "", verb: [String] = ["record", "-o", "t.db"],
    in container: [String] = []
  ) throws -> (running: DrydockTool.Running, port: UInt16) {
    let file = try folder.write(try #require(TestGuests.image("host_echo")).bytes, to: "p")
    let running = try DrydockTool.start(
      verb + ["--publish", "127.0.0.1:0:\(target)80", "--file", "\(file):/host_echo"]
        + ["--", "host_echo", "80", "\(count)"] + container, in: folder.path)
    let line = running.firstErrorLine()
    // Who comes before that is refused.
    #expect(running.firstLine() == "listening")
    return (running, try #require(hostPort(in: line), "\(line)"))
  }

  /// The host's port in the line that says where it leads.
  private func hostPort(in line: String) -> UInt16? {
    line.split(separator: ":").dropFirst(2).first.flatMap { UInt16($0.prefix { $0.isNumber }) }
  }

  private func expectReplays(_ ending: String = "matched") throws {
    let replay = try DrydockTool.run(["replay", "t.db"], in: folder.path)
    #expect(replay.status == 0 && replay.output.hasPrefix("matched "), "\(replay)")
    #expect(replay.output.contains(ending), "\(replay)")
  }

  @Test("Each connection gets back what it sent, and the session replays to the byte")
  func bytesGoThroughAndReplay() throws {
    let (running, port) = try start(3)
    let texts = ["x", String(repeating: "all work and no play\n", count: 20_000), ""]
    let connections = try texts.map { _ in try WebConnection(port) }
    for (connection, text) in zip(connections, texts) {
      try connection.send(text)
      connection.closeSending()
    }
    for (connection, text) in zip(connections, texts) {
      #expect(try connection.readToEnd() == text)
    }
    let run = try DrydockTool.finish(running)
    #expect(run.status == 0, "\(run)")
    try expectReplays("15 invariants hold")
    let rows = try TraceQuery.run(
      "SELECT sent, received, remote, end_ts > accept_ts FROM connection ORDER BY sent", on: path
    ).rows
    #expect(
      rows
        == [0, 1, 420_000].map {
          [.integer($0), .integer($0), .text("10.0.0.1:80"), .integer(1)]
        })
    #expect(try bytesCaptured() == 2 * 420_001)
    let told = try TraceReader(path: path).violations(atMost: 1)
    #expect(told.isEmpty, "\(told)")
  }

  /// How many bytes connections carry in a capture of the session, which has nothing else in it.
  private func bytesCaptured() throws -> Int {
    let capture = folder.file("s.pcap")
    let run = try DrydockTool.run(["export", path, "--format", "pcap", "-o", capture])
    #expect(run.status == 0, "\(run)")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: capture))
    var (place, count) = (24, 0)
    while place < bytes.count {
      let length = (0..<4).reduce(0) { $0 | Int(bytes[place + 8 + $1]) << (8 * $1) }
      #expect(bytes[place + 16 + 9] == 6, "TCP")
      count += length - 40
      place += 16 + length
    }
    return count
  }

  @Test(
    "A container is reached by its name, its number and its address",
    arguments: ["web:", "c1:", "10.0.0.2:"])
  func containersAreReached(target: String) throws {
    let (running, port) = try start(1, target: target, in: ["in", "web"])
    let connection = try WebConnection(port)
    try connection.send("hello")
    connection.closeSending()
    #expect(try connection.readToEnd() == "hello")
    #expect(try DrydockTool.finish(running).status == 0)
    try expectReplays("15 invariants hold")
  }

  @Test("Nobody reaches a container that was not meant")
  func othersAreNotReached() throws {
    let (running, port) = try start(1, target: "other:", in: ["in", "web"])
    for _ in 0..<3 {
      let connection = try WebConnection(port)
      try? connection.send("hello")
      #expect(((try? connection.readToEnd()) ?? "") == "")
    }
    running.process.terminate()
    #expect(try DrydockTool.finish(running).status == 128 + SIGTERM)
    try expectReplays()
    let refused = try TraceQuery.run(
      "SELECT count(*) FROM socket WHERE event = 'socket_refuse' AND pid = 0", on: path)
    #expect(refused.rows == [[.integer(3)]])
  }

  @Test("Who takes nothing, or goes at once, holds up nobody else")
  func slowClientsWaitAlone() throws {
    let (running, port) = try start(3)
    let slow = try WebConnection(port)
    let whole = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      // More than everybody's buffers hold: it waits until the connection is reset.
      try? slow.send(String(repeating: "0123456789abcdef", count: 2_000_000))
      whole.signal()
    }
    for text in ["one", "two"] {
      let other = try WebConnection(port)
      try other.send(text)
      other.closeSending()
      #expect(try other.readToEnd() == text)
    }
    slow.reset()
    whole.wait()
    #expect(try DrydockTool.finish(running).status == 0)
    try expectReplays("15 invariants hold")
  }

  @Test("Of more connections than there may be the last waits in the system until another ends")
  func furtherConnectionsWait() throws {
    let most = 256
    let limits = "limits: {descriptors: 300, openFiles: 300}\n"
    let scenario = try folder.write(Array(limits.utf8), to: "s.yaml")
    let (running, port) = try start(0, verb: ["record", "-o", "t.db", "--scenario", scenario])
    var connections: [WebConnection] = []
    func expectsEcho(_ connection: WebConnection) throws {
      try connection.send("x")
      #expect(try connection.read(1) == "x")
    }
    for _ in 0..<most {
      connections.append(try WebConnection(port))
      try expectsEcho(connections[connections.count - 1])
    }
    let last = try WebConnection(port)
    try last.send("last")
    // The others are served as before.
    for connection in connections { try expectsEcho(connection) }
    #expect(!last.hasSomething)
    connections[7].closeSending()
    #expect(try connections[7].readToEnd() == "")
    connections.remove(at: 7)
    #expect(try last.read(4) == "last")
    running.process.terminate()
    #expect(try DrydockTool.finish(running).status == 128 + SIGTERM)
    try expectReplays()
    let together = try TraceQuery.run(
      """
      SELECT max(open) FROM (SELECT sum(CASE event WHEN 'host_open' THEN 1 ELSE -1 END)
        OVER (ORDER BY seq) AS open FROM socket
        WHERE event = 'host_open' AND flow <> 0 OR event = 'socket_close' AND socket = 0)
      """, on: path)
    #expect(together.rows == [[.integer(Int64(most))]])
  }

  @Test("A machine that waits for the host does nothing meanwhile, and a signal ends it in order")
  func waitingCostsNothing() throws {
    let (running, port) = try start(1)
    let connection = try WebConnection(port)
    try connection.send("a")
    try waitFor { connection.hasSomething }
    let id = running.process.processIdentifier
    let before = try processorTime(ofProcess: id)
    // Doing nothing is a matter of time.
    let end = ContinuousClock.now + .seconds(1)
    try waitFor { ContinuousClock.now > end }
    #expect(try processorTime(ofProcess: id) - before < 0.25)
    running.process.terminate()
    #expect(try DrydockTool.finish(running).status == 128 + SIGTERM)
    try expectReplays()
  }

  @Test(
    "Nothing that was committed is lost with a recorder that is killed while connections are open")
  func killedRecordersKeepWhatTheyHad() throws {
    let (running, port) = try start(2)
    let connections = try [WebConnection(port), WebConnection(port)]
    for connection in connections { try connection.send("abc") }
    try waitFor {
      let sql = "SELECT 'outputs', count(*) FROM socket WHERE event = 'host_output'"
      let found = try DrydockTool.run(["query", "t.db", sql], in: folder.path)
      return found.output.contains(/outputs +2\n/)
    }
    kill(running.process.processIdentifier, SIGKILL)
    _ = try DrydockTool.finish(running)
    try expectReplays("the recording was cut short there")
    let left = try TraceQuery.run(
      "SELECT count(*), sum(count) FROM socket WHERE event = 'host_output'", on: path)
    #expect(left.rows == [[.integer(2), .integer(6)]])
  }

  @Test("What cannot be published is one line, and no trace is made")
  func badPortsAreRefused() throws {
    let holder = try start(1, verb: ["run"])
    defer { holder.running.process.terminate() }
    for (arguments, words) in [
      (["--publish", "127.0.0.1:\(holder.port):80"], "cannot listen at 127.0.0.1:\(holder.port)"),
      (["--publish", "0.0.0.0:8080:80"], "expected one of 127.0.0.0/8 or --publish-anywhere"),
      (
        ["--publish", "8080"], "--publish: found \"8080\", expected [ADDRESS:]PORT[:CONTAINER]:PORT"
      ),
      (["--publish", "127.0.0.1:1:web:99999"], "--publish: found \"127.0.0.1:1:web:99999\""),
      (["--publish", "127.0.0.1:1:a b:80"], "--publish: found"),
      (["--publish", "1:2", "--publish", "127.0.0.1:1:3"], "expected each of the host's once"),
      (["--publish-anywhere"], "--publish-anywhere: found no published port"),
    ] {
      let run = try DrydockTool.run(
        ["record", "-o", "n.db"] + arguments + ["--", "true"], in: folder.path)
      #expect(run.status == 2 && run.output.isEmpty, "\(run)")
      #expect(run.errorLines.count == 1 && run.errors.contains(words), "\(run)")
    }
    #expect(try !folder.names.contains("n.db"))
  }

  @Test("A scenario's ports are published too")
  func scenariosPublish() throws {
    let file = try folder.write(
      Array("ports: [127.0.0.1:0:web:80, \"8080\"]\nprogram: true\n".utf8), to: "s.yaml")
    let run = try DrydockTool.run(["run", "--scenario", file], in: folder.path)
    #expect(
      run.status == 2 && run.errors.contains("s.yaml:1:29: found \"8080\", expected"), "\(run)")
    _ = try folder.write(
      Array("ports: [127.0.0.1:0:web:80]\nprogram: true\n".utf8), to: "s.yaml")
    let open = try DrydockTool.run(["run", "--scenario", file], in: folder.path)
    #expect(open.status == 0 && open.errors.contains(" leads to port 80 of web"), "\(open)")
  }
}
