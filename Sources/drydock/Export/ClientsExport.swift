// What came from the host through published ports, as `clients` of a scenario: each connection with its bytes, at the
// times at which they came. So a session with a browser can be recorded again without one.

import Recorder
import Scenarios
import Sim

struct ClientsExport {
  private var clients: [(number: UInt32, client: HostClient)] = []

  /// - Throws: `ToolError` if the session has no connections, or some that a scenario cannot say.
  init(_ reader: TraceReader, _ file: String) throws {
    let ports = reader.scenario.ports
    for input in reader.inputs.map(\.input) where input.channel == .network {
      guard let message = HostMessage(bytes: input.bytes) else { continue }
      let time = input.time.instructions
      if case .opened(let place, let from) = message.content {
        guard ports.indices.contains(Int(place)) else { continue }
        let host = ports[Int(place)].host
        guard ports.firstIndex(where: { $0.host == host }) == Int(place) else {
          throw ToolError(
            "\(file): found several ports published at \(host), expected them to have numbers of their own"
          )
        }
        clients.append(
          (message.connection, HostClient(to: host, from: from, at: time, reads: 0)))
        continue
      }
      guard let action = message.content.action,
        let index = clients.lastIndex(where: { $0.number == message.connection }),
        !clients[index].client.steps.contains(where: { $0.action == .endConnection })
      else { continue }
      clients[index].client.steps.append(HostClient.Step(action, at: time))
    }
    guard !clients.isEmpty else {
      throw ToolError(
        "\(file): found no connection from the host, expected a session with a published port")
    }
  }

  func write(_ output: OutputBuffer) {
    for line in HostClient.lines(clients.map(\.client)) { output.line(line) }
  }
}

extension HostMessage.Content {
  /// What a client does when it tells this; nil for its connecting.
  fileprivate var action: HostClient.Action? {
    switch self {
    case .opened: nil
    case .bytes(let bytes): .send(bytes)
    case .ended: .endSending
    case .reset: .endConnection
    case .taken(let count): count == 0 ? nil : .take(count)
    }
  }
}
