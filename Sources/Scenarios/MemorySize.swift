import Sim

/// Sizes of memory as people write them.
package enum MemorySize {
  private static let frame = 4096

  /// How many frames of memory a size such as `128M` is.
  ///
  /// - Throws: `ToolError` if it is no size, or none that the machine can have.
  package static func frames(_ text: String, named name: String) throws -> Int {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let factor: Int?
    switch text.dropFirst(digits.count).uppercased() {
    case "": factor = 1
    case "K", "KB", "KIB": factor = 1 << 10
    case "M", "MB", "MIB": factor = 1 << 20
    case "G", "GB", "GIB": factor = 1 << 30
    default: factor = nil
    }
    guard let factor, let number = Int(digits) else {
      throw ToolError("\(name): found \(printableArgument(text)), expected a size such as 128M")
    }
    let bytes = number.multipliedReportingOverflow(by: factor)
    let frames = (bytes.overflow ? Int.max : bytes.partialValue) / frame
    guard Limits.framesRange.contains(frames) else {
      throw ToolError(
        "\(name): found \(printableArgument(text)), expected \(words(Limits.framesRange.lowerBound)) "
          + "to \(words(Limits.framesRange.upperBound))")
    }
    return frames
  }

  private static func words(_ frames: Int) -> String {
    let kibibytes = frames * frame >> 10
    return kibibytes >= 1 << 20 ? "\(kibibytes >> 20)G" : "\(kibibytes)K"
  }
}
