import ArgumentParser
import Foundation
import Scenarios
import Sim

/// `drydock defects`: the mistakes that the kernel can be told to make.
struct DefectsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "defects",
    abstract: "List the mistakes that the kernel can make on request.",
    discussion: """
      Real kernels have had each of them. With --defect NAME on run, record and replay the kernel \
      makes the mistake; this shows its effects, and which invariant notices it.
      """)

  @Flag(help: "Only the names, one a line.")
  var names = false

  func run() throws {
    let output = OutputBuffer(STDOUT_FILENO)
    let width = Defect.allCases.map(\.name.count).max() ?? 0
    for defect in Defect.allCases {
      let padding = String(repeating: " ", count: width + 2 - defect.name.count)
      output.line(names ? defect.name : defect.name + padding + defect.sentence)
    }
    output.finish()
  }
}

/// Reads an option's defect.
///
/// - Throws: `ValidationError` with the nearest name if there is none of this one.
func defect(named name: String) throws -> Defect {
  guard let defect = Defect(name: name) else {
    throw ValidationError(
      "found \(name), expected a name that drydock defects lists"
        + suggestion(for: name, among: Defect.allCases.map(\.name)))
  }
  return defect
}
