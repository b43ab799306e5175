import Foundation
import Sim
import TestGuests
import TestSupport
import Testing

/// Programs built for other kernels, and what the tool says of them.
@Suite struct ForeignProgramTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func drydock(_ arguments: String..., input: String = "") throws -> ToolRun {
    try DrydockTool.run(arguments, input: input, in: folder.path)
  }

  /// Writes a guest test's program, with its mark or with another note in its place.
  private func write(_ name: String, marked: Bool = true) throws {
    var bytes = try #require(TestGuests.image(name)).bytes
    let mark = Array("Drydock\0".utf8)
    for start in 0...bytes.count - mark.count
    where !marked && Array(bytes[start..<start + mark.count]) == mark {
      bytes[start] = UInt8(ascii: "X")
    }
    try Data(bytes).write(to: URL(fileURLWithPath: folder.file(name)))
  }

  @Test(
    "A program without a mark that makes a call of the machine's own is told of on standard error")
  func foreignCallsAreToldOf() throws {
    try write("abi_call", marked: false)
    let run = try drydock("run", "--file", "abi_call:/abi_call", "--", "abi_call", "37", "2")
    #expect(run.status == 0 && run.output == "0\n")
    #expect(
      run.errorLines == [
        "drydock: abi_call (pid 2) is not built for Drydock and makes call 37, which is prio_get "
          + "here; if it means another call, run it with --abi xv6, and if it means this one, "
          + "build it with guest.cfg"
      ])
    let xv6 = try drydock(
      "run", "--abi", "xv6", "--file", "abi_call:/abi_call", "--", "abi_call", "37", "2")
    #expect(xv6.output == "2 abi_call: unknown sys call 37\n-1\n" && xv6.errors.isEmpty)
    try write("abi_call")
    let marked = try drydock("run", "--file", "abi_call:/abi_call", "--", "abi_call", "37", "2")
    #expect(marked.output == "0\n" && marked.errors.isEmpty)
  }

  @Test("Changed numbers are in the recording, and it replays and verifies")
  func changedNumbersAreRecorded() throws {
    try write("abi_call")
    _ = try folder.write(
      "abi: xv6\ncalls: { 99: prio_get, 12: none }\nfiles: { /abi_call: { host: abi_call } }\n",
      to: "s.yaml")
    let run = try drydock("record", "--scenario", "s.yaml", "--", "abi_call", "99", "2")
    #expect(run.status == 0 && run.output == "0\n", "\(run.errors)")
    let refused = try drydock(
      "record", "--scenario", "s.yaml", "-o", "other.db", "--", "abi_call", "37", "2")
    #expect(refused.output == "2 abi_call: unknown sys call 37\n-1\n")
    for trace in ["session.db", "other.db"] {
      #expect(try drydock("replay", trace).status == 0)
      #expect(try drydock("verify", trace).status == 0)
    }
    let names = "SELECT name, why FROM syscall WHERE name LIKE 'prio%' OR name LIKE 'call#%'"
    #expect(try drydock("query", "--csv", "session.db", names).output.contains("prio_get,"))
    #expect(
      try drydock("query", "--csv", "other.db", names).output.contains("call#37,unknown call"))
    let settings = "SELECT value FROM scenario WHERE key = 'calls' ORDER BY ordinal"
    #expect(
      try drydock("query", "--csv", "session.db", settings).output.split(separator: "\n")
        .dropFirst()
        == ["xv6", "\"12 none\"", "\"99 prio_get\""])
  }

  @Test(
    "What is no call or no ABI is told with its place",
    arguments: [
      ("abi: xv7", "s.yaml:1:6: abi: found \"xv7\", expected drydock or xv6; did you mean xv6?"),
      ("calls: { 0: fork }", "s.yaml:1:10: found \"0\", expected a call's number from 1 to 1023"),
      ("calls: { x: fork }", "s.yaml:1:10: found \"x\", expected a call's number from 1 to 1023"),
      ("calls: { 22: forc }", "did you mean fork?"),
      ("calls: [22]", "s.yaml:1:8: found a list, expected calls as KEY: VALUE"),
    ])
  func badCallsAreToldOf(text: String, message: String) throws {
    _ = try folder.write(text + "\n", to: "s.yaml")
    let run = try drydock("run", "--scenario", "s.yaml", "--", "true")
    #expect(run.status == 2)
    #expect(run.errors.contains(message), "\(run.errors)")
    #expect(try drydock("run", "--abi", "linux", "--", "true").status == 2)
  }

  @Test("A program that the disk's own init may not run is told of")
  func ownInitIsToldOf() throws {
    try write("abi_call")
    let run = try drydock("run", "--file", "abi_call:/init", "--", "true")
    #expect(run.errors.contains("the disk brings its own /init, which may not run true"))
    #expect(try drydock("run", "--", "true").errors.isEmpty)
  }

  @Test("A session with ^C in it replays and verifies")
  func interruptsAreReplayed() throws {
    _ = try folder.write(
      "script:\n  - spin | cat\n  - { at: 30, keys: \"\\x03\" }\n  - echo alive\n", to: "s.yaml")
    let run = try drydock("record", "--scenario", "s.yaml", "--harts", "2", "--seed", "3")
    #expect(run.output.contains("^C\n$ echo alive\nalive\n"), "\(run.output)")
    #expect(try drydock("replay", "session.db").status == 0)
    #expect(try drydock("verify", "session.db").status == 0)
    let kills = "SELECT count(*) FROM process_event WHERE event = 'kill' AND pid = 0"
    #expect(try drydock("query", "--csv", "session.db", kills).output.hasSuffix("\n2\n"))
  }
}
