// All events as comma-separated values (RFC 4180), one a line: number, time, hart, kind, process,
// container, and the kind's own columns, each as a name and a value.

import Recorder
import Sim

struct CSVExport: SessionExport {
  private let text: EventText
  /// By the kind's number: its name, and its columns with the commas around their names.
  private let kinds: [Kind?]

  private struct Kind {
    var name: String
    var columns: [EventColumn]
    /// The columns that this kind does not have.
    var rest: String
  }

  init(_ text: EventText) {
    self.text = text
    kinds = (0...UInt8.max).map { code in
      guard let kind = Event.Kind(rawValue: code) else { return nil }
      var columns = EventText.columns(of: kind)
      for index in columns.indices { columns[index].name = ",\(columns[index].name)," }
      return Kind(
        name: ",\(kind.name),", columns: columns,
        rest: String(repeating: ",,", count: 6 - columns.count))
    }
  }

  mutating func begin(_ facts: SessionFacts, _ output: OutputBuffer) {
    let columns = (0..<6).map { "column\($0),value\($0)" }
    output.line("seq,time,hart,event,pid,cid," + columns.joined(separator: ","))
  }

  mutating func receive(_ event: Event, _ sequence: Int64, _ output: OutputBuffer) {
    guard let kind = kinds[Int(event.kind.rawValue)] else { return }
    output.write(sequence)
    output.write(",")
    output.write(event.time.instructions)
    output.write(",")
    output.write(event.hart.raw)
    output.write(kind.name)
    output.write(event.process.raw)
    output.write(",")
    output.write(event.container.raw)
    for column in kind.columns {
      output.write(column.name)
      switch column.meaning {
      case .integer, .pid: output.write(event[column])
      case .packed: output.write(CSVText.field(printable(event.packedBytes)))
      default: output.write(CSVText.field(text.word(for: event[column], column.meaning)))
      }
    }
    output.line(kind.rest)
  }

  mutating func finish(at end: Int64, _ output: OutputBuffer) {}
}
