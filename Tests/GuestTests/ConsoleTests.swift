// The console's line editor, seen from both sides: what a reader gets, and what the screen shows.

import Sim
import TestSupport
import Testing

/// What is typed, and what the console then shows while a program reads it.
struct ConsoleCase: Sendable, CustomTestStringConvertible {
  let rule: String
  let typed: [String]
  var size = 512
  let shown: String

  var testDescription: String { rule }
}

private let eof = "\u{4}"
private let backspace = "\u{8}"
private let delete = "\u{7f}"
private let killLine = "\u{15}"
/// How the screen shows that a character is gone.
private let erased = "\u{8} \u{8}"

private let cases = [
  ConsoleCase(
    rule: "A line is echoed and delivered with its newline", typed: ["hello\n", eof],
    shown: "hello\n<6:hello\\n>\n<0:>\n"),
  ConsoleCase(
    rule: "A carriage return counts as a newline", typed: ["hello\r", eof],
    shown: "hello\n<6:hello\\n>\n<0:>\n"),
  ConsoleCase(
    rule: "Backspace and DEL erase a character",
    typed: ["hex\(backspace)llx\(delete)o\n", eof],
    shown: "hex\(erased)llx\(erased)o\n<6:hello\\n>\n<0:>\n"),
  ConsoleCase(
    rule: "^U erases the line", typed: ["no\(killLine)yes\n", eof],
    shown: "no\(erased)\(erased)yes\n<4:yes\\n>\n<0:>\n"),
  ConsoleCase(
    rule: "Nothing can be erased that is not there, nor in a line before",
    typed: ["\(backspace)\(delete)\(killLine)a\n\(delete)\(killLine)b\n\(eof)"],
    shown: "a\nb\n<2:a\\n>\n<2:b\\n>\n<0:>\n"),
  ConsoleCase(
    rule: "^D delivers a partial line, and ends the input at the next read",
    typed: ["part\(eof)", eof], shown: "part<4:part>\n<0:>\n"),
  ConsoleCase(
    rule: "A ^D by itself ends the input", typed: [eof], shown: "<0:>\n"),
  ConsoleCase(
    rule: "A read never goes beyond a line", typed: ["one\ntwo\n\(eof)"],
    shown: "one\ntwo\n<4:one\\n>\n<4:two\\n>\n<0:>\n"),
  ConsoleCase(
    rule: "A short read leaves the rest of the line for the next", typed: ["abcde\n", eof],
    size: 4, shown: "abcde\n<4:abcd>\n<2:e\\n>\n<0:>\n"),
  ConsoleCase(
    rule: "^P lists the processes at once and is not input", typed: ["a\u{10}b\n", eof],
    shown: "a\n1 sleep  init\n2 sleep  console_read\nb\n<3:ab\\n>\n<0:>\n"),
  ConsoleCase(
    rule: "A NUL is ignored", typed: ["a\0b\n", eof], shown: "ab\n<3:ab\\n>\n<0:>\n"),
  ConsoleCase(
    rule: "A line of 128 bytes is delivered without a newline",
    typed: [String(repeating: "x", count: 128), eof],
    shown: String(repeating: "x", count: 128) + "<128:"
      + String(repeating: "x", count: 128) + ">\n<0:>\n"),
  ConsoleCase(
    rule: "Input beyond 128 bytes waits until there is room",
    typed: [String(repeating: "x", count: 150) + "\n", eof],
    shown: String(repeating: "x", count: 150) + "\n<128:" + String(repeating: "x", count: 128)
      + ">\n<23:" + String(repeating: "x", count: 22) + "\\n>\n<0:>\n"),
]

@Suite struct ConsoleTests {
  @Test("The console edits lines", arguments: cases)
  func editsLines(row: ConsoleCase) throws {
    let run = try GuestRun(["console_read", "\(row.size)"], typed: row.typed)
    #expect(run.console == row.shown)
    #expect(run.status == 0)
  }

  @Test("A read into a buffer that ends too early gives what had been copied")
  func badBufferGivesWhatWasCopied() throws {
    let run = try GuestRun(["console_bad"], typed: ["abcdef\n"])
    #expect(run.status == 0, "\(run.console)")
  }

  @Test("A process that waits for the console can be killed")
  func waitingProcessCanBeKilled() throws {
    let run = try GuestRun(["console_kill"]) { scenario in
      scenario.script = [ScriptLine(bytes: Array("ok\n".utf8), atTick: 10)]
    }
    #expect(run.status == 0, "\(run.console)")
  }

  @Test("A program that reads on after the end of input is named as the reason for the end")
  func readingOnAfterTheEnd() throws {
    let run = try GuestRun(["console_read"], typed: ["last\n"])
    #expect(run.end == .consoleExhausted(ProcessID(raw: 2)))
    #expect(run.console == "last\n<5:last\\n>\n")
  }
}
