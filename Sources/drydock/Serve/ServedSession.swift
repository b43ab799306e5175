// What `drydock serve` answers: JSON made from an open session. Knows nothing of HTTP.

import Dispatch
import Foundation
import Recorder
import Scenarios

/// The answers to what a page asks.
final class ServedSession: Sendable {
  let session: OpenSession

  /// - Throws: `TraceError` if there is no session that can be read.
  init(path: String) throws(TraceError) {
    session = try OpenSession(path: path)
  }

  /// Begins to read the session through, on a thread of its own.
  func begin() {
    Thread.detachNewThread { [session] in session.readThrough() }
  }

  /// The page itself.
  ///
  /// - Throws: `TraceError` if the session cannot be read.
  func page() throws(TraceError) -> String {
    ReportPage.served(title: ReportPage.title(session.path), data: try overview())
  }

  /// The session as a whole.
  ///
  /// - Throws: `TraceError` if it cannot be read.
  func overview() throws(TraceError) -> String {
    let reader = try session.reader()
    let progress = session.progress
    let end = max(reader.summary.instructions, progress.time)
    let facts = try session.facts(reader, end: end)
    var fields: [(name: String, json: String)] = [
      ("served", "true"), ("file", PageJSON.quoted(session.path)),
      ("summary", PageJSON.quoted(ReportData.summary(reader, facts, saysCondition: false))),
      ("end", PageJSON.exact(end)),
      ("busy_end", PageJSON.exact(progress.isFinished ? progress.busyEnd : end)),
    ]
    fields += condition(reader, progress)
    fields += PageJSON.session(facts, progress.runtimes, reader)
    return PageJSON.object(fields)
  }

  /// How far the recording goes, and how far it has been read; and if it cannot be read any more, why.
  func progress() -> String {
    let progress = session.progress
    do throws(TraceError) {
      return PageJSON.object(condition(try session.reader(), progress))
    } catch {
      return PageJSON.object([
        ("state", "\"\(RecordingCondition.cut.rawValue)\""), ("known", "\(progress.events)"),
        ("read", "\(progress.events)"), ("failed", "true"),
        ("trouble", PageJSON.quoted(error.description)),
      ])
    }
  }

  private func condition(_ reader: TraceReader, _ progress: OpenSession.Progress)
    -> [(name: String, json: String)]
  {
    let trouble =
      progress.failure?.description ?? reader.alterations.first?.description
      ?? reader.warnings.first
    return [
      ("state", "\"\(reader.condition.rawValue)\""),
      ("known", "\(reader.summary.events)"), ("read", "\(progress.events)"),
      ("failed", "\(progress.failure != nil)"),
      ("trouble", trouble.map(PageJSON.quoted) ?? "null"),
    ]
  }

  /// A window of the timeline.
  ///
  /// - Throws: `TraceError` if it cannot be read.
  func window(from: Int64, to: Int64, pixels: Int, pids: Set<Int32>?) throws(TraceError) -> String {
    let window = try session.window(
      from: from, to: to, pixels: min(max(pixels, 1), 20_000), pids: pids)
    let reader = try session.reader()
    var fields = condition(reader, session.progress)
    fields.append(("read_to", window.readTo == .max ? "null" : PageJSON.exact(window.readTo)))
    fields.append(("exact", "\(window.isExact)"))
    fields.append(("shortest", PageJSON.exact(window.page.shortest)))
    fields += PageJSON.timeline(window.page, reader)
    if let range = window.events, let events = try PageJSON.events(reader, in: range) {
      fields.append(("events", events))
    }
    return PageJSON.object(fields)
  }

  /// An event by its number.
  ///
  /// - Throws: `ToolError` if there is none, `TraceError` or `QueryError` if it cannot be read.
  func event(_ sequence: Int64) throws -> String {
    guard let event = try session.event(sequence) else {
      let last = try session.reader().summary.events
      throw ToolError("no event \(sequence): expected a number from 1 to \(last)")
    }
    let rows = event.rows.map { query, result in
      "{\"query\":\(PageJSON.quoted(query)),\(PageJSON.rows(result.columns, result.rows))}"
    }
    return PageJSON.object([
      ("seq", "\(sequence)"), ("time", PageJSON.exact(event.time)),
      ("line", JSONText.quoted(event.line)),
      ("rows", "[\(rows.joined(separator: ","))]"),
    ])
  }

  /// The run slice that begins with an event, or next to it; an empty object if there is none.
  ///
  /// - Throws: `TraceError` if it cannot be read.
  func slice(_ direction: OpenSession.Direction, _ place: OpenSession.Place) throws(TraceError)
    -> String
  {
    guard let span = try session.slice(direction, place) else { return "{}" }
    return PageJSON.object(PageJSON.timeline(span, try session.reader()))
  }

  /// What can be asked in SQL: tables and views with their columns, and examples.
  ///
  /// - Throws: `TraceError` or `QueryError` if it cannot be read.
  func schema() throws -> String {
    func pair(_ name: String, _ text: String) -> String {
      "[\(JSONText.quoted(name)),\(JSONText.quoted(text))]"
    }
    let relations = try SchemaPage.relations(of: session.reader()).map { relation in
      let columns = relation.columns.map { pair($0.name, $0.sentence) }.joined(separator: ",")
      return PageJSON.object([
        ("chapter", JSONText.quoted(relation.chapter)), ("name", JSONText.quoted(relation.name)),
        ("sentence", JSONText.quoted(relation.sentence)), ("columns", "[\(columns)]"),
      ])
    }
    let examples = ExampleQuery.all.map { pair($0.question, $0.sql) }
    return PageJSON.object([
      ("relations", "[\(relations.joined(separator: ",\n"))]"),
      ("examples", "[\(examples.joined(separator: ",\n"))]"),
    ])
  }

  /// The tables of the reports.
  ///
  /// - Throws: `TraceError` if the processes cannot be read.
  func tables() throws(TraceError) -> String {
    switch try session.tables() {
    case .ready(let upTo, let tables):
      PageJSON.object([
        ("ready", "true"), ("up_to", "\(upTo)"), ("groups", PageJSON.groups(tables)),
      ])
    case .reading(let read, let known):
      PageJSON.object([("ready", "false"), ("read", "\(read)"), ("known", "\(known)")])
    }
  }
}
