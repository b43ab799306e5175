// `--image FILE[:NAME]`, and a scenario's `images`: which archive becomes an image, and its name in the guest.

import Recorder
import Sim

package enum ImageOption {
  /// The files of the images that the words stand for.
  ///
  /// - Parameter limits: the machine's.
  /// - Throws: `ToolError` if one is no image, or two have the same name.
  package static func files(_ words: [String], limits: Limits) throws -> [GuestFile] {
    try files(words.map(parts), limits: limits)
  }

  /// The same, of archives with the names that they are to have.
  static func files(_ images: [(host: String, name: String)], limits: Limits) throws -> [GuestFile]
  {
    var names: [String] = []
    return try images.flatMap { host, name in
      let source = try TarSource(host: host)
      try check(name, host)
      guard !names.contains(name) else {
        throw ToolError("found two images called \(name), expected FILE:NAME with a name for each")
      }
      names.append(name)
      return try ImageFiles.files(source, name: name, limits: limits)
    }
  }

  /// The archive and the image's name: the one behind the last colon or, without that, the file's.
  private static func parts(of word: String) -> (host: String, name: String) {
    if word.fileStatus() == nil, let colon = word.lastIndex(of: ":"), colon != word.startIndex {
      return (String(word[..<colon]), String(word[word.index(after: colon)...]))
    }
    var name = FileName.split(word).last
    if name.hasSuffix(".tar"), name != ".tar" { name.removeLast(4) }
    return (word, name)
  }

  /// Specs separate layers by `:` and `,`; what begins with a dot in `/images` is the builds'.
  ///
  /// - Throws: `ToolError` if no folder of the guest's can have this name, or no spec can name it.
  private static func check(_ name: String, _ host: String) throws {
    guard (1...ImageFiles.nameLimit).contains(name.utf8.count), !name.hasPrefix("."),
      !name.contains(where: { "/:,".contains($0) }), !FileName.isRaw(name)
    else {
      throw ToolError(
        "\(host): found the image's name \(printableArgument(name)), expected FILE:NAME with a name of 1 "
          + "to \(ImageFiles.nameLimit) bytes, without / : , and with no . at its beginning")
    }
  }
}
