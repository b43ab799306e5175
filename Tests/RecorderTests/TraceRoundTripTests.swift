import Foundation
import Recorder
import Sim
import TestSupport
import Testing

struct TraceRoundTripTests {
  let folder: TemporaryFolder
  var path: String { folder.file("t.db") }

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [0, 1, 31, 33, 4096, 20_000, 40_000])
  func everythingComesBackAsItWasWritten(count: Int) throws {
    let session = SyntheticSession(events: count)
    try session.write(to: path)
    let reader = try TraceReader(path: path)
    #expect(reader.alterations == [])
    #expect(reader.scenario == session.scenario)
    #expect(reader.names == (0..<4).map { session.names[NameID(raw: $0)] })
    #expect(try reader.allEvents() == session.events)
    #expect(reader.inputs.count == (count + 99) / 100)
    #expect(reader.summary.isComplete)
    #expect(reader.summary.events == Int64(count))
    #expect(reader.summary.status == 7)
    #expect(reader.summary.end == "halted")
    #expect(reader.summary.choicesMade == Int64((count + 9) / 10))
  }

  @Test func choicesOfTheFirstOptionTakeNoRows() throws {
    try SyntheticSession(events: 2000).write(to: path)
    let choices = try TraceReader(path: path).choices()
    var ordinals: [Int64] = []
    while let choice = choices.peek() {
      #expect(choice.chosen > 0 && choice.options == 3 && choice.hart == 1)
      ordinals.append(choice.ordinal)
      choices.advance()
    }
    #expect(choices.failure == nil)
    #expect(ordinals == (0..<200).filter { $0 * 10 % 3 != 0 }.map { $0 + 1 })
  }

  @Test func readingCanBeginAnywhere() throws {
    let session = SyntheticSession(events: 20_000)
    try session.write(to: path)
    let reader = try TraceReader(path: path)
    #expect(try reader.events(in: 17_000...17_002) == Array(session.events[16_999..<17_002]))
    #expect(try reader.events(in: 19_999...30_000) == Array(session.events[19_998...]))
    #expect(try reader.events(in: 20_001...20_001) == [])
  }

  @Test func onePlainFileIsLeft() throws {
    try SyntheticSession(events: 200).write(to: path)
    #expect(try folder.names == ["t.db"])
  }

  @Test func anExistingFileIsKept() throws {
    _ = try folder.write("mine", to: "t.db")
    let error = #expect(throws: TraceError.self) {
      try TraceWriter(path: path, scenario: Scenario())
    }
    #expect(error?.reason == .exists)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
    let writer = try TraceWriter(path: path, scenario: Scenario(), overwrite: true)
    _ = try writer.finish(NameTable(), at: .zero, .stopped)
    #expect(try TraceReader(path: path).summary.events == 0)
  }

  @Test func aTraceThatIsNotFinishedHoldsWhatWasCommitted() throws {
    let session = SyntheticSession(events: 5000)
    let writer = try session.write(to: path, finishing: false)
    let reader = try TraceReader(path: path)
    #expect(!reader.summary.isComplete)
    #expect(try reader.allEvents() == session.events)
    #expect(reader.names.count == 4)
    withExtendedLifetime(writer) {}
  }

  @Test func aRealSessionTakesAtMost40BytesAnEvent() throws {
    try record(GuestRun.scenario(["pingpong", "400"]), to: path)
    let events = try TraceReader(path: path).summary.events
    try TraceSurgery.execute("DELETE FROM event; VACUUM", on: path)
    let empty = try size()
    try FileManager.default.removeItem(atPath: path)
    try record(GuestRun.scenario(["pingpong", "400"]), to: path)
    #expect(events > 3000)
    #expect((try size() - empty) / Int(events) <= 40)
  }

  private func size() throws -> Int {
    try Data(contentsOf: URL(fileURLWithPath: path)).count
  }
}
