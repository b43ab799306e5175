// What two sessions start from, held against each other. Settings are compared by the rows that they
// are kept as, so that none that a trace can hold is left out.

import Sim

extension Scenario {
  /// What differs in another scenario, one line each: what, then both values.
  public func differences(from other: Scenario) -> [String] {
    let (old, new) = (rows, other.rows)
    var keys: [String] = []
    for row in old + new where !keys.contains(row.key) { keys.append(row.key) }
    var lines: [String] = []
    for key in keys {
      let first = old.filter { $0.key == key }.map(\.value)
      let second = new.filter { $0.key == key }.map(\.value)
      if first != second {
        lines.append("\(key): \(Scenario.text(key, first)) and \(Scenario.text(key, second))")
      }
    }
    lines += fileDifferences(other.files) + scriptDifferences(other.script)
    // A field without rows is no reason to call them the same.
    return lines.isEmpty && self != other ? ["the scenarios differ"] : lines
  }

  private static func text(_ key: String, _ values: [ScenarioValue]) -> String {
    switch key {
    case "manager", "sharedAccesses", "priorityInheritance": return values.isEmpty ? "off" : "on"
    case "reserve" where values.isEmpty: return "\(Reserve.usualPercent)"
    case "networkDelay" where values.isEmpty: return "\(NetworkConditions().delay)"
    case "networkLoss" where values.isEmpty, "networkSpread" where values.isEmpty: return "0"
    case "scheduler" where values.isEmpty: return SchedulerKind.priority.name
    default: break
    }
    if values.isEmpty { return "none" }
    return values.map { value in
      switch value {
      // Seeds and ticks are kept as they fit into a row, but never negative.
      case .number(let number): "\(UInt64(bitPattern: number))"
      case .text(let text):
        text.isEmpty || text.contains(" ") ? value.description : printable(text)
      }
    }.joined(separator: " ")
  }

  private func fileDifferences(_ others: [GuestFile]) -> [String] {
    var lines: [String] = []
    if files.count != others.count { lines.append("files: \(files.count) and \(others.count)") }
    for (old, new) in zip(files, others) where old != new {
      lines.append(
        old.path == new.path
          ? "file \(printable(old.path)) differs"
          : "files: \(printable(old.path)) and \(printable(new.path))")
      break
    }
    return lines
  }

  private func scriptDifferences(_ others: [ScriptLine]) -> [String] {
    var lines: [String] = []
    if script.count != others.count {
      lines.append("script lines: \(script.count) and \(others.count)")
    }
    if let line = zip(script, others).enumerated().first(where: { $1.0 != $1.1 }) {
      lines.append("script line \(line.offset + 1) differs")
    }
    return lines
  }
}
