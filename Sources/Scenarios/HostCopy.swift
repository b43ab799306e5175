// A host's file or folder on its way to the guest's disk. What is named may be a link itself; from a
// folder nothing is brought that lies outside of it, where a link in it leads, unless that was asked
// for. The guest has no links of that kind: it gets copies of what they lead to.

import Foundation
import Recorder
import Sim

struct HostCopy {
  /// Whether links are followed wherever they lead.
  let followsLinks: Bool
  /// The folder that was asked for, without links.
  private let folder: String
  /// The folders that are being gone through, by device and inode.
  private var path: [Identity] = []
  private var files: [GuestFile] = []
  private var byteCount = 0

  private struct Identity: Equatable {
    var device: UInt64
    var inode: UInt64
  }

  /// In each other.
  private static let foldersLimit = 32
  /// No guest's disk has more inodes, or more bytes.
  private static let filesLimit = 65_535
  private static let bytesLimit = 1 << 30

  /// The file or folder, with all that is in it in sorted order.
  ///
  /// - Throws: `ToolError` if something cannot be read, or is no file or folder.
  static func files(host: String, to guest: String, followsLinks: Bool) throws -> [GuestFile] {
    let isFolder = try status(of: host).st_mode & S_IFMT == S_IFDIR
    var place = guest
    // `prog:/bin/` puts it into the folder under its own name.
    if !isFolder, place.hasSuffix("/") {
      let name = FileName.split(host).last
      guard !FileName.isRaw(name) else {
        throw ToolError(
          "\(host): found a name that is no UTF-8, expected --file \(host):\(place)NAME with "
            + "the name that it is to have on the guest's disk")
      }
      place += name
    }
    var copy = HostCopy(followsLinks: followsLinks, folder: try target(of: host))
    try copy.add(host, to: place)
    return copy.files
  }

  private init(followsLinks: Bool, folder: String) {
    self.followsLinks = followsLinks
    self.folder = folder
  }

  private mutating func add(_ host: String, to guest: String) throws {
    let status = try HostCopy.status(of: host)
    switch status.st_mode & S_IFMT {
    case S_IFDIR:
      let identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
      guard !path.contains(identity) else {
        throw ToolError("\(host): found a link back to a folder that it is in, expected none")
      }
      guard path.count < HostCopy.foldersLimit else {
        throw ToolError("\(host): found more than \(HostCopy.foldersLimit) folders in each other")
      }
      path.append(identity)
      try addFolder(host, to: guest)
      path.removeLast()
    case S_IFREG:
      let bytes = try GuestFiles.bytes(of: host, atMost: GuestFiles.longestFile)
      byteCount += bytes.count
      guard byteCount <= HostCopy.bytesLimit else {
        throw ToolError(
          "\(folder): found more than \(HostCopy.bytesLimit >> 30) GiB, expected at most that")
      }
      try append(GuestFile(path: guest, content: .file(bytes)))
    case let kind:
      throw ToolError(
        "\(host): found \(HostCopy.name(of: kind)), a special file, expected a file or a folder")
    }
  }

  private mutating func append(_ file: GuestFile) throws {
    files.append(file)
    guard files.count <= HostCopy.filesLimit else {
      throw ToolError(
        "\(folder): found more than \(HostCopy.filesLimit) files and folders, "
          + "expected at most that")
    }
  }

  private mutating func addFolder(_ host: String, to guest: String) throws {
    if guest != "/" { try append(GuestFile(path: guest, content: .directory)) }
    let base = guest.hasSuffix("/") ? guest : guest + "/"
    for name in try HostCopy.names(in: host) {
      let inner = host.hasSuffix("/") ? host + name : "\(host)/\(name)"
      try checkLink(inner)
      try add(inner, to: base + name)
    }
  }

  /// Refuses a link that leads out of the folder, or nowhere.
  private func checkLink(_ host: String) throws {
    guard let status = host.fileStatus(followingLinks: false) else {
      throw HostCopy.failure(host)
    }
    guard status.st_mode & S_IFMT == S_IFLNK else { return }
    let target: String
    do {
      target = try HostCopy.target(of: host)
    } catch {
      let words = String(cString: strerror(errno))
      throw ToolError("\(host): found a link that leads to nothing: \(words)")
    }
    let base = folder.hasSuffix("/") ? folder : folder + "/"
    guard followsLinks || target == folder || target.hasPrefix(base) else {
      throw ToolError(
        "\(host): found a link to \(target), outside of the folder \(folder), expected none "
          + "without --follow-links (in a scenario, followLinks: true)")
    }
  }

  // MARK: The host

  private static func failure(_ host: String) -> ToolError {
    ToolError("\(host): \(String(cString: strerror(errno)))")
  }

  /// Of what is there, behind links.
  static func status(of host: String) throws -> stat {
    guard let status = host.fileStatus() else { throw failure(host) }
    return status
  }

  /// The path without links.
  private static func target(of host: String) throws -> String {
    guard let path = host.withFileName({ realpath($0, nil) }) else { throw failure(host) }
    defer { free(path) }
    return FileName.text(of: UnsafeRawBufferPointer(start: path, count: strlen(path)))
  }

  /// What is in a folder, in order of bytes.
  private static func names(in host: String) throws -> [String] {
    guard let folder = host.withFileName({ opendir($0) }) else {
      throw ToolError("\(host): cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      guard let name = String(validating: bytes, as: UTF8.self) else {
        throw ToolError(
          "\(host): found the name \(printable(bytes)), which is no UTF-8, expected one that is")
      }
      if name != ".", name != ".." { names.append(name) }
      guard names.count <= filesLimit else {
        throw ToolError("\(host): found more than \(filesLimit) names, expected at most that")
      }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func name(of kind: mode_t) -> String {
    switch kind {
    case S_IFSOCK: "a socket"
    case S_IFIFO: "a pipe"
    case S_IFCHR, S_IFBLK: "a device"
    default: "something unknown"
    }
  }
}
