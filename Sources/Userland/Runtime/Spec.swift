// What a container is to be, from the text of a spec.json. Two forms are understood: the course's,
//
//     {"init": "/sh", "fs": "/c1/", "nproc": 8, "priority": 8, "name": "one"}
//
// where `init` is a path in the new root or an array of a path and its arguments, and the OCI
// runtime's: `process.args`, `root.path`, `linux.resources.pids.limit`, and `hostname` for the name,
// which `name` goes before; `restart` as docker has it. A name that is all digits is refused: it would be another one's number.
// What the root is put together from (Composition.swift) is left to whoever has a use for it.

/// A container's specification, checked.
struct Spec {
  /// The init program and its arguments, in one block, as exec wants them.
  let vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private(set) var argumentCount = 0
  let root: UnsafeMutablePointer<CChar>
  private(set) var limit = 0
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
  /// Whether the root is put together from layers or has anything mounted in it, or is to be left as it is.
  private(set) var isComposed = false
  private(set) var hasLayers = false
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

  private let key: UnsafeMutablePointer<CChar>

  private init() {
    vector = .allocate(capacity: Int(MAXARG) + 1)
    vector[0] = .allocate(capacity: Int(PGSIZE))
    root = .allocate(capacity: Int(MAXPATH))
    root[0] = 0
    name = .allocate(capacity: Spec.nameCapacity)
    name[0] = 0
    layers = .allocate(capacity: Int(MAXPATH))
    layers[0] = 0
    key = .allocate(capacity: Spec.keyCapacity)
    unknown = .allocate(capacity: Spec.unknownMost)
  }

  /// What the root is called: by its layers, if it has any.
  var rootName: CString { CString(hasLayers ? layers : root) }

  var initPath: CString { CString(vector[0].unsafelyUnwrapped) }

  /// Reads a spec from its text's beginning.
  static func read(_ json: inout JsonReader) throws(JsonError) -> Spec {
    var spec = Spec()
    try spec.readRoot(&json)
    return spec
  }

  private mutating func readRoot(_ json: inout JsonReader) throws(JsonError) {
    try json.beginObject()
    while try json.member(key, capacity: Spec.keyCapacity) {
      if isKey("init") {
        try readInit(&json)
      } else if isKey("fs") {
        try readPath(&json)
      } else if isKey("nproc") {
        try readLimit(&json)
      } else if isKey("priority") {
        _ = json.peek()
        priorityIndex = json.index
        priority = try json.integer(0...15, "a priority from 0 to 15")
      } else if isKey("name") || isKey("hostname") {
        try readName(isHostname: isKey("hostname"), &json)
      } else if isKey("restart") {
        try readRestart(&json)
      } else if isKey("process") {
        try readMember("args", &json)
      } else if isKey("root") {
        try readMember("path", &json)
      } else if isKey("linux") {
        try readMember("resources", &json)
      } else {
        try readOther(&json)
      }
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
    try json.end()
  }

  /// Goes through an object of the OCI form, of whose members only this one is of use.
  private mutating func readMember(
    _ wanted: StaticString, _ json: inout JsonReader
  ) throws(JsonError) {
    try json.beginObject()
    while try json.member(key, capacity: Spec.keyCapacity) {
      guard isKey(wanted) else {
        try readOther(&json)
        continue
      }
      if isKey("args") {
        try readArguments(&json)
      } else if isKey("path") {
        try readPath(&json)
      } else if isKey("resources") {
        try readMember("pids", &json)
      } else if isKey("pids") {
        try readMember("limit", &json)
      } else {
        try readLimit(&json)
      }
    }
  }

  /// Puts down the names of the layers. Whether they make sense Composition.swift says.
  private func listLayers(_ json: JsonReader) {
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

  private func isKey(_ word: StaticString) -> Bool { CString(key) == word }

  /// Goes over the value of a key that means nothing here.
  private mutating func readOther(_ json: inout JsonReader) throws(JsonError) {
    if Composition.isPart(key, json) {
      isComposed = true
      if isKey("layers") {
        hasLayers = true
        listLayers(json)
      }
    } else if unknownCount < Spec.unknownMost {
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
    try expectOnce(json, argumentCount == 0)
    try path(&json, to: vector[0].unsafelyUnwrapped, "a path, or an array of a path and arguments")
    argumentCount = 1
    vector[1] = nil
  }

  private mutating func readArguments(_ json: inout JsonReader) throws(JsonError) {
    _ = json.peek()
    try expectOnce(json, argumentCount == 0)
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
        try path(&json, to: at, Spec.pathExpected)
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
    try expectOnce(json, root[0] == 0)
    rootIndex = json.index
    try path(&json, to: root, Spec.pathExpected)
  }

  private mutating func readLimit(_ json: inout JsonReader) throws(JsonError) {
    _ = json.peek()
    try expectOnce(json, limit == 0)
    limit = try json.integer(1...Int(Int32.max), "a number from 1 to 2147483647")
  }

  /// The name goes before the hostname, whichever comes first; each may come once.
  private mutating func readName(isHostname: Bool, _ json: inout JsonReader) throws(JsonError) {
    _ = json.peek()
    let start = json.index
    try expectOnce(json, isHostname ? hostnameIndex == 0 : nameIndex == hostnameIndex)
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
    try expectOnce(json, restartIndex == 0)
    restartIndex = json.index
    let length = try json.string(key, capacity: Spec.keyCapacity, Spec.restartExpected)
    restartsAlways = isKey("always")
    if restartsAlways || isKey("on-failure") {
      restartsMost = Int.max
    } else if length > 11, length < 15, isNumber(key + 11) {
      key[10] = key[10] == CChar(ascii: ":") ? 0 : 1
      for index in 11..<length { restartsMost = restartsMost * 10 + Int(key[index]) - 48 }
      guard isKey("on-failure"), restartsMost > 0 else { throw wrongRestart }
    } else if !isKey("no") {
      throw wrongRestart
    }
  }

  private var wrongRestart: JsonError {
    JsonError(index: restartIndex, expected: Spec.restartExpected)
  }

  private func path(
    _ json: inout JsonReader, to path: UnsafeMutablePointer<CChar>, _ expected: Phrase
  ) throws(JsonError) {
    _ = json.peek()
    let start = json.index
    let length = try json.string(path, capacity: Int(MAXPATH), expected)
    guard length < Int(MAXPATH), path[0] == CChar(ascii: "/") else {
      throw JsonError(index: start, expected: Spec.pathExpected)
    }
  }

  private func expectOnce(_ json: JsonReader, _ isFirst: Bool) throws(JsonError) {
    guard isFirst else { throw JsonError(index: json.index, expected: "no second value for it") }
  }
}

/// Whether a text is a container's number, and so never its name.
func isNumber(_ text: CString) -> Bool {
  var digit = text
  while digit[0] >= CChar(ascii: "0"), digit[0] <= CChar(ascii: "9") { digit += 1 }
  return digit[0] == 0 && digit > text
}
