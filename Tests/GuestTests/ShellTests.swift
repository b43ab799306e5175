// The shell's language: what commands come to, and with which status.

import Sim
import TestSupport
import Testing

/// A command line, what it prints, and its status.
struct ShellCase: Sendable, CustomTestStringConvertible {
  let line: String
  let printed: String
  var status: Int32 = 0

  init(_ line: String, prints printed: String = "", status: Int32 = 0) {
    self.line = line
    self.printed = printed
    self.status = status
  }

  var testDescription: String { line }

  func check() throws {
    let run = try GuestRun(["sh", "-c", line])
    #expect(run.console == printed)
    #expect(run.end == .halted(status: status))
  }
}

private let cases = [
  // Words and quotes.
  ShellCase("echo one   two", prints: "one two\n"),
  ShellCase("echo 'a  b' \"c;d\" e\\ f '' g", prints: "a  b c;d e f  g\n"),
  ShellCase("echo a'b'\"c\"d", prints: "abcd\n"),
  ShellCase("echo \"it's\" 'a\"b'", prints: "it's a\"b\n"),
  ShellCase("echo x # a comment", prints: "x\n"),
  ShellCase("", prints: ""),
  ShellCase("   ", prints: ""),
  ShellCase("# nothing", prints: ""),
  // Lists.
  ShellCase("echo a; echo b", prints: "a\nb\n"),
  ShellCase("echo a;", prints: "a\n"),
  ShellCase("false; true"),
  ShellCase("true; false", status: 1),
  ShellCase("echo a\necho b", prints: "a\nb\n"),
  ShellCase("false\n", status: 1),
  // Pipelines: the status is the last command's.
  ShellCase("echo hello | cat", prints: "hello\n"),
  ShellCase("echo a b c | wc", prints: "1 3 6 \n"),
  ShellCase("echo hello | cat | cat | cat | cat | cat | cat | wc", prints: "1 1 6 \n"),
  ShellCase("false | true"),
  ShellCase("true | false", status: 1),
  ShellCase("echo unread | true"),
  ShellCase("cat README | grep machine | wc", prints: "1 4 21 \n"),
  // Redirections.
  ShellCase("echo in > f; cat < f", prints: "in\n"),
  ShellCase("echo long > f; echo s > f; cat f", prints: "s\n"),
  ShellCase("echo a > f; echo b >> f; echo c >> f; cat f", prints: "a\nb\nc\n"),
  ShellCase("echo new >> f; cat f", prints: "new\n"),
  ShellCase("> f echo first; cat < f", prints: "first\n"),
  ShellCase("echo a >f;cat<f", prints: "a\n"),
  ShellCase("cat < f | wc > g; cat g", prints: "open f failed\n0 0 0 \n"),
  ShellCase("cat < missing", prints: "open missing failed\n", status: 1),
  ShellCase("echo x > .", prints: "open . failed\n", status: 1),
  ShellCase("echo a > f; wc < f > g; cat g", prints: "1 1 2 \n"),
  // Parentheses.
  ShellCase("(echo a; echo b) | wc", prints: "2 2 4 \n"),
  ShellCase("(echo a; echo b) > f; wc f", prints: "2 2 4 f\n"),
  ShellCase(
    "(mkdir d; cd d; echo x > y); cat d/y; cat y", prints: "x\ncat: cannot open y\n", status: 1),
  ShellCase("((echo deep))", prints: "deep\n"),
  ShellCase("(exit 9)", status: 9),
  ShellCase("(false; true) | (cat; false)", status: 1),
  // Background commands.
  ShellCase("echo a & wait; echo b", prints: "a\nb\n"),
  ShellCase("sleep 100000 & echo now", prints: "now\n"),
  ShellCase("(sleep 5; echo late) & echo early; wait", prints: "early\nlate\n"),
  ShellCase("false &"),
  ShellCase("echo x | cat & wait", prints: "x\n"),
  // What the shell does itself.
  ShellCase("mkdir d; cd d; echo x > y; cd ..; cat d/y", prints: "x\n"),
  ShellCase("mkdir d; cd d; cd; cat README", prints: "A machine for tests.\n"),
  ShellCase("cd missing", prints: "cannot cd missing\n", status: 1),
  ShellCase("exit 7; echo never", status: 7),
  ShellCase("false; exit", status: 1),
  ShellCase("wait"),
  // Where programs are found.
  ShellCase("mkdir d; cd d; echo found", prints: "found\n"),
  ShellCase("mkdir d; ln echo d/mine; cd d; mine x; ./mine y", prints: "x\ny\n"),
  ShellCase("nosuch", prints: "exec nosuch failed\n", status: 127),
  ShellCase("/nosuch a b", prints: "exec /nosuch failed\n", status: 127),
  ShellCase("nosuch | cat; echo on", prints: "exec nosuch failed\non\n"),
  ShellCase("README", prints: "exec README failed\n", status: 127),
  // Bad lines change nothing.
  ShellCase("echo a | | cat", prints: "sh: syntax error\n", status: 2),
  ShellCase("| cat", prints: "sh: syntax error\n", status: 2),
  ShellCase("echo a |", prints: "sh: syntax error\n", status: 2),
  ShellCase("echo a ;; echo b", prints: "sh: syntax error\n", status: 2),
  ShellCase("& echo", prints: "sh: syntax error\n", status: 2),
  ShellCase("echo a > f (", prints: "sh: syntax error\n", status: 2),
  ShellCase("(echo a", prints: "sh: syntax error\n", status: 2),
  ShellCase("echo a)", prints: "sh: syntax error\n", status: 2),
  ShellCase("()", prints: "sh: syntax error\n", status: 2),
  ShellCase("(echo a) b", prints: "sh: syntax error\n", status: 2),
  ShellCase("echo >", prints: "sh: syntax error\n", status: 2),
  ShellCase("> f", prints: "sh: syntax error\n", status: 2),
  ShellCase("echo 'open", prints: "sh: missing quote\n", status: 2),
]

@Suite struct ShellTests {
  @Test("A command line does what it says", arguments: cases)
  func runsLine(row: ShellCase) throws {
    try row.check()
  }

  @Test("A file of commands runs line by line, and its status is the last one's")
  func runsFile() throws {
    let text = "echo one\n\n# a comment\necho two | cat\ncat\nfalse"
    let run = try GuestRun(["sh", "script"], typed: ["typed\n", "\u{4}"]) { scenario in
      scenario.files.append(GuestFile(path: "/script", content: .file(Array(text.utf8))))
    }
    #expect(run.console == "one\ntwo\ntyped\ntyped\n")
    #expect(run.status == 1)
  }

  @Test("A file that is not there is a status of 127")
  func missingFile() throws {
    let run = try GuestRun(["sh", "missing"])
    #expect(run.console == "sh: cannot open missing\n")
    #expect(run.status == 127)
  }

  @Test("Commands read what follows them in the shell's own input")
  func commandsShareInput() throws {
    let run = try GuestRun(["sh", "-c", "cat script | sh"]) { scenario in
      let text = "echo first\ncat\nnot a command\n"
      scenario.files.append(GuestFile(path: "/script", content: .file(Array(text.utf8))))
    }
    #expect(run.console == "$ first\n$ not a command\n$ ")
  }

  @Test("A line that is too long is refused and the next one runs")
  func longLine() throws {
    let text = "echo \(String(repeating: "x", count: 1100))\necho next\n"
    let run = try GuestRun(["sh", "script"]) { scenario in
      scenario.files.append(GuestFile(path: "/script", content: .file(Array(text.utf8))))
    }
    #expect(run.console == "sh: line too long\nnext\n")
    #expect(run.status == 0)
  }

  @Test("More words than a program can take fail like a program that is not there")
  func tooManyWords() throws {
    let words = Array(repeating: "w", count: 31).joined(separator: " ")
    let run = try GuestRun(["sh", "-c", "echo \(words)"])
    #expect(run.console == "exec echo failed\n")
    #expect(run.status == 127)
  }

  @Test("A killed command's status is -1, and the shell goes on")
  func killedCommand() throws {
    let run = try GuestRun(["sh", "-c", "(sleep 3; kill 6) & sleep 1; spin; exit"])
    #expect(run.end == .halted(status: -1), "\(run.console)")
  }

  @Test("The prompt goes to standard error")
  func promptOnStandardError() throws {
    let run = try GuestRun(["sh", "-c", "sh > out; cat out"], typed: ["echo hidden\n", "\u{4}"])
    #expect(run.console == "$ echo hidden\n$ hidden\n")
  }
}
