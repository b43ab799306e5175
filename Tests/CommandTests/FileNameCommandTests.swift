import Foundation
import Recorder
import Sim
import TestSupport
import Testing

/// The name that is looked at is the name that is opened, whatever it is.
struct FileNameCommandTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func expectRefusal(_ run: ToolRun, _ words: String) {
    #expect(run.status == 2 && run.errorLines.count == 1, "\(run)")
    #expect(run.errors.contains(words), "\(run.errors)")
  }

  @Test(arguments: [
    ("", "found an empty name"), ("other.db/", "ends in a slash"), ("new.db/", "ends in a slash"),
    (".", "is a folder"), ("other.db/.", "Not a directory"), ("none/x.db", "No such file"),
    ("other.db", "exists already"), ("link.db", "exists already"), ("nowhere.db", "exists already"),
  ])
  func aNameThatIsNoNewFilesIsRefusedAtOnce(name: String, words: String) throws {
    let other = folder.file("other.db")
    try TraceSurgery.execute("CREATE TABLE bookmarks (url)", on: other)
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link.db"), withDestinationPath: other)
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("nowhere.db"), withDestinationPath: folder.file("nothing"))
    let before = try Data(contentsOf: URL(fileURLWithPath: other))
    let run = try DrydockTool.run(["record", "-o", name, "--", "true"], in: folder.path)
    expectRefusal(run, words)
    #expect(try Data(contentsOf: URL(fileURLWithPath: other)) == before)
    #expect(try folder.names == ["link.db", "nowhere.db", "other.db"])
  }

  /// SQLite would take these for something else than names.
  @Test func noNameIsAnAddress() throws {
    let other = folder.file("other.db")
    try TraceSurgery.execute("CREATE TABLE bookmarks (url)", on: other)
    let before = try Data(contentsOf: URL(fileURLWithPath: other))
    for name in ["file:other.db", ":memory:", "file:x.db?mode=memory"] {
      let run = try DrydockTool.run(["record", "-o", name, "--", "true"], in: folder.path)
      #expect(run.status == 0, "\(run)")
      #expect(try folder.names.contains(name))
      for arguments in [
        ["info", name], ["replay", name], ["query", name, "SELECT 1"], ["verify", name],
      ] {
        #expect(try DrydockTool.run(arguments, in: folder.path).status == 0, "\(arguments)")
      }
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: other)) == before)
    expectRefusal(try DrydockTool.run(["info", ""], in: folder.path), "found an empty name")
  }

  @Test func aNameThatIsNoUTF8IsTakenByteForByte() throws {
    let run = try DrydockTool.shell(
      #"""
      n=$(printf 'caf\351.db'); m=$(printf 'caf\350.html')
      $DRYDOCK record -o "$n" -- true && $DRYDOCK info "$n" && $DRYDOCK replay "$n" &&
      $DRYDOCK report "$n" -o "$m" && [ -e "$n" ] && [ -e "$m" ] && $DRYDOCK info "./$n"
      """#, in: folder.path)
    #expect(run.status == 0, "\(run)")
    #expect(run.output.contains(#"caf\xe9.db"#), "\(run)")
    #expect(run.errors.contains(#"wrote caf\xe8.html"#), "\(run)")
    let again = try DrydockTool.shell(
      #"$DRYDOCK record -o "$(printf 'caf\351.db')" -- true"#, in: folder.path)
    expectRefusal(again, #"caf\xe9.db: exists already"#)
    // What goes into a trace is text.
    let words = try DrydockTool.shell(#"$DRYDOCK run -- echo "$(printf '\351')""#, in: folder.path)
    expectRefusal(words, "expected words of UTF-8")
  }
}
