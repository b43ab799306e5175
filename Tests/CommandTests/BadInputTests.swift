import Foundation
import Recorder
import TestSupport
import Testing

/// Whatever is wrong with what the tool is given: one clear line, status 2, no crash.
struct BadInputTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func expectRefusal(_ arguments: [String], _ words: String) throws {
    let run = try DrydockTool.run(arguments, in: folder.path)
    #expect(run.status == 2, "\(arguments): \(run)")
    #expect(run.errorLines.count == 1, "\(run.errors)")
    #expect(run.errors.hasPrefix("drydock: ") && run.errors.contains(words), "\(run.errors)")
    #expect(run.output.isEmpty)
  }

  @Test(arguments: [
    (["run", "--bogus"], "--bogus"), (["frobnicate"], "no command 'frobnicate'; see drydock help"),
    (["recrod"], "no command 'recrod'; did you mean 'record'?"),
    (["run", "--harts", "x"], "harts"), (["run", "--harts", "9"], "harts: found 9, expected 1"),
    (["run", "--memory", "12Q"], "--memory: found \"12Q\", expected a size such as 128M"),
    (["run", "--memory", "1K"], "memory: found \"1K\", expected 256K to 4G"),
    (["run", "--memory", "0"], "expected 256K to 4G"), (["run", "--tick", "0"], "tick: found 0"),
    (["run", "--memory", "99999999999G"], "expected 256K to 4G"),
    (
      ["run", "--seed", "-1"],
      "The value '-1' is invalid for '--seed <n>': expected a number from 0"
    ),
    (["run", "--harts", "-1"], "harts: found -1, expected 1 to 8"),
    (["run", "--script", "/dev/zero"], "/dev/zero: found more than 16 MiB"),
    (
      ["run", "--", "true"] + Array(repeating: "x", count: 40),
      "found 41 words, expected at most 31"
    ),
    (["run", "--", "true", String(repeating: "x", count: 4096)], "4102 bytes in all"),
    (["run", "--file", "x"], "expected HOST:GUEST"), (["run", "--file", "x:y"], "from /"),
    (["run", "--file", "missing:/x"], "missing: No such file"),
    (["run", "--file", "/dev/null:/x"], "special file"),
    (["run", "--script", "missing"], "missing: No such file"),
    (["run", "--scenario", "missing"], "missing: No such file"),
    (["record", "--harts", "9", "-o", "x.db"], "harts"),
    (["replay"], "file"), (["replay", "missing.db"], "missing.db: No such file"),
    (["diff", "missing.db", "other.db"], "missing.db"),
    (["query", "missing.db", "SELECT 1"], "mis"),
    (["dump", "."], "not a trace"), (["info", "missing.db"], "missing.db"),
    (["query", "--csv", "--json", "x.db", "SELECT 1"], "cannot be used together"),
    (
      ["record", "--check", "--invariants", "", "--", "true"],
      "--invariants: found \"\", expected one of root, budget, memory, names, pids, signals, "
        + "locks, schedule, console, accounting, mounts"
    ),
    (["record", "--check", "--invariants", ",", "--", "true"], "found \"\", expected one of root"),
    (["record", "--invariants", "root,", "--", "true"], "found \"\", expected one of root"),
    (
      ["record", "--invariants", "root", "--no-invariants", "--", "true"],
      "found --invariants and --no-invariants, expected one of them"
    ),
    (
      ["record", "--check", "--no-invariants", "--", "true"],
      "found --check and --no-invariants, expected one of them"
    ),
  ])
  func useThatMakesNoSense(arguments: [String], words: String) throws {
    try expectRefusal(arguments, words)
    #expect(try folder.names == [])
  }

  /// A check of nothing would be green whatever had happened.
  @Test(arguments: [[], ["--seed", "2"]])
  func aReplayThatWouldCheckNothingIsRefused(otherwise: [String]) throws {
    try record(GuestRun.scenario(["true"]), to: folder.file("s.db"))
    for list in ["", ",", "root,,budget"] {
      try expectRefusal(
        ["replay", "s.db", "--invariants", list] + otherwise,
        "--invariants: found \"\", expected one of root, budget")
    }
    try expectRefusal(
      ["replay", "s.db", "--invariants", "root", "--no-invariants"] + otherwise,
      "found --invariants and --no-invariants, expected one of them")
  }

  /// The guest's own reader says where, whatever else was asked for.
  @Test(arguments: [[], ["--root", "."]])
  func aSpecThatIsNoJSONIsToldWhere(root: [String]) throws {
    _ = try folder.write("{\"init\": [\"/echo\",\n \"a\"", to: "s.json")
    let run = try DrydockTool.run(["run", "--spec", "s.json"] + root, in: folder.path)
    #expect(run.status == 1)
    #expect(
      run.output.contains("dockv6: /s.json:2:5: expected a comma or ], found the end"), "\(run)")
  }

  /// As in a container whose file system is read-only; who may not mount anything has no such place.
  @Test func aQueryThatSortsNeedsNoTemporaryFolder() throws {
    try record(GuestRun.scenario(["pingpong", "3000"]), to: folder.file("s.db"))
    let run = try DrydockTool.shell(
      """
      unshare -m sh -c 'mount --bind / / && mount -o remount,ro,bind / || exit 99
        for folder in /tmp /var/tmp; do mount -o remount,ro,bind $folder 2>/dev/null; done
        cd / && "$DRYDOCK" query "$0/s.db" "SELECT pid, a0, count(*) FROM event GROUP BY a0 + seq % 7919
          ORDER BY a5, a4, a3" >/dev/null && "$DRYDOCK" diff "$0/s.db" "$0/s.db"' "$PWD" || exit $?
      """, in: folder.path)
    if run.status != 99 && run.status != 1 { #expect(run.status == 0, "\(run)") }
  }

  /// A page or an export would be gone with the session that it was made of.
  @Test(arguments: ["report", "export"])
  func aSessionIsNeverWrittenOver(verb: String) throws {
    let session = folder.file("s.db")
    try record(GuestRun.scenario(["true"]), to: session)
    let before = try Data(contentsOf: URL(fileURLWithPath: session))
    try expectRefusal(
      [verb, session, "-o", session] + (verb == "export" ? ["--format", "csv"] : []),
      "s.db: is a database, and may be a session; expected another file")
    #expect(try Data(contentsOf: URL(fileURLWithPath: session)) == before)
    // What it has written itself, it writes over.
    for _ in 0..<2 {
      let run = try DrydockTool.run(
        [verb, session, "-o", "out"] + (verb == "export" ? ["--format", "csv"] : []),
        in: folder.path)
      #expect(run.status == 0, "\(run)")
    }
    try expectRefusal(
      [verb, session, "-o", "/dev/full"] + (verb == "export" ? ["--format", "csv"] : []),
      "/dev/full: cannot be written to the end: No space left on device")
  }

  @Test(arguments: [
    ("hart: 2", "s.yaml:1:1: found unknown key \"hart\""), ("hart: 2", "did you mean harts?"),
    ("seed: 1\nharts: many", "s.yaml:2:8: found \"many\", expected harts: a number from 0"),
    (
      "processes: 10\nlimits: { processes: 20 }",
      "s.yaml:2:22: found processes: 20 besides processes: 10 in line 1, expected it once"
    ),
    (
      "limits: { openFiles: 20 }\nopen-files: 30",
      "found openFiles: 30 besides openFiles: 20 in line 1, expected it once"
    ),
    ("harts: 99", "harts: found 99, expected 1 to 8"), ("limits: {inode: 3}", "mean inodes?"),
    ("files: {x: {text: a}}", "s.yaml:1:9: found \"x\", expected a guest path from /"),
    ("files: {/x: {host: nofile}}", "nofile: No such file"), ("files: [a]", "KEY: VALUE"),
    ("files: [{text: a}]", "path: /GUEST/PATH"), ("files: {/x: {}}", "a file without content"),
    ("files: {/x: {text: a, directory: true}}", "besides another content"),
    ("files: {/x: {device: [1]}}", "[major, minor]"), ("files: {/x: {hst: a}}", "mean host?"),
    ("files: {/a/a-name-of-more-than-14-bytes: {text: a}}", "at most 14"),
    ("script: {a: 1}", "expected a list of lines"), ("script: [{at: -1, text: x}]", "from 0"),
    ("script: [{at: 1}]", "text: LINE"), ("a: b: c", "s.yaml:1:"), ("{", "expected YAML"),
    ("harts: 1\nharts: 2", "found harts twice"), ("[]", "the scenario as KEY: VALUE"),
    ("memory: lots", "expected a size"),
    ("files: {\"/a\\0b\": {text: x}}", "found a NUL in the path"),
    ("processes: 1", "processes: found 1"),
  ])
  func aScenarioThatMakesNoSense(yaml: String, words: String) throws {
    let file = try folder.write(yaml, to: "s.yaml")
    try expectRefusal(["run", "--scenario", file, "--", "true"], words)
  }

  /// A path or an option's value may come from somebody else.
  @Test func nothingThatItIsGivenReachesTheTerminalAsItIs() throws {
    let hostile = "a\u{1b}[31m\u{202e}\u{7}\nb"
    for arguments in [
      ["replay", hostile], ["info", hostile], ["run", "--scenario", hostile],
      ["run", "--file", "\(hostile):/x"], ["run", "--harts", hostile], ["run", "--\(hostile)"],
      ["run", "--", hostile], [hostile],
    ] {
      try expectRefusal(arguments, "\\x1b[31m")
      let errors = try DrydockTool.run(arguments, in: folder.path).errors
      #expect(errors.unicodeScalars.dropLast().allSatisfy { $0.prints }, "\(errors)")
    }
  }

  @Test func aScenarioOfGarbage() throws {
    let file = try folder.write([0xff, 0xfe, 0, 1, 2], to: "s.yaml")
    try expectRefusal(["run", "--scenario", file], "no UTF-8")
  }

  @Test func anEmptyScenarioIsAllDefaults() throws {
    let file = try folder.write("# nothing\n", to: "s.yaml")
    #expect(try DrydockTool.run(["run", "--scenario", file, "--", "true"]).status == 0)
  }

  @Test(arguments: ["", "garbage", "SQLite format 3\0 and then nothing of the kind"])
  func aTraceOfGarbage(content: String) throws {
    let file = try folder.write(content, to: "t.db")
    for arguments in [
      ["replay", file], ["info", file], ["dump", file], ["diff", file, file],
      ["query", file, "SELECT 1"],
    ] {
      try expectRefusal(arguments, "t.db: ")
    }
  }

  @Test func aTooLargeFileForTheDisk() throws {
    let file = try folder.write([UInt8](repeating: 7, count: 300_000), to: "big")
    try expectRefusal(
      ["run", "--file", "\(file):/big", "--", "true"],
      "file /big: file too large: found 300000 bytes, expected at most 274432")
  }

  @Test("A folder in the place of a program of the userland is refused, and says whose place it is")
  func aFolderForAProgram() throws {
    let file = try folder.write([7], to: "f")
    let words = "found /test, the userland's program of that name, on the way, expected a folder"
    try expectRefusal(["run", "--file", "\(file):/test/f", "--", "true"], "file /test/f: \(words)")
    let scenario = try folder.write(Array("files: {/test: {directory: true}}".utf8), to: "s.yaml")
    try expectRefusal(["run", "--scenario", scenario, "--", "true"], words)
    // A file may be there.
    #expect(try DrydockTool.run(["run", "--file", "\(file):/test", "--", "true"]).status == 0)
  }

  /// A 64-byte ELF header and one program header of 56, as little-endian fields at their offsets.
  private func elf(_ changes: [(offset: Int, bytes: [UInt8])]) -> [UInt8] {
    var file = [UInt8](repeating: 0, count: 120)
    let usual: [(offset: Int, bytes: [UInt8])] = [
      (0, [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]), (16, [2]), (18, [243]), (32, [64]), (54, [56]),
      (56, [1]), (64, [1]), (68, [5]), (96, [120]), (104, [120]),
    ]
    for (offset, bytes) in usual + changes {
      file.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
    return file
  }

  @Test func aProgramThatIsNoProgramIsRefused() throws {
    let bad: [([UInt8], String)] = [
      ([], "0 bytes"), (Array("\u{7f}ELF and no more".utf8), "16 bytes"),
      (elf([(18, [62])]), "machine 62"), (elf([(4, [1])]), "class 1"),
      (elf([(5, [2])]), "byte order 2"), (elf([(56, [3])]), "3 program headers"),
      (elf([(96, [200])]), "200 bytes in the file and 120"),
      (elf([(96, [121]), (104, [130])]), "121 bytes from offset 0"),
      (elf([(104, [0, 0, 0, 0, 0, 0, 0, 0x80])]), "segment 0 at 0x0 of"),
      (elf([(104, [0, 0, 0, 0, 9])]), "pages"), (elf([(80, [1])]), "segment 0 at 0x1"),
    ]
    for (bytes, words) in bad {
      let file = try folder.write(bytes, to: "bad")
      try expectRefusal(["run", "--file", "\(file):/bad", "--", "bad"], words)
    }
    try expectRefusal(["run", "--", "primse"], "did you mean primes")
  }

  @Test func aProgramThatReadsItsConsoleForEverIsStopped() throws {
    let scenario = try folder.write("program: [sh]\nscript: ['sh', 'sh']\n", to: "s.yaml")
    let run = try DrydockTool.run(["run", "--scenario", scenario])
    #expect(run.status == 0 || run.errorLines.count == 1)
  }

  /// What is nearly right is told with what would be.
  @Test(arguments: [
    (["run", "ls"], "found ls; a program goes after --: drydock run -- ls"),
    (
      ["run", "--harts", "2", "ls", "-l"],
      "found ls; a program goes after --: drydock run --harts 2 -- ls -l"
    ),
    (["run", "ls", "--", "x"], "found ls; a program goes after --: drydock run -- ls x"),
    (["ls", "/a b"], "no command 'ls'; a program goes after --: drydock run -- ls '/a b'"),
    (["--", "ls"], "found no command before --: drydock run -- ls"),
    (
      ["session.db"],
      "no command 'session.db'; a session is run again by replay: drydock replay session.db"
    ),
    (["run", "s.db"], "a session is run again by replay: drydock replay s.db"),
    (["record", "s.db"], "the file to record into goes after -o: drydock record -o s.db"),
    (["run", "s.yaml"], "a scenario goes after --scenario: drydock run --scenario s.yaml"),
    (["s.json"], "no command 's.json'; a container's spec goes after --spec: drydock run --spec"),
    (["--harts", "2", "run"], "found --harts before the command: drydock run --harts 2"),
    (["query", "s.db", "SELECT", "1"], "one, in quotes: drydock query s.db 'SELECT 1'"),
    (["report", "s.db", "x.html"], "goes after -o: drydock report s.db -o x.html"),
    (["stat", "s.db", "locks"], "found the file first: drydock stat locks s.db"),
    (["stat", "s.db"], "drydock stat story s.db"),
    (["help", "recrod"], "no command 'recrod'; did you mean 'record'?"),
    (["replay", "--frm", "3", "s.db"], "Unknown option '--frm'; see drydock help replay"),
  ])
  func whatIsNearlyRightIsToldWithWhatWouldBe(arguments: [String], words: String) throws {
    try expectRefusal(arguments, words)
    #expect(try folder.names == [])
  }

  /// A terminal may be of any width, and its variable may hold anything.
  @Test(arguments: [
    "1", "10", "20", "26", "27", "49", "50", "1000000", "0", "-1", "", "wide",
    "99999999999999999999",
  ])
  func helpKeepsEveryWord(columns: String) throws {
    func words(_ arguments: String, _ columns: String) throws -> [Substring] {
      let run = try DrydockTool.shell("COLUMNS=\(columns) $DRYDOCK \(arguments)", in: folder.path)
      #expect(run.status == 0 && run.errors.isEmpty, "\(run)")
      if let width = Int(columns), (1..<50).contains(width) {
        // Only a word that is too long by itself is longer than a line.
        let long = run.output.split(separator: "\n").filter { $0.count > width }
        #expect(long.allSatisfy { $0.split(separator: " ").count == 1 }, "\(long)")
      }
      return run.output.split { $0 == " " || $0 == "\n" }
    }
    for arguments in ["help", "help record", "stat --help"] {
      #expect(try words(arguments, columns) == words(arguments, "80"))
    }
    // What is no help needs a width all the same.
    let wrong = try DrydockTool.shell("COLUMNS=\(columns) $DRYDOCK run --x", in: folder.path)
    #expect(wrong.status == 2 && wrong.errorLines.count == 1, "\(wrong)")
  }

  @Test func helpThatCannotBeWrittenIsToldSo() throws {
    let run = try DrydockTool.shell("$DRYDOCK help >/dev/full", in: folder.path)
    #expect(run.status == 2)
    #expect(run.errors == "drydock: standard output: No space left on device\n")
  }

  @Test func helpIsFine() throws {
    for arguments in [["--help"], ["help", "run"], ["record", "--help"], ["--version"]] {
      let run = try DrydockTool.run(arguments)
      #expect(run.status == 0 && !run.output.isEmpty && run.errors.isEmpty)
    }
  }
}
