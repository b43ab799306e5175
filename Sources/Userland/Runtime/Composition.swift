// What a container's root is put together from, in a spec.json beside what Spec.swift reads:
//
//     "layers": ["base", "/home/mine"]   images by their names, or directories; the lowest first
//     "root": {"readonly": true}
//     "mounts": [{"destination": "/data", "source": "/srv/data", "type": "bind", "options": ["ro"]}]
//     "shared": ["foo"]                  the machine's /foo is the container's /foo as well
//
// and what it has of the network (Composition+Network.swift). `mounts` has the OCI runtime's form. dockv6 reads this to see
// whether it makes sense, cmroot to do it; the manager only has to know that there is something.

struct Composition {
  struct Mount {
    var destination: CString?
    var source: CString?
    var type: CString?
    var isReadOnly = false
    var isBind = false
    /// Options of the file system's own, with commas in between.
    var data: CString
    /// Where it stands in the text.
    var index = 0
  }

  /// Layers, mounts, and what is shared.
  static var most: Int { 16 }
  static var mostExpected: Phrase { "at most 16 of them" }
  private static var textCapacity: Int { 4096 }
  private static var textExpected: Phrase {
    "layers and mounts of less than 4096 bytes in all"
  }
  /// No key or option that means something is longer.
  static var wordCapacity: Int { 20 }

  let layers = UnsafeMutablePointer<CString>.allocate(capacity: Composition.most)
  private(set) var layerCount = 0
  let mounts = UnsafeMutablePointer<Mount>.allocate(capacity: Composition.most)
  private(set) var mountCount = 0
  let shared = UnsafeMutablePointer<CString>.allocate(capacity: Composition.most)
  private(set) var sharedCount = 0
  private(set) var isReadOnly = false
  var network = Network()

  /// All texts, one behind the other.
  private let text = UnsafeMutablePointer<CChar>.allocate(capacity: Composition.textCapacity)
  private var used = 0
  /// The options of the mount that is being read.
  private let data = UnsafeMutablePointer<CChar>.allocate(capacity: Composition.dataCapacity)
  private let word = UnsafeMutablePointer<CChar>.allocate(capacity: Composition.wordCapacity)
  /// What each key has had a value for.
  private var hasLayers = false
  private var hasMounts = false
  private var hasShared = false
  private var hasReadOnly = false

  /// Whether a key says what the root is composed of, or something of the network: one of the spec itself, or one of its
  /// `root`.
  static func isPart(_ key: CString, isOfRoot: Bool) -> Bool {
    isOfRoot ? key == "readonly" : isOne(key, of: "layers mounts shared network ports hosts ")
  }

  /// Reads from a spec's text what the root is composed of. Whatever else it has is not looked at: that is a
  /// spec's text Spec.swift has said.
  static func read(_ json: inout JsonReader) throws(JsonError) -> Composition {
    var composition = Composition()
    let key = UnsafeMutablePointer<CChar>.allocate(capacity: Composition.wordCapacity)
    try json.beginObject()
    while try json.member(key, capacity: Composition.wordCapacity) {
      guard CString(key) == "root" else {
        try composition.readMember(key, isOfRoot: false, &json)
        continue
      }
      try json.beginObject()
      while try json.member(key, capacity: Composition.wordCapacity) {
        try composition.readMember(key, isOfRoot: true, &json)
      }
    }
    try composition.settleNetwork()
    return composition
  }

  @inline(never)  // a program has 24 KiB
  private mutating func readMember(
    _ key: CString, isOfRoot: Bool, _ json: inout JsonReader
  ) throws(JsonError) {
    _ = json.peek()
    guard Composition.isPart(key, isOfRoot: isOfRoot) else { return try json.skipValue() }
    if !isOfRoot, Network.isPart(key) {
      try readNetwork(key, &json)
    } else if key == "layers" {
      try once(&hasLayers, json)
      try readLayers(&json)
    } else if key == "mounts" {
      try once(&hasMounts, json)
      try readMounts(&json)
    } else if key == "shared" {
      try once(&hasShared, json)
      try readShared(&json)
    } else {
      try once(&hasReadOnly, json)
      isReadOnly = try json.boolean()
    }
  }

  func once(_ isThere: inout Bool, _ json: JsonReader) throws(JsonError) {
    guard !isThere else { throw JsonError(index: json.index, expected: "no second value for it") }
    isThere = true
  }

  /// The file system that a type stands for; nil if there is none here.
  static func fileSystem(_ type: CString) -> StaticString? {
    if type == "proc" { return "proc" }
    if type == "overlay" { return "overlay" }
    return type == "cgroup" || type == "cgroup2" ? "cgroup2" : nil
  }

  // MARK: Lists

  private mutating func readLayers(_ json: inout JsonReader) throws(JsonError) {
    try json.beginArray("an array of images and directories, the lowest first")
    let expected: Phrase = "an image's name, or a path from / without : and ,"
    layerCount = try readTexts(&json, into: layers, expected) { layer in
      (Composition.isPath(layer) || isImageName(layer)) && !has(layer, ":") && !has(layer, ",")
    }
    guard layerCount > 0 else { throw JsonError(index: json.index - 1, expected: "a layer") }
  }

  private mutating func readShared(_ json: inout JsonReader) throws(JsonError) {
    try json.beginArray("an array of names in /")
    let expected: Phrase = "a name of 1 to 14 bytes, of a directory in /"
    sharedCount = try readTexts(&json, into: shared, expected, isImageName)
  }

  /// Reads the texts of an array, each of which has to be what is expected; how many they are.
  @inline(never)  // a program has 24 KiB
  mutating func readTexts(
    _ json: inout JsonReader, into texts: UnsafeMutablePointer<CString>, _ expected: Phrase,
    _ isExpected: (CString) -> Bool
  ) throws(JsonError) -> Int {
    var count = 0
    while try json.element() {
      let start = json.index
      guard count < Composition.most else {
        throw JsonError(index: start, expected: Composition.mostExpected)
      }
      let text = try string(&json, expected)
      guard isExpected(text) else { throw JsonError(index: start, expected: expected) }
      texts[count] = text
      count += 1
    }
    return count
  }

  private mutating func readMounts(_ json: inout JsonReader) throws(JsonError) {
    try json.beginArray("an array of mounts")
    while try json.element() {
      guard mountCount < Composition.most else {
        throw JsonError(index: json.index, expected: Composition.mostExpected)
      }
      try readMount(&json)
      mountCount += 1
    }
  }

  // MARK: A mount

  private mutating func readMount(_ json: inout JsonReader) throws(JsonError) {
    _ = json.peek()
    var mount = Mount(data: CString(text + used), index: json.index)
    try json.beginObject("an object with destination, source, type and options")
    data[0] = 0
    while try json.member(word, capacity: Composition.wordCapacity) {
      let start = json.index
      if CString(word) == "destination" {
        let path = try string(&json, Composition.pathExpected)
        guard Composition.isPath(path) else {
          throw JsonError(index: start, expected: Composition.pathExpected)
        }
        mount.destination = path
      } else if CString(word) == "source" {
        mount.source = try string(&json, "a path, or a file system's name")
      } else if CString(word) == "type" {
        mount.type = try string(&json, "a type of mount")
      } else if CString(word) == "options" {
        try readOptions(&json, &mount)
      } else {
        try json.skipValue()
      }
    }
    guard mount.destination != nil else {
      throw JsonError(index: json.index - 1, expected: "the key destination")
    }
    if mount.isBind || mount.type.map({ $0 == "bind" }) == true {
      mount.isBind = true
      guard let source = mount.source, Composition.isPath(source) else {
        throw JsonError(index: mount.index, expected: "a source that is a path from /, for a bind")
      }
    }
    mount.data = try keep(data, json)
    (mounts + mountCount).initialize(to: mount)
  }

  private static var dataCapacity: Int { 1024 }
  private static var pathExpected: Phrase { "a path from / of at most 127 bytes, without .." }

  /// `ro`, `rw`, `bind` and `rbind` are for the mount; what has a `=` is for the file system; the rest is about
  /// owners, modes and times, which there are none of.
  private mutating func readOptions(
    _ json: inout JsonReader, _ mount: inout Mount
  ) throws(JsonError) {
    try json.beginArray("an array of options")
    var length = 0
    while try json.element() {
      let start = json.index
      let before = used
      let option = try string(&json, "an option")
      if option == "ro" {
        mount.isReadOnly = true
      } else if option == "rw" {
        mount.isReadOnly = false
      } else if option == "bind" || option == "rbind" {
        mount.isBind = true
      } else if has(option, "=") {
        let count = strlen(option)
        guard length + count + 2 < Composition.dataCapacity else {
          throw JsonError(index: start, expected: "options of less than 1024 bytes in all")
        }
        if length > 0 {
          data[length] = CChar(ascii: ",")
          length += 1
        }
        strcpy(data + length, option)
        length += count
      }
      used = before
    }
  }

  // MARK: Texts

  /// Reads a text and keeps it.
  mutating func string(
    _ json: inout JsonReader, _ expected: Phrase
  ) throws(JsonError) -> CString {
    _ = json.peek()
    let start = json.index
    let room = Composition.textCapacity - used
    let length = try json.string(text + used, capacity: room, expected)
    guard length < room else {
      throw JsonError(index: start, expected: Composition.textExpected)
    }
    defer { used += length + 1 }
    return CString(text + used)
  }

  mutating func keep(_ copy: CString, _ json: JsonReader) throws(JsonError) -> CString {
    let length = strlen(copy)
    guard used + length < Composition.textCapacity else {
      throw JsonError(index: json.index, expected: Composition.textExpected)
    }
    strcpy(text + used, copy)
    defer { used += length + 1 }
    return CString(text + used)
  }

  /// A path from `/`, short enough for a call, in which no name is `..`.
  static func isPath(_ path: CString) -> Bool {
    let slash = CChar(ascii: "/")
    let dot = CChar(ascii: ".")
    guard path[0] == slash, strlen(path) < Int(MAXPATH) else { return false }
    var at = path
    while at[0] != 0 {
      if at[0] == slash, at[1] == dot, at[2] == dot, at[3] == 0 || at[3] == slash { return false }
      at += 1
    }
    return true
  }
}

/// Whether a text can be an image's name: that of a directory.
func isImageName(_ text: CString) -> Bool {
  let length = strlen(text)
  return length >= 1 && length <= 14 && !has(text, "/") && !(text == ".")
    && !(text == "..")
}

private func has(_ text: CString, _ character: Unicode.Scalar) -> Bool {
  var at = text
  while at[0] != 0 {
    if at[0] == CChar(ascii: character) { return true }
    at += 1
  }
  return false
}
