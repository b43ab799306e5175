// An event as one line for people. What its columns are called and how their numbers read comes from
// the vocabulary (`Event+Columns.swift`) alone: `dump`, `--live` and divergences all read alike.

import Sim

/// Writes events as text.
public struct EventText {
  private let name: (Int64) -> String
  /// Where in its source the process of an event was.
  private var source: (Event, Int64) -> SourcePlace? = { _, _ in nil }

  /// - Parameter name: the text that belongs to a number in the session's names, fit to be shown.
  public init(name: @escaping (Int64) -> String) { self.name = name }

  /// With the texts of a trace.
  public init(_ reader: TraceReader) {
    let texts = reader.shownNames
    self.init { number in
      Int(exactly: number).flatMap { texts.indices.contains($0) ? texts[$0] : nil }
        ?? "name#\(number)"
    }
    if let sources = reader.sourcePlaces { source = sources.place(of:_:) }
  }

  /// With the texts of a running machine, and the places in source of a trace that it runs again.
  public init(_ names: NameTable, _ sources: SourcePlaces?) {
    self.init(names)
    if let sources { source = sources.place(of:_:) }
  }

  /// With the texts of a running machine, and where its programs are in their source.
  public init(_ names: NameTable, _ sources: LiveSources) {
    self.init(names)
    source = { event, _ in sources.place(of: event) }
  }

  /// With the texts of a running machine.
  public init(_ names: NameTable) {
    self.init { number in
      guard let id = Int32(exactly: number), id >= 0, Int(id) < names.count else {
        return "name#\(number)"
      }
      return printable(names[NameID(raw: id)])
    }
  }

  /// What the columns of a line are.
  public static let heading = "     seq         time hart  pid cid  event"

  /// One line: number, time, hart, process, container, kind, and the kind's own columns.
  public func line(_ event: Event, _ sequence: Int64) -> String {
    let fields = fields(of: event)
    var columns = fields.map { " \($0.name)=\($0.value)" }.joined()
    if let place = place(of: event, sequence) { columns += " at=\"\(place)\"" }
    return EventText.right(sequence, 8) + " " + EventText.right(event.time.instructions, 12)
      + EventText.subject(event, isPadded: !fields.isEmpty) + columns
  }

  /// Where in its source the process of an event was, if that is known.
  public func place(of event: Event, _ sequence: Int64) -> SourcePlace? {
    source(event, sequence)
  }

  /// What follows the number and the time in a line, in two parts that come again and again: the words,
  /// with nothing after each `=`, and the values that belong there.
  public func parts(_ event: Event) -> (words: String, values: [String]) {
    let fields = fields(of: event)
    return (
      EventText.subject(event, isPadded: !fields.isEmpty)
        + fields.map { " \($0.name)=" }.joined(), fields.map(\.value)
    )
  }

  /// Hart, process, container and kind.
  private static func subject(_ event: Event, isPadded: Bool) -> String {
    let kind = event.kind.name
    let padding = isPadded ? String(repeating: " ", count: max(0, 12 - kind.count)) : ""
    return " " + right(event.hart.raw, 4) + " " + right(event.process.raw, 4) + " "
      + right(event.container.raw, 3) + "  " + kind + padding
  }

  /// The kind's columns, under the names that traces have for them.
  public static func columns(of kind: Event.Kind) -> [EventColumn] {
    kind.columns.map {
      var column = $0
      column.name = TraceSchema.columnName(column.name)
      return column
    }
  }

  /// The kind's columns with their values in words, in quotes where a value may be several words.
  public func fields(of event: Event) -> [(name: String, value: String)] {
    event.kind.columns.map { column in
      let name = TraceSchema.columnName(column.name)
      let value =
        column.meaning == .packed
        ? printable(event.packedBytes) : word(for: event[column], column.meaning)
      return switch column.meaning {
      case .name, .packed: (name, "\"\(value)\"")
      default: (name, value.contains(" ") ? "\"\(value)\"" : value)
      }
    }
  }

  /// The name of a call, `call#99` for one that there is not.
  public static func callName(_ number: Int64) -> String {
    TraceSchema.callName(number) ?? "call#\(number)"
  }

  /// Why something was refused, in words; the number where it stands for nothing.
  public static func refusalName(_ number: Int64) -> String {
    UInt8(exactly: number).flatMap(Refusal.init(rawValue:))?.name ?? "\(number)"
  }

  /// What a number of this meaning stands for, or the number where it stands for nothing.
  public func word(for number: Int64, _ meaning: EventColumn.Meaning) -> String {
    let word: String? =
      switch meaning {
      case .integer, .pid, .packed: nil
      case .file: FileID(column: number).description
      case .address: "0x" + String(UInt64(bitPattern: number), radix: 16)
      case .hash: number == 0 ? "none" : EventText.hash(number)
      case .name: name(number)
      case .call: EventText.callName(number)
      case .source: number == 0 ? "none" : EventText.callName(number)
      case .refusal:
        switch number {
        case 0: "none"
        case -1: "pending"
        default: UInt8(exactly: number).flatMap(Refusal.init(rawValue:))?.name
        }
      case .cause: UInt8(exactly: number).flatMap(Fault.Cause.init(rawValue:))?.name
      case .wait: EventText.word(WaitReason.names, number)
      case .yield: UInt8(exactly: number).flatMap(YieldReason.init(rawValue:))?.name
      case .end: EventText.word(EndReason.names, number)
      case .networkAddress: NetworkAddress(column: number).description
      case .endpoint: Endpoint(column: number).description
      }
    return word ?? "\(number)"
  }

  private static func word(_ names: [String], _ number: Int64) -> String? {
    guard let index = Int(exactly: number), names.indices.contains(index &- 1) else { return nil }
    return names[index - 1]
  }

  private static func hash(_ number: Int64) -> String {
    let digits = String(UInt64(bitPattern: number), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func right(_ number: some BinaryInteger, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: " ", count: max(0, width - digits.count)) + digits
  }
}
