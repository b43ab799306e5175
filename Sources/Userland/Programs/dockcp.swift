// dockcp: dockv6's cp, of files and directories into a container that runs, or out of it. Nobody sees both sides: so one
// process stays outside and another joins the container; what the one reads it sends to the other through a pipe:
//
//     d PATH NUL                    a directory, within what is copied; of that itself the path is empty
//     f PATH NUL (count bytes)...   a file, in pieces of a 16-bit count and so many bytes; the last has none
//     e                             the end
//
// What the one in the container has to say comes out through another pipe.

func run(_ arguments: Arguments) -> ExitStatus {
  guard arguments.count == 4 else { return usage() }
  var id: CInt = 0
  let from = containerPath(arguments[2], &id)
  let to = containerPath(arguments[3], &id)
  if id < 0 { return 1 }
  guard (from == nil) != (to == nil) else { return usage() }
  guard let stream = PipeEnds(), let words = PipeEnds() else {
    complain("dockv6: no pipe left\n")
    return 1
  }
  let sender = fork()
  if sender == 0 {
    _ = close(stream.input)
    if from != nil { join(id, words) }
    var sender = Sender(stream.output)
    exit(sender.send(from ?? arguments[2]) ? 0 : 1)
  }
  let receiver = sender > 0 ? fork() : -1
  if receiver == 0 {
    _ = close(stream.output)
    if to != nil { join(id, words) }
    var receiver = Receiver(stream.input)
    exit(receiver.receive(to ?? arguments[3]) ? 0 : 1)
  }
  for end in [stream.input, stream.output, words.output] { _ = close(end) }
  var status: ExitStatus = 0
  if receiver < 0 {
    complain("dockv6: no process or memory left\n")
    status = 1
  }
  var input = InputBytes(words.input)
  var output = OutputBytes(2)
  while let byte = input.next() {
    output.put(byte)
    if byte == UInt8(ascii: "\n") { output.flush() }
  }
  output.flush()
  var ended: CInt = 0
  while wait(&ended) > 0 { if ended != 0 { status = 1 } }
  return status
}

func usage() -> ExitStatus {
  complain("usage: dockv6 cp PATH ID:PATH | cp ID:PATH PATH\n")
  return 1
}

/// The path in `ID:PATH`, with a container's number or name, and which one that is: below 0, with a complaint, if
/// there is none. Nil if the text is no such path: a colon after a slash is part of a name.
func containerPath(_ text: CString, _ id: inout CInt) -> CString? {
  var length = 0
  while text[length] != 0, !(text[length] == CChar(ascii: "/")),
    !(text[length] == CChar(ascii: ":"))
  {
    length += 1
  }
  guard text[length] == CChar(ascii: ":") else { return nil }
  let who = UnsafeMutablePointer<CChar>.allocate(capacity: length + 1)
  memcpy(who, text, length)
  who[length] = 0
  var found: CInt = 0
  if let records = Records() {
    records.takeAll()
    found = records.container(who)
  }
  if found == 0 {
    complain("dockv6: no such container: \(CString(who))\n")
    found = -1
  }
  id = found
  return text + (length + 1)
}

/// Makes the caller a process of the container, whose complaints come out through the pipe.
func join(_ id: CInt, _ words: PipeEnds) {
  _ = close(2)
  _ = dup(words.output)
  if cm_join(id) == 0 { return }
  complain("dockv6: container \(id) does not run, or has no slot left\n")
  exit(1)
}

// MARK: - The process that reads

struct Sender {
  private var output: OutputBytes

  init(_ pipe: CInt) { output = OutputBytes(pipe) }

  /// Sends a file, or a directory with all that is in it; false if that is not whole.
  mutating func send(_ source: CString) -> Bool {
    var status = stat()
    guard source[0] != 0, stat(source, &status) == 0, var walk = Walk(source, "dockv6") else {
      complain("dockv6: cannot open \(source)\n")
      return false
    }
    // Of `a/.` what is in it is meant; of anything else, it, by its name.
    let (name, length) = lastComponent(of: source)
    let isContents = length == 1 && name[0] == CChar(ascii: ".") || name[0] == CChar(ascii: "/")
    if !isContents {
      for index in 0..<length { output.put(UInt8(bitPattern: name[index])) }
    }
    output.put(0)
    let rootLength = walk.path.length
    var isWhole = true
    while let visit = walk.next() {
      if visit == .left { continue }
      var rest = walk.path.text + rootLength
      while rest[0] == CChar(ascii: "/") { rest += 1 }
      if visit == .directory {
        output.put(UInt8(ascii: "d"))
        output.put(rest)
        output.put(0)
      } else if walk.status.type == CShort(T_DEVICE) {
        complain("dockv6: \(walk.path.text) is a device\n")
        isWhole = false
      } else if !send(file: walk.path.text, as: rest) {
        isWhole = false
      }
      // Whoever does not listen any more has said why.
      if output.hasFailed { return false }
    }
    output.put(UInt8(ascii: "e"))
    output.flush()
    return isWhole && !walk.hasFailed && !output.hasFailed
  }

  private mutating func send(file path: CString, as name: CString) -> Bool {
    let file = open(path, O_RDONLY)
    guard file >= 0 else {
      complain("dockv6: cannot open \(path)\n")
      return false
    }
    output.put(UInt8(ascii: "f"))
    output.put(name)
    output.put(0)
    let capacity: CInt = 4096
    let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: Int(capacity))
    var count: CInt
    repeat {
      count = read(file, buffer, capacity)
      output.put(UInt8(truncatingIfNeeded: max(count, 0)))
      output.put(UInt8(truncatingIfNeeded: max(count, 0) >> 8))
      output.put(buffer, Int(max(count, 0)))
    } while count > 0
    buffer.deallocate()
    _ = close(file)
    if count < 0 { complain("dockv6: cannot read \(path)\n") }
    return count == 0
  }
}

// MARK: - The process that writes

struct Receiver {
  private var input: InputBytes
  private var isWhole = true

  init(_ pipe: CInt) { input = InputBytes(pipe) }

  /// Puts what comes where `docker cp` does: into a directory that is there, under its own name, else at the path
  /// itself.
  mutating func receive(_ target: CString) -> Bool {
    // A sender that has found nothing to send has said so.
    guard let name = text(), let first = input.next() else { return false }
    var status = stat()
    let isThere = stat(target, &status) == 0
    guard var place = PathText(target), target[0] != 0 else { return cannotMake(target) }
    let slash = target[strlen(target) - 1] == CChar(ascii: "/")
    if isThere, isDirectory(status) {
      guard name[0] == 0 || place.append(name) else { return cannotMake(target) }
    } else if isThere ? first == UInt8(ascii: "d") || slash : first == UInt8(ascii: "f") && slash {
      complain("dockv6: \(target) is no directory\n")
      return false
    }
    let length = place.length
    var kind: UInt8? = first
    while let one = kind, one != UInt8(ascii: "e") {
      guard let rest = text() else { return false }
      place.cut(to: length)
      let fits = rest[0] == 0 || place.append(rest)
      if !fits { complain("dockv6: path too long: \(place.text)/\(rest)\n") }
      if one == UInt8(ascii: "d") {
        if !fits || !makeDirectory(place.text) { isWhole = false }
      } else {
        takeFile(fits ? place.text : nil)
      }
      free(UnsafeMutableRawPointer(mutating: rest))
      kind = input.next()
    }
    return isWhole && kind != nil
  }

  private func cannotMake(_ path: CString) -> Bool {
    complain("dockv6: cannot make \(path)\n")
    return false
  }

  private func makeDirectory(_ path: CString) -> Bool {
    if mkdir(path) == 0 { return true }
    var status = stat()
    return stat(path, &status) == 0 && isDirectory(status) || cannotMake(path)
  }

  /// Takes a file's bytes; without a path only that.
  private mutating func takeFile(_ path: CString?) {
    let file = path.map { open($0, O_WRONLY | O_CREATE | O_TRUNC) } ?? -1
    var output = OutputBytes(file)
    if file < 0 {
      isWhole = false
      if let path { _ = cannotMake(path) }
    }
    while true {
      guard let low = input.next(), let high = input.next() else {
        isWhole = false
        break
      }
      let count = Int(low) | Int(high) << 8
      if count == 0 { break }
      for _ in 0..<count {
        guard let byte = input.next() else { break }
        if file >= 0, !output.hasFailed { output.put(byte) }
      }
    }
    if file >= 0 {
      output.flush()
      if output.hasFailed {
        isWhole = false
        complain("dockv6: cannot write \(path ?? ("" as StaticString).path)\n")
      }
    }
    output.deallocate()
    _ = close(file)
  }

  /// A text up to its NUL; nil at the end.
  private mutating func text() -> CString? {
    var bytes = KeptBytes()
    while let byte = input.next() {
      if byte == 0 { return CString(bytes.text) }
      _ = bytes.append(byte)
    }
    return nil
  }
}
