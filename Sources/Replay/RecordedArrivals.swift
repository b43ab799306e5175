// The input of a recorded session, given again: in its order, at its times. Whoever is given it is told in
// advance, which makes no difference.

import Recorder
import Sim

struct RecordedArrivals {
  private let inputs: [RecordedInput]
  /// Whether who was to type could still have done so when the session was stopped.
  private let staysOpen: Bool
  private var place = 0

  init(_ reader: TraceReader) {
    inputs = reader.inputs
    staysOpen = reader.summary.stop?.idle == true
  }

  /// The first input that has not been taken.
  var next: RecordedInput? { place < inputs.count ? inputs[place] : nil }

  mutating func advance() { place += 1 }

  /// The answer when all has been taken. A recording that was cut short cannot say whether more was to
  /// come; where the machine stands still for want of it, it can only go on if there was none.
  func afterLast(_ request: InputRequest) -> InputAnswer {
    request.idle && !staysOpen ? .ended : .nothingYet
  }
}
