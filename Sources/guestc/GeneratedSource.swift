// The Swift files that hold the executables.

enum GeneratedSource {
  /// An executable as a static string of two letters a byte, which compiles in no time, where an
  /// array literal of this length takes minutes.
  static func image(name: String, bytes: [UInt8], module: String) -> [UInt8] {
    var text = [UInt8](head(module).utf8)
    text +=
      """
      extension \(module) {
        static let \(constant(name)) = GuestImage(name: "\(name)", nibbles: "
      """.utf8
    for byte in bytes {
      text.append(UInt8(ascii: "a") + byte >> 4)
      text.append(UInt8(ascii: "a") + byte & 15)
    }
    text += "\")\n}\n".utf8
    return text
  }

  /// All of a target's programs.
  static func index(_ names: ArraySlice<String>, module: String) -> [UInt8] {
    let constants = names.map(constant).joined(separator: ", ")
    return Array(
      (head(module) + """
        extension \(module) {
          /// Every guest program of this module, in order of name.
          public static let all: [GuestImage] = [\(constants)]
        }

        """).utf8)
  }

  private static func head(_ module: String) -> String {
    module == "Userland" ? "" : "import Userland\n\n"
  }

  private static func constant(_ name: String) -> String { "guest_\(name)" }
}
