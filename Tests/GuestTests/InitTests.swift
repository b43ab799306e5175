// The machine's first process.

import Sim
import TestSupport
import Testing

@Suite struct InitTests {
  @Test("Without arguments init starts a shell, and another when that one ends")
  func keepsShellRunning() throws {
    let run = try GuestRun([], typed: ["echo hi\n", "exit 3\n", "echo again\n", "\u{4}"])
    #expect(
      run.console == """
        init: starting sh
        $ echo hi
        hi
        $ exit 3
        init: starting sh
        $ echo again
        again
        $ init: starting sh
        $\u{20}
        """)
    #expect(run.end == .inputEnded)
  }

  @Test("The shell runs at priority 4 and init at 0")
  func shellPriority() throws {
    let run = try GuestRun([], typed: ["ps\n"])
    #expect(run.console.contains("\n1    0    0    0    blocked  init\n"))
    #expect(run.console.contains("\n2    1    0    4    blocked  sh\n"))
  }

  @Test(
    "With a program init prints nothing and ends with the program's status",
    arguments: [("true", 0), ("false", 1)] as [(String, Int32)])
  func statusOfProgram(name: String, status: Int32) throws {
    let run = try GuestRun([name])
    #expect(run.status == status)
    #expect(run.console.isEmpty)
  }

  @Test(
    "All 32 bits of the status are kept",
    arguments: [0, 1, 255, 256, -1, 305_419_896, .min, .max] as [Int32])
  func wholeStatus(status: Int32) throws {
    let run = try GuestRun(["sh", "-c", "exit \(status)"])
    #expect(run.status == status)
  }

  @Test("A program may be given by its path, and gets its arguments")
  func pathAndArguments() throws {
    let run = try GuestRun(["/echo", "one", "two words", ""])
    #expect(run.status == 0)
    #expect(run.console == "one two words \n")
  }

  @Test("A program that is not there is named, and the status is 127")
  func missingProgram() throws {
    let run = try GuestRun(["nosuch"])
    #expect(run.console == "init: exec nosuch failed\n")
    #expect(run.status == 127)
  }

  @Test("A machine without a shell says so, over and over")
  func missingShell() throws {
    let run = try GuestRun([]) { scenario in
      scenario.files.removeAll { $0.path == "/sh" }
      scenario.limitTicks = 1
    }
    #expect(run.console.hasPrefix("init: starting sh\ninit: exec sh failed\ninit: starting sh\n"))
    #expect(run.end == .limitReached)
  }

  @Test("Init reaps orphans while the shell runs")
  func reapsOrphans() throws {
    let run = try GuestRun([], typed: ["(true &)\n", "ps\n"])
    #expect(!run.console.contains("exited"))
  }
}
