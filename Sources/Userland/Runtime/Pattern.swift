// Patterns for names, as shells have them (POSIX XCU 2.14): `*`, `?`, `[a-z]`, `[!a-z]`, and `\` in front of
// what is to be itself.

/// Whether the whole text matches. What a `*` stands for grows until the rest matches, and only the last
/// `*` is ever thought over again, so that no pattern takes long.
func matchesPattern(_ text: CString, _ pattern: CString) -> Bool {
  var text = text
  var pattern = pattern
  var starPattern: CString?
  var starText = text
  while text[0] != 0 {
    if pattern[0] == "*" {
      starPattern = pattern + 1
      starText = text
      pattern += 1
    } else if let next = afterOne(text[0], pattern) {
      pattern = next
      text += 1
    } else if let starPattern {
      pattern = starPattern
      starText += 1
      text = starText
    } else {
      return false
    }
  }
  while pattern[0] == "*" { pattern += 1 }
  return pattern[0] == 0
}

/// What follows the pattern's first element, if that matches the character.
private func afterOne(_ character: CChar, _ pattern: CString) -> CString? {
  switch pattern[0] {
  case "?": return pattern + 1
  case "[":
    guard let (holds, next) = bracket(character, pattern) else {
      return character == "[" ? pattern + 1 : nil
    }
    return holds ? next : nil
  case "\\" where pattern[1] != 0: return pattern[1] == character ? pattern + 2 : nil
  default: return pattern[0] != 0 && pattern[0] == character ? pattern + 1 : nil
  }
}

/// Whether the character is one of those in brackets, and what follows them; nil if no bracket closes.
private func bracket(_ character: CChar, _ pattern: CString) -> (holds: Bool, next: CString)? {
  var at = pattern + 1
  let isNegated = at[0] == "!"
  if isNegated { at += 1 }
  var holds = false
  let first = at
  let byte = UInt8(bitPattern: character)
  while at[0] != 0, at == first || !(at[0] == "]") {
    if at[0] == "\\", at[1] != 0 { at += 1 }
    let low = UInt8(bitPattern: at[0])
    var high = low
    at += 1
    if at[0] == "-", at[1] != 0, !(at[1] == "]") {
      high = UInt8(bitPattern: at[1])
      at += 2
    }
    if byte >= low, byte <= high { holds = true }
  }
  guard at[0] == "]" else { return nil }
  return (holds != isNegated, at + 1)
}
