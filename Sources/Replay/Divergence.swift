// Where a replay parts from its recording, as a value: what was found, what had happened before, how
// the processes stood, and the command that shows the place again.

import Recorder
import Sim

/// A difference between a recording and its replay.
public struct Divergence: Equatable, Sendable {
  /// What does not fit. Indirect, since every step of a replay asks whether there is something.
  public indirect enum Finding: Equatable, Sendable {
    /// Another event came than the one recorded.
    case event(expected: Event, actual: Event)
    /// The recording goes on, the machine does not.
    case missing(expected: Event, because: String)
    /// The machine goes on, the recording does not.
    case extra(actual: Event)
    /// The machine goes on without a word, the recording does not.
    case unended
    /// A choice is not the one that the machine asks for.
    ///
    /// - Parameter candidates: whom or what it was between, as far as `candidatesAtMost`.
    case choice(
      recorded: RecordedChoice, ordinal: Int64, actual: Choice, candidates: [Candidate])
    /// The machine never asked for this choice.
    case unusedChoice(RecordedChoice)
    case choiceCount(recorded: Int64, actual: Int64)
    /// Input arrives earlier than the machine can still take it.
    case lateInput(RecordedInput, earliest: Instant)
    /// The machine never took this input.
    case unusedInput(RecordedInput)
    /// A text has another number in the recording.
    case name(number: Int, recorded: String?, actual: String?)
    /// A row is not as it was recorded.
    case altered(Alteration)
    /// The trace cannot be read at this place.
    case unreadable(TraceError)
  }

  /// A column in which two events differ.
  public struct Field: Equatable, Sendable {
    public var name: String
    public var expected: String
    public var actual: String
  }

  public var finding: Finding
  /// The number of the first event that has not been matched.
  public var sequence: Int64
  /// Virtual time when it was found.
  public var time: Instant
  /// What differs; empty unless two events do.
  public var fields: [Field]
  /// The recorded event here and the machine's, as text, where there are such.
  public var expectedLine: String?
  public var actualLine: String?
  /// The last events that matched, as text.
  public var before: [String]
  /// One line for each live process.
  public var processes: [String]
  /// What to type to see the place in the recording.
  public var command: String
}

extension Divergence {
  /// As many of those between whom a choice was are named.
  static let candidatesAtMost = 8

  /// The columns in which two events differ, in words.
  static func fields(
    _ expected: Event, _ actual: Event, _ recorded: EventText, _ machine: EventText
  )
    -> [Field]
  {
    var fields: [Field] = []
    func compare(_ name: String, _ expected: String, _ actual: String) {
      if expected != actual { fields.append(Field(name: name, expected: expected, actual: actual)) }
    }
    compare("event", expected.kind.name, actual.kind.name)
    compare("time", "\(expected.time.instructions)", "\(actual.time.instructions)")
    compare("hart", "\(expected.hart.raw)", "\(actual.hart.raw)")
    compare("pid", "\(expected.process.raw)", "\(actual.process.raw)")
    compare("cid", "\(expected.container.raw)", "\(actual.container.raw)")
    guard expected.kind == actual.kind else { return fields }
    for (old, new) in zip(recorded.fields(of: expected), machine.fields(of: actual)) {
      compare(old.name, old.value, new.value)
    }
    // A column that has no name for this kind, or a number that two texts share.
    for column in EventColumn.six where expected[column] != actual[column] && fields.isEmpty {
      compare("\(column)", "\(expected[column])", "\(actual[column])")
    }
    return fields
  }
}

extension Divergence: CustomStringConvertible {
  /// The finding first, then expected, actual, what was before, and the command.
  public var description: String {
    var lines: [String] = []
    if case .altered = finding {
      lines.append("diverged: \(headline)")
    } else {
      lines.append("diverged at event \(sequence): \(headline)")
    }
    if let expectedLine { lines.append("  expected \(expectedLine)") }
    if let actualLine { lines.append("  actual   \(actualLine)") }
    for field in fields {
      lines.append("  \(field.name): expected \(field.expected), actual \(field.actual)")
    }
    if time != .zero { lines.append("  time: \(time.instructions)") }
    if !before.isEmpty {
      lines.append("  before:")
      lines += before.map { "           \($0)" }
    }
    if !processes.isEmpty {
      lines.append("  processes:")
      lines += processes.map { "    \($0)" }
    }
    lines.append("  again: \(command)")
    return lines.joined(separator: "\n")
  }

  /// The finding in one line.
  public var headline: String {
    switch finding {
    case .event(let expected, let actual):
      if expected.kind != actual.kind {
        return "expected \(expected.kind.name), actual \(actual.kind.name)"
      }
      return "\(expected.kind.name) differs in \(fields.map(\.name).joined(separator: ", "))"
    case .missing(let expected, let because):
      return "expected \(expected.kind.name), but \(because)"
    case .extra(let actual):
      return "expected the end of the session, actual \(actual.kind.name)"
    case .unended:
      return "expected the end of the session, but the machine goes on"
    case .choice(let recorded, let ordinal, let actual, let candidates):
      return
        "choice \(ordinal) does not fit: recorded \(recorded.words), actual "
        + actual.words(candidates)
    case .unusedChoice(let choice):
      return "choice \(choice.ordinal) was never asked for: recorded \(choice.words)"
    case .choiceCount(let recorded, let actual):
      return "expected \(recorded) choices, actual \(actual)"
    case .lateInput(let input, let earliest):
      return
        "input \(input.ordinal) comes too early: recorded at "
        + "\(input.input.time.instructions), the machine can take it from "
        + "\(earliest.instructions) on"
    case .unusedInput(let input):
      return
        "input \(input.ordinal) was never taken: recorded \"\(printable(input.input.bytes))\" at "
        + "\(input.input.time.instructions)"
    case .name(let number, let recorded, let actual):
      return
        "name \(number) differs: expected \(recorded.map { "\"\($0)\"" } ?? "none"), actual "
        + "\(actual.map { "\"\($0)\"" } ?? "none")"
    case .altered(let alteration): return alteration.description
    case .unreadable(let error): return error.description
    }
  }
}

extension RecordedChoice {
  var words: String {
    "\(kind?.name ?? "point \(point)") on hart \(hart) before event \(sequence) taking \(taken), "
      + "option \(chosen) of \(options)"
  }

  private var kind: ChoicePoint.Kind? { ChoicePoint.Kind(rawValue: point) }

  /// What was taken, as far as the point is one that says.
  private var taken: String {
    switch kind {
    case .dispatch, .preempt: "pid \(candidate)"
    case .slice, .turn, .delay: "\(candidate) instructions"
    case .loss: candidate == 0 ? "no datagram" : "datagram \(candidate)"
    case .fault, nil: "\(candidate)"
    }
  }
}

extension Choice {
  /// - Parameter candidates: whom or what it is between, or the first of these.
  fileprivate func words(_ candidates: [Candidate]) -> String {
    var names = candidates.map { candidate in
      switch candidate {
      case .process(let pid): "pid \(pid.raw)"
      case .instructions(let count): "\(count) instructions"
      case .datagram(let flow): flow == .none ? "no datagram" : "datagram \(flow.raw)"
      }
    }
    if options > candidates.count { names.append("\(options - candidates.count) more") }
    let place = "on hart \(point.hart.raw) before event \(sequence)"
    return "\(point.kind.name) \(place) among \(names.joined(separator: ", "))"
  }
}
