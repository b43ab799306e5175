// Tar archives put together by hand, block by block, for what no tar program would write.

/// An archive in the making.
public struct TarBytes {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  /// Adds an entry, with whatever its header is to say.
  ///
  /// - Parameters:
  ///   - size: what the header says, as it stands there; nil for the size in octal.
  ///   - type: the type's letter.
  public mutating func add(
    _ name: String, _ data: [UInt8] = [], type: Character = "0", link: String = "",
    size: [UInt8]? = nil, prefix: String = ""
  ) {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ field: [UInt8], _ place: Int) {
      header.replaceSubrange(place..<place + field.count, with: field)
    }
    put(Array(name.utf8.prefix(100)), 0)
    put(Array("0000644\u{0}0000000\u{0}0000000\u{0}".utf8), 100)
    put(size ?? TarBytes.octal(data.count, 11), 124)
    put(TarBytes.octal(0, 11), 136)
    put([type.asciiValue ?? 0], 156)
    put(Array(link.utf8.prefix(100)), 157)
    put(Array("ustar\u{0}00".utf8), 257)
    put(Array(prefix.utf8.prefix(155)), 345)
    bytes += TarBytes.summed(header)
    bytes += data
    bytes += [UInt8](repeating: 0, count: (512 - data.count % 512) % 512)
  }

  /// A pax header for the next entry.
  public mutating func addRecords(_ records: [(String, String)], type: Character = "x") {
    var text = ""
    for (key, value) in records {
      let rest = key.utf8.count + value.utf8.count + 3
      var length = rest + 1
      while rest + "\(length)".utf8.count > length { length += 1 }
      text += "\(length) \(key)=\(value)\n"
    }
    add("PaxHeaders/x", Array(text.utf8), type: type)
  }

  /// The archive with its end.
  public var finished: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

  /// A header with its sum as it has to be.
  public static func summed(_ header: [UInt8]) -> [UInt8] {
    var header = header
    header.replaceSubrange(148..<156, with: [UInt8](repeating: 0x20, count: 8))
    let sum = header.reduce(0) { $0 + Int($1) }
    header.replaceSubrange(148..<154, with: octal(sum, 6))
    header[154] = 0
    return header
  }

  public static func octal(_ number: Int, _ width: Int) -> [UInt8] {
    let digits = String(number, radix: 8)
    return Array((String(repeating: "0", count: max(0, width - digits.count)) + digits).utf8)
  }
}
