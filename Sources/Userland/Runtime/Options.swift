// The words that a program is started with, as POSIX has them (XBD 12.2): letters behind a `-`, several
// together or each by itself, with a value behind some of them in the same word or the next; `--` ends
// them, and so does the first word that is no option.

struct Options {
  private let arguments: Arguments
  /// The first word that has not been read: in the end, the first operand.
  private(set) var index = 1
  /// What is left of the word that is being read.
  private var letters: CString?
  /// The value of the option that was read last; nil if it is missing.
  private(set) var value: CString?

  init(_ arguments: Arguments) { self.arguments = arguments }

  /// The next option's letter; nil when there are no more.
  ///
  /// - Parameter valued: the letters of those that have a value.
  mutating func next(valued: StaticString = "") -> CChar? {
    if letters == nil {
      guard index < arguments.count, arguments[index][0] == CChar(ascii: "-"),
        arguments[index][1] != 0
      else { return nil }
      let word = arguments[index]
      index += 1
      if word == "--" { return nil }
      letters = word + 1
    }
    guard let at = letters else { return nil }
    let rest: CString? = at[1] == 0 ? nil : at + 1
    letters = rest
    if strchr(valued.path, CInt(at[0])) != nil {
      letters = nil
      value = rest
      if rest == nil, index < arguments.count {
        value = arguments[index]
        index += 1
      }
    }
    return at[0]
  }

  /// Takes what is left of the word, from the letter that was read last on, as one text: `-25`.
  mutating func wholeWord() -> CString {
    let word = arguments[index - 1] + 1
    letters = nil
    return word
  }
}

func == (left: CChar, right: Unicode.Scalar) -> Bool { left == CChar(ascii: right) }
func ~= (pattern: Unicode.Scalar, value: CChar) -> Bool { value == CChar(ascii: pattern) }

func isDigit(_ character: CChar) -> Bool {
  character >= CChar(ascii: "0") && character <= CChar(ascii: "9")
}

func isBlank(_ character: CChar) -> Bool {
  character == CChar(ascii: " ") || character == CChar(ascii: "\t")
}

/// A number without a sign, that is the whole text; nil if it is none, or too large.
func decimal(_ text: CString?) -> Int? {
  guard var at = text, at[0] != 0 else { return nil }
  var number = 0
  while at[0] != 0 {
    guard isDigit(at[0]), number < Int.max / 10 - 10 else { return nil }
    number = number * 10 + Int(at[0] - CChar(ascii: "0"))
    at += 1
  }
  return number
}
