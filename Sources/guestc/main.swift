// The build plugin's hand: guest sources in, Swift files out that hold the executables.

import Foundation

/// `guestc runtime|program SOURCE|index NAME… --module M --toolchain DIR --runtime DIR --work DIR
/// --tool-sources DIR --output FILE`
func main(_ arguments: [String]) throws {
  var words: [String] = []
  var options: [String: String] = [:]
  var rest = arguments[...]
  while let word = rest.popFirst() {
    if word.hasPrefix("--") { options[word] = rest.popFirst() } else { words.append(word) }
  }
  func option(_ name: String) throws -> String {
    guard let value = options[name] else { throw GuestcError("\(name) is missing") }
    return value
  }
  func folder(_ name: String) throws -> URL {
    URL(filePath: try option(name), directoryHint: .isDirectory)
  }

  let module = try option("--module")
  let output = URL(filePath: try option("--output"))
  let work = try folder("--work")
  let compiler = GuestCompiler(
    toolchain: try folder("--toolchain"), runtime: try folder("--runtime"), work: work,
    module: module)
  let tools = ["clang", "swiftc", "ld.lld"].map { compiler.toolchain.appending(path: $0) }
  let inputs =
    try files(in: compiler.runtime, ["S", "c", "h", "ld", "swift"])
    + files(in: try folder("--tool-sources"), ["swift"])
  func make(from sources: [URL], _ body: () throws -> [UInt8]) throws {
    let key = try BuildKey(
      flags: words + [module] + GuestCompiler.flags, inputs: sources + inputs, tools: tools)
    try key.unlessMade(output, keptIn: work.appending(path: "keys"), make: body)
  }

  switch words.first {
  case "runtime":
    try make(from: []) {
      try compiler.compileRuntime()
      return Array("// The guest runtime is built.\n".utf8)
    }
  case "program" where words.count == 2:
    let source = URL(filePath: words[1])
    let headers = try files(in: source.deletingLastPathComponent(), ["h"])
    try make(from: [source] + headers) {
      GeneratedSource.image(
        name: source.deletingPathExtension().lastPathComponent,
        bytes: try compiler.compileProgram(source), module: module)
    }
  case "index":
    try make(from: []) { GeneratedSource.index(words.dropFirst(), module: module) }
  default:
    throw GuestcError("expected runtime, program SOURCE or index NAME…")
  }
}

do {
  try main(Array(CommandLine.arguments.dropFirst()))
} catch {
  FileHandle.standardError.write(Data("guestc: \(error)\n".utf8))
  exit(1)
}
