// Names of files are bytes to the system, and need not be UTF-8; Swift's strings are, and repair what
// is not. Here such bytes are kept, as characters of their own, so that a name that comes from the
// command line opens the file that was meant. The one place for it: whoever hands a name to the
// system takes it from `withFileName`, and SQLite takes it from `SessionFileSystem`.

import Foundation

public enum FileName {
  /// A byte that is part of no character is this character plus the byte: the last ones of a plane
  /// for private use.
  private static let first: UInt32 = 0x10ff00
  private static let standIns = first + 0x80...first + 0xff

  /// Text that stands for bytes, which `bytes(of:)` gives back whatever they are.
  public static func text(of bytes: some Sequence<UInt8>) -> String {
    let bytes = Array(bytes)
    if let text = String(validating: bytes, as: UTF8.self), !isRaw(text) { return text }
    var text = ""
    var index = 0
    while index < bytes.count {
      let length = lengthOfCharacter(bytes, at: index)
      let piece = String(decoding: bytes[index..<index + max(1, length)], as: UTF8.self)
      if length > 0, !isRaw(piece) {
        text += piece
        index += length
      } else if let standIn = Unicode.Scalar(first + UInt32(bytes[index])) {
        text.unicodeScalars.append(standIn)
        index += 1
      }
    }
    return text
  }

  /// How many bytes the character takes that begins there; 0 if none does.
  private static func lengthOfCharacter(_ bytes: [UInt8], at index: Int) -> Int {
    for length in 1...4 where index + length <= bytes.count {
      if String(validating: bytes[index..<index + length], as: UTF8.self) != nil { return length }
    }
    return 0
  }

  /// The bytes that a text stands for.
  public static func bytes(of text: String) -> [UInt8] {
    guard isRaw(text) else { return Array(text.utf8) }
    return text.unicodeScalars.flatMap { byte($0).map { [$0] } ?? Array(String($0).utf8) }
  }

  /// The byte that a character stands for; nil if it is one.
  static func byte(_ scalar: Unicode.Scalar) -> UInt8? {
    standIns.contains(scalar.value) ? UInt8(scalar.value - first) : nil
  }

  /// Whether a text stands for bytes that are no UTF-8.
  public static func isRaw(_ text: String) -> Bool {
    // Such a character's first byte; few texts have one.
    text.utf8.contains(0xf4) && text.unicodeScalars.contains { standIns.contains($0.value) }
  }

  /// The program's arguments, without its own name.
  public static var arguments: [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { argument in
        text(of: UnsafeRawBufferPointer(start: argument, count: strlen(argument)))
      }
    }
  }

  /// The name from the root of the file system, so that nothing in it can be taken for anything but a
  /// name: `file:` and `:memory:` mean something to SQLite.
  public static func absolute(_ name: String) -> String {
    if name.hasPrefix("/") { return name }
    let folder = getcwd(nil, 0)
    defer { free(folder) }
    let path = folder.map { text(of: UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? ""
    return (path.hasSuffix("/") ? path : path + "/") + name
  }

  /// The name of the file itself, from the root, where a name may be one of links that lead to it;
  /// the name as it is if there is no such file.
  public static func resolved(_ name: String) -> String {
    name.withFileName { name in
      guard let found = realpath(name, nil) else { return nil }
      defer { free(found) }
      return text(of: UnsafeRawBufferPointer(start: found, count: strlen(found)))
    } ?? absolute(name)
  }

  /// The folder in which the name stands, and the name there.
  public static func split(_ name: String) -> (folder: String, last: String) {
    guard let slash = name.lastIndex(of: "/") else { return (".", name) }
    let folder = name[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(name[name.index(after: slash)...]))
  }
}

extension String {
  /// Calls with the name as the system takes it.
  public func withFileName<Result>(
    _ body: (UnsafePointer<CChar>) throws -> Result
  ) rethrows -> Result {
    let bytes = FileName.bytes(of: self).map { CChar(bitPattern: $0) } + [0]
    return try bytes.withUnsafeBufferPointer { buffer in
      // Never empty: there is a zero at its end.
      try body(buffer.baseAddress.unsafelyUnwrapped)
    }
  }

  /// What the system says of the file of this name; nil, and `errno` says why, if it says nothing.
  public func fileStatus(followingLinks: Bool = true) -> stat? {
    var information = stat()
    let code = withFileName { followingLinks ? stat($0, &information) : lstat($0, &information) }
    return code == 0 ? information : nil
  }
}

/// Which file it is, whatever its name.
public struct FileIdentity: Equatable, Sendable {
  var device: UInt64
  var inode: UInt64

  init(_ information: stat) {
    device = UInt64(information.st_dev)
    inode = UInt64(information.st_ino)
  }

  /// Of the file that has this name now; nil if there is none.
  init?(of name: String) {
    guard let information = name.fileStatus(followingLinks: true) else { return nil }
    self.init(information)
  }

  /// Of a file that is open.
  init?(descriptor: CInt) {
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { return nil }
    self.init(information)
  }
}
