// The command line's reference, made from its own definitions: as Markdown from the help, and as a
// manual page from what the help is made from, which the argument parser gives as JSON.

import ArgumentParser
import Foundation
import Scenarios

enum Manual {
  /// `docs/reference.md`.
  static var markdown: String {
    let visible = Drydock.configuration.subcommands.filter { $0.configuration.shouldDisplay }
    let commands =
      [("drydock", Drydock.helpMessage(columns: 90))]
      + visible.map { command in
        let name = command.configuration.commandName ?? "\(command)"
        return ("drydock \(name)", Drydock.helpMessage(for: command, columns: 90))
      }
    var page = "# The command line\n\nMade by `drydock docs reference` from the tool's own help.\n"
    for (name, help) in commands {
      page += "\n## \(name)\n\n```text\n\(help.trimmingCharacters(in: .newlines))\n```\n"
    }
    return page
  }

  /// A manual page for `man`.
  ///
  /// - Throws: if the argument parser's JSON is not as it was when this was written.
  static func roff() throws -> String {
    let tool = try ToolDefinition.own()
    let commands = (tool.command.subcommands ?? []).filter {
      $0.shouldDisplay && $0.commandName != "help"
    }
    var page = RoffPage()
    page.line(".TH DRYDOCK 1 \"\" \"\(Drydock.configuration.version)\" \"Drydock\"")
    page.line(".SH NAME")
    page.text("\(tool.command.commandName) - \(tool.command.abstract ?? "")")
    page.line(".SH SYNOPSIS")
    for command in commands {
      page.synopsis(command)
      if command.commandName != commands.last?.commandName { page.line(".br") }
    }
    page.line(".SH DESCRIPTION")
    page.discussion(tool.command.discussion?.replacing(Drydock.exitStatus, with: "") ?? "")
    page.line(".SH COMMANDS")
    for command in commands {
      page.line(".SS drydock \(command.commandName)")
      page.text(command.abstract ?? "")
      page.discussion(command.discussion ?? "", continuing: true)
      for argument in command.own { page.item(argument) }
    }
    page.line(".SH OPTIONS")
    page.text("Options of a command are listed with it; every command takes")
    for argument in tool.command.arguments ?? [] { page.item(argument) }
    page.line(".SH EXIT STATUS")
    page.text(Drydock.exitStatus.replacing("Exit status: ", with: ""))
    page.line(".SH FILES")
    for command in commands {
      for argument in command.own {
        guard argument.isFile, let file = argument.defaultValue else { continue }
        page.line(".TP\n.I \(RoffPage.escaped(file))")
        page.text("The default output file of drydock \(command.commandName).")
      }
    }
    page.line(".TP\n.IR *.db\\-wal , \" \" *.db\\-shm")
    page.text("Belong to a session while it is recorded, or if its recorder was killed.")
    page.line(".SH SEE ALSO\n.BR sqlite3 (1)")
    return page.roff
  }
}

/// What the argument parser says of a tool (its ToolInfoV0), as far as it is needed here.
private struct ToolDefinition: Decodable {
  struct Command: Decodable {
    var commandName: String
    var abstract: String?
    var discussion: String?
    var shouldDisplay: Bool
    var subcommands: [Command]?
    var arguments: [Argument]?

    /// But for those that every command has.
    var own: [Argument] {
      (arguments ?? []).filter { argument in
        argument.shouldDisplay
          && !["help", "version"].contains(argument.preferredName?.name ?? "")
      }
    }
  }

  struct Argument: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String

      var dashed: String { kind == "long" ? "--\(name)" : "-\(name)" }
    }
    struct Completion: Decodable { var file: FileCompletion? }
    struct FileCompletion: Decodable {}

    var kind: String
    var names: [Name]?
    var preferredName: Name?
    var valueName: String?
    var abstract: String?
    var defaultValue: String?
    var isOptional: Bool
    var shouldDisplay: Bool
    var parsingStrategy: String
    var completionKind: Completion?

    var isFile: Bool { completionKind?.file != nil }
  }

  var serializationVersion: Int
  var command: Command

  /// This tool's, as the argument parser prints it on request.
  ///
  /// - Throws: `ToolError` if it prints another form than this one, or a decoder's error.
  static func own() throws -> ToolDefinition {
    do {
      _ = try Drydock.parseAsRoot(["--experimental-dump-help"])
    } catch {
      let json = Data(Drydock.fullMessage(for: error).utf8)
      let tool = try JSONDecoder().decode(ToolDefinition.self, from: json)
      guard tool.serializationVersion == 0 else {
        throw ToolError(
          "the argument parser's description: found version \(tool.serializationVersion), "
            + "expected 0")
      }
      return tool
    }
    throw ToolError("the argument parser gives no description of the commands")
  }
}

/// Lines for troff with the macros of man(7).
private struct RoffPage {
  private(set) var roff = ""

  /// A line of markup.
  mutating func line(_ line: String) { roff += line + "\n" }

  /// A line of text.
  mutating func text(_ text: String) {
    if !text.isEmpty { line(RoffPage.escaped(text)) }
  }

  /// A command and what it takes, in one line: words in bold, what is to be put there in italics.
  mutating func synopsis(_ command: ToolDefinition.Command) {
    line(".B drydock \(command.commandName)")
    let options = command.own.filter { $0.kind != "positional" }
    for option in options where !option.isOptional {
      line("\\fB\(RoffPage.names(option))\\fR \\fI\(RoffPage.value(option))\\fR")
    }
    if options.contains(where: \.isOptional) { line(".RI [ options ]") }
    for argument in command.own where argument.kind == "positional" {
      let value = RoffPage.value(argument)
      if argument.parsingStrategy == "postTerminator" {
        line("[\\fB\\-\\-\\fR \\fI\(value)\\fR ...]")
      } else {
        line(argument.isOptional ? ".RI [ \(value) ]" : ".I \(value)")
      }
    }
  }

  /// What an argument is.
  mutating func item(_ argument: ToolDefinition.Argument) {
    line(".TP")
    switch argument.kind {
    case "positional": line(".I \(RoffPage.value(argument))")
    case "flag": line("\\fB\(RoffPage.names(argument))\\fR")
    default: line("\\fB\(RoffPage.names(argument))\\fR \\fI\(RoffPage.value(argument))\\fR")
    }
    var words = argument.abstract ?? ""
    if let value = argument.defaultValue, argument.kind != "flag" {
      words += " The default is \(value)."
    }
    text(words)
  }

  /// Paragraphs. Lines with a gap in them, a term and what it is, become a list of terms.
  mutating func discussion(_ discussion: String, continuing: Bool = false) {
    var needsBreak = continuing
    for found in discussion.split(separator: "\n") {
      let words = found.trimmingCharacters(in: .whitespaces)
      if let gap = words.firstRange(of: "  ") {
        line(".TP\n\\fB\(RoffPage.escaped(String(words[..<gap.lowerBound])))\\fR")
        text(words[gap.upperBound...].trimmingCharacters(in: .whitespaces))
      } else {
        if needsBreak { line(".PP") }
        text(words)
      }
      needsBreak = true
    }
  }

  private static func names(_ argument: ToolDefinition.Argument) -> String {
    escaped((argument.names ?? []).map(\.dashed).joined(separator: ", "))
  }

  private static func value(_ argument: ToolDefinition.Argument) -> String {
    escaped(argument.valueName ?? "value")
  }

  /// Nothing in a line is a request or an escape, and nothing is outside of ASCII.
  static func escaped(_ line: String) -> String {
    var text = ""
    for scalar in line.unicodeScalars {
      switch scalar {
      case "\\": text += "\\e"
      case "-": text += "\\-"
      case _ where scalar.isASCII: text.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        text += "\\[u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "]"
      }
    }
    if text.hasPrefix(".") || text.hasPrefix("'") { text = "\\&" + text }
    return text
  }
}
