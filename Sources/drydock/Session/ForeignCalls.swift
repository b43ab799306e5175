// Programs that may mean something else than the machine by a call's number: built for another kernel,
// whose course gave that number to a call of its own. Whoever runs them is told so, once for each.

import Recorder
import Sim
import Synchronization

/// Warnings that wait to be written.
final class ForeignCalls {
  private var pending: [Event] = []

  /// Whether there is something to write: asked after each step, which must not take longer for it.
  private let hasPending = Atomic(false)

  func receive(_ event: Event) {
    pending.append(event)
    hasPending.store(true, ordering: .relaxed)
  }

  var areWaiting: Bool { hasPending.load(ordering: .relaxed) }

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
    hasPending.store(false, ordering: .relaxed)
  }
}
