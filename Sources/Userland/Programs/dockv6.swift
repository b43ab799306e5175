// dockv6: asks the container manager, `cm`, and passes on what it answers. The container's output and
// errors become its own, its own input the container's, and the container's exit status its own. What
// it cannot write ends it, with status 1, and with it the container that it is attached to.

func run(_ arguments: Arguments) -> ExitStatus {
  guard arguments.count > 1 else { return usage() }
  let verb = arguments[1]
  let count = arguments.count
  if verb == "run" || verb == "create" {
    guard count == 3 else { return usage() }
    return ask(verb == "run" ? ASK_RUN : ASK_CREATE, specAt: arguments[2])
  }
  if verb == "exec" {
    guard count > 3, arguments[2][0] != 0 else { return usage() }
    return ask(ASK_EXEC, words: arguments)
  }
  if let program = other(verb) {
    _ = exec(program.path, arguments.vector)
    complain("dockv6: cannot run \(program, width: 0)\n")
    return 1
  }
  return count == 2 ? ask(ASK_RUN, specAt: verb) : usage()
}

/// The program for a verb that the manager has no part in; nil if it has.
func other(_ verb: CString) -> StaticString? {
  if isOne(verb, of: "ps top stats logs kill wait pause resume update network port ") {
    return "/dockps"
  }
  if verb == "build" { return "/dockbuild" }
  if verb == "cp" { return "/dockcp" }
  return isOne(verb, of: "images inspect diff commit rename rm prune ") ? "/dockimg" : nil
}

func usage() -> ExitStatus {
  complain(
    """
    usage: dockv6 [run | create] SPEC.json | ps | exec ID PROGRAM [ARGUMENT...]
           dockv6 kill | logs | top | wait | pause | resume | stats | update | network | port
           dockv6 inspect | diff | commit | cp | rename | rm | prune | images | build\n
    """)
  return 1
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
    let spec = try Spec.read(&json)
    for number in 0..<spec.unknownCount { warn(of: spec.unknown[number], in: json, path) }
    json = JsonReader(text, Int(count))
    let composition = try Composition.read(&json)
    guard isThere(composition, path) else { return 1 }
  } catch {
    let place = json.position(of: error.index)
    let found = UnsafeMutablePointer<CChar>.allocate(capacity: 32)
    json.copyFound(at: error.index, to: found)
    complain(
      """
      dockv6: \(path):\(place.line):\(place.column): expected \(error.expected.text), \
      found \(CString(found))\n
      """)
    return 1
  }
  return ask(what, bytes: text, count: Int(count))
}

/// Tells of a key that means nothing here.
func warn(of index: Int, in json: JsonReader, _ path: CString) {
  let place = json.position(of: index)
  let key = UnsafeMutablePointer<CChar>.allocate(capacity: Spec.keyCapacity)
  var reader = JsonReader(json.text, json.count, at: index)
  do throws(JsonError) {
    _ = try reader.string(key, capacity: Spec.keyCapacity)
  } catch {
    return
  }
  complain(
    """
    dockv6: \(path):\(place.line):\(place.column): warning: the key \(CString(key)) is unknown \
    and ignored\n
    """)
}

/// Whether the layers that a spec names are on the disk; warns of mounts that are of no use here.
func isThere(_ composition: Composition, _ path: CString) -> Bool {
  for index in 0..<composition.mountCount {
    let mount = composition.mounts[index]
    if let type = mount.type, !mount.isBind, Composition.fileSystem(type) == nil {
      complain("dockv6: \(path): warning: a mount of type \(type) is unknown and left out\n")
    }
  }
  for index in 0..<composition.layerCount {
    let layer = composition.layers[index]
    var status = stat()
    if layer[0] == CChar(ascii: "/") {
      if stat(layer, &status) == 0, CInt(status.type) == T_DIR { continue }
      complain("dockv6: \(path): found no directory \(layer), expected that layer\n")
      return false
    }
    if stat(Image(layer).list, &status) == 0 { continue }
    complain("dockv6: \(path): found no image \(layer), expected one of dockv6 images\n")
    return false
  }
  return true
}

/// Asks something about a container: its number or name, and the words behind it.
func ask(_ what: CInt, words: Arguments) -> ExitStatus {
  let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: Int(PGSIZE))
  var count = 0
  words.forEach(from: 2) { word in
    strcpy(bytes + count, word)
    count += strlen(word) + 1
  }
  return ask(what, bytes: bytes, count: count)
}

func ask(_ what: CInt, bytes: UnsafeRawPointer, count: Int) -> ExitStatus {
  guard let region = RequestRegion(), region.isManaged else {
    complain("dockv6: there is no manager; start it with `cm &`\n")
    return 1
  }
  let me = getpid()
  guard let (number, channel) = Channel(client: me).map({ (0, $0) }) ?? region.claimChannel() else {
    complain("dockv6: no shared page or mutex left\n")
    return 1
  }
  channel.begin()
  let isServed = region.send(
    request_head(
      magic: UInt32(REQUEST_MAGIC), ask: what, client: me, channel: number, count: UInt32(count)),
    bytes)
  guard isServed else {
    complain("dockv6: the manager has ended before it took the request\n")
    return 1
  }
  region.close()
  var client = Client(channel: channel, asked: what)
  return client.run()
}

// MARK: - Answers

struct Client {
  private let channel: Channel
  private let asked: CInt
  private var reader: CInt = 0
  private var hasKnocked = false

  init(channel: Channel, asked: CInt) {
    self.channel = channel
    self.asked = asked
  }

  private var isAttached: Bool { asked != ASK_CREATE }

  /// Does what the frames say, until the last one.
  mutating func run() -> ExitStatus {
    var open = 2  // streams that have not ended: output and errors
    var status: ExitStatus = 0
    while open > 0 {
      guard let frame = channel.receive() else {
        complain("dockv6: the manager sends what is no answer\n")
        status = 1
        break
      }
      switch frame.kind {
      case TELL_STARTED:
        guard isAttached else { return tellNumber() }
        startReader()
      case TELL_OUTPUT, TELL_ERRORS:
        let descriptor: CInt = frame.kind == TELL_OUTPUT ? 1 : 2
        if write(descriptor, channel.bytes, CInt(frame.count)) != CInt(frame.count) {
          complainOfLoss(descriptor)
          status = 1
          open = 0
        }
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

  /// Prints the number of a container that goes on by itself.
  private func tellNumber() -> ExitStatus {
    let container = channel.number
    if say("\(container)\n") { return 0 }
    complain("dockv6: container \(container) runs, but that cannot be written\n")
    return 1
  }

  /// Says that something has come that cannot be written. A pipe has no status.
  private func complainOfLoss(_ descriptor: CInt) {
    var status = stat()
    let isFile = fstat(descriptor, &status) == 0
    let why: StaticString =
      isFile ? "no room for it in the file or on the disk" : "nobody reads it"
    let what: StaticString = descriptor == 1 ? "output" : "errors"
    let end: StaticString =
      asked == ASK_RUN
      ? "; the container is ended" : asked == ASK_EXEC ? "; the program is ended" : ""
    complain("dockv6: cannot write the \(what, width: 0): \(why, width: 0)\(end, width: 0)\n")
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
