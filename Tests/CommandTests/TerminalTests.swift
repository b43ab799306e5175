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

    init(_ arguments: [String]) throws {
      var (master, slave): (Int32, Int32) = (0, 0)
      #expect(openpty(&master, &slave, nil, nil, nil) == 0)
      keyboard = master
      terminal = slave
      let end = FileHandle(fileDescriptor: slave)
      process.executableURL = URL(fileURLWithPath: DrydockTool.path)
      process.arguments = arguments
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
}
