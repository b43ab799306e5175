// Pages whose queries and commands are followed by their answers. Made anew, a page shows what the
// answers are now; a test holds that this is what it says.

import Foundation
import Recorder
import Scenarios

enum AnsweredPage {
  /// The page with every answer as it is now.
  ///
  /// A block "```sql TRACE" is followed by one "```text" with the answer; a block "```console" has
  /// commands after the prompt that it begins with, such as "$ ", each followed by its output. Paths are
  /// from the working directory; what commands write, they write elsewhere.
  ///
  /// - Throws: `ToolError` if the page cannot be read or is not of this form, or what a query throws.
  static func refreshed(_ path: String) throws -> String {
    guard let page = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw ToolError("\(path): cannot be read")
    }
    let folder = try WorkingFolder()
    defer { folder.remove() }
    var lines = page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
    var result: [String] = []
    while let line = lines.popFirst() {
      result.append(line)
      if line.hasPrefix("```sql ") {
        let query = block(&lines)
        result += query + ["```"]
        dropAnswer(&lines)
        let trace = String(line.dropFirst(7))
        let answer = TextTable.lines(
          try TraceQuery.run(query.joined(separator: "\n"), on: trace))
        result += ["", "```text"] + answer + ["```"]
      } else if line == "```console" {
        result += try answered(block(&lines), in: folder)
        result.append("```")
      }
    }
    return result.joined(separator: "\n")
  }

  private static func block(_ lines: inout ArraySlice<String>) -> [String] {
    var block: [String] = []
    while let line = lines.popFirst(), line != "```" { block.append(line) }
    return block
  }

  private static func dropAnswer(_ lines: inout ArraySlice<String>) {
    guard let start = lines.firstIndex(where: { !$0.isEmpty }), lines[start] == "```text" else {
      return
    }
    lines = lines[(start + 1)...]
    _ = block(&lines)
  }

  /// A block's commands, each with its output as it is now.
  private static func answered(_ block: [String], in folder: WorkingFolder) throws -> [String] {
    // The guest's shell has a prompt of its own, so that not every page can have that.
    guard let prompt = block.first?.prefix(2) else { return [] }
    var result: [String] = []
    var rest = block[...]
    while let line = rest.popFirst() {
      let old = rest.prefix { !$0.hasPrefix(prompt) }
      rest = rest.dropFirst(old.count)
      let new = try output(of: String(line.dropFirst(2)), in: folder)
      // How long something took is another each time.
      let isSame = old.map(withoutTimes) == new.map(withoutTimes)
      result += [line] + (isSame ? Array(old) : new)
    }
    return result
  }

  private static func withoutTimes(_ line: String) -> String {
    line.replacing(/in [0-9.]+ s, at [0-9.]+ times the speed/, with: "in some time")
  }

  /// What a command prints, messages included, with this very tool as `drydock`.
  private static func output(of command: String, in folder: WorkingFolder) throws -> [String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "drydock() { \"$DRYDOCK\" \"$@\"; }\n\(command)"]
    let tool = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    process.environment = ProcessInfo.processInfo.environment.merging(["DRYDOCK": tool]) { $1 }
    process.currentDirectoryURL = folder.url
    process.standardInput = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    var lines = String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}

/// A folder in which the commands of a page find what is in the working directory, and leave what they
/// make.
private struct WorkingFolder {
  let url: URL

  init() throws {
    let files = FileManager.default
    url = files.temporaryDirectory.appending(path: "drydock-\(getpid())-page")
    try files.createDirectory(at: url, withIntermediateDirectories: true)
    let here = URL(filePath: files.currentDirectoryPath)
    for name in try files.contentsOfDirectory(atPath: here.path) {
      try files.createSymbolicLink(
        at: url.appending(path: name), withDestinationURL: here.appending(path: name))
    }
  }

  func remove() { try? FileManager.default.removeItem(at: url) }
}
