// The tools of the userland that POSIX describes, held against the host's own.

import Foundation
import Sim
import TestSupport
import Testing
import Userland

/// Texts that both sides have, and a tree.
private let files: [(path: String, text: String)] = [
  ("lines", (1...30).map { "line \($0)\n" }.joined()),
  ("nonl", "a\nb\nlast"),
  ("empty", ""),
  ("numbers", "10\n9\n-3\n007\n7\n\n 12\n3.10\n3.1\n-0.5\n-.5\nx\n0\n-0\n123456789012345678901\n"),
  (
    "words",
    "b two 10\na  two 9\nB one 2\n c\tthree 10\na-b one 1\nab one 1\nb two 10\nA zero 0\n\n  \n"
  ),
  ("colons", "a:x:3\nb::20\n:x y:3\nc:w:3\na:x:3\nd:b\n"),
  ("quoted", "a 'b c' \"d e\" f\\ g\nh\n\n i\n"),
  ("tree/a.c", "abc"), ("tree/b.c", String(repeating: "x", count: 1500)), ("tree/e", ""),
  ("tree/sub/z.c", "hi"), ("tree/sub/f.txt", "q"),
]

/// What a tool prints and no other: scripts of commands of which none complains.
private let scripts: [String] = [
  // sort: orders, keys, and what it does besides
  ["", "-n", "-r", "-nr", "-u", "-nu", "-f", "-fu", "-d", "-b", "-s", "-i", "-ub", "-m"]
    .flatMap { options in
      ["numbers", "words", "nonl", "empty"].filter { options != "-m" || $0 == "empty" }
        .map { "sort \(options) \($0)\n" }
    }.joined(),
  [
    "-k2 words", "-k 2,2 words", "-k2n words", "-k 3,3nr -k1 words", "-k1.2,1.3 words",
    "-k 2b,2 words", "-n -k3 words", "-rk1,1 words", "-sk1,1 words", "-t : -k2 colons",
    "-t: -k2,2 colons", "-t : -k 3,3n -k 2 colons", "-t: -k3r -k1 colons", "-t : -nk3 -u colons",
    "-t: -k2.1,3.1 colons", "-t : -k 3,3 -s colons", "-t: -k1,1 -u -r colons", "words numbers",
    "- < nonl", "-o out numbers; cat out", "-o numbers numbers; cat numbers", "-c empty",
    "-cn nonl",
  ].map { "sort \($0)\n" }.joined(),
  // head and tail
  ["head", "tail"].flatMap { tool in
    ["", "-n 5", "-n5", "-5", "-c 10", "-n 100", "-c 1000", "-n 1"].flatMap { options in
      ["lines", "nonl", "empty", "- < lines"].map { "\(tool) \(options) \($0)\n" }
    }
  }.joined(),
  ["+5", "+1", "+0", "+100", "-3"].flatMap { count in
    ["lines", "nonl", "empty", "lines nonl"].flatMap {
      ["tail -n \(count) \($0)\n", "tail -c \(count) \($0)\n"]
    }
  }.joined(),
  "head lines nonl\nhead -n 0 lines\ntail -n 0 lines\ncat lines | tail -n 2\nhead -n 1 nonl - < lines\n",
  // xargs
  """
  xargs < quoted
  xargs -n 1 < quoted
  xargs -n 2 echo y < quoted
  xargs -r echo z < empty
  xargs echo z < empty
  xargs -n 3 < lines
  xargs -I {} echo '[{}]' '{}x' < lines
  xargs -I X echo -X-X- < words
  echo lines nonl | xargs cat
  find tree -type f | sort | xargs -n 1 echo
  """,
  // find
  [
    "tree", "tree -name '*.c'", "tree -type f", "tree -type d", "tree/", "lines tree",
    ". -name tree -prune -o -type f -print", "tree -name '[a-c]*'", "tree -name '[!a]*' -type f",
    "tree -maxdepth 1", "tree -mindepth 2", "tree -type f -exec echo got {} ';'",
    "tree -type f -exec false ';' -print", "tree -type f -exec true {} ';' -print",
    "tree ! -name '*.c'", "tree '(' -name '*.c' -o -name sub ')' -print",
    "tree -size +0 -type f", "tree -size 3c", "tree -size -3c -type f",
    "tree -name '?.c' -a -print",
    "tree -links 1 -type f", "tree -name '*.c' -print -o -name e", "tree -path 'tree/sub/*'",
    "tree -depth -name sub -prune -o -print", "tree -exec echo {} ';' -name sub -print",
  ].map { "find \($0) | sort\n" }.joined(),
  "find tree/sub -depth | tail -n 1\nfind tree/sub | head -n 1\n",
  // cp, mv, rm, touch
  """
  cp lines one; cat one
  cp lines nonl tree; find tree | sort
  cp -r tree copy; find copy | sort; cat copy/a.c copy/sub/f.txt
  mkdir into; cp -R copy tree into; find into | sort
  cp nonl one; cat one
  mv one two; cat two; find . -name one
  mv two nonl; cat nonl
  mv copy other; find . -name copy; find other | sort
  mv other nonl into; find into | sort; find . -name other -prune | sort
  mv -f into/nonl into/tree; cat into/tree/nonl
  rm -r into; find . -name into
  rm -f nosuch
  rm -rf tree/sub nosuch; find tree | sort
  touch new; find new; touch new lines; tail -n 1 lines
  touch -c absent; find . -name absent
  rm new lines; find . -name new
  """,
]

private let conditions: [[String]] =
  [
    "", "a", "-n", "-f", "! a", "-n a", "-z a", "-f lines", "-d lines", "-d tree", "-e nosuch",
    "-e tree", "-s empty", "-s lines", "-r lines", "-w lines", "-x tree", "-f tree", "-L lines",
    "-h lines", "-p lines", "-b lines", "-c lines", "-g lines", "-u lines", "-S lines", "a = a",
    "a = b", "a != b", "1 -eq 1", "1 -eq 01", "-1 -lt 0", "2 -gt 10", "2 -ge 2", "3 -le 2",
    "3 -ne 3", "x -eq 1", "! a = a", "! a = b", "( a )", "( )", "a -a b", "a -o b", "! -f lines",
    "! -f nosuch", "-f lines -a -d tree", "-f lines -a ! -d lines",
    "( a = b -o c = c ) -a d", "( ( a ) )", "a b", "a b c", "-q a", "-f = -f", "! = !", "( = (",
    "-a -a -a", "-n = -n", "! ! a", "lines -ef lines", "lines -ef nonl", "-t 9", "-n x -a -z y",
    "( a", "a )", "1 -eq", "-eq", "1 -lt 2 -a 3 -gt 2", "-o -o -o", "! ( a = a )", "-f lines -o",
    "= = =", "a = a -a b = c -o d = d",
  ].map { $0.split(separator: " ").map(String.init) } + [
    [""], ["-n", ""], ["-z", ""], ["!", ""], ["(", "", ")"], ["", "-o", "b"], ["a", "-a", ""],
    ["", "-o", "", "-a", "a"], [" 1", "-eq", "1 "], ["-e", ""],
  ]

/// What goes wrong, what is said of it, and with which status.
private let failures = [
  ShellCase("sort nosuch", prints: "sort: cannot open nosuch\n", status: 2),
  ShellCase("echo b > f; echo a >> f; sort -c f", prints: "sort: f:2: not in order\n", status: 1),
  ShellCase("sort -uc README README", prints: usage("sort"), status: 2),
  ShellCase("sort -k 0 README", prints: usage("sort"), status: 2),
  ShellCase("sort -o no/such README", prints: "sort: cannot make no/such\n", status: 2),
  ShellCase("head nosuch", prints: "head: cannot open nosuch\n", status: 1),
  ShellCase(
    "head -n x", prints: "usage: head [-n lines | -c bytes] [file ...]\n", status: 1),
  ShellCase("tail nosuch", prints: "tail: cannot open nosuch\n", status: 1),
  ShellCase("echo a | xargs false", status: 123),
  ShellCase("echo exit 255 | xargs -I X sh -c X", status: 124),
  ShellCase("echo a b | xargs -n 1 nosuch", prints: "xargs: cannot run nosuch\n", status: 127),
  ShellCase("echo \"a 'b\" | xargs false", prints: "xargs: a quote is not closed\n", status: 1),
  ShellCase("echo a | xargs -t echo", prints: "echo a\na\n"),
  ShellCase("find nosuch README", prints: "find: cannot open nosuch\nREADME\n", status: 1),
  ShellCase("find . -nosuch x", prints: "find: cannot understand -nosuch\n", status: 1),
  ShellCase("find . -name", prints: "find: -name lacks something behind it\n", status: 1),
  ShellCase("find . -exec echo", prints: "find: echo lacks something behind it\n", status: 1),
  ShellCase("cp nosuch a", prints: "cp: cannot open nosuch\n", status: 1),
  ShellCase("cp README README", prints: "cp: README and README are the same file\n", status: 1),
  ShellCase("mkdir d; cp d e", prints: "cp: d is a directory, and there is no -R\n", status: 1),
  ShellCase(
    "mkdir d; cp -R d d; find d", prints: "cp: cannot put d into itself, d/d\nd\nd/d\n"),
  ShellCase("cp README cat no", prints: "cp: no is no directory\n", status: 1),
  ShellCase("mv nosuch a", prints: "mv: cannot open nosuch\n", status: 1),
  ShellCase("mkdir d; mv d README", prints: "mv: README is no directory\n", status: 1),
  ShellCase(
    "mkdir d; echo x > d/f; mv d d/e; find d",
    prints: "mv: cannot put d into itself, d/e\nd\nd/f\n"),
  ShellCase(
    "mkdir d e e/d; echo x > e/d/f; mv d e", prints: "mv: cannot write over e/d\n", status: 1),
  ShellCase("mv . e", prints: "mv: cannot move .\n", status: 1),
  ShellCase("ln README a; mv a README", prints: "mv: a and README are the same file\n", status: 1),
  ShellCase("touch no/such", prints: "touch: cannot make no/such\n", status: 1),
  ShellCase(
    "mkdir d e; mount --bind README d",
    prints: "mount: cannot mount README on d\n", status: 32),
  ShellCase("mount README", prints: mountUsage, status: 1),
  ShellCase("mount -t nosuch a /", prints: "mount: cannot mount a on /\n", status: 32),
  ShellCase("umount /", prints: "umount: / is not mounted, or in use\n", status: 32),
  ShellCase("du nosuch", prints: "du: cannot open nosuch\n", status: 1),
]

private func usage(_ tool: String) -> String {
  "usage: \(tool) [-bcdfimnrsu] [-t character] [-k field[.character][,field[.character]]] ... "
    + "[-o file] [file ...]\n"
}

private let mountUsage = """
  usage: mount [-r] [-t type] [-o option,...] source directory
         mount [-r] --bind source place
         mount -o remount,ro|rw place
         mount

  """

private let mounts = [
  ShellCase(
    "mkdir d e; echo x > d/f; mount --bind d e; cat e/f; umount e; cat e/f",
    prints: "x\ncat: cannot open e/f\n", status: 1),
  ShellCase(
    "mkdir d e; mount -o bind,ro d e; touch e/f; mount -o remount,rw e; touch e/f; find d",
    prints: "touch: cannot make e/f\nd\nd/f\n"),
  ShellCase(
    "mkdir d e; mount -r --bind d e; touch e/f", prints: "touch: cannot make e/f\n", status: 1),
  ShellCase(
    "mkdir d e; echo x > d/f; mount --bind d e; mv d/f e/g; mv e/g f; cat f; find d",
    prints: "x\nd\n"),
  ShellCase(
    "mkdir d e d/s; mount --bind d e; mv e/s s; find s e", prints: "s\ne\n"),
]

@Suite struct ToolTests {
  @Test("A tool prints what the host's prints", arguments: scripts.indices)
  func printsWhatTheHostsDoes(index: Int) throws {
    let script = scripts[index]
    let host = try onHost(["sh", "script"], script: script)
    let run = try guest(["sh", "-c", "cd w; sh script"], script: script)
    #expect(run.console == host.output)
  }

  @Test("Test has the status that a shell's has", arguments: conditions)
  func decidesAsTheHostsDoes(words: [String]) throws {
    // The shell's own: what POSIX leaves open, coreutils takes otherwise than shells do.
    let host = try onHost(["bash", "-c", "test \"$@\"", "test"] + words)
    let places = ["lines", "nonl", "empty", "tree"]
    let run = try guest(["test"] + words.map { places.contains($0) ? "w/\($0)" : $0 })
    #expect(run.status == host.status, "\(run.console)")
  }

  @Test("What a tool cannot do it says, and its status tells", arguments: failures)
  func complains(row: ShellCase) throws {
    try row.check()
  }

  @Test("Mount shows directories in other places, as its options have it", arguments: mounts)
  func mountsPlaces(row: ShellCase) throws {
    try row.check()
  }

  @Test("A directory that is moved has the same files in it, not copies of them")
  func movingKeepsInodes() throws {
    let line = "mkdir d d/e; cp README d/e/f; ln d/e/f d/g; ls d/g; mv d h; ls h/e/f h/g; rm -r h"
    let run = try GuestRun(["sh", "-c", line])
    let rows = run.console.split(separator: "\n").map { $0.split(separator: " ").dropFirst() }
    #expect(rows.count == 3)
    #expect(Set(rows).count == 1, "\(run.console)")
  }

  @Test("A tree that does not fit is not moved, and what was there is still there")
  func movingNeedsNoBlocks() throws {
    let run = try GuestRun(["sh", "-c", "mkdir d; cp README d/f; mv d e; cat e/f"]) { scenario in
      let used = (try? Simulation(scenario))?.usage.blocks ?? 0
      scenario.limits.blocks = used + 70
      scenario.files.append(
        GuestFile(path: "/full", content: .file(Array(repeating: 7, count: 20 << 10))))
    }
    #expect(run.console.hasSuffix("A machine for tests.\n"), "\(run.console)")
  }

  @Test("Du counts blocks of 512 bytes, those of block numbers too, and a file with two names once")
  func countsBlocks() throws {
    let line = "mkdir d; cp big d/big; cp README d/one; ln d/one d/two; du -a d; du -sk d"
    let run = try GuestRun(["sh", "-c", line]) { scenario in
      scenario.files.append(
        GuestFile(path: "/big", content: .file(Array(repeating: 7, count: 20_000))))
    }
    // 20 blocks and one of block numbers, one for the text, one for the directory.
    #expect(run.console == "42\td/big\n2\td/one\n46\td\n23\td\n")
  }

  @Test("Df counts the disk's blocks for each place where something of it is mounted")
  func countsDisk() throws {
    let line = "df -k; cp big copy; mkdir m d; mount --bind d m; df -k m/..; df -k m; df nosuch"
    let run = try GuestRun(["sh", "-c", line]) { scenario in
      scenario.files.append(
        GuestFile(path: "/big", content: .file(Array(repeating: 7, count: 10_000))))
    }
    let lines = run.console.split(separator: "\n").map { $0.split(separator: " ") }
    let rows = lines.filter { $0.first == "disk" || $0.last == "/m" }
    try #require(rows.count == 3, "\(run.console)")
    let numbers = rows.map { $0[1...3].compactMap { Int($0) } }
    for row in numbers { #expect(row[0] == row[1] + row[2]) }
    // Ten blocks of the copy, and one for each of the two directories.
    #expect(numbers[1][1] == numbers[0][1] + 12)
    #expect(numbers[2] == numbers[1])
    #expect(run.console.hasSuffix("df: cannot open nosuch\n"))
    #expect(run.status == 1)
  }

  @Test("Sort says so when there is no memory for its input")
  func sortRunsOut() throws {
    let run = try GuestRun(["sort", "big"]) { scenario in
      scenario.limits.frames = 128
      scenario.limits.blocks = 4000
      scenario.files.append(
        GuestFile(
          path: "/big",
          content: .file(Array(repeating: [0x61, 0x0a], count: 130_000).flatMap { $0 })))
    }
    #expect(run.console == "sort: no memory for so many lines\n")
    #expect(run.status == 2)
  }

  @Test("Tail goes on with a file that grows")
  func followsFile() throws {
    let run = try GuestRun([
      "sh", "-c",
      "echo a > f; tail -f f & sleep 3; echo b >> f; sleep 3; kill 4; wait; echo done",
    ])
    #expect(run.console.hasPrefix("a\nb\n"), "\(run.console)")
  }

  // MARK: Both sides

  private func guest(_ program: [String], script: String = "") throws -> GuestRun {
    try GuestRun(program) { scenario in
      scenario.limits.blocks = 4000
      for (path, text) in files + [("script", script)] {
        scenario.files.append(GuestFile(path: "/w/\(path)", content: .file(Array(text.utf8))))
      }
    }
  }

  private func onHost(_ words: [String], script: String = "") throws -> (
    output: String, status: Int32
  ) {
    let folder = try TemporaryFolder()
    for (path, text) in files + [("script", script)] {
      let place = URL(filePath: folder.file(path))
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: place)
    }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.environment = ["LC_ALL": "C", "POSIXLY_CORRECT": "1", "PATH": "/usr/bin:/bin"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: output, as: UTF8.self), process.terminationStatus)
  }
}
