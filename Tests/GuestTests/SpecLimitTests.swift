// Limits in a container's spec: which file of its group each becomes, in the short form and in OCI's, what is refused
// and where, and that they hold before the container's program runs.

import GuestJSON
import Sim
import TestSupport
import Testing
import Userland

@Suite struct SpecLimitTests {
  /// A shell beside the manager, with a root at /c, a spec with these members, and what is typed.
  private func session(
    _ members: String, init program: String = #"["/sleep", "100000"]"#, harts: Int = 1,
    typed: [String]
  ) throws -> GuestRun {
    try GuestRun([]) { scenario in
      scenario.manager = true
      scenario.harts = harts
      scenario.limitTicks = UInt64(typed.count + 2) * 100
      for name in ["cat", "sh", "sleep", "false"] {
        let program = Userland.image(name)?.bytes ?? []
        scenario.files.append(GuestFile(path: "/c/\(name)", content: .file(program)))
      }
      let spec = #"{"init": \#(program), "fs": "/c", "name": "web", \#(members)}"#
      scenario.files.append(GuestFile(path: "/web.json", content: .file(Array(spec.utf8))))
      scenario.script = typed.enumerated().map { number, line in
        ScriptLine(bytes: Array("\(line)\n".utf8), atTick: UInt64(number) * 100 + 10)
      }
    }
  }

  private func lines(_ run: GuestRun) -> [String] {
    run.console.split(separator: "\n").map(String.init)
  }

  private func reading(_ members: String) -> SpecReading {
    SpecReading(Array(#"{"init": "/sh", "fs": "/c", \#(members)}"#.utf8))
  }

  /// What a spec with these members, and a number of processes, has for the files of the group.
  private func files(_ members: String) -> String {
    let words = reading(#""nproc": 4, \#(members)"#).contents ?? "refused"
    return String(
      words.drop { $0 != "[" }.dropFirst().drop { $0 != "[" }.dropFirst().prefix { $0 != "]" })
  }

  @Test(
    "Each limit has a file of the container's group",
    arguments: [
      (#""cpu": {"weight": 200}"#, #""cpu.weight: 200""#),
      (#""cpu": {"max": 20000}"#, #""cpu.max: 20000 1000000""#),
      (#""cpu": {"max": "20000 100000"}"#, #""cpu.max: 20000 100000""#),
      (#""cpu": {"max": "max 5000"}"#, #""cpu.max: max 5000""#),
      (#""cpu": {"max": "max"}"#, #""cpu.max: max 1000000""#),
      (#""memory": 65536"#, #""memory.max: 65536""#),
      (#""memory": "8M""#, #""memory.max: 8388608""#),
      (#""memory": "max""#, #""memory.max: max""#), (#""memory": 0"#, #""memory.max: 0""#),
      (#""disk": "3k""#, #""disk.max: 3072""#), (#""inodes": 12"#, #""inodes.max: 12""#),
      (#""io": {"read": "1G", "write": 512}"#, #""io.max: rbps=1073741824", "io.max: wbps=512""#),
      (#""files": 30, "pipes": 0"#, #""misc.max: files 30", "misc.max: pipes 0""#),
      (
        #""shared_pages": 3, "mutexes": "max""#,
        #""misc.max: mutexes max", "misc.max: shared_pages 3""#
      ),
      ("\"x\": 1", ""),
    ])
  func hasAFile(members: String, words: String) {
    #expect(files(members) == words)
  }

  @Test(
    "OCI's names mean the same",
    arguments: [
      (#""cpu": {"shares": 2}"#, #""cpu.weight: 1""#),
      (#""cpu": {"shares": 1024}"#, #""cpu.weight: 100""#),
      (#""cpu": {"shares": 262144}"#, #""cpu.weight: 10000""#),
      (#""cpu": {"quota": 50000}"#, #""cpu.max: 50000 100000""#),
      (#""cpu": {"quota": 50000, "period": 200000}"#, #""cpu.max: 50000 200000""#),
      (#""cpu": {"period": 200000, "quota": -1}"#, #""cpu.max: max 200000""#),
      (#""cpu": {"cpus": "0-1,3"}"#, #""cpu.max: 3000000 1000000""#),
      (#""cpu": {"cpus": "2", "quota": 250000, "period": 100000}"#, #""cpu.max: 100000 100000""#),
      (#""cpu": {"cpus": "0-3", "quota": 250000, "period": 100000}"#, #""cpu.max: 250000 100000""#),
      (#""memory": {"limit": 8388608, "swap": 5}"#, #""memory.max: 8388608""#),
      (#""memory": {"limit": -1}"#, #""memory.max: max""#),
      (
        #""blockIO": {"throttleWriteBpsDevice": [{"major": 8, "minor": 0, "rate": 4096}]}"#,
        #""io.max: wbps=4096""#
      ),
      (#""blockIO": {"throttleReadBpsDevice": []}"#, ""),
    ])
  func isOCI(resources: String, words: String) {
    #expect(files(#""linux": {"resources": {\#(resources)}}"#) == words)
  }

  @Test("A period that OCI leaves out is a tenth of a second, in either order of the keys")
  func periodOfQuota() {
    let resources = #""linux": {"resources": {"pids": {"limit": 4}, "cpu": {"quota": 1000}}}"#
    #expect(reading(resources).contents?.contains("cpu.max: 1000 100000") == true)
  }

  private static let quota =
    "max or instructions, or \"MAX PERIOD\" with a period from 1000 to 1000000000"
  private static let bytes = "bytes, also as \"8K\", \"8M\" or \"8G\", or max"

  @Test(
    "What a limit cannot be is refused, with its place and with what it can be",
    arguments: [
      (#""cpu": 5"#, 1, "an object", "5"),
      (#""cpu": {"weight": 0}"#, 12, "a weight from 1 to 10000", "0"),
      (#""cpu": {"weight": 10001}"#, 12, "a weight from 1 to 10000", "10001"),
      (#""cpu": {"weight": "max"}"#, 12, "a weight from 1 to 10000", #""max""#),
      (#""cpu": {"max": 0}"#, 9, SpecLimitTests.quota, "0"),
      (#""cpu": {"max": "5 999"}"#, 9, SpecLimitTests.quota, #""5 999""#),
      (#""cpu": {"max": "5 1000000001"}"#, 9, SpecLimitTests.quota, #""5 1000000001""#),
      (#""cpu": {"max": "5  2000"}"#, 9, SpecLimitTests.quota, #""5  2000""#),
      (#""memory": -1"#, 1, SpecLimitTests.bytes, "-1"),
      (#""memory": 1.5"#, 1, SpecLimitTests.bytes, "1.5"),
      (#""memory": "8T""#, 1, SpecLimitTests.bytes, #""8T""#),
      (#""memory": "99999999999G""#, 1, SpecLimitTests.bytes, #""99999999999G""#),
      (#""disk": [1]"#, 1, SpecLimitTests.bytes, "["),
      (#""inodes": "8K""#, 1, "a number from 0 to 2147483647, or max", #""8K""#),
      (#""files": 2147483648"#, 1, "a number from 0 to 2147483647, or max", "2147483648"),
      (#""io": {"read": 0}"#, 10, "bytes in a tick, at least 1, also as \"8K\", or max", "0"),
      (#""files": 3, "files": 4"#, 13, "no second value for it", "4"),
      (#""nproc": "4""#, 1, "a number from 1 to 2147483647", #""4""#),
    ])
  func isRefused(members: String, place: Int, expected: String, found: String) {
    let refusal = reading(members).refusal ?? "taken"
    // Behind the first key, its colon and a blank.
    let key = members.prefix { $0 != ":" }.utf8.count + 2
    let head = #"{"init": "/sh", "fs": "/c", "#.utf8.count + key
    let words = "1:\(head + place): expected \(expected), found \(found)"
    #expect(refusal == words)
  }

  @Test(
    "OCI's are refused as well",
    arguments: [
      (#""cpu": {"shares": 1}"#, "shares from 2 to 262144"),
      (#""cpu": {"shares": 262145}"#, "shares from 2 to 262144"),
      (#""cpu": {"quota": 0}"#, "microseconds, at least 1, or -1"),
      (#""cpu": {"quota": "50000"}"#, "microseconds, at least 1, or -1"),
      (#""cpu": {"period": 999}"#, "microseconds from 1000 to 1000000000"),
      (#""cpu": {"cpus": 2}"#, #"harts as in "0-2,4""#),
      (#""cpu": {"cpus": "3-1"}"#, #"harts as in "0-2,4""#),
      (#""cpu": {"cpus": "0,0"}"#, #"harts as in "0-2,4""#),
      (#""cpu": {"cpus": "0-1024"}"#, #"harts as in "0-2,4""#),
      (#""cpu": {"cpus": ""}"#, #"harts as in "0-2,4""#),
      (#""memory": {"limit": 0}"#, "bytes, at least 1, or -1"),
      (#""memory": {"limit": -2}"#, "bytes, at least 1, or -1"),
      (#""pids": {"limit": -1}"#, "a number from 1 to 2147483647"),
      (#""blockIO": {"throttleReadBpsDevice": {"rate": 5}}"#, "an array"),
      (#""blockIO": {"throttleReadBpsDevice": [5]}"#, "an object"),
      (#""blockIO": {"throttleReadBpsDevice": [{"rate": 0}]}"#, "bytes in a second, at least 1"),
      (
        #""blockIO": {"throttleReadBpsDevice": [{"rate": 1}, {"rate": 2}]}"#,
        "no second value for it"
      ),
    ])
  func isRefusedOCI(resources: String, expected: String) {
    let refusal = reading(#""linux": {"resources": {\#(resources)}}"#).refusal ?? "taken"
    #expect(refusal.contains(": expected \(expected), found "), "\(refusal)")
  }

  @Test("A key with a dot in it is none of these, nor is one in another object")
  func otherKeys() {
    #expect(files(#""cpu.weight": 5, "memory.limit": 6, "x": {"cpu": {"weight": 7}}"#) == "")
    #expect(
      reading(#""process.args": ["/sh"], "nproc": 0"#).refusal?.contains("2147483647") == true)
  }

  @Test("Only the root is read-only: the key is unknown in any other object")
  func readOnlyElsewhere() {
    let other = reading(#""nproc": 4, "linux": {"unknown": true}"#).contents
    #expect(reading(#""nproc": 4, "linux": {"readonly": true}"#).contents == other)
    #expect(reading(#""nproc": 4, "readonly": true, "root": {}"#).contents == other)
    #expect(reading(#""nproc": 4, "root": {"readonly": true}"#).contents != other)
  }

  @Test("The first program of a container finds its limits set", arguments: [1, 2, 4])
  func holdFromTheBeginning(harts: Int) throws {
    let run = try session(
      #""nproc": 3, "files": 20, "pipes": 2, "mounts": [{"destination": "/cgroup", "type": "cgroup2"}]"#,
      init: #"["/cat", "/cgroup/misc.max", "/cgroup/pids.max"]"#, harts: harts,
      typed: ["echo | dockv6 web.json"])
    let shown = lines(run).filter { $0.hasPrefix("files ") || $0.hasPrefix("pipes ") || $0 == "3" }
    #expect(shown == ["files 20", "pipes 2", "3"], "\(run.console)")
  }

  @Test("Input comes through behind the word that lets the first program go")
  func inputComesThrough() throws {
    let run = try session(
      #""nproc": 3, "mutexes": 2"#, init: #"["/cat"]"#,
      typed: ["echo some words | dockv6 web.json"])
    #expect(lines(run).contains("some words"), "\(run.console)")
  }

  @Test(
    "A restart policy that is longer than any is none",
    arguments: ["on-failure:000000000003xyz", "on-failure:000000000001999"])
  func longPolicy(policy: String) throws {
    let run = try session(
      #""nproc": 3, "restart": "\#(policy)""#, init: #"["/cat", "/nosuch"]"#,
      typed: ["echo | dockv6 create web.json"])
    #expect(run.console.contains("expected no, always"), "\(run.console)")
    #expect(!run.events.contains { $0.kind == .containerCreate }, "\(run.console)")
  }

  @Test("Limits are there again when the init is started again")
  func again() throws {
    let run = try session(
      #""nproc": 3, "pipes": 5, "restart": "on-failure:2""#,
      init: #"["/sh", "-c", "sleep 20; false"]"#,
      typed: [
        "dockv6 create web.json; sleep 10; cat /cgroup/c1/misc.max; sleep 30; cat /cgroup/c2/misc.max"
      ])
    #expect(lines(run).count { $0 == "pipes 5" } == 2, "\(run.console)")
  }

  @Test(
    "A limit that cannot be set is refused with its place, before the container's program runs",
    arguments: ["run", "create"])
  func cannotBeSet(verb: String) throws {
    let run = try session(
      #""nproc": 3, "files": 20"#, init: #"["/cat", "/nosuch"]"#,
      typed: ["umount /cgroup", "echo | dockv6 \(verb) web.json", "dockv6 ps"])
    let words = "cm: request:1:79: expected a limit that the machine takes, found 20"
    #expect(lines(run).contains(words), "\(run.console)")
    #expect(!run.console.contains("nosuch"), "\(run.console)")
    #expect(run.events.count { $0.kind == .containerEnd } == 1)
    // And nothing is left of it.
    #expect(!lines(run).contains { $0.contains("/cat  ") }, "\(run.console)")
  }

  @Test("inspect shows the limits that a container has")
  func inspected() throws {
    let run = try session(
      #""nproc": 3, "files": 20, "pipes": 2"#,
      typed: ["dockv6 create web.json", "dockv6 inspect web"])
    #expect(run.console.contains(#""pids.max": "3""#), "\(run.console)")
    #expect(run.console.contains(#""misc.max": "files 20\u000apipes 2\u000a"#), "\(run.console)")
  }
}
