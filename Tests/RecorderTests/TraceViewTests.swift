import Recorder
import Sim
import TestSupport
import Testing

/// The file in a bare SQLite: views that read like the kernel's own words.
struct TraceViewTests {
  let folder: TemporaryFolder
  var path: String { folder.file("t.db") }

  init() throws {
    folder = try TemporaryFolder()
    let scenario = GuestRun.scenario([], typed: ["echo Grüße | wc\n", "crash\n", "nothing\n"])
    try record(scenario, to: path)
  }

  private func rows(_ sql: String) throws -> [[QueryResult.Value]] {
    try TraceQuery.run(sql, on: path).rows
  }

  private func text(_ sql: String) throws -> String? {
    guard case .text(let text)? = try rows(sql).first?.first else { return nil }
    return text
  }

  private func number(_ sql: String) throws -> Int64? {
    guard case .integer(let number)? = try rows(sql).first?.first else { return nil }
    return number
  }

  @Test func everyViewCanBeRead() throws {
    let views = try rows("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name")
    #expect(views.count >= 17)
    for view in views {
      guard case .text(let name) = view[0] else { continue }
      _ = try TraceQuery.run("SELECT * FROM \(name)", on: path)
    }
  }

  @Test func theConsoleReadsAsItWasPrinted() throws {
    let run = try GuestRun([], typed: ["echo Grüße | wc\n", "crash\n", "nothing\n"])
    let shown = try text("SELECT group_concat(text, '') FROM console WHERE direction = 'out'")
    #expect(shown == run.console)
    let typed = try text("SELECT group_concat(text, '') FROM console WHERE direction = 'in'")
    #expect(typed == "echo Grüße | wc\ncrash\nnothing\n")
  }

  @Test func callsHaveTheirNamesAndReasons() throws {
    #expect(
      try number("SELECT count(*) FROM syscall WHERE name = 'exec' AND why = 'not found'") == 2)
    #expect(try number("SELECT count(*) FROM syscall WHERE why = 'pending'") != nil)
    #expect(try text("SELECT cause FROM trap WHERE event = 'fault'") == "store page")
    #expect(try text("SELECT path FROM path WHERE path LIKE '%nothing' LIMIT 1") == "nothing")
  }

  @Test func runSlicesDoNotOverlapOnAHart() throws {
    let overlapping = """
      SELECT count(*) FROM (
        SELECT ts + dur AS until, lead(ts) OVER (PARTITION BY cpu ORDER BY id) AS next FROM sched
        WHERE dur >= 0
      ) WHERE until > next
      """
    #expect(try number(overlapping) == 0)
    #expect(try number("SELECT count(*) FROM sched WHERE end_state = 'S'") ?? 0 > 3)
  }

  @Test func processesHaveNamesAndLives() throws {
    #expect(try text("SELECT name FROM process WHERE pid = 2") == "sh")
    #expect(
      try number("SELECT count(*) FROM process WHERE name = 'crash' AND status = -1") == 1)
    #expect(try number("SELECT count(*) FROM process WHERE end_ts < start_ts") == 0)
  }
}
