// cmroot: makes a container's root from layers and mounts, as its spec has it, gives it its address, enters the root, and
// becomes the container's init. The manager runs it in the new container, before that has a root: what it mounts nobody
// else sees.

func run(_ arguments: Arguments) -> ExitStatus {
  guard arguments.count == 2, getcid() > 0 else {
    complain("cmroot: the container manager runs it\n")
    return 1
  }
  let text = UnsafeMutablePointer<UInt8>.allocate(capacity: Spec.bytesMax + 1)
  let file = open(arguments[1], O_RDONLY)
  let count = read(file, text, CInt(Spec.bytesMax + 1))
  _ = close(file)
  guard count >= 0, count <= Spec.bytesMax else {
    complain("cm: cannot read the spec in \(arguments[1])\n")
    return Root.statusWithout
  }
  var json = JsonReader(text, Int(count))
  do throws(JsonError) {
    let spec = try Spec.read(&json)
    json = JsonReader(text, Int(count))
    let composition = try Composition.read(&json)
    let root = Root(spec, composition, spec: arguments[1])
    guard root.make() else { return Root.statusWithout }
    _ = exec(spec.initPath, spec.vector)
    complain("cm: cannot run \(spec.initPath)\n")
    return 127
  } catch {
    complain("cm: the spec is not understood: expected \(error.expected.text)\n")
    return Root.statusWithout
  }
}

struct Root {
  /// The status of a container that has got no root.
  static var statusWithout: ExitStatus { 125 }

  private let composition: Composition
  /// What the container has on the disk: what it had before, if its init is started again.
  private let place: ContainerPlace
  private let specPath: CString
  private let hasLayers: Bool
  /// Where the root is, on the machine.
  private let path: CString

  init(_ spec: Spec, _ composition: Composition, spec path: CString) {
    self.composition = composition
    specPath = path
    place = ContainerPlace(spec: path) ?? ContainerPlace(getcid())
    hasLayers = spec.hasLayers
    let isOwn = spec.hasLayers && CString(spec.root) == Spec.place
    self.path = isOwn ? place.root : CString(spec.root)
  }

  /// Makes the root and enters it; false, with a word on why, if that cannot be.
  func make() -> Bool {
    _ = mkdir(place.path)
    if !(specPath == place.spec) {
      guard link(specPath, place.spec) == 0 else { return failed("no room for", place.spec) }
      _ = unlink(specPath)
    }
    guard hasLayers ? mountLayers() : mountItself() else { return false }
    for index in 0..<composition.sharedCount {
      guard share(composition.shared[index]) else { return false }
    }
    for index in 0..<composition.mountCount {
      guard add(composition.mounts[index]) else { return false }
    }
    guard addHosts(), takeAddress() else { return false }
    // Not before: places for mounts are made where there are none.
    if composition.isReadOnly {
      let remount = MS_REMOUNT | MS_RDONLY
      guard mount(path, path, ("bind" as StaticString).path, remount, empty) == 0 else {
        return failed("cannot make read-only", path)
      }
    }
    guard cm_setroot(path, CInt(strlen(path))) == 0 else { return failed("no root in", path) }
    return true
  }

  private var empty: CString { ("" as StaticString).path }

  private func failed(_ what: StaticString, _ path: CString) -> Bool {
    complain("cm: \(what, width: 0) \(path)\n")
    return false
  }

  // MARK: The root

  private func mountLayers() -> Bool {
    var stack = LayerStack()
    for index in 0..<composition.layerCount {
      let layer = composition.layers[index]
      let isPath = layer[0] == CChar(ascii: "/")
      guard isPath ? stack.add(layer) : stack.add(list: Image(layer).list) else {
        return failed("no such image, or too many layers:", layer)
      }
    }
    _ = mkdir(place.upper)
    if path == place.root { _ = mkdir(path) }
    guard stack.write(to: place.layers) else { return failed("no room for", place.layers) }
    guard stack.mountUnion(at: path, upper: place.upper) else {
      return failed("cannot lay layers on each other in", path)
    }
    return true
  }

  /// A root that is no union is mounted where it is, so that it can be made read-only.
  private func mountItself() -> Bool {
    guard composition.isReadOnly else { return true }
    guard mount(path, path, ("bind" as StaticString).path, 0, empty) == 0 else {
      return failed("cannot mount", path)
    }
    return true
  }

  // MARK: The network

  /// The machine says which addresses are free: those of containers that have ended are.
  private func takeAddress() -> Bool {
    if composition.network.isAuto {
      for place: UInt32 in 2..<0x10000
      where cm_network((Root.firstAddress | place).byteSwapped) == 0 {
        return true
      }
      return failed("no address is left for", path)
    }
    let address = composition.network.address
    guard address != 0, cm_network(address.byteSwapped) != 0 else { return true }
    complain("cm: the address \(address: address) is another container's\n")
    return false
  }

  private static var firstAddress: UInt32 { 0x0a00_0000 }

  /// The container's /etc/hosts, if it is given any names.
  private func addHosts() -> Bool {
    let network = composition.network
    if network.hostCount == 0 { return true }
    let file = open(place.hosts, O_WRONLY | O_CREATE | O_TRUNC)
    var output = OutputBytes(file)
    for index in 0..<network.hostCount {
      output.put(network.hosts[2 * index + 1])
      output.put(UInt8(ascii: " "))
      output.put(network.hosts[2 * index])
      output.put(UInt8(ascii: "\n"))
    }
    output.flush()
    _ = close(file)
    guard !output.hasFailed else { return failed("no room for", place.hosts) }
    return bind(place.hosts, to: ("/etc/hosts" as StaticString).path, 0)
  }

  // MARK: In the root

  private func share(_ name: CString) -> Bool {
    guard var source = PathText(("/" as StaticString).path), source.append(name) else {
      return false
    }
    _ = mkdir(source.text)
    return bind(source.text, to: source.text, 0)
  }

  private func add(_ entry: Composition.Mount) -> Bool {
    guard let destination = entry.destination else { return false }
    let flags = entry.isReadOnly ? MS_RDONLY : 0
    if entry.isBind, let source = entry.source { return bind(source, to: destination, flags) }
    // Types that there are none of here the client has warned of.
    guard let type = entry.type, let known = Composition.fileSystem(type) else { return true }
    guard let target = target(destination, isDirectory: true) else { return false }
    guard mount(entry.source ?? type, target, known.path, flags, entry.data) == 0 else {
      return failed("cannot mount", destination)
    }
    return true
  }

  private func bind(_ source: CString, to destination: CString, _ flags: CInt) -> Bool {
    var status = stat()
    guard stat(source, &status) == 0 else { return failed("found no", source) }
    guard let target = target(destination, isDirectory: isDirectory(status)) else { return false }
    guard mount(source, target, ("bind" as StaticString).path, flags, empty) == 0 else {
      return failed("cannot mount", destination)
    }
    return true
  }

  /// The place of a mount, made if it is not there.
  private func target(_ destination: CString, isDirectory: Bool) -> CString? {
    guard var text = PathText(path) else { return nil }
    let names = UnsafeMutablePointer<CChar>.allocate(capacity: Int(MAXPATH))
    strcpy(names, destination)
    var at = names
    while at[0] != 0 {
      while at[0] == CChar(ascii: "/") { at += 1 }
      guard at[0] != 0 else { break }
      var end = at
      while end[0] != 0, !(end[0] == CChar(ascii: "/")) { end += 1 }
      let isLast = end[0] == 0
      end[0] = 0
      guard text.append(at) else {
        complain("cm: path too long: \(path)\(destination)\n")
        return nil
      }
      if isLast, !isDirectory {
        let file = open(text.text, O_RDONLY | O_CREATE)
        _ = close(file)
      } else {
        _ = mkdir(text.text)
      }
      at = isLast ? end : end + 1
    }
    return text.text
  }
}

func == (left: CString, right: CString) -> Bool { strcmp(left, right) == 0 }
