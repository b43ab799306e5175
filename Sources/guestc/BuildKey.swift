// What an output was made from. SwiftPM runs a command again when a date has changed; the key says
// whether anything else has. It holds every flag and the contents of every input, so an output
// with the same key is the same output, whatever dates say.

import Foundation

struct BuildKey {
  private var text: String

  /// - Parameters:
  ///   - flags: whatever else decides the output.
  ///   - inputs: sources, whose contents count.
  ///   - tools: the compilers, which count by path, size and date.
  init(flags: [String], inputs: [URL], tools: [URL]) throws {
    text = flags.joined(separator: "\n") + "\n"
    for input in inputs {
      let bytes = try Data(contentsOf: input)
      text += "\(input.path) \(bytes.count) \(BuildKey.hash(bytes))\n"
    }
    for tool in tools {
      let attributes = try FileManager.default.attributesOfItem(
        atPath: tool.resolvingSymlinksInPath().path)
      let date = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
      text += "\(tool.path) \(attributes[.size] ?? 0) \(date)\n"
    }
  }

  /// Runs `make` unless `output` stands as it was made under this same key.
  func unlessMade(_ output: URL, keptIn folder: URL, make: () throws -> [UInt8]) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appending(path: "\(output.lastPathComponent).key")
    let standing = try? Data(contentsOf: output)
    if let standing, (try? String(contentsOf: file, encoding: .utf8)) == record(standing) { return }
    try? FileManager.default.removeItem(at: file)
    let made = Data(try make())
    if standing != made { try made.write(to: output) }
    try record(made).write(to: file, atomically: true, encoding: .utf8)
  }

  private func record(_ output: Data) -> String {
    text + "output \(output.count) \(BuildKey.hash(output))\n"
  }

  /// FNV-1a, 64 bits.
  private static func hash(_ bytes: Data) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    bytes.withUnsafeBytes { buffer in
      for byte in buffer { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    return String(hash, radix: 16)
  }
}
