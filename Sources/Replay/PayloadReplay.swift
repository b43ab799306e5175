// A replay that also has the bytes that a trace does not: what was sent and read at sockets. They are nobody's input, so a
// recording has only how many there were; a machine that does the same again has them all.

import Recorder
import Sim

/// A recorded session that is run again for the bytes of its network.
public struct PayloadReplay: ~Copyable {
  private var session: ReplaySession<Simulation>

  /// - Throws: `ScenarioError` if the recorded scenario cannot be set up, `TraceError` if that is
  ///   because it was altered.
  public init(_ reader: TraceReader) throws {
    session = try ReplaySession(reader)
    session.keepSteps()
    session.keepPayloads()
  }

  /// How many events have matched so far, and up to when.
  public var matched: Int64 { session.matched }
  public var now: Instant { session.machine.now }

  /// Runs the machine one step further, and compares what it does with the recording.
  ///
  /// - Parameter visit: is given each event that is as recorded; and the bytes of a `socketSend` or
  ///   `socketReceive`.
  /// - Throws: `TraceError` if the trace cannot be read at the place reached.
  public mutating func step(_ visit: (Event, _ payload: [UInt8]) -> Void) throws(TraceError)
    -> ReplayStep
  {
    let before = session.matched
    let step = try session.step()
    var payloads = session.takePayloads()[...]
    for event in session.keptEvents.prefix(Int(session.matched - before)) {
      let hasPayload = event.kind == .socketSend || event.kind == .socketReceive
      visit(event, hasPayload ? payloads.popFirst() ?? [] : [])
    }
    session.dropKeptEvents()
    return step
  }
}
