// The files that a program is told to go through, or its input where it is told none.

/// Goes through the files from `first` on, `-` standing for the input; of several, each has a title.
///
/// - Parameter show: false if a file cannot be shown, of which it has complained.
/// - Returns: 0, or 1 if something could not be opened or shown.
func eachInput(
  _ program: StaticString, _ arguments: Arguments, from first: Int,
  _ show: (_ descriptor: CInt, _ name: CString) -> Bool
) -> ExitStatus {
  guard first < arguments.count else { return show(0, ("-" as StaticString).path) ? 0 : 1 }
  var status: ExitStatus = 0
  for index in first..<arguments.count {
    let path = arguments[index]
    let isInput = path == "-"
    let descriptor = isInput ? 0 : open(path, O_RDONLY)
    guard descriptor >= 0 else {
      complain("\(program, width: 0): cannot open \(path)\n")
      status = 1
      continue
    }
    if arguments.count - first > 1 {
      let title = isInput ? ("standard input" as StaticString).path : path
      let space: StaticString = index > first ? "\n" : ""
      say("\(space, width: 0)==> \(title) <==\n")
    }
    if !show(descriptor, path) { status = 1 }
    if !isInput { _ = close(descriptor) }
  }
  return status
}
