// What the console says when a program does what it may not.

import Sim
import TestGuests
import TestSupport
import Testing

@Suite struct FaultTests {
  @Test("A fault is reported with its cause, its process and both addresses, as xv6 does")
  func faultIsReported() throws {
    let run = try GuestRun(["fault_report"])
    #expect(run.status == 0)
    let lines = run.console.split(separator: "\n", omittingEmptySubsequences: false)
    try #require(lines.count == 7)
    #expect(lines[0] == "usertrap(): unexpected scause 0xd pid=3")
    #expect(lines[1].hasPrefix("            sepc=0x"))
    #expect(lines[1].hasSuffix(" stval=0x12345678"))
    #expect(lines[2] == "usertrap(): unexpected scause 0xc pid=4")
    #expect(lines[3] == "            sepc=0x7ffff000 stval=0x7ffff000")
    #expect(lines[4] == "usertrap(): unexpected scause 0x3 pid=5")
    #expect(lines[6].isEmpty)
  }

  @Test("Every kind of fault ends in a report and in an event")
  func everyFaultIsReported() throws {
    let run = try GuestRun(["fault_kinds"])
    #expect(run.status == 0, "\(run.console)")
    let faults = run.events.filter { $0.kind == .fault }.count
    #expect(faults == 30)
    #expect(run.console.split(separator: "\n").count == 2 * faults)
  }

  @Test("A write through a null pointer is a store page fault at 0")
  func nullWrite() throws {
    let run = try GuestRun(["crash"])
    #expect(run.status == -1)
    #expect(run.console.hasPrefix("usertrap(): unexpected scause 0xf pid=2\n"))
    #expect(run.console.hasSuffix(" stval=0x0\n"))
  }

  @Test("An unknown call is reported with its number and the caller's name")
  func unknownCall() throws {
    let run = try GuestRun(["abi_unknown"])
    #expect(run.status == 0)
    #expect(
      run.console == """
        2 abi_unknown: unknown sys call 0
        2 abi_unknown: unknown sys call 2000
        2 abi_unknown: unknown sys call -1
        2 abi_unknown: unknown sys call 2147483647
        2 abi_unknown: unknown sys call 1000

        """)
  }

  @Test("A name that would steer the terminal is not printed as it is")
  func nameIsPrintable() throws {
    let image = try #require(TestGuests.image("abi_unknown")).bytes
    let path = "/\u{1b}[2J\u{9b}\n\u{7f}$ "
    let run = try GuestRun([path]) { scenario in
      scenario.files.append(GuestFile(path: path, content: .file(image)))
    }
    #expect(run.status == 0)
    #expect(run.console.hasPrefix("2 ?[2J????$ : unknown sys call 0\n"), "\(run.console)")
  }
}
