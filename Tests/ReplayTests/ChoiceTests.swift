// What a choice says of itself: between whom it was, and before which event. The trace keeps it, and a
// replay holds the machine against it.

import Recorder
import Replay
import Sim
import TestSupport
import Testing

struct ChoiceTests {
  let folder: TemporaryFolder
  var path: String { folder.file("t.db") }

  init() throws { folder = try TemporaryFolder() }

  private func choices(_ path: String) throws -> [RecordedChoice] {
    let stream = try TraceReader(path: path).choices()
    var all: [RecordedChoice] = []
    while let choice = stream.peek() {
      all.append(choice)
      stream.advance()
    }
    #expect(stream.failure == nil)
    return all
  }

  @Test(arguments: [1, 2])
  func aRecordedChoiceIsOfTheEventThatItSays(harts: Int) throws {
    var scenario = GuestRun.scenario(["cost_bounds", "e", "40"])
    scenario.harts = harts
    scenario.seed = 7
    try record(scenario, to: path)
    let events = try RecordedSession.events(path)
    let dispatches = try choices(path).filter { $0.point == 1 }
    for choice in dispatches {
      let event = events[Int(choice.sequence) - 1]
      #expect(event.kind == .dispatch && event.hart.raw == choice.hart)
      #expect(event.process.raw == Int32(choice.candidate))
      #expect(event[DispatchEvent.chosen] == Int64(choice.chosen))
      #expect(event[DispatchEvent.options] == Int64(choice.options))
    }
    // All who wait are to be chosen from, not the first few.
    #expect(dispatches.contains { $0.options > 10 && $0.chosen >= 8 }, "\(dispatches)")
    guard case .finished = try RecordedSession.replay(path) else {
      Issue.record("diverged")
      return
    }
  }

  @Test func theViewPutsThemInWords() throws {
    try record(RecordedSession.shell(harts: 2), to: path)
    let rows = try TraceQuery.run(
      "SELECT point, decided, seq, time, pid, name FROM decision", on: path
    ).rows
    #expect(rows.count == (try choices(path).count))
    for row in rows {
      guard case .text(let point) = row[0], case .text(let words) = row[1] else {
        Issue.record("\(row)")
        continue
      }
      switch point {
      case "dispatch":
        guard case .integer(let pid) = row[4], case .text(let name) = row[5] else {
          Issue.record("\(row)")
          continue
        }
        #expect(words.hasPrefix("pid \(pid) gets the hart, number ") && !name.isEmpty)
      case "slice": #expect(words.hasPrefix("slices of ") && row[4] == .null)
      case "turn": #expect(words.hasPrefix("a turn of ") && row[4] == .null)
      default: Issue.record("\(row)")
      }
    }
  }

  @Test func aDivergenceSaysBetweenWhomTheChoiceWas() throws {
    let scenario = RecordedSession.shell(harts: 1)
    var machine = try Simulation(scenario)
    let writer = try TraceWriter(path: path, scenario: scenario)
    var decisions = Misrecorded(ScriptedDecisions(scenario), to: writer)
    var sink = RecordingSink(writer: writer, other: IgnoringSink())
    while case .ran = machine.step(&decisions, into: &sink) {}
    _ = try writer.finish(machine.names, at: machine.now, .inputEnded)
    guard case .diverged(let divergence) = try RecordedSession.replay(path) else {
      Issue.record("matched")
      return
    }
    let choice = try #require(decisions.misrecorded)
    #expect(
      divergence.headline.contains(
        "recorded dispatch on hart 0 before event \(choice.sequence) taking pid 999, option"),
      "\(divergence)")
    let names = decisions.candidates.map { "pid \($0)" }.joined(separator: ", ")
    #expect(
      divergence.headline.hasSuffix(
        "actual dispatch on hart 0 before event \(choice.sequence) among \(names)"),
      "\(divergence)")
    #expect(divergence.sequence == choice.sequence)
  }

  /// Records the first dispatch that is not of the first in line as one of a process that there is not.
  private struct Misrecorded: Decisions {
    private var base: ScriptedDecisions
    private let writer: TraceWriter
    private(set) var misrecorded: Choice?
    private(set) var candidates: [Int64] = []

    init(_ base: ScriptedDecisions, to writer: TraceWriter) {
      self.base = base
      self.writer = writer
    }

    mutating func choose(_ choice: Choice, candidate: (Int) -> Candidate) -> Int {
      let chosen = base.choose(choice, candidate: candidate)
      guard misrecorded == nil, chosen > 0, case .dispatch = choice.point else {
        writer.receive(chosen, at: choice, candidate: candidate)
        return chosen
      }
      misrecorded = choice
      candidates = (0..<choice.options).map { candidate($0).number }
      writer.receive(chosen, at: choice) { _ in .process(ProcessID(raw: 999)) }
      return chosen
    }

    mutating func input(_ request: InputRequest) -> InputAnswer {
      let answer = base.input(request)
      if case .bytes(let input) = answer { writer.receive(input) }
      return answer
    }
  }
}
