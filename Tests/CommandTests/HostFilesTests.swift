import Foundation
import TestGuests
import TestSupport
import Testing

/// What `--file`, `--root` and a scenario's `host:` bring from the host: never what a link in a folder
/// leads to outside of it, unless that was asked for.
struct HostFilesTests {
  let folder: TemporaryFolder
  private let manager = FileManager.default

  init() throws {
    folder = try TemporaryFolder()
    try manager.createDirectory(
      atPath: folder.file("root/deep"), withIntermediateDirectories: true)
    try manager.createDirectory(atPath: folder.file("out"), withIntermediateDirectories: true)
    _ = try folder.write("secret\n", to: "out/key")
    _ = try folder.write("inside\n", to: "root/deep/own")
  }

  private func link(_ path: String, to target: String) throws {
    try manager.createSymbolicLink(atPath: folder.file(path), withDestinationPath: target)
  }

  private func drydock(_ arguments: [String]) throws -> ToolRun {
    try DrydockTool.run(arguments, in: folder.path)
  }

  /// Every way in which the folder `root` can come to the guest's disk.
  private func ways(following: Bool) throws -> [[String]] {
    let hello = TestGuests.image("sleep_forever")?.bytes ?? []
    try Data(hello).write(to: URL(fileURLWithPath: folder.file("root/prog")))
    _ = try folder.write(
      #"{"init": "/prog", "fs": "/r", "nproc": 1, "priority": 15}"#, to: "s.json")
    let key = following ? "followLinks: true\n" : ""
    _ = try folder.write("files: { /r: { host: root } }\n\(key)", to: "s.yaml")
    let option = following ? ["--follow-links"] : []
    let end = ["--limit-ticks", "9"]
    return [
      ["run", "--file", "root:/r"] + option + ["--", "cat", "/r/leak"],
      ["run", "--scenario", "s.yaml", "--", "cat", "/r/leak"],
      ["run", "--spec", "s.json", "--root", "root"] + option + end,
    ]
  }

  @Test("A name that is no UTF-8 is taken byte for byte, by every way in, and shown escaped")
  func rawNames() throws {
    let run = try DrydockTool.shell(
      #"""
      n=$(printf 'caf\351'); mkdir "$n" && echo inside >"$n/own" && echo "cat /r/own" >"$n/keys" &&
      printf '{"init": "/sh", "fs": "/r", "nproc": 1, "priority": 15}' >"$n/s.json" &&
      printf 'files: { /r: { host: . } }\n' >"$n/s.yaml" &&
      $DRYDOCK run --file "$n:/r" -- cat /r/own && $DRYDOCK run --file "$n/own:/" -- cat /own &&
      $DRYDOCK run --scenario "$n/s.yaml" -- cat /r/own &&
      $DRYDOCK run --file "$n:/r" --script "$n/keys"
      $DRYDOCK run --spec "$n/s.json" --root "$n" --limit-ticks 9
      cp "$n/own" "$n/$n"; $DRYDOCK run --file "$n/$n:/" -- true
      $DRYDOCK run --file "$n/$n:/a" -- cat /a; $DRYDOCK run --file "$n/none:/a" -- true
      """#, in: folder.path)
    #expect(run.output.components(separatedBy: "inside").count == 6, "\(run)")
    #expect(!run.errors.contains("No such file or directory\ndrydock"), "\(run.errors)")
    let nameless = #"caf\xe9/caf\xe9: found a name that is no UTF-8"#
    #expect(run.errors.contains(nameless), "\(run.errors)")
    #expect(run.errors.contains(#"caf\xe9/none: No such file"#), "\(run.errors)")
  }

  @Test("A link out of the folder is refused in one line that names it, by every way in")
  func linkOut() throws {
    for target in ["../out/key", folder.file("out/key"), "/etc/passwd", "deep/../../out"] {
      try? manager.removeItem(atPath: folder.file("root/leak"))
      try link("root/leak", to: target)
      for arguments in try ways(following: false) {
        let run = try drydock(arguments)
        #expect(run.status == 2, "\(arguments) \(target)")
        #expect(run.errorLines.count == 1 && run.output.isEmpty, "\(run.errors)")
        #expect(run.errors.contains("root/leak: found a link to "), "\(run.errors)")
        #expect(run.errors.contains("--follow-links"), "\(run.errors)")
      }
    }
  }

  @Test("Told to, it follows them, from the command line and from a scenario")
  func linkOutIsWanted() throws {
    try link("root/leak", to: "../out/key")
    let ways = try ways(following: true)
    for arguments in ways.prefix(2) {
      let run = try drydock(arguments)
      #expect(run.status == 0 && run.output == "secret\n", "\(run.errors)")
    }
    #expect(try drydock(ways[2]).output.contains("cm: init /prog"))
    let mixed = try drydock(
      ["run", "--follow-links", "--scenario", "s.yaml", "--", "cat", "/r/leak"])
    #expect(mixed.output == "secret\n")
  }

  @Test("A link within the folder, and one that is named itself, are followed")
  func linkInside() throws {
    try link("root/near", to: "deep/own")
    try link("root/folder", to: "deep")
    try link("alias", to: "root")
    let run = try drydock(["run", "--file", "alias:/r", "--", "cat", "/r/near", "/r/folder/own"])
    #expect(run.status == 0 && run.output == "inside\ninside\n", "\(run.errors)")
  }

  @Test("A neighbour whose name begins as the folder's does is outside of it")
  func neighbour() throws {
    try manager.createDirectory(atPath: folder.file("root2"), withIntermediateDirectories: true)
    _ = try folder.write("x", to: "root2/x")
    try link("root/leak", to: "../root2/x")
    #expect(try drydock(["run", "--file", "root:/r", "--", "true"]).status == 2)
  }

  @Test("Loops, links to nothing, sockets, pipes and long names are told in one line each")
  func oddThings() throws {
    let cases: [(make: String, words: String)] = [
      ("ln -s . root/odd", "root/odd: found a link back to a folder that it is in"),
      ("ln -s ../root/deep/.. root/odd", "root/odd: found a link back to a folder"),
      ("ln -s odd root/odd", "root/odd: found a link that leads to nothing: Too many levels"),
      ("ln -s nowhere root/odd", "root/odd: found a link that leads to nothing: No such file"),
      ("mkfifo root/odd", "root/odd: found a pipe, a special file, expected a file or a folder"),
      ("ln -s /dev/zero root/odd", "root/odd: found a link to /dev/zero, outside"),
      (
        "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"root/odd\")'",
        "root/odd: found a socket, a special file"
      ),
      ("touch root/fifteen-letters", "/r/fifteen-letters: found a name of 15 bytes"),
      ("touch \"$(printf 'root/a\\377')\"", #"root: found the name a\xff, which is no UTF-8"#),
    ]
    for (make, words) in cases {
      #expect(try DrydockTool.shell(make, in: folder.path).status == 0, "\(make)")
      let run = try drydock(["run", "--file", "root:/r", "--", "true"])
      #expect(run.status == 2 && run.errorLines.count == 1, "\(make): \(run.errors)")
      #expect(run.errors.contains(words), "\(make): \(run.errors)")
      #expect(
        try DrydockTool.shell("rm -f root/odd root/fif* root/a*", in: folder.path).status == 0)
    }
    let device = try drydock(
      ["run", "--follow-links", "--file", "/dev/zero:/r", "--", "true"])
    #expect(device.errors.contains("/dev/zero: found a device, a special file"))
  }

  @Test("Links that lead to each other's folders twice each do not cost what their paths would")
  func manyPaths() throws {
    // Each folder reaches the next one by two names: 2^20 paths.
    let depth = 20
    for level in 0..<depth {
      try manager.createDirectory(
        atPath: folder.file("root/l\(level)"), withIntermediateDirectories: true)
      if level + 1 < depth {
        for name in ["a", "b"] { try link("root/l\(level)/\(name)", to: "../l\(level + 1)") }
      }
    }
    let run = try drydock(["run", "--file", "root:/r", "--", "true"])
    #expect(run.status == 2 && run.errorLines.count == 1, "\(run.errors)")
    #expect(run.errors.contains("found more than 65535 files and folders"), "\(run.errors)")
  }
}
