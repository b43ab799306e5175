// `--live`: events as text on standard error while the machine runs. They are collected during a
// step and written after it, when the machine's texts can be looked at.

import Recorder
import Sim

/// Events that wait to be written as text.
final class LiveEvents {
  private let output: OutputBuffer
  private var pending: [Event] = []
  private var sequence: Int64 = 0
  private let sources: LiveSources

  /// - Parameter files: what the session starts with, where its programs are.
  init(_ output: OutputBuffer, _ files: [GuestFile]) {
    self.output = output
    sources = LiveSources(files)
    output.line(EventText.heading)
  }

  func receive(_ event: Event) { pending.append(event) }

  func write(_ names: NameTable) {
    guard !pending.isEmpty else { return }
    let text = EventText(names, sources)
    for event in pending {
      sequence += 1
      sources.receive(event, sequence)
      output.line(text.line(event, sequence))
    }
    pending.removeAll(keepingCapacity: true)
  }
}
