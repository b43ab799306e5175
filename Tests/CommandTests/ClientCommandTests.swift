// Clients of a scenario at the command line: what a file can say, what a recording says of its own, and that no port of
// the host is opened for them. And the ports of a spec, which are opened.

import Foundation
import Recorder
import TestGuests
import TestSupport
import Testing

struct ClientCommandTests {
  let folder: TemporaryFolder
  var path: String { folder.file("t.db") }

  init() throws { folder = try TemporaryFolder() }

  /// A scenario with a server that takes so many connections, and what else it says.
  private func scenario(_ count: Int, _ rest: String, as name: String = "s.yaml") throws -> String {
    _ = try folder.write(try #require(TestGuests.image("host_echo")).bytes, to: "p")
    let text = """
      program: host_echo 80 \(count)
      ports: [127.0.0.1:8080:80]
      files: {/host_echo: {host: p}}
      \(rest)
      """
    return try folder.write(Array(text.utf8), to: name)
  }

  @Test("A scenario's clients are recorded without a port of the host, and replay")
  func clientsAreRecorded() throws {
    _ = try folder.write([1, 2, 0, 255], to: "bytes.bin")
    let file = try scenario(
      3,
      """
      clients:
      - to: 8080
        steps: "hello"
      - to: 127.0.0.1:8080
        from: 7
        time: 9_000_000
        reads: 2
        steps: [{host: bytes.bin, time: 9_000_000}, {base64: "/wA=", time: 9_100_000}, {take: 1}, {end: sending}]
      - {to: 8080, steps: [x, {end: connection}]}
      limitTicks: 1000
      """)
    // Two at once would not both have the port.
    let runs = try (0..<2).map { number in
      try DrydockTool.start(
        ["record", "--scenario", file, "-o", "t\(number).db", "--check"], in: folder.path)
    }
    for running in runs {
      let run = try DrydockTool.finish(running)
      #expect(!run.errors.contains("leads to") && run.errors.contains("recorded"), "\(run)")
    }
    let diff = try DrydockTool.run(["diff", "t0.db", "t1.db"], in: folder.path)
    #expect(diff.status == 0 && diff.output.isEmpty, "\(diff)")
    let replay = try DrydockTool.run(["replay", "t0.db"], in: folder.path)
    #expect(replay.status == 0, "\(replay)")
    let rows = try TraceQuery.run(
      "SELECT local, sent, received FROM connection ORDER BY local", on: folder.file("t0.db")
    ).rows
    #expect(
      rows == [
        [.text("10.0.0.0:40000"), .integer(5), .integer(5)],
        [.text("10.0.0.0:40002"), .integer(1), .integer(1)],
        [.text("10.0.0.0:7"), .integer(6), .integer(6)],
      ], "\(rows)")
  }

  @Test("What a recording says of its connections makes the same session again, to the event")
  func exportedClientsMakeTheSession() throws {
    let file = try scenario(
      2,
      """
      clients:
      - {to: 8080, steps: ["one \\"1\\" \\\\ \\t \\u00fc\\r\\n", {end: sending}]}
      - {to: 8080, steps: [{base64: "/wD+"}, "two", {end: sending}]}
      """)
    let first = try DrydockTool.run(
      ["record", "--scenario", file, "-o", "t.db"], in: folder.path)
    #expect(first.status == 0, "\(first)")
    let told = try DrydockTool.run(["export", "--format", "clients", "t.db"], in: folder.path)
    #expect(told.status == 0 && told.output.contains("base64: /wD+"), "\(told)")
    let again = try scenario(2, told.output, as: "again.yaml")
    let second = try DrydockTool.run(
      ["record", "--scenario", again, "-o", "u.db"], in: folder.path)
    #expect(second.status == 0, "\(second)")
    let events = "SELECT * FROM event WHERE seq > 1 AND kind <> \(try endKind())"
    let (one, two) = (
      try TraceQuery.run(events, on: path).rows,
      try TraceQuery.run(events, on: folder.file("u.db")).rows
    )
    #expect(one == two && one.count > 50)
    let none = try DrydockTool.run(
      ["export", "--format", "clients", CommittedTraces.path("web")], in: folder.path)
    #expect(
      none.status == 2 && none.errors.contains("found no connection from the host"), "\(none)")
  }

  /// Of the events that have a digest of the whole scenario's machine, the last.
  private func endKind() throws -> Int64 {
    let rows = try TraceQuery.run("SELECT id FROM kind WHERE name = 'end'", on: path).rows
    guard case .integer(let kind)? = rows.first?.first else { return -1 }
    return kind
  }

  @Test("What a scenario cannot say of clients is one line with its place")
  func badClientsAreRefused() throws {
    for (text, words) in [
      ("clients: x", "s.yaml:4:10: found \"x\", expected a list of clients"),
      ("clients: [{from: 1}]", "s.yaml:4:11: found a client without to"),
      ("clients: [{to: web:80}]", "found \"web:80\", expected to: [ADDRESS:]PORT"),
      ("clients: [{to: 8080, from: 65536}]", "expected from: a port of 0 to 65535"),
      ("clients: [{to: 8080, at: 5}]", "unknown key \"at\", expected one of to, from, time"),
      (
        "clients: [{to: 8080, time: 9, steps: [{time: 8, send: x}]}]",
        "found time 8 after 9, expected times that do not step back"
      ),
      ("clients: [{to: 8080, steps: [{base64: \"a*\"}]}]", "expected base64: bytes as RFC 4648"),
      ("clients: [{to: 8080, steps: [{time: 4}]}]", "found a step without action"),
      ("clients: [{to: 8080, steps: [{take: 0}]}]", "found 0 bytes to take"),
      ("clients: [{to: 8080, steps: [{end: x}]}]", "expected end: sending or connection"),
      ("clients: [{to: 8080, steps: [{take: 1, end: sending}]}]", "besides another action"),
      ("clients: [{to: 8080, steps: [{host: none.bin}]}]", "none.bin: No such file"),
      ("clients: [{to: 9090}]", "client 1 to 127.0.0.1:9090, expected a published port"),
    ] {
      let file = try scenario(1, text)
      let run = try DrydockTool.run(
        ["record", "--scenario", file, "-o", "n.db"], in: folder.path)
      #expect(run.status == 2 && run.errorLines.count == 1, "\(text): \(run)")
      #expect(run.errors.contains(words), "\(text): \(run.errors)")
    }
    let file = try scenario(1, "clients: [{to: 8080}]")
    let both = try DrydockTool.run(
      ["run", "--scenario", file, "--publish", "9090:80"], in: folder.path)
    #expect(both.status == 2 && both.errors.contains("found clients in the scenario"), "\(both)")
    #expect(try !folder.names.contains("n.db"))
  }

  @Test("The ports of --spec lead to its container, but for those that --publish has")
  func specsPublish() throws {
    func lines(_ ports: String, _ name: String, _ options: [String]) throws -> ToolRun {
      let spec = #"{"init": "/true", "fs": "/c1", "nproc": 4, \#(name)"ports": [\#(ports)]}"#
      let file = try folder.write(Array(spec.utf8), to: "s.json")
      try FileManager.default.createDirectory(
        atPath: folder.file("root"), withIntermediateDirectories: true)
      return try DrydockTool.run(
        ["run", "--spec", file, "--root", folder.file("root")] + options, in: folder.path)
    }
    let port = try freePort()
    let named = try lines("\"\(port):80\"", #""name": "web", "#, [])
    #expect(named.errors.contains("127.0.0.1:\(port) leads to port 80 of web"), "\(named)")
    let unnamed = try lines("\"127.0.0.2:\(port):81\"", "", [])
    #expect(unnamed.errors.contains("127.0.0.2:\(port) leads to port 81 of c1"), "\(unnamed)")
    let given = try lines("\"\(port):80\"", "", ["--publish", "\(port):7"])
    #expect(given.errors.contains("127.0.0.1:\(port) leads to port 7 of the machine"), "\(given)")
    #expect(!given.errors.contains("port 80"), "\(given)")
    let anywhere = try lines("\"0.0.0.0:\(port):80\"", "", [])
    #expect(
      anywhere.status == 2 && anywhere.errors.contains("expected one of 127.0.0.0/8"), "\(anywhere)"
    )
  }

  /// A port of the host that nobody had a moment ago.
  private func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size)
        getsockname(descriptor, $0, &size)
      }
      return UInt16(bigEndian: pointer.pointee.sin_port)
    }
  }
}
