// Which invariants are checked, and how violations are reported.

import ArgumentParser
import Recorder
import Replay
import Scenarios

struct InvariantOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Check only these invariants, joined by commas.", valueName: "list"))
  var invariants: String?

  @Flag(help: "Check no invariants.")
  var noInvariants = false

  /// - Throws: `ToolError` if a name is none of an invariant, or if there is none: a check of nothing
  ///   is always green.
  func chosen() throws -> [Invariant] {
    if noInvariants, invariants != nil {
      throw ToolError("found --invariants and --no-invariants, expected one of them")
    }
    if noInvariants { return [] }
    guard let invariants else { return Invariant.allCases }
    let names = Invariant.allCases.map(\.rawValue)
    let chosen = try invariants.split(separator: ",", omittingEmptySubsequences: false).map {
      name in
      guard let invariant = Invariant(rawValue: String(name)) else {
        throw ToolError(
          "--invariants: found \(printableArgument(String(name))), expected one of "
            + names.joined(separator: ", ") + suggestion(for: String(name), among: names))
      }
      return invariant
    }
    return Invariant.allCases.filter { chosen.contains($0) }
  }
}

/// How many of the invariants that were checked hold, as a clause; empty if none was checked.
func holdingClause(_ checked: [Invariant], _ violations: [Violation]) -> String {
  if checked.isEmpty { return "" }
  let noun = checked.count == 1 ? "invariant" : "invariants"
  if !violations.isEmpty {
    let held = checked.count - violations.count
    return "; \(held) of \(checked.count) \(noun) \(checked.count == 1 ? "holds" : "hold")"
  }
  return "; \(checked.count) \(noun) \(checked.count == 1 ? "holds" : "hold")"
}

extension [Violation] {
  /// Shows them, one after the other.
  ///
  /// - Parameter conditions: options of `replay`, if it was not the recorded session itself.
  func show(on output: OutputBuffer, trace: String, under conditions: [String] = []) {
    for violation in self {
      output.line(terminalText(violation.text(in: trace, under: conditions)))
    }
  }
}
