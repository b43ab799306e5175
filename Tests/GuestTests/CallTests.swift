// Every call's success and each of its failures, by the guest programs that check them.

import Sim
import TestGuests
import TestSupport
import Testing

/// The programs in Tests/TestGuests that need nothing but to be run.
private let programs = TestGuests.all.map(\.name).filter { !$0.hasPrefix("console_") }

@Suite struct CallTests {
  @Test("A guest test finds nothing wrong", arguments: programs)
  func guestTestPasses(name: String) throws {
    let run = try GuestRun([name])
    #expect(run.end == .halted(status: 0), "\(name) printed:\n\(run.console)")
  }
}
