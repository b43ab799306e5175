import Foundation
import TestSupport
import Testing

/// `drydock races`.
@Suite struct RacesCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func record(_ program: [String]) throws -> String {
    let path = folder.file("t.db")
    let run = try DrydockTool.run(["record", "-o", path, "--"] + program)
    #expect(run.status == 0, "\(run)")
    return path
  }

  @Test func whatIsFoundIsTold() throws {
    let path = try record(["lostupdate", "5"])
    let run = try DrydockTool.run(["races", path])
    #expect(run.status == 1)
    #expect(run.errors.isEmpty)
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 6)
    #expect(lines[0].hasPrefix("race on page number, at 0x"))
    #expect(lines[0].hasSuffix(", seen 5 times"))
    #expect(lines[1].hasPrefix("  pid 3 stores 4 bytes at 0x"))
    #expect(lines[2].contains(" of lostupdate, holding no mutex, after event "))
  }

  @Test func theSameIsInJSON() throws {
    let run = try DrydockTool.run(["races", "--json", try record(["lostupdate", "5"])])
    #expect(run.status == 1)
    let found = try #require(
      JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let races = try #require(found["races"] as? [[String: Any]])
    #expect(races.count == 2)
    #expect(races.allSatisfy { $0["page"] as? String == "number" && $0["count"] as? Int == 5 })
    let accesses = try #require(races[0]["accesses"] as? [[String: Any]])
    #expect(accesses.map { $0["pid"] as? Int } == [3, 4])
    #expect((found["lockCycles"] as? [Any])?.isEmpty == true)
  }

  @Test func withoutRacesNothingIsSaid() throws {
    let run = try DrydockTool.run(["races", try record(["lostupdate", "safe", "5"])])
    #expect(run.status == 0 && run.output.isEmpty && run.errors.isEmpty, "\(run)")
  }

  @Test func aFileThatIsNoTraceIsAnErrorInOneLine() throws {
    let path = folder.file("no.db")
    try Data("not a trace".utf8).write(to: URL(fileURLWithPath: path))
    let run = try DrydockTool.run(["races", path])
    #expect(run.status == 2)
    #expect(run.errors.split(separator: "\n").count == 1)
  }
}
