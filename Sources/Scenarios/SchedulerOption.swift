// Which scheduling policy a machine has.

import Recorder
import Sim

/// The policy of this name.
///
/// - Throws: `ToolError` if there is none.
package func scheduler(_ word: String, named name: String) throws -> SchedulerKind {
  guard let kind = SchedulerKind(name: word) else {
    let names = SchedulerKind.allCases.map(\.name)
    throw ToolError(
      "\(name): found \(printableArgument(word)), expected one of \(names.joined(separator: ", "))"
        + suggestion(for: word, among: names))
  }
  return kind
}
