// The build plugin's hand: files of text in, one Swift file out that holds them.

import Foundation

/// `embed --root DIR --output FILE FILE…`: a constant for each file, in an enum for each folder. So
/// `Page/Script/rows.js`, below the root, becomes `PageScript.rows`. The comment that a file opens with
/// is for who reads the file, and is left out.
func main(_ arguments: [String]) throws {
  guard arguments.count > 4, arguments[0] == "--root", arguments[2] == "--output" else {
    throw EmbedError("expected --root DIR --output FILE FILE…")
  }
  let root = URL(filePath: arguments[1], directoryHint: .isDirectory)
  let output = URL(filePath: arguments[3])
  var enums: [(name: String, constants: [String])] = []
  for path in arguments[4...] {
    let file = URL(filePath: path)
    let folders = file.deletingLastPathComponent().pathComponents
      .dropFirst(root.pathComponents.count)
    let name = folders.joined()
    if enums.last?.name != name { enums.append((name, [])) }
    enums[enums.count - 1].constants.append(try constant(file))
  }
  let bodies = enums.map { "enum \($0.name) {\n\($0.constants.joined(separator: "\n"))}\n" }
  let made = Data(
    ("// Made by the build; see Plugins/EmbedText.\n\n" + bodies.joined(separator: "\n")).utf8)
  // What has not changed keeps its date, so that nothing is compiled anew.
  if (try? Data(contentsOf: output)) != made { try made.write(to: output) }
}

private func constant(_ file: URL) throws -> String {
  let text = body(of: try String(contentsOf: file, encoding: .utf8))
  // As many signs as make nothing in the text an end or an escape.
  var signs = "#"
  while text.contains("\"\"\"\(signs)") || text.contains("\\\(signs)") { signs += "#" }
  let name = file.deletingPathExtension().lastPathComponent
  return "  static let \(name) = \(signs)\"\"\"\n\(text)\n\"\"\"\(signs)\n"
}

/// A text without the comment that it opens with, and without empty lines around.
private func body(of text: String) -> String {
  var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
  if lines.first?.hasPrefix("/*") == true {
    if let end = lines.firstIndex(where: { $0.hasSuffix("*/") }) { lines = lines[(end + 1)...] }
  } else {
    lines = lines.drop { $0.hasPrefix("//") }
  }
  lines = lines.drop { $0.isEmpty }
  while lines.last?.isEmpty == true { lines.removeLast() }
  return lines.joined(separator: "\n")
}

struct EmbedError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

do {
  try main(Array(CommandLine.arguments.dropFirst()))
} catch {
  FileHandle.standardError.write(Data("embed: \(error)\n".utf8))
  exit(1)
}
