// Compares two traces without running anything, and says where they part. Events are held against
// each other as they stream by; texts are compared as texts, whatever numbers they have.

import Recorder
import Sim

/// Where two traces part.
public struct TraceDifference: Equatable, Sendable {
  /// Settings and files that differ, one line each: what, then both values.
  public var start: [String]
  /// The number of the first event that differs; nil if all are the same.
  public var sequence: Int64?
  /// What differs there.
  public var headline: String
  /// The last events that both have.
  public var before: [String]
  /// The events from there on in the first and in the second trace.
  public var first: [String]
  public var second: [String]
}

/// Compares traces.
public enum TraceDiff {
  /// How many events around the difference are shown.
  private static let context = 3

  /// The first difference; nil if the two sessions are the same.
  ///
  /// - Throws: `TraceError` if one of them cannot be read.
  public static func difference(_ a: TraceReader, _ b: TraceReader) throws(TraceError)
    -> TraceDifference?
  {
    for reader in [a, b] {
      if let altered = reader.alterations.first {
        throw TraceError(.damaged, reader.path, altered.description)
      }
    }
    let start = a.scenario.differences(from: b.scenario)
    if var difference = try eventDifference(a, b) {
      difference.start = start
      return difference
    }
    var headline = try inputDifference(a, b)
    if headline == nil, a.summary.isComplete != b.summary.isComplete {
      headline = "\(a.summary.isComplete ? b.path : a.path) was cut short"
    }
    guard headline != nil || !start.isEmpty else { return nil }
    return TraceDifference(
      start: start, sequence: nil, headline: headline ?? "all events are the same", before: [],
      first: [], second: [])
  }

  // MARK: Events

  private static func eventDifference(_ a: TraceReader, _ b: TraceReader) throws(TraceError)
    -> TraceDifference?
  {
    let translation = NameTranslation(from: b, to: a)
    let first = a.events()
    let second = b.events()
    while true {
      let old = first.peek()?.pointee
      let new = second.peek()?.pointee
      if let failure = first.failure ?? second.failure { throw failure }
      if old == nil && new == nil { return nil }
      guard let old, let new, same(old, new, translation) else {
        return try describe(a, b, at: first.sequence, old, new)
      }
      first.advance()
      second.advance()
    }
  }

  @inline(__always)
  private static func same(_ old: Event, _ new: Event, _ translation: NameTranslation) -> Bool {
    if old == new && translation.isIdentity { return true }
    var new = new
    translation.apply(to: &new)
    // Differences of the scenarios are reported once, before the events; this one only repeats them.
    if new.kind == .boot && old.kind == .boot { return true }
    return old == new
  }

  private static func describe(
    _ a: TraceReader, _ b: TraceReader, at sequence: Int64, _ old: Event?, _ new: Event?
  ) throws(TraceError) -> TraceDifference {
    let texts = (EventText(a), EventText(b))
    func lines(_ reader: TraceReader, _ text: EventText, _ range: ClosedRange<Int64>)
      throws(TraceError) -> [String]
    {
      var lines: [String] = []
      for (number, event) in zip(range.lowerBound..., try reader.events(in: range)) {
        lines.append(text.line(event, number))
      }
      return lines
    }
    let headline: String
    switch (old, new) {
    case (let old?, let new?):
      let names = Divergence.fields(old, new, texts.0, texts.1).map(\.name)
      headline =
        old.kind == new.kind
        ? "\(old.kind.name) differs in \(names.joined(separator: ", "))"
        : "\(old.kind.name) in \(a.path), \(new.kind.name) in \(b.path)"
    case (nil, _): headline = "\(a.path) ends here"
    case (_, nil): headline = "\(b.path) ends here"
    }
    // The first event tells how they start, which may differ.
    let from = max(2, sequence - Int64(context))
    return TraceDifference(
      start: [], sequence: sequence, headline: headline,
      before: from < sequence ? try lines(a, texts.0, from...sequence - 1) : [],
      first: old == nil ? [] : try lines(a, texts.0, sequence...sequence + Int64(context)),
      second: new == nil ? [] : try lines(b, texts.1, sequence...sequence + Int64(context)))
  }

  // MARK: What comes in

  private static func inputDifference(_ a: TraceReader, _ b: TraceReader) throws(TraceError)
    -> String?
  {
    for (old, new) in zip(a.inputs, b.inputs) where old != new {
      return "input \(old.ordinal) differs"
    }
    if a.inputs.count != b.inputs.count {
      return "\(a.inputs.count) inputs in \(a.path), \(b.inputs.count) in \(b.path)"
    }
    let first = a.choices()
    let second = b.choices()
    while let old = first.peek(), let new = second.peek() {
      if old != new { return "choice \(min(old.ordinal, new.ordinal)) differs" }
      first.advance()
      second.advance()
    }
    let extra = first.peek() ?? second.peek()
    if let failure = first.failure ?? second.failure { throw failure }
    return extra.map { "choice \($0.ordinal) differs" }
  }
}

/// Puts one trace's numbers of texts in terms of another's.
private struct NameTranslation {
  let isIdentity: Bool
  private var numbers: [Int64] = []

  init(from source: TraceReader, to target: TraceReader) {
    isIdentity = source.names == target.names
    guard !isIdentity else { return }
    // A text that the other trace does not have gets a number that it does not have either.
    var known = NameTable()
    for name in target.names { _ = known.intern(name) }
    numbers = source.names.map { Int64(known.intern($0).raw) }
  }

  func apply(to event: inout Event) {
    guard !isIdentity else { return }
    for column in event.kind.columns where column.meaning == .name {
      event[column] = translated(event[column])
    }
  }

  private func translated(_ number: Int64) -> Int64 {
    guard let index = Int(exactly: number), numbers.indices.contains(index) else { return number }
    return numbers[index]
  }
}

extension TraceDifference {
  /// In the manner of diff(1): what differs, then the events around it.
  public func text(_ a: String, _ b: String) -> String {
    var lines = ["--- \(a)", "+++ \(b)"]
    lines += start.map { "@@ start @@ \($0)" }
    if let sequence {
      lines.append("@@ event \(sequence) @@ \(headline)")
      lines += before.map { "  \($0)" }
      lines += first.map { "- \($0)" }
      lines += second.map { "+ \($0)" }
    } else {
      lines.append("@@ events @@ \(headline)")
    }
    return lines.joined(separator: "\n")
  }
}
