// The programs of the userland: what they print, and with which status they end.

import Sim
import TestSupport
import Testing
import Userland

private let cases = [
  // cat
  ShellCase("cat README README", prints: "A machine for tests.\nA machine for tests.\n"),
  ShellCase("echo x | cat", prints: "x\n"),
  ShellCase("cat nosuch README", prints: "cat: cannot open nosuch\n", status: 1),
  ShellCase("mkdir d; cat d > f; wc f", prints: "0 1 32 f\n"),
  // echo
  ShellCase("echo", prints: ""),
  ShellCase("echo a", prints: "a\n"),
  // grep
  ShellCase("grep machine README", prints: "A machine for tests.\n"),
  ShellCase("grep nothing README", status: 1),
  ShellCase("grep x nosuch", prints: "grep: cannot open nosuch\n", status: 2),
  ShellCase("grep", prints: "usage: grep pattern [file ...]\n", status: 2),
  ShellCase("(echo ab; echo b; echo abb) | grep '^b'", prints: "b\n"),
  ShellCase("(echo ab; echo b; echo aba) | grep 'b$'", prints: "ab\nb\n"),
  ShellCase("(echo ac; echo abc; echo abbc; echo adc) | grep 'ab*c'", prints: "ac\nabc\nabbc\n"),
  ShellCase("(echo ac; echo abc; echo adc) | grep 'a.c'", prints: "abc\nadc\n"),
  ShellCase("(echo xay; echo y; echo) | grep '^.*$' | wc", prints: "2 2 6 \n"),
  ShellCase("(echo a; echo b) > f; (echo c; echo a) > g; grep a f g", prints: "a\na\n"),
  // ln, rm, mkdir
  ShellCase("ln README copy; cat copy", prints: "A machine for tests.\n"),
  ShellCase("ln nosuch copy", prints: "ln: nosuch copy failed to link\n", status: 1),
  ShellCase("ln a", prints: "usage: ln old new\n", status: 1),
  ShellCase("echo x > a; rm a; cat a", prints: "cat: cannot open a\n", status: 1),
  ShellCase(
    "echo x > a; rm nosuch a; cat a",
    prints: "rm: nosuch failed to delete\ncat: cannot open a\n", status: 1),
  ShellCase("mkdir d; rm d; cd d", prints: "cannot cd d\n", status: 1),
  ShellCase("mkdir d; echo x > d/f; rm d", prints: "rm: d failed to delete\n", status: 1),
  ShellCase("rm", prints: "usage: rm [-fR] file ...\n", status: 1),
  ShellCase("mkdir README d; cd d", prints: "mkdir: README failed to create\n"),
  ShellCase("mkdir", prints: "usage: mkdir directory ...\n", status: 1),
  // ls
  ShellCase("ls nosuch", prints: "ls: cannot open nosuch\n", status: 1),
  // wc
  ShellCase("(echo a b; echo) | wc", prints: "1 2 4 \n"),
  ShellCase("wc README nosuch", prints: "1 4 21 README\nwc: cannot open nosuch\n", status: 1),
  // kill, sleep
  ShellCase("sleep 1000000 & kill 3; wait; ps | grep sleep", status: 1),
  ShellCase("kill 999 998", prints: "kill: no process 999\nkill: no process 998\n", status: 1),
  ShellCase("kill", prints: "usage: kill pid ...\n", status: 1),
  ShellCase("sleep 0"),
  ShellCase("sleep", prints: "usage: sleep ticks\n", status: 1),
  // ps
  ShellCase("ps -x", prints: "usage: ps [-ef]\n", status: 1),
  ShellCase(
    "ps -ef > f; grep '^PID' f; grep '^3 .* running .* ps -ef$' f | wc",
    prints: "PID  PPID NSPID CID  PRIO STATE    RAN        CMD\n1 9 53 \n"),
  // top
  ShellCase("top 3 | grep '^top: tick' | wc", prints: "3 48 249 \n"),
  ShellCase("top 2 | grep ' top$' | wc", prints: "2 14 90 \n"),
  ShellCase("top 0", prints: "usage: top [TIMES]\n", status: 1),
  ShellCase("top 1 2", prints: "usage: top [TIMES]\n", status: 1),
  ShellCase(
    "ps",
    prints: """
      PID  PPID CID  PRIO STATE    NAME
      1    0    0    0    blocked  init
      2    1    0    0    blocked  sh
      3    2    0    0    running  ps

      """),
  // What loads the machine
  ShellCase("spin 100000"),
  ShellCase("spin 0"),
  ShellCase(
    "forkbomb; forkbomb",
    prints: """
      forkbomb: 61 processes, then fork failed
      forkbomb: 61 processes, then fork failed

      """),
  ShellCase("pingpong 100", prints: "pingpong: 100 round trips, counted to 100\n"),
  ShellCase("pingpong 0", prints: "pingpong: 0 round trips, counted to 0\n"),
  ShellCase("primes 12", prints: "prime 2\nprime 3\nprime 5\nprime 7\nprime 11\n"),
  ShellCase("primes 1"),
  ShellCase("primes 280 | wc", prints: "59 118 561 \n"),
  ShellCase("primes", prints: "usage: primes n\n", status: 1),
]

@Suite struct ProgramTests {
  @Test("A program does what it is for", arguments: cases)
  func runsProgram(row: ShellCase) throws {
    try row.check()
  }

  @Test("Ls shows name, type, inode and size in columns, and what is in a directory")
  func listsFiles() throws {
    let line = "ls; mkdir d; echo hello > d/fourteen_bytes; ls d d/fourteen_bytes nosuch"
    let run = try GuestRun(["sh", "-c", line]) { scenario in
      let kept = ["/init", "/sh", "/ls", "/mkdir", "/echo", "/README"]
      scenario.files.removeAll { !kept.contains($0.path) }
      scenario.files.sort { $0.path < $1.path }
    }
    let sizes = ["echo", "init", "ls", "mkdir", "sh"].map { Userland.image($0)?.bytes.count ?? 0 }
    #expect(
      run.console == """
        .              1 1 176
        ..             1 1 176
        README         2 2 21
        echo           2 3 \(sizes[0])
        init           2 4 \(sizes[1])
        ls             2 5 \(sizes[2])
        mkdir          2 6 \(sizes[3])
        sh             2 7 \(sizes[4])
        proc           1 1 0
        cgroup         1 64 0
        console        3 10 0
        .              1 11 48
        ..             1 1 192
        fourteen_bytes 2 12 6
        fourteen_bytes 2 12 6
        ls: cannot open nosuch

        """)
    #expect(run.status == 1)
  }

  @Test("Primes says so when the machine has no process left for the next one, and ends")
  func primesRunOut() throws {
    let run = try GuestRun(["primes", "400"])
    #expect(run.console.hasSuffix("prime 293\nprimes: no process left\n"))
    #expect(run.status == 1)
  }

  @Test(
    "A program whose output has no room on the disk says so and ends with status 1",
    arguments: ["ls", "wc README", "grep machine README", "echo hi", "ps", "cat README"])
  func outputIsNotLostInSilence(command: String) throws {
    let run = try GuestRun(["sh", "-c", "cat README > fill; \(command) > empty"]) { scenario in
      scenario.files.append(GuestFile(path: "/empty", content: .file([])))
      let used = (try? Simulation(scenario))?.usage.blocks ?? 0
      scenario.limits.blocks = used + 1
    }
    #expect(run.status == 1, "\(run.console)")
    let name = command.prefix { $0 != " " }
    let words = name == "cat" ? "cat: write error" : "\(name): cannot write all of the output"
    #expect(run.console.contains(words), "\(run.console)")
  }

  @Test("Sleep takes as many ticks as it is told")
  func sleepTakesTime() throws {
    let run = try GuestRun(["sleep", "50"])
    let last = try #require(run.events.last)
    #expect((50...51).contains(last.time.instructions / 100_000))
  }

  @Test("A spin of ten times as many loops takes ten times as long")
  func spinTakesTime() throws {
    let short = try #require(try GuestRun(["spin", "10000"]).events.last).time.instructions
    let long = try #require(try GuestRun(["spin", "100000"]).events.last).time.instructions
    #expect((90_000...410_000).contains(long - short))
  }
}
