// What a container's spec says of the network, what the manager does with it, and what the name service answers.

import GuestJSON
import Sim
import TestGuests
import TestSupport
import Testing
import Userland

@Suite struct NetworkSpecTests {
  /// A shell beside the manager, and a root at /c for all containers; a spec is named by its file, and has an init that
  /// sleeps unless it says otherwise.
  private func session(
    _ specs: [String: String], harts: Int = 1, typed: [String],
    adjust: (inout Scenario) -> Void = { _ in }
  ) throws -> GuestRun {
    try GuestRun([], typed: typed.map { $0 + "\n" }) { scenario in
      scenario.manager = true
      scenario.harts = harts
      let programs =
        ["sh", "sleep", "cat", "cm", "kill"].compactMap(Userland.image)
        + ["net_names"].compactMap(TestGuests.image)
      for program in programs {
        for path in ["/\(program.name)", "/c/\(program.name)"]
        where !scenario.files.contains(where: { $0.path == path }) {
          scenario.files.append(GuestFile(path: path, content: .file(program.bytes)))
        }
      }
      for (name, text) in specs.sorted(by: { $0.key < $1.key }) {
        let base = #""fs": "/c", "nproc": 4, "name": "\#(name)""#
        let sleeper = #"{"init": ["/sleep", "100000"], \#(base), \#(text)}"#
        let spec = text.hasPrefix(#""init""#) ? "{\(text), \(base)}" : sleeper
        scenario.files.append(
          GuestFile(path: "/\(name).json", content: .file(Array(spec.utf8))))
      }
      adjust(&scenario)
    }
  }

  private func lines(_ run: GuestRun) -> [String] {
    run.console.split(separator: "\n").map(String.init)
  }

  /// The addresses that containers were given, in order.
  private func addresses(_ run: GuestRun) -> [String] {
    run.events.filter { $0.kind == .containerAddress }
      .map { $0[ContainerAddressEvent.address].description }
  }

  // MARK: Addresses

  @Test(
    "A container gets the lowest address that is free, and gives it back when it ends",
    arguments: [1, 2, 4])
  func lowestAddress(harts: Int) throws {
    let run = try session(
      [
        "a": #""network": "auto""#, "b": #""network": "auto""#, "c": #""network": "10.0.0.4""#,
        "d": #""ports": ["8080:80"]"#, "e": #""network": "auto""#,
      ], harts: harts,
      typed: [
        "dockv6 create a.json; dockv6 create b.json; dockv6 create c.json; dockv6 create d.json",
        "dockv6 kill a; dockv6 create e.json", "dockv6 network",
      ])
    #expect(
      addresses(run) == ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.2"],
      "\(run.console)")
    #expect(
      lines(run).drop { !$0.hasPrefix("ADDRESS") }.prefix(6) == [
        "ADDRESS          ID   NAME", "10.0.0.1         -    -", "10.0.0.3         2    b",
        "10.0.0.4         3    c", "10.0.0.5         4    d", "10.0.0.2         5    e",
      ], "\(run.console)")
  }

  @Test("Without a network, and with none, a container has no address, and nothing is started")
  func noAddress() throws {
    let run = try session(
      ["a": #""priority": 8"#, "b": #""network": "none""#],
      typed: ["dockv6 create a.json; ps", "dockv6 create b.json; dockv6 network"])
    #expect(addresses(run).isEmpty)
    #expect(!run.console.contains("10.0.0.2") && run.console.contains("10.0.0.1 "))
    let before = try #require(run.console.split(separator: "dockv6 create b").first)
    #expect(!before.contains("cmnames"), "\(run.console)")
  }

  @Test(
    "An address that another container has ends a new one with a word on it", arguments: [1, 2])
  func addressTaken(harts: Int) throws {
    let run = try session(
      ["a": #""network": "10.0.0.7""#, "b": #""network": "10.0.0.7""#], harts: harts,
      typed: ["dockv6 create a.json", "dockv6 b.json; dockv6 ps"])
    #expect(
      run.console.contains("cm: the address 10.0.0.7 is another container's\n"), "\(run.console)")
    #expect(run.console.contains("exited 125"), "\(run.console)")
    #expect(addresses(run) == ["10.0.0.7"])
  }

  @Test("A container whose init is started again has an address each time")
  func addressAgain() throws {
    let run = try session(
      ["a": #""init": ["/sleep", "1"], "restart": "always", "network": "10.0.0.9""#],
      typed: ["dockv6 create a.json", "sleep 8; dockv6 network; dockv6 kill a"])
    #expect(addresses(run).count > 1 && Set(addresses(run)) == ["10.0.0.9"], "\(run.console)")
  }

  // MARK: Specs

  @Test(
    "A network, ports or hosts that make no sense are refused with their place",
    arguments: [
      (#""network": 1"#, "13: expected auto, none or an address of 10.0.0.0/8"),
      (#""network": "10.0.0.1""#, "13: expected auto, none or an address"),
      (#""network": "10.0.0.0""#, "13: expected auto, none or an address"),
      (#""network": "10.0.0.256""#, "13: expected auto, none or an address"),
      (#""network": "10.0.0.2 ""#, "13: expected auto, none or an address"),
      (#""network": "11.0.0.2""#, "13: expected auto, none or an address"),
      (#""network": "automatic""#, "13: expected auto, none or an address"),
      (#""network": "auto", "network": "auto""#, "32: expected no second value for it"),
      (#""network": "none", "network": "auto""#, "32: expected no second value for it"),
      (#""network": "none", "ports": ["1:1"]"#, "13: expected auto or an address, since there are"),
      (#""ports": "8080:80""#, "11: expected an array of texts HOST:PORT"),
      (#""ports": ["8080"]"#, "12: expected HOST:PORT or ADDRESS:HOST:PORT"),
      (#""ports": ["8080:80", "80:"]"#, "23: expected HOST:PORT or ADDRESS:HOST:PORT"),
      (#""ports": ["0:80"]"#, "12: expected HOST:PORT or ADDRESS:HOST:PORT"),
      (#""ports": ["80:65536"]"#, "12: expected HOST:PORT or ADDRESS:HOST:PORT"),
      (#""ports": ["127.0.0:80:80"]"#, "12: expected HOST:PORT or ADDRESS:HOST:PORT"),
      (#""ports": ["127.0.0.1:80:80:80"]"#, "12: expected HOST:PORT or ADDRESS:HOST:PORT"),
      (#""ports": [80]"#, "12: expected HOST:PORT or ADDRESS:HOST:PORT"),
      (#""ports": [], "ports": []"#, "24: expected no second value for it"),
      (#""hosts": ["a"]"#, "11: expected an object of names and addresses"),
      (#""hosts": {"a": "b"}"#, "17: expected an address"),
      (#""hosts": {"a": 1}"#, "17: expected an address"),
      (#""hosts": {"": "10.0.0.2"}"#, "12: expected a name of at most 63 bytes without blanks"),
      (#""hosts": {"a b": "10.0.0.2"}"#, "12: expected a name of at most 63 bytes without blanks"),
      (#""hosts": {"a\n10.0.0.9 b": "10.0.0.2"}"#, "12: expected a name of at most 63 bytes"),
      (#""hosts": {}, "hosts": {}"#, "24: expected no second value for it"),
    ])
  func isRefused(text: String, words: String) {
    let head = #"{"init": "/sh", "fs": "/c", "nproc": 1, "#
    let (column, rest) = (Int(words.prefix { $0 != ":" }) ?? 0, words.drop { $0 != ":" })
    // The columns of the table are those of the text that it has.
    let reading = SpecReading(Array("\(head)\(text)}".utf8))
    #expect(
      reading.refusal?.hasPrefix("1:\(head.count + column - 1)\(rest)") == true,
      "\(reading)")
  }

  @Test("dockv6 says where a spec's network makes no sense, and nothing is made for it")
  func refusedByClient() throws {
    let run = try session(
      ["s": #""network": "10.0.0.1""#], typed: ["dockv6 create s.json; dockv6 ps"])
    #expect(
      run.console.contains(
        "dockv6: s.json:1:80: expected auto, none or an address of 10.0.0.0/8 from 10.0.0.2 on, "
          + "found \"10.0.0.1\"\n"), "\(run.console)")
    #expect(!run.events.contains { $0.kind == .containerCreate })
  }

  @Test("What a spec has of the network is read as it stands")
  func isRead() {
    let text = """
      {"init": "/sh", "fs": "/c", "nproc": 1, "ports": ["8080:80", "127.0.0.2:65535:1"],
       "hosts": {"db": "10.0.0.9", "a.b": "255.255.255.255"}, "network": "10.255.255.255"}
      """
    let contents = SpecReading(Array(text.utf8)).contents ?? ""
    #expect(
      contents.hasSuffix(
        #"10.255.255.255, ["8080:80", "127.0.0.2:65535:1"], "#
          + #"["db", "10.0.0.9", "a.b", "255.255.255.255"]"#), "\(contents)")
  }

  @Test("Hosts are a container's own /etc/hosts, and ports are shown", arguments: [1, 2, 4])
  func hostsAndPorts(harts: Int) throws {
    let run = try session(
      [
        "a": #""init": ["/cat", "/etc/hosts"], "hosts": {"db": "10.0.0.9", "me": "127.0.0.1"}"#,
        "b": #""ports": ["8080:80", "127.0.0.2:8443:443"]"#, "c": #""network": "auto""#,
      ], harts: harts,
      typed: [
        "dockv6 a.json", "dockv6 create b.json; dockv6 port b; dockv6 create c.json; dockv6 port c",
        "dockv6 inspect b",
      ])
    #expect(run.console.contains("\n10.0.0.9 db\n127.0.0.1 me\n"), "\(run.console)")
    #expect(run.console.contains("\n80 -> 127.0.0.1:8080\n443 -> 127.0.0.2:8443\n"))
    #expect(run.console.components(separatedBy: " -> ").count == 3, "\(run.console)")
    #expect(run.console.contains("\n  \"address\": \"10.0.0.2\",\n"), "\(run.console)")
  }

  // MARK: Names

  @Test(
    "Published ports find a container that is given a network by the name it has",
    arguments: [1, 2, 4])
  func publishedNames(harts: Int) throws {
    let run = try session(
      ["web": #""network": "auto""#, "no": #""priority": 8"#], harts: harts,
      typed: [
        "dockv6 create web.json; dockv6 create no.json",
        "cat < /cgroup/c1/net.name; cat < /cgroup/c2/net.name; dockv6 rename web new",
        "cat < /cgroup/c1/net.name; dockv6 rename no other; cat < /cgroup/c2/net.name",
      ])
    let names = lines(run).filter { ["web", "no", "new", "other"].contains($0) }
    #expect(names == ["web", "new", "other"], "\(run.console)")
  }

  @Test(
    "Containers find each other by name, as long as they run and have an address",
    arguments: [1, 2, 4])
  func names(harts: Int) throws {
    let run = try session(
      [
        "web": #""network": "auto""#, "no": #""network": "none""#,
        "a.b": #""network": "10.200.3.4""#,
        "ask": #"""
        "init": ["/net_names", "web", "a.b", "ask", "no", "cm", "Web", "a", "we", "webs"], "network": "auto"
        """#,
        "late": #""init": ["/net_names", "web", "new", "a.b"], "network": "auto""#,
      ], harts: harts,
      typed: [
        "dockv6 create web.json; dockv6 create no.json; dockv6 create a.b.json; dockv6 ask.json < ask.json",
        "dockv6 kill web; dockv6 rename a.b new; dockv6 late.json < ask.json; net_names new",
      ])
    let answers = lines(run).filter { !$0.contains(";") }
    let wanted = [
      "web 10.0.0.2", "a.b 10.200.3.4", "ask 10.0.0.3", "no unknown", "cm unknown", "Web unknown",
      "a unknown", "we unknown", "webs unknown", "web unknown", "new 10.200.3.4", "a.b unknown",
      "new 10.200.3.4",
    ]
    #expect(
      answers.filter { line in wanted.contains(line) } == wanted, "\(run.console)")
  }

  @Test("What is no question for an address is answered as RFC 1035 has it, or not at all")
  func wrongQuestions() throws {
    let long = String(repeating: "x", count: 63)
    let run = try session(
      [
        "web": #""network": "auto""#,
        "ask": #"""
        "init": ["/net_names", "1web", "2web", "3web", "4web", "5web", "6web", "7web", "6nobody", "\#(long)", "web"],
        "network": "auto"
        """#,
      ], typed: ["dockv6 create web.json; dockv6 ask.json"])
    let wanted = [
      "1web silence", "2web silence", "3web outcome 4", "4web outcome 1", "5web outcome 1",
      "6web nothing", "7web outcome 1", "6nobody unknown", "\(long) unknown", "web 10.0.0.2",
    ]
    #expect(lines(run).filter { line in wanted.contains(line) } == wanted, "\(run.console)")
  }

  @Test("One name service answers for all containers, and goes on when the manager is gone")
  func oneService() throws {
    let run = try session(
      ["a": #""network": "auto""#, "b": #""network": "auto""#],
      typed: [
        "dockv6 create a.json; dockv6 create b.json; ps", "kill 2; net_names b; cm &",
        "dockv6 create a.json; ps",
      ])
    let services = lines(run).filter { $0.hasSuffix(" cmnames") }
    #expect(services.count == 2 && Set(services.map { $0.prefix(4) }).count == 1, "\(run.console)")
    #expect(run.console.contains("\nb 10.0.0.3\n"), "\(run.console)")
  }

  @Test(
    "A container that asks without end keeps nobody else from being answered", arguments: [1, 2])
  func flood(harts: Int) throws {
    let run = try session(
      [
        "web": #""network": "auto""#,
        "noise": #""init": ["/net_names", "*web"], "network": "auto""#,
        "ask": #""init": ["/net_names", "web", "noise"], "network": "auto""#,
      ], harts: harts,
      typed: [
        "dockv6 create web.json; dockv6 create noise.json; sleep 2; dockv6 ask.json; dockv6 kill noise"
      ])
    #expect(run.console.contains("\nweb 10.0.0.2\nnoise 10.0.0.3\n"), "\(run.console)")
    let refusal = Int64(Refusal.queueFull.rawValue)
    #expect(
      run.events.contains { $0.kind == .socketDrop && $0[SocketDropEvent.why] == refusal })
  }
}
