// A command line that cannot be parsed is often nearly one that can: a program without `--` before it, a
// session without a verb. What would do is found by trying: a repair is proposed only if it parses.

import ArgumentParser
import Foundation
import Recorder
import Userland

/// What is to be said of a command line that the argument parser refused.
struct NearMiss {
  private let arguments: [String]
  private let verbs: [String]

  /// A command line that may have been meant, and what was wrong with the one that came.
  private struct Repair {
    var finding: String
    var arguments: [String]
  }

  /// Longer proposals are no help.
  private static let longestProposal = 300
  private static let mostPlaces = 64

  init(_ arguments: [String]) {
    self.arguments = arguments
    verbs = Drydock.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
  }

  /// Whether it asks for help on something that there is not, which the parser answers with other help.
  var asksForUnknownHelp: Bool {
    arguments.first == "help" && arguments.count > 1 && !arguments[1].hasPrefix("-")
      && !verbs.contains(arguments[1])
  }

  /// What was found, and where possible a command line that would do; nil if the parser's own words are
  /// as good.
  var words: String? {
    if asksForUnknownHelp { return unknownVerb(arguments[1]) }
    // What parses failed later, for a reason of its own.
    if parses(arguments) { return nil }
    for repair in repairs where parses(repair.arguments) {
      let line = "drydock " + repair.arguments.map(word).joined(separator: " ")
      if line.count <= NearMiss.longestProposal { return "\(repair.finding): \(line)" }
    }
    guard let first = arguments.first, !first.hasPrefix("-"), !verbs.contains(first) else {
      return nil
    }
    return unknownVerb(first) + "; see drydock help"
  }

  /// The verb whose help says more; empty if there is none.
  var verb: String { arguments.first.flatMap { verbs.contains($0) ? " \($0)" : nil } ?? "" }

  private func unknownVerb(_ word: String) -> String {
    let shown =
      Drydock.configuration.subcommands.filter { $0.configuration.shouldDisplay }
      .compactMap { $0.configuration.commandName } + ["help"]
    let meant = nearestName(to: word, among: shown).map { "; did you mean '\($0)'?" } ?? ""
    return "no command '\(word)'\(meant)"
  }

  private func parses(_ arguments: [String]) -> Bool {
    (try? Drydock.parseAsRoot(arguments)) != nil
  }

  /// A word as a person may type it, options included.
  private func word(_ text: String) -> String {
    let dashes = text.prefix { $0 == "-" }
    let rest = text.dropFirst(dashes.count)
    return dashes + (rest.isEmpty && !dashes.isEmpty ? "" : shellWord(String(rest)))
  }

  // MARK: What may have been meant

  private var repairs: [Repair] {
    guard let first = arguments.first else { return [] }
    let rest = Array(arguments.dropFirst())
    switch first {
    case "run", "record": return strayWords(first, rest)
    case "query" where rest.count > 2:
      return [
        Repair(
          finding: "found \(rest.count - 1) words after the file; a query is one, in quotes",
          arguments: ["query", rest[0], rest.dropFirst().joined(separator: " ")])
      ]
    case "report" where rest.count == 2, "export" where rest.count >= 2:
      return [
        Repair(
          finding: "found \(rest[rest.count - 1]); the file to write goes after -o",
          arguments: arguments.dropLast() + ["-o", rest[rest.count - 1]])
      ]
    case "stat" where rest.count == 2:
      return [Repair(finding: "found the file first", arguments: ["stat", rest[1], rest[0]])]
    case "stat" where rest.count == 1:
      return [
        Repair(finding: "found no word for what to say", arguments: ["stat", "story", rest[0]])
      ]
    default: return verbs.contains(first) ? [] : withoutVerb(first, rest)
    }
  }

  /// Of run and record: words that are no option's, before `--` or without it.
  private func strayWords(_ verb: String, _ rest: [String]) -> [Repair] {
    var repairs: [Repair] = []
    for (index, word) in rest.enumerated().prefix(NearMiss.mostPlaces) {
      if word == "--" { break }
      if word.hasPrefix("-") { continue }
      let (before, after) = (Array(rest[..<index]), Array(rest[(index + 1)...]))
      switch (word as NSString).pathExtension {
      case "db" where verb == "record":
        repairs.append(
          Repair(
            finding: "found \(word); the file to record into goes after -o",
            arguments: [verb] + before + ["-o", word] + after))
      case "db":
        repairs.append(
          Repair(
            finding: "found \(word); a session is run again by replay",
            arguments: ["replay", word] + after))
      case "yaml", "yml":
        repairs.append(
          Repair(
            finding: "found \(word); a scenario goes after --scenario",
            arguments: [verb] + before + ["--scenario", word] + after))
      case "json":
        repairs.append(
          Repair(
            finding: "found \(word); a container's spec goes after --spec",
            arguments: [verb] + before + ["--spec", word] + after))
      default: break
      }
      repairs.append(
        Repair(
          finding: "found \(word); a program goes after --",
          arguments: [verb] + before + ["--", word] + after.filter { $0 != "--" }))
    }
    return repairs
  }

  /// A first word that is no verb: a file, a program, or an option that belongs behind the verb.
  private func withoutVerb(_ first: String, _ rest: [String]) -> [Repair] {
    if first == "--" {
      return [Repair(finding: "found no command before --", arguments: ["run"] + arguments)]
    }
    if first.hasPrefix("-") {
      guard let place = arguments.firstIndex(where: { verbs.contains($0) }) else { return [] }
      var moved = arguments
      moved.insert(moved.remove(at: place), at: 0)
      return [Repair(finding: "found \(first) before the command", arguments: moved)]
    }
    switch (first as NSString).pathExtension {
    case "db":
      return [
        Repair(
          finding: "no command '\(first)'; a session is run again by replay",
          arguments: ["replay"] + arguments)
      ]
    case "yaml", "yml":
      return [
        Repair(
          finding: "no command '\(first)'; a scenario goes after --scenario",
          arguments: ["run", "--scenario"] + arguments)
      ]
    case "json":
      return [
        Repair(
          finding: "no command '\(first)'; a container's spec goes after --spec",
          arguments: ["run", "--spec"] + arguments)
      ]
    default: break
    }
    guard Userland.all.contains(where: { $0.name == first }) else { return [] }
    return [
      Repair(
        finding: "no command '\(first)'; a program goes after --",
        arguments: ["run", "--"] + arguments)
    ]
  }
}
