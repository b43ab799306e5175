// A replay that looks for races: the session runs again as it was recorded, and whoever looks sees each load and store
// that others could see, in the order in which memory saw them, between the events that put things in order.

import Recorder
import Sim

/// A recorded session that is run again for the races in it.
public struct RaceReplay: ~Copyable {
  public private(set) var session: ReplaySession<Simulation>
  private var detector = RaceDetector()
  private var fences = FenceReader()

  /// - Throws: `ScenarioError` if the recorded scenario cannot be set up, `TraceError` if that is
  ///   because it was altered.
  public init(_ reader: TraceReader) throws {
    session = try ReplaySession(reader)
    session.keepSteps()
    session.keepAccesses()
  }

  /// How many events have matched so far.
  public var matched: Int64 { session.matched }
  /// Pairs of places in a race, in the order in which they were found.
  public var races: [DataRace] { detector.races }
  /// Orders of mutexes that could end in a deadlock.
  public var lockCycles: [LockCycle] { detector.order.cycles }

  /// Runs the machine one step further, compares what it does with the recording, and looks at it.
  ///
  /// - Throws: `TraceError` if the trace cannot be read at the place reached.
  public mutating func step() throws(TraceError) -> ReplayStep {
    let before = session.matched
    let step = try session.step()
    // A step runs user code or enters the kernel.
    for access in session.takeAccesses() {
      let isAtomic = access.access.isAtomic || fences.isOrdered(access, in: session.machine)
      detector.see(access, isAtomic: isAtomic)
    }
    for event in session.keptEvents.prefix(Int(session.matched - before)) {
      detector.see(event, in: session.machine)
      if event.kind == .exec { fences.forget() }
    }
    session.dropKeptEvents()
    return step
  }
}
