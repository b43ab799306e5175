// ^C: whom it ends, and whom it lets live.

import Sim
import TestSupport
import Testing

@Suite struct ForegroundTests {
  /// Something typed: a line when a process waits for one, or keys at a tick.
  private enum Typed {
    case line(String)
    case keys(String, tick: UInt64)
  }

  private let interrupt = "\u{3}"

  /// Runs a program, or a shell, with what is typed; the invariants watch.
  private func run(_ typed: [Typed], program: [String] = [], harts: Int = 1) throws -> (
    run: GuestRun, killed: [String]
  ) {
    var scenario = GuestRun.scenario(program)
    scenario.harts = harts
    scenario.limitTicks = 3000
    scenario.script = typed.map {
      switch $0 {
      case .line(let text): ScriptLine(bytes: Array("\(text)\n".utf8))
      case .keys(let text, let tick): ScriptLine(bytes: Array(text.utf8), atTick: tick)
      }
    }
    let checked = try CheckedRun(scenario)
    #expect(checked.violations.isEmpty, "\(checked.violations)")
    let run = try GuestRun(scenario)
    #expect(run.console == checked.console)
    return (run, killedNames(run))
  }

  /// What was last executed by the processes that were killed, in order.
  private func killedNames(_ run: GuestRun) -> [String] {
    var names: [String] = []
    for (index, event) in run.events.enumerated() where event.kind == .kill {
      #expect(event.process == .none)
      let last = run.events[..<index].last {
        $0.kind == .exec && $0.process == event[KillEvent.target]
      }
      names.append(last.map { "\($0[ExecEvent.argc])" } ?? "none")
    }
    return names
  }

  @Test("A program that runs in the shell's place is ended", arguments: [1, 2])
  func endsTheProgram(harts: Int) throws {
    let (run, killed) = try run([.keys(interrupt, tick: 5)], program: ["spin"], harts: harts)
    #expect(run.end == .halted(status: -1))
    #expect(run.console == "^C\n")
    #expect(killed.count == 1)
  }

  @Test("A program that reads the console is ended as well")
  func endsAReader() throws {
    let (run, _) = try run([.keys("some\n\(interrupt)", tick: 5)], program: ["cat"])
    #expect(run.end == .halted(status: -1))
    #expect(run.console == "some\n^C\nsome\n" || run.console == "some\n^C\n", "\(run.console)")
  }

  @Test("The shell's foreground program is ended, and the shell goes on", arguments: [1, 4])
  func endsTheForeground(harts: Int) throws {
    let (run, killed) = try run(
      [.line("spin"), .keys(interrupt, tick: 20), .line("echo alive")], harts: harts)
    #expect(run.end == .inputEnded)
    #expect(run.console.hasSuffix("$ spin\n^C\n$ echo alive\nalive\n$ "), "\(run.console)")
    #expect(killed.count == 1)
  }

  @Test("Every process of a pipeline is ended, whatever it waits for")
  func endsAPipeline() throws {
    let (run, killed) = try run([
      .line("cat | cat | spin | (cat; echo no)"), .keys(interrupt, tick: 20), .line("ps"),
    ])
    #expect(killed.count >= 4)
    #expect(!run.console.contains("no\n\u{24} "))
    let list = run.console.split(separator: "^C\n").last ?? ""
    #expect(list.contains("sh") && !list.contains("cat") && !list.contains("spin"), "\(list)")
  }

  @Test(
    "What runs in the background goes on",
    arguments: [["spin &", "cat"], ["spin & cat"], ["(spin & cat)"], ["sleep 2000 & spin"]])
  func sparesTheBackground(lines: [String]) throws {
    // A machine that is never idle is typed at by its clock.
    let typed = lines.enumerated().map { Typed.keys("\($1)\n", tick: 5 + UInt64($0) * 10) }
    let (run, _) = try run(
      typed + [.keys(interrupt, tick: 40), .keys("ps\n", tick: 60), .keys("echo done\n", tick: 90)])
    let list = run.console.split(separator: "^C\n").last ?? ""
    #expect(list.contains(lines[0].hasPrefix("sleep") ? "sleep" : "spin"), "\(run.console)")
    #expect(!list.contains(lines[0].hasPrefix("sleep") ? "spin" : "cat"), "\(run.console)")
  }

  @Test("A shell that waits for what is in the background lets that be ended")
  func endsWhatTheShellWaitsFor() throws {
    let (run, killed) = try run([
      .line("spin &"), .keys("wait\n", tick: 20), .keys(interrupt, tick: 40), .line("echo done"),
    ])
    #expect(killed.count == 1)
    #expect(run.console.contains("echo done\ndone\n"))
  }

  @Test("Of shells within shells the innermost goes on")
  func sparesTheInnerShell() throws {
    let (run, killed) = try run([
      .line("sh"), .line("spin"), .keys(interrupt, tick: 20), .line("echo inner"), .line("exit"),
      .line("spin"), .keys(interrupt, tick: 60), .line("echo outer"),
    ])
    #expect(killed.count == 2)
    #expect(run.console.contains("inner\n") && run.console.contains("outer\n"))
  }

  @Test("At the prompt what was typed is dropped, and there is a new prompt")
  func dropsTheLine() throws {
    let (run, killed) = try run([
      .keys("echo no\(interrupt)", tick: 20), .line("echo yes"), .keys("\(interrupt)", tick: 40),
    ])
    #expect(killed.isEmpty)
    #expect(
      run.console == "init: starting sh\n$ echo no^C\n\n$ echo yes\nyes\n$ ^C\n\n$ "
        || run.console == "init: starting sh\n$ echo no^C\n$ echo yes\nyes\n$ ^C\n$ ",
      "\(run.console)")
  }

  @Test("It is heard however much there is that nobody reads")
  func isHeardOverAFullBuffer() throws {
    let much = String(repeating: "x", count: 300)
    let (run, _) = try run([.keys(much, tick: 5), .keys(interrupt, tick: 10)], program: ["spin"])
    #expect(run.end == .halted(status: -1))
  }

  @Test("The client of a container dies, the container ends, the manager and the shell go on")
  func endsAContainer() throws {
    var scenario = GuestRun.scenario([])
    scenario.manager = true
    scenario.limitTicks = 5000
    for name in ["spin", "sh"] {
      let bytes = scenario.files.last { $0.path == "/\(name)" }?.content
      scenario.files.append(GuestFile(path: "/c/\(name)", content: try #require(bytes)))
    }
    let spec = #"{"init": "/spin", "fs": "/c", "nproc": 4}"#
    scenario.files.append(GuestFile(path: "/spec.json", content: .file(Array(spec.utf8))))
    scenario.script = [
      ScriptLine(bytes: Array("dockv6 run spec.json\n".utf8)),
      ScriptLine(bytes: [3], atTick: 200), ScriptLine(bytes: Array("sleep 20\n".utf8)),
      ScriptLine(bytes: Array("dockv6 ps\n".utf8)),
    ]
    let run = try CheckedRun(scenario)
    #expect(run.end == .inputEnded)
    #expect(run.usage.containers == 0, "\(run.console)")
    #expect(run.violations.isEmpty, "\(run.violations)")
  }
}
