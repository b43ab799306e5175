// Programs that may mean something else than the machine by a call's number: built for another kernel,
// whose course gave that number to a call of its own. Whoever runs them is told so, once for each.

import Recorder
import Sim

/// Warnings that wait to be written.
final class ForeignCalls {
  private var pending: [Event] = []

  func receive(_ event: Event) { pending.append(event) }

  /// Whether there is something to write: asked after each step, at which to fetch all names would
  /// take longer than the step itself.
  var areWaiting: Bool { !pending.isEmpty }

  /// Writes them, after what the guest has printed so far.
  func write(_ names: NameTable, after output: OutputBuffer) {
    guard areWaiting else { return }
    output.flush()
    let text = EventText(names)
    for event in pending {
      let program = text.word(for: event[word: ForeignCallEvent.name], .name)
      let number = event[ForeignCallEvent.call]
      complain(
        "\(program) (pid \(event.process.raw)) is not built for Drydock and makes call \(number), "
          + "which is \(EventText.callName(number)) here; if it means another call, run it with "
          + "--abi xv6, and if it means this one, build it with guest.cfg")
    }
    pending.removeAll()
  }
}
