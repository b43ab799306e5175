// What a container has changed of the layers that it stands on. Both are looked at as unions show them, so that
// nobody here has to know how a layer says that something is hidden: one union of the layers below, mounted beside
// the container's place for as long as it takes, and the container's own, which a process of its own goes through:
// within the container if that runs, else in a union of all layers.

struct LayerDiff {
  enum Kind { case added, changed, deleted }

  /// One line of the list.
  struct Change {
    var kind: Kind
    /// Within the root, without a slash at its beginning.
    var path: CString
    var isDirectory: Bool
  }

  private let id: CInt
  private let place: ContainerPlace
  private let program: StaticString
  private var stack = LayerStack()
  private let low: CString
  private let full: CString
  private var isRunning = false
  private var input = InputBytes(-1)
  private var answers = PipeEnds?.none
  private var asks = PipeEnds?.none
  private var child: CInt = 0

  var layers: LayerStack { stack }

  /// - Returns: nil, with a complaint, if the container has no layers.
  init?(_ id: CInt, at place: ContainerPlace, _ program: StaticString) {
    self.id = id
    self.program = program
    self.place = place
    low = place.file("low")
    full = place.file("full")
    guard stack.add(list: place.layers) else {
      complain("\(program, width: 0): container \(id) has no layers\n")
      return nil
    }
    var info = cm_info()
    isRunning = cm_info(id, &info) == id
  }

  /// Tells of each change until the body says no, parents before what is in them.
  ///
  /// - Returns: false if that cannot be found out, or the body said no.
  mutating func run(_ body: (Change) -> Bool) -> Bool {
    guard begin() else {
      end()
      return false
    }
    let isWhole = tellPresent(body) && tellDeleted(body)
    end()
    return isWhole
  }

  // MARK: Beginning and end

  private mutating func begin() -> Bool {
    _ = mkdir(low)
    guard mountLayers(stack, at: low) else { return false }
    if !isRunning {
      var all = stack
      _ = mkdir(full)
      guard all.add(place.upper), mountLayers(all, at: full) else { return false }
    }
    guard let answers = PipeEnds(), let asks = PipeEnds() else {
      complain("\(program, width: 0): no pipe left\n")
      return false
    }
    self.answers = answers
    self.asks = asks
    child = fork()
    if child == 0 {
      _ = close(answers.input)
      _ = close(asks.output)
      serve(asks.input, answers.output)
    }
    _ = close(answers.output)
    _ = close(asks.input)
    input = InputBytes(answers.input)
    guard child > 0, input.next() == UInt8(ascii: "y") else {
      complain("\(program, width: 0): cannot look into container \(id)\n")
      return false
    }
    return true
  }

  private func mountLayers(_ layers: LayerStack, at target: CString) -> Bool {
    if layers.mountUnion(at: target, upper: nil) { return true }
    complain("\(program, width: 0): cannot lay layers on each other in \(target)\n")
    return false
  }

  private func end() {
    if let answers, let asks {
      _ = close(answers.input)
      _ = close(asks.output)
    }
    if child > 0 { while wait(nil) > 0 {} }
    remove(low)
    if !isRunning { remove(full) }
  }

  private func remove(_ target: CString) {
    _ = umount(target)
    _ = unlink(target)
  }

  // MARK: The process that sees the container's root

  private func serve(_ questions: CInt, _ answers: CInt) -> Never {
    var output = OutputBytes(answers)
    let base = isRunning ? ("/" as StaticString).path : full
    guard !isRunning || cm_join(id) == 0, var walk = Walk(base, program) else {
      output.put(UInt8(ascii: "n"))
      output.flush()
      exit(1)
    }
    output.put(UInt8(ascii: "y"))
    var device: CInt = 0
    while let visit = walk.next() {
      if walk.depth == 0 { device = walk.status.dev }
      if visit == .left || walk.path.length <= strlen(base) && walk.depth == 0 { continue }
      // What is mounted in there is not the container's own.
      if visit == .directory, walk.status.dev != device { walk.skip() }
      output.put(UInt8(ascii: visit == .directory ? "d" : "f"))
      output.put(walk.path.text + strlen(base) + (isRunning ? 0 : 1))
      output.put(0)
    }
    output.put(UInt8(ascii: "e"))
    output.flush()
    var asked = InputBytes(questions)
    while let path = LayerDiff.text(&asked) {
      var found = stat()
      var text = PathText(base)
      let isThere = text?.append(path) == true && stat(text.unsafelyUnwrapped.text, &found) == 0
      output.put(UInt8(ascii: !isThere ? "n" : isDirectory(found) ? "d" : "f"))
      output.flush()
      text?.deallocate()
    }
    exit(0)
  }

  /// A text up to its NUL; nil at the end.
  private static func text(_ input: inout InputBytes) -> CString? {
    var bytes = KeptBytes()
    while let byte = input.next() {
      if byte == 0 { return CString(bytes.text) }
      _ = bytes.append(byte)
    }
    return nil
  }

  // MARK: What has become of it

  private mutating func tellPresent(_ body: (Change) -> Bool) -> Bool {
    while let kind = input.next(), kind != UInt8(ascii: "e") {
      guard let path = LayerDiff.text(&input) else { return false }
      let isDirectory = kind == UInt8(ascii: "d")
      var below = stat()
      var own = stat()
      let change: Kind?
      if !status(low, path, &below) {
        change = .added
      } else if isDirectory != (CInt(below.type) == T_DIR) {
        change = .changed
      } else if !isDirectory, status(place.upper, path, &own), CInt(own.type) == T_FILE {
        change = .changed
      } else {
        change = nil
      }
      if let change, !body(Change(kind: change, path: path, isDirectory: isDirectory)) {
        return false
      }
      free(UnsafeMutableRawPointer(mutating: path))
    }
    return true
  }

  private mutating func tellDeleted(_ body: (Change) -> Bool) -> Bool {
    guard let answers, let asks, var walk = Walk(low, program) else { return false }
    input = InputBytes(answers.input)
    while let visit = walk.next() {
      guard visit != .left, walk.depth > 0 else { continue }
      let path = walk.path.text + strlen(low) + 1
      let length = CInt(strlen(path) + 1)
      guard write(asks.output, path, length) == length, let answer = input.next() else {
        return false
      }
      // Where a file is now that was a directory, the file has been told of.
      if visit == .directory, answer != UInt8(ascii: "d") { walk.skip() }
      guard answer == UInt8(ascii: "n") else { continue }
      guard body(Change(kind: .deleted, path: path, isDirectory: visit == .directory)) else {
        return false
      }
    }
    return !walk.hasFailed
  }

  private func status(_ base: CString, _ path: CString, _ status: inout stat) -> Bool {
    guard var text = PathText(base) else { return false }
    defer { text.deallocate() }
    return text.append(path) && stat(text.text, &status) == 0
  }
}
