// The page's scripts and styles are files of their own, and all of them are in the pages, in one
// executable.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

@Suite struct PageFilesTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/drydock/Page")

  /// A file's text without the comment that it opens with.
  private func texts(_ kind: String) throws -> [(name: String, body: String)] {
    let files = try FileManager.default.contentsOfDirectory(
      at: PageFilesTests.folder.appending(path: kind == "js" ? "Script" : "Style"),
      includingPropertiesForKeys: nil)
    #expect(files.allSatisfy { $0.pathExtension == kind } && files.count > 5)
    return try files.map { file in
      let text = try String(contentsOf: file, encoding: .utf8)
      let end = try #require(text.range(of: "\n\n"), "\(file.lastPathComponent)")
      let head = text[..<end.lowerBound]
      #expect(head.hasPrefix(kind == "js" ? "// " : "/* "), "\(file.lastPathComponent)")
      return (file.lastPathComponent, text[end.upperBound...].trimmingCharacters(in: .newlines))
    }
  }

  @Test func everyFileIsInThePagesThatItIsFor() throws {
    let folder = try TemporaryFolder()
    let session = folder.file("s.db")
    try record(GuestRun.scenario(["true"]), to: session)
    // An executable that was copied elsewhere has all of them.
    let tool = folder.file("drydock")
    try FileManager.default.copyItem(atPath: DrydockTool.path, toPath: tool)
    let page = folder.file("r.html")
    let process = Process()
    process.executableURL = URL(filePath: tool)
    process.arguments = ["report", session, "-o", page]
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let report = try String(contentsOfFile: page, encoding: .utf8)
    let served = try ServedPage(session)
    let (script, style) = (try served.get("/page.js").body, try served.get("/page.css").body)
    for (name, body) in try texts("js") {
      // Those of a comparison's page alone are looked at there.
      if name == "compared.js" { continue }
      #expect(report.contains(body) == !["served.js", "query.js"].contains(name), "\(name)")
      #expect(script.contains(body) == (name != "held.js"), "\(name)")
    }
    for (name, body) in try texts("css") {
      #expect(report.contains(body) && style.contains(body), "\(name)")
    }
    #expect(!report.contains("The page begins, with what it knows"))
  }
}
