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
      for (path, text) in files {
        scenario.files.append(GuestFile(path: path, content: .file(Array(text.utf8))))
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
      (#"{"init": "/echo", "fs": "/c"}"#, "expected the key nproc"),
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

  @Test("Escapes mean what they mean in JSON, and unknown keys are passed over with a warning")
  func escapesAndUnknownKeys() throws {
    let run = try session(
      [
        "/s.json": #"{"color": "red", "init": ["\/ec\u0068o", "a\u00e9b"], "fs": "/c", "nproc": 1}"#
      ], typed: ["dockv6 s.json"])
    #expect(run.console.contains("\naéb\n"), "\(run.console)")
    #expect(run.console.contains("warning: the key color is unknown"))
  }

  @Test("The container's status is the client's, and bad use is told in one line")
  func statuses() throws {
    let run = try session(
      ["/s.json": #"{"init": ["/sh", "-c", "exit 3"], "fs": "/c", "nproc": 2}"#],
      typed: ["dockv6 s.json", "exit", "dockv6 nothing such; exit"])
    #expect(run.events.contains { $0.kind == .exit && $0.a0 == 3 && $0.container != .outside })
    #expect(run.events.contains { $0.kind == .exit && $0.a0 == 3 && $0.container == .outside })
    #expect(run.console.contains("usage"))
  }
}
