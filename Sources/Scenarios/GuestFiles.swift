// What is brought from the host onto the guest's disk.

import Foundation
import Recorder
import Sim
import Userland

/// An argument as it can be shown in a message.
package func printableArgument(_ text: String) -> String {
  let longest = 200
  guard text.utf8.count > longest else { return "\"\(printable(text))\"" }
  return "\"\(printable(text.utf8.prefix(longest)))\"… (\(text.utf8.count) bytes)"
}

package enum GuestFiles {
  /// The programs that every machine has.
  package static var userland: [GuestFile] {
    Userland.all.map { GuestFile(path: "/\($0.name)", content: .file($0.bytes)) }
  }

  /// A program of the userland, by its name.
  package static func program(_ name: String) -> [UInt8]? {
    Userland.all.first { $0.name == name }?.bytes
  }

  /// ", did you mean …?" when there is a program of a similar name.
  package static func suggestion(for program: String) -> String {
    Scenarios.suggestion(for: program, among: Userland.all.map(\.name))
  }

  /// Looks at the program that init is to run as init will: at the path given, then in `/`.
  ///
  /// - Throws: `ToolError` if there is no such file, or no process can be made of it.
  package static func checkProgram(of scenario: Scenario) throws {
    guard let program = scenario.program.first else { return }
    let path = program.split(separator: "/").joined(separator: "/")
    let file = scenario.files.last { $0.path.split(separator: "/").joined(separator: "/") == path }
    guard let file else {
      throw ToolError(
        "\(printable(program)): found no such program on the guest's disk, expected one of its "
          + "own or one that --file brings\(suggestion(for: program))")
    }
    guard case .file(let bytes) = file.content else {
      throw ToolError("\(printable(program)): found no file at that path, expected a program")
    }
    if let problem = ExecutableProblem.check(bytes, frames: scenario.limits.frames) {
      throw ToolError("\(printable(program)): not executable: \(problem)")
    }
  }

  /// Another file may be in the place of a program, but no folder.
  ///
  /// - Throws: `ToolError` if a path leads through a program of the userland.
  package static func checkUserland(_ files: [GuestFile]) throws {
    for file in files {
      let names = file.path.split(separator: "/")
      guard let first = names.first, file.content == .directory || names.count > 1,
        program(String(first)) != nil
      else { continue }
      throw ToolError(
        "file \(printable(file.path)): found /\(first), the userland's program of that name, on the "
          + "way, expected a folder; files of the guest's root have to be elsewhere")
    }
  }

  /// Whether the disk brings its own init, which may not run the program that was asked for.
  package static func hasForeignInit(_ scenario: Scenario) -> Bool {
    let file = scenario.files.last { $0.path.split(separator: "/") == ["init"] }
    guard case .file(let bytes) = file?.content else { return false }
    return bytes != program("init")
  }

  /// The files that `--file HOST:GUEST` stands for.
  ///
  /// - Parameter followsLinks: whether links are followed out of a folder.
  /// - Throws: `ToolError` if it is not of that form, or the host has no such file.
  package static func option(_ text: String, followsLinks: Bool) throws -> [GuestFile] {
    guard let colon = text.lastIndex(of: ":"), colon != text.startIndex else {
      throw ToolError("--file: found \(printableArgument(text)), expected HOST:GUEST")
    }
    let guest = String(text[text.index(after: colon)...])
    guard !FileName.isRaw(guest) else {
      throw ToolError(
        "--file: found the guest path \(printableArgument(guest)), expected UTF-8, as a trace keeps "
          + "it")
    }
    guard guest.hasPrefix("/") else {
      throw ToolError(
        "--file: found the guest path \(printableArgument(guest)), expected one from /")
    }
    return try copy(host: String(text[..<colon]), to: guest, followsLinks: followsLinks)
  }

  /// A host file, or a folder with all that is in it, in sorted order.
  ///
  /// - Parameter followsLinks: whether links are followed out of the folder.
  /// - Throws: `ToolError` if it cannot be read.
  package static func copy(host: String, to guest: String, followsLinks: Bool) throws
    -> [GuestFile]
  {
    try HostCopy.files(host: host, to: guest, followsLinks: followsLinks)
  }

  /// In bytes. No file of the guest's can be longer, whatever its limits.
  static let longestFile = 65 << 20

  /// A host file's bytes.
  ///
  /// - Parameter longest: in bytes; no scenario or script needs more.
  /// - Throws: `ToolError` if it cannot be read.
  package static func bytes(of host: String, atMost longest: Int = 16 << 20) throws -> [UInt8] {
    guard try HostCopy.status(of: host).st_mode & S_IFMT != S_IFDIR else {
      throw ToolError("\(host): found a folder, expected a file")
    }
    let descriptor = host.withFileName { Foundation.open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else {
      throw ToolError("\(host): cannot be read: \(String(cString: strerror(errno)))")
    }
    do {
      // A pipe is as good as a file; one that never ends is not.
      let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      defer { file.closeFile() }
      var bytes: [UInt8] = []
      while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
        bytes += piece
        guard bytes.count <= longest else {
          throw ToolError(
            "\(host): found more than \(longest >> 20) MiB, expected at most that")
        }
      }
      return bytes
    } catch let error as ToolError {
      throw error
    } catch {
      throw ToolError("\(host): cannot be read: \(reason(error))")
    }
  }

  private static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    return underlying.map { String(cString: strerror(Int32($0.code))) }
      ?? (error as NSError).localizedDescription
  }

  /// The lines of a script file, each to be typed when the machine waits for one.
  ///
  /// - Throws: `ToolError` if it cannot be read.
  package static func script(_ host: String) throws -> [ScriptLine] {
    lines(of: try bytes(of: host))
  }

  static func lines(of bytes: [UInt8]) -> [ScriptLine] {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { ScriptLine(bytes: Array($0) + [UInt8(ascii: "\n")]) }
  }
}
