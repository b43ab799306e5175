// What a container is to be, from the text of a spec.json. Two forms are understood: the course's,
//
//     {"init": "/sh", "fs": "/c1/", "nproc": 8, "priority": 8, "name": "one"}
//
// where `init` is a path in the new root or an array of a path and its arguments, and the OCI
// runtime's: `process.args`, `root.path`, `linux.resources.pids.limit`, and `hostname` for the name,
// which `name` goes before; `restart` as docker has it. A name that is all digits is refused: it would be another one's number.
// What the root is put together from, and the network (Composition.swift), are left to whoever has a use for them.

/// A container's specification, checked.
struct Spec {
  /// The init program and its arguments, in one block, as exec wants them.
  let vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private(set) var argumentCount = 0
  let root: UnsafeMutablePointer<CChar>
  let limits = UnsafeMutablePointer<limits>.allocate(capacity: 1)
  private(set) var priority = Spec.usualPriority
  /// How often its init is started again when it has ended; and whether also when it has ended well.
  private(set) var restartsMost = 0
  private(set) var restartsAlways = false
  private(set) var restartIndex = 0
  /// Empty if it has none.
  let name: UnsafeMutablePointer<CChar>
  /// Where they stand in the text; at 0 what does not.
  private(set) var priorityIndex = 0
  private(set) var rootIndex = 0
  private(set) var nameIndex = 0
  private var hostnameIndex = 0
  /// Whether the root is put together from layers or has anything mounted in it, or a network, or is to be left as it is.
  private(set) var isComposed = false
  private(set) var hasLayers = false
  /// Whether it says anything of a network.
  private(set) var hasNetwork = false
  /// Their names, the lowest first, with `:` in between, as far as they fit.
  let layers: UnsafeMutablePointer<CChar>
  /// Where keys stand that mean nothing here; no more than the first 64.
  let unknown: UnsafeMutablePointer<Int>
  private(set) var unknownCount = 0

  /// What a container gets that does not say otherwise.
  static var usualPriority: Int { 8 }
  /// The longest spec, in bytes.
  static var bytesMax: Int { Int(REQUEST_MAX) }

  private static var pathExpected: Phrase { "a path from / of at most 127 bytes" }
  private static var nameExpected: Phrase {
    "a name of at most 63 bytes that is no number"
  }
  private static var restartExpected: Phrase {
    "no, always, on-failure or on-failure:N with N from 1 to 999"
  }
  /// Where containers have what is their own: cm makes the directory.
  static var place: StaticString { "/var/cm" }
  static var keyCapacity: Int { 24 }
  private static var unknownMost: Int { 64 }
  private static var nameCapacity: Int { 64 }

  /// Where OCI has devices: in an object of the third one in the spec.
  private static var depthOfDevices: Int { 4 }

  /// The last key, behind those of the objects around it; and room for a word behind that.
  private let path: UnsafeMutablePointer<CChar>

  private init() {
    vector = .allocate(capacity: Int(MAXARG) + 1)
    vector[0] = .allocate(capacity: Int(PGSIZE))
    root = .allocate(capacity: Int(MAXPATH))
    root[0] = 0
    name = .allocate(capacity: Spec.nameCapacity)
    name[0] = 0
    layers = .allocate(capacity: Int(MAXPATH))
    layers[0] = 0
    path = .allocate(capacity: 5 * Spec.keyCapacity)
    limits.initialize(to: .init())
    unknown = .allocate(capacity: Spec.unknownMost)
  }

  /// How many processes it may have.
  var limit: Int { limit_value(limits, CInt(LIMIT_NPROC)) }

  /// What the root is called: by its layers, if it has any.
  var rootName: CString { CString(hasLayers ? layers : root) }

  var initPath: CString { CString(vector[0].unsafelyUnwrapped) }

  /// Reads a spec from its text's beginning.
  static func read(_ json: inout JsonReader) throws(JsonError) -> Spec {
    var spec = Spec()
    try spec.readRoot(&json)
    return spec
  }

  /// Goes through the text's objects, as far as anything in them is of use. (A loop: the stack is a page.)
  private mutating func readRoot(_ json: inout JsonReader) throws(JsonError) {
    var length = 0
    try json.beginObject()
    while true {
      if try json.member(path + length, capacity: Spec.keyCapacity) {
        let place = placeOfKey(length)
        guard place == NAME_INSIDE else {
          try readValue(place, &json, key: path + length)
          continue
        }
        length += strlen(path + length) + 1
        path[length - 1] = CChar(ascii: ".")
        path[length] = 0
        // OCI has a list of devices, each with a rate.
        if json.depth < Spec.depthOfDevices {
          try json.beginObject()
          continue
        }
        try json.beginArray()
      }
      if json.depth > Spec.depthOfDevices, try json.element() {
        try json.beginObject()
        continue
      }
      guard length > 0 else { break }
      repeat { length -= 1 } while length > 0 && !(path[length - 1] == CChar(ascii: "."))
    }
    let close = json.index - 1
    guard argumentCount > 0 else {
      throw JsonError(index: close, expected: "the key init, or process.args")
    }
    // A root of layers has a place of its own, unless the spec says which.
    if hasLayers, root[0] == 0 { strcpy(root, Spec.place.path) }
    guard root[0] != 0 else {
      throw JsonError(index: close, expected: "the key fs, or root.path")
    }
    guard limit > 0 else {
      throw JsonError(index: close, expected: "the key nproc, or linux.resources.pids.limit")
    }
    limits_settle(limits)
    try json.end()
  }

  /// Which name the last key is, with those of the objects around it. A key may hold a dot itself, and is none then.
  private mutating func placeOfKey(_ length: Int) -> CInt {
    var at = path + length
    while at[0] != 0 {
      if at[0] == CChar(ascii: ".") { return NAME_UNKNOWN }
      at += 1
    }
    return name_place(path)
  }

  private mutating func readValue(
    _ place: CInt, _ json: inout JsonReader, key: CString
  ) throws(JsonError) {
    if place >= 0, place < LIMIT_NAMES { return try readLimit(place, &json) }
    switch place {
    case CInt(NAME_INIT): try readInit(&json)
    case CInt(NAME_ARGUMENTS): try readArguments(&json)
    case CInt(NAME_FS), CInt(NAME_ROOT_PATH): try readPath(&json)
    case CInt(NAME_PRIORITY):
      _ = json.peek()
      priorityIndex = json.index
      priority = try json.integer(0...15, "a priority from 0 to 15")
    case CInt(NAME_NAME): try readName(isHostname: false, &json)
    case CInt(NAME_HOSTNAME): try readName(isHostname: true, &json)
    case CInt(NAME_RESTART): try readRestart(&json)
    default: try readOther(&json, key)
    }
  }

  /// Puts down the names of the layers. Whether they make sense Composition.swift says.
  private mutating func listLayers(_ json: JsonReader) {
    var json = json
    var used = 0
    do throws(JsonError) {
      try json.beginArray()
      while try json.element() {
        if used > 0 { layers[used - 1] = CChar(ascii: ":") }
        used += try json.string(layers + used, capacity: Int(MAXPATH) - used) + 1
        guard used < Int(MAXPATH) else { return }
      }
    } catch {}
  }

  /// Goes over the value of a key that means nothing here.
  private mutating func readOther(_ json: inout JsonReader, _ key: CString) throws(JsonError) {
    let isOfRoot =
      key == CString(path + 5) && memcmp(path, ("root." as StaticString).utf8Start, 5) == 0
    if key == CString(path) || isOfRoot, Composition.isPart(key, isOfRoot: isOfRoot) {
      isComposed = true
      if Composition.Network.isPart(key) { hasNetwork = true }
      if key == "layers" {
        hasLayers = true
        listLayers(json)
      }
    } else if unknownCount < Spec.unknownMost, json.depth <= Spec.depthOfDevices {
      unknown[unknownCount] = json.keyIndex
      unknownCount += 1
    }
    try json.skipValue()
  }
}

// MARK: - Values

extension Spec {
  private mutating func readInit(_ json: inout JsonReader) throws(JsonError) {
    if json.peek() == UInt8(ascii: "[") { return try readArguments(&json) }
    try Spec.expectOnce(json, argumentCount == 0)
    try readPath(
      &json, to: vector[0].unsafelyUnwrapped, "a path, or an array of a path and arguments")
    argumentCount = 1
    vector[1] = nil
  }

  private mutating func readArguments(_ json: inout JsonReader) throws(JsonError) {
    _ = json.peek()
    try Spec.expectOnce(json, argumentCount == 0)
    try json.beginArray("an array of a path and arguments")
    let end = vector[0].unsafelyUnwrapped + Int(PGSIZE)
    var at = vector[0].unsafelyUnwrapped
    while try json.element() {
      _ = json.peek()
      let start = json.index
      guard argumentCount < Int(MAXARG) else {
        throw JsonError(index: start, expected: "at most 31 arguments")
      }
      vector[argumentCount] = at
      if argumentCount == 0 {
        try readPath(&json, to: at, Spec.pathExpected)
        at += strlen(at) + 1
      } else {
        let length = try json.string(at, capacity: end - at)
        at += length + 1
        guard length < end - vector[0].unsafelyUnwrapped, at < end else {
          throw JsonError(index: start, expected: "arguments of less than 4096 bytes in all")
        }
      }
      argumentCount += 1
    }
    guard argumentCount > 0 else {
      throw JsonError(index: json.index - 1, expected: Spec.pathExpected)
    }
    vector[argumentCount] = nil
  }

  private mutating func readPath(_ json: inout JsonReader) throws(JsonError) {
    _ = json.peek()
    try Spec.expectOnce(json, root[0] == 0)
    rootIndex = json.index
    try readPath(&json, to: root, Spec.pathExpected)
  }

  /// A limit by one of its names: a number or, by those that are not OCI's, a text.
  private mutating func readLimit(_ name: CInt, _ json: inout JsonReader) throws(JsonError) {
    let isText = json.peek() == UInt8(ascii: "\"") && name != LIMIT_NPROC
    let start = json.index
    try Spec.expectOnce(json, limit_begin(limits, name, CInt(start)) != 0)
    let expected = Phrase(limit_expected(name))
    let isTaken: Bool
    if isText {
      let word = path + 4 * Spec.keyCapacity
      let length = try json.string(word, capacity: Spec.keyCapacity, expected)
      isTaken = length < Spec.keyCapacity && limit_take_text(limits, name, word) != 0
    } else {
      let number = try json.integer(-1...Int.max, expected)
      isTaken = limit_take_number(limits, name, number) != 0
    }
    guard isTaken else { throw JsonError(index: start, expected: expected) }
  }

  /// The name goes before the hostname, whichever comes first; each may come once.
  private mutating func readName(isHostname: Bool, _ json: inout JsonReader) throws(JsonError) {
    _ = json.peek()
    let start = json.index
    try Spec.expectOnce(json, isHostname ? hostnameIndex == 0 : nameIndex == hostnameIndex)
    let isKept = !isHostname || nameIndex == 0
    if isHostname { hostnameIndex = start }
    if isKept { nameIndex = start }
    let length = try json.string(isKept ? name : nil, capacity: Spec.nameCapacity, "a text")
    guard length < Spec.nameCapacity, !isKept || !isNumber(CString(name)) else {
      throw JsonError(index: start, expected: Spec.nameExpected)
    }
  }

  /// `no`, `always`, `on-failure`, or that with how often: `on-failure:3`.
  private mutating func readRestart(_ json: inout JsonReader) throws(JsonError) {
    _ = json.peek()
    try Spec.expectOnce(json, restartIndex == 0)
    restartIndex = json.index
    let length = try json.string(path, capacity: Spec.keyCapacity, Spec.restartExpected)
    restartsMost = length < Spec.keyCapacity ? Int(restarts_most(path)) : -1
    restartsAlways = restartsMost > CInt.max
    guard restartsMost >= 0 else {
      throw JsonError(index: restartIndex, expected: Spec.restartExpected)
    }
  }

  private mutating func readPath(
    _ json: inout JsonReader, to path: UnsafeMutablePointer<CChar>, _ expected: Phrase
  ) throws(JsonError) {
    _ = json.peek()
    let start = json.index
    let length = try json.string(path, capacity: Int(MAXPATH), expected)
    guard length < Int(MAXPATH), path[0] == CChar(ascii: "/") else {
      throw JsonError(index: start, expected: Spec.pathExpected)
    }
  }

  private static func expectOnce(_ json: JsonReader, _ isFirst: Bool) throws(JsonError) {
    guard isFirst else { throw JsonError(index: json.index, expected: "no second value for it") }
  }
}

/// Whether a text is a container's number, and so never its name.
func isNumber(_ text: CString) -> Bool {
  var digit = text
  while digit[0] >= CChar(ascii: "0"), digit[0] <= CChar(ascii: "9") { digit += 1 }
  return digit[0] == 0 && digit > text
}

/// Whether a word is one of these, each of which a blank ends.
func isOne(_ word: CString, of words: Phrase) -> Bool { is_one(word, words.text) != 0 }
