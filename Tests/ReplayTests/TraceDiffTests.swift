import Recorder
import Replay
import Sim
import TestSupport
import Testing

struct TraceDiffTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func recorded(_ scenario: Scenario, _ name: String) throws -> TraceReader {
    try record(scenario, to: folder.file(name))
    return try TraceReader(path: folder.file(name))
  }

  @Test func sessionsThatDifferPartWhereTheyDo() throws {
    let first = try recorded(GuestRun.scenario(["primes", "20"]), "a.db")
    let second = try recorded(GuestRun.scenario(["primes", "21"]), "b.db")
    let difference = try #require(try TraceDiff.difference(first, second))
    #expect(difference.start == ["program: primes 20 and primes 21"])
    let sequence = try #require(difference.sequence)
    let events = (
      try RecordedSession.events(first.path), try RecordedSession.events(second.path)
    )
    let place = Int(sequence) - 1
    #expect(events.0[1..<place] == events.1[1..<place])
    #expect(events.0[place] != events.1[place])
    #expect(difference.before.count == 3)
    #expect(difference.first.count == 4 && difference.second.count == 4)
    let text = difference.text("a.db", "b.db")
    #expect(text.hasPrefix("--- a.db\n+++ b.db\n@@ start @@ program: "))
  }

  private typealias Change = @Sendable (inout Scenario) -> Void

  /// One of every field of a scenario, changed, and what is said of that.
  private static let changes: [(field: String, text: String, change: Change)] =
    [
      ("harts", "harts: 1 and 2", { $0.harts = 2 }),
      ("seed", "seed: 0 and 18446744073709551615", { $0.seed = .max }),
      ("tick", "tick: 100000 and 5000", { $0.tick = 5000 }),
      ("limitTicks", "limitTicks: none and 7", { $0.limitTicks = 7 }),
      ("limits", "inodes: \(Limits().inodes) and 77", { $0.limits.inodes = 77 }),
      ("reserve", "reserve: 5 and 0", { $0.reserve = 0 }),
      ("scheduler", "scheduler: priority and fair", { $0.scheduler = .fair }),
      ("inheritsPriorities", "priorityInheritance: off and on", { $0.inheritsPriorities = true }),
      ("network", "networkDelay: 1000 and 7", { $0.network.delay = 7 }),
      (
        "ports", "port: none and 127.0.0.1:8080:80",
        { $0.ports = PublishedPort("127.0.0.1:8080:80").map { [$0] } ?? [] }
      ),
      (
        "clients", "client: none and \"127.0.0.1:8080 from 7\"",
        { $0.clients = [HostClient(to: Endpoint(.loopback, 8080), from: 7)] }
      ),
      ("calls", "calls: none and xv6", { $0.calls.isXv6Only = true }),
      ("defects", "defect: none and dotdot-literal", { $0.defects = [.dotDotLiteral] }),
      ("program", #"program: none and echo "a b" c"#, { $0.program = ["echo", "a b", "c"] }),
      ("manager", "manager: off and on", { $0.manager = true }),
      ("recordsSharedAccesses", "sharedAccesses: off and on", { $0.recordsSharedAccesses = true }),
      ("files", "files: 0 and 1", { $0.files = [GuestFile(path: "/d", content: .directory)] }),
      ("script", "script lines: 0 and 1", { $0.script = [ScriptLine(bytes: [10])] }),
    ]

  @Test func everyFieldThatSessionsStartFromIsCompared() {
    let fields = Mirror(reflecting: Scenario()).children.compactMap(\.label)
    #expect(TraceDiffTests.changes.map(\.field) == fields)
    for (field, text, change) in TraceDiffTests.changes {
      var changed = Scenario()
      change(&changed)
      #expect(Scenario().differences(from: changed) == [text], "\(field)")
      #expect(changed.differences(from: changed).isEmpty)
    }
    let limits = Mirror(reflecting: Limits()).children.compactMap(\.label)
    #expect(Limits.all.map(\.name).sorted() == limits.sorted())
  }

  @Test func sessionsThatStartDifferentlyDifferWhateverTheyDo() throws {
    var scenario = GuestRun.scenario(["echo", "hi"])
    let first = try recorded(scenario, "a.db")
    #expect(try TraceDiff.difference(first, recorded(scenario, "b.db")) == nil)
    scenario.defects = [.dotDotLiteral]
    let defective = try recorded(scenario, "c.db")
    let difference = try #require(try TraceDiff.difference(first, defective))
    #expect(difference.start == ["defect: none and dotdot-literal"])
    #expect(difference.sequence == nil && difference.headline == "all events are the same")
  }

  @Test func whatBootRepeatsOfTheStartDoesNotPart() throws {
    var scenario = RecordedSession.shell(harts: 1)
    let first = try recorded(scenario, "a.db")
    scenario.limits.blocks += 100
    let larger = try recorded(scenario, "b.db")
    let difference = try #require(try TraceDiff.difference(first, larger))
    #expect(
      difference.start == ["blocks: \(first.scenario.limits.blocks) and \(scenario.limits.blocks)"])
    #expect(difference.sequence != 1 && !difference.headline.hasPrefix("boot"))

    scenario = first.scenario
    scenario.harts = 2
    let second = try recorded(scenario, "c.db")
    let parted = try #require(try TraceDiff.difference(first, second))
    #expect(parted.start == ["harts: 1 and 2"])
    let sequence = Int(try #require(parted.sequence))
    let events = (
      try RecordedSession.events(first.path), try RecordedSession.events(second.path)
    )
    #expect(sequence > 1 && events.0[sequence - 1] != events.1[sequence - 1])
    #expect(events.0[1..<sequence - 1] == events.1[1..<sequence - 1])
    #expect(!parted.before.contains { $0.contains(" boot ") })
  }

  @Test func aSessionThatEndsEarlierIsToldSo() throws {
    let scenario = RecordedSession.shell(harts: 1)
    let whole = try recorded(scenario, "a.db")
    let path = folder.file("b.db")
    var session = try RecordingSession(
      scenario, ScriptedDecisions(scenario), to: path, alsoTo: IgnoringSink())
    for _ in 0..<300 { _ = try session.step() }
    try session.commit()
    try session.commit()
    let part = try TraceReader(path: path)
    let difference = try #require(try TraceDiff.difference(whole, part))
    #expect(difference.headline == "\(path) ends here")
    #expect(difference.sequence == part.summary.events + 1)
    #expect(difference.second == [])
  }

  @Test func textsAreComparedAsTextsWhateverTheirNumbers() throws {
    // The same calls, but the machines learn the texts in another order.
    var scenario = GuestRun.scenario(["ls", "/d"])
    scenario.files.append(GuestFile(path: "/d", content: .directory))
    let first = try recorded(scenario, "a.db")
    try TraceSurgery.alter(first.path, "UPDATE meta SET value = value", into: folder.file("b.db"))
    let second = try TraceReader(path: folder.file("b.db"))
    #expect(try TraceDiff.difference(first, second) == nil)
  }

  @Test func anAlteredTraceIsNotCompared() throws {
    let first = try recorded(GuestRun.scenario(["true"]), "a.db")
    try TraceSurgery.alter(
      first.path, "UPDATE name SET text = 'x' WHERE id = 1", into: folder.file("b.db"))
    let second = try TraceReader(path: folder.file("b.db"))
    let error = #expect(throws: TraceError.self) { try TraceDiff.difference(first, second) }
    #expect(error?.description.contains("name 1 was altered") == true)
  }
}
