// Scenario files: every option of run and record, the guest's files and what is typed, in YAML.
// Errors have their line and column, what was found and what could stand
// there instead.

import Foundation
import Recorder
import Sim
import Yams

/// A scenario in YAML.
package struct ScenarioFile {
  private let path: String
  /// Brings a file or folder of the host to a path of the guest; nil does what is usual.
  let copyFromHost: ((_ host: String, _ guest: String) throws -> [GuestFile])?
  /// Whether links in folders of the host are followed out of them.
  private var followsLinks: Bool

  private static let keys = [
    "harts", "seed", "tick", "memory", "limitTicks", "manager", "sharedAccesses", "defects",
    "program", "files", "script", "limits", "followLinks", "abi", "calls",
    "images", "scheduler", "reserve", "priorityInheritance", "network",
    "ports", "clients",
  ]
  /// Limits that have a key of their own; memory is one too, under another name.
  private static var limitKeys: [String] {
    Limits.all.map(\.name).filter { $0 != "frames" }
  }

  private static let contents = ["host", "text", "program", "directory", "device"]
  private static let oneContent = "one of \(contents.joined(separator: ", "))"

  package init(
    path: String, followsLinks: Bool = false,
    copyingBy copyFromHost: ((_ host: String, _ guest: String) throws -> [GuestFile])? = nil
  ) {
    self.path = path
    self.followsLinks = followsLinks
    self.copyFromHost = copyFromHost
  }

  /// Sets in the scenario whatever the file says.
  ///
  /// - Throws: `ToolError` if the file is missing or says something that has no meaning.
  package func apply(to scenario: inout Scenario) throws {
    try apply(GuestFiles.bytes(of: path), to: &scenario)
  }

  /// The same, with the file's bytes.
  package func apply(_ bytes: [UInt8], to scenario: inout Scenario) throws {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ToolError("\(path): found bytes that are no UTF-8 text, expected YAML")
    }
    guard let root = try compose(text) else { return }
    var file = self
    let entries = try mapping(root, "the scenario")
    // Said anywhere, it holds for all files.
    for (key, value) in entries where isKey(key, "followLinks") {
      file.followsLinks = try flag(value, "followLinks") || followsLinks
    }
    try requireEachLimitOnce(entries)
    for (key, value) in entries { try file.set(key, value, in: &scenario) }
    // Whatever the disk's limits are, and wherever they are said, images have to fit.
    for (key, value) in entries where isKey(key, "images") {
      scenario.files += try file.images(value, limits: scenario.limits)
    }
  }

  private func compose(_ text: String) throws -> Node? {
    do {
      return try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw ToolError("\(path)\(ScenarioFile.place(of: error))")
    }
  }

  /// What the YAML parser found, in one line.
  private static func place(of error: YamlError) -> String {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return ":\(mark.line):\(mark.column): \(problem), expected YAML"
    case .duplicatedKeysInMapping(let keys, let context):
      let mark = context.mark
      let names = keys.joined(separator: ", ")
      return ":\(mark.line):\(mark.column): found \(printable(names)) twice, expected it once"
    default:
      let text = "\(error)".split(separator: "\n").joined(separator: " ")
      return ": \(printable(text)), expected YAML"
    }
  }

  private func set(_ key: Node, _ value: Node, in scenario: inout Scenario) throws {
    let name = try canonical(key, among: ScenarioFile.keys + ScenarioFile.limitKeys)
    switch name {
    case "harts": scenario.harts = try integer(value, name)
    case "seed": scenario.seed = try unsigned(value, name)
    case "tick": scenario.tick = try unsigned(value, name)
    case "limitTicks": scenario.limitTicks = try unsigned(value, name)
    case "memory":
      let place = self.place(value)
      scenario.limits.frames = try MemorySize.frames(
        try string(value, name), named: "\(place) memory")
    case "followLinks", "images": break
    case "manager": scenario.manager = try flag(value, name)
    case "sharedAccesses": scenario.recordsSharedAccesses = try flag(value, name)
    case "program": scenario.program = try program(value)
    case "files": scenario.files = try files(value)
    case "script": scenario.script = try script(value)
    case "defects": scenario.defects = try defects(value)
    case "abi":
      let place = self.place(value)
      scenario.calls.isXv6Only = try isXv6(string(value, name), named: "\(place) abi")
    case "calls": try setCalls(value, in: &scenario)
    case "scheduler":
      let place = self.place(value)
      scenario.scheduler = try scheduler(string(value, name), named: "\(place) scheduler")
    case "reserve":
      let percent = try integer(value, name)
      guard Reserve.percents.contains(percent) else {
        let range = Reserve.percents
        throw wrong(
          value, "\(percent)",
          "reserve: \(range.lowerBound) to \(range.upperBound) percent of every table")
      }
      scenario.reserve = percent
    case "priorityInheritance": scenario.inheritsPriorities = try flag(value, name)
    case "network": try setNetwork(value, in: &scenario)
    case "ports": scenario.ports = try ports(value)
    case "clients": scenario.clients = try clients(value)
    case "limits":
      for (key, value) in try mapping(value, "limits") {
        let name = try canonical(key, among: ScenarioFile.limitKeys)
        try setLimit(name, value, in: &scenario)
      }
    default: try setLimit(name, value, in: &scenario)
    }
  }

  /// `{26: setroot, 22: none}`.
  private func setCalls(_ node: Node, in scenario: inout Scenario) throws {
    for (key, value) in try mapping(node, "calls") {
      let range = CallNumbers.range
      guard let number = key.scalar.flatMap({ Int32($0.string) }), range.contains(number) else {
        throw wrong(
          key, describe(key), "a call's number from \(range.lowerBound) to \(range.upperBound)")
      }
      let name = try string(value, "a call")
      let call = CallNumber(name: name)
      guard call != nil || name == CallNumbers.none else {
        let names = CallNumber.allCases.map(\.name) + [CallNumbers.none]
        throw wrong(
          value, printableArgument(name),
          "a call's name or none\(suggestion(for: name, among: names)); see docs/guest.md")
      }
      scenario.calls.set(number, to: call)
    }
  }

  /// `{delay: 5000, loss: 20, spread: 4000}`.
  private func setNetwork(_ node: Node, in scenario: inout Scenario) throws {
    for (key, value) in try mapping(node, "network") {
      let name = try canonical(key, among: ["delay", "loss", "spread"])
      let number = try unsigned(value, name)
      switch name {
      case "delay": scenario.network.delay = number
      case "loss": scenario.network.lossPerThousand = number
      default: scenario.network.spread = number
      }
    }
  }

  /// `[127.0.0.1:8080:web:80]`.
  private func ports(_ node: Node) throws -> [PublishedPort] {
    try (node.sequence.map { Array($0) } ?? [node]).map { item in
      let text = try string(item, "a port")
      guard let port = PublishedPort(text) else {
        throw wrong(item, printableArgument(text), PublishedPort.expected)
      }
      return port
    }
  }

  /// A limit has two places, by itself and under `limits`; of two values one would be lost.
  private func requireEachLimitOnce(_ entries: [(key: Node, value: Node)]) throws {
    var known: [(name: String, value: Int, place: Node)] = []
    func look(_ key: Node, _ value: Node, among names: [String]) throws {
      let name = try canonical(key, among: names)
      guard ScenarioFile.limitKeys.contains(name) else { return }
      let number = try integer(value, name)
      if let other = known.first(where: { $0.name == name }), other.value != number {
        throw wrong(
          value,
          "\(name): \(number) besides \(name): \(other.value) in line "
            + "\(other.place.mark?.line ?? 0)", "it once")
      }
      known.append((name, number, value))
    }
    let all = ScenarioFile.keys + ScenarioFile.limitKeys
    for (key, value) in entries {
      if isKey(key, "limits") {
        for (inner, value) in try mapping(value, "limits") {
          try look(inner, value, among: ScenarioFile.limitKeys)
        }
      } else {
        try look(key, value, among: all)
      }
    }
  }

  private func setLimit(_ name: String, _ value: Node, in scenario: inout Scenario) throws {
    guard let limit = Limits.all.first(where: { $0.name == name }) else { return }
    scenario.limits[keyPath: limit.path] = try integer(value, name)
  }

  // MARK: Parts

  private func program(_ node: Node) throws -> [String] {
    if let items = node.sequence { return try items.map { try string($0, "program") } }
    let words = try string(node, "program").split(separator: " ").map(String.init)
    guard !words.isEmpty else { throw wrong(node, "an empty text", "a program and its arguments") }
    return words
  }

  private func files(_ node: Node) throws -> [GuestFile] {
    if node.mapping != nil {
      return try mapping(node, "files").flatMap { key, value in
        try file(try guestPath(key), value)
      }
    }
    guard let items = node.sequence else {
      throw wrong(node, describe(node), "a list of files, or paths with what is there")
    }
    return try items.flatMap { item in
      var path: Node?
      for (key, value) in try mapping(item, "a file") where key.scalar?.string == "path" {
        path = value
      }
      guard let path else { throw wrong(item, "a file without path", "path: /GUEST/PATH") }
      return try file(try guestPath(path), item)
    }
  }

  private func guestPath(_ node: Node) throws -> String {
    let path = try string(node, "a guest path")
    guard path.hasPrefix("/") else {
      throw wrong(node, printableArgument(path), "a guest path from /")
    }
    return path
  }

  private func file(_ path: String, _ node: Node) throws -> [GuestFile] {
    var found: [GuestFile]?
    for (key, value) in try mapping(node, "a file") {
      let name = try canonical(key, among: ["path"] + ScenarioFile.contents)
      if name == "path" { continue }
      guard found == nil else {
        throw wrong(key, "\(name) besides another content", ScenarioFile.oneContent)
      }
      switch name {
      case "host": found = try copy(value, to: path)
      case "text":
        let text = try string(value, "text")
        found = [GuestFile(path: path, content: .file(Array(text.utf8)))]
      case "program":
        let program = try string(value, "program")
        guard let bytes = GuestFiles.program(program) else {
          throw wrong(
            value, printableArgument(program),
            "a program of the userland\(GuestFiles.suggestion(for: program))")
        }
        found = [GuestFile(path: path, content: .file(bytes))]
      case "directory":
        guard try flag(value, name) else { throw wrong(value, describe(value), "true") }
        found = [GuestFile(path: path, content: .directory)]
      default:
        guard let numbers = value.sequence, numbers.count == 2,
          let major = Int16(exactly: try integer(numbers[0], "major")),
          let minor = Int16(exactly: try integer(numbers[1], "minor"))
        else { throw wrong(value, describe(value), "[major, minor]") }
        found = [GuestFile(path: path, content: .device(major: major, minor: minor))]
      }
    }
    guard let found else {
      throw wrong(node, "a file without content", ScenarioFile.oneContent)
    }
    return found
  }

  /// A host path that is not from `/` begins where the scenario file is.
  func hostPath(_ host: String) -> String {
    let folder = FileName.split(path).folder
    return host.hasPrefix("/") || !path.contains("/") ? host : "\(folder)/\(host)"
  }

  private func copy(_ node: Node, to guest: String) throws -> [GuestFile] {
    let whole = hostPath(try string(node, "host"))
    do {
      return try copyFromHost?(whole, guest)
        ?? GuestFiles.copy(host: whole, to: guest, followsLinks: followsLinks)
    } catch {
      throw ToolError("\(place(node)) host: \(error)")
    }
  }

  /// `{NAME: web.tar}`; host paths as those of files.
  private func images(_ node: Node, limits: Limits) throws -> [GuestFile] {
    try mapping(node, "images").flatMap { key, value in
      let name = try string(key, "an image's name")
      let host = try string(value, "an image's tar file")
      let whole = hostPath(host)
      do {
        if let copyFromHost { return try copyFromHost(whole, "/images/\(name)") }
        return try ImageOption.files([(whole, name)], limits: limits)
      } catch {
        throw ToolError("\(place(value)) images: \(error)")
      }
    }
  }

  private func script(_ node: Node) throws -> [ScriptLine] {
    if let text = node.scalar?.string { return GuestFiles.lines(of: Array(text.utf8)) }
    guard let items = node.sequence else {
      throw wrong(node, describe(node), "a list of lines, or of {at: TICK, text: LINE}")
    }
    return try items.map { item in
      if item.scalar != nil {
        return ScriptLine(bytes: Array(try string(item, "a line").utf8) + [UInt8(ascii: "\n")])
      }
      var tick: UInt64?
      var bytes: [UInt8]?
      for (key, value) in try mapping(item, "a line") {
        switch try canonical(key, among: ["at", "text", "keys"]) {
        case "at": tick = try unsigned(value, "at")
        case "text": bytes = Array(try string(value, "text").utf8) + [UInt8(ascii: "\n")]
        default: bytes = Array(try string(value, "keys").utf8)
        }
      }
      guard let bytes else { throw wrong(item, "a line without text", "text: LINE or keys: KEYS") }
      return ScriptLine(bytes: bytes, atTick: tick)
    }
  }

  private func defects(_ node: Node) throws -> [Defect] {
    try (node.sequence.map { Array($0) } ?? [node]).map { item in
      let name = try string(item, "a defect")
      guard let defect = Defect(name: name) else {
        let names = Defect.allCases.map(\.name)
        throw wrong(
          item, printableArgument(name),
          "a defect's name\(suggestion(for: name, among: names)); see drydock defects")
      }
      return defect
    }
  }

  // MARK: Values

  /// A key in the spelling used here; `limit-ticks` is `limitTicks`.
  func canonical(_ key: Node, among names: [String]) throws -> String {
    let found = key.scalar?.string ?? ""
    let plain = ScenarioFile.plain(found)
    if let name = names.first(where: { $0.lowercased() == plain }) { return name }
    throw wrong(
      key, "unknown key \(printableArgument(found))",
      "one of \(names.joined(separator: ", "))\(suggestion(for: found, among: names))")
  }

  private static func plain(_ key: String) -> String {
    key.lowercased().filter { $0 != "-" && $0 != "_" }
  }

  private func isKey(_ key: Node, _ name: String) -> Bool {
    ScenarioFile.plain(key.scalar?.string ?? "") == name.lowercased()
  }

  func mapping(_ node: Node, _ what: String) throws -> [(key: Node, value: Node)] {
    guard let mapping = node.mapping else {
      throw wrong(node, describe(node), "\(what) as KEY: VALUE")
    }
    return mapping.map { ($0.key, $0.value) }
  }

  func string(_ node: Node, _ name: String) throws -> String {
    guard let text = node.scalar?.string else { throw wrong(node, describe(node), "\(name): TEXT") }
    return text
  }

  private func flag(_ node: Node, _ name: String) throws -> Bool {
    guard let value = node.bool else {
      throw wrong(node, describe(node), "\(name): true or false")
    }
    return value
  }

  func integer(_ node: Node, _ name: String) throws -> Int {
    guard let number = Int(exactly: try unsigned(node, name)) else {
      throw wrong(node, describe(node), "\(name): a smaller number")
    }
    return number
  }

  func unsigned(_ node: Node, _ name: String) throws -> UInt64 {
    let digits = node.scalar?.string.filter { $0 != "_" } ?? ""
    let number =
      digits.hasPrefix("0x") ? UInt64(digits.dropFirst(2), radix: 16) : UInt64(digits)
    guard let number else { throw wrong(node, describe(node), "\(name): a number from 0") }
    return number
  }

  func describe(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar): printableArgument(scalar.string)
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }

  func place(_ node: Node) -> String {
    guard let mark = node.mark else { return "\(path):" }
    return "\(path):\(mark.line):\(mark.column):"
  }

  func wrong(_ node: Node, _ found: String, _ expected: String) -> ToolError {
    ToolError("\(place(node)) found \(found), expected \(expected)")
  }
}
