// Waiting for what somebody else does. A test says which fact it waits for, and goes on as soon as that
// holds; how long it may take is only for a test that fails.

import Foundation

/// What a test waited for did not come.
public struct WaitedInVain: Error {}

/// Waits until something holds, for a minute at the most.
public func waitFor(every seconds: Double = 0.01, _ condition: () throws -> Bool) throws {
  let end = ContinuousClock.now + .seconds(60)
  while try !condition() {
    if ContinuousClock.now > end { throw WaitedInVain() }
    Thread.sleep(forTimeInterval: seconds)
  }
}
