// An image's layers as files of the guest's disk: `/images/NAME/0`, `/images/NAME/1` …, the lowest first, and
// `/images/NAME/layers`, a list of them. A union of the folders shows the image. What a layer hides is a device
// node 0, 0 there, as on Linux; of a folder that hides all that was in it, every name is hidden.

import Recorder
import Sim

package struct ImageFiles {
  private static let folder = "/images"
  static let nameLimit = 14
  /// Bytes of the disk's blocks, in which limits are.
  private static let blockSize = 1024

  private let source: TarSource
  private let limits: Limits
  private let base: String
  private var files: [GuestFile] = []
  private var byteCount = 0

  /// The files that an archive of an image comes to.
  ///
  /// - Parameters:
  ///   - name: the image's name in the guest.
  ///   - limits: the machine's, of whose disk it has to be a part.
  /// - Throws: `ToolError` if it is no image, or does not fit.
  package static func files(_ source: TarSource, name: String, limits: Limits) throws
    -> [GuestFile]
  {
    let layers = try ImageArchive.layers(source, limit: limits.inodes)
    var image = ImageFiles(source: source, limits: limits, base: "\(folder)/\(name)")
    let shown = ImageNode(.folder)
    var list = ""
    for (index, layer) in layers.enumerated() {
      let below = shown.copy()
      shown.show(layer.root)
      let place = "\(image.base)/\(index)"
      try image.append(GuestFile(path: place, content: .directory), layer.title)
      let links = ImageLinks(title: layer.title, root: shown)
      try image.add(layer.root, at: [], over: below, to: place, links)
      list += place + "\n"
    }
    try image.append(
      GuestFile(path: "\(image.base)/layers", content: .file(Array(list.utf8))), source.name)
    return image.files
  }

  private init(source: TarSource, limits: Limits, base: String) {
    self.source = source
    self.limits = limits
    self.base = base
  }

  // MARK: A layer

  /// - Parameter below: what the layers below show in this folder; nil if they have none there.
  private mutating func add(
    _ folder: ImageNode, at path: [ImageName], over below: ImageNode?, to place: String,
    _ links: ImageLinks
  ) throws {
    try hide(folder, over: below, in: place, links.title)
    for name in folder.names {
      guard let node = folder.children[name] else { continue }
      let guest = "\(place)/\(name.text)"
      if node.isFolder {
        try append(GuestFile(path: guest, content: .directory), links.title)
        var lower = below?.children[name]
        if folder.hidesAll || folder.hidden.contains(name) {
          // It hides what the one below has, which a union would mix in.
          node.hidesAll = true
        }
        if lower?.isFolder != true { lower = nil }
        try add(node, at: path + [name], over: lower, to: guest, links)
      } else {
        try put(node, at: path + [name], to: guest, links, within: [])
      }
    }
  }

  /// Hides names of the layers below that would be seen otherwise.
  private mutating func hide(
    _ folder: ImageNode, over below: ImageNode?, in place: String, _ title: String
  ) throws {
    guard let below else { return }
    for name in below.names where folder.children[name] == nil {
      guard folder.hidesAll || folder.hidden.contains(name) else { continue }
      try append(
        GuestFile(path: "\(place)/\(name.text)", content: .device(major: 0, minor: 0)), title)
    }
  }

  /// Puts a file, or a copy of what a link leads to.
  private mutating func put(
    _ node: ImageNode, at path: [ImageName], to guest: String, _ links: ImageLinks,
    within folders: [ImageNode]
  ) throws {
    let (target, place) = try links.target(of: node, at: path)
    guard case .file(let data) = target.content else {
      return try putFolder(target, at: place, to: guest, links, within: folders)
    }
    let shown = "\(links.title): \(printable(ImagePath.text(path)))"
    let longest = limits.fileBlocks * ImageFiles.blockSize
    guard data.count <= longest else {
      throw ToolError("\(shown): found \(data.count) bytes, expected at most \(longest) in a file")
    }
    byteCount += data.count
    let room = limits.blocks * ImageFiles.blockSize
    guard byteCount <= room else {
      throw ToolError(
        "\(shown): found more than \(room) bytes up to here, expected as many as the disk holds")
    }
    try append(GuestFile(path: guest, content: .file(try source.bytes(data))), shown)
  }

  /// A copy of a folder that a link leads to.
  private mutating func putFolder(
    _ folder: ImageNode, at path: [ImageName], to guest: String, _ links: ImageLinks,
    within folders: [ImageNode]
  ) throws {
    guard !folders.contains(where: { $0 === folder }), folders.count < 8 else {
      throw ToolError(
        "\(links.title): \(printable(ImagePath.text(path))): found a link back to a folder "
          + "that it is in, expected none")
    }
    try append(GuestFile(path: guest, content: .directory), links.title)
    for name in folder.names {
      guard let node = folder.children[name] else { continue }
      try put(
        node, at: path + [name], to: "\(guest)/\(name.text)", links, within: folders + [folder])
    }
  }

  private mutating func append(_ file: GuestFile, _ title: String) throws {
    files.append(file)
    guard files.count <= limits.inodes else {
      throw ToolError(
        "\(title): found more than \(limits.inodes) files and folders, expected as many as the disk "
          + "has inodes")
    }
    guard file.path.utf8.count < limits.pathLength else {
      throw ToolError(
        "\(title): found the path \(printableArgument(file.path)) of \(file.path.utf8.count) bytes, "
          + "expected less than \(limits.pathLength)")
    }
  }
}
