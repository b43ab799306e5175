// What an archive of an image holds: the layers that `docker save` puts into it, named by its
// manifest.json; those of an OCI image layout, named by index.json; or, if it has neither, one layer, which
// the archive itself is: what `docker export` and `tar` write.

import Foundation
import Recorder

enum ImageArchive {
  struct Layer {
    /// What messages call it.
    var title: String
    var root: ImageNode
  }

  /// Of a manifest and of what it names.
  private static let jsonLimit = 1 << 20
  /// As many as Docker allows.
  private static let layersLimit = 127

  /// An image's layers, the lowest first.
  ///
  /// - Parameter limit: the most files and folders that a layer may have.
  /// - Throws: `ToolError` if the archive is none, or makes no sense.
  static func layers(_ source: TarSource, limit: Int) throws -> [Layer] {
    let whole = TarReader(source, title: source.name, range: 0..<source.count)
    let members = try self.members(whole)
    let names = try members.flatMap { try layerNames($0, source) }
    guard let members, let names else {
      return [
        Layer(
          title: source.name,
          root: try ImageLayerReader.tree(whole, title: source.name, limit: limit))
      ]
    }
    guard (1...layersLimit).contains(names.count) else {
      throw ToolError("\(source.name): found \(names.count) layers, expected 1 to \(layersLimit)")
    }
    return try names.map { name in
      let title = "\(source.name): layer \(printableEntry(Array(name.utf8)))"
      let range = try members.range(of: name, source)
      let reader = TarReader(source, title: title, range: range)
      return Layer(
        title: title, root: try ImageLayerReader.tree(reader, title: title, limit: limit))
    }
  }

  // MARK: What the archive has

  /// The files of an archive of layers, by their names.
  private struct Members {
    var files: [String: Range<UInt64>] = [:]
    /// Layers that are the same are stored once.
    var links: [String: String] = [:]

    func range(of name: String, _ source: TarSource) throws -> Range<UInt64> {
      let target = links[name] ?? name
      guard let range = files[target] else {
        throw ToolError("\(source.name): found no \(printableArgument(name)), expected that layer")
      }
      return range
    }
  }

  /// - Returns: nil if this is no archive of layers.
  private static func members(_ reader: TarReader) throws -> Members? {
    var reader = reader
    var members = Members()
    // Three names for each layer are more than any program writes; a root has as many as it likes, and
    // then this is none.
    let most = 8 * layersLimit
    while let entry = try reader.nextEntry() {
      guard let text = String(validating: entry.name, as: UTF8.self) else { return nil }
      let name = normal(text)
      switch entry.kind {
      case .file: members.files[name] = entry.data
      case .symbolicLink(let path), .hardLink(let path):
        guard let path = String(validating: path, as: UTF8.self) else { return nil }
        var isHard = false
        if case .hardLink = entry.kind { isHard = true }
        let folder = isHard ? [] : ImagePath.names(name.utf8).dropLast()
        members.links[name] = normal(ImagePath.text(folder) + "/" + path)
      case .folder: break
      case .special: return nil
      }
      if members.files.count + members.links.count > most { return nil }
    }
    let isImage = members.files["manifest.json"] != nil || members.files["oci-layout"] != nil
    return isImage ? members : nil
  }

  /// A path without what says nothing.
  private static func normal(_ path: String) -> String {
    var names: [ImageName] = []
    for name in ImagePath.names(path.utf8) {
      if name == ".." { _ = names.popLast() } else { names.append(name) }
    }
    return ImagePath.text(names)
  }

  // MARK: Which of it are layers

  /// - Returns: nil if what looks like a manifest is something else, a file of a root.
  private static func layerNames(_ members: Members, _ source: TarSource) throws -> [String]? {
    if let range = members.files["manifest.json"] {
      guard let images = try json(range, "manifest.json", source) as? [[String: Any]],
        images.allSatisfy({ $0["Layers"] is [String] })
      else { return nil }
      guard images.count == 1, let layers = images.first?["Layers"] as? [String] else {
        throw ToolError("\(source.name): found \(images.count) images, expected one")
      }
      return layers.map(normal)
    }
    guard let range = members.files["index.json"] else { return nil }
    let index = try object(range, "index.json", source)
    guard let manifests = index["manifests"] as? [[String: Any]], manifests.count == 1 else {
      let count = (index["manifests"] as? [Any])?.count ?? 0
      throw ToolError("\(source.name): index.json: found \(count) manifests, expected one")
    }
    let name = try blob(manifests[0], "index.json", source)
    let manifest = try object(members.range(of: name, source), name, source)
    guard let layers = manifest["layers"] as? [[String: Any]] else {
      throw ToolError(
        "\(source.name): \(printableEntry(Array(name.utf8))): found no layers, expected a list of them"
      )
    }
    return try layers.map { try blob($0, name, source) }
  }

  /// The file of what a descriptor has as its digest: `blobs/sha256/…`.
  private static func blob(
    _ descriptor: [String: Any], _ place: String, _ source: TarSource
  ) throws -> String {
    guard let digest = descriptor["digest"] as? String,
      case let parts = digest.split(separator: ":"), parts.count == 2
    else {
      throw ToolError(
        "\(source.name): \(printableEntry(Array(place.utf8))): found no digest, expected one of each layer"
      )
    }
    return "blobs/\(parts[0])/\(parts[1])"
  }

  private static func object(
    _ range: Range<UInt64>, _ name: String, _ source: TarSource
  ) throws -> [String: Any] {
    guard let object = try json(range, name, source) as? [String: Any] else {
      throw ToolError(
        "\(source.name): \(printableEntry(Array(name.utf8))): found no JSON object, expected one")
    }
    return object
  }

  /// - Returns: nil if it is no JSON.
  private static func json(_ range: Range<UInt64>, _ name: String, _ source: TarSource) throws
    -> Any?
  {
    guard range.count <= jsonLimit else {
      throw ToolError(
        "\(source.name): \(printableEntry(Array(name.utf8))): found \(range.count) bytes, expected at most \(jsonLimit)"
      )
    }
    return try? JSONSerialization.jsonObject(with: Data(source.bytes(range)))
  }
}
