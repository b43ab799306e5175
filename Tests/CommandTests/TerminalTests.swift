import Foundation
import TestSupport
import Testing

/// A shell on a real terminal, with a person's keys.
@Suite(.serialized)
struct TerminalTests {
  /// A pseudo-terminal with the tool on it.
  private final class Console {
    let keyboard: Int32
    let terminal: Int32
    let process = Process()
    private(set) var shown = ""

    /// - Parameter shell: a shell that the terminal is given to, in place of the tool.
    init(_ arguments: [String], shell: [String]? = nil) throws {
      var (master, slave): (Int32, Int32) = (0, 0)
      #expect(openpty(&master, &slave, nil, nil, nil) == 0)
      keyboard = master
      terminal = slave
      let end = FileHandle(fileDescriptor: slave)
      process.executableURL = URL(fileURLWithPath: DrydockTool.path)
      process.arguments = arguments
      if let shell {
        // In a session of its own, of which the terminal is the controlling one: there are jobs then.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setsid")
        process.arguments = ["--ctty", "--wait"] + shell
        process.environment = ProcessInfo.processInfo.environment
          .merging(["PS1": "> ", "DRYDOCK": DrydockTool.path]) { $1 }
      }
      process.standardInput = end
      process.standardOutput = end
      process.standardError = end
      try process.run()
    }

    deinit {
      close(keyboard)
      close(terminal)
    }

    func type(_ keys: String) {
      let bytes = Array(keys.utf8)
      _ = write(keyboard, bytes, bytes.count)
    }

    /// Reads what is shown until it ends with some text.
    func expect(_ ending: String) {
      var buffer = [UInt8](repeating: 0, count: 4096)
      for _ in 0..<500 where !shown.hasSuffix(ending) {
        var ready = pollfd(fd: keyboard, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, 20) > 0 else { continue }
        let count = read(keyboard, &buffer, buffer.count)
        if count > 0 { shown += String(decoding: buffer[..<count], as: UTF8.self) }
      }
      #expect(shown.hasSuffix(ending), "\(shown)")
    }

    /// Waits for the tool to end; one that does not is killed.
    func waitForEnd() throws {
      try waitFor { !process.isRunning }
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
    }

    /// Whether the terminal's own keys, such as ^C, are off.
    var isRaw: Bool { modes[2] & tcflag_t(ISIG) == 0 }

    var modes: [tcflag_t] {
      var settings = termios()
      tcgetattr(terminal, &settings)
      return [settings.c_iflag, settings.c_oflag, settings.c_lflag]
    }
  }

  @Test func everyKeyGoesToTheGuestAndCtrlAXLeaves() throws {
    let console = try Console(["run"])
    let before = console.modes
    console.expect("$ ")
    #expect(console.modes != before)
    console.type("echo hx\u{8}i\r")
    console.expect("\r\nhi\r\n$ ")
    console.type("cat\r")
    console.expect("cat\r\n")
    console.type("abc\r")
    console.expect("abc\r\nabc\r\n")
    console.type("\u{4}")
    console.expect("$ ")
    console.type("\u{1}x")
    try console.waitForEnd()
    #expect(console.process.terminationStatus == 0)
    #expect(console.modes == before)
  }

  @Test func aBusyMachineIsLeftToo() throws {
    let folder = try TemporaryFolder()
    let console = try Console(["record", "-o", folder.file("t.db")])
    let before = console.modes
    console.expect("$ ")
    console.type("spin 1000000000 &\r")
    console.expect("$ ")
    console.type("\u{1}x")
    try console.waitForEnd()
    #expect(console.process.terminationStatus == 0)
    #expect(console.modes == before)
    let replay = try DrydockTool.run(["replay", folder.file("t.db")])
    #expect(replay.status == 0, "\(replay.output)")
  }

  @Test func ctrlCEndsTheForegroundProgramOfTheGuestsShell() throws {
    let console = try Console(["run"])
    console.expect("$ ")
    console.type("spin | cat\r")
    console.expect("cat\r\n")
    console.type("\u{3}")
    console.expect("cat\r\n^C\r\n$ ")
    console.type("half\u{3}")
    console.expect("half^C\r\n$ ")
    console.type("sh\r")
    console.expect("sh\r\n$ ")
    console.type("cat\r")
    console.expect("cat\r\n")
    console.type("\u{3}")
    console.expect("^C\r\n$ ")
    console.type("exit\r")
    console.expect("exit\r\n$ ")
    console.type("\u{1}x")
    try console.waitForEnd()
    let program = try Console(["run", "--", "cat"])
    program.expect("Ctrl-C too\r\n")
    program.type("\u{3}")
    program.expect("^C\r\n")
    try program.waitForEnd()
    #expect(program.process.terminationStatus == 255)
  }

  @Test(arguments: [SIGTERM, SIGABRT, SIGSEGV, SIGQUIT])
  func theTerminalIsRestoredHoweverTheToolEnds(signal: Int32) throws {
    let console = try Console(["run"])
    let before = console.modes
    console.expect("$ ")
    kill(console.process.processIdentifier, signal)
    try console.waitForEnd()
    #expect(console.process.terminationStatus != 0)
    #expect(console.modes == before)
  }
  /// The first signal ends the session in order, for which the guest must come to an end of its step; the
  /// second does not wait.
  @Test func aSecondSignalRestoresTheTerminalToo() throws {
    let console = try Console(["run"])
    let before = console.modes
    console.expect("$ ")
    let tool = console.process.processIdentifier
    kill(tool, SIGSTOP)
    kill(tool, SIGTERM)
    kill(tool, SIGINT)
    kill(tool, SIGCONT)
    try console.waitForEnd()
    #expect(console.process.terminationStatus != 0)
    #expect(console.modes == before)
  }

  @Test func whoeverStartsAShellIsToldHowToLeaveIt() throws {
    let words = "drydock: Ctrl-A x leaves; every other key goes to the guest, Ctrl-C too\r\n"
    let console = try Console(["run"])
    console.expect("$ ")
    #expect(console.shown == words + "init: starting sh\r\n$ ")
    console.type("\u{1}x")
    try console.waitForEnd()
    // A program that wants no keys needs none.
    let brief = try Console(["run", "--", "echo", "x"])
    brief.expect("x\r\n")
    try brief.waitForEnd()
    #expect(brief.shown == "x\r\n")
    let asking = try Console(["run", "--", "cat"])
    asking.expect(words)
    #expect(asking.shown == words)
    asking.type("\u{4}")
    try asking.waitForEnd()
  }

  // MARK: Jobs

  private static let shells = [["dash", "-i"], ["bash", "--norc", "--noprofile", "-i"]]
  private static let hasShells = shells.allSatisfy {
    FileManager.default.isExecutableFile(atPath: "/bin/\($0[0])")
  }
  private static let absence: Comment = "dash and bash are not both installed"

  /// The process that was started with an argument.
  private func pid(of argument: String) throws -> pid_t {
    var found: pid_t = 0
    try waitFor {
      let names = try FileManager.default.contentsOfDirectory(atPath: "/proc")
      found =
        names.compactMap { pid_t($0) }.first { pid in
          let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
          return line.split(separator: 0).dropFirst().contains(Data(argument.utf8))
        } ?? 0
      return found > 0
    }
    return found
  }

  private func isStopped(_ pid: pid_t) -> Bool {
    let line = FileManager.default.contents(atPath: "/proc/\(pid)/stat") ?? Data()
    return String(decoding: line, as: UTF8.self).contains(") T ")
  }

  /// How often a process has given up a processor, which one that is stopped does not.
  private func timesOffProcessor(_ pid: pid_t) -> Int {
    let status = FileManager.default.contents(atPath: "/proc/\(pid)/status") ?? Data()
    return String(decoding: status, as: UTF8.self).split(separator: "\n")
      .filter { $0.contains("ctxt_switches:") }
      .compactMap { $0.split(separator: "\t").last.flatMap { Int($0) } }
      .reduce(0, +)
  }

  @Test(.enabled(if: hasShells, absence), arguments: shells, [SIGTSTP, SIGTTIN, SIGTTOU, SIGSTOP])
  func aStoppedSessionLeavesTheTerminalAndTakesItBack(shell: [String], signal: Int32) throws {
    let folder = try TemporaryFolder()
    let console = try Console([], shell: shell)
    console.expect("> ")
    console.type("$DRYDOCK record -o \(folder.file("t.db"))\n")
    console.expect("\r\n$ ")
    let tool = try pid(of: folder.file("t.db"))
    #expect(console.isRaw)
    for _ in 0..<2 {
      kill(tool, signal)
      try waitFor { isStopped(tool) }
      console.expect("> ")
      // Nobody can put anything back at SIGSTOP; some shells do it by themselves.
      if signal != SIGSTOP { #expect(!console.isRaw) }
      console.type("fg\n")
      try waitFor { !isStopped(tool) && console.isRaw }
      console.type("echo hi\r")
      console.expect("hi\r\n$ ")
    }
    console.type("\u{1}x")
    console.expect("> ")
    #expect(!console.isRaw)
    console.type("exit\n")
    try console.waitForEnd()
  }

  @Test(.enabled(if: hasShells, absence), arguments: shells)
  func aSessionInTheBackgroundWaitsForItsTerminal(shell: [String]) throws {
    let folder = try TemporaryFolder()
    let console = try Console([], shell: shell)
    console.expect("> ")
    console.type("$DRYDOCK record -o \(folder.file("t.db")) &\n")
    let tool = try pid(of: folder.file("t.db"))
    try waitFor { isStopped(tool) }
    #expect(!console.isRaw)
    console.type("fg\n")
    console.expect("\r\n$ ")
    try waitFor { console.isRaw }
    kill(tool, SIGTSTP)
    try waitFor { isStopped(tool) }
    // A shell at its prompt asks for keys, which others have. It is stopped now as it will be then: only
    // that it has run in between tells that the shell took this line, and `fg` is not for a job that runs.
    let before = timesOffProcessor(tool)
    console.type("bg\n")
    try waitFor { isStopped(tool) && timesOffProcessor(tool) > before }
    #expect(!console.isRaw)
    console.type("fg\n")
    try waitFor { console.isRaw && !isStopped(tool) }
    console.type("spin 1000000000 &\r")
    console.expect("\r\n$ ")
    console.type("\u{1}x")
    console.expect("> ")
    console.type("exit\n")
    try console.waitForEnd()
    #expect(try DrydockTool.run(["replay", folder.file("t.db")]).status == 0)
  }

  @Test(.enabled(if: hasShells, absence), arguments: shells)
  func aBusyMachineGoesOnInTheBackground(shell: [String]) throws {
    let folder = try TemporaryFolder()
    let console = try Console([], shell: shell)
    console.expect("> ")
    console.type("$DRYDOCK record -o \(folder.file("t.db")) -- spin 100000000000\n")
    console.expect("Ctrl-C too\r\n")
    let tool = try pid(of: folder.file("t.db"))
    kill(tool, SIGTSTP)
    try waitFor { isStopped(tool) }
    console.type("bg\n")
    try waitFor { !isStopped(tool) }
    let before = HostProcess.processorTime(of: tool)
    try waitFor { HostProcess.processorTime(of: tool) >= before + 0.2 }
    #expect(!console.isRaw && !isStopped(tool))
    console.type("fg\n")
    try waitFor { console.isRaw }
    console.type("\u{1}x")
    console.expect("> ")
    console.type("exit\n")
    try console.waitForEnd()
  }
}
