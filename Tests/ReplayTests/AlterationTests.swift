import Recorder
import Replay
import Sim
import TestSupport
import Testing

/// Whatever is changed in a recording, its replay says so, and says where.
struct AlterationTests {
  let folder: TemporaryFolder
  let path: String
  var copy: String { folder.file("copy.db") }

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("t.db")
    try record(RecordedSession.shell(harts: 2), to: path)
  }

  @Test(
    arguments: [
      "time = time + 1", "time = time + 256", "hart = 1 - hart", "pid = pid + 1", "cid = 1",
      "a0 = a0 + 1", "a1 = a1 - 1", "a2 = a2 + (1 << 40)", "a3 = a3 + 1", "a4 = a4 + 1",
      "a5 = a5 - (1 << 62)", "kind = 60 + (kind = 60)",
    ], [2, 333, 1000])
  func anAlteredEventIsFoundWhereItIs(change: String, sequence: Int64) throws {
    try TraceSurgery.alter(
      path, "UPDATE event SET \(change) WHERE seq = \(sequence)", into: copy)
    guard case .diverged(let divergence) = try RecordedSession.replay(copy) else {
      Issue.record("matched")
      return
    }
    #expect(divergence.sequence == sequence)
    #expect(!divergence.fields.isEmpty)
    #expect(divergence.before.count == min(5, Int(sequence) - 1))
    #expect(!divergence.processes.isEmpty)
    #expect(divergence.command.hasPrefix("drydock dump \(copy) --from "))
    guard case .event(let expected, let actual) = divergence.finding else {
      Issue.record("\(divergence.headline)")
      return
    }
    #expect(try RecordedSession.events(path)[Int(sequence) - 1] == actual)
    #expect(expected != actual)
  }

  @Test(arguments: [
    ("UPDATE input SET bytes = x'0a' WHERE ordinal = 3", "input 3 was altered"),
    ("UPDATE input SET time = time + 1 WHERE ordinal = 3", "input 3 was altered"),
    ("UPDATE input SET time = time - 1 WHERE ordinal = 1", "input 1 was altered"),
    ("UPDATE input SET seal = seal + 1 WHERE ordinal = 2", "input 2 was altered"),
    ("DELETE FROM input WHERE ordinal = 2", "input 3 was altered"),
    ("DELETE FROM input WHERE ordinal = 7", "table input was altered"),
    ("INSERT INTO input VALUES (8, 1, 0, x'0a', 1)", "input 8 was altered"),
    ("UPDATE scenario SET value = 4 WHERE key = 'harts'", "scenario 1 was altered"),
    ("UPDATE scenario SET value = value + 1 WHERE key = 'seed'", "scenario 2 was altered"),
    ("UPDATE script SET bytes = x'00' WHERE ordinal = 2", "script 2 was altered"),
    ("UPDATE script SET at_tick = 10 WHERE ordinal = 7", "script 7 was altered"),
    ("UPDATE file SET path = '/x' WHERE ordinal = 4", "file 4 was altered"),
    (
      "UPDATE file SET content = CAST(content || x'00' AS BLOB) WHERE ordinal = 5",
      "file 5 was altered"
    ),
    ("UPDATE file SET kind = 'directory', content = NULL WHERE ordinal = 5", "file 5 was altered"),
    ("UPDATE name SET text = 'x' WHERE id = 3", "name 3 was altered"),
    ("UPDATE name SET bytes = x'00' WHERE id = 3", "name 3 was altered"),
    ("UPDATE process SET name = 'x' WHERE pid = 3", "table process was altered"),
    ("UPDATE kind SET a0 = 'x' WHERE id = 10", "table kind was altered"),
    ("UPDATE refusal SET name = 'x' WHERE id = 3", "table refusal was altered"),
    ("UPDATE meta SET value = 1 WHERE key = 'host_seconds'", "table meta was altered"),
    ("UPDATE meta SET value = value + 1 WHERE key = 'events'", "table meta was altered"),
    ("UPDATE choice SET chosen = chosen + 1 WHERE ordinal = FIRST", "choice FIRST was altered"),
    ("UPDATE choice SET options = options + 1 WHERE ordinal = LAST", "choice LAST was altered"),
    ("UPDATE choice SET point = 3 WHERE ordinal = FIRST", "choice FIRST was altered"),
    ("UPDATE choice SET hart = 1 - hart WHERE ordinal = LAST", "choice LAST was altered"),
    ("UPDATE choice SET seq = seq + 1 WHERE ordinal = FIRST", "choice FIRST was altered"),
    ("UPDATE choice SET candidate = 2 WHERE ordinal = LAST", "choice LAST was altered"),
    ("UPDATE choice SET seal = 1 WHERE ordinal = LAST", "choice LAST was altered"),
    ("DELETE FROM choice WHERE ordinal = LAST", "was altered"),
    ("INSERT INTO choice VALUES (LAST + 1, 1, 0, 2, 1, 1, 1, 1)", "was altered"),
  ])
  func anAlteredRowIsFoundAndNamed(sql: String, words: String) throws {
    let ends = try TraceSurgery.strings(
      "SELECT min(ordinal) FROM choice UNION ALL SELECT max(ordinal) FROM choice", on: path)
    func fill(_ text: String) -> String {
      text.replacing("FIRST", with: ends[0]).replacing("LAST", with: ends[1])
    }
    try TraceSurgery.alter(path, fill(sql), into: copy)
    guard case .diverged(let divergence) = try RecordedSession.replay(copy) else {
      Issue.record("matched")
      return
    }
    #expect(divergence.description.contains(fill(words)), "\(divergence)")
    #expect(divergence.description.hasPrefix("diverged"))
  }

  @Test func anEventTooManyOrTooFewIsFound() throws {
    let count = try RecordedSession.events(path).count
    try TraceSurgery.alter(
      path,
      "INSERT INTO event SELECT seq + 1, time, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0 FROM event "
        + "WHERE seq = \(count)", into: copy)
    guard case .diverged(let divergence) = try RecordedSession.replay(copy) else {
      Issue.record("matched")
      return
    }
    #expect(divergence.headline == "expected input, but the session ended: input ended")
    #expect(divergence.sequence == Int64(count) + 1)

    try TraceSurgery.alter(path, "DELETE FROM event WHERE seq = \(count)", into: copy)
    #expect(throws: TraceError.self) { try RecordedSession.replay(copy) }
  }

  @Test func aDivergenceReadsFindingFirst() throws {
    try TraceSurgery.alter(path, "UPDATE event SET a3 = 9 WHERE seq = 2", into: copy)
    guard case .diverged(let divergence) = try RecordedSession.replay(copy) else {
      Issue.record("matched")
      return
    }
    let lines = divergence.description.split(separator: "\n").map(String.init)
    #expect(lines[0] == "diverged at event 2: dispatch differs in chosen")
    #expect(lines[1].hasPrefix("  expected        2 "))
    #expect(lines[2].hasPrefix("  actual          2 "))
    #expect(lines[3] == "  chosen: expected 9, actual 0")
    #expect(lines.last == "  again: drydock dump \(copy) --from 1 --to 7")
  }
}
