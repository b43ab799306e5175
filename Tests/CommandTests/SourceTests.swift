import Foundation
import TestSupport
import Testing

/// A program compiled with `-g`, and who says at which line of it something happened.
@Suite struct SourceTests {
  let folder: TemporaryFolder

  /// The fault is in line 6, which `main` calls from line 14.
  private static let source = """
    #include "guest.h"

    static volatile int balance;

    static __attribute__((noinline)) void deposit(int *where, int amount) {
      *where = amount;
      balance += amount;
    }

    int main(int argc, char **argv) {
      (void)argv;
      deposit((int *)&balance, 3);
      if (fork() == 0)
        deposit((int *)0x3ffffff000, argc);
      wait(0);
      return 0;
    }
    """

  init() throws {
    folder = try TemporaryFolder()
    _ = try folder.write(Self.source, to: "account.c")
  }

  private func drydock(_ arguments: String...) throws -> ToolRun {
    try DrydockTool.run(arguments, in: folder.path)
  }

  /// Compiles it, and records a run of it.
  private func record(_ flags: String = "-g", program: String = "account") throws {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    let compiled = try DrydockTool.shell(
      "clang --config=\(package)/Sources/Userland/Runtime/guest.cfg \(flags) account.c -o account",
      in: folder.path)
    try #require(compiled.status == 0, "\(compiled)")
    let run = try drydock(
      "record", "--file", "account:/account", "--", "sh", "-c",
      program == "account" ? "account" : "cp account \(program); \(program)")
    try #require(run.output.contains("unexpected scause"), "\(run)")
  }

  private func query(_ sql: String) throws -> String {
    try drydock("query", "session.db", "--csv", sql).output
  }

  @Test("A fault is told with file, line and function, by everything that names it")
  func aFaultHasItsLine() throws {
    try record()
    #expect(
      try query("SELECT function, source FROM fault")
        == "function,source\ndeposit,account.c:6\n")
    let story = try drydock("stat", "story", "session.db").output
    #expect(story.contains(", at account.c:6 in deposit."), "\(story)")
    let dump = try drydock("dump", "session.db").output
    #expect(dump.contains(#" at="account.c:6 in deposit""#), "\(dump)")
    #expect(try drydock("verify", "session.db").status == 0)
    #expect(try drydock("replay", "session.db").status == 0)
  }

  @Test("--live says it too, while the machine runs")
  func liveHasItsLine() throws {
    try record()
    let run = try drydock("run", "--live", "--file", "account:/account", "--", "account")
    let line = try #require(run.errorLines.first { $0.contains(" fault ") })
    #expect(line.hasSuffix(#" at="account.c:6 in deposit""#), "\(line)")
  }

  @Test("A program is read once, whoever runs it and however often; the userland makes no row")
  func aProgramIsReadOnce() throws {
    try record()
    #expect(try query("SELECT path, problem FROM program") == "path,problem\naccount,\n")
    // The exec, and the fork of who faults.
    #expect(try query("SELECT count(*) FROM program_run") == "count(*)\n2\n")
    let lines = try drydock("info", "session.db").output
    #expect(lines.contains("source        account: "), "\(lines)")
  }

  @Test("A copy of a program's file is the same program")
  func aCopyIsTheSame() throws {
    try record(program: "copied")
    #expect(try query("SELECT function, source FROM fault").hasSuffix("deposit,account.c:6\n"))
    #expect(try query("SELECT path FROM program") == "path\ncopied\n")
  }

  @Test("Without -g there is the function; without symbols there is a reason")
  func whatIsMissingIsSaid() throws {
    try record("-O1")
    #expect(try query("SELECT function, source FROM fault").hasSuffix("\ndeposit,\n"))
    #expect(
      try query("SELECT problem FROM program")
        .contains("it has no line table (compile it with -g)"))
    try FileManager.default.removeItem(atPath: folder.file("session.db"))
    try record("-s")
    #expect(try query("SELECT function, source FROM fault").hasSuffix("\n,\n"))
    #expect(try query("SELECT problem FROM program").contains("it has no symbols"))
  }

  @Test("A session of programs without symbols has none of it")
  func nothingCostsNothing() throws {
    #expect(try drydock("record", "--", "echo", "hi").status == 0)
    #expect(
      try query(
        """
        SELECT (SELECT count(*) FROM program) + (SELECT count(*) FROM program_run)
          + (SELECT count(*) FROM symbol) + (SELECT count(*) FROM source_line) AS rows
        """) == "rows\n0\n")
  }
}
