// dockv6: asks the container manager, `cm`, and passes on what it answers. The container's output and
// errors become its own, its own input the container's, and the container's exit status its own.

func run(_ arguments: Arguments) -> ExitStatus {
  guard arguments.count > 1 else { return usage() }
  let verb = arguments[1]
  let count = arguments.count
  if verb == "run" || verb == "create" {
    guard count == 3 else { return usage() }
    return ask(verb == "run" ? ASK_RUN : ASK_CREATE, specAt: arguments[2])
  }
  if verb == "ps" { return count == 2 ? ask(ASK_LIST) : usage() }
  if verb == "exec" || verb == "kill" || verb == "logs" {
    guard count == 3 && !(verb == "exec") || count > 3 && verb == "exec",
      let container = number(arguments[2])
    else { return usage() }
    if verb == "kill" { return ask(ASK_KILL, container: container) }
    if verb == "logs" { return ask(ASK_LOGS, container: container) }
    return ask(ASK_EXEC, container: container, words: arguments)
  }
  return count == 2 ? ask(ASK_RUN, specAt: verb) : usage()
}

func usage() -> ExitStatus {
  complain(
    """
    usage: dockv6 [run | create] SPEC.json | ps | exec ID PROGRAM [ARGUMENT...] | kill ID | logs ID\n
    """)
  return 1
}

/// A container's id, from its digits.
func number(_ text: CString) -> CInt? {
  var digit = text
  while digit[0] >= CChar(ascii: "0"), digit[0] <= CChar(ascii: "9") { digit += 1 }
  guard digit[0] == 0, digit > text, digit - text < 10 else { return nil }
  return atoi(text)
}

// MARK: - Requests

/// Asks for a container; but first sees for itself whether the spec is one.
func ask(_ what: CInt, specAt path: CString) -> ExitStatus {
  let text = UnsafeMutablePointer<UInt8>.allocate(capacity: Spec.bytesMax + 1)
  let file = open(path, O_RDONLY)
  guard file >= 0 else {
    complain("dockv6: cannot open \(path)\n")
    return 1
  }
  let count = read(file, text, CInt(Spec.bytesMax + 1))
  _ = close(file)
  guard count >= 0, count <= Spec.bytesMax else {
    complain("dockv6: \(path): cannot be read, or is longer than \(Spec.bytesMax) bytes\n")
    return 1
  }
  var json = JsonReader(text, Int(count))
  do throws(JsonError) {
    _ = try Spec.read(&json, title: path, warns: true)
  } catch {
    let place = json.position(of: error.index)
    let found = UnsafeMutablePointer<CChar>.allocate(capacity: 32)
    json.copyFound(at: error.index, to: found)
    complain(
      """
      dockv6: \(path):\(place.line):\(place.column): expected \(error.expected, width: 0), \
      found \(CString(found))\n
      """)
    return 1
  }
  return ask(what, bytes: text, count: Int(count))
}

/// Asks to run a program in a container: the words after the container's number.
func ask(_ what: CInt, container: CInt, words: Arguments) -> ExitStatus {
  let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: Int(PGSIZE))
  var count = 0
  words.forEach(from: 3) { word in
    strcpy(bytes + count, word)
    count += strlen(word) + 1
  }
  return ask(what, container: container, bytes: bytes, count: count)
}

func ask(_ what: CInt, container: CInt = 0, bytes: UnsafeRawPointer? = nil, count: Int = 0)
  -> ExitStatus
{
  guard let region = RequestRegion(), region.isManaged else {
    complain("dockv6: there is no manager; start it with `cm &`\n")
    return 1
  }
  let me = getpid()
  guard let channel = Channel(client: me) else {
    complain("dockv6: no shared page or mutex left\n")
    return 1
  }
  channel.begin()
  let isServed = region.send(
    request_head(
      magic: UInt32(REQUEST_MAGIC), ask: what, client: me, container: container,
      count: UInt32(count)), bytes)
  guard isServed else {
    complain("dockv6: the manager has ended before it took the request\n")
    return 1
  }
  region.close()
  var client = Client(channel: channel, isAttached: what != ASK_CREATE)
  return client.run()
}

// MARK: - Answers

struct Client {
  let channel: Channel
  let isAttached: Bool
  private var reader: CInt = 0
  private var hasKnocked = false

  init(channel: Channel, isAttached: Bool) {
    self.channel = channel
    self.isAttached = isAttached
  }

  /// Does what the frames say, until the last one.
  mutating func run() -> ExitStatus {
    var open = isAttached ? 2 : 1  // streams that have not ended: output and errors
    var status: ExitStatus = 0
    while open > 0 {
      guard let frame = channel.receive() else {
        complain("dockv6: the manager sends what is no answer\n")
        status = 1
        break
      }
      switch frame.kind {
      case TELL_STARTED:
        guard isAttached else {
          say("\(channel.number)\n")
          return 0
        }
        startReader()
      case TELL_OUTPUT: _ = write(1, channel.bytes, CInt(frame.count))
      case TELL_ERRORS: _ = write(2, channel.bytes, CInt(frame.count))
      case TELL_INPUT: knock()
      case TELL_INPUT_END:
        knock()
        _ = wait(nil)
        reader = 0
      case TELL_ERRORS_END: open -= 1
      case TELL_ENDED:
        status = channel.number
        open -= 1
      default: break
      }
    }
    if reader > 0 {
      _ = kill(reader)
      _ = wait(nil)
    }
    return status
  }

  private mutating func knock() {
    if !hasKnocked { channel.knock() }
    hasKnocked = true
  }

  /// Has another process read the input: this one waits for output.
  private mutating func startReader() {
    reader = fork()
    if reader == 0 { readInput() }
    if reader < 0 {
      complain("dockv6: no process left to read the input\n")
      channel.endInput()
      knock()
    }
  }

  private func readInput() -> Never {
    channel.reader = getpid()
    let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: Int(FRAME_MAX))
    var isFirst = true
    while !channel.isOver {
      let count = read(0, buffer, FRAME_MAX)
      guard count > 0, channel.putInput(buffer, Int(count)) else { break }
      if isFirst { channel.send(TELL_INPUT, 0) }
      isFirst = false
    }
    channel.endInput()
    channel.send(TELL_INPUT_END, 0)
    exit(0)
  }
}
