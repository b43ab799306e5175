// `clients` of a scenario file: connections from the host, one after the other in the file, each with what it does.
// Whether their ports are published is known only when all is said, command line included (`Scenario.validate`).

import Foundation
import Recorder
import Sim
import Yams

extension ScenarioFile {
  private static let clientKeys = ["to", "from", "time", "reads", "steps"]
  private static let actions = ["send", "host", "base64", "take", "end"]

  /// `[{to: 127.0.0.1:8080, time: 2_000_000, steps: ["GET / HTTP/1.0\r\n\r\n"]}]`.
  func clients(_ node: Node) throws -> [HostClient] {
    guard let items = node.sequence else {
      throw wrong(node, describe(node), "a list of clients: {to: [ADDRESS:]PORT, steps: LIST}")
    }
    return try items.enumerated().map { index, item in try client(item, number: index) }
  }

  private func client(_ node: Node, number: Int) throws -> HostClient {
    var client = HostClient(
      to: .none, from: HostClient.firstPort &+ UInt16(truncatingIfNeeded: number))
    var hasPort = false
    var steps: [Node] = []
    for (key, value) in try mapping(node, "a client") {
      let name = try canonical(key, among: ScenarioFile.clientKeys)
      switch name {
      case "to":
        client.port = try endpoint(value)
        hasPort = true
      case "from":
        guard let port = UInt16(exactly: try unsigned(value, name)) else {
          throw wrong(value, describe(value), "from: a port of 0 to 65535")
        }
        client.from = port
      case "time": client.time = try unsigned(value, name)
      case "reads": client.reads = try unsigned(value, name)
      default: steps = value.sequence.map { Array($0) } ?? [value]
      }
    }
    guard hasPort else { throw wrong(node, "a client without to", "to: [ADDRESS:]PORT") }
    client.steps = try steps.map { try step($0) }
    if let (step, found, expected) = client.problem {
      throw wrong(step.map { steps[$0 - 1] } ?? node, found, expected)
    }
    return client
  }

  /// Where the host listens, as the published port says it.
  private func endpoint(_ node: Node) throws -> Endpoint {
    let text = try string(node, "to")
    // The rest of a published port, to have one way of reading them.
    guard let port = PublishedPort(text + ":1"), port.target.isEmpty else {
      throw wrong(node, printableArgument(text), "to: [ADDRESS:]PORT of a published port")
    }
    return port.host
  }

  private func step(_ node: Node) throws -> HostClient.Step {
    if node.scalar != nil { return HostClient.Step(.send(Array(try string(node, "a text").utf8))) }
    var action: HostClient.Action?
    var time: UInt64?
    for (key, value) in try mapping(node, "a step") {
      let name = try canonical(key, among: ["time"] + ScenarioFile.actions)
      if name == "time" {
        time = try unsigned(value, name)
        continue
      }
      guard action == nil else {
        throw wrong(
          key, "\(name) besides another action",
          "one of \(ScenarioFile.actions.joined(separator: ", "))")
      }
      action = try self.action(name, value)
    }
    guard let action else {
      throw wrong(
        node, "a step without action", "one of \(ScenarioFile.actions.joined(separator: ", "))")
    }
    return HostClient.Step(action, at: time)
  }

  private func action(_ name: String, _ value: Node) throws -> HostClient.Action {
    switch name {
    case "send": return .send(Array(try string(value, name).utf8))
    case "host": return .send(try hostBytes(value))
    case "base64":
      let text = try string(value, name)
      guard let bytes = Data(base64Encoded: text.filter { !$0.isWhitespace }) else {
        throw wrong(value, printableArgument(text), "base64: bytes as RFC 4648 has them")
      }
      return .send(Array(bytes))
    case "take":
      guard let count = UInt32(exactly: try unsigned(value, name)) else {
        throw wrong(value, describe(value), "take: a number of bytes up to \(UInt32.max)")
      }
      return .take(count)
    default:
      switch try string(value, name) {
      case "sending": return .endSending
      case "connection": return .endConnection
      case let word:
        throw wrong(value, printableArgument(word), "end: sending or connection")
      }
    }
  }

  /// The bytes of a host's file beside the scenario.
  private func hostBytes(_ node: Node) throws -> [UInt8] {
    let whole = hostPath(try string(node, "host"))
    do {
      guard let copyFromHost else {
        return try GuestFiles.bytes(of: whole, atMost: HostClient.bytesAtMost)
      }
      guard case .file(let bytes) = try copyFromHost(whole, "/").first?.content else {
        throw ToolError("\(whole): found no file, expected one")
      }
      return bytes
    } catch {
      throw ToolError("\(place(node)) host: \(error)")
    }
  }
}
