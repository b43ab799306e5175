// Help for a terminal of any width. The argument parser sets descriptions beside a column of names,
// 26 wide; in a terminal that is little wider it leaves them out, or ends the tool. Here a narrow
// terminal has each description below its name.

import Foundation

enum HelpLayout {
  private static let usualWidth = 80
  /// Less than this leaves no room beside the names.
  private static let narrow = 50
  private static let namesWidth = 26
  /// For the argument parser: wide enough that it breaks no line.
  private static let unbroken = 100_000

  /// How many columns there are: what COLUMNS says if it is a number from 1, else what the terminal
  /// says, else 80.
  private static let width: Int = {
    if let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap({ Int($0) }),
      columns > 0
    {
      return columns
    }
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return usualWidth
    }
    return Int(size.ws_col)
  }()

  /// Tells the argument parser a width that it can lay its text out in. It asks the environment, also
  /// where nothing is to be shown. Comes before the command line is parsed.
  static func prepare() {
    setenv("COLUMNS", "\(width < narrow ? unbroken : min(width, unbroken))", 1)
  }

  /// A help text of the argument parser's in the columns that there are.
  static func fitted(_ help: String) -> String { fitted(help, to: width) }

  static func fitted(_ help: String, to width: Int) -> String {
    guard width < narrow else { return help }
    let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.flatMap { stacked(String($0)) }
      .flatMap { broken($0, to: width) }.joined(separator: "\n")
  }

  /// A name and its description, one below the other; any other line as it is.
  private static func stacked(_ line: String) -> [String] {
    let characters = Array(line)
    guard characters.count > namesWidth, line.hasPrefix("  "), characters[2] != " ",
      characters[namesWidth] != " ", characters[namesWidth - 1] == " "
    else {
      return [line]
    }
    let name = String(characters[..<namesWidth]).trimmingCharacters(in: .whitespaces)
    guard !name.contains("  ") else { return [line] }
    let indent = String(repeating: " ", count: 6)
    return ["  " + name, indent + String(characters[namesWidth...])]
  }

  /// A line in pieces that fit, but for words that are longer by themselves; the same indent before
  /// each.
  private static func broken(_ line: String, to width: Int) -> [String] {
    let words = line.split(separator: " ")
    guard line.count > width, let first = words.first else { return [line] }
    let indent = String(
      repeating: " ", count: min(line.prefix { $0 == " " }.count, max(0, width / 4)))
    var pieces: [String] = []
    var piece = indent + first
    for word in words.dropFirst() {
      if piece.count + 1 + word.count > width {
        pieces.append(piece)
        piece = indent + word
      } else {
        piece += " " + word
      }
    }
    return pieces + [piece]
  }
}
