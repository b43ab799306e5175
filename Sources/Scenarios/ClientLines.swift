// Clients as lines of a scenario file, as `ScenarioFile` reads them.

import Foundation
import Sim

extension HostClient {
  /// `clients:` with what each of them does; nothing if there are none.
  package static func lines(_ clients: [HostClient]) -> [String] {
    clients.isEmpty ? [] : ["clients:"] + clients.flatMap(\.lines)
  }

  private var lines: [String] {
    var lines = ["- to: \(port)", "  from: \(from)"]
    if let time { lines.append("  time: \(time)") }
    if let reads { lines.append("  reads: \(reads)") }
    if steps.isEmpty { return lines }
    return lines + ["  steps:"]
      + steps.map { step in
        "  - {" + (step.time.map { "time: \($0), " } ?? "") + step.action.words + "}"
      }
  }
}

extension HostClient.Action {
  fileprivate var words: String {
    switch self {
    case .send(let bytes):
      if let text = String(validating: bytes, as: UTF8.self) { return "send: \(quoted(text))" }
      return "base64: \(Data(bytes).base64EncodedString())"
    case .take(let count): return "take: \(count)"
    case .endSending: return "end: sending"
    case .endConnection: return "end: connection"
    }
  }

  /// A text between quotes, as YAML has them, with escapes for what is no visible character of ASCII.
  private func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case " "..."~": quoted.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
      }
    }
    return quoted + "\""
  }
}
