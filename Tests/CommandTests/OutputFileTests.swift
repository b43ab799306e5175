import Foundation
import Recorder
import Sim
import TestSupport
import Testing

/// Pages and exports get their names when they are whole, and take none that is a session's.
struct OutputFileTests {
  let folder: TemporaryFolder
  let session: String

  init() throws {
    folder = try TemporaryFolder()
    session = folder.file("s.db")
    try record(GuestRun.scenario(["pingpong", "200"]), to: session)
  }

  private static let verbs = [["report"], ["export", "--format", "csv"]]

  private func contents() throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for name in try folder.names {
      contents[name] = try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
    }
    return contents
  }

  private func write(_ verb: [String], to output: String) throws -> ToolRun {
    try DrydockTool.run(verb + ["s.db", "-o", output], in: folder.path)
  }

  @Test(arguments: verbs)
  func nothingThatBelongsToASessionIsReplaced(verb: [String]) throws {
    let writer = try TraceWriter(path: folder.file("live.db"), scenario: Scenario())
    for suffix in ["", "-wal", "-shm"] {
      try FileManager.default.copyItem(
        atPath: folder.file("live.db") + suffix, toPath: folder.file("cut.db") + suffix)
    }
    // By another name, too: what it is counts.
    try FileManager.default.copyItem(
      atPath: folder.file("cut.db-wal"), toPath: folder.file("renamed"))
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link"), withDestinationPath: folder.file("cut.db-wal"))
    _ = try folder.write("x", to: "gone.db-journal")
    let before = try contents()
    for output in [
      "s.db", "s.db-wal", "s.db-shm", "s.db-journal", "cut.db", "cut.db-wal", "cut.db-shm",
      "cut.db-journal", "live.db", "live.db-wal", "live.db-shm", "live.db-journal", "renamed",
      "link", "gone.db-journal",
    ] {
      let run = try write(verb, to: output)
      #expect(run.status == 2 && run.errorLines.count == 1, "\(output): \(run)")
      #expect(run.errors.contains("expected another file"), "\(output): \(run)")
    }
    #expect(try contents() == before)
    _ = try writer.finish(NameTable(), at: .zero, .inputEnded)
  }

  @Test(arguments: verbs)
  func whatFailsLeavesWhatWasThere(verb: [String]) throws {
    _ = try folder.write("before", to: "out")
    // One without its events, a disk that is full, and a session that is none.
    try TraceSurgery.alter(session, "DELETE FROM event WHERE seq = 200", into: folder.file("b.db"))
    let before = try contents()
    for (command, words) in [
      ("exec $DRYDOCK \(verb.joined(separator: " ")) b.db -o out", "events are missing"),
      ("exec $DRYDOCK \(verb.joined(separator: " ")) none.db -o out", "No such file"),
      ("ulimit -f 1; exec $DRYDOCK \(verb.joined(separator: " ")) s.db -o out", "to the end"),
      ("ulimit -f 1; exec $DRYDOCK \(verb.joined(separator: " ")) s.db -o new", "to the end"),
    ] {
      let run = try DrydockTool.shell(command, in: folder.path)
      #expect(run.status == 2 && run.errors.contains(words), "\(command): \(run)")
    }
    #expect(try contents() == before)
  }

  @Test(arguments: verbs)
  func whatIsThereIsReplacedWithItsPermissions(verb: [String]) throws {
    let target = try folder.write("before", to: "target")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: target)
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("out"), withDestinationPath: "target")
    #expect(try write(verb, to: "out").status == 0)
    let attributes = try FileManager.default.attributesOfItem(atPath: target)
    #expect(attributes[.posixPermissions] as? Int == 0o640)
    #expect((attributes[.size] as? Int ?? 0) > 1000)
    #expect(try folder.names == ["out", "s.db", "target"])
    for (output, words) in [("", "empty name"), (".", "Is a directory"), ("no/x", "No such file")] {
      let run = try write(verb, to: output)
      #expect(run.status == 2 && run.errors.contains(words), "\(run)")
    }
    let piped = try DrydockTool.shell(
      "$DRYDOCK \(verb.joined(separator: " ")) s.db -o /dev/stdout | wc -c", in: folder.path)
    #expect(Int(piped.output.filter(\.isNumber)) ?? 0 > 1000, "\(piped)")
  }
}
