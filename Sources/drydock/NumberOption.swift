import ArgumentParser

/// Reads an option's number. Such options take whatever comes next as their value (`.unconditional`),
/// so that `--seed -1` is told to be no such number, not to be missing.
///
/// - Throws: `ValidationError` if it is no number, or one that is out of range.
func number<Number: FixedWidthInteger>(_ text: String) throws -> Number {
  guard let number = Number(text) else {
    throw ValidationError(
      Number.isSigned ? "expected a whole number" : "expected a number from 0 to \(Number.max)")
  }
  return number
}
