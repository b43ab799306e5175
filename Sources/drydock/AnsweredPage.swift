// Pages whose queries and commands are followed by their answers. Made anew, a page shows what the
// answers are now; a test holds that this is what it says.

import Foundation
import Recorder
import Scenarios

enum AnsweredPage {
  /// The page with every answer as it is now.
  ///
  /// A block "```sql TRACE" is followed by one "```text" with the answer; a block "```console" has
  /// commands after "$ ", each followed by its output. Paths are from the working directory.
  ///
  /// - Throws: `ToolError` if the page cannot be read or is not of this form, or what a query throws.
  static func refreshed(_ path: String) throws -> String {
    guard let page = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw ToolError("\(path): cannot be read")
    }
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
        for command in block(&lines) where command.hasPrefix("$ ") {
          result.append(command)
          result += try output(of: String(command.dropFirst(2)))
        }
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

  /// What a command prints, with this very tool as `drydock`.
  private static func output(of command: String) throws -> [String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "drydock() { \"$DRYDOCK\" \"$@\"; }\n\(command)"]
    let tool = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    process.environment = ProcessInfo.processInfo.environment.merging(["DRYDOCK": tool]) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    var lines = String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}
