// Which calls a machine has: its own and xv6's, or xv6's alone.

import Recorder
import Sim

/// The words for it, in scenarios and at the command line.
package let abiNames = ["drydock", "xv6"]

/// Whether only xv6's calls are to exist.
///
/// - Throws: `ToolError` if the word is neither of the two.
package func isXv6(_ word: String, named name: String) throws -> Bool {
  guard let place = abiNames.firstIndex(of: word) else {
    throw ToolError(
      "\(name): found \(printableArgument(word)), expected \(abiNames.joined(separator: " or "))"
        + suggestion(for: word, among: abiNames))
  }
  return place == 1
}
