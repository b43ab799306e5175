// Where an image's links lead. The guest has no links of that kind: it gets copies of what they lead to,
// as of a host's folder. A path from `/` begins at the image's root, and so does a hard link's.

import Recorder

struct ImageLinks {
  /// In each other, as on Linux.
  private static let linksLimit = 40

  let title: String
  /// What the image shows, with the layer that the link is in on top.
  let root: ImageNode

  /// What a link at a path leads to: a file or a folder, and where that is.
  ///
  /// - Throws: `ToolError` if it leads out of the image, to nothing, or nowhere.
  func target(of link: ImageNode, at path: [ImageName]) throws -> (
    node: ImageNode, path: [ImageName]
  ) {
    var links = 0
    return try follow(link, at: path, as: path, &links)
  }

  /// - Parameter origin: the link that all began with, for messages.
  private func follow(
    _ node: ImageNode, at path: [ImageName], as origin: [ImageName], _ links: inout Int
  ) throws -> (node: ImageNode, path: [ImageName]) {
    guard case .link(let bytes, let isHard) = node.content else { return (node, path) }
    links += 1
    guard links <= ImageLinks.linksLimit else {
      throw wrong(origin, "more than \(ImageLinks.linksLimit) links behind each other", "fewer")
    }
    guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty else {
      throw wrong(origin, "a link to \"\(printableEntry(bytes))\", which is no path", "one")
    }
    let isFromRoot = isHard || ImagePath.isFromRoot(bytes)
    var place = isFromRoot ? [] : Array(path.dropLast())
    var here = root
    for name in place { here = here.children[name] ?? here }
    for name in ImagePath.names(bytes) {
      if name == ".." {
        guard !place.isEmpty else {
          throw wrong(
            origin, "a link to \(printableArgument(text)), out of the image", "one within it")
        }
        place.removeLast()
        here = place.reduce(root) { $0.children[$1] ?? $0 }
        continue
      }
      guard here.isFolder, let next = here.children[name] else {
        throw wrong(
          origin, "a link to \(printableArgument(text)), which is not in the image",
          "one to what is")
      }
      (here, place) = try follow(next, at: place + [name], as: origin, &links)
    }
    return (here, place)
  }

  private func wrong(_ path: [ImageName], _ found: String, _ expected: String) -> ToolError {
    ToolError(
      "\(title): \(printable(ImagePath.text(path))): found \(found), expected \(expected)")
  }
}
