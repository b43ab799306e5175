// A C program, compiled as a user's own is, and what LLVM says of its addresses.

import Foundation
import TestSupport
import Testing

struct CompiledProgram {
  let path: String
  let bytes: [UInt8]
  private let folder: TemporaryFolder

  static let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Everything that a line table is made of: static and inlined functions, loops, a switch.
  static let source = """
    #include "guest.h"

    static volatile int balance;

    static __attribute__((noinline)) void deposit(int amount) {
      int before = balance;
      balance = before + amount;
    }

    static inline int doubled(int value) {
      return value * 2;
    }

    static __attribute__((noinline)) int weekday(int day) {
      switch (day % 7) {
      case 0: return balance;
      case 1: return 12 * day;
      case 2: deposit(3); return 0;
      case 3: printf("%d\\n", day); return 9;
      default: return -1;
      }
    }

    int main(int argc, char **argv) {
      (void)argv;
      for (int i = 0; i < argc + 3; i++) {
        deposit(doubled(i));
        if (weekday(i) > 3)
          balance -= 1;
      }
      return balance == 0;
    }
    """

  init(_ flags: String...) throws {
    folder = try TemporaryFolder()
    let source = folder.file("counter.c")
    try Data(CompiledProgram.source.utf8).write(to: URL(filePath: source))
    path = folder.file("counter")
    _ = try CompiledProgram.run(
      ["clang", "--config=Sources/Userland/Runtime/guest.cfg"] + flags + [source, "-o", path])
    bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
  }

  /// What stands where: the function, and the line that the instruction came from; nil where there is none.
  struct Place: Equatable, CustomStringConvertible {
    var function: String
    var file: String?
    var line: Int64?
    var description: String { "\(file ?? "?"):\(line ?? 0) in \(function)" }
  }

  /// LLVM's answer for each address: the line of the innermost function, the name of the outermost.
  func places(_ addresses: [UInt64]) throws -> [Place] {
    let input = folder.file("addresses")
    let text = addresses.map { "0x" + String($0, radix: 16) + "\n" }.joined()
    try Data(text.utf8).write(to: URL(filePath: input))
    // The toolchain's own lies beside its clang.
    let output = try CompiledProgram.run(
      [
        "sh", "-c",
        "PATH=$(dirname $(realpath $(command -v clang))):$PATH llvm-symbolizer -e \(path) <\(input)",
      ])
    return output.components(separatedBy: "\n\n").compactMap { answer in
      let lines = answer.split(separator: "\n")
      guard lines.count >= 2 else { return nil }
      // "path:line:column", and what is only a guess says so.
      let parts = lines[1].split(separator: ":")
      let line = parts.count >= 3 ? Int64(parts[1]) : nil
      let isKnown = (line ?? 0) > 0 && !lines[1].contains("approximate")
      return Place(
        function: String(lines[lines.count - 2]),
        file: isKnown ? parts[0].split(separator: "/").last.map(String.init) : nil,
        line: isKnown ? line : nil)
    }
  }

  private static func run(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.currentDirectoryURL = package
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(arguments)")
    return String(decoding: text, as: UTF8.self)
  }
}
