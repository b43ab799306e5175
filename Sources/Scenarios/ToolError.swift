/// What is wrong with what the user gave, in one line.
package struct ToolError: Error, CustomStringConvertible {
  package var description: String
  package init(_ description: String) { self.description = description }
}
