// A layer of an image, and what layers show together: trees of names. A layer's own tree says besides what
// it hides of those below it, as images have it: `.wh.NAME` hides one name, and `.wh..wh..opq` all that a
// folder had so far (OCI image specification, "Layer Filesystem Changeset").

import Recorder

/// Where a folder, a file or a link is in a tree.
package final class ImageNode {
  enum Content {
    case folder
    /// Its bytes in the archive.
    case file(Range<UInt64>)
    case link(path: [UInt8], isHard: Bool)
  }

  var content: Content
  /// A folder's names.
  private(set) var children: [ImageName: ImageNode] = [:]
  /// What the layer hides of those below it: these names, or all.
  private(set) var hidden: Set<ImageName> = []
  var hidesAll = false

  init(_ content: Content) { self.content = content }

  var isFolder: Bool { if case .folder = content { true } else { false } }

  /// In the order in which they are put on the disk.
  var names: [ImageName] { children.keys.sorted() }

  /// A tree of its own.
  func copy() -> ImageNode {
    let copy = ImageNode(content)
    copy.children = children.mapValues { $0.copy() }
    return copy
  }

  func put(_ name: ImageName, _ node: ImageNode) { children[name] = node }
  func hide(_ name: ImageName) { hidden.insert(name) }

  /// What there is when a layer is laid on this tree.
  func show(_ layer: ImageNode) {
    if layer.hidesAll { children = [:] }
    for name in layer.hidden { children[name] = nil }
    for (name, node) in layer.children {
      let below = children[name]
      if node.isFolder {
        let shown = below.flatMap { $0.isFolder ? $0 : nil } ?? ImageNode(.folder)
        shown.show(node)
        children[name] = shown
      } else {
        children[name] = ImageNode(node.content)
      }
    }
  }
}

/// Reads a layer's entries into a tree, and refuses what has no business in an image.
struct ImageLayerReader {
  /// In each other, as of a host's folder.
  private static let foldersLimit = 32
  private static let nameLimit = 14

  let title: String
  /// The most that there may be of files and folders.
  let limit: Int
  private let root = ImageNode(.folder)
  private var count = 0

  init(title: String, limit: Int) {
    self.title = title
    self.limit = limit
  }

  /// The layer's tree.
  ///
  /// - Throws: `ToolError` with the entry that is wrong, and why.
  static func tree(_ reader: TarReader, title: String, limit: Int) throws -> ImageNode {
    var reader = reader
    var layer = ImageLayerReader(title: title, limit: limit)
    while let entry = try reader.nextEntry() { try layer.add(entry) }
    return layer.root
  }

  private mutating func add(_ entry: TarEntry) throws {
    let path = try ImagePath.names(of: entry.name, title: title)
    guard let last = path.last else { return }  // the root itself, `./`
    if path.contains(where: { $0.hasPrefix(".wh..wh.") && $0 != ".wh..wh..opq" }) {
      return  // what some layer stores wrote for themselves
    }
    let isMark = last.hasPrefix(".wh.")
    let named = isMark && last != ".wh..wh..opq" ? path.dropLast() + [last.dropping(4)] : path
    for name in named where name != ".wh..wh..opq" { try check(name, entry) }
    guard path.count <= ImageLayerReader.foldersLimit else {
      throw wrong(
        entry, "more than \(ImageLayerReader.foldersLimit) folders in each other", "fewer")
    }
    let folder = try self.folder(path.dropLast(), entry)
    if last == ".wh..wh..opq" {
      folder.hidesAll = true
    } else if isMark {
      folder.hide(last.dropping(4))
    } else {
      try put(last, in: folder, entry)
    }
    guard count <= limit else {
      throw wrong(entry, "more than \(limit) files and folders", "as many as the disk has inodes")
    }
  }

  private func check(_ name: ImageName, _ entry: TarEntry) throws {
    guard (1...ImageLayerReader.nameLimit).contains(name.bytes.count), name != ".", name != ".."
    else {
      throw wrong(
        entry, "the name \(printableArgument(name.text)) of \(name.bytes.count) bytes",
        "1 to \(ImageLayerReader.nameLimit) bytes, as the guest's disk has them")
    }
  }

  /// The folder that an entry is in; made, if the archive does not say anything about it.
  private mutating func folder(_ path: [ImageName], _ entry: TarEntry) throws -> ImageNode {
    var folder = root
    for name in path {
      if let next = folder.children[name] {
        guard next.isFolder else {
          throw wrong(
            entry, "\(printableArgument(name.text)), which is no folder, on the way", "one")
        }
        folder = next
      } else {
        let next = ImageNode(.folder)
        folder.put(name, next)
        count += 1
        folder = next
      }
    }
    return folder
  }

  private mutating func put(_ name: ImageName, in folder: ImageNode, _ entry: TarEntry) throws {
    let old = folder.children[name]
    if old == nil { count += 1 }
    let content: ImageNode.Content
    switch entry.kind {
    case .folder:
      if let old, old.isFolder { return }
      content = .folder
    case .file: content = .file(entry.data)
    case .hardLink(let path): content = .link(path: path, isHard: true)
    case .symbolicLink(let path): content = .link(path: path, isHard: false)
    case .special(let what): throw wrong(entry, what, "a file, folder or link")
    }
    // An entry that comes again is written over the one before, as tar does it.
    guard old.map({ !$0.isFolder }) ?? true else {
      throw wrong(entry, "a folder of this name as well", "one of the two")
    }
    folder.put(name, ImageNode(content))
  }

  private func wrong(_ entry: TarEntry, _ found: String, _ expected: String) -> ToolError {
    ToolError("\(title): \(printableEntry(entry.name)): found \(found), expected \(expected)")
  }
}

/// A name in an image: its bytes, which are UTF-8. Texts that Swift takes for equal, such as é as one
/// character and as two, are two names, and a name may begin with a mark that joins what is before it.
package struct ImageName: Hashable, Comparable, ExpressibleByStringLiteral {
  let bytes: [UInt8]

  init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
  package init(stringLiteral text: StaticString) {
    bytes = text.withUTF8Buffer { Array($0) }
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  package static func < (a: ImageName, b: ImageName) -> Bool {
    a.bytes.lexicographicallyPrecedes(b.bytes)
  }

  func hasPrefix(_ prefix: String) -> Bool { bytes.starts(with: prefix.utf8) }
  func dropping(_ count: Int) -> ImageName { ImageName(bytes.dropFirst(count)) }
}

/// Paths in archives.
enum ImagePath {
  private static let slash = UInt8(ascii: "/")

  /// The names of a path, without those that say nothing.
  static func names(_ path: some Sequence<UInt8>) -> [ImageName] {
    path.split(separator: slash).map { ImageName($0) }.filter { $0 != "." }
  }

  static func isFromRoot(_ path: [UInt8]) -> Bool { path.first == slash }

  static func text(_ path: some Sequence<ImageName>) -> String {
    path.map(\.text).joined(separator: "/")
  }

  /// The names of an entry's path, which begins at the image's root.
  ///
  /// - Throws: `ToolError` if it leads out of the image, or is no text.
  static func names(of path: [UInt8], title: String) throws -> [ImageName] {
    guard String(validating: path, as: UTF8.self) != nil else {
      throw ToolError(
        "\(title): \(printableEntry(path)): found a name that is no UTF-8, expected one that is")
    }
    guard !path.isEmpty, !path.contains(0) else {
      throw ToolError("\(title): found an entry without a name, expected one")
    }
    guard !isFromRoot(path) else {
      throw ToolError(
        "\(title): \(printableEntry(path)): found a path from /, expected one within the image")
    }
    let names = names(path)
    guard !names.contains("..") else {
      throw ToolError("\(title): \(printableEntry(path)): found \"..\" in the path, expected none")
    }
    return names
  }
}
