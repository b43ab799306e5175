// A session that is served while it is being recorded, and one that was cut short.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

/// A recording that goes on for as long as a test wants it to.
struct GrowingSession {
  let writer: TraceWriter
  private let names: NameTable

  init(path: String) throws {
    writer = try TraceWriter(path: path, scenario: Scenario())
    var names = NameTable()
    _ = names.intern(Array("<b>grown</b>".utf8))
    self.names = names
  }

  var time: Int64 { writer.eventCount * 100 }

  /// Two processes take turns.
  func grow(turns: Int) throws {
    for _ in 0..<turns {
      let pid = Int32(writer.eventCount / 2 % 2 + 1)
      for kind in [Event.Kind.dispatch, .yield] {
        writer.receive(
          Event(
            time: Instant(instructions: UInt64(time)), hart: HartID(raw: 0), kind: kind,
            process: ProcessID(raw: pid), container: ContainerID(raw: 0)))
      }
    }
    try writer.handOver(names, committing: true)
    // A second hand-over waits until the first has been written.
    try writer.handOver(names, committing: true)
  }

  func finish() throws {
    _ = try writer.finish(
      names, at: Instant(instructions: UInt64(time)), .halted(status: 0))
  }
}

struct LiveServeTests {
  let folder: TemporaryFolder
  var session: String { folder.file("s.db") }

  init() throws { folder = try TemporaryFolder() }

  private func wait(_ page: ServedPage, until condition: ([String: Any]) -> Bool) throws
    -> [String: Any]
  {
    var answer: [String: Any] = [:]
    try waitFor {
      answer = try page.get("/session").json
      return condition(answer)
    }
    return answer
  }

  @Test func aRecordingIsFollowedToItsEnd() throws {
    let growing = try GrowingSession(path: session)
    try growing.grow(turns: 100)
    let page = try ServedPage(session)
    let first = try wait(page) { $0["read"] as? Int == 200 }
    #expect(first["state"] as? String == "recording" && first["known"] as? Int == 200)
    try growing.grow(turns: 10_000)
    _ = try wait(page) { $0["read"] as? Int == 20_200 }
    let window = try page.get("/window?from=\(growing.time - 1000)&to=\(growing.time)&pixels=500")
    let slices = try #require(window.json["slices"] as? [String: [Any]])
    #expect(slices["seq"]?.last as? Int == 20_199)
    #expect(try page.query("SELECT count(*) FROM event").body.contains("[[20200]]"))
    // Whoever looks on must not keep the recorder from closing the file.
    try growing.finish()
    #expect(try folder.names == ["s.db"])
    let last = try wait(page) { $0["state"] as? String == "complete" }
    #expect(last["known"] as? Int == 20_200)
    #expect(try page.end().status == 0)
  }

  /// What the page shows of the first is not mixed with the second.
  @Test func anotherRecordingInItsPlaceIsNoticed() throws {
    let growing = try GrowingSession(path: session)
    try growing.grow(turns: 100)
    let page = try ServedPage(session)
    _ = try wait(page) { $0["read"] as? Int == 200 }
    for name in try folder.names { try FileManager.default.removeItem(atPath: folder.file(name)) }
    try record(GuestRun.scenario(["pingpong", "1000"]), to: session)
    try expectNoticed(page)
  }

  @Test func anotherSessionInTheFileOfACompleteOneIsNoticed() throws {
    try record(GuestRun.scenario(["primes", "30"]), to: session)
    let page = try ServedPage(session)
    _ = try wait(page) { $0["known"] as? Int == $0["read"] as? Int }
    #expect(try page.query("SELECT 1").body.contains("[[1]]"))
    try record(GuestRun.scenario(["pingpong", "1000"]), to: session, overwrite: true)
    try expectNoticed(page)
  }

  /// Copied over it, so that the file is the same one and only what is in it has changed.
  @Test func anotherSessionCopiedOverItIsNoticed() throws {
    try record(GuestRun.scenario(["primes", "30"]), to: session)
    let page = try ServedPage(session)
    _ = try wait(page) { $0["known"] as? Int == $0["read"] as? Int }
    let other = folder.file("other.db")
    try record(GuestRun.scenario(["pingpong", "1000"]), to: other)
    let copied = try DrydockTool.shell("cat other.db > s.db", in: folder.path)
    #expect(copied.status == 0)
    try expectNoticed(page)
  }

  /// Every answer is that the file is another one.
  private func expectNoticed(_ page: ServedPage) throws {
    var trouble: String?
    try waitFor {
      trouble = try page.get("/progress").json["trouble"] as? String
      return trouble != nil
    }
    let words = "\(session): is another file by now"
    #expect(trouble?.hasPrefix(words) == true, "\(trouble ?? "")")
    for path in ["/session", "/event?seq=7", "/window?from=0&to=100&pixels=10"] {
      let error = try page.get(path).json["error"] as? String
      #expect(error?.hasPrefix(words) == true, "\(path): \(error ?? "")")
    }
    let error = try page.query("SELECT count(*) FROM event").json["error"] as? String
    #expect(error?.hasPrefix(words) == true, "\(error ?? "")")
    #expect(try page.end().status == 0)
  }

  @Test func aRecordingThatWasCutShortIsSaidToBe() throws {
    let growing = try GrowingSession(path: session)
    try growing.grow(turns: 50)
    // What a killed recorder leaves behind.
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(
        atPath: session + suffix, toPath: folder.file("cut.db") + suffix)
    }
    let page = try ServedPage(folder.file("cut.db"))
    let answer = try wait(page) { $0["read"] as? Int == 100 }
    #expect(answer["state"] as? String == "cut" && answer["known"] as? Int == 100)
    // The page says it by the state, in a line that changes with it.
    #expect((answer["summary"] as? String)?.contains("cut short") == false)
    #expect(try page.end().status == 0)
    try growing.finish()
  }
}
