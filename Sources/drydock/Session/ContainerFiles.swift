// `--spec SPEC.json --root FOLDER`: a container of one's own. Both go onto the guest's disk, and
// dockv6 asks the manager for the container, as anyone would at the shell.

import Foundation
import Recorder
import Scenarios
import Sim

struct ContainerFiles {
  /// The spec's file, on the host.
  let spec: String
  /// The folder that becomes the container's root, on the host.
  let root: String?
  /// Whether links in it are followed out of it.
  let followsLinks: Bool

  private static let longestName = 14

  /// Makes the session one of the manager and a client with this spec, whose `ports` are published.
  ///
  /// - Throws: `ToolError` if a file is missing, or the spec does not say where its root is.
  func apply(to scenario: inout Scenario) throws {
    let bytes = try GuestFiles.bytes(of: spec)
    let name = FileName.split(spec).last
    let isFit = name.utf8.count <= ContainerFiles.longestName && !FileName.isRaw(name)
    let guest = isFit ? "/\(name)" : "/spec.json"
    scenario.files.append(GuestFile(path: guest, content: .file(bytes)))
    if let root, let place = try guestRoot(bytes) {
      scenario.files += try GuestFiles.copy(host: root, to: place, followsLinks: followsLinks)
    }
    scenario.manager = true
    scenario.program = ["dockv6", "run", guest]
    // One that was published otherwise stays as it was.
    scenario.ports += publishedPorts(bytes).filter { port in
      !scenario.ports.contains { $0.host == port.host }
    }
  }

  /// The spec's `ports`, by the container's name, or its number, which is the first.
  ///
  /// - Returns: none of what is no port; dockv6 says so.
  private func publishedPorts(_ bytes: [UInt8]) -> [PublishedPort] {
    let json = try? JSONSerialization.jsonObject(with: Data(bytes))
    guard let object = json as? [String: Any] else { return [] }
    let name = object["name"] as? String ?? object["hostname"] as? String ?? ""
    let target = PublishedPort.isName(Array(name.utf8)) ? name : "c1"
    return (object["ports"] as? [Any] ?? []).compactMap { $0 as? String }.compactMap { text in
      guard let port = PublishedPort(text), port.target.isEmpty, port.host.port > 0 else {
        return nil
      }
      return PublishedPort(host: port.host, target: target, port: port.port)
    }
  }

  /// Where the spec has the container's root: the course's `fs` or the OCI runtime's `root.path`.
  /// Everything else in it is for dockv6 to judge.
  ///
  /// - Returns: nil if it is no JSON; dockv6 says where it is not.
  private func guestRoot(_ bytes: [UInt8]) throws -> String? {
    guard let json = try? JSONSerialization.jsonObject(with: Data(bytes)) else { return nil }
    let object = json as? [String: Any]
    let path = object?["fs"] as? String ?? (object?["root"] as? [String: Any])?["path"] as? String
    guard let path, path.hasPrefix("/") else {
      throw ToolError(
        "\(spec): found no absolute path under \"fs\" or \"root.path\", expected one for --root")
    }
    return path
  }
}
