// Commands that are proposed to a person, who may paste them into a shell as they are.

/// A file's name as one word of a shell, in quotes where it has to be; control characters are shown,
/// not passed on.
public func shellWord(_ name: String) -> String {
  let text = name.split(separator: "\\", omittingEmptySubsequences: false)
    .map { printable(String($0)) }.joined(separator: "\\")
  // A name like an option would be taken for one.
  let word = text.hasPrefix("-") ? "./\(text)" : text
  let isPlain = word.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "_./-+,:@%=".utf8.contains(byte)
    }
  }
  if isPlain, !word.isEmpty { return word }
  return "'" + word.replacing("'", with: "'\\''") + "'"
}
