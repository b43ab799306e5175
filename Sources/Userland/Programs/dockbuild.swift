// dockbuild: dockv6's build. A build file has a line for each step:
//
//     from base             the layers of an image; or `from scratch`
//     copy /home/site /www  a file or directory of the machine
//     run echo made > /log  a command, by the image's /sh, in a container of its own
//
// Each step but the first is a layer in /images/.layers, under a name that is worked out from what it is made from:
// the layers below, the line, and the bytes that are copied. What is there already is kept; so a build that is
// done again runs nothing. Which layers it uses a build writes down (BuildUse.swift), so that none of them is removed, or
// made by somebody else, meanwhile.

func run(_ arguments: Arguments) -> ExitStatus {
  let count = arguments.count
  guard count == 3 || count == 4, arguments[1] == "build" else { return usage() }
  let name = count == 4 ? arguments[3] : imageName(of: arguments[2])
  guard canBeMade(image: name) else { return 1 }
  guard var build = Build(arguments[2]) else { return 1 }
  let isWhole = build.run(as: name)
  build.end()
  return isWhole ? 0 : 1
}

func usage() -> ExitStatus {
  complain("usage: dockv6 build FILE [IMAGE]\n")
  return 1
}

/// A file's name without what follows its first dot.
func imageName(of path: CString) -> CString {
  let (name, length) = lastComponent(of: path)
  let copy = UnsafeMutablePointer<CChar>.allocate(capacity: length + 1)
  memcpy(copy, name, length)
  copy[length] = 0
  var end = 0
  while copy[end] != 0, !(copy[end] == ".") { end += 1 }
  copy[end] = 0
  return CString(copy)
}

struct Build {
  private let file: CString
  private var line = 0
  private var stack = LayerStack()
  private var hasBegun = false
  /// Of all that the layers so far are made from (FNV-1a).
  private var key: UInt64 = 0xcbf2_9ce4_8422_2325
  private let work = FileWork(program: "dockv6")
  private let use: BuildUse

  /// - Returns: nil, with a complaint, if there is no mutex left.
  init?(_ file: CString) {
    guard let use = BuildUse() else {
      complain("dockv6: no mutex left\n")
      return nil
    }
    self.file = file
    self.use = use
  }

  mutating func run(as name: CString) -> Bool {
    let descriptor = open(file, O_RDONLY)
    guard descriptor >= 0 else {
      complain("dockv6: cannot open \(file)\n")
      return false
    }
    _ = mkdir(Image.place.path)
    _ = mkdir(Image.buildPlace.path)
    var input = InputBytes(descriptor)
    var text = KeptBytes()
    while true {
      let byte = input.next()
      if let byte, byte != UInt8(ascii: "\n") {
        guard text.count < 512, text.append(byte) else {
          return wrong("a line of at most 512 bytes")
        }
        continue
      }
      line += 1
      guard step(text.text) else { return false }
      text.removeAll()
      if byte == nil { break }
    }
    _ = close(descriptor)
    guard !input.hasFailed, stack.count > 0 else { return wrong("from, and steps after it") }
    return finish(name)
  }

  private func finish(_ name: CString) -> Bool {
    guard var folder = PathText(Image.place.path), folder.append(name) else { return false }
    _ = mkdir(folder.text)
    guard stack.write(to: Image(name).list) else {
      complain("dockv6: no room for the image \(name)\n")
      return false
    }
    say("image \(name): \(stack.count) layers\n")
    return true
  }

  /// Nothing is used any more.
  func end() { use.end() }

  private func wrong(_ expected: StaticString) -> Bool {
    complain("dockv6: \(file):\(line): expected \(expected, width: 0)\n")
    return false
  }

  // MARK: Steps

  private mutating func step(_ text: UnsafeMutablePointer<CChar>) -> Bool {
    var rest = text
    let word = cut(&rest)
    if word[0] == 0 || word[0] == CChar(ascii: "#") { return true }
    if isWord(word, "from") {
      guard !hasBegun else { return wrong("from only once, at the beginning") }
      return begin(cut(&rest), rest)
    }
    guard hasBegun else { return wrong("from IMAGE first") }
    if isWord(word, "run") {
      guard rest[0] != 0 else { return wrong("run COMMAND") }
      guard stack.count > 0 else {
        return wrong("something to run it in: from scratch has nothing")
      }
      add(("run" as StaticString).path)
      add(rest)
      let command = CString(rest)
      // As it is now: the layers below.
      let build = self
      return layer("run", command) { build.runCommand(command, in: $0, $1) }
    }
    guard isWord(word, "copy") else { return wrong("from, copy or run") }
    let source = CString(cut(&rest))
    let target = CString(cut(&rest))
    guard source[0] != 0, Composition.isPath(target), rest[0] == 0 else {
      return wrong("copy FROM TO, where TO is a path from / without ..")
    }
    add(("copy" as StaticString).path)
    add(target)
    guard addContents(of: source) else { return false }
    let build = self
    return layer("copy", source) { layer, _ in build.copy(source, to: target, in: layer) }
  }

  private mutating func begin(_ image: UnsafeMutablePointer<CChar>, _ rest: CString) -> Bool {
    hasBegun = true
    guard image[0] != 0, rest[0] == 0 else { return wrong("from IMAGE, or from scratch") }
    if CString(image) == "scratch" { return true }
    guard isImageName(image), stack.add(list: Image(image).list) else {
      return wrong("an image of dockv6 images, or scratch")
    }
    for index in 0..<stack.count { add(stack.paths[index]) }
    return use.lock.held { use.write(stack) } || wrong("room on the disk")
  }

  /// Cuts the next word off, and the blanks behind it.
  private func cut(_ rest: inout UnsafeMutablePointer<CChar>) -> UnsafeMutablePointer<CChar> {
    while isBlank(rest[0]) { rest += 1 }
    let word = rest
    while rest[0] != 0, !isBlank(rest[0]) { rest += 1 }
    if rest[0] != 0 {
      rest[0] = 0
      rest += 1
    }
    while isBlank(rest[0]) { rest += 1 }
    return word
  }

  /// In small letters or in capitals.
  private func isWord(_ text: CString, _ word: StaticString) -> Bool {
    var index = 0
    while index < word.utf8CodeUnitCount {
      guard UInt8(bitPattern: text[index]) | 0x20 == word.utf8Start[index] else { return false }
      index += 1
    }
    return text[index] == 0
  }

  // MARK: Keys

  private mutating func add(byte: UInt8) { key = (key ^ UInt64(byte)) &* 0x100_0000_01b3 }

  /// A text with its end.
  private mutating func add(_ text: CString) {
    for index in 0...strlen(text) { add(byte: UInt8(bitPattern: text[index])) }
  }

  /// All that is copied: names and bytes.
  private mutating func addContents(of source: CString) -> Bool {
    guard var walk = Walk(source, "dockv6") else { return false }
    while let visit = walk.next() {
      guard visit != .left else { continue }
      add(walk.path.text)
      guard visit == .file, CInt(walk.status.type) == T_FILE else { continue }
      let file = open(walk.path.text, O_RDONLY)
      var input = InputBytes(file)
      while let byte = input.next() { add(byte: byte) }
      _ = close(file)
      input.deallocate()
    }
    return !walk.hasFailed
  }

  // MARK: Layers

  /// Adds the layer that the key stands for, made by the body if it is not there.
  ///
  /// - Parameter make: fills a directory; there is another beside it to mount at.
  private mutating func layer(
    _ verb: StaticString, _ what: CString, _ make: (_ layer: CString, _ mount: CString) -> Bool
  ) -> Bool {
    guard var place = PathText(Image.buildPlace.path) else { return false }
    appendKey(to: &place)
    let length = place.length
    func inside(_ name: StaticString) -> CString {
      place.cut(to: length)
      _ = place.append(name.path)
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: Int(MAXPATH))
      strcpy(copy, place.text)
      place.cut(to: length)
      return CString(copy)
    }
    let done = inside("done")
    let path = inside("l")
    guard stack.add(path) else { return wrong("at most 32 layers") }
    var status = stat()
    var isKept = false
    while true {
      let found: BuildUse.Finding = use.lock.held {
        isKept = stat(done, &status) == 0
        let isThere = stat(place.text, &status) == 0
        // Without its mark it is being made by another build, or was left by one that was killed.
        if !isKept, isThere, use.isUsedByOthers(place.text) { return .busy }
        guard use.write(stack) else { return .noRoom }
        if isKept { return .mine }
        if isThere, !work.removeTree(place.text) { return .noRoom }
        return mkdir(place.text) == 0 ? .mine : .noRoom
      }
      if found == .mine { break }
      guard found == .busy, sleep(1) == 0 else { return wrong("room on the disk") }
    }
    if !isKept {
      let mount = inside("m")
      guard mkdir(path) == 0, mkdir(mount) == 0, make(path, mount) else {
        complain("dockv6: \(file):\(line): \(verb, width: 0) \(what) failed\n")
        _ = work.removeTree(place.text)
        return false
      }
      let mark = open(done, O_RDONLY | O_CREATE)
      _ = close(mark)
      guard mark >= 0 else { return wrong("room on the disk") }
    }
    say("\(isKept ? "kept" : "made", width: 0) \(verb, width: 0) \(what)\n")
    return true
  }

  /// 14 digits of base 16: as long as a name can be.
  private func appendKey(to place: inout PathText) {
    let digits = UnsafeMutablePointer<CChar>.allocate(capacity: 15)
    for index in 0..<14 {
      let digit = UInt8(truncatingIfNeeded: key >> UInt64(4 * index) & 15)
      digits[index] = CChar(
        bitPattern: digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
    digits[14] = 0
    _ = place.append(digits)
  }

  private func copy(_ source: CString, to target: CString, in layer: CString) -> Bool {
    guard var place = PathText(layer), place.append(target + 1) || target[1] == 0 else {
      complain("dockv6: path too long: \(layer)\(target)\n")
      return false
    }
    let isInto = target[strlen(target) - 1] == CChar(ascii: "/")
    if isInto {
      let (name, _) = lastComponent(of: source)
      guard place.append(name) else { return false }
    }
    place.makeParents(from: strlen(layer) + 1)
    var status = stat()
    guard stat(source, &status) == 0 else { return false }
    return isDirectory(status)
      ? work.copyTree(source, to: place.text) : work.copyFile(source, to: place.text)
  }

  // MARK: Commands

  /// Runs a command in a container of its own, whose layer this is, and passes its output on: nobody in a container
  /// reaches the console.
  private func runCommand(_ command: CString, in layer: CString, _ target: CString) -> Bool {
    guard let ends = PipeEnds() else { return false }
    let child = fork()
    if child == 0 {
      _ = close(1)
      _ = dup(ends.output)
      _ = close(2)
      _ = dup(ends.output)
      _ = close(ends.input)
      _ = close(ends.output)
      become(command, in: layer, target)
    }
    _ = close(ends.output)
    var input = InputBytes(ends.input)
    var output = OutputBytes(1)
    while let byte = input.next() {
      output.put(byte)
      if byte == UInt8(ascii: "\n") { output.flush() }
    }
    output.flush()
    _ = close(ends.input)
    var status: CInt = 1
    return child > 0 && wait(&status) == child && status == 0
  }

  private func become(_ command: CString, in layer: CString, _ target: CString) -> Never {
    guard cm_create_and_enter() == 0, stack.mountUnion(at: target, upper: layer),
      cm_setroot(target, CInt(strlen(target))) == 0
    else {
      complain("dockv6: no container for it\n")
      exit(125)
    }
    let vector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: 4)
    vector[0] = UnsafeMutablePointer(mutating: ("/sh" as StaticString).path)
    vector[1] = UnsafeMutablePointer(mutating: ("-c" as StaticString).path)
    vector[2] = UnsafeMutablePointer(mutating: command)
    vector[3] = nil
    _ = exec(CString(vector[0].unsafelyUnwrapped), vector)
    complain("dockv6: there is no /sh in the image\n")
    exit(127)
  }
}
