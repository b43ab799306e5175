// The command line's reference, made from its own help.

import ArgumentParser
import Foundation

enum Manual {
  private static var commands: [(name: String, help: String)] {
    let visible = Drydock.configuration.subcommands.filter { $0.configuration.shouldDisplay }
    return [("drydock", Drydock.helpMessage(columns: 90))]
      + visible.map { command in
        let name = command.configuration.commandName ?? "\(command)"
        return ("drydock \(name)", Drydock.helpMessage(for: command, columns: 90))
      }
  }

  /// `docs/reference.md`.
  static var markdown: String {
    var page = "# The command line\n\nMade by `drydock docs reference` from the tool's own help.\n"
    for command in commands {
      page += "\n## \(command.name)\n\n```text\n\(trimmed(command.help))\n```\n"
    }
    return page
  }

  /// A manual page for `man`.
  static var roff: String {
    var page = """
      .TH DRYDOCK 1 "" "\(Drydock.configuration.version)" "Drydock"
      .SH NAME
      drydock \\- \(escaped(Drydock.configuration.abstract))

      """
    for command in commands {
      page += ".SH \(command.name.uppercased())\n.nf\n"
      for line in trimmed(command.help).split(separator: "\n", omittingEmptySubsequences: false) {
        page += escaped(String(line)) + "\n"
      }
      page += ".fi\n"
    }
    return page
  }

  private static func trimmed(_ text: String) -> String {
    text.trimmingCharacters(in: .newlines)
  }

  /// Nothing in a line is a request or an escape.
  private static func escaped(_ line: String) -> String {
    var text = line.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    if text.hasPrefix(".") || text.hasPrefix("'") { text = "\\&" + text }
    return text
  }
}
