// Which layers builds use: each build that runs has a list of them, `/images/.layers/PID`. A process number is nobody's
// twice, so the list of a build that was killed is known by that. Whoever looks for what is used, and whoever begins to
// use a layer, does so as the only one.

struct BuildUse {
  enum Finding { case mine, busy, noRoom }

  let lock: Mutex
  private let list: CString

  /// Nil if there is no mutex to be had.
  init?() {
    guard let lock = Mutex(("dockbuild" as StaticString).path) else { return nil }
    self.lock = lock
    list = BuildUse.path(of: getpid())
  }

  private static func path(of build: CInt) -> CString {
    let path = UnsafeMutablePointer<UInt8>.allocate(capacity: 48)
    text_begin()
    text_string(Image.buildPlace.path, 0)
    text_string(("/" as StaticString).path, 0)
    text_number(Int(build), 0)
    path[Int(text_take(path))] = 0
    return UnsafeRawPointer(path).assumingMemoryBound(to: CChar.self)
  }

  /// Writes down what the caller uses from now on; false if there is no room for it.
  func write(_ stack: LayerStack) -> Bool { stack.write(to: list) }

  /// The caller uses nothing any more.
  func end() { _ = unlink(list) }

  /// Adds what builds use that run, and removes the lists of those that do not. To be called with the lock held.
  func addLayers(to used: UsedLayers, except own: Bool = false) {
    var found = stat()
    guard stat(Image.buildPlace.path, &found) == 0,
      var walk = Walk(Image.buildPlace.path, "dockv6")
    else { return }
    while let visit = walk.next() {
      guard walk.depth == 1 else { continue }
      if visit == .directory {
        walk.skip()
        continue
      }
      let (name, _) = lastComponent(of: walk.path.text)
      guard visit == .file, isNumber(name) else { continue }
      if own, atoi(name) == getpid() { continue }
      if prio_get(atoi(name)) < 0 {
        _ = unlink(walk.path.text)
      } else {
        used.add(list: walk.path.text)
      }
    }
    walk.deallocate()
  }

  /// Whether another build uses what is in this directory. To be called with the lock held.
  func isUsedByOthers(_ directory: CString) -> Bool {
    let used = UsedLayers()
    addLayers(to: used, except: true)
    return used.has(within: directory)
  }
}

/// The layers that images, containers that run, or builds stand on.
struct UsedLayers {
  private let paths = UnsafeMutablePointer<KeptBytes>.allocate(capacity: 1)

  init() { paths.initialize(to: KeptBytes()) }

  func add(list: CString) {
    var stack = LayerStack()
    _ = stack.add(list: list)
    for index in 0..<stack.count {
      _ = paths.pointee.append(stack.paths[index])
      _ = paths.pointee.append(0)
    }
  }

  /// Whether one of them is in this directory.
  func has(within directory: CString) -> Bool {
    let length = strlen(directory)
    var at = 0
    while at < paths.pointee.count {
      let text = paths.pointee.text + at
      if strncmp(text, directory, length) == 0, text[length] == CChar(ascii: "/") { return true }
      at += strlen(text) + 1
    }
    return false
  }
}
