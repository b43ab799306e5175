// Connections from the host as part of a scenario: who connects to which published port, what is sent when, and when it
// is over. They take the place of the host's own sockets, as a script takes that of a keyboard.

/// A connection of the host's, from its beginning to its end.
public struct HostClient: Equatable, Sendable {
  /// What a client does.
  public enum Action: Equatable, Sendable {
    case send([UInt8])
    /// Takes so many of the bytes that have left for it, besides those that it takes by itself.
    case take(UInt32)
    /// Sends no more.
    case endSending
    /// Neither sends nor takes any more.
    case endConnection
  }

  public struct Step: Equatable, Sendable {
    public var action: Action
    /// In instructions, as a trace has times; nil for when the machine is idle and all before was done.
    public var time: UInt64?

    public init(_ action: Action, at time: UInt64? = nil) {
      self.action = action
      self.time = time
    }
  }

  /// The published port, by where the host would listen.
  public var port: Endpoint
  /// The host's port that it comes from.
  public var from: UInt16
  /// When it connects; nil for when the machine is idle.
  public var time: UInt64?
  /// How many bytes it takes by itself as soon as they have left; nil for all.
  public var reads: UInt64?
  /// What it does then, in this order.
  public var steps: [Step]

  public init(
    to port: Endpoint, from: UInt16, at time: UInt64? = nil, reads: UInt64? = nil,
    _ steps: [Step] = []
  ) {
    self.port = port
    self.from = from
    self.time = time
    self.reads = reads
    self.steps = steps
  }

  /// The port of the first client for which none is said; the others follow.
  public static let firstPort: UInt16 = 40_000
  /// How many clients a scenario can have, steps one of them, and bytes to send all of them together.
  public static let most = 1024
  public static let stepsAtMost = 65_536
  public static let bytesAtMost = 4 << 20

  /// What no client can do; nil if there is nothing of that. A step is counted from 1.
  public var problem: (step: Int?, found: String, expected: String)? {
    guard steps.count <= HostClient.stepsAtMost else {
      return (nil, "\(steps.count) steps", "at most \(HostClient.stepsAtMost)")
    }
    var last = time
    var ended: Action?
    for (index, step) in steps.enumerated() {
      if let time = step.time {
        if let last, time < last {
          return (index + 1, "time \(time) after \(last)", "times that do not step back")
        }
        last = time
      }
      switch (ended, step.action) {
      case (.endConnection?, _):
        return (index + 1, "a step behind the connection's end", "none")
      case (.endSending?, .send), (.endSending?, .endSending):
        return (index + 1, "something to send behind the end of sending", "nothing")
      case (_, .send(let bytes)) where bytes.isEmpty:
        return (index + 1, "nothing to send", "one byte or more")
      case (_, .take(0)):
        return (index + 1, "0 bytes to take", "one or more")
      case (_, .endSending), (_, .endConnection): ended = step.action
      case (_, .send), (_, .take): break
      }
    }
    return nil
  }

  /// How many bytes it sends.
  var byteCount: Int {
    steps.reduce(0) { sum, step in
      if case .send(let bytes) = step.action { sum + bytes.count } else { sum }
    }
  }

  func combine(into digest: inout Digest) {
    digest.combine(port.address.raw)
    digest.combine(UInt32(port.port))
    digest.combine(UInt32(from))
    digest.combine(time ?? .max)
    digest.combine(reads ?? .max)
    digest.combine(UInt64(steps.count))
    for step in steps {
      digest.combine(step.time ?? .max)
      switch step.action {
      case .send(let bytes):
        digest.combine(0 as UInt32)
        digest.combine(bytes)
      case .take(let count):
        digest.combine(1 as UInt32)
        digest.combine(count)
      case .endSending: digest.combine(2 as UInt32)
      case .endConnection: digest.combine(3 as UInt32)
      }
    }
  }
}

extension Scenario {
  /// The place in `ports` of the port that a client connects to; nil if none is published there.
  func place(of client: HostClient) -> Int? { ports.firstIndex { $0.host == client.port } }

  func validateClients() throws(ScenarioError) {
    guard clients.count <= HostClient.most else {
      throw ScenarioError("clients: found \(clients.count), expected at most \(HostClient.most)")
    }
    let bytes = clients.reduce(0) { $0 + $1.byteCount }
    guard bytes <= HostClient.bytesAtMost else {
      throw ScenarioError(
        "clients: found \(bytes) bytes to send, expected at most \(HostClient.bytesAtMost)")
    }
    for (index, client) in clients.enumerated() {
      guard place(of: client) != nil else {
        let published = ports.isEmpty ? "none" : ports.map(\.description).joined(separator: ", ")
        throw ScenarioError(
          "clients: found client \(index + 1) to \(client.port), expected a published port; "
            + "published: \(published)")
      }
      if let (step, found, expected) = client.problem {
        let place = step.map { ", step \($0)" } ?? ""
        throw ScenarioError(
          "clients: client \(index + 1)\(place): found \(found), expected \(expected)")
      }
    }
  }
}
