// Images on the guest's disk: `/images/NAME/layers` is a list of directories, the lowest first, one a line, and
// their union is what the image shows. Images may have layers in common.

struct Image {
  static var place: StaticString { "/images" }
  /// Where builds keep their layers, each in a directory called by its key.
  static var buildPlace: StaticString { "/images/.layers" }
  /// The path of the list.
  let list: CString

  init(_ name: CString) {
    let path = UnsafeMutablePointer<CChar>.allocate(capacity: 48)
    strcpy(path, Image.place.path)
    strcpy(path + strlen(path), ("/" as StaticString).path)
    strcpy(path + strlen(path), name)
    strcpy(path + strlen(path), ("/layers" as StaticString).path)
    list = CString(path)
  }
}

/// Whether an image can be made under this name; complains if not. Names from `.` are for what builds keep.
func canBeMade(image name: CString) -> Bool {
  if isImageName(name), name[0] != CChar(ascii: ".") { return true }
  complain("dockv6: found \(name), expected a name of 1 to 14 bytes, without / and not from .\n")
  return false
}

/// Directories that are laid on each other, the lowest first.
struct LayerStack {
  /// As many as a union takes in one page of options.
  static var most: Int { 32 }
  let paths = UnsafeMutablePointer<CString>.allocate(capacity: LayerStack.most)
  private(set) var count = 0

  mutating func add(_ path: CString) -> Bool {
    guard count < LayerStack.most else { return false }
    paths[count] = path
    count += 1
    return true
  }

  /// Adds the layers of an image's list, or of a container's.
  ///
  /// - Returns: false if there is no such list, or no room.
  mutating func add(list: CString) -> Bool {
    let file = open(list, O_RDONLY)
    guard file >= 0 else { return false }
    var input = InputBytes(file)
    var line = KeptBytes()
    var isWhole = true
    while let byte = input.next() {
      if byte != UInt8(ascii: "\n") {
        if line.count < Int(MAXPATH) { _ = line.append(byte) }
        continue
      }
      guard line.count > 0 else { continue }
      if !add(CString(line.text)) { isWhole = false }
      line = KeptBytes()
    }
    _ = close(file)
    return isWhole && !input.hasFailed
  }

  /// Writes the list; false if that cannot be.
  func write(to path: CString) -> Bool {
    let file = open(path, O_WRONLY | O_CREATE | O_TRUNC)
    guard file >= 0 else { return false }
    var output = OutputBytes(file)
    for index in 0..<count {
      output.put(paths[index])
      output.put(UInt8(ascii: "\n"))
    }
    output.flush()
    _ = close(file)
    return !output.hasFailed
  }

  /// Mounts their union; false if that cannot be.
  ///
  /// - Parameter upper: the layer that takes what is changed; without one nothing can be.
  func mountUnion(at target: CString, upper: CString?) -> Bool {
    let type = ("overlay" as StaticString).path
    let flags = upper == nil ? MS_RDONLY : 0
    return mount(type, target, type, flags, options(upper: upper)) == 0
  }

  /// A union's options: the uppermost goes first there.
  private func options(upper: CString?) -> CString {
    var text = KeptBytes()
    for index in 0..<count {
      _ = text.append(((index == 0 ? "lowerdir=" : ":") as StaticString).path)
      _ = text.append(paths[count - 1 - index])
    }
    if let upper {
      _ = text.append((",upperdir=" as StaticString).path)
      _ = text.append(upper)
    }
    return CString(text.text)
  }
}

/// What a container with a composed root has on the disk: `/var/cm/c3`.
struct ContainerPlace {
  let path: CString

  init(_ id: CInt) {
    path = CString(numbered_path(ContainerPlace.beginning.path, id, ("" as StaticString).path))
  }

  static var beginning: StaticString { "/var/cm/c" }

  /// The one that a spec is kept in; nil if it is kept elsewhere, because the container has no place yet.
  init?(spec: CString) {
    let (name, _) = lastComponent(of: spec)
    guard name == "spec" else { return nil }
    let length = name - spec - 1
    let text = UnsafeMutablePointer<CChar>.allocate(capacity: length + 1)
    memcpy(text, spec, length)
    text[length] = 0
    path = CString(text)
  }

  /// What is in there by a name.
  func file(_ name: StaticString) -> CString {
    let text = UnsafeMutablePointer<CChar>.allocate(capacity: 48)
    strcpy(text, path)
    strcpy(text + strlen(text), ("/" as StaticString).path)
    strcpy(text + strlen(text), name.path)
    return CString(text)
  }

  var spec: CString { file("spec") }
  var layers: CString { file("layers") }
  var hosts: CString { file("hosts") }
  /// The layer of the container's own, and where its union is mounted.
  var upper: CString { file("upper") }
  var root: CString { file("root") }
}
