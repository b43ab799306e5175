// The manager and its client, as somebody at the shell meets them: what specs they take and refuse,
// and that bytes go in and out unchanged.

import Sim
import TestGuests
import TestSupport
import Testing
import Userland

@Suite struct ContainerTests {
  /// A shell beside the manager, with a root at /c that holds `echo` and `cm_io`.
  private func session(_ files: [String: String] = [:], typed: [String]) throws -> GuestRun {
    try session(bytes: files.mapValues { Array($0.utf8) }, typed: typed)
  }

  private func session(bytes files: [String: [UInt8]], typed: [String]) throws -> GuestRun {
    try GuestRun([], typed: typed.map { $0 + "\n" }) { scenario in
      scenario.manager = true
      for name in ["echo", "sh"] {
        let program = Userland.all.first { $0.name == name }?.bytes ?? []
        scenario.files.append(GuestFile(path: "/c/\(name)", content: .file(program)))
      }
      let tester = TestGuests.image("cm_io")?.bytes ?? []
      for path in ["/cm_io", "/c/cm_io"] {
        scenario.files.append(GuestFile(path: path, content: .file(tester)))
      }
      for (path, content) in files {
        scenario.files.append(GuestFile(path: path, content: .file(content)))
      }
    }
  }

  @Test("Bytes go through a container unchanged, whatever the sizes they are read and written in")
  func bytesComeBack() throws {
    let run = try session(
      ["/io.json": #"{"init": ["/cm_io", "echo"], "fs": "/c", "nproc": 2}"#],
      typed: ["cm_io feed 100000 | dockv6 io.json | cm_io check 100000"])
    #expect(run.console.contains("100000 bytes are right"))
  }

  @Test(
    "A spec is refused with its line and column, what was found and what was expected",
    arguments: [
      ("{", ":1:2: expected a key, found the end"),
      (#"{"init": "/echo", "fs": "/c", "nproc": 0}"#, ":1:40: expected a number from 1"),
      (#"{"init": "/echo", "fs": "/c", "nproc": 01}"#, "expected no digit after a leading 0"),
      (#"{"init": "/echo", "fs": "/c"}"#, "expected the key nproc, or linux.resources.pids.limit"),
      (#"{"init": "/echo", "fs": "c", "nproc": 1}"#, "expected a path from /"),
      (#"{"init": "/echo", "fs": "/c", "nproc": 1, "nproc": 2}"#, "expected no second value"),
      (#"{"init": "/e\q", "fs": "/c", "nproc": 1}"#, ":1:"),
      (#"{"init": "/e\ud800", "fs": "/c", "nproc": 1}"#, ":1:"),
      (#"{"init": "/e\u0000", "fs": "/c", "nproc": 1}"#, ":1:"),
      (
        #"{"init": "/echo", "fs": "/c", "nproc": 1, "priority": 16}"#,
        "expected a priority from 0 to 15"
      ),
      (String(repeating: "[", count: 40), ":1:"), ("no json at all", ":1:1:"), ("", ":1:1:"),
    ])
  func isRefused(spec: String, words: String) throws {
    let run = try session(["/s.json": spec], typed: ["dockv6 s.json; dockv6 ps"])
    #expect(run.console.contains("dockv6: s.json:1:"), "\(run.console)")
    #expect(run.console.contains(words), "\(run.console)")
    // Nothing has been created, and the manager has not even been asked.
    #expect(!run.console.contains("cm: init"))
    #expect(!run.events.contains { $0.kind == .containerCreate })
  }

  @Test("A spec may be nested as deeply as it likes, on a stack of one page")
  func nestedSpec() throws {
    let spec = #"""
      {"process": {"args": ["/echo", "hi"], "x": [[[[[[1.5e3, {"a": {"b": "\u00e9"}}]]]]]]},
       "root": {"path": "/c", "x": {"a": ["\ud834\udd1e"]}},
       "mounts": [{"destination": "/p", "type": "tmpfs", "x": {"y": {"z": "\u00e9"}}, "options": ["ro"]}],
       "linux": {"resources": {"x": {"y": [[[[[["\u00e9"]]]]]]}, "pids": {"limit": 2, "x": {"y": ["\u00e9"]}}}}}
      """#
    let run = try session(["/s.json": spec], typed: ["dockv6 s.json"])
    #expect(run.console.contains("\nhi\n"), "\(run.console)")
    #expect(!run.console.contains("usertrap"))
  }

  @Test(
    "A root that is not there, or no directory, is refused as well, and nothing is made for it",
    arguments: ["/no", "/s.json", "/console"])
  func rootIsNotThere(root: String) throws {
    let spec = #"{"init": "/echo", "fs": "\#(root)", "nproc": 1}"#
    let run = try session(["/s.json": spec], typed: ["dockv6 s.json"])
    let words = "cm: request:1:25: expected a directory that there is, found \"\(root)\""
    #expect(run.console.contains(words), "\(run.console)")
    #expect(!run.events.contains { $0.kind == .containerCreate })
  }

  @Test(
    "A text that is no UTF-8 is refused at the byte where it goes wrong",
    arguments: [
      ([0x80], 2), ([0xc3, 0xa9, 0xbf], 3), ([0xc0, 0xaf], 2), ([0xc1, 0xbf], 2), ([0xc3], 2),
      ([0xe0, 0x9f, 0xbf], 2), ([0xe2, 0x82], 2), ([0xed, 0xa0, 0x80], 2), ([0xed, 0xbf, 0xbf], 2),
      ([0xf0, 0x8f, 0xbf, 0xbf], 2), ([0xf4, 0x90, 0x80, 0x80], 2), ([0xf5, 0x80, 0x80, 0x80], 2),
      ([0xff], 2), ([0xf0, 0x9f, 0x92], 2),
    ] as [([UInt8], Int)])
  func isNoUTF8(bytes: [UInt8], column: Int) throws {
    let head = Array(#"{"init": "/echo", "fs": "/c", "nproc": 1, "name": "#.utf8)
    let tail = Array(#""}"#.utf8)
    let spec = head + [UInt8(ascii: "\"")] + bytes + tail
    let run = try session(bytes: ["/s.json": spec], typed: ["dockv6 s.json"])
    #expect(
      run.console.contains(
        "s.json:1:\(head.count + column): expected UTF-8, found a byte that is none\n"),
      "\(run.console)")
    #expect(!run.events.contains { $0.kind == .containerCreate })
  }

  @Test("Every character there is can be in a text: the first and the last of each length")
  func isUTF8() throws {
    let text = "\u{7f}\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}"
    let run = try session(
      ["/s.json": #"{"init": ["/echo", "\#(text)"], "fs": "/c", "nproc": 1}"#],
      typed: ["dockv6 s.json"])
    #expect(run.console.contains("\n\(text)\n"), "\(run.console)")
  }

  @Test("No message of the manager, its client or the shell lets a name steer the terminal")
  func namesAreEscaped() throws {
    let run = try session(
      [
        "/s.json": #"{"k\u001bey": 1, "init": "/x\u001b[2J\u009b\u0007é", "fs": "/c", "nproc": 1}"#
      ], typed: ["dockv6 s.json", "dockv6 no\u{1b}[2J", "no\u{1b}[2J", "cd no\u{1b}[2J"])
    let typed = 3
    #expect(run.console.count { $0 == "\u{1b}" } == typed, "\(run.console)")
    for message in [
      #"the key k\x1bey is unknown"#, #"cm: init /x\x1b[2J\xc2\x9b\x07é, root /c"#,
      #"cm: cannot run /x\x1b[2J\xc2\x9b\x07é"#, #"dockv6: cannot open no\x1b[2J"#,
      #"exec no\x1b[2J failed"#, #"cannot cd no\x1b[2J"#,
    ] { #expect(run.console.contains(message), "\(message) in \(run.console)") }
  }

  @Test("A message that names something very long ends its line all the same")
  func longMessageEnds() throws {
    let name = String(repeating: "\\u0001", count: 126)
    let run = try session(
      ["/s.json": #"{"init": "/\#(name)", "fs": "/c", "nproc": 1}"#], typed: ["dockv6 s.json"])
    let lines = run.console.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix(#"cm: init /\x01\x01"#) && $0.utf8.count == 511 })
  }

  @Test("Escapes mean what they mean in JSON, and unknown keys are passed over with a warning")
  func escapesAndUnknownKeys() throws {
    let run = try session(
      [
        "/s.json": #"{"color": "red", "init": ["\/ec\u0068o", "a\u00e9b"], "fs": "/c", "nproc": 1}"#
      ], typed: ["dockv6 s.json"])
    #expect(run.console.contains("\naéb\n"), "\(run.console)")
    #expect(run.console.contains("warning: the key color is unknown"))
  }

  @Test("A client that asks a manager who is killed says so and ends, at whatever moment that is")
  func managerDies() throws {
    let run = try GuestRun(["cm_dies"])
    #expect(run.status == 0, "\(run.console)")
    #expect(
      run.console.contains("dockv6: the manager has ended before it took the request\n"),
      "\(run.console)")
  }

  @Test("The container's status is the client's, and bad use is told in one line")
  func statuses() throws {
    let run = try session(
      ["/s.json": #"{"init": ["/sh", "-c", "exit 3"], "fs": "/c", "nproc": 2}"#],
      typed: ["dockv6 s.json", "exit", "dockv6 nothing such; exit"])
    #expect(
      run.events.contains {
        $0.kind == .exit && $0[ExitEvent.status] == 3 && $0.container != .outside
      })
    #expect(
      run.events.contains {
        $0.kind == .exit && $0[ExitEvent.status] == 3 && $0.container == .outside
      })
    #expect(run.console.contains("usage"))
  }
}
