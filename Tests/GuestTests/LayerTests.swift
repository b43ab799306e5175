// Roots that are put together: layers and images, mounts, what is shared and what is read-only; and what dockv6 does
// with images and with what containers leave behind.

import Sim
import TestSupport
import Testing
import Userland

@Suite struct LayerTests {
  /// A shell beside the manager; an image `base` of two layers, with a few programs, and a directory /srv.
  private func session(
    _ files: [String: String] = [:], harts: Int = 1, typed: [String],
    adjust: (inout Scenario) -> Void = { _ in }
  ) throws -> GuestRun {
    try GuestRun([], typed: typed.map { $0 + "\n" }) { scenario in
      scenario.manager = true
      scenario.harts = harts
      scenario.limitTicks = 20_000
      func put(_ path: String, _ bytes: [UInt8]) {
        scenario.files.append(GuestFile(path: path, content: .file(bytes)))
      }
      for name in ["cat", "echo", "find", "ls", "mkdir", "rm", "sh", "sleep", "touch"] {
        let program = Userland.image(name)?.bytes ?? []
        put("/images/base/0/\(name)", program)
      }
      put("/images/base/0/motd", Array("low\n".utf8))
      put("/images/base/0/d/one", Array("1\n".utf8))
      put("/images/base/0/d/two", Array("2\n".utf8))
      put("/images/base/1/motd", Array("high\n".utf8))
      put("/images/base/layers", Array("/images/base/0\n/images/base/1\n".utf8))
      put("/srv/f", Array("served\n".utf8))
      scenario.files.append(GuestFile(path: "/foo", content: .directory))
      for (path, text) in files { put(path, Array(text.utf8)) }
      scenario.limits.blocks = 4000
      scenario.limits.inodes = 300
      adjust(&scenario)
    }
  }

  private func spec(_ command: String, _ rest: String) -> String {
    #"{"init": ["/sh", "-c", "\#(command)"], "nproc": 4, \#(rest)}"#
  }

  /// What is shown between a command and the next prompt.
  private func answers(_ run: GuestRun) -> [String] {
    run.console.components(separatedBy: "\n$ ").dropFirst().map { part in
      part.split(separator: "\n").dropFirst().filter { !$0.hasPrefix("cm: init ") }
        .joined(separator: "\n")
    }
  }

  // MARK: Specs

  @Test(
    "Layers are laid on each other, and what is written goes to none of them", arguments: [1, 2, 4])
  func layers(harts: Int) throws {
    let run = try session(
      [
        "/a.json": spec(
          "cat motd; echo mine > motd; rm d/one; echo 3 > d/three; cat motd; find d",
          #""layers": ["base"]"#),
        "/b.json": spec("cat motd; find d", #""layers": ["base"]"#),
      ], harts: harts,
      typed: [
        "dockv6 a.json", "dockv6 b.json", "find /images/base/0/d; cat /images/base/1/motd",
      ])
    let parts = answers(run)
    #expect(
      parts.first == "high\nmine\nd\nd/three\nd/two"
        || parts.first == "high\nmine\nd\nd/two\nd/three")
    #expect(parts.dropFirst().first == "high\nd\nd/one\nd/two", "\(run.console)")
    #expect(
      parts.dropFirst(2).first
        == "/images/base/0/d\n/images/base/0/d/one\n/images/base/0/d/two\nhigh")
  }

  @Test("Directories are layers too, under a root that the spec names, and the last one is on top")
  func directories() throws {
    let run = try session(
      [
        "/upmost/motd": "top\n",
        "/a.json": spec("cat motd", #""layers": ["base", "/upmost"], "fs": "/foo""#),
        "/b.json": spec("cat motd", #""layers": ["/upmost", "base"], "root": {"path": "/foo"}"#),
      ], typed: ["dockv6 a.json", "dockv6 b.json", "find /foo"])
    #expect(answers(run).prefix(3) == ["top", "high", "/foo"], "\(run.console)")
  }

  @Test(
    "A root that is read-only takes nothing, with layers and without",
    arguments: ["", #""layers": ["base"],"#])
  func readOnly(layers: String) throws {
    let run = try session(
      [
        "/a.json": spec(
          "cat motd; echo x > motd; rm motd; mkdir e; cat motd",
          #"\#(layers) "root": {"path": "/images/base/0", "readonly": true}"#.replacing(
            layers.isEmpty ? "#" : "/images/base/0", with: layers.isEmpty ? "#" : "/foo"))
      ], typed: ["dockv6 a.json"])
    let text = layers.isEmpty ? "low" : "high"
    #expect(
      answers(run).first
        == "\(text)\nopen motd failed\nrm: motd failed to delete\nmkdir: e failed to create\n\(text)",
      "\(run.console)")
  }

  @Test(
    "What is shared two containers and the machine write, each into a union of its own",
    arguments: [1, 2, 4])
  func shared(harts: Int) throws {
    let rest = #""layers": ["base"], "shared": ["foo"]"#
    let run = try session(
      [
        "/a.json": spec("echo one > foo/a; echo x > own; cat foo/b", rest),
        "/b.json": spec("echo two > foo/b; cat foo/a own", rest),
      ], harts: harts,
      typed: ["echo zero > foo/b", "dockv6 a.json", "dockv6 b.json", "cat foo/a foo/b; find /foo"])
    #expect(
      answers(run).dropFirst().prefix(3) == [
        "zero", "one\ncat: cannot open own", "one\ntwo\n/foo\n/foo/b\n/foo/a",
      ], "\(run.console)")
  }

  @Test("Mounts are made where the spec has them, in a root without layers as well")
  func mounts() throws {
    let run = try session(
      [
        "/a.json": spec(
          "cat data/f; echo x > data/f; cat one/file; echo y > rw/g",
          #"""
          "fs": "/images/base/0", "mounts": [
            {"destination": "/data", "source": "/srv", "type": "bind", "options": ["ro", "nosuid"]},
            {"destination": "/one/file", "source": "/srv/f", "options": ["rbind"]},
            {"destination": "/rw", "source": "/srv", "options": ["bind"]},
            {"destination": "/dev", "type": "tmpfs", "options": ["size=1"]}]
          """#)
      ], typed: ["dockv6 a.json", "cat /srv/g; find /images/base/0/data /images/base/0/one"])
    #expect(
      answers(run).prefix(2) == [
        "dockv6: a.json: warning: a mount of type tmpfs is unknown and left out\n"
          + "served\nopen data/f failed\nserved",
        "y\n/images/base/0/data\n/images/base/0/one\n/images/base/0/one/file",
      ], "\(run.console)")
  }

  @Test(
    "A root that makes no sense is refused with the place, and nothing is made",
    arguments: [
      (#""layers": []"#, "expected a layer, found ]"),
      (#""layers": "base""#, "expected an array of images and directories"),
      (#""layers": ["a/b"]"#, "expected an image's name, or a path from /"),
      (#""layers": ["/a:b"]"#, "expected an image's name, or a path from /"),
      (#""layers": ["/a/../b"]"#, "expected an image's name, or a path from /"),
      (#""layers": ["base"], "layers": ["base"]"#, "expected no second value for it"),
      (#""layers": ["base"], "shared": ["a/b"]"#, "expected a name of 1 to 14 bytes"),
      (#""layers": ["base"], "mounts": [{"source": "/a"}]"#, "expected the key destination"),
      (
        #""layers": ["base"], "mounts": [{"destination": "a"}]"#,
        "expected a path from / of at most 127 bytes, without .."
      ),
      (
        #""layers": ["base"], "mounts": [{"destination": "/a", "type": "bind"}]"#,
        "expected a source that is a path from /, for a bind"
      ),
      (#""fs": "/foo", "mounts": [7]"#, "expected an object with destination"),
      (#""root": {"path": "/foo", "readonly": 1}"#, "expected true or false, found 1"),
      (#""layers": ["nosuch"]"#, "found no image nosuch, expected one of dockv6 images"),
      (#""layers": ["/nosuch"]"#, "found no directory /nosuch, expected that layer"),
      (#""shared": ["foo"]"#, "expected the key fs, or root.path"),
    ])
  func isRefused(rest: String, words: String) throws {
    let run = try session(["/a.json": spec("echo no", rest)], typed: ["dockv6 a.json"])
    #expect(
      run.console.contains("dockv6: a.json:") && run.console.contains(words), "\(run.console)")
    #expect(!run.events.contains { $0.kind == .containerCreate })
  }

  @Test("What cannot be mounted ends the container with status 125, and says what it was")
  func mountFails() throws {
    let run = try session(
      [
        "/a.json": spec(
          "echo no",
          #""layers": ["base"], "mounts": [{"destination": "/x", "source": "/no", "type": "bind"}]"#
        ),
        "/b.json": spec("echo no", #""layers": ["/images", "/images/base"]"#),
      ], typed: ["dockv6 a.json", "dockv6 b.json", "dockv6 ps"])
    let parts = answers(run)
    #expect(parts.first == "cm: found no /no")
    #expect(
      parts.dropFirst().first == "cm: cannot lay layers on each other in /var/cm/c2/root",
      "\(run.console)")
    #expect(run.console.components(separatedBy: "exited 125").count == 3)
  }

  @Test(
    "A container that is started again finds what it has written in its layer", arguments: [1, 2])
  func restarts(harts: Int) throws {
    let run = try session(
      [
        "/a.json": spec(
          "cat n; echo x > n; sleep 20; exit 1",
          #""layers": ["base"], "name": "a", "restart": "on-failure:2""#)
      ], harts: harts,
      typed: [
        "dockv6 create a.json", "dockv6 wait a; dockv6 logs a", "dockv6 diff a; dockv6 diff 1",
        "dockv6 commit 1 two; find /images/two", "dockv6 prune; find /var/cm -name 'c*'",
      ])
    let parts = answers(run)
    #expect(parts.dropFirst().first == "1\nx\nx\ncat: cannot open n", "\(run.console)")
    #expect(parts.dropFirst(2).first == "A /n\nA /n")
    #expect(parts.dropFirst(3).first?.contains("/images/two/0/n") == true)
    #expect(parts.dropFirst(4).first == "container 3\n/var/cm", "\(run.console)")
  }

  @Test("Mounts of a container are gone with it, and the machine has seen none of them")
  func mountsAreItsOwn() throws {
    let run = try session(
      ["/a.json": spec("sleep 30", #""layers": ["base"], "shared": ["foo"]"#)],
      typed: [
        "dockv6 create a.json", "sleep 5; find /var/cm/c1/root", "sleep 60; umount /var/cm/c1/root",
      ])
    #expect(
      answers(run).prefix(3) == [
        "1", "/var/cm/c1/root", "umount: /var/cm/c1/root is not mounted, or in use",
      ], "\(run.console)")
  }

  // MARK: Images

  @Test("Images are listed, with their layers, files and bytes")
  func listsImages() throws {
    let run = try session(typed: ["dockv6 images"])
    let bytes = ["cat", "echo", "find", "ls", "mkdir", "rm", "sh", "sleep", "touch"].reduce(0) {
      $0 + (Userland.image($1)?.bytes.count ?? 0)
    }
    #expect(
      answers(run).first == """
        IMAGE          LAYERS  FILES    BYTES
        base           2       13       \(bytes + 13)
        """)
  }

  /// What a container has changed, while it runs and afterwards.
  private static let changes = """
    echo x > motd; rm d/one; rm d/two; rm d; mkdir d; echo 3 > d/three; mkdir e; echo 4 > e/f
    """

  @Test(
    "Diff tells what was added, changed and removed, of a container that runs and of one that has ended"
  )
  func diff() throws {
    let run = try session(
      ["/a.json": spec(LayerTests.changes + "; sleep 200", #""layers": ["base"], "name": "a""#)],
      typed: [
        "dockv6 create a.json", "sleep 20; dockv6 diff a", "dockv6 kill a; dockv6 diff 1",
        "dockv6 diff nosuch", "find /var/cm/c1 -maxdepth 1",
      ])
    let parts = answers(run)
    let expected = ["A /d/three", "A /e", "A /e/f", "C /motd", "D /d/one", "D /d/two"]
    #expect(
      parts.dropFirst().first?.split(separator: "\n").map(String.init).sorted() == expected,
      "\(run.console)")
    #expect(
      parts.dropFirst(2).first?.split(separator: "\n").map(String.init).sorted() == expected,
      "\(run.console)")
    #expect(parts.dropFirst(3).first == "dockv6: no such container: nosuch")
    #expect(!run.console.contains("c1/low") && !run.console.contains("c1/full"))
  }

  @Test("A commit is an image that shows what the container showed")
  func commit() throws {
    let run = try session(
      [
        "/a.json": spec(
          LayerTests.changes + "; find / -name '[a-e]' -o -name '[f-z]*e'", #""layers": ["base"]"#),
        "/b.json": spec("cat motd d/three e/f; find d e; cat d/one", #""layers": ["two"]"#),
      ],
      typed: [
        "dockv6 a.json", "dockv6 commit 1 two; dockv6 rm 1; find /var/cm -name 'c*'",
        "dockv6 b.json",
        "dockv6 commit 2 two", "dockv6 commit 2 no/name",
      ])
    let parts = answers(run)
    #expect(parts.dropFirst().first == "/var/cm")
    #expect(
      parts.dropFirst(2).first == "x\n3\n4\nd\nd/three\ne\ne/f\ncat: cannot open d/one",
      "\(run.console)")
    #expect(
      parts.dropFirst(3).first?.contains("cannot make /images/two: it is there already") == true)
    #expect(parts.dropFirst(4).first?.contains("expected a name of 1 to 14 bytes") == true)
  }

  @Test("A build makes a layer for each step, and done again it makes none")
  func build() throws {
    let file = "# a site\nFROM base\ncopy /srv /www/\nrun echo made > log; rm d/one\nrun cat log\n"
    let run = try session(
      ["/site.build": file, "/a.json": spec("cat www/srv/f log; find d", #""layers": ["site"]"#)],
      typed: [
        "dockv6 build site.build", "dockv6 build site.build other", "dockv6 a.json",
        "echo new > /srv/f; dockv6 build site.build", "dockv6 a.json",
      ])
    let parts = answers(run)
    let made =
      "made copy /srv\nmade run echo made > log; rm d/one\nmade\nmade run cat log\nimage site: 5 layers"
    let kept =
      "kept copy /srv\nkept run echo made > log; rm d/one\nkept run cat log\nimage other: 5 layers"
    #expect(parts.first == made, "\(run.console)")
    #expect(parts.dropFirst().first == kept)
    #expect(parts.dropFirst(2).first == "served\nmade\nd\nd/two")
    #expect(parts.dropFirst(3).first == made)
    #expect(parts.dropFirst(4).first == "new\nmade\nd\nd/two")
    #expect(run.events.filter { $0.kind == .containerCreate }.count == 6)
  }

  @Test(
    "A build that cannot be done says in which line, and leaves nothing half made",
    arguments: [
      ("run true\n", "dockv6: x.build:1: expected from IMAGE first"),
      ("from nosuch\n", "dockv6: x.build:1: expected an image of dockv6 images, or scratch"),
      ("from base\nfrom base\n", "dockv6: x.build:2: expected from only once, at the beginning"),
      ("from base\njump\n", "dockv6: x.build:2: expected from, copy or run"),
      ("from base\nrun false\n", "dockv6: x.build:2: run false failed"),
      ("from base\ncopy /nosuch /x\n", "dockv6: cannot open /nosuch"),
      ("from base\ncopy /srv ../x\n", "dockv6: x.build:2: expected copy FROM TO"),
      ("from scratch\nrun true\n", "dockv6: x.build:2: expected something to run it in"),
      ("", "expected from, and steps after it"),
    ])
  func buildFails(text: String, words: String) throws {
    let run = try session(
      ["/x.build": text], typed: ["dockv6 build x.build", "find /images -name x -o -name l"])
    let parts = answers(run)
    #expect(parts.first?.contains(words) == true, "\(run.console)")
    #expect(parts.dropFirst().first == "")
  }

  @Test("Inspect is JSON, with the spec, the layers and how it is")
  func inspect() throws {
    let spec = self.spec("sleep 100", #""layers": ["base"], "name": "q\"t""#)
    let run = try session(
      ["/a.json": spec], typed: ["dockv6 create a.json", "sleep 5; dockv6 inspect 1"])
    let text = (answers(run).dropFirst().first ?? "")
      .replacing(/"initPid": \d+/, with: #""initPid": 9"#)
      .replacing(/{"pids.max": "4",[^}]*}/, with: #"{"pids.max": "4"}"#)
    #expect(
      text == """
        {
          "id": 1,
          "state": "running",
          "name": "q\\"t",
          "init": "/sh",
          "image": "base",
          "limit": 4,
          "processes": 2,
          "initPid": 9,
          "limits": {"pids.max": "4"},
          "layers": ["/images/base/0", "/images/base/1"],
          "upper": "/var/cm/c1/upper",
          "spec": \(spec)
        }
        """, "\(run.console)")
  }

  @Test("Names that would steer a terminal are shown escaped")
  func namesAreEscaped() throws {
    let run = try session(
      [
        "/a.json":
          #"{"init": ["/touch", "\u001b[2J", "\u009bx"], "layers": ["base"], "nproc": 1, "name": "\u001b\u009b"}"#
      ], typed: ["dockv6 a.json", "dockv6 diff 1", "dockv6 inspect 1"])
    let bytes = Array(run.console.utf8)
    #expect(!bytes.contains(0x1b))
    #expect(!zip(bytes, bytes.dropFirst()).contains { $0 == 0xc2 && $1 < 0xa0 })
    #expect(
      answers(run).dropFirst().first?.split(separator: "\n").sorted()
        == [#"A /\x1b[2J"#, #"A /\xc2\x9bx"#], "\(run.console)")
    #expect(run.console.contains(#""name": "\u001b\u009b""#))
  }

  @Test(
    "Files are copied into a container that runs and out of it; it is renamed, and removed when it has ended"
  )
  func others() throws {
    let run = try session(
      ["/a.json": spec("sleep 500", #""layers": ["base"], "name": "a""#)],
      typed: [
        "dockv6 create a.json", "sleep 5; dockv6 cp /srv/f a:/in; dockv6 exec a /cat in < /srv/f",
        "dockv6 cp a:/motd /out; cat /out", "dockv6 rename a b; dockv6 rm b",
        "dockv6 kill b; dockv6 cp /srv/f b:/in",
        "dockv6 rm b; dockv6 logs 1; find /var/cm -name c1",
      ])
    #expect(
      answers(run).dropFirst().prefix(5) == [
        "served", "high", "dockv6: container 1 runs; dockv6 kill 1 ends it",
        "dockv6: container 1 does not run, or has no slot left", "dockv6: no such container: 1",
      ], "\(run.console)")
  }

  @Test(
    "Directories are copied with all that is in them, both ways, to where docker's cp puts them",
    arguments: [1, 2, 4])
  func directories(harts: Int) throws {
    let run = try session(
      ["/srv/d/g": "deep\n", "/a.json": spec("sleep 900", #""layers": ["base"], "name": "a""#)],
      harts: harts,
      typed: [
        "dockv6 create a.json; sleep 9", "dockv6 cp /srv a:/; dockv6 cp /srv a:/new",
        "dockv6 cp /srv/. a:d; dockv6 exec a /find /srv /new /d < /srv/f",
        "dockv6 cp a:/new /; dockv6 cp a:srv/d /new/; dockv6 cp a:/srv/f /new/h; find /new; cat /new/d/g",
        "dockv6 cp cm a:/big; dockv6 cp a:big /big; wc cm big",
      ])
    let parts = answers(run)
    #expect(
      parts.dropFirst(2).first?.split(separator: "\n").sorted() == [
        "/d", "/d/d", "/d/d/g", "/d/f", "/d/one", "/d/two", "/new", "/new/d", "/new/d/g", "/new/f",
        "/srv", "/srv/d", "/srv/d/g", "/srv/f",
      ], "\(run.console)")
    #expect(
      parts.dropFirst(3).first?.split(separator: "\n").sorted()
        == ["/new", "/new/d", "/new/d/g", "/new/f", "/new/h", "deep"], "\(run.console)")
    let counts = parts.dropFirst(4).first?.split(separator: "\n").prefix(2)
      .map { $0.split(separator: " ").prefix(3).joined(separator: " ") }
    #expect(counts?.count == 2 && counts?.first == counts?.last, "\(run.console)")
  }

  @Test(
    "What cannot be copied is told, from inside as well, and the rest is",
    arguments: [
      ("/srv a:/motd", "dockv6: /motd is no directory"),
      ("/srv/f a:/no/", "dockv6: /no/ is no directory"),
      ("/srv/f a:/no/f", "dockv6: cannot make /no/f"),
      ("/srv nosuch:/x", "dockv6: no such container: nosuch"),
      ("/nosuch a:/x", "dockv6: cannot open /nosuch"),
      ("a:/nosuch /x", "dockv6: cannot open /nosuch"),
      ("/srv/f /x:a", "usage: dockv6 cp PATH ID:PATH | cp ID:PATH PATH"),
      ("a:/motd a:/x", "usage: dockv6 cp PATH ID:PATH | cp ID:PATH PATH"),
    ])
  func copyFails(words: String, message: String) throws {
    let run = try session(
      ["/a.json": spec("sleep 900", #""layers": ["base"], "name": "a""#)],
      typed: [
        "dockv6 create a.json; sleep 9", "dockv6 cp \(words)", "find /x; dockv6 diff a",
        "dockv6 cp a:/motd m; cat m",
      ])
    let parts = answers(run)
    #expect(parts.dropFirst().first == message, "\(run.console)")
    #expect(parts.dropFirst(2).first == "find: cannot open /x", "\(run.console)")
    #expect(parts.dropFirst(3).first == "high")
  }

  @Test("On a disk that fills up a copy says so, and leaves the container as it runs")
  func copyFillsDisk() throws {
    let run = try session(
      ["/a.json": spec("sleep 900", #""layers": ["base"], "name": "a""#)],
      typed: [
        "dockv6 create a.json; sleep 9", "dockv6 cp /srv a:/x", "rm /srv/full; dockv6 cp /srv a:/y",
        "dockv6 exec a /cat /y/f < /srv/f",
      ]
    ) { scenario in
      let used = (try? Simulation(scenario))?.usage.blocks ?? 0
      scenario.files.append(
        GuestFile(path: "/srv/full", content: .file(Array(repeating: 7, count: 200_000))))
      scenario.limits.blocks = used + 200 + 290 + 60 + 100
    }
    let parts = answers(run)
    #expect(
      parts.dropFirst().first?.hasSuffix("dockv6: cannot write /x/full") == true, "\(run.console)")
    #expect(parts.dropFirst(3).first == "served", "\(run.console)")
  }

  @Test(
    "Prune takes no layer that a build uses, finished or not; what a killed build left it takes")
  func pruneDuringBuild() throws {
    let run = try session(
      ["/a.build": "from base\ncopy /srv /www\nrun sleep 400\nrun cat www/f\n"],
      typed: [
        "dockv6 build a.build &", "sleep 30; dockv6 prune; find /images/.layers -name done",
        "wait", "dockv6 prune; rm /images/a/layers", "sh -c 'dockv6 build a.build & sleep 9; exit'",
        "dockv6 prune",
      ])
    let parts = answers(run)
    let during = parts.dropFirst().first ?? ""
    #expect(!during.contains("layer "), "\(run.console)")
    #expect(during.split(separator: "\n").filter { $0.hasSuffix("/done") }.count == 1)
    #expect(run.console.contains("made run sleep 400"), "\(run.console)")
    #expect(run.console.contains("served\nmade run cat www/f\nimage a: 5 layers"), "\(run.console)")
    #expect(parts.dropFirst(3).first == "")
    #expect(parts.dropFirst(5).first?.split(separator: "\n").count == 0, "\(run.console)")
  }

  @Test("Two builds of one layer at a time make it once", arguments: [1, 2, 4])
  func buildsAtOnce(harts: Int) throws {
    let run = try session(
      ["/a.build": "from base\nrun sleep 40; echo x > x\nrun cat x\n"], harts: harts,
      typed: [
        "dockv6 build a.build one &", "dockv6 build a.build two &", "wait; wait",
        "find /images/.layers -name '[0-9]*' -mindepth 1 -maxdepth 1",
      ])
    for image in ["one", "two"] {
      #expect(run.console.contains("image \(image): 4 layers"), "\(run.console)")
    }
    #expect(run.console.components(separatedBy: "made run sleep 40").count == 2)
    #expect(run.console.components(separatedBy: "kept run sleep 40").count == 2)
    #expect(!run.console.contains("failed"), "\(run.console)")
  }

  @Test("Prune removes what ended containers have left, and nothing of those that run")
  func prune() throws {
    let run = try session(
      [
        "/a.json": spec("echo a", #""layers": ["base"]"#),
        "/b.json": spec("sleep 500", #""layers": ["base"]"#),
      ],
      typed: [
        "dockv6 a.json; dockv6 a.json; dockv6 create b.json", "dockv6 prune",
        "find /var/cm -name 'c[0-9]'",
      ])
    let parts = answers(run)
    #expect(
      parts.dropFirst().first?.split(separator: "\n").sorted() == ["container 1", "container 2"],
      "\(run.console)")
    #expect(parts.dropFirst(2).first == "/var/cm/c3")
  }

  @Test("Prune keeps the layers that an image or a running container stands on, and no other")
  func pruneLayers() throws {
    let run = try session(
      [
        "/a.build": "from base\nrun touch a\n", "/b.build": "from base\nrun touch b\n",
        "/c.build": "from base\nrun touch c\n",
        "/b.json": spec("sleep 900; find b", #""layers": ["b"]"#),
      ],
      typed: [
        "dockv6 build a.build; dockv6 build b.build; dockv6 build c.build",
        "dockv6 create b.json; sleep 20; rm /images/b/layers /images/c/layers",
        "dockv6 prune", "dockv6 prune; find /images/.layers -mindepth 1 -maxdepth 1",
        "dockv6 kill 4; dockv6 prune", "dockv6 build a.build",
      ])
    let parts = answers(run)
    #expect(parts.dropFirst(2).first?.hasPrefix("layer ") == true, "\(run.console)")
    #expect(parts.dropFirst(3).first?.split(separator: "\n").count == 2)
    #expect(parts.dropFirst(4).first?.split(separator: "\n").count == 2)
    #expect(parts.dropFirst(5).first == "kept run touch a\nimage a: 3 layers")
  }

  @Test("When the disk is full no root is made, and the manager goes on")
  func diskIsFull() throws {
    let run = try session(
      ["/a.json": spec("echo yes", #""layers": ["base"]"#)],
      typed: ["dockv6 a.json", "cat /big > /full", "dockv6 a.json", "rm /full; dockv6 a.json"]
    ) { scenario in
      let used = (try? Simulation(scenario))?.usage.blocks ?? 0
      scenario.files.append(
        GuestFile(path: "/big", content: .file(Array(repeating: 7, count: 270_000))))
      scenario.limits.blocks = used + 269 + 290 + 60 + 100
    }
    let parts = answers(run)
    #expect(parts.first == "yes")
    #expect(parts.dropFirst(2).first?.contains("yes") == false, "\(run.console)")
    #expect(parts.dropFirst(3).first == "yes", "\(run.console)")
  }
}
