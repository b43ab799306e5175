import Recorder
import Replay
import Sim
import TestSupport

/// Sessions that tests record and replay.
enum RecordedSession {
  /// A shell session with pipelines, a background job, a crash and files, on some harts.
  static func shell(harts: Int, seed: UInt64 = 3) -> Scenario {
    var scenario = GuestRun.scenario(
      [],
      typed: [
        "echo one two three | wc\n", "spin 90000 & spin 90000 & spin 90000 & primes 15\n",
        "pingpong 10 | cat\n", "crash\n",
        "mkdir d; cd d; echo x > y; ls\n", "sleep 2; nothing\n",
      ])
    scenario.harts = harts
    scenario.seed = seed
    scenario.script.append(ScriptLine(bytes: Array("echo late\n".utf8), atTick: 9))
    return scenario
  }

  /// Replays a trace to whatever ends it.
  static func replay(_ path: String) throws -> ReplayStep {
    var session = try CheckedReplay(try TraceReader(path: path))
    while true {
      let step = try session.step()
      if step != .matched { return step }
    }
  }

  static func events(_ path: String) throws -> [Event] {
    let stream = try TraceReader(path: path).events()
    var all: [Event] = []
    while let event = try stream.next() { all.append(event) }
    return all
  }
}
