// The C library: threads, locks, texts and files, as a program written for Linux uses them.

import Sim
import TestSupport
import Testing

@Suite struct LibraryTests {
  private func run(_ program: String, harts: Int, seed: UInt64) throws -> CheckedRun {
    var scenario = GuestRun.scenario([program])
    scenario.harts = harts
    scenario.seed = seed
    scenario.limitTicks = 20000
    let run = try CheckedRun(scenario)
    #expect(run.violations.isEmpty, "\(run.violations)")
    return run
  }

  @Test(arguments: [1, 2, 4], [0, 3, 8] as [UInt64])
  func `threads begin and end as POSIX has it`(harts: Int, seed: UInt64) throws {
    let run = try run("pthread_lives", harts: harts, seed: seed)
    #expect(run.console.hasSuffix("all of it held\nthe end\n"), "\(run.console)")
    #expect(run.end == .halted(status: 0))
  }

  @Test(arguments: [1, 2, 4], [0, 3, 8] as [UInt64])
  func `what keeps threads apart does`(harts: Int, seed: UInt64) throws {
    let run = try run("pthread_locks", harts: harts, seed: seed)
    #expect(run.console == "all of it held\n", "\(run.console)")
    #expect(run.end == .halted(status: 0))
  }

  @Test(arguments: [1, 2, 4], [0, 3, 8] as [UInt64])
  func `C11 threads and atomics work`(harts: Int, seed: UInt64) throws {
    let run = try run("c11_threads", harts: harts, seed: seed)
    #expect(run.console == "all of it held\n", "\(run.console)")
    #expect(run.end == .halted(status: 0))
  }

  @Test func `texts, numbers, files and times are C's`() throws {
    let run = try run("libc_texts", harts: 1, seed: 0)
    #expect(run.console == "all of it held\n", "\(run.console)")
  }

  @Test(arguments: [1, 2, 4])
  func `what was preprocessed for glibc links and runs`(harts: Int) throws {
    let run = try run("libc_glibc", harts: harts, seed: 3)
    #expect(run.console == "3 of 3, 0\n", "\(run.console)")
    #expect(run.end == .halted(status: 0))
  }
}
