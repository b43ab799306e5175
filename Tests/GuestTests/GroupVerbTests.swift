// What dockv6 does with a container's group in /cgroup: pause and resume, stats, and new limits by update.

import Sim
import TestSupport
import Testing
import Userland

@Suite struct GroupVerbTests {
  /// A container `web` that spins, in a root at /c, and what is typed a hundred ticks apart.
  private func session(_ typed: [String], harts: Int = 1) throws -> GuestRun {
    try GuestRun([]) { scenario in
      scenario.manager = true
      scenario.harts = harts
      scenario.limitTicks = UInt64(typed.count + 2) * 100
      for name in ["sh", "sleep", "spin"] {
        let program = Userland.image(name)?.bytes ?? []
        scenario.files.append(GuestFile(path: "/c/\(name)", content: .file(program)))
      }
      let spec =
        #"{"init": ["/sh", "-c", "spin & sleep 100000"], "fs": "/c", "nproc": 8, "name": "web"}"#
      scenario.files.append(GuestFile(path: "/web.json", content: .file(Array(spec.utf8))))
      scenario.script = (["dockv6 create web.json"] + typed).enumerated().map { number, line in
        ScriptLine(bytes: Array("\(line)\n".utf8), atTick: UInt64(number) * 100 + 10)
      }
    }
  }

  private func lines(_ run: GuestRun) -> [String] {
    run.console.split(separator: "\n").map(String.init)
  }

  /// What `spin` had run each time that `top` was asked for.
  private func spun(_ run: GuestRun) -> [Int] {
    lines(run).filter { $0.hasSuffix(" spin") }
      .compactMap { Int($0.split(separator: " ").dropLast().last ?? "") }
  }

  @Test(
    "A paused container runs no instruction, and goes on when it is resumed", arguments: [1, 2, 4])
  func pauses(harts: Int) throws {
    let run = try session(
      [
        "dockv6 pause web; dockv6 ps; dockv6 top web; sleep 20; dockv6 top 1",
        "dockv6 resume 1; dockv6 ps; sleep 20; dockv6 top web",
      ], harts: harts)
    let counts = spun(run)
    try #require(counts.count == 3, "\(run.console)")
    #expect(counts[0] == counts[1] && counts[2] > counts[1])
    let states = lines(run).filter { $0.hasPrefix("1    /sh ") }.map { $0.contains("  paused  ") }
    #expect(states == [true, false], "\(run.console)")
  }

  @Test("A paused container can be killed", arguments: [1, 2, 4])
  func killsPaused(harts: Int) throws {
    let run = try session(["dockv6 pause web", "dockv6 kill web; dockv6 ps"], harts: harts)
    #expect(lines(run).contains { $0.contains("exited -1") }, "\(run.console)")
    #expect(run.events.contains { $0.kind == .containerEnd })
  }

  @Test("Limits are changed by the names of their files and by short ones, and ps shows it")
  func updates() throws {
    let run = try session([
      "dockv6 update web pids.max=5; cat /cgroup/c1/pids.max; dockv6 ps",
      "dockv6 update 1 nproc=max; cat /cgroup/c1/pids.max; dockv6 update web pids=6; dockv6 ps",
    ])
    let values = lines(run).filter { $0 == "5" || $0 == "max" }
    #expect(values == ["5", "max"], "\(run.console)")
    let shown = lines(run).filter { $0.hasPrefix("1    /sh ") }
      .compactMap { $0.split(separator: " ").dropFirst(4).first.map(String.init) }
    #expect(shown == ["5", "6"], "\(run.console)")
  }

  @Test("A spec's names do, and of a file with several limits only those change that are given")
  func updatesByName() throws {
    let run = try session([
      "dockv6 update web files=40 pipes=6 nproc=9; dockv6 update web pipes=max mutexes=3",
      "cat /cgroup/c1/misc.max /cgroup/c1/pids.max",
    ])
    #expect(
      lines(run).suffix(7).prefix(6) == [
        "files 40", "pipes max", "mutexes 3", "shared_pages max", "sockets max", "9",
      ], "\(run.console)")
  }

  @Test("A quota without a period leaves the period as it is")
  func keepsThePeriod() throws {
    let run = try session([
      "dockv6 update web cpu.max=20000/50000; dockv6 update web cpu.max=30000",
      "cat /cgroup/c1/cpu.max; dockv6 update web cpu=max; cat /cgroup/c1/cpu.max",
    ])
    #expect(lines(run).contains("30000 50000"), "\(run.console)")
    #expect(lines(run).contains("max 50000"), "\(run.console)")
  }

  @Test(
    "Of several limits all are set or none",
    arguments: [
      ("pids=4 pids.max=none", "found pids.max=none, expected a number from 1 to 2147483647"),
      ("pids=4 pids.max=-1", "found pids.max=-1, expected a number from 1 to 2147483647"),
      ("pids=4 weight=0", "found weight=0, expected a weight from 1 to 10000"),
      ("pids=4 files=8K", "found files=8K, expected a number from 0 to 2147483647, or max"),
      ("pids=4 misc.max=files", "found misc.max=files, which the machine does not take as a limit"),
      ("pids=4 cgroup.freeze=1", "found cgroup.freeze=1, expected NAME=VALUE with a limit's name"),
      ("pids=4 colour=1", "found colour=1, expected NAME=VALUE with a limit's name"),
      ("pids=4 pids", "found pids, expected NAME=VALUE with a limit's name"),
      ("pids=4 =7", "found =7, expected NAME=VALUE with a limit's name"),
      ("pids=4 pids=", "found pids=, expected NAME=VALUE with a limit's name"),
    ])
  func refuses(words: String, message: String) throws {
    let run = try session(["dockv6 update web \(words); cat /cgroup/c1/pids.max"])
    #expect(lines(run).contains("dockv6: \(message)"), "\(run.console)")
    #expect(lines(run).contains("8"), "\(run.console)")
  }

  @Test("stats shows at every tick what containers use", arguments: [1, 2, 4])
  func statistics(harts: Int) throws {
    let run = try session(
      ["dockv6 stats -n 3", "dockv6 stats -n 1 web 1; dockv6 stats -n 1 nosuch"], harts: harts)
    let rows = lines(run).filter { $0.hasPrefix("1    web ") }
    #expect(rows.count == 5, "\(run.console)")
    #expect(rows.allSatisfy { $0.contains(" 3   / 8 ") }, "\(run.console)")
    let shares = rows.compactMap { Double($0.split(separator: " ")[2]) }
    #expect(shares.count == 5 && shares.allSatisfy { $0 > 20 && $0 < 110 }, "\(run.console)")
    #expect(lines(run).contains("dockv6: no container of that name runs: nosuch"))
  }

  @Test("What makes no sense is told in one line")
  func badUse() throws {
    let run = try session([
      "dockv6 pause nosuch; dockv6 resume; dockv6 stats -n x; dockv6 update web",
      "dockv6 kill web; dockv6 pause web; dockv6 update web pids=3",
    ])
    #expect(lines(run).contains("dockv6: no such container: nosuch"), "\(run.console)")
    #expect(lines(run).count { $0.hasPrefix("usage: dockv6 ps ") } == 3, "\(run.console)")
    #expect(lines(run).count { $0 == "dockv6: container 1 does not run" } == 2, "\(run.console)")
  }
}
