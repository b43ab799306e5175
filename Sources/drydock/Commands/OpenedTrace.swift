// Opens a trace for every command that reads one, and prints the warnings about it.

import Recorder

/// Opens a trace and says, a line each, what is wrong with the file as a whole.
///
/// - Parameter refusingStrangers: whether what its recorder did not make is an error.
/// - Throws: `TraceError` if it cannot be read.
func openTrace(_ path: String, refusingStrangers: Bool = false) throws(TraceError) -> TraceReader {
  let reader = try TraceReader(path: path)
  if refusingStrangers { try reader.refuseStrangers() }
  for warning in reader.warnings { complain(warning) }
  return reader
}
