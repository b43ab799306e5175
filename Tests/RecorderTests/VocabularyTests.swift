// That the names of events' columns are the same wherever somebody meets them: in Swift, in statements,
// in the table `kind`, in lines for people and in the views.

import Recorder
import Sim
import TestSupport
import Testing

struct VocabularyTests {
  let folder: TemporaryFolder
  let session = SyntheticSession(events: 2 * Event.Kind.allCases.count)
  var path: String { folder.file("t.db") }

  init() throws {
    folder = try TemporaryFolder()
    try session.write(to: path)
  }

  private func row(_ sql: String) throws -> [QueryResult.Value] {
    try #require(try TraceQuery.run(sql, on: path).rows.first)
  }

  @Test func aColumnIsTheSameInSwiftAndInStatements() throws {
    for (index, event) in session.events.enumerated() where !event.kind.columns.isEmpty {
      let columns = event.kind.columns
      let list = columns.map { "e.\($0)" }.joined(separator: ", ")
      let found = try row("SELECT \(list) FROM event e WHERE seq = \(index + 1)")
      #expect(found == columns.map { .integer(event[$0]) }, "\(event.kind.name)")
    }
    let fork = try #require(session.events.firstIndex { $0.kind == .fork })
    #expect(
      try row("SELECT \(ForkEvent.child), \(ForkEvent.name) FROM event WHERE seq = \(fork + 1)")
        == [
          .integer(session.events[fork][word: ForkEvent.child]),
          .integer(session.events[fork][word: ForkEvent.name]),
        ])
  }

  @Test func aColumnHasOneNameInTheTraceInLinesAndInViews() throws {
    let text = EventText(try TraceReader(path: path))
    let views = try TraceQuery.run("SELECT name FROM sqlite_master WHERE type = 'view'", on: path)
      .rows.map { $0[0] }
    for (index, event) in session.events.enumerated() where !event.kind.columns.isEmpty {
      let columns = EventText.columns(of: event.kind)
      let list = columns.map { "\($0)" }.joined(separator: ", ")
      #expect(
        try row("SELECT \(list) FROM kind WHERE id = \(event.kind.rawValue)")
          == columns.map { .text($0.name) })
      #expect(text.fields(of: event).map(\.name) == columns.map(\.name))
      let family = event.kind.family.rawValue
      let view = views.contains(.text("\(family)_event")) ? "\(family)_event" : family
      let numbers = columns.filter { $0.meaning == .integer || $0.meaning == .pid }
      for column in numbers {
        let found = try row("SELECT \(column.name) FROM \(view) WHERE seq = \(index + 1)")
        #expect(found == [.integer(event[column])], "\(event.kind.name) \(column.name)")
      }
    }
  }
}
