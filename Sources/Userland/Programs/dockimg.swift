// dockimg: what dockv6 does with images and with what containers leave behind: images, inspect, diff, commit, rename,
// rm and prune. It asks the kernel, the disk and the manager's records, and leaves the manager in peace.

func run(_ arguments: Arguments) -> ExitStatus {
  let verb = arguments.count > 1 ? arguments[1] : ("" as StaticString).path
  let count = arguments.count - 2
  if verb == "images", count == 0 { return listImages() }
  if verb == "prune", count == 0 { return prune() }
  guard count >= 1, let records = Records() else { return usage() }
  records.takeAll()
  let id = records.container(arguments[2])
  let container = Container(records: records, id: id)
  guard id > 0, container.isKnown else {
    complain("dockv6: no such container: \(arguments[2])\n")
    return 1
  }
  if verb == "inspect", count == 1 { return container.inspect() }
  if verb == "diff", count == 1 { return container.diff() }
  if verb == "rm", count == 1 { return container.remove() }
  if verb == "commit", count == 2 { return container.commit(as: arguments[3]) }
  if verb == "rename", count == 2 { return container.rename(to: arguments[3]) }
  return usage()
}

func usage() -> ExitStatus {
  complain(
    """
    usage: dockv6 images | inspect ID | diff ID | commit ID IMAGE | rename ID NAME | rm ID | prune\n
    """)
  return 1
}

// MARK: - Images

func listImages() -> ExitStatus {
  say("IMAGE          LAYERS  FILES    BYTES\n")
  var status: ExitStatus = 0
  var found = stat()
  guard stat(Image.place.path, &found) == 0 else { return 0 }
  guard var walk = Walk(Image.place.path, "dockv6") else { return 1 }
  while let visit = walk.next() {
    guard visit == .directory, walk.depth == 1 else { continue }
    walk.skip()
    let (name, _) = lastComponent(of: walk.path.text)
    var stack = LayerStack()
    guard isImageName(name), stack.add(list: Image(name).list) else { continue }
    var files = 0
    var bytes = 0
    for index in 0..<stack.count {
      guard var layer = Walk(stack.paths[index], "dockv6") else { continue }
      while let visit = layer.next() {
        guard visit == .file, CInt(layer.status.type) == T_FILE else { continue }
        files += 1
        bytes += Int(layer.status.size)
      }
      if layer.hasFailed { status = 1 }
      layer.deallocate()
    }
    say("\(name, width: 14) \(stack.count, width: 7) \(files, width: 8) \(bytes)\n")
  }
  return walk.hasFailed ? 1 : status
}

// MARK: - A container

struct Container {
  let records: Records
  let id: CInt

  /// What it has on the disk: the first container's, if its init was started again in others.
  var place: ContainerPlace {
    let home = records.find(id).map { records[$0].pointee.home } ?? 0
    return ContainerPlace(home > 0 ? home : id)
  }

  /// Whether it runs, or is about to be started again.
  var isLiving: Bool {
    var info = cm_info()
    return cm_info(id, &info) == id
      || records.find(id).map { record_lives(records[$0]) != 0 } ?? false
  }

  /// Whether it lives, or has left a record or anything on the disk.
  var isKnown: Bool {
    var found = stat()
    return isLiving || records.find(id) != nil || stat(place.path, &found) == 0
  }

  func diff() -> ExitStatus {
    guard var diff = LayerDiff(id, at: place, "dockv6") else { return 1 }
    let isWhole = diff.run { change in
      let letter: StaticString
      switch change.kind {
      case .added: letter = "A"
      case .changed: letter = "C"
      case .deleted: letter = "D"
      }
      // The names are a container's, and may be made to steer a terminal: a message escapes them.
      return say("\(letter, width: 0) /\(change.path)\n")
    }
    return isWhole ? 0 : 1
  }

  // MARK: commit

  /// Makes an image of the container's layers and, on top, what it has changed.
  func commit(as name: CString) -> ExitStatus {
    var found = stat()
    guard canBeMade(image: name) else { return 1 }
    guard var diff = LayerDiff(id, at: place, "dockv6"), var folder = PathText(Image.place.path),
      folder.append(name)
    else { return 1 }
    _ = mkdir(Image.place.path)
    guard stat(folder.text, &found) < 0, mkdir(folder.text) == 0 else {
      complain("dockv6: cannot make \(folder.text): it is there already, or there is no room\n")
      return 1
    }
    let top = folder.length
    _ = folder.append(("0" as StaticString).path)
    _ = mkdir(folder.text)
    let layer = Layer(folder.text, from: place.upper)
    var stack = diff.layers
    if diff.run(layer.apply), stack.add(folder.text), stack.write(to: Image(name).list) { return 0 }
    complain("dockv6: there is no image \(name)\n")
    folder.cut(to: top)
    _ = FileWork(program: "dockv6").removeTree(folder.text)
    return 1
  }

  // MARK: rename, rm

  func rename(to name: CString) -> ExitStatus {
    guard strlen(name) < Int(RECORD_NAME), name[0] != 0, !isNumber(name) else {
      complain("dockv6: found \(name), expected a name of at most 63 bytes that is no number\n")
      return 1
    }
    guard let region = RequestRegion(), let index = records.find(id) else {
      complain("dockv6: the manager knows nothing of container \(id)\n")
      return 1
    }
    let isOnlyOne = region.whileLocked { records.rename(records[index], to: name) }
    if isOnlyOne {
      group_name(id, name)
      return 0
    }
    complain("dockv6: a container that runs is called \(name)\n")
    return 1
  }

  func remove() -> ExitStatus {
    guard !isLiving else {
      complain("dockv6: container \(id) runs; dockv6 kill \(id) ends it\n")
      return 1
    }
    let index = records.find(id)
    let serial = index.map { records[$0].pointee.serial } ?? 0
    var found = stat()
    if stat(place.path, &found) == 0, !FileWork(program: "dockv6").removeTree(place.path) {
      return 1
    }
    if let index { record_forget(records[index], id, serial) }
    return 0
  }

  // MARK: inspect

  func inspect() -> ExitStatus {
    var output = OutputBytes(1)
    var info = cm_info()
    let living = cm_info(id, &info) == id
    let record = records.find(id).map { records[$0] }
    var stack = LayerStack()
    let hasLayers = stack.add(list: place.layers)
    output.put(("{\n  \"id\": " as StaticString).path)
    output.put(number: Int(id))
    output.put(key: "state", living ? "running" : isLiving ? "restarting" : "exited")
    if let record {
      record_terminate(record)
      output.put(key: "name", text: record_name(record))
      output.put(key: "init", text: record_init(record))
      output.put(key: hasLayers ? "image" : "root", text: record_root(record))
      output.put(key: "limit", number: Int(record.pointee.limit))
      let restarts = Int(record.pointee.restarts)
      if restarts > 0 { output.put(key: "restarts", number: restarts) }
      if !living { output.put(key: "status", number: Int(record.pointee.status)) }
    }
    if living {
      output.put(key: "processes", number: Int(info.processes))
      output.put(key: "initPid", number: Int(info.`init`))
      if let address = GroupFiles(id).read(("net.address" as StaticString).path),
        address[0] <= CChar(ascii: "9")
      {
        output.put(key: "address", text: address)
      }
      // As they are now, which may have been changed since it began.
      output.put(key: "limits")
      output.put(UInt8(ascii: "{"))
      for limit in 0...CInt(LIMIT_TABLES) where limit != LIMIT_WRITE {
        let file = limit_file(limit).unsafelyUnwrapped
        guard let value = GroupFiles(id).read(file) else { continue }
        output.put((limit == 0 ? "" as StaticString : ",\n    ").path)
        output.put(json: file)
        output.put((": " as StaticString).path)
        output.put(json: value)
      }
      output.put(UInt8(ascii: "}"))
    }
    if hasLayers {
      output.put(key: "layers")
      for index in 0..<stack.count {
        output.put((index == 0 ? "[" as StaticString : ", ").path)
        output.put(json: stack.paths[index])
      }
      output.put(UInt8(ascii: "]"))
      output.put(key: "upper", text: place.upper)
    }
    let spec = open(place.spec, O_RDONLY)
    if spec >= 0 {
      output.put(key: "spec")
      var input = InputBytes(spec)
      var last: UInt8 = 0
      while let byte = input.next() {
        output.putPrintable(byte, behind: &last)
      }
    }
    output.put(("\n}\n" as StaticString).path)
    output.flush()
    return 0
  }
}

// MARK: - A layer made of changes

struct Layer {
  private let path: CString
  private let source: CString
  private let work = FileWork(program: "dockv6")

  init(_ path: CString, from source: CString) {
    self.path = path
    self.source = source
  }

  /// Puts a change into the layer.
  func apply(_ change: LayerDiff.Change) -> Bool {
    guard var target = PathText(path), target.append(change.path), var from = PathText(source),
      from.append(change.path)
    else {
      complain("dockv6: path too long: \(path)/\(change.path)\n")
      return false
    }
    defer {
      target.deallocate()
      from.deallocate()
    }
    target.makeParents(from: strlen(path) + 1)
    if change.kind == .deleted {
      if mknod(target.text, 0, 0) == 0 { return true }
      complain("dockv6: cannot make \(target.text)\n")
      return false
    }
    guard change.isDirectory else { return work.copyFile(from.text, to: target.text) }
    if mkdir(target.text) == 0 { return true }
    complain("dockv6: cannot make \(target.text)\n")
    return false
  }
}

// MARK: - What nobody needs any more

/// Removes what ended containers have left on the disk, and the layers of builds that no image has any more.
func prune() -> ExitStatus {
  guard let records = Records() else {
    complain("dockv6: no shared page left\n")
    return 1
  }
  records.takeAll()
  let used = UsedLayers()
  var isWhole = true
  eachDirectory(in: Spec.place.path) { path, name in
    guard name[0] == CChar(ascii: "c"), isNumber(name + 1), strlen(name) < 11 else { return }
    let container = Container(records: records, id: records.present(of: atoi(name + 1)))
    if container.isLiving {
      used.add(list: container.place.layers)
    } else if container.remove() == 0 {
      say("container \(container.id)\n")
    } else {
      isWhole = false
    }
  }
  guard let builds = BuildUse() else {
    complain("dockv6: no mutex left\n")
    return 1
  }
  // A build that wants one of them sees it whole, or not at all. One that ends has made its image first.
  builds.lock.held {
    builds.addLayers(to: used)
    eachDirectory(in: Image.place.path) { _, name in
      if isImageName(name) { used.add(list: Image(name).list) }
    }
    eachDirectory(in: Image.buildPlace.path) { path, name in
      if used.has(within: path) { return }
      if FileWork(program: "dockv6").removeTree(path) {
        say("layer \(name)\n")
      } else {
        isWhole = false
      }
    }
  }
  return isWhole ? 0 : 1
}

/// Goes through the directories in one, if there is such a one.
func eachDirectory(in path: CString, _ body: (_ path: CString, _ name: CString) -> Void) {
  var found = stat()
  guard stat(path, &found) == 0, var walk = Walk(path, "dockv6") else { return }
  while let visit = walk.next() {
    guard visit == .directory, walk.depth == 1 else { continue }
    walk.skip()
    body(walk.path.text, lastComponent(of: walk.path.text).start)
  }
  walk.deallocate()
}

// MARK: - JSON

extension OutputBytes {
  mutating func put(key: StaticString) {
    put((",\n  \"" as StaticString).path)
    put(key.path)
    put(("\": " as StaticString).path)
  }

  mutating func put(key: StaticString, _ word: StaticString) { put(key: key, text: word.path) }

  mutating func put(key: StaticString, text: CString) {
    put(key: key)
    put(json: text)
  }

  mutating func put(key: StaticString, number: Int) {
    put(key: key)
    put(number: number)
  }

  mutating func put(number: Int) {
    if number < 0 { put(UInt8(ascii: "-")) }
    var rest = number.magnitude
    var digits = KeptBytes()
    repeat {
      _ = digits.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    for index in 0..<digits.count { put(digits.bytes[digits.count - 1 - index]) }
  }

  /// A text in quotes; what JSON cannot have in one, as an escape.
  mutating func put(json text: CString) {
    put(UInt8(ascii: "\""))
    var at = text
    var last: UInt8 = 0
    while at[0] != 0 {
      let byte = UInt8(bitPattern: at[0])
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { put(UInt8(ascii: "\\")) }
      if byte < 0x20 { putEscape(byte) } else { putPrintable(byte, behind: &last) }
      at += 1
    }
    put(UInt8(ascii: "\""))
  }

  /// A byte of a text that is JSON already; what would steer a terminal (U+007F to U+009F), as an escape. The first
  /// byte of one of these waits for the second.
  mutating func putPrintable(_ byte: UInt8, behind last: inout UInt8) {
    let lead: UInt8 = 0xc2
    if last == lead {
      if byte < 0xa0 {
        putEscape(byte)
      } else {
        put(lead)
        put(byte)
      }
    } else if byte == 0x7f {
      putEscape(byte)
    } else if byte != lead {
      put(byte)
    }
    last = last == lead ? 0 : byte
  }

  private mutating func putEscape(_ byte: UInt8) {
    put(("\\u00" as StaticString).path)
    put(hexadecimal: byte >> 4)
    put(hexadecimal: byte & 15)
  }

  private mutating func put(hexadecimal digit: UInt8) {
    put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
  }
}
