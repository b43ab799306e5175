import ArgumentParser
import Recorder

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

/// Reads a time of a session, in instructions.
///
/// - Throws: `ValidationError` if it is none.
func time(_ text: String) throws -> Int64 {
  guard let time = Int64(text), time >= 0 else {
    throw ValidationError("expected a time from 0")
  }
  return time
}

/// Says that a window holds nothing because it begins after the session's end.
func complainIfBeyondEnd(from: Int64, _ reader: TraceReader) {
  let end = reader.summary.instructions
  guard from > end else { return }
  complain("--from: \(from) lies beyond the session's end at \(end)")
}
