// What the manager remembers of containers and what its clients do with what they cannot write: as
// somebody at the shell meets them.

import Foundation
import Sim
import TestGuests
import TestSupport
import Testing
import Userland

@Suite struct ManagerTests {
  /// Specs that the sessions use, by their paths.
  private static let specs = [
    "/sleep.json": #"{"init": ["/sleep", "1000000"], "fs": "/c", "nproc": 4}"#,
    "/web.json": #"{"init": ["/sleep", "1000000"], "fs": "/c", "nproc": 8, "name": "web"}"#,
    "/oci.json": #"""
    {"process": {"args": ["/echo", "hi"]}, "root": {"path": "/c"}, "hostname": "box",
     "linux": {"resources": {"pids": {"limit": 2}}}}
    """#,
    "/feed.json": #"{"init": ["/cm_io", "feed", "8000"], "fs": "/c", "nproc": 1}"#,
    "/much.json": #"{"init": ["/cm_io", "feed", "30000"], "fs": "/c", "nproc": 1}"#,
    "/most.json": #"{"init": ["/cm_io", "feed", "300000000"], "fs": "/c", "nproc": 1}"#,
    "/files.json":
      #"{"init": ["/sh", "-c", "cm_io feed 3000 > a; echo b > b; mkdir d"], "fs": "/c", "nproc": 3}"#,
  ]

  /// A shell beside the manager, with a root at /c.
  private func session(
    _ files: [String: String] = [:], typed: [String], adjust: (inout Scenario) -> Void = { _ in }
  ) throws -> GuestRun {
    try GuestRun([], typed: typed.map { $0 + "\n" }) { scenario in
      scenario.manager = true
      for name in ["echo", "sh", "sleep", "mkdir"] {
        let program = Userland.all.first { $0.name == name }?.bytes ?? []
        scenario.files.append(GuestFile(path: "/c/\(name)", content: .file(program)))
      }
      let tester = TestGuests.image("cm_io")?.bytes ?? []
      for path in ["/cm_io", "/c/cm_io"] {
        scenario.files.append(GuestFile(path: path, content: .file(tester)))
      }
      scenario.files.append(GuestFile(path: "/nul", content: .file([])))
      let all = Self.specs.merging(files) { $1 }
      for (path, content) in all.sorted(by: { $0.key < $1.key }) {
        scenario.files.append(GuestFile(path: path, content: .file(Array(content.utf8))))
      }
      adjust(&scenario)
    }
  }

  /// The lines that the console showed.
  private func lines(_ run: GuestRun) -> [Substring] {
    run.console.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The statuses with which processes outside of containers ended.
  private func statuses(_ run: GuestRun) -> [Int64] {
    run.events.filter { $0.kind == .exit && $0.container == .outside }.map { $0[ExitEvent.status] }
  }

  // MARK: Records

  @Test("A container is known as long as it lives, whatever else is asked, and the last to end are")
  func records() throws {
    var typed = ["dockv6 create web.json"]
    for _ in 0..<40 { typed.append("dockv6 ps > nul; dockv6 run oci.json < nul > nul") }
    typed += ["echo ---", "dockv6 ps", "dockv6 logs 1", "dockv6 logs 41", "dockv6 logs 2"]
    let run = try session(typed: typed)
    let shown = lines(run).drop { $0 != "---" }
    let first = shown.first { $0.hasPrefix("1 ") }
    let line = try Regex(
      #"1    /sleep           /c               1    8    running      \d+:1 +web"#)
    #expect(first?.wholeMatch(of: line) != nil, "\(run.console)")
    let ended = shown.filter { $0.contains(" exited 0 ") }
    #expect(ended.count == 23, "\(run.console)")
    #expect(
      ended.last
        == "41   /echo            /c               0    2    exited 0     -                box")
    #expect(shown.contains("hi"))
    #expect(shown.contains("dockv6: no such container: 2"))
  }

  @Test("A log has the last 8,192 bytes of output and 4,096 of errors")
  func logs() throws {
    let both = #"{"init": ["/sh", "-c", "cm_io feed 9000; nothing"], "fs": "/c", "nproc": 2}"#
    let run = try session(
      ["/both.json": both],
      typed: [
        "dockv6 create feed.json", "dockv6 logs 1 | cm_io check 8000", "dockv6 create much.json",
        "dockv6 logs 2 | wc", "dockv6 create both.json", "dockv6 logs 3 > log", "wc log",
        "dockv6 run oci.json < nul", "dockv6 logs box",
      ])
    #expect(run.console.contains("8000 bytes are right"), "\(run.console)")
    let counts = lines(run).compactMap { line in
      line.split(separator: " ").dropFirst(2).first.flatMap { Int($0) }
    }
    #expect(counts.filter { $0 == 8192 }.count == 2, "\(run.console)")
    #expect(run.console.contains("exec nothing failed"))
    #expect(lines(run).filter { $0.hasSuffix("hi") }.count == 2)
  }

  @Test("The logs' room is set aside: it is the same before the first request and after forty")
  func logsLeakNothing() throws {
    func usage(_ requests: Int) throws -> Usage {
      var scenario = GuestRun.scenario([], typed: [])
      scenario.manager = true
      let program = Userland.all.first { $0.name == "echo" }?.bytes ?? []
      scenario.files.append(GuestFile(path: "/c/echo", content: .file(program)))
      let spec = #"{"init": ["/echo", "hi"], "fs": "/c", "nproc": 2}"#
      scenario.files.append(GuestFile(path: "/s.json", content: .file(Array(spec.utf8))))
      scenario.script = (0..<requests).map { _ in
        ScriptLine(bytes: Array("dockv6 s.json\n".utf8))
      }
      let run = try CheckedRun(scenario)
      #expect(run.violations.isEmpty)
      return run.usage
    }
    #expect(try usage(0) == usage(40))
  }

  @Test("On a disk without room for all logs the manager leaves half of it, and says what is cut")
  func smallDisk() throws {
    let run = try session(
      typed: [
        "dockv6 create feed.json", "dockv6 logs 1 | cm_io check 8000", "cm_io feed 28000 > nul",
        "cm_io check 28000 < nul", "dockv6 create feed.json", "dockv6 create feed.json",
        "dockv6 logs 3",
      ]
    ) {
      let used = (try? Simulation($0))?.usage.blocks ?? 0
      $0.limits.blocks = used + 60
    }
    #expect(run.console.contains("8000 bytes are right"), "\(run.console)")
    #expect(run.console.contains("28000 bytes are right"), "\(run.console)")
    #expect(
      run.console.contains("dockv6: container 3 has a log that is not whole: its file failed"),
      "\(run.console)")
  }

  // MARK: Names

  @Test("A container's name, or its hostname, does wherever its number does")
  func names() throws {
    let run = try session(
      typed: [
        "dockv6 create web.json", "dockv6 exec web /echo in the container < nul", "dockv6 logs web",
        "dockv6 kill web", "dockv6 ps", "dockv6 run oci.json < nul", "dockv6 logs box",
        "dockv6 kill box", "dockv6 exec nobody /echo < nul",
      ])
    #expect(run.console.contains("in the container"), "\(run.console)")
    #expect(
      lines(run).contains(
        "1    /sleep           /c               0    8    exited -1    -                web"))
    #expect(lines(run).filter { $0.hasSuffix("hi") }.count == 2)
    #expect(lines(run).contains { $0.hasSuffix("dockv6: container 2 does not run") })
    #expect(lines(run).contains { $0.hasSuffix("cm: no such container") })
  }

  @Test("Of those that run only one has a name; the next may have it when that has ended")
  func namesAreTaken() throws {
    let run = try session(
      typed: [
        "dockv6 create web.json", "dockv6 create web.json", "dockv6 kill web",
        "dockv6 create web.json", "dockv6 ps",
      ])
    #expect(
      lines(run).contains(
        #"cm: request:1:65: expected a name that no running container has, found "web""#),
      "\(run.console)")
    #expect(
      lines(run).contains {
        $0.hasPrefix("2    /sleep           /c               1    8    running ")
          && $0.hasSuffix("web")
      },
      "\(run.console)")
  }

  @Test("create ends with status 1 when the manager refuses")
  func createIsRefused() throws {
    let run = try session(
      ["/s.json": #"{"init": "/echo", "fs": "/nowhere", "nproc": 1}"#],
      typed: ["sh -c 'dockv6 create s.json'"])
    #expect(run.console.contains("expected a directory that there is"), "\(run.console)")
    #expect(statuses(run).count { $0 == 1 } == 2, "\(run.console)")
  }

  @Test(
    "A name that is a number, too long or given twice is refused where it stands",
    arguments: [
      (#""name": "17""#, #"expected a name of at most 63 bytes that is no number, found "17""#),
      (#""hostname": "0""#, #"expected a name of at most 63 bytes that is no number, found "0""#),
      (
        #""name": "\#(String(repeating: "n", count: 64))""#,
        "expected a name of at most 63 bytes that is no number"
      ),
      (#""name": "a", "name": "b""#, "expected no second value for it"),
      (#""hostname": "a", "hostname": "b""#, "expected no second value for it"),
    ])
  func namesAreRefused(key: String, words: String) throws {
    let run = try session(
      ["/s.json": #"{"init": "/echo", "fs": "/c", "nproc": 1, \#(key)}"#],
      typed: ["dockv6 s.json"])
    #expect(run.console.contains("dockv6: s.json:1:"), "\(run.console)")
    #expect(run.console.contains(words), "\(run.console)")
    #expect(!run.events.contains { $0.kind == .containerCreate })
  }

  @Test("The name goes before the hostname, whichever comes first")
  func nameAndHostname() throws {
    let run = try session(
      [
        "/a.json": #"{"init": "/echo", "fs": "/c", "nproc": 1, "hostname": "h", "name": "n"}"#,
        "/b.json": #"{"init": "/echo", "fs": "/c", "nproc": 1, "name": "m", "hostname": "h"}"#,
      ], typed: ["dockv6 a.json; dockv6 b.json; dockv6 ps"])
    let ends = lines(run).filter { $0.contains("exited") }.map { $0.suffix(2) }
    #expect(ends == [" n", " m"], "\(run.console)")
  }

  // MARK: Output that cannot be written

  @Test("A client whose output has no room says so, ends with status 1, and ends the container")
  func fullFile() throws {
    let run = try session(
      typed: [
        "dockv6 run most.json < nul > two", "wc two", "dockv6 ps",
        "sh -c 'dockv6 run most.json < nul > two'",
      ])
    let words =
      "dockv6: cannot write the output: no room for it in the file or on the disk; the container is ended"
    #expect(lines(run).filter { $0.hasSuffix(words) }.count == 2, "\(run.console)")
    #expect(run.console.contains("exited -1"), "\(run.console)")
    // Both clients, and the shell that had the second as its last command.
    #expect(statuses(run).count { $0 == 1 } == 3)
  }

  @Test(
    "A client whose output nobody reads says so and ends, whatever it was asked",
    arguments: [
      ("dockv6 run most.json < nul | true", "output: nobody reads it; the container is ended"),
      ("dockv6 exec 1 /cm_io feed 9000000 | true", "output: nobody reads it; the program is ended"),
      ("dockv6 create sleep.json | true", "dockv6: container 2 runs, but that cannot be written"),
      ("true | dockv6 ps | (sleep 1; true)", "goes on"),
    ])
  func nobodyReads(command: String, words: String) throws {
    let run = try session(typed: ["dockv6 create web.json", command, "echo goes on", "dockv6 ps"])
    #expect(lines(run).contains { $0.hasSuffix("goes on") }, "\(run.console)")
    #expect(run.console.contains(words), "\(run.console)")
    #expect(!lines(run).contains { $0.contains("/cm_io  ") && $0.contains("running") })
  }

  @Test("What ps, logs and create print is not lost in silence on a full disk either")
  func fullDisk() throws {
    let fill = (0..<8).map { "cm_io feed 274000 > fill\($0)" }
    let run = try session(
      typed: ["dockv6 create feed.json"] + fill + ["echo ---"] + [
        "dockv6 ps > nul", "dockv6 logs 1 > nul", "dockv6 create sleep.json > nul",
        "dockv6 exec 2 /echo hello > nul", "rm fill1", "dockv6 ps",
      ])
    let after = lines(run).drop { !$0.hasSuffix("---") }
    let words = "dockv6: cannot write the output: no room for it in the file or on the disk"
    #expect(after.filter { $0.contains(words) }.count == 1, "\(run.console)")
    let own = "dockv6: cannot write all of the output"
    #expect(after.filter { $0.contains(own) }.count == 2, "\(run.console)")
    #expect(
      after.contains { $0.hasSuffix("dockv6: container 2 runs, but that cannot be written") })
    #expect(after.contains { $0.contains("running") })
  }

  // MARK: ps, top and wait

  @Test(
    "ps and top show a container's processes by the machine's numbers and by its own",
    arguments: [1, 2, 4])
  func bothNumbers(harts: Int) throws {
    let spec = #"{"init": ["/sh", "-c", "sleep 1; sleep 900 & sleep 900"], "fs": "/c", "nproc": 4}"#
    let run = try session(
      ["/s.json": spec],
      typed: [
        "dockv6 create s.json; sleep 30; dockv6 ps; dockv6 top 1; dockv6 kill 1; dockv6 top 1"
      ]
    ) { $0.harts = harts }
    // The first child has ended: its number is nobody's any more.
    let members = run.events.filter { $0.kind == .fork && $0.container.raw == 1 }
      .map { $0[ForkEvent.child].raw }
    let first = try #require(lines(run).first { $0.hasPrefix("1    /sh ") })
    let line = try Regex(#"1    /sh +/c +3    4    running      (\d+):1,(\d+):3,(\d+):4 +-"#)
    let match = try #require(first.wholeMatch(of: line), "\(run.console)")
    let numbers = (1...3).compactMap { match.output[$0].substring.flatMap { Int32($0) } }
    #expect(Array(numbers.dropFirst()) == Array(members.suffix(2)))
    let shown = lines(run).drop { !$0.hasPrefix("PID  PPID NSPID") }.dropFirst().prefix(3)
    let columns = shown.map { $0.split(separator: " ").prefix(4).compactMap { Int32($0) } }
    #expect(columns.map { $0[0] } == numbers)
    #expect(columns.map { $0[2] } == [1, 3, 4] && columns.allSatisfy { $0[3] == 1 })
    #expect(run.console.contains("dockv6: container 1 does not run"))
  }

  @Test("wait waits for a container's end and prints its status", arguments: [1, 2, 4])
  func awaitsEnd(harts: Int) throws {
    let run = try session(
      [
        "/s.json":
          #"{"init": ["/sh", "-c", "sleep 40; exit 7"], "fs": "/c", "nproc": 4, "name": "a"}"#
      ],
      typed: [
        "dockv6 create s.json", "dockv6 create sleep.json", "echo ---", "dockv6 wait a; dockv6 ps",
        "dockv6 wait 1 nosuch a", "dockv6 wait 2 &", "sleep 5; dockv6 kill 2", "wait; dockv6 wait",
      ]
    ) { $0.harts = harts }
    let after = lines(run).drop { $0 != "---" }.dropFirst()
      .filter { !$0.isEmpty && !$0.hasPrefix("$ ") && !$0.hasPrefix("cm: ") }
    #expect(after.first == "7", "\(run.console)")
    #expect(after.contains { $0.hasPrefix("1    /sh") && $0.contains("exited 7") })
    let rest = after.drop { !$0.contains("/sleep") }.dropFirst()
    #expect(
      Array(rest.prefix(3)) == ["7", "dockv6: no such container: nosuch", "7"], "\(run.console)")
    #expect(lines(run).contains { $0.hasSuffix("-1") && !$0.contains("exited") }, "\(run.console)")
    #expect(lines(run).contains { $0.hasPrefix("usage: dockv6 ps | top ID") }, "\(run.console)")
  }

  @Test("Without a manager what asks for containers says so", arguments: ["ps", "top 1", "wait 1"])
  func noManager(verb: String) throws {
    let run = try session(typed: ["dockv6 \(verb)"]) { $0.manager = false }
    #expect(run.console.contains("dockv6: there is no manager; start it with `cm &`"))
  }

  // MARK: Restart policies

  /// A container that runs for ten ticks each time, under a policy; and what has become of it.
  private func restarted(
    _ policy: String, status: Int = 3, harts: Int = 1, then typed: [String]
  ) throws -> GuestRun {
    let spec = #"""
      {"init": ["/sh", "-c", "echo run; sleep 10; exit \#(status)"], "fs": "/c", "nproc": 4,
       "name": "a", "restart": "\#(policy)"}
      """#
    return try session(["/s.json": spec], typed: ["dockv6 create s.json"] + typed) {
      $0.harts = harts
      $0.limitTicks = 20_000
    }
  }

  private func starts(_ run: GuestRun) -> Int {
    run.events.count { $0.kind == .containerCreate }
  }

  @Test(
    "An init that fails is started again as often as its policy says, and its log goes on",
    arguments: [1, 2, 4])
  func restartsOnFailure(harts: Int) throws {
    let run = try restarted(
      "on-failure:3", harts: harts,
      then: ["dockv6 wait a; dockv6 logs 1; dockv6 ps; dockv6 inspect a; dockv6 wait 1", "ps"])
    #expect(starts(run) == 4, "\(run.console)")
    #expect(lines(run).count { $0 == "run" } == 4, "\(run.console)")
    #expect(lines(run).count { $0 == "3" } == 2)
    let line = "4    /sh              /c               0    4    exited 3     -                a"
    #expect(lines(run).contains { $0 == line }, "\(run.console)")
    #expect(run.console.contains(#""restarts": 3,"#))
    // Nobody is left who waits for it.
    #expect(lines(run).count { $0.hasSuffix(" cm") } == 1, "\(run.console)")
  }

  @Test(
    "Whether an end is one to start again after is the policy's to say",
    arguments: [
      ("no", 3, 1), ("on-failure", 0, 1), ("on-failure:9", 0, 1), ("on-failure", 3, 4),
      ("always", 0, 4), ("always", 3, 4),
    ])
  func policies(policy: String, status: Int, expected: Int) throws {
    // It waits 1, 2, 4 and 8 ticks in between.
    let run = try restarted(policy, status: status, then: ["sleep 44", "dockv6 kill a; dockv6 ps"])
    #expect(starts(run) == expected, "\(run.console)")
  }

  @Test("Whoever kills a container, running or about to run again, ends it for good")
  func killedForGood() throws {
    let run = try restarted(
      "always",
      then: [
        "sleep 5; dockv6 kill a; sleep 300; dockv6 ps", "dockv6 create s.json; sleep 500",
        "dockv6 ps", "dockv6 kill a; dockv6 ps; sleep 200", "dockv6 kill a; dockv6 create s.json",
      ])
    #expect(lines(run).contains { $0.hasPrefix("1 ") && $0.contains("exited -1") })
    #expect(
      lines(run).contains { $0.hasSuffix(" a") && $0.contains("restarting   -") }
        || lines(run).contains { $0.hasSuffix(" a") && $0.contains("running") }, "\(run.console)")
    #expect(lines(run).contains { $0.hasSuffix("does not run") }, "\(run.console)")
    // The name is free again at once.
    #expect(!run.console.contains("a name that no running container has"), "\(run.console)")
  }

  @Test("Its name is taken while it waits to be started again, and its number finds it")
  func waitsWithItsName() throws {
    let run = try restarted(
      "always",
      then: ["sleep 400", "dockv6 create s.json", "dockv6 kill 1", "dockv6 ps"])
    #expect(run.console.contains("a name that no running container has"), "\(run.console)")
    #expect(!run.console.contains("no such container"), "\(run.console)")
    #expect(lines(run).count { $0.contains("exited") } == 1, "\(run.console)")
  }

  @Test("A client that is attached is told of the end, and nothing is started again")
  func attachedIsNot() throws {
    let run = try restarted(
      "always", then: ["dockv6 kill a", "dockv6 run s.json < nul", "dockv6 ps"])
    #expect(starts(run) == 2 && statuses(run).contains(3), "\(run.console)")
    #expect(lines(run).count { $0.contains("exited 3") } == 1, "\(run.console)")
  }

  @Test(
    "A policy that is none is refused where it stands",
    arguments: [
      #""sometimes""#, #""on-failure:0""#, #""on-failure:1000""#, #""on-failure:""#,
      #""on-failure:-1""#, #""on-failure;3""#, #""on-failure:3x""#, #""""#, "1",
      #""no", "restart": "no""#,
    ])
  func policyIsRefused(value: String) throws {
    let run = try session(
      ["/s.json": #"{"init": "/echo", "fs": "/c", "nproc": 1, "restart": \#(value)}"#],
      typed: ["dockv6 create s.json"])
    let words =
      value.contains(",") ? "no second value for it" : "no, always, on-failure or on-failure:N"
    #expect(run.console.contains("dockv6: s.json:1:"), "\(run.console)")
    #expect(run.console.contains("expected \(words)"), "\(run.console)")
  }

  @Test("Forty times started again, it has taken nothing that the next does not find free")
  func restartsLeakNothing() throws {
    func usage(_ policy: String) throws -> Usage {
      var scenario = GuestRun.scenario([], typed: [])
      scenario.manager = true
      let program = Userland.image("false")?.bytes ?? []
      scenario.files.append(GuestFile(path: "/c/false", content: .file(program)))
      let spec = #"{"init": ["/false"], "fs": "/c", "nproc": 2, "restart": "\#(policy)"}"#
      scenario.files.append(GuestFile(path: "/s.json", content: .file(Array(spec.utf8))))
      scenario.script = ["dockv6 create s.json\n", "dockv6 wait 1\n"].map {
        ScriptLine(bytes: Array($0.utf8))
      }
      scenario.limitTicks = 20_000
      let run = try CheckedRun(scenario)
      #expect(run.violations.isEmpty && run.end == .inputEnded, "\(run.console)")
      return run.usage
    }
    #expect(try usage("no") == usage("on-failure:40"))
  }

  // MARK: exec

  @Test("exec ends when its program ends, with all that it wrote, though others hold its pipes")
  func execEnds() throws {
    let run = try session(
      typed: [
        "dockv6 create web.json",
        "dockv6 exec 1 /sh -c \"sleep 400000 &\" < nul", "echo first",
        "dockv6 exec 1 /sh -c \"sleep 400000 & cm_io feed 20000\" < nul | cm_io check 20000",
        "echo second",
        "dockv6 exec web /sh -c \"cm_io feed 300000000 & exit 5\" < nul > nul; echo third", "ps",
      ])
    #expect(run.console.contains("20000 bytes are right"), "\(run.console)")
    for word in ["first", "second", "third"] {
      #expect(lines(run).contains { $0.hasSuffix(word) }, "\(run.console)")
    }
    #expect(
      run.events.contains {
        $0.kind == .exit && $0[ExitEvent.status] == 5 && $0.container == .outside
      })
    // Those in the background live on.
    let sleeping = lines(run).filter { $0.hasSuffix(" sleep") || $0.hasSuffix(" /sleep") }
    #expect(sleeping.count == 3, "\(run.console)")
  }

  // MARK: Tables

  /// What docs/guest.md says that one container of one process can take, by what it takes.
  private func documentedTables() throws -> [String: String] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let page = try String(
      contentsOf: folder.appending(path: "../../docs/guest.md"), encoding: .utf8)
    let rows = page.split(separator: "\n").map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let found = rows.filter { $0.count == 4 }.map { ($0[0], $0[2]) }
    return Dictionary(found) { first, _ in first }
  }

  @Test("A container of one process takes of the machine's tables what the documents say")
  func tables() throws {
    let run = try GuestRun(["cm_tables"])
    #expect(run.status == 0, "\(run.console)")
    let page = try documentedTables()
    for kind in ["shared pages", "mutexes", "open files", "pipes"] {
      let taken = lines(run).first { $0.hasPrefix("\(kind): ") }?.dropFirst(kind.utf8.count + 2)
      #expect(page[kind] == taken.map(String.init), "\(kind): \(page) \(run.console)")
    }
    let withoutMemory = try GuestRun(["cm_tables", "frames"]) { $0.limits.frames = 2048 }
    #expect(withoutMemory.status == 0, "\(withoutMemory.console)")
    for kind in ["frames", "blocks", "inodes"] { #expect(page[kind] == "all but what is kept") }
  }

  @Test("What an ended container has left on the disk is told by its end")
  func left() throws {
    let run = try session(
      typed: ["dockv6 run files.json < nul", "rm c/a", "dockv6 run oci.json < nul"])
    let ends = run.events.filter { $0.kind == .containerEnd }
    // Two files and a directory: three blocks, one and one.
    #expect(ends.map { $0[ContainerEndEvent.inodes] } == [3, 0], "\(run.console)")
    #expect(ends.map { $0[ContainerEndEvent.blocks] } == [5, 0], "\(run.console)")
  }
}
